"""A month to pick a day from: today, the chosen day, days with something on them."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date, timedelta

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored
from ui.theme.theme import px, theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

_LEFT_RIGHT = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}


def shift_month(day: date, months: int) -> date:
    """The same day some months later or earlier, or the last day of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class _Days(QWidget):
    day_chosen = Signal(date)
    day_moved = Signal(date)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen = clock.today()
        self.marked: Collection[date] = ()
        self.week_band = False
        self._over: date | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(px(33) * 7, px(24) + px(28) * 6)

    def first(self) -> date:
        """The first day shown."""
        start = self.chosen.replace(day=1)
        return start - timedelta(days=(start.weekday() - formats.first_weekday()) % 7)

    def _cell(self, number: int) -> QRect:
        line, column = divmod(number, 7)
        left, right = self.width() * column // 7, self.width() * (column + 1) // 7
        rect = QRect(left, px(24) + line * px(28), right - left, px(28))
        return mirrored(rect, self.rect(), self.layoutDirection())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignHCenter
        names = formats.weekday_names(short=True)
        for column in range(7):
            name = names[(formats.first_weekday() + column) % 7]
            cell = self._cell(column)
            head = QRect(cell.left(), 0, cell.width(), px(20))
            draw_text(painter, head, name[:1].upper(), "secondary", "text-muted", middle, elide=False)
        first, today = self.first(), clock.today()
        if self.week_band:
            line = (self.chosen - first).days // 7
            fill_round(painter, QRect(0, px(24) + line * px(28) + 1, self.width(), px(28) - 2), px(4), "sunken")
        for number in range(42):
            self._paint_day(painter, self._cell(number), first + timedelta(days=number), today)

    def _paint_day(self, painter: QPainter, cell: QRect, day: date, today: date) -> None:
        middle = Qt.AlignmentFlag.AlignHCenter
        box = cell.adjusted(1, 1, -1, -1)
        ink = "text" if day.month == self.chosen.month else "text-disabled"
        role = "body"
        if day == self.chosen:
            fill_round(painter, box, px(6), "accent")
            ink, role = "on-accent", "strong"
        elif day == today:
            frame_round(painter, box, px(6), "accent")
            ink, role = "accent", "strong"
        elif day == self._over:
            fill_round(painter, box, px(6), "hover")
        draw_text(painter, box.adjusted(0, -1, 0, -1), str(day.day), role, ink, middle, elide=False)
        if day in self.marked:
            side = px(3)
            dot = QRect(box.center().x() - side // 2, box.bottom() - side - 1, side, side)
            fill_round(painter, dot, side / 2, "on-accent" if day == self.chosen else "text-muted")
        if self.hasFocus() and day == self.chosen:
            painter.setPen(theme().color("on-accent"))
            painter.drawRoundedRect(box.adjusted(2, 2, -3, -3), px(4), px(4))

    def _at(self, event: QMouseEvent) -> date | None:
        spot = event.position().toPoint()
        number = next((n for n in range(42) if self._cell(n).contains(spot)), None)
        return None if number is None else self.first() + timedelta(days=number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._at(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        day = self._at(event)
        if day is not None and event.button() == Qt.MouseButton.LeftButton:
            self.day_chosen.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _LEFT_RIGHT:
            step = _LEFT_RIGHT[key]
            if abs(step) == 1 and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                step = -step
            self.day_moved.emit(self.chosen + timedelta(days=step))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.day_moved.emit(shift_month(self.chosen, -1 if key == Qt.Key.Key_PageUp else 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.day_chosen.emit(self.chosen)
        else:
            super().keyPressEvent(event)


class MonthPicker(QWidget):
    """A month. ``day_chosen`` is sent on click and Enter, ``month_shown`` with its first day after paging.

    Arrows move by days and weeks, Page Up and Down by months. ``set_marked`` puts dots under days.
    """

    day_chosen = Signal(date)
    month_shown = Signal(date)

    def __init__(self, day: date | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days = _Days()
        self._title = Label("", "section")
        back = IconButton("ph.caret-left", _("Month before"), kind="ghost")
        after = IconButton("ph.caret-right", _("Month after"), kind="ghost")
        back.clicked.connect(lambda: self._page(-1))
        after.clicked.connect(lambda: self._page(1))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(back)
        head.addWidget(after)
        box = QVBoxLayout(self)
        box.addLayout(head)
        box.addWidget(self._days)
        margins(self, 0, 0, 0, 0, 4)
        self.setFocusProxy(self._days)
        self._days.day_chosen.connect(self._choose)
        self._days.day_moved.connect(self.set_day)
        self.set_day(day or clock.today())

    def day(self) -> date:
        """The chosen day."""
        return self._days.chosen

    def set_day(self, day: date) -> None:
        """Choose a day and show its month; ``day_chosen`` is not sent."""
        moved = (day.year, day.month) != (self._days.chosen.year, self._days.chosen.month)
        self._days.chosen = day
        self._title.setText(f"{formats.month_name(day.month)} {day.year}")
        self._days.setAccessibleName(formats.format_date(day, "long"))
        self._days.update()
        if moved:
            self.month_shown.emit(day.replace(day=1))

    def set_marked(self, days: Collection[date]) -> None:
        """Put a dot under these days."""
        self._days.marked = days
        self._days.update()

    def set_week_band(self, on: bool) -> None:
        """Mark the whole week of the chosen day."""
        self._days.week_band = on
        self._days.update()

    def _page(self, months: int) -> None:
        self.set_day(shift_month(self.day(), months))

    def _choose(self, day: date) -> None:
        self.set_day(day)
        self.day_chosen.emit(day)
