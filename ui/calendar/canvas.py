"""The hours of some days, painted: closed hours, lines, events side by side, and the line of now."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.calendar.occurrences import to_utc, to_wall
from crm_desktop.core import clock
from ui.calendar.items import DAY_MINUTES, SNAP, WEEKEND, CalendarItem, at, clock_text, hour_text, minutes, span_on
from ui.calendar.layout import Columns, columns, lay_out
from ui.calendar.paint import paint_block, paint_preview
from ui.framework.retranslate import on_language_change
from ui.theme.paint import draw_text, fill_round, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

GUTTER = 56
HOUR = 48
_SHORTEST = 20
"""Minutes of height that the shortest event gets, so that its title can be read."""
_TODAY_SHARE = 0.4
_TICK_MS = 20_000


@dataclass(frozen=True, slots=True)
class Placed:
    """An event, or the part of it that falls on one day, and its rectangle."""

    item: CalendarItem
    column: int
    lane: int
    lanes: int
    rect: QRect


def gutter_width() -> int:
    """The width of the column of the hours, wide enough for the locale's way to write them."""
    widest = max(text_width(hour_text(hour), "secondary") for hour in (0, 10, 22))
    return max(px(GUTTER), widest + px(16))


class GridCanvas(QWidget):
    """Paints hours and events of one to seven days. What the mouse and the keys do is in :class:`TimeGrid`."""

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone or clock.local_zone()
        self.days: list[date] = [clock.now().astimezone(self.zone).date()]
        self.items: list[CalendarItem] = []
        self.open_hours = (8, 18)
        self.selected_key: Hashable | None = None
        self.cursor_day = 0
        self.cursor_minute = 9 * 60
        self._preview: tuple[CalendarItem, date, int, int] | None = None
        self._dimmed: Hashable | None = None
        self._placed: list[Placed] | None = None
        self._columns: Columns | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self.update)
        self._ticker.start()
        on_theme(self, self._on_look_changed)
        on_language_change(self, self._on_look_changed)

    def set_days(self, days: Sequence[date]) -> None:
        """Show these days, side by side."""
        self.days = list(days)
        self.cursor_day = min(self.cursor_day, len(self.days) - 1)
        self._forget_places()

    def set_items(self, items: Sequence[CalendarItem]) -> None:
        """Show these events; those of whole days belong to the row above and are left out here."""
        self.items = [item for item in items if not item.is_bar]
        if self.selected_key not in {item.key for item in self.items}:
            self.selected_key = None
        self._forget_places()

    def set_open_hours(self, opens: int, closes: int) -> None:
        """The hours in which the office works; the others are sunken."""
        self.open_hours = (opens, closes)
        self.update()

    def set_preview(self, preview: tuple[CalendarItem, date, int, int] | None, dimmed: Hashable | None = None) -> None:
        """Draw where an event would go (item, day, first minute, last minute), and fade the one it comes from."""
        self._preview, self._dimmed = preview, dimmed
        self.update()

    @property
    def hour_height(self) -> int:
        """Pixels of an hour."""
        return px(HOUR)

    def sizeHint(self) -> QSize:
        return QSize(px(640), 24 * self.hour_height + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), 24 * self.hour_height + 1)

    def grid_columns(self) -> Columns:
        """The columns as they are drawn."""
        if self._columns is None:
            right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            self._columns = columns(self.days, gutter_width(), self.width(), mirrored=right_to_left)
        return self._columns

    def places(self) -> list[Placed]:
        """Every event with its rectangle, in painting order."""
        if self._placed is None:
            self._placed = [placed for index in range(len(self.days)) for placed in self._place_day(index)]
        return self._placed

    def placed_at(self, position: QPoint) -> Placed | None:
        """The topmost event under a point."""
        return next((placed for placed in reversed(self.places()) if placed.rect.contains(position)), None)

    def y_of(self, minute: float) -> int:
        """The height of a minute of the day."""
        return round(minute * self.hour_height / 60)

    def minute_at(self, y: int, snap: int = SNAP) -> int:
        """The minute of the day at a height, rounded to ``snap`` minutes."""
        exact = y * 60 / self.hour_height
        return max(0, min(DAY_MINUTES, round(exact / snap) * snap))

    def slot_rect(self, column: int, first: int, last: int) -> QRect:
        """The rectangle of a stretch of a day across its whole column."""
        left, width = self.grid_columns().span(column)
        top = self.y_of(first)
        return QRect(left + px(4), top + 1, width - px(8), self.y_of(last) - top - 2)

    def moment(self, column: int, minute: int) -> datetime:
        """The aware time at a place of the grid."""
        return at(self.days[column], minute, self.zone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget_places()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._forget_places()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.fillRect(event.rect(), theme().color("surface"))
        for index in range(len(self.days)):
            self._paint_day(painter, index)
        self._paint_hours(painter)
        self._paint_cursor(painter)
        for placed in self.places():
            if placed.rect.intersects(event.rect()):
                self._paint_placed(painter, placed)
        self._paint_preview(painter)
        self._paint_now(painter)

    def _place_day(self, index: int) -> list[Placed]:
        day = self.days[index]
        found = [(item, span) for item in self.items if (span := span_on(item, day)) is not None]
        drawn = [_readable(span) for _item, span in found]
        left, width = self.grid_columns().span(index)
        inner, mirror = width - px(8), self.grid_columns().mirrored
        placed = []
        for (item, _span), (first, last), slot in zip(found, drawn, lay_out(drawn), strict=True):
            gap = px(2) if slot.left + slot.width < 0.999 else 0
            start = slot.left if not mirror else 1 - slot.left - slot.width
            x = left + px(4) + round(inner * start) + (gap if mirror else 0)
            top = self.y_of(first)
            rect = QRect(x, top + 1, round(inner * slot.width) - gap, self.y_of(last) - top - 2)
            placed.append(Placed(item, index, slot.lane, slot.lanes, rect))
        return sorted(placed, key=lambda one: (one.lane, one.rect.top()))

    def _paint_day(self, painter: QPainter, index: int) -> None:
        left, width = self.grid_columns().span(index)
        day = self.days[index]
        area = QRect(left, 0, width, self.height())
        sunken = theme().color("sunken")
        if day.weekday() in WEEKEND:
            painter.fillRect(area, sunken)
        else:
            opens, closes = self.open_hours
            painter.fillRect(QRect(left, 0, width, self.y_of(opens * 60)), sunken)
            painter.fillRect(QRect(left, self.y_of(closes * 60), width, self.height()), sunken)
        if day == clock.now().astimezone(self.zone).date():
            today = QColor(theme().color("accent-soft"))
            today.setAlphaF(_TODAY_SHARE)
            painter.fillRect(area, today)
        for first, last in skipped_minutes(day, self.zone):
            hatch = QBrush(theme().color("border-strong"), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(QRect(left, self.y_of(first), width, self.y_of(last) - self.y_of(first)), hatch)

    def _paint_hours(self, painter: QPainter) -> None:
        grid = self.grid_columns()
        border = theme().color("border")
        dotted = QPen(border, 1, Qt.PenStyle.DotLine)
        start, end = grid.gutter, self.width()
        if grid.mirrored:
            start, end = 0, self.width() - grid.gutter
        for hour in range(24):
            y = self.y_of(hour * 60)
            painter.setPen(border)
            painter.drawLine(start, y, end, y)
            painter.setPen(dotted)
            half = self.y_of(hour * 60 + 30)
            painter.drawLine(start, half, end, half)
            if hour:
                label = QRect(0 if not grid.mirrored else end + px(8), y - px(8), grid.gutter - px(8), px(16))
                draw_text(painter, label, hour_text(hour), "secondary", "text-muted", Qt.AlignmentFlag.AlignTrailing)
        painter.setPen(border)
        for index in range(len(self.days)):
            left, width = grid.span(index)
            x = left + width if grid.mirrored else left
            painter.drawLine(x, 0, x, self.height())

    def _paint_placed(self, painter: QPainter, placed: Placed) -> None:
        if placed.item.key == self._dimmed:
            painter.setOpacity(0.45)
        chosen = placed.item.key == self.selected_key
        paint_block(painter, placed.rect, placed.item, lanes=placed.lanes, selected=chosen)
        painter.setOpacity(1.0)

    def _paint_preview(self, painter: QPainter) -> None:
        if self._preview is None:
            return
        item, day, first, last = self._preview
        if day in self.days:
            paint_preview(painter, self.slot_rect(self.days.index(day), first, last), item)

    def _paint_cursor(self, painter: QPainter) -> None:
        if not self.hasFocus() or self.selected_key is not None or self._preview is not None:
            return
        rect = self.slot_rect(self.cursor_day, self.cursor_minute, self.cursor_minute + 30)
        fill_round(painter, rect, px(4), "focus")
        fill_round(painter, rect.adjusted(1, 1, -1, -1), px(3), "accent-soft")

    def _paint_now(self, painter: QPainter) -> None:
        now = clock.now().astimezone(self.zone)
        if now.date() not in self.days:
            return
        grid, danger = self.grid_columns(), theme().color("danger")
        y = self.y_of(minutes(now))
        faint = QColor(danger)
        faint.setAlphaF(0.35)
        first, last = (0, self.width() - grid.gutter) if grid.mirrored else (grid.gutter, self.width())
        painter.fillRect(QRect(first, y, last - first, 1), faint)
        left, width = grid.span(self.days.index(now.date()))
        painter.fillRect(QRect(left, y - 1, width, 2), danger)
        dot = px(4)
        fill_round(
            painter, QRectF((left + width if grid.mirrored else left) - dot, y - dot, 2 * dot, 2 * dot), dot, danger
        )
        text = clock_text(now)
        wide = text_width(text, "badge") + px(8)
        x = self.width() - grid.gutter + px(4) if grid.mirrored else grid.gutter - px(4) - wide
        label = QRect(x, y - px(9), wide, px(18))
        fill_round(painter, label, px(3), "surface")
        draw_text(painter, label, text, "badge", "danger", Qt.AlignmentFlag.AlignCenter)

    def _forget_places(self) -> None:
        self._placed = None
        self._columns = None
        self.update()

    def _on_look_changed(self) -> None:
        self._forget_places()
        self.updateGeometry()


def skipped_minutes(day: date, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The stretches of a day that the clock skips, where summer time begins, in minutes."""
    found: list[tuple[int, int]] = []
    midnight = datetime.combine(day, time())
    if to_utc(midnight + timedelta(days=1), zone) - to_utc(midnight, zone) == timedelta(days=1):
        return found
    for minute in range(0, DAY_MINUTES, SNAP):
        wall = midnight + timedelta(minutes=minute)
        if to_wall(to_utc(wall, zone), zone) != wall:
            if found and found[-1][1] == minute:
                found[-1] = (found[-1][0], minute + SNAP)
            else:
                found.append((minute, minute + SNAP))
    return found


def _readable(span: tuple[int, int]) -> tuple[int, int]:
    first, last = span
    if last - first >= _SHORTEST:
        return span
    first = min(first, DAY_MINUTES - _SHORTEST)
    return first, first + _SHORTEST
