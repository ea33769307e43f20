"""The chosen day of a month, read in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import format_date, month_name, weekday_names
from crm_desktop.core.i18n import _, ngettext
from ui.calendar.item_list import ItemList
from ui.calendar.items import CalendarItem, at, on_day
from ui.framework.retranslate import on_language_change
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel
from ui.widgets.themed import margins

_NEW_HOUR = 9


class DayPanel(QWidget):
    """Name, number and events of one day, and a button for one more."""

    opened = Signal(object)
    create_requested = Signal(object, object, bool)
    delete_requested = Signal(object)

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone or clock.local_zone()
        self.day = clock.now().astimezone(self.zone).date()
        self._items: Sequence[CalendarItem] = ()
        self._tasks = 0
        self._weekday = ElidedLabel("", "secondary-strong", "accent")
        self._title = ElidedLabel("", "title")
        self._count = ElidedLabel("", "secondary", "text-muted")
        self.list = ItemList(self.zone, headings=False)
        self.list.opened.connect(self.opened)
        self.list.delete_requested.connect(self.delete_requested)
        self.button = Button(icon="ph.plus", small=True)
        self.button.clicked.connect(self._create)
        head, foot = QWidget(), QWidget()
        head_box, foot_box = QVBoxLayout(head), QVBoxLayout(foot)
        for label in (self._weekday, self._title, self._count):
            head_box.addWidget(label)
        foot_box.addWidget(self.button)
        margins(head, 16, 16, 16, 8, 2)
        margins(foot, 16, 8, 16, 12, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.list, 1)
        box.addWidget(foot)
        on_language_change(self, self.retranslate)
        self.retranslate()

    def show_day(self, day: date, items: Sequence[CalendarItem], tasks: int = 0) -> None:
        """Show a day: its events out of ``items``, and how many tasks are due on it."""
        self.day, self._items, self._tasks = day, items, tasks
        self.retranslate()

    def retranslate(self) -> None:
        """Write everything in the language in use."""
        name = weekday_names()[self.day.weekday()]
        today = clock.now().astimezone(self.zone).date()
        self._weekday.setText(_("{weekday}, today").format(weekday=name) if self.day == today else name)
        self._weekday.set_role("secondary-strong", "accent" if self.day == today else "text-muted")
        self._title.setText(_("{month} {day}").format(month=month_name(self.day.month), day=self.day.day))
        found = on_day(self._items, self.day)
        parts = [ngettext("{n} event", "{n} events", len(found)).format(n=len(found))]
        if self._tasks:
            parts.append(ngettext("{n} task", "{n} tasks", self._tasks).format(n=self._tasks))
        self._count.setText(", ".join(parts))
        self.list.setAccessibleName(format_date(self.day, "full"))
        self.list.set_days(self._items, [self.day])
        self.button.setText(_("Event on {date}").format(date=format_date(self.day, "day_month")))

    def enter(self) -> None:
        """Give the keys to the events of the day."""
        if self.list.items.lines:
            self.list.setFocus()
            self.list.select_first()
        else:
            self.button.setFocus()

    def _create(self) -> None:
        start = at(self.day, _NEW_HOUR * 60, self.zone)
        self.create_requested.emit(start, at(self.day, (_NEW_HOUR + 1) * 60, self.zone), False)
