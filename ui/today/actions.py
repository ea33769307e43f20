"""What is done from the Today page, each in one change set, with a toast that offers the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.calendar import service as calendar
from crm_desktop.calendar.queries import Event
from crm_desktop.core import clock
from crm_desktop.core.filters import Filter
from crm_desktop.core.formats import format_date, format_integer
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.records import bulk_edit, queries
from crm_desktop.sales.queries import Card
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.saving import show_saved
from ui.theme.icons import icon
from ui.today.day_popup import DayPopup


@dataclass(frozen=True)
class Moving:
    """Tasks to move: these, or all that a filter lets through; ``count`` of them."""

    count: int
    ids: tuple[int, ...] = ()
    filter: Filter | None = None


class DayActions(QObject):
    """Writes for the page ``owner``."""

    def __init__(self, owner: QWidget, office: Office, navigator: Navigator) -> None:
        super().__init__(owner)
        self._owner, self._office, self._navigator = owner, office, navigator

    def _write(self, title: str, work: Callable[[Any], Any], text: str, params: Mapping[str, Any]) -> None:
        self._office.write(
            self._owner, title, work, lambda _result: show_saved(self._owner, self._navigator, text), params=params
        )

    def complete(self, activity_id: int, title: str) -> None:
        """Tick a task off; the toast offers the way back."""
        self._write(
            N_("Complete {title}"), lambda uow: calendar.complete_activity(uow, activity_id, done=True),
            _("{title} is done").format(title=title), {"title": title},
        )  # fmt: skip

    def toggle_event(self, event: Event) -> None:
        """Tick an appointment off, or take that back."""
        done, title = not event.done, event.subject
        text = _("{title} is done") if done else _("{title} is open again")
        self._write(
            N_("Complete {title}") if done else N_("Reopen {title}"),
            lambda uow: calendar.complete_activity(
                uow, event.activity_id, done=done, recurrence_id=event.recurrence_id
            ),
            text.format(title=title), {"title": title},
        )  # fmt: skip

    def add_task(self, subject: str, at: time | None) -> None:
        """Plan a task for today."""
        values: dict[str, Any] = {"kind": "task", "subject": subject, "due": clock.today()}
        if at is not None:
            values["due_time"] = f"{at:%H:%M}"
        self._write(
            N_("Create {title}"), lambda uow: calendar.plan_activity(uow, values),
            _("{title} created").format(title=subject), {"title": subject},
        )  # fmt: skip

    def move(self, day: date, moving: Moving) -> None:
        """Give tasks another day."""
        database, user = self._office.database, self._office.user_id

        def work(uow: Any) -> int:
            ids = moving.ids
            if not ids and moving.filter is not None:
                found = queries.find_ids(database, uow.connection, "activity", filter=moving.filter, user_id=user)
                ids = tuple(found)
            return bulk_edit.update_records(uow, "activity", ids, {"due": day})

        what = ngettext("{n} task", "{n} tasks", moving.count).format(n=format_integer(moving.count))
        params = {"what": what, "day": format_date(day, "weekday")}
        self._write(N_("Move {what} to {day}"), work, _("{what} moved to {day}").format(**params), params)

    def days_menu(self, moving: Moving, where: QPoint) -> QMenu:
        """The days to which tasks can be moved; ``where`` a month opens for another one."""
        today = clock.today()
        monday = today + timedelta(days=7 - today.weekday())
        menu = QMenu(self._owner)
        for text, day in ((_("To today"), today), (_("To tomorrow"), today + timedelta(days=1)),
                          (_("To Monday, {day}").format(day=format_date(monday, "day_month")), monday)):  # fmt: skip
            action = menu.addAction(icon("ph.calendar-blank"), text)
            action.triggered.connect(lambda _on=False, day=day: self.move(day, moving))
        menu.addSeparator()
        other = menu.addAction(icon("ph.calendar"), _("To another day…"))
        other.triggered.connect(lambda _on=False: self._choose_day(moving, where))
        return menu

    def _choose_day(self, moving: Moving, where: QPoint) -> None:
        popup = DayPopup(self._owner)
        popup.day_chosen.connect(lambda day: self.move(day, moving))
        popup.show_at(where)

    def plan_in_gap(self, start: datetime, end: datetime) -> None:
        """Open the form of an appointment in a free hour, from the next quarter on."""
        begin, last = start.replace(tzinfo=None), end.replace(tzinfo=None)
        past = timedelta(minutes=begin.minute % 15, seconds=begin.second, microseconds=begin.microsecond)
        begin += timedelta(minutes=15) - past if past else timedelta()
        self.create("activity", {"kind": "meeting", "starts": begin, "ends": min(begin + timedelta(hours=1), last)})

    def plan_next_step(self, card: Card) -> None:
        """Open the form of an activity for a deal."""
        links = [("deal", card.id, card.name)]
        if card.contact_id:
            links.append(("contact", card.contact_id, card.contact))
        elif card.company_id:
            links.append(("company", card.company_id, card.company))
        self.create("activity", {"kind": "call", "subject": card.name, "links": links})

    def create(self, entity: str, values: dict[str, Any]) -> None:
        """Open the form of a new record."""
        make = getattr(self._navigator, "create_record", None)
        if make is not None:
            make(entity, values)
