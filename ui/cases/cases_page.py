"""The page of cases: the queue on the left, the conversation of one case beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QSplitter

from crm_desktop.core.errors import UserError
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.filters import from_json
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import custom
from ui.cases.case_card import CaseCard
from ui.cases.case_data import QueueData, read_queue
from ui.cases.queue_panel import SCOPES, QueuePanel
from ui.cases.reply_box import IN, INTERNAL, OUT
from ui.framework.commands import command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.settings import remember_splitter, remember_value, remembered_value
from ui.records.filter_words import filter_words
from ui.theme.theme import px

_QUEUE = 304
_MINUTE_MS = 60_000
_SOON_MS = 60
_TOUCHING = ("case", "case_message", "contact", "company", "user")


def _has_case(page: Any) -> bool:
    return page.card.data is not None


class CasesPage(Page):
    """The queue and the case that is being worked on."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.setObjectName("cases-page")
        self.queue = QueuePanel()
        self.card = CaseCard(office, navigator)
        self._data: QueueData | None = None
        self._wanted: int | None = None
        self._stale = True
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.queue)
        self.splitter.addWidget(self.card)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([px(_QUEUE), px(928)])
        remember_splitter(self.splitter, "cases")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self._soon = _timer(self, _SOON_MS, self.reload)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._on_minute)
        self._minute.start()
        self._connect()
        kept = remembered_value("cases.scope", "mine")
        self.queue.tabs.set_current(kept if kept in SCOPES else "mine")
        self.retranslate()

    def _connect(self) -> None:
        self.queue.query_changed.connect(self._on_query)
        self.queue.create_requested.connect(self._create)
        self.queue.list.chosen.connect(self._on_chosen)
        self.queue.list.opened.connect(lambda _id: self.reply())
        self.queue.list.menu_requested.connect(self._show_menu)
        self.card.gone.connect(self._on_gone)
        self.card.loaded.connect(self.refresh_commands)
        self.office.records_changed.connect(self._on_records_changed)

    def retranslate(self) -> None:
        """Write every text of the page in the language in use."""
        self.queue.retranslate()
        self.card.retranslate()
        if self._data is not None:
            self.reload()

    # -- opening -----------------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        """Open a case (``record_id``), a queue (``scope``, ``state``), or what a ``filter`` as JSON lets through."""
        scope, state, filter = params.get("scope"), params.get("state"), params.get("filter")
        if filter is not None:
            self._show_filter(filter)
        elif scope in SCOPES or state is not None:
            self.queue.set_filter(None, "")
        if scope in SCOPES:
            self.queue.set_scope(scope)
        if state is not None:
            self.queue.set_state(str(state))
        if params.get("record_id") is not None:
            self.show_case(int(params["record_id"]))
        self.setFocusProxy(self.queue.list)
        self.reload()

    def _show_filter(self, filter: Any) -> None:
        try:
            tree = from_json(filter)
        except UserError:
            return
        fields = custom.fields_of(self.office.database, "case")
        self.queue.tabs.set_current("all")
        self.queue.set_filter(filter, filter_words(tree, fields, {}))

    def show_case(self, case_id: int) -> None:
        """Show a case, also one that the list does not hold."""
        self._wanted = case_id
        self.card.set_case(case_id)
        if not self.queue.list.select(case_id):
            self.queue.list.clearSelection()
            self.queue.list.setCurrentIndex(self.queue.list.queue.index(-1))

    # -- reading -----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the queue again."""
        self._stale = False
        database, user, query = self.office.database, self.office.user_id, self.queue.query()
        self.queue.state.show_loading()
        self.office.read(
            self, lambda connection: read_queue(database, connection, query, user), self._show,
            self.queue.state.show_error, supersede="queue",
        )  # fmt: skip

    def _show(self, data: QueueData) -> None:
        first = self._data is None
        self._data = data
        self.queue.set_data(data, stay=self.card.reply.writing)
        if self._wanted is not None:
            self.queue.list.select(self._wanted)
            self._wanted = None
        elif (first or self.card.case_id is None) and data.items:
            self.queue.list.setCurrentIndex(self.queue.list.queue.index(0))
        self._tell(data)
        self.refresh_commands()

    def _tell(self, data: QueueData) -> None:
        counts = data.counts
        set_badge = getattr(self.navigator, "set_badge", None)
        if set_badge is not None:
            risk = counts.my_risk if self.office.user_id is not None else counts.at_risk
            set_badge("cases", format_integer(risk) if risk else "", "danger", "ph.timer")
        set_shown = getattr(self.navigator, "set_shown", None)
        if set_shown is not None and self.isVisible():
            text = _("{mine} in my queue, {open} open in the team")
            set_shown(text.format(mine=format_integer(counts.mine), open=format_integer(counts.open)))

    def _on_query(self) -> None:
        remember_value("cases.scope", self.queue.tabs.current_key())
        self._soon.start()

    def _on_minute(self) -> None:
        if self.isVisible():
            self.reload()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if any(event.touches(one) for one in _TOUCHING):
            if self.isVisible():
                self._soon.start()
            else:
                self._stale = True

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _on_chosen(self, case_id: int) -> None:
        self.card.set_case(case_id)
        self.refresh_commands()

    def _on_gone(self) -> None:
        self._soon.start()

    def _show_menu(self, where: QPoint) -> None:
        if self.card.data is not None:
            self.card.menu().exec(where)

    # -- commands ----------------------------------------------------------------------------------------------

    def _create(self) -> None:
        create = getattr(self.navigator, "create_record", None)
        if create is not None:
            create("case")

    @command("cases.reply", text=N_("Write a reply"), shortcut="Ctrl+R", icon="ph.arrow-bend-up-left",
             enabled_when=_has_case, group="write")  # fmt: skip
    def reply(self) -> None:
        """Put the cursor where a reply is written."""
        self.card.reply.set_mode(OUT)

    @command("cases.customer_message", text=N_("Record what the customer says"), shortcut="Ctrl+Shift+R",
             icon="ph.chat-text", enabled_when=_has_case, group="write")  # fmt: skip
    def customer_message(self) -> None:
        """Put the cursor where a message of the customer is written."""
        self.card.reply.set_mode(IN)

    @command("cases.note", text=N_("Write an internal note"), shortcut="Ctrl+I", icon="ph.lock-simple",
             enabled_when=_has_case, group="write")  # fmt: skip
    def note(self) -> None:
        """Put the cursor where a note is written."""
        self.card.reply.set_mode(INTERNAL)

    @command("cases.solve", text=N_("Solve the case…"), shortcut="Ctrl+Shift+E", icon="ph.check-circle",
             enabled_when=_has_case, group="state")  # fmt: skip
    def solve(self) -> None:
        """Mark the case as solved, or open it again."""
        if "solved" in self.card.header.allowed():
            self.card.work.solve()
        else:
            self.card.work.set_status("open")

    @command("cases.status", text=N_("Change the status…"), shortcut="Ctrl+Shift+U", icon="ph.flag",
             enabled_when=_has_case, group="state")  # fmt: skip
    def choose_status(self) -> None:
        """Offer the statuses that the case may get."""
        self.card.header.status.open_menu()

    @command("cases.priority", text=N_("Change the priority…"), shortcut="Ctrl+Shift+P", icon="ph.arrow-up",
             enabled_when=_has_case, group="state")  # fmt: skip
    def choose_priority(self) -> None:
        """Offer the priorities."""
        self.card.header.priority.open_menu()

    @command("cases.assign", text=N_("Give the case to…"), shortcut="Ctrl+Shift+A", icon="ph.user",
             enabled_when=_has_case, group="state")  # fmt: skip
    def choose_owner(self) -> None:
        """Offer the people of the office."""
        self.card.header.owner.open_menu()

    @command("cases.take", text=N_("Take the case"), shortcut="Ctrl+T", icon="ph.hand-grabbing", enabled_when=_has_case,
             group="state")  # fmt: skip
    def take(self) -> None:
        """Make the case mine."""
        if self.office.user_id is not None:
            self.card.work.assign(self.office.user_id)

    @command("cases.attach", text=N_("Attach files…"), icon="ph.paperclip", enabled_when=_has_case, group="edit")
    def attach(self) -> None:
        """Choose files and attach them."""
        self.card.work.choose_files()

    @command("cases.edit", text=N_("Edit all fields…"), shortcut="Ctrl+E", icon="ph.pencil-simple",
             enabled_when=_has_case, group="edit")  # fmt: skip
    def edit(self) -> None:
        """Open the form of the case."""
        self.card.work.edit()

    @command("cases.copy_number", text=N_("Copy the protocol number"), shortcut="Ctrl+Shift+C", icon="ph.copy",
             enabled_when=_has_case, group="edit")  # fmt: skip
    def copy_number(self) -> None:
        """Put the protocol number on the clipboard."""
        self.card.header.copy_number()

    @command("cases.who_sees", text=N_("Who can see this?"), icon="ph.eye", visible_when=_has_case, group="edit")
    def show_sight(self) -> None:
        """Say who can see the case, and why."""
        self.card.show_sight()

    @command("cases.delete", text=N_("Delete the case"), icon="ph.trash", enabled_when=_has_case, group="edit",
             danger=True)  # fmt: skip
    def delete(self) -> None:
        """Delete the case; undo brings it back."""
        self.card.work.delete()

    @command("cases.next", text=N_("Next case"), shortcut="Alt+Down", icon="ph.arrow-down", group="go")
    def next_case(self) -> None:
        """Go to the case below."""
        self.queue.list.step(1)

    @command("cases.previous", text=N_("Previous case"), shortcut="Alt+Up", icon="ph.arrow-up", group="go")
    def previous_case(self) -> None:
        """Go to the case above."""
        self.queue.list.step(-1)

    @command("cases.find", text=N_("Search cases"), shortcut="Ctrl+F", icon="ph.magnifying-glass", group="go")
    def find_case(self) -> None:
        """Put the cursor into the search line."""
        self.queue.search.setFocus()
        self.queue.search.selectAll()

    @command("cases.print", text=N_("Print the case"), shortcut="Ctrl+P", icon="ph.printer", enabled_when=_has_case,
             group="go")  # fmt: skip
    def print_case(self) -> None:
        """Print the case."""
        self.card.work.print_case()

    @command("cases.refresh", text=N_("Read again"), shortcut="F5", icon="ph.arrows-clockwise", group="go")
    def refresh(self) -> None:
        """Read queue and case again."""
        self.reload()
        self.card.reload()


def _timer(owner: CasesPage, interval: int, run: Any) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(interval)
    timer.timeout.connect(run)
    return timer
