"""Editors of days, times and moments: typed in any sane spelling, or picked from a month."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.text import fold
from crm_desktop.core.values import parse_value
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.editor_base import ValueEditor
from ui.widgets.month import MonthPicker
from ui.widgets.popup import PopupFrame

_TIME = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{1,2})?|(\d{2}))?(?:\s*m(?:in)?)?\s*([ap])?\.?\s*m?\.?\Z", re.IGNORECASE)
_NOT_A_TIME = N_("“{text}” is not a time. Write it like {example}.")
_NEAR = {
    **dict.fromkeys(("today", "hoje", "hoy", "t", "h"), 0),
    **dict.fromkeys(("tomorrow", "amanha", "manana"), 1),
    **dict.fromkeys(("yesterday", "ontem", "ayer"), -1),
}


def parse_time(text: str) -> time:
    """The time that a text says: "14:30", "14h30", "14.30", "1430", "9", "2 pm".

    Raises:
        FieldError: it says none.
    """
    found = _TIME.match(text.strip())
    if found:
        hour, minute = int(found[1]), int(found[2] or found[3] or 0)
        half = (found[4] or "").lower()
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise FieldError("", _NOT_A_TIME, value=text, text=text.strip(), example=formats.format_time(time(14, 30)))


def parse_day(text: str) -> date:
    """The day that a text says: any date, "today", "+3" (days from today), in three languages.

    Raises:
        FieldError: it says none.
    """
    word = fold(text).strip()
    if word in _NEAR:
        return clock.today() + timedelta(days=_NEAR[word])
    if re.fullmatch(r"[+-]\d{1,4}", word):
        return clock.today() + timedelta(days=int(word))
    day: date = parse_value(Kind.DATE, text)
    return day


def step_day(editor: ValueEditor, event: QKeyEvent) -> timedelta | None:
    """How far an arrow key moves a date: a day, a week with Ctrl."""
    step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
    if step is None:
        return None
    week = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return timedelta(days=step * (7 if week else 1))


class DateEditor(ValueEditor):
    """A day. Typed in any spelling, "today", "+3"; arrows move it; F4 or the calendar opens a month."""

    def __init__(self, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(Kind.DATE, name=name, parse=parse_day, parent=parent)
        picture = icon("ph.calendar-blank", "text-muted")
        self._calendar = self.addAction(picture, QLineEdit.ActionPosition.TrailingPosition)
        self._calendar.setToolTip(_("Open the calendar"))
        self._calendar.triggered.connect(self.open_month)
        sample = formats.format_date(date(2026, 12, 31))
        self.setPlaceholderText(sample)

    def open_month(self) -> None:
        """Open the month of the day."""
        try:
            day = self._day()
        except FieldError:
            day = None
        popup = PopupFrame(self)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        month = MonthPicker(day)
        popup.body.setContentsMargins(px(12), px(8), px(12), px(12))
        popup.body.addWidget(month)

        def take(chosen: date) -> None:
            popup.close()
            self._take_day(chosen)

        month.day_chosen.connect(take)
        popup.show_at(self.mapToGlobal(QPoint(0, self.height() + px(2))))
        month.setFocus()

    def _day(self) -> date | None:
        value = self.value()
        return value if isinstance(value, date) else None

    def _take_day(self, day: date) -> None:
        self._put(day)

    def _put(self, value: date | datetime) -> None:
        self.set_value(value)
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = step_day(self, event)
        if event.key() == Qt.Key.Key_F4:
            self.open_month()
        elif step is not None:
            try:
                value = self.value()
            except FieldError:
                return
            self._put((value or self._start()) + step)
        else:
            super().keyPressEvent(event)

    def _start(self) -> date | datetime:
        """Where the arrows start from in an empty line."""
        return clock.today()


class DateTimeEditor(DateEditor):
    """A moment: aware in UTC, shown in the local zone; with ``local`` a naive wall time."""

    def __init__(self, *, name: str = "", local: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name=name, parent=parent)
        self.kind = Kind.LOCAL_DATETIME if local else Kind.DATETIME
        self._local = local
        self._parse = self._read
        self._show = formats.format_datetime
        self.setPlaceholderText(formats.format_datetime(datetime(2026, 12, 31, 14, 30)))

    def whole_width(self) -> int:
        """The width that shows the longest moment whole, beside the button of the month."""
        longest = formats.format_datetime(datetime(2026, 12, 28, 22, 38))
        return self.fontMetrics().horizontalAdvance(longest) + px(52)

    def _read(self, text: str) -> datetime:
        first, _blank, rest = text.strip().partition(" ")
        if fold(first) in _NEAR:
            moment = datetime.combine(parse_day(first), parse_time(rest) if rest.strip() else time(9))
            return moment if self._local else moment.replace(tzinfo=clock.local_zone())
        found: datetime = parse_value(self.kind, text)
        return found

    def _wall(self, value: datetime) -> datetime:
        return value if self._local else value.astimezone(clock.local_zone())

    def _day(self) -> date | None:
        value = self.value()
        return self._wall(value).date() if value else None

    def _take_day(self, day: date) -> None:
        try:
            value = self.value()
        except FieldError:
            value = None
        hour = self._wall(value).time() if value else time(9)
        moment = datetime.combine(day, hour)
        self._put(moment if self._local else moment.replace(tzinfo=clock.local_zone()))

    def _start(self) -> datetime:
        now = clock.now().astimezone(clock.local_zone()).replace(minute=0, second=0, microsecond=0)
        return now.replace(tzinfo=None) if self._local else now


class TimeEditor(ValueEditor):
    """A time of day; arrows move it by ``step`` minutes."""

    def __init__(self, *, name: str = "", step: int = 15, parent: QWidget | None = None) -> None:
        super().__init__(Kind.TEXT, name=name, parse=parse_time, show=formats.format_time, parent=parent)
        self._step = step
        self.setPlaceholderText(formats.format_time(time(14, 30)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        try:
            value = self.value() or time(9)
        except FieldError:
            return
        moved = datetime.combine(date(2000, 1, 1), value) + timedelta(minutes=step * self._step)
        self.set_value(moved.time())
        self.edited.emit()
