"""The calendar: day, week, month or list; tasks, people and a small month beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.calendar import queries
from crm_desktop.calendar.queries import Event, LinkedRecord, Member, Task
from crm_desktop.calendar.service import USUAL_LENGTH
from crm_desktop.core import clock
from crm_desktop.core.formats import first_weekday
from crm_desktop.core.i18n import N_, _, ngettext, pgettext
from ui.calendar import activity_dialogs
from ui.calendar.agenda import AGENDA_DAYS, AgendaView
from ui.calendar.day_panel import DayPanel
from ui.calendar.items import CalendarItem, at
from ui.calendar.layout import month_grid
from ui.calendar.looks import as_key, item_of, legend, people_of, task_of
from ui.calendar.month import MonthView
from ui.calendar.people_panel import PeoplePanel
from ui.calendar.periods import MODES, days_of, range_text, stepped
from ui.calendar.tasks_panel import TasksPanel
from ui.calendar.week import WeekView
from ui.framework.commands import command, command_menu
from ui.framework.may import may_with
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.settings import remember_value, remembered_value
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton, SegmentedControl
from ui.widgets.headers import PageHeader
from ui.widgets.labels import ElidedLabel, Hairline, Plane
from ui.widgets.month import MonthPicker
from ui.widgets.themed import margins, on_theme

_SIDE = 256
_NARROW = 720
_ROOMY = 720
_TASK_DAYS = 7
_RELOAD_MS = 60


@dataclass(frozen=True)
class _Loaded:
    events: list[Event]
    tasks: list[Task]
    members: list[Member]


class CalendarPage(Page):
    """The page of the calendar."""

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(navigator, parent)
        self.office = office
        self.zone = clock.local_zone()
        self.day = clock.today()
        self.mode = str(remembered_value("calendar.mode", "week"))
        if self.mode not in MODES:
            self.mode = "week"
        self._hidden: set[int] = set(remembered_value("calendar.hidden_people", []))
        self._loaded = _Loaded([], [], [])
        self._read_once = False
        self._items: list[CalendarItem] = []
        self._wanted: tuple[int, datetime | None] | None = None
        self._make_views()
        self._make_side()
        self._lay_out()
        self._connect()
        self._reload_soon = QTimer(self)
        self._reload_soon.setSingleShot(True)
        self._reload_soon.setInterval(_RELOAD_MS)
        self._reload_soon.timeout.connect(self.reload)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()
        self._show_mode()

    def activated(self, **params: Any) -> None:
        """Open the calendar. ``day`` goes to a day, ``mode`` to a view, ``record_id`` opens an activity.

        ``recurrence_id`` says which occurrence of a series it is.
        """
        if params.get("mode") in MODES:
            self.set_mode(params["mode"])
        if isinstance(params.get("day"), date):
            self.go_to(params["day"])
        else:
            self.reload()
        if params.get("record_id"):
            self._wanted = (int(params["record_id"]), params.get("recurrence_id"))
            activity_dialogs.open_activity(self.office, self, *self._wanted, on_done=self._on_written)

    def retranslate(self) -> None:
        """Write every text of the page in the language in use."""
        self.header.set_title(_("Calendar"))
        self.today_button.setText(_("Today"))
        self.back_button.set_label(_("Earlier"))
        self.ahead_button.set_label(_("Later"))
        self.more_button.set_label(_("More"))
        self.segments.set_options(
            [("day", _("Day")), ("week", _("Week")), ("month", _("Month")), ("agenda", _("List"))]
        )
        self.segments.set_value("week" if self.mode == "work_week" else self.mode)
        self.people.set_legend(legend())
        self._name_range()
        self._show_loaded()

    def set_mode(self, mode: str) -> None:
        """Show "day", "work_week", "week", "month" or "agenda"."""
        self.mode = mode
        remember_value("calendar.mode", mode)
        self.segments.set_value("week" if mode == "work_week" else mode)
        self._show_mode()
        self.reload()

    def go_to(self, day: date) -> None:
        """Show a day, in the view that is open."""
        self.day = day
        self._show_mode()
        self.reload()

    def reload(self) -> None:
        """Read the events again."""
        first, last = self._window()
        start, end = at(first, 0, self.zone), at(last, 24 * 60, self.zone)
        database, zone = self.office.database, self.zone
        hidden = set(self._hidden)
        until = clock.today() + timedelta(days=_TASK_DAYS)

        def read(connection: Any) -> _Loaded:
            members = queries.members(database, connection)
            shown = {one.id for one in members} - hidden
            owners = shown if len(shown) < len(members) else None
            events = queries.events_in_window(database, connection, start, end, zone=zone, owners=owners)
            tasks = queries.tasks_due(database, connection, until=until, owners=owners)
            return _Loaded(events, tasks, members)

        self.office.read(self, read, self._on_loaded, supersede="calendar")

    # -- commands --------------------------------------------------------------------------------------------

    @command("calendar.new_event", text=N_("New event"), icon="ph.calendar-plus", group="new")
    def new_event(self) -> None:
        """Plan an event at the cursor."""
        start = self._cursor()
        self._create(start, start + USUAL_LENGTH, False)

    @command("calendar.new_task", text=N_("New task"), icon="ph.check-square", group="new")
    def new_task(self) -> None:
        """Write down a task for the day."""
        activity_dialogs.create_activity(self.office, self, {"kind": "task", "due": max(self.day, clock.today())})

    @command("calendar.today", text=N_("Today"), shortcut="Ctrl+T", icon="ph.calendar-blank", group="go")
    def go_today(self) -> None:
        """Go to today."""
        self.go_to(clock.today())

    @command("calendar.earlier", text=N_("Earlier"), shortcut="Ctrl+PgUp", icon="ph.caret-left", group="go")
    def go_back(self) -> None:
        """One day, week or month back."""
        self.go_to(stepped(self.mode, self.day, -1))

    @command("calendar.later", text=N_("Later"), shortcut="Ctrl+PgDown", icon="ph.caret-right", group="go")
    def go_ahead(self) -> None:
        """One day, week or month ahead."""
        self.go_to(stepped(self.mode, self.day, 1))

    @command("calendar.show_day", text=N_("Show the day"), shortcut="Ctrl+Alt+1", group="view")
    def show_day(self) -> None:
        """One day."""
        self.set_mode("day")

    @command("calendar.show_work_week", text=N_("Show the working week"), shortcut="Ctrl+Alt+2", group="view")
    def show_work_week(self) -> None:
        """Monday to Friday."""
        self.set_mode("work_week")

    @command("calendar.show_week", text=N_("Show the week"), shortcut="Ctrl+Alt+3", group="view")
    def show_week(self) -> None:
        """Seven days."""
        self.set_mode("week")

    @command("calendar.show_month", text=N_("Show the month"), shortcut="Ctrl+Alt+4", group="view")
    def show_month(self) -> None:
        """A month."""
        self.set_mode("month")

    @command("calendar.show_agenda", text=N_("Show the list"), shortcut="Ctrl+Alt+5", group="view")
    def show_agenda(self) -> None:
        """A list."""
        self.set_mode("agenda")

    # -- building --------------------------------------------------------------------------------------------

    def _make_views(self) -> None:
        self.header = PageHeader(right=16)
        self.back_button = IconButton("ph.caret-left", "", small=False)
        self.today_button = Button()
        self.ahead_button = IconButton("ph.caret-right", "", small=False)
        self.range = ElidedLabel("", "section")
        self.segments = SegmentedControl()
        self.more_button = IconButton("ph.dots-three", "", small=False)
        for widget in (self.back_button, self.today_button, self.ahead_button, self.range):
            self.header.add_start(widget)
        self.header.add(self.segments)
        self.header.add(self.more_button)
        self.week, self.month, self.agenda = WeekView(self.zone), MonthView(self.zone), AgendaView(self.zone)
        self.views = QStackedWidget()
        for view in (self.week, self.month, self.agenda):
            self.views.addWidget(view)

    def _make_side(self) -> None:
        self.picker = MonthPicker(self.day)
        self.tasks = TasksPanel()
        self.tasks.add_button.setVisible(self.office.access.may("activity", "create"))
        self.day_panel = DayPanel(self.zone)
        self.people = PeoplePanel()
        upper = QWidget()
        box = QVBoxLayout(upper)
        held = QWidget()
        QVBoxLayout(held).addWidget(self.picker)
        margins(held, 12, 12, 12, 8)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget, stretch in ((held, 0), (Hairline(), 0), (self.tasks, 1)):
            box.addWidget(widget, stretch)
        self.side_stack = QStackedWidget()
        self.side_stack.addWidget(upper)
        self.side_stack.addWidget(self.day_panel)
        self.side = Plane("surface")
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        for widget, stretch in ((self.side_stack, 1), (Hairline(), 0), (self.people, 0)):
            side.addWidget(widget, stretch)
        on_theme(self.side, lambda: self.side.setFixedWidth(px(_SIDE)))
        on_theme(self, lambda: self.setMinimumSize(px(480), px(360)))

    def _lay_out(self) -> None:
        main = Plane("surface")
        left = QVBoxLayout(main)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.header)
        left.addWidget(self.views, 1)
        self._line = Hairline(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(main, 1)
        row.addWidget(self._line)
        row.addWidget(self.side)

    def _connect(self) -> None:
        self.back_button.clicked.connect(self.go_back)
        self.today_button.clicked.connect(self.go_today)
        self.ahead_button.clicked.connect(self.go_ahead)
        self.more_button.clicked.connect(self._show_menu)
        self.segments.changed.connect(self.set_mode)
        self.picker.day_chosen.connect(self.go_to)
        self.picker.month_shown.connect(lambda _first: self._reload_soon.start())
        self.people.people_changed.connect(self._on_people)
        for view in (self.week, self.month, self.agenda, self.day_panel):
            view.opened.connect(self._open)
            view.create_requested.connect(self._create)
        for view in (self.week, self.agenda, self.day_panel):
            view.delete_requested.connect(self._delete)
        for moved in (self.week.moved, self.week.resized, self.month.moved):
            moved.connect(self._move)
        self.week.task_dropped.connect(lambda key, start, end: self._schedule(key, start, end))
        self.week.day_clicked.connect(self._on_day_clicked)
        self.week.left.connect(lambda way: self.go_to(stepped(self.mode, self.day, way)))
        self.month.day_chosen.connect(self._on_day_chosen)
        self.month.day_entered.connect(lambda _day: self.day_panel.enter())
        self.tasks.opened.connect(lambda key: activity_dialogs.open_activity(self.office, self, key))
        self.tasks.toggled.connect(
            lambda key, done: activity_dialogs.complete_activity(
                self.office, self, key, done, title=self._task_called(key)
            )
        )
        self.tasks.create_requested.connect(self.new_task)
        self.tasks.planned.connect(self._plan_at_cursor)
        for source in (self.week, self.month, self.agenda.list, self.day_panel.list):
            source.menu_requested.connect(self._show_event_menu)

    def resizeEvent(self, event: Any) -> None:
        wide = self.width() >= px(_NARROW)
        self.side.setVisible(wide)
        self._line.setVisible(wide)
        self._name_range()
        super().resizeEvent(event)

    def _name_range(self) -> None:
        """Say what is shown, in short and without the page's name where there is little room."""
        room = self.width() - (px(_SIDE) if self.width() >= px(_NARROW) else 0)
        roomy = room >= px(_ROOMY)
        self.header.title.setVisible(roomy)
        self.range.setText(range_text(self.mode, self.day, short=not roomy))

    # -- showing ---------------------------------------------------------------------------------------------

    def _window(self) -> tuple[date, date]:
        """The days to read: those that are shown, and those of the small month."""
        days = days_of(self.mode, self.day)
        weeks = month_grid(self.picker.day(), first_weekday())
        return min(days[0], weeks[0]), max(days[-1], weeks[0] + timedelta(days=41))

    def _show_mode(self) -> None:
        """Show the right view at the right days."""
        days = days_of(self.mode, self.day)
        if self.mode == "month":
            self.month.choose(self.day)
            self.month.set_month(self.day)
            self.views.setCurrentWidget(self.month)
        elif self.mode == "agenda":
            self.agenda.set_range(self.day, AGENDA_DAYS)
            self.views.setCurrentWidget(self.agenda)
        else:
            self.week.set_days(days)
            if self.day in days:
                self.week.grid.cursor_day = days.index(self.day)
            self.views.setCurrentWidget(self.week)
        self.side_stack.setCurrentIndex(1 if self.mode == "month" else 0)
        self.setFocusProxy({"month": self.month, "agenda": self.agenda.list}.get(self.mode, self.week.grid))
        if self.picker.day() != self.day:
            self.picker.set_day(self.day)
        self.picker.set_week_band(self.mode in ("week", "work_week"))
        self._name_range()
        self._show_loaded()

    def _on_loaded(self, loaded: _Loaded) -> None:
        if [one.id for one in loaded.members] != [one.id for one in self._loaded.members]:
            self.people.set_people(people_of(loaded.members, self._hidden))
        self._loaded, self._read_once = loaded, True
        self._show_loaded()
        if self._wanted is not None:
            self._select(self._wanted)
            self._wanted = None

    def _show_loaded(self) -> None:
        members = {one.id: one for one in self._loaded.members}
        people = len(members) - len(self._hidden & members.keys()) > 1
        self._items = [
            replace(
                item_of(event, members, people=people),
                editable=may_with(self.office, "activity", "edit", event.owner_id, event.made_by),
            )
            for event in self._loaded.events
        ]
        self.week.set_items(self._items)
        self.month.set_items(self._items)
        self.agenda.set_items(self._items)
        self.tasks.set_tasks([task_of(task) for task in self._loaded.tasks])
        due = sum(task.due == self.month.chosen for task in self._loaded.tasks)
        self.day_panel.show_day(self.month.chosen, self._items, due)
        self.picker.set_marked({item.first_day for item in self._items if not item.is_bar})
        self._count()

    def _count(self) -> None:
        days = days_of(self.mode, self.day)
        shown = [item for item in self._items if item.first_day <= days[-1] and item.last_day >= days[0]]
        set_shown = getattr(self.navigator, "set_shown", None)
        if set_shown is not None and self._read_once and self.isVisible():
            set_shown(ngettext("{n} event", "{n} events", len(shown)).format(n=len(shown)))

    def _select(self, wanted: tuple[int, datetime | None]) -> None:
        keys = [item.key for item in self._items]
        key = wanted if wanted in keys else next((one for one in keys if as_key(one)[0] == wanted[0]), None)
        if key is not None and self.mode == "agenda":
            self.agenda.select(key)
        elif key is not None and self.mode != "month":
            self.week.select(key)

    # -- what people do ------------------------------------------------------------------------------------

    def _on_records_changed(self, event: Any) -> None:
        if any(event.touches(entity) for entity in ("activity", "user", "contact", "company", "deal", "case")):
            self._reload_soon.start()

    def _on_people(self, shown: set[int]) -> None:
        self._hidden = {one.id for one in self._loaded.members} - shown
        remember_value("calendar.hidden_people", sorted(self._hidden))
        self.reload()

    def _on_day_clicked(self, day: date) -> None:
        self.day = day
        self.set_mode("day" if self.mode != "day" else "week")

    def _on_day_chosen(self, day: date) -> None:
        turned = (day.year, day.month) != (self.day.year, self.day.month)
        self.day = day
        if turned:
            self._show_mode()
            self.reload()
        else:
            self._show_loaded()

    def _create(self, start: datetime, end: datetime, all_day: bool, links: Sequence[LinkedRecord] = ()) -> None:
        view = self.views.currentWidget()
        values: dict[str, Any] = {
            "starts": start.replace(tzinfo=None),
            "ends": end.replace(tzinfo=None),
            "all_day": all_day,
            "subject": getattr(view, "typed_text", ""),
        }
        activity_dialogs.create_activity(self.office, self, values, links, self._on_written)

    def _open(self, key: Any) -> None:
        activity_dialogs.open_activity(self.office, self, *as_key(key), on_done=self._on_written)

    def _move(self, key: Any, start: datetime, end: datetime) -> None:
        shown = next(((one.start, one.end) for one in self._items if one.key == key), None)
        activity_dialogs.move_activity(
            self.office, self, as_key(key), start, end, self.reload, shown, title=self._called(key)
        )

    def _delete(self, key: Any) -> None:
        activity_dialogs.delete_activity(self.office, self, as_key(key), title=self._called(key))

    def _called(self, key: Any) -> str:
        """What an event is called."""
        return next((one.title for one in self._items if one.key == key), "")

    def _task_called(self, key: Any) -> str:
        return next((task_of(one).title for one in self._loaded.tasks if task_of(one).key == key), "")

    def _schedule(self, key: Any, start: datetime, end: datetime) -> None:
        activity_dialogs.schedule_task(self.office, self, int(key), start, end, title=self._task_called(key))
        self._wanted = (int(key), None)

    def _plan_at_cursor(self, key: Any) -> None:
        start = self._cursor()
        self._schedule(key, start, start + USUAL_LENGTH)

    def _cursor(self) -> datetime:
        """The hour that is chosen in the view."""
        if self.mode in ("day", "week", "work_week"):
            return self.week.grid.moment(self.week.grid.cursor_day, self.week.grid.cursor_minute)
        return at(self.month.chosen if self.mode == "month" else self.day, 9 * 60, self.zone)

    def _show_event_menu(self, key: Any, where: QPoint) -> None:
        activity_id, recurrence_id = as_key(key)
        item = next((one for one in self._items if one.key == key), None)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        done = not item.done
        event = next(one for one in self._loaded.events if (one.activity_id, one.recurrence_id) == key)
        menu.addAction(icon("ph.pencil-simple"), pgettext("action", "Open"), lambda: self._open(key))
        if item.editable:
            menu.addAction(
                icon("ph.check" if done else "ph.arrow-counter-clockwise"),
                _("Mark as done") if done else _("Not done yet"),
                lambda: activity_dialogs.complete_activity(
                    self.office, self, activity_id, done, recurrence_id, title=item.title
                ),
            )
        for link in event.links:
            text = _("Go to {title}").format(title=link.title)
            menu.addAction(icon("ph.arrow-right"), text, lambda to=link: self.navigator.open_record(to.entity, to.id))
        if may_with(self.office, "activity", "delete", event.owner_id, event.made_by):
            menu.addSeparator()
            menu.addAction(icon("ph.trash", "danger"), _("Delete"), lambda: self._delete(key))
        menu.popup(where)

    def _on_written(self, identity: int) -> None:
        self._wanted = (identity, None)

    def _show_menu(self) -> None:
        menu = command_menu(self, self)
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))
