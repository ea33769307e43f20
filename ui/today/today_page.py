"""The first page: four figures, the agenda with the line of now, what is late and due, deals and cases that need me."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.calendar.queries import Event, count_overdue
from crm_desktop.core import clock
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.filters import Filter, to_json, where
from crm_desktop.core.formats import format_date, format_integer
from crm_desktop.core.i18n import N_, _, ngettext, pgettext
from crm_desktop.insight import queries as insight
from crm_desktop.insight.queries import Badges, TodayData
from crm_desktop.records import mentions, notice_list, queries
from crm_desktop.records.mentions import UnreadMention
from crm_desktop.records.notice_list import Notice
from ui.framework import tasks
from ui.framework.commands import command
from ui.framework.may import can, may
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.settings import left_out, remember_value, remembered_value
from ui.records.notice_words import notice_line
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.today.actions import DayActions, Moving
from ui.today.agenda_list import agenda_lines
from ui.today.board import TodayBoard
from ui.today.figure_rows import FigureRows
from ui.today.rows import birthday_line, case_line, figures, mention_line, stalled_line, task_line
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.frames import scrolled
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Plane
from ui.widgets.states import EmptyState, StateStack

OpenActivity = Callable[[Office, QWidget, int, datetime | None], None]
ME, TEAM = "me", "team"
_MINUTE_MS = 60_000
_MENTIONS = 20
_SOON_MS = 80
_TOUCHING = ("activity", "activity_link", "deal", "case", "case_message", "contact", "company", "stage", "pipeline",
             "mention", "note")  # fmt: skip


@dataclass(frozen=True)
class _Read:
    """What was read for the page."""

    data: TodayData
    badges: Badges
    overdue_of_mine: int
    anything: bool
    names: Mapping[int, str]
    mentions: Sequence[UnreadMention]
    notices: Sequence[Notice]
    mention_count: int


class TodayPage(Page):
    """What waits for me, or for everybody. ``open_activity`` opens the form of an activity."""

    def __init__(self, office: Office, navigator: Navigator, open_activity: OpenActivity) -> None:
        super().__init__(navigator)
        self.office = office
        self.setObjectName("today-page")
        self._open_activity = open_activity
        self._read: _Read | None = None
        kept = str(remembered_value("today.mode", ME))
        self.mode = kept if kept in (ME, TEAM) and office.user_id is not None else (ME if office.user_id else TEAM)
        self.header = PageHeader()
        self.segments = SegmentedControl()
        self.print_button = Button(icon="ph.printer")
        self.strip = FigureRows()
        self.board = TodayBoard()
        self.work = DayActions(self, office, navigator)
        self._lay_out()
        self._connect()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self.reload)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._on_minute)
        self._minute.start()
        self.retranslate()

    def _lay_out(self) -> None:
        self.header.add(self.segments)
        self.header.add(self.print_button)
        self.segments.setVisible(self.office.user_id is not None)
        inner = Plane("surface")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.board, 1)
        area = scrolled(inner, focus=True, clear=False)
        self.welcome = EmptyState("ph.sun-horizon", hue=4)
        self.state = StateStack(area, self.welcome, loading="cards")
        ground = Plane("surface")
        box = QVBoxLayout(ground)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.state, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ground)

    def _connect(self) -> None:
        board = self.board
        self.segments.changed.connect(self.set_mode)
        self.print_button.clicked.connect(self.print_day)
        self.strip.activated.connect(self.open_figure)
        board.agenda.opened.connect(self._open_event)
        board.agenda.toggled.connect(self.work.toggle_event)
        board.agenda.free_chosen.connect(self.work.plan_in_gap)
        board.agenda_link.activated.connect(self.open_calendar)
        board.plan_button.clicked.connect(lambda: self.work.create("activity", {"kind": "meeting"}))
        for panel in (board.overdue, board.due):
            panel.list.toggled.connect(lambda key, _on: self.complete(key))
            panel.list.opened.connect(lambda key: self._open_activity(self.office, self, key, None))
            panel.menu_requested.connect(self._task_menu)
            panel.more_requested.connect(self.open_overdue if panel is board.overdue else self.open_calendar)
        board.overdue.head.link.activated.connect(self.reschedule_all)
        board.due.add_button.setVisible(self.office.access.may("activity", "create"))
        board.due.quick.added.connect(self.work.add_task)
        board.stalled.list.opened.connect(lambda key: self.navigator.open_record("deal", key))
        board.stalled.list.button_clicked.connect(self._plan_next_step)
        for signal in (board.stalled.head.link.activated, board.stalled.more_requested):
            signal.connect(self.open_stalled)
        board.cases.list.opened.connect(lambda key: self.navigator.open_record("case", key))
        for signal in (board.cases.head.link.activated, board.cases.more_requested):
            signal.connect(self.open_queue)
        board.birthdays.list.opened.connect(lambda key: self.navigator.open_record("contact", key))
        board.mentions.list.opened.connect(self.open_mention)
        board.mentions.head.link.activated.connect(self.read_all_mentions)
        self.welcome.action.connect(lambda: self.navigator.open_page("import"))
        self.welcome.second_action.connect(lambda: self.work.create("contact", {}))
        self.state.retry.connect(self.reload)
        self.office.records_changed.connect(self._on_records_changed)
        self.office.notices_changed.connect(self._on_notices_changed)

    def retranslate(self) -> None:
        """Write every text of the page in the language in use."""
        self.header.set_title(_("Today"))
        self.segments.set_options([(ME, _("For me")), (TEAM, _("Team"))])
        self.segments.set_value(self.mode)
        self.print_button.setText(_("Print the day"))
        self.board.retranslate()
        self._welcome()
        if self._read is not None:
            self._show(self._read)

    def _welcome(self) -> None:
        """What an office without records offers: only what this person may do."""
        makes = may(self.office, "contact", "create")
        imports = makes and can(self.office, "import")
        text = _("This page shows what waits for you: appointments, tasks, deals and cases.")
        if makes:
            text = _(
                "This page shows what waits for you: appointments, tasks, deals and cases. Bring your customers first."
            )
        self.welcome.set_texts(_("Good that you are here"), text)
        self.welcome.set_button(_("Import a spreadsheet") if imports else "", "ph.upload-simple")
        self.welcome.set_second_button(_("New contact") if makes else "", "ph.user-plus")

    # -- reading -----------------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        """Open the day; ``mode`` is "me" or "team"."""
        if params.get("mode") in (ME, TEAM):
            self.mode = params["mode"]
            self.segments.set_value(self.mode)
        self.setFocusProxy(self.board.agenda)
        self.reload()

    def set_mode(self, mode: str) -> None:
        """Show what is mine, or everybody's."""
        self.mode = mode
        self.segments.set_value(mode)
        remember_value("today.mode", mode)
        self.reload()

    def reload(self) -> None:
        """Read the day again."""
        database, user, mine = self.office.database, self.office.user_id, self.mode == ME
        without = left_out()
        if self._read is None:
            self.state.show_loading()

        def read(connection: Any) -> _Read:
            data = insight.today(database, connection, user, mine=mine)
            late = data.overdue_count if mine else _overdue(database, connection, user)
            anything = any(
                len(queries.find_ids(database, connection, entity, limit=1))
                for entity in ("contact", "company", "deal", "activity", "case")
            )
            badges = insight.badges(connection, user, cases=data.at_risk_count if mine else None)
            named = mentions.unread_mentions(database, connection, user) if "mention" not in without else []
            count = mentions.count_unread(connection, user) if len(named) >= _MENTIONS else len(named)
            told = notice_list.notices(database, connection, user, without={*without, "mention"})
            told = [one for one in told if not one.read]
            names = {} if mine else _names(database, connection, data)
            return _Read(data, badges, late, anything, names, named, told, count + len(told))

        self.office.read(self, read, self._on_read, self.state.show_error, supersede="today")

    def _on_read(self, found: _Read) -> None:
        self._read = found
        self._show(found)
        if found.anything:
            self.state.show_content()
        else:
            self._welcome()  # rights may have changed since
            self.state.show_empty()

    def _show(self, found: _Read) -> None:
        data, board, now = found.data, self.board, self._now()
        self.header.set_count(format_date(data.day, "full"))
        self.strip.set_figures(figures(data.figures))
        board.set_agenda(agenda_lines(data.agenda, now, data.day, clock.local_zone(), found.names))
        late, due = ([task_line(one, now, found.names) for one in some] for some in (data.overdue, data.due_today))
        board.overdue.set_lines(late, data.overdue_count, "danger")
        board.overdue.head.set_link(_("Reschedule all…") if data.overdue_count else "")
        board.due.set_lines(due, len(data.due_today))
        board.stalled.set_lines([stalled_line(one) for one in data.stalled], data.stalled_count, "warning")
        board.cases.set_lines([case_line(one) for one in data.at_risk], data.at_risk_count, "danger")
        board.birthdays.set_lines([birthday_line(one) for one in data.birthdays], len(data.birthdays), "accent")
        board.birthdays.setVisible(bool(data.birthdays))
        schema = self.office.database.schema
        new = [(one.at, mention_line(one)) for one in found.mentions]
        new += [(one.at, notice_line(schema, one)) for one in found.notices]
        lines = [line for _at, line in sorted(new, key=lambda pair: pair[0], reverse=True)]
        board.mentions.set_lines(lines, found.mention_count, "accent")
        board.mentions.head.set_link(_("All read") if lines else "")
        board.mentions.setVisible(bool(lines))
        self._tell(found)

    def _tell(self, found: _Read) -> None:
        set_badge = getattr(self.navigator, "set_badge", None)
        if set_badge is not None:
            mine, leads, cases = found.overdue_of_mine, found.badges.leads, found.badges.cases
            waiting = mine + found.mention_count
            set_badge("today", format_integer(waiting) if waiting else "", "danger" if mine else "accent")
            set_badge("leads", format_integer(leads) if leads else "", "neutral")
            set_badge("cases", format_integer(cases) if cases else "", "danger", "ph.timer")
        set_shown = getattr(self.navigator, "set_shown", None)
        if set_shown is not None and self.isVisible():
            data = found.data
            late = ngettext("{n} task overdue", "{n} tasks overdue", data.overdue_count).format(n=data.overdue_count)
            due = ngettext("{n} due today", "{n} due today", len(data.due_today)).format(n=len(data.due_today))
            set_shown(f"{late}, {due}")

    @staticmethod
    def _now() -> datetime:
        return clock.now().astimezone(clock.local_zone())

    def _on_minute(self) -> None:
        if self.isVisible():
            self.reload()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        # the counts beside the navigation are seen from every page
        if any(event.touches(one) for one in _TOUCHING):
            self._soon.start()

    def _on_notices_changed(self, _event: object) -> None:
        self._soon.start()

    # -- leading to the records --------------------------------------------------------------------------------

    def open_figure(self, name: str) -> None:
        """Show the records behind a key figure."""
        found = next((one for one in self._read.data.figures if one.name == name), None) if self._read else None
        if found is not None:
            self._open_list("cases" if found.entity == "case" else "pipeline", found.filter)

    def _open_list(self, page: str, filter: Filter) -> None:
        self.navigator.open_page(page, filter=to_json(filter))

    @command("today.calendar", text=N_("Open the calendar"), icon="ph.calendar-blank", group="go")
    def open_calendar(self) -> None:
        """Show the day in the calendar."""
        self.navigator.open_page("calendar", mode="day", day=clock.today())

    @command("today.overdue", text=N_("Overdue tasks"), icon="ph.warning-circle", group="go")
    def open_overdue(self) -> None:
        """Show every task that is late in a list."""
        if self._read is not None:
            self._open_list("activities", self._read.data.overdue_filter)

    @command("today.stalled", text=N_("Stalled deals"), icon="ph.snowflake", group="go")
    def open_stalled(self) -> None:
        """Show every deal that stands still."""
        if self._read is not None:
            self._open_list("pipeline", self._read.data.stalled_filter)

    @command("today.queue", text=N_("Cases at risk"), icon="ph.timer", group="go")
    def open_queue(self) -> None:
        """Show the cases at risk in their queue."""
        self.navigator.open_page("cases", scope="mine" if self.mode == ME else "all", state="at_risk")

    def _open_event(self, event: Event) -> None:
        self._open_activity(self.office, self, event.activity_id, event.recurrence_id)

    def open_mention(self, note_id: int | tuple[str, int]) -> None:
        """Show the record on which somebody named me, at the note, or what a notice is about; it is read then."""
        if isinstance(note_id, tuple):
            self._open_notice(note_id)
            return
        found = next((one for one in self._read.mentions if one.note_id == note_id), None) if self._read else None
        if found is None:
            return
        self._mark_read([note_id])
        self._lead_to(found)

    def _open_notice(self, key: tuple[str, int]) -> None:
        found = next((one for one in self._read.notices if one.key == key), None) if self._read else None
        database, user = self.office.database, self.office.user_id
        if found is None or user is None:
            return
        tasks.run_write(self, lambda: notice_list.mark_read(database, user, [key]))
        if found.record_id is not None:
            self.navigator.open_record(found.entity, found.record_id)
        elif hasattr(self.navigator, "page_of"):
            self._open_list(self.navigator.page_of(found.entity), where("owner_id", "eq", "@me"))

    def _lead_to(self, found: UnreadMention) -> None:
        """Show a record at a note: beside its list, or in its own window where its page has no card."""
        self.navigator.open_record(found.entity, found.record_id)
        place: Any = getattr(self.navigator, "current_page", None)
        if not hasattr(place, "show_note") and isinstance(self.navigator, QWidget):
            self.navigator.open_record(found.entity, found.record_id, new_window=True)
            place = self.navigator.findChild(QWidget, f"record-{found.entity}-{found.record_id}")
        if hasattr(place, "show_note"):
            place.show_note(found.note_id)

    def _mark_read(self, notes: Sequence[int] | None) -> None:
        database, user = self.office.database, self.office.user_id
        if user is not None:
            tasks.run_write(self, lambda: mentions.read_mentions(database, user, notes))

    @property
    def has_mentions(self) -> bool:
        """Whether there is something new for me that I have not read."""
        return self._read is not None and bool(self._read.mentions or self._read.notices)

    @command("today.read_mentions", text=N_("Mark everything new as read"), icon="ph.bell", enabled_when="has_mentions",
             group="do")  # fmt: skip
    def read_all_mentions(self) -> None:
        """Take everything that is new for me as read."""
        database, user = self.office.database, self.office.user_id
        if user is not None:
            tasks.run_write(self, lambda: notice_list.mark_all_read(database, user))

    # -- doing -------------------------------------------------------------------------------------------------

    def _plan_next_step(self, deal_id: int) -> None:
        card = next((one for one in self._read.data.stalled if one.id == deal_id), None) if self._read else None
        if card is not None:
            self.work.plan_next_step(card)

    def complete(self, activity_id: int) -> None:
        """Tick a task off."""
        for panel in (self.board.overdue, self.board.due):
            lines = panel.list.lines()
            ticked = [replace(line, checked=True) if line.key == activity_id else line for line in lines]
            if ticked != lines:
                panel.list.set_lines(ticked)
        tasks = [*self._read.data.overdue, *self._read.data.due_today] if self._read else []
        self.work.complete(activity_id, next((one.subject for one in tasks if one.id == activity_id), ""))

    def _all_overdue(self) -> Moving:
        data = self._read.data if self._read else None
        return Moving(data.overdue_count, filter=data.overdue_filter) if data else Moving(0)

    def _task_menu(self, key: int, where: QPoint) -> None:
        menu = self.work.days_menu(Moving(1, (key,)), where)
        first = menu.actions()[0]
        done, opened = (
            menu.addAction(icon("ph.check"), _("Done")),
            menu.addAction(icon("ph.pencil-simple"), pgettext("action", "Open")),
        )
        for action in (done, opened):
            menu.removeAction(action)
            menu.insertAction(first, action)
        menu.insertSeparator(first)
        done.triggered.connect(lambda _on=False: self.complete(key))
        opened.triggered.connect(lambda _on=False: self._open_activity(self.office, self, key, None))
        menu.exec(where)

    # -- commands ----------------------------------------------------------------------------------------------

    @property
    def has_overdue(self) -> bool:
        """Whether any task is late."""
        return self._read is not None and self._read.data.overdue_count > 0

    @command("today.reschedule", text=N_("Reschedule all overdue tasks…"), shortcut="Ctrl+Shift+D",
             icon="ph.calendar-blank", enabled_when="has_overdue", group="do")  # fmt: skip
    def reschedule_all(self) -> None:
        """Offer days for everything that is late."""
        link = self.board.overdue.head.link
        where = link.mapToGlobal(QPoint(0, link.height() + px(4)))
        self.work.days_menu(self._all_overdue(), where).exec(where)

    @command("today.add_task", text=N_("New task for today"), shortcut="Ctrl+Shift+N", icon="ph.check-square",
             group="do")  # fmt: skip
    def add(self) -> None:
        """Write a task for today."""
        self.board.due.quick.open()

    @command("today.switch", text=N_("For me, or the team"), shortcut="Ctrl+Shift+M", icon="ph.users", group="do")
    def switch(self) -> None:
        """Change between what is mine and everybody's."""
        if self.office.user_id is not None:
            self.set_mode(TEAM if self.mode == ME else ME)

    @command("today.print", text=N_("Print the day"), shortcut="Ctrl+P", icon="ph.printer", group="do")
    def print_day(self) -> None:
        """Lay the day out on a page."""
        from ui.today.day_document import print_day  # lazy: heavy

        if self._read is not None:
            print_day(self, self.office, self._read.data, team=self.mode == TEAM)

    @command("today.refresh", text=N_("Read again"), shortcut="F5", icon="ph.arrows-clockwise", group="do")
    def refresh(self) -> None:
        """Read the day again."""
        self.reload()


def _overdue(database: Any, connection: Any, user: int | None) -> int:
    """How many of this person's tasks are late."""
    return count_overdue(database, connection, owners=None if user is None else {user})


def _names(database: Any, connection: Any, data: TodayData) -> dict[int, str]:
    """The names of the people whose appointments and tasks are shown, by id."""
    owners = [one.owner_id for one in data.agenda]
    owners += [one.owner_id for one in (*data.overdue, *data.due_today)]
    return queries.titles(database.schema, connection, "user", {one for one in owners if one is not None})
