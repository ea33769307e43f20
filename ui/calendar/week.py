"""One to seven days side by side: their names, the events of whole days, and the hours below."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_date
from crm_desktop.core.i18n import _
from ui.calendar.grid import TimeGrid
from ui.calendar.items import CalendarItem, minutes
from ui.calendar.strips import AllDayRow, DayHeader, DaysView
from ui.framework.retranslate import on_language_change
from ui.theme.theme import px
from ui.widgets.frames import scrolled
from ui.widgets.themed import on_theme

_HALF_LABEL = 0.19
"""Hours to scroll further so that no label is cut in half."""


class WeekView(DaysView):
    """Days with hours: a week, a working week or one day."""

    create_requested = Signal(object, object, bool)
    moved = Signal(object, object, object)
    resized = Signal(object, object, object)
    opened = Signal(object)
    delete_requested = Signal(object)
    task_dropped = Signal(object, object, object)
    menu_requested = Signal(object, object)
    day_clicked = Signal(object)
    left = Signal(int)

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(zone, parent)
        self._scrolled = False
        self.grid = TimeGrid(self.zone)
        self.scroller = scrolled(self.grid, clear=False)
        self.scroller.viewport().installEventFilter(self)
        self.grid.scroller = self.scroller
        self.header = DayHeader(self)
        self.all_day = AllDayRow(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.header, self.all_day, self.scroller):
            box.addWidget(widget)
        self._connect()
        on_theme(self, self._on_look_changed)
        on_language_change(self, self._on_look_changed)

    @property
    def typed_text(self) -> str:
        """What was typed to begin a new event; its title starts with it."""
        return self.grid.typed_text

    def set_days(self, days: Sequence[date]) -> None:
        """Show these days."""
        self.days = list(days)
        self.grid.set_days(days)
        first, last = format_date(self.days[0], "long"), format_date(self.days[-1], "long")
        name = first if first == last else _("{first} to {last}").format(first=first, last=last)
        self.grid.setAccessibleName(_("Calendar, {days}").format(days=name))
        self.all_day.updateGeometry()
        self.header.update()

    def set_items(self, items: Sequence[CalendarItem]) -> None:
        """Show these events; those outside the days are not drawn."""
        self.grid.set_items(items)
        self.all_day.set_items([item for item in items if item.is_bar])

    def select(self, key: Hashable | None) -> None:
        """Choose an event and bring it into view."""
        self.grid.select(key)
        item = self.grid.selected_item
        if item is not None:
            self.scroller.ensureVisible(0, self.grid.y_of(minutes(item.start)), 0, px(96))

    def show_hour(self, hour: float) -> None:
        """Scroll so that an hour is at the top."""
        self.scroller.verticalScrollBar().setValue(self.grid.y_of(hour * 60))

    def grid_width(self) -> int:
        return self.scroller.viewport().width()

    def focus_hours(self) -> None:
        self.grid.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.header.update()
            self.all_day.update()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._scrolled:
            self._scrolled = True
            self.show_hour(max(0, self.grid.open_hours[0] - 1) + _HALF_LABEL)

    def _connect(self) -> None:
        for source in (self.grid, self.all_day):
            source.create_requested.connect(self.create_requested)
            source.moved.connect(self.moved)
            source.opened.connect(self.opened)
            source.delete_requested.connect(self.delete_requested)
            source.menu_requested.connect(self.menu_requested)
        self.grid.resized.connect(self.resized)
        self.grid.task_dropped.connect(self.task_dropped)
        self.grid.left.connect(self.left)
        self.header.day_clicked.connect(self.day_clicked)

    def _on_look_changed(self) -> None:
        self.set_days(self.days)
        self.header.updateGeometry()
        self.all_day.updateGeometry()
        self.update()
