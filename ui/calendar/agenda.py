"""The coming days as a list."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import format_date
from crm_desktop.core.i18n import _
from ui.calendar.item_list import ItemList
from ui.calendar.items import CalendarItem, at
from ui.framework.retranslate import on_language_change
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Hairline, IconLabel, Label, Plane

AGENDA_DAYS = 31
_NEW_HOUR = 9


class AgendaView(QWidget):
    """Every day that has something, from a day on."""

    opened = Signal(object)
    create_requested = Signal(object, object, bool)
    delete_requested = Signal(object)

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone or clock.local_zone()
        self.first = clock.now().astimezone(self.zone).date()
        self.count = AGENDA_DAYS
        self.typed_text = ""
        self.list = ItemList(self.zone, headings=True)
        self.list.opened.connect(self.opened)
        self.list.delete_requested.connect(self.delete_requested)
        self._title = Label("", "section")
        self._hint = Label("", "body", "text-muted", wrap=True)
        self._button = Button(icon="ph.plus")
        self._button.clicked.connect(self._create)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(Hairline())
        box.addLayout(self._stack)
        on_language_change(self, self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.list.setAccessibleName(_("Agenda"))
        self._title.setText(_("Nothing planned in these days"))
        last = self.first + timedelta(days=self.count - 1)
        days = _("{first} to {last}").format(first=format_date(self.first, "long"), last=format_date(last, "long"))
        self._hint.setText(days)
        self._button.setText(_("New event"))

    def set_range(self, first: date, count: int = AGENDA_DAYS) -> None:
        """Show ``count`` days from ``first`` on."""
        self.first, self.count = first, count
        self.retranslate()

    def set_items(self, items: Sequence[CalendarItem]) -> None:
        """Show these events."""
        days = [self.first + timedelta(days=index) for index in range(self.count)]
        self.list.set_days(items, days)
        self._stack.setCurrentIndex(0 if self.list.items.lines else 1)

    def select(self, key: Hashable | None) -> None:
        """Choose an event."""
        self.list.select(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().lower() == "n" and not event.modifiers():
            self._create()
        else:
            super().keyPressEvent(event)

    def _create(self) -> None:
        start = at(self.first, _NEW_HOUR * 60, self.zone)
        self.create_requested.emit(start, at(self.first, (_NEW_HOUR + 1) * 60, self.zone), False)

    def _empty(self) -> QWidget:
        empty = Plane("surface")
        box = QVBoxLayout(empty)
        box.setSpacing(px(8))
        box.addStretch(2)
        for widget in (IconLabel("ph.calendar-blank", "text-muted", 32), self._title, self._hint, self._button):
            box.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)
        return empty
