"""The left side of the page: whose cases, in which state, which words, and the list."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.cases.queries import CaseCounts
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, pgettext
from ui.cases.case_data import ANY, CLOSED, OPEN, OVERDUE, RISK, QueueData, QueueQuery
from ui.cases.queue_list import QueueList
from ui.theme.theme import px
from ui.widgets.chips import Chip
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Plane
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.tabs import Tab, TabBar
from ui.widgets.themed import fixed_height, margins, on_theme

SCOPES = ("mine", "unassigned", "all")


class QueuePanel(Plane):
    """``query_changed`` asks for other cases; ``create_requested`` for a new one."""

    query_changed = Signal()
    create_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self._state = OPEN
        self._filter: object = None
        self._counts: CaseCounts | None = None
        self.header = PageHeader(left=16, right=12)
        self.search = SearchBox(small=True, delay=200)
        self.search.searched.connect(lambda _text: self.query_changed.emit())
        self.search.down_pressed.connect(self._to_list)
        self.header.add(self.search)
        self.tabs = TabBar(padding=8, gap=0)
        self.tabs.changed.connect(lambda _key: self.query_changed.emit())
        self.risk = Chip(icon="ph.timer", checkable=True)
        self.overdue = Chip(icon="ph.warning", checkable=True)
        self.closed = Chip(icon="ph.archive", checkable=True)
        self.filtered = Chip(removable=True)
        self.list = QueueList()
        self.state = StateStack(self.list, EmptyState("ph.lifebuoy", hue=5), loading="lines")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        self._chips = chips = Plane("sunken")
        row = QHBoxLayout(chips)
        for chip in (self.risk, self.overdue, self.closed, self.filtered):
            row.addWidget(chip)
        row.addStretch(1)
        margins(chips, 12, 0, 12, 0, 6)
        fixed_height(chips, 40)
        self.filtered.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.header, self.tabs, Hairline(), chips, Hairline(), self.state):
            box.addWidget(widget, 1 if widget is self.state else 0)

    def _connect(self) -> None:
        for chip, state in ((self.risk, RISK), (self.overdue, OVERDUE), (self.closed, CLOSED)):
            chip.clicked.connect(lambda on=False, state=state: self.set_state(state if on else OPEN))
        self.filtered.removed.connect(lambda: self.set_filter(None, ""))
        self.filtered.clicked.connect(lambda: self.set_filter(None, ""))
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.action.connect(self.create_requested)
            self.state.empty.second_action.connect(self.show_everything)
        self.state.retry.connect(self.query_changed)
        on_theme(self, self._narrow_empty)

    def minimumSizeHint(self) -> QSize:
        """The room for the chips; the words of empty states wrap."""
        needed = max(self._chips.minimumSizeHint().width(), self.header.minimumSizeHint().width())
        return QSize(max(px(260), needed), px(320))

    def _narrow_empty(self) -> None:
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setFixedWidth(px(256))
            empty.text.setFixedWidth(px(240))

    def retranslate(self) -> None:
        """Write the words again."""
        self.header.set_title(_("Cases"))
        self.header.title.setMinimumWidth(self.header.title.sizeHint().width())
        self.search.set_placeholder(_("Search cases"))
        current = self.tabs.current_key() or "mine"
        self.tabs.set_tabs([Tab("mine", _("My queue")), Tab("unassigned", _("Unassigned")), Tab("all", _("All"))])
        self.tabs.set_current(current)
        self.tabs.setAccessibleName(_("Whose cases"))
        self.risk.setText(_("At risk"))
        self.overdue.setText(pgettext("cases", "Overdue"))
        self.closed.setText(pgettext("cases", "Closed"))
        self.list.setAccessibleName(_("Queue of cases, next deadline first"))
        self.list.setToolTip("")
        if self._counts is not None:
            self._show_counts(self._counts)

    # -- what to read ------------------------------------------------------------------------------------------

    def query(self) -> QueueQuery:
        """What is asked for."""
        return QueueQuery(self.tabs.current_key(), self._state, self.search.text().strip(), self._filter)

    def set_scope(self, scope: str) -> None:
        """Show my cases, those of nobody, or all."""
        if scope != self.tabs.current_key():
            self.tabs.set_current(scope)
            self.query_changed.emit()

    def set_state(self, state: str) -> None:
        """Show the open ones, only those at risk or overdue, or the closed ones."""
        self._state = state
        for chip, own in ((self.risk, RISK), (self.overdue, OVERDUE), (self.closed, CLOSED)):
            chip.setChecked(own == state)
        self.query_changed.emit()

    def set_filter(self, filter: object, text: str) -> None:
        """Show what a filter lets through, open and closed; None takes it off."""
        self._filter = filter
        self.filtered.setText(text)
        self.filtered.setVisible(bool(text))
        for chip in (self.risk, self.overdue, self.closed):
            chip.setVisible(not text)
        self.set_state(ANY if filter is not None else OPEN)

    def show_everything(self) -> None:
        """Take every filter off."""
        self.search.clear()
        self.tabs.set_current("all")
        self.set_filter(None, "")

    # -- what was read -----------------------------------------------------------------------------------------

    def set_data(self, data: QueueData, *, stay: bool = False) -> None:
        """Show cases and counts; ``stay`` as in :meth:`QueueList.set_items`."""
        self._counts = data.counts
        self._show_counts(data.counts)
        self.risk.set_count(str(data.at_risk) if data.at_risk else "")
        self.overdue.set_count(str(data.overdue) if data.overdue else "")
        self.list.set_items(data.items, stay=stay)
        if data.items:
            self.state.show_content()
            return
        self._show_empty(data.counts)
        self.state.show_empty()

    def _show_counts(self, counts: CaseCounts) -> None:
        for key, number in (("mine", counts.mine), ("unassigned", counts.unassigned), ("all", counts.open)):
            self.tabs.set_badge(key, format_integer(number) if number else "")

    def _show_empty(self, counts: CaseCounts) -> None:
        empty = self.state.empty
        if not isinstance(empty, EmptyState):
            return
        query = self.query()
        searched = bool(query.text or query.filter is not None)
        if searched:
            empty.set_texts(_("No case matches"), _("Try other words, or look at all cases."))
        elif self._state in (RISK, OVERDUE):
            empty.set_texts(_("Nothing is late"), _("Every case here has time left before its next deadline."))
        elif query.scope == "unassigned" and self._state == OPEN:
            empty.set_texts(_("Everybody is taken care of"), _("No open case waits for somebody to take it."))
        elif query.scope == "mine" and self._state == OPEN and counts.open:
            empty.set_texts(_("Your queue is empty"), _("Take a case that has no owner, or enjoy the quiet."))
        elif self._state == CLOSED:
            text = _("Solved and closed cases are kept here with their conversation.")
            empty.set_texts(_("No closed case yet"), text)
        else:
            empty.set_texts(
                _("No open case"),
                _("Register what customers report: every case gets a protocol number, deadlines and its conversation."),
            )
        other = searched or self._state != OPEN or query.scope != "all"
        empty.set_button("" if searched or self._state in (RISK, OVERDUE) else _("New case"), "ph.plus")
        empty.set_second_button(_("All cases") if other else "")

    def _to_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.list.current_id() is None and self.list.queue.items:
            self.list.setCurrentIndex(self.list.queue.index(0))
