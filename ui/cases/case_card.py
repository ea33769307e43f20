"""One case: head, clocks, conversation, reply, and the panel beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.cases import queries as case_queries
from crm_desktop.cases.words import status_text
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _
from ui.cases.actions import CaseActions
from ui.cases.case_data import CaseData, read_case, working_users
from ui.cases.case_header import CaseHeader
from ui.cases.clock_strip import ClockStrip
from ui.cases.reply_box import ReplyBox, drop_draft
from ui.cases.side_panel import WIDTH, SidePanel
from ui.cases.thread import Thread
from ui.framework.may import may, why_not
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.settings import remember_value, remembered_value
from ui.records.drafts import draft_key
from ui.records.drop_kinds import DropTarget
from ui.records.drops import can_take, take_drop
from ui.records.gone import GoneBanner
from ui.records.history_tab import HistoryTab
from ui.records.lock_line import LockLine
from ui.records.presence import CardPresence
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.tabs import Tab, TabBar
from ui.widgets.themed import margins, on_theme

_TICK_MS = 60_000
_LEAST = 500
_ROOMY = 800
"""From this width on the panel stands beside the conversation unless somebody closed it."""
_TOUCHING = ("case", "case_message", "attachment", "activity", "activity_link", "contact", "company", "contact_point")


class CaseCard(Plane):
    """A case to work on. ``gone`` says that it was deleted."""

    gone = Signal()
    loaded = Signal()

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.office, self.navigator = office, navigator
        self.case_id: int | None = None
        self.data: CaseData | None = None
        self._stale = self._done_here = False
        self.setAcceptDrops(True)
        self.lost = GoneBanner(office)
        self.locked = False
        self.lock = LockLine(askable=office.who_sees is not None)
        self.lock.asked.connect(self.show_sight)
        self.header = CaseHeader()
        self.presence = CardPresence(office, self, self.header.present)
        self.clocks = ClockStrip()
        self.solution = Banner(kind="success", icon="ph.check-circle")
        self.tabs = TabBar()
        self.thread_view = Thread()
        self.history: HistoryTab | None = None
        """Made when it is first looked at."""
        self.reply = ReplyBox()
        self.panel = SidePanel(office, navigator)
        self.work = CaseActions(self, office, navigator)
        self._lay_out()
        self._connect()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.tick)
        self._tick.start()
        self.retranslate()

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        solved, written = QWidget(), QWidget()
        QVBoxLayout(solved).addWidget(self.solution)
        QVBoxLayout(written).addWidget(self.reply)
        margins(solved, 24, 8, 24, 0, 0)
        margins(written, 24, 12, 24, 16, 0)
        self._solved, self._written = solved, written
        talk = QWidget()
        said = QVBoxLayout(talk)
        said.setContentsMargins(0, 0, 0, 0)
        said.setSpacing(0)
        for widget in (self.thread_view, solved, written):
            said.addWidget(widget, 1 if widget is self.thread_view else 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(talk)
        for widget in (
            self.lost,
            self.header,
            self.presence.line,
            self.lock,
            self.clocks,
            self.tabs,
            Hairline(),
            self._pages,
        ):
            column.addWidget(widget, 1 if widget is self._pages else 0)
        self._middle = middle
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(middle, 1)
        self._edge = Hairline(vertical=True)
        row.addWidget(self._edge)
        row.addWidget(self.panel)
        on_theme(self.panel, lambda: self.panel.setFixedWidth(px(WIDTH)))
        self.state = StateStack(body, EmptyState("ph.lifebuoy", hue=5), loading="lines")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.state)
        self.state.show_empty()

    def _connect(self) -> None:
        head = self.header
        head.status_chosen.connect(self.work.set_status)
        head.priority_chosen.connect(self.work.set_priority)
        head.owner_chosen.connect(self.work.assign)
        head.solve_requested.connect(lambda: self.work.solve())
        head.reopen_requested.connect(lambda: self.work.set_status("open"))
        head.subject.changed.connect(self.work.rename)
        head.panel_requested.connect(self.toggle_panel)
        head.menu_requested.connect(lambda where: self.menu().exec(where))
        self.tabs.changed.connect(self._show_tab)
        for source in (head, self.panel):
            source.link_requested.connect(lambda entity, identity: self.navigator.open_record(entity, identity))
        self.reply.written.connect(self.work.record)
        self.reply.attach_requested.connect(self.work.choose_files)
        self.work.recorded.connect(self._on_recorded)
        self.reply.text.left.connect(lambda: self.setFocus())
        self.panel.attach_requested.connect(self.work.choose_files)
        self.panel.file_opened.connect(self.work.open_file)
        self.panel.schedule_requested.connect(self.work.schedule)
        self.thread_view.edit_requested.connect(self.work.correct_message)
        self.thread_view.delete_requested.connect(self.work.delete_message)
        self.thread_view.activity_opened.connect(lambda one: self.navigator.open_record("activity", one))
        self.thread_view.file_opened.connect(self.work.open_file)
        self.state.retry.connect(self.reload)
        self.office.records_changed.connect(self._on_records_changed)
        self.office.access_changed.connect(self._on_access_changed)

    def show_tab(self, key: str) -> None:
        """Show the conversation ("talk") or the history of the case ("history")."""
        self.tabs.set_current(key)
        self._show_tab(key)

    def _show_tab(self, key: str) -> None:
        if key == "history" and self.history is None:
            self.history = HistoryTab(self.office, self.navigator, "case")
            self._pages.addWidget(self.history)
        if key == "history" and self.history is not None and self.data is not None:
            self.history.set_record(self.data.record)
        self._pages.setCurrentIndex(1 if key == "history" else 0)

    def _on_access_changed(self) -> None:
        if self.data is not None:
            self._lock(self.data)
            self._show(self.data)

    def _lock(self, data: CaseData) -> None:
        """Let a case only be read where it may not be changed, and say why."""
        why = why_not(self.office, "case", "edit", data.record)
        self.locked = bool(why)
        self.lock.explain(self.office, "case", data.record, why)
        self.header.set_locked(self.locked)
        self._written.setVisible(not self.locked)

    def show_sight(self) -> None:
        """Say who can see the case, and why."""
        if self.data is not None and self.office.who_sees is not None:
            self.office.who_sees(self, self.office, self.data.record)

    def retranslate(self) -> None:
        """Write the words again."""
        for part in (self.header, self.thread_view, self.reply, self.panel):
            part.retranslate()
        self.tabs.set_tabs([Tab("talk", _("Conversation")), Tab("history", _("History"))])
        self.tabs.setAccessibleName(_("Views of the case"))
        if self.history is not None:
            self.history.retranslate()
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.set_texts(_("No case chosen"), _("Choose a case on the left to see what was said and to answer."))
            empty.set_button("")
            empty.set_second_button("")
        if self.data is not None:
            self._show(self.data, again=True)

    # -- the case ----------------------------------------------------------------------------------------------

    def set_case(self, case_id: int | None) -> None:
        """Show another case, or none."""
        if case_id == self.case_id and self.data is not None:
            return
        self.reply.keep()
        self.case_id, self.data = case_id, None
        self._set_lost(False)
        self.presence.set_record("case", case_id)
        self.work.set_case(None)
        if case_id is None:
            self.state.show_empty()
            return
        self.state.show_loading()
        self.reload()

    def reload(self) -> None:
        """Read the case again."""
        case_id, database = self.case_id, self.office.database
        if case_id is None:
            return
        self._stale = False

        def read(connection: Any) -> tuple[CaseData, list[tuple[int, str]]]:
            return read_case(database, connection, case_id), working_users(database, connection)

        self.office.read(self, read, self._on_read, self._on_failed, supersede="case")

    def tick(self) -> None:
        """Let the clocks go on."""
        case_id = self.case_id
        if case_id is not None and self.data is not None and self.isVisible():
            self.office.read(
                self, lambda connection: case_queries.case_clocks(connection, case_id), self.clocks.set_clocks,
                lambda _error: None, supersede="clocks",
            )  # fmt: skip

    def _on_read(self, found: tuple[CaseData, list[tuple[int, str]]]) -> None:
        data, users = found
        if data.record.id != self.case_id:
            return
        self._users = users
        self._set_lost(False)
        self.data = data
        self.work.set_case(data, users)
        self._lock(data)
        self._show(data)
        self.state.show_content()
        self.loaded.emit()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, RecordGone) and self.data is not None and not self._done_here:
            self._set_lost(True)
        elif isinstance(error, RecordGone):
            self.case_id = self.data = None
            self.work.set_case(None)
            self.state.show_empty()
            self.gone.emit()
        else:
            self.state.show_error(error)

    def _set_lost(self, on: bool) -> None:
        """Somebody elsewhere took the case away: what is shown and what was typed stay, nothing can be saved."""
        if on and self.case_id is not None:
            self.lost.tell("case", self.case_id)
        elif not on and self.lost.isHidden():
            return
        self.lost.setVisible(on)
        for part in (self.header, self.panel, self.reply.send, self.reply.attach):
            part.setEnabled(not on)
        self.reply.text.setReadOnly(on)

    _users: Sequence[tuple[int, str]] = ()

    def _show(self, data: CaseData, *, again: bool = False) -> None:
        record = data.record
        status = str(record.values["status"])
        self.header.set_case(record, data.customer, self._users)
        self.clocks.set_clocks(data.clocks)
        self.thread_view.set_entries(record.id, data.entries, data.files, data.users, again=again)
        said = [one for one in data.entries if one.kind in ("in", "out") and one.channel]
        channel = said[-1].channel if said else str(record.values.get("channel") or "phone")
        self.reply.set_case(self._draft(record.id), status, channel)
        solved = status in ("solved", "closed")
        self._solved.setVisible(solved)
        if solved:
            self.solution.strong.setText(status_text(status))
            self.solution.strong.setVisible(True)
            self.solution.text.setText(record.values.get("solution") or _("How it was solved was not written down."))
        self.panel.set_case(data)
        if self.history is not None and self._pages.currentIndex():
            self.history.set_record(record)

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if self.case_id is None or not any(event.touches(one) for one in _TOUCHING):
            return
        self._done_here = event.change_set in self.office.database.own_changes
        if self.isVisible():
            self.reload()
        else:
            self._stale = True

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _on_recorded(self, case_id: int, kind: str) -> None:
        if case_id == self.case_id:
            self.thread_view.follow()
            self.reply.clear(kind)
        else:
            # another case is shown by now: its text stays, the draft of the other goes
            drop_draft(self._draft(case_id), kind)

    def _draft(self, case_id: int) -> str:
        return draft_key(self.office, "reply", "case", case_id)

    # -- the panel beside it -----------------------------------------------------------------------------------

    def toggle_panel(self) -> None:
        """Show or hide the customer beside the conversation."""
        remember_value("cases.panel", not self.panel.isVisible())
        self._fit()

    def _fit(self) -> None:
        wanted = remembered_value("cases.panel")
        roomy = self.width() >= px(_ROOMY)
        shown = roomy if wanted is None else bool(wanted) and self.width() >= px(WIDTH + 360)
        self.panel.setVisible(shown)
        self._edge.setVisible(shown)
        self.header.links.setVisible(not shown)
        self.header.panel.setVisible(self.width() >= px(WIDTH + 360))

    def minimumSizeHint(self) -> QSize:
        """The room that the conversation needs; the panel goes where there is no more."""
        return QSize(min(self._middle.minimumSizeHint().width(), px(_LEAST)), px(320))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    @property
    def status(self) -> str:
        """The status of the case that is shown."""
        return str(self.data.record.values["status"]) if self.data else ""

    def menu(self) -> QMenu:
        """Everything else that can be done."""
        menu = QMenu(self)
        actions: list[tuple[str, str, Callable[[], None]] | None] = []
        if not self.locked:
            actions += [
                ("ph.pencil-simple", _("Edit all fields…"), self.work.edit),
                ("ph.paperclip", _("Attach files…"), self.work.choose_files),
            ]
        if may(self.office, "activity", "create"):
            actions.append(("ph.calendar-plus", _("Schedule…"), self.work.schedule))
        actions += [("ph.arrow-square-out", _("Open in a window"), self.open_window), None]
        actions.append(("ph.printer", _("Print the case"), self.work.print_case))
        browsed = self.office.browsed
        if browsed is not None and browsed.bring is not None and self.data is not None:
            bring, record = browsed.bring, self.data.record
            words = _("Bring this record back…")
            actions.append(("ph.clock-counter-clockwise", words, lambda: bring("case", record.id)))
        if self.office.who_sees is not None:
            actions.append(("ph.eye", _("Who can see this?"), self.show_sight))
        actions.append(None)
        for one in actions:
            if one is None:
                menu.addSeparator()
                continue
            menu.addAction(icon(one[0]), one[1]).triggered.connect(lambda _on=False, run=one[2]: run())
        if "closed" in self.header.allowed():
            close = menu.addAction(icon("ph.archive"), _("Close"))
            close.triggered.connect(lambda _on=False: self.work.set_status("closed"))
        if self.data is not None and may(self.office, "case", "delete", self.data.record):
            delete = menu.addAction(icon("ph.trash", "danger"), _("Delete"))
            delete.triggered.connect(lambda _on=False: self.work.delete())
        return menu

    def open_window(self) -> None:
        """Open the case in a window of its own."""
        if self.case_id is not None:
            self.navigator.open_record("case", self.case_id, new_window=True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.data is not None and not self.locked and can_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        if self.case_id is not None:
            take_drop(self, self.office, self.navigator, event.mimeData(), DropTarget("case", self.case_id))
