"""A small month to go to another day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import first_weekday, format_date, weekday_names
from crm_desktop.core.i18n import _
from ui.calendar.layout import month_grid
from ui.framework.retranslate import on_language_change
from ui.theme.paint import draw_text, fill_round
from ui.theme.theme import px, theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.themed import margins, on_theme

_ROW = 28
_CELL = 26
_WEEKS = 6


class _Days(QWidget):
    """The days of one month."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.month = clock.today().replace(day=1)
        self.day = clock.today()
        self.shown: tuple[date, date] = (self.day, self.day)
        self.busy: frozenset[date] = frozenset()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def weeks(self) -> list[date]:
        """The first days of the weeks."""
        return month_grid(self.month, first_weekday())

    def sizeHint(self) -> QSize:
        return QSize(px(224), px(_ROW) * (_WEEKS + 1))

    def rect_of(self, day: date) -> QRect:
        """The cell of a day that is shown."""
        ahead = (day - self.weeks()[0]).days
        return self._cell(ahead % 7, ahead // 7 + 1)

    def day_at(self, point: QPoint) -> date | None:
        """The day under a point."""
        for week in self.weeks():
            for column in range(7):
                day = week + timedelta(days=column)
                if self.rect_of(day).contains(point):
                    return day
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        weeks = self.weeks()
        for column in range(7):
            letter = weekday_names(short=True)[(weeks[0] + timedelta(days=column)).weekday()][:1].upper()
            draw_text(painter, self._cell(column, 0), letter, "secondary", "text-muted", Qt.AlignmentFlag.AlignCenter)
        for week in weeks:
            for column in range(7):
                self._paint_day(painter, week + timedelta(days=column))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        day = self.day_at(event.position().toPoint())
        if day is not None:
            self._choose(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        if abs(step) == 1 and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            step = -step
        self._choose(self.day + timedelta(days=step))

    def _choose(self, day: date) -> None:
        self.day = day
        self.setAccessibleDescription(format_date(day, "full"))
        self.chosen.emit(day)
        self.update()

    def _cell(self, column: int, row: int) -> QRect:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            column = 6 - column
        left = self.width() * column // 7
        return QRect(left, row * px(_ROW), self.width() * (column + 1) // 7 - left, px(_CELL))

    def _paint_day(self, painter: QPainter, day: date) -> None:
        rect = self.rect_of(day)
        first, last = self.shown
        if first <= day <= last and first != last:
            painter.fillRect(rect, theme().color("sunken"))
        today = day == clock.today()
        ink = "text" if day.month == self.month.month else "text-muted"
        role = "secondary"
        if today:
            fill_round(painter, rect, px(6), "accent")
            ink, role = "on-accent", "secondary-strong"
        elif day == self.day and (first == last or self.hasFocus()):
            fill_round(painter, rect, px(6), "accent-soft")
            ink, role = "accent", "secondary-strong"
        text = rect.adjusted(0, 0, 0, -px(2))
        draw_text(painter, text, str(day.day), role, ink, Qt.AlignmentFlag.AlignCenter, elide=False)
        if day in self.busy:
            dot = QRectF(rect.center().x() + 0.5 - px(2), rect.bottom() - px(5), px(4), px(4))
            painter.setOpacity(0.55)
            fill_round(painter, dot, px(2), ink)
            painter.setOpacity(1.0)


class MiniMonth(QWidget):
    """A month with a dot under every day that has something, to go to a day by a click."""

    day_chosen = Signal(object)
    month_shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel("", "strong")
        self.days = _Days()
        self._back = IconButton("ph.caret-left", "", kind="ghost", small=True)
        self._ahead = IconButton("ph.caret-right", "", kind="ghost", small=True)
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self._back)
        row.addWidget(self._ahead)
        row.setSpacing(0)
        row.setContentsMargins(px(4), 0, 0, 0)
        box = QVBoxLayout(self)
        box.addLayout(row)
        box.addWidget(self.days)
        margins(self, 12, 12, 12, 8, 4)
        self._back.clicked.connect(lambda: self._turn(-1))
        self._ahead.clicked.connect(lambda: self._turn(1))
        self.days.chosen.connect(self._on_chosen)
        on_language_change(self, self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.title.setText(format_date(self.days.month, "month"))
        self._back.set_label(_("Previous month"))
        self._ahead.set_label(_("Next month"))
        self.days.setAccessibleName(_("Calendar, {days}").format(days=format_date(self.days.month, "month")))
        self.days.update()

    def set_shown(self, first: date, last: date, day: date) -> None:
        """Mark the days that the view shows, and turn to the month of ``day``."""
        self.days.shown, self.days.day = (first, last), day
        if (day.year, day.month) != (self.days.month.year, self.days.month.month):
            self.days.month = day.replace(day=1)
        self.retranslate()

    def set_busy(self, days: Iterable[date]) -> None:
        """The days that get a dot."""
        self.days.busy = frozenset(days)
        self.days.update()

    def shown_days(self) -> tuple[date, date]:
        """The first and last day that the page shows."""
        weeks = self.days.weeks()
        return weeks[0], weeks[-1] + timedelta(days=6)

    def _turn(self, months: int) -> None:
        count = self.days.month.year * 12 + self.days.month.month - 1 + months
        self.days.month = date(count // 12, count % 12 + 1, 1)
        self.retranslate()
        self.month_shown.emit(self.days.month)

    def _on_chosen(self, day: date) -> None:
        if (day.year, day.month) != (self.days.month.year, self.days.month.month):
            self.days.month = day.replace(day=1)
            self.retranslate()
            self.month_shown.emit(self.days.month)
        self.day_chosen.emit(day)
