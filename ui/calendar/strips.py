"""The strips above the hours: the names of the days, and the events of whole days."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import weekday_names
from crm_desktop.core.i18n import _
from ui.calendar.canvas import gutter_width
from ui.calendar.grid import day_range
from ui.calendar.items import CalendarItem, spoken
from ui.calendar.layout import Bar, Columns, columns, pack_bars
from ui.calendar.paint import paint_bar
from ui.framework.retranslate import on_language_change
from ui.theme.paint import draw_text, fill_round, text_width
from ui.theme.theme import px, theme

_HEADER = 44
_BAR = 22
_BAR_STEP = 24
_MOST_ROWS = 5


class DaysView(QWidget):
    """What the strips need to know of the view they belong to."""

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone or clock.local_zone()
        self.days: list[date] = [clock.now().astimezone(self.zone).date()]

    def grid_width(self) -> int:
        """The width of the hours below, without the scroll bar."""
        return self.width()

    def focus_hours(self) -> None:
        """Give the keys to the hours."""


class Strip(QWidget):
    """A strip above the hours whose columns line up with them."""

    def __init__(self, view: DaysView) -> None:
        super().__init__(view)
        self.view = view
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def strip_columns(self) -> Columns:
        """The columns of the hours below, whose width leaves room for the scroll bar."""
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return columns(self.view.days, gutter_width(), self.view.grid_width(), mirrored=right_to_left)

    def offset(self) -> int:
        """How far the hours are from the left edge; the scroll bar is there where one reads from right to left."""
        return self.width() - self.view.grid_width() if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 0


class DayHeader(Strip):
    """The names and numbers of the days; a click opens a day."""

    day_clicked = Signal(object)

    def sizeHint(self) -> QSize:
        return QSize(px(400), px(_HEADER))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grid = self.strip_columns()
        self.day_clicked.emit(grid.days[grid.index_at(event.position().toPoint().x() - self.offset())])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(QRect(0, 0, self.width(), 1), theme().color("border"))
        painter.translate(self.offset(), 0)
        grid = self.strip_columns()
        today = clock.now().astimezone(self.view.zone).date()
        for index, day in enumerate(grid.days):
            self._paint_day(painter, grid, index, day, day == today)

    def _paint_day(self, painter: QPainter, grid: Columns, index: int, day: date, today: bool) -> None:
        left, width = grid.span(index)
        x = left + width if grid.mirrored else left
        painter.fillRect(QRect(x, 0, 1, self.height()), theme().color("border"))
        name = weekday_names(short=True)[day.weekday()]
        role = theme().font("secondary-strong" if today else "secondary")
        number_font = theme().font_px(16, 600)
        number = str(day.day)
        circle = max(px(28), text_width(number, number_font) + px(8))
        room = width - px(12) - px(4)
        name_width = min(text_width(name, role) + 1, max(0, room - circle - px(4)))
        gap = min(px(8), max(px(2), room - circle - name_width))
        start = left + px(12)
        name_rect = QRect(start, 0, name_width, self.height())
        circle_rect = QRect(start + name_width + gap, (self.height() - px(28)) // 2 + 1, circle, px(28))
        if grid.mirrored:
            name_rect.moveRight(2 * left + width - 1 - name_rect.left())
            circle_rect.moveRight(2 * left + width - 1 - circle_rect.left())
        draw_text(painter, name_rect, name, role, "accent" if today else "text-muted")
        if today:
            fill_round(painter, QRectF(circle_rect), px(14), "accent")
        ink = "on-accent" if today else "text"
        draw_text(painter, circle_rect, number, number_font, ink, Qt.AlignmentFlag.AlignCenter, elide=False)


class AllDayRow(Strip):
    """The events of whole days, in as many rows as they need."""

    opened = Signal(object)
    create_requested = Signal(object, object, bool)
    delete_requested = Signal(object)
    moved = Signal(object, object, object)
    menu_requested = Signal(object, object)

    def __init__(self, view: DaysView) -> None:
        super().__init__(view)
        self.items: list[CalendarItem] = []
        self.selected_key: Hashable | None = None
        self._pressed: tuple[CalendarItem, int] | None = None
        self._shift = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        on_language_change(self, self._name)
        self._name()

    def _name(self) -> None:
        self.setAccessibleName(_("All-day events"))
        self.update()

    def set_items(self, items: Sequence[CalendarItem]) -> None:
        """Show these events of whole days."""
        self.items = list(items)
        if self.selected_key not in {item.key for item in items}:
            self.selected_key = None
        self.updateGeometry()
        self.update()

    def bars(self) -> list[tuple[Bar, QRect]]:
        """The bars with their rectangles."""
        grid = self.strip_columns()
        ranges = [(item.first_day, item.last_day) for item in self.items]
        placed = []
        for bar in pack_bars(ranges, grid.days[0], len(grid.days)):
            left, width = grid.span(bar.first, bar.last)
            top = px(4) + bar.row * px(_BAR_STEP) + 1
            placed.append((bar, QRect(left + px(4) + self.offset(), top, width - px(8), px(_BAR))))
        return placed

    def sizeHint(self) -> QSize:
        ranges = [(item.first_day, item.last_day) for item in self.items]
        rows = max((bar.row + 1 for bar in pack_bars(ranges, self.view.days[0], len(self.view.days))), default=1)
        return QSize(px(400), min(rows, _MOST_ROWS) * px(_BAR_STEP) + px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(QRect(0, 0, self.width(), 1), theme().color("border"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme().color("border-strong"))
        grid = self.strip_columns()
        x = self.offset() + (self.view.grid_width() - grid.gutter if grid.mirrored else 0)
        label = QRect(x, px(4), grid.gutter - px(6), px(_BAR))
        draw_text(painter, label, _("all day"), theme().font("key"), "text-muted", Qt.AlignmentFlag.AlignTrailing)
        edge = x if grid.mirrored else grid.gutter
        painter.fillRect(QRect(edge, 0, 1, self.height()), theme().color("border"))
        for bar, rect in self.bars():
            item = self.items[bar.index]
            if self._pressed and self._shift and self._pressed[0].key == item.key:
                painter.setOpacity(0.45)
            chosen = item.key == self.selected_key and self.hasFocus()
            paint_bar(painter, rect, item, item.title, begins=bar.begins, ends=bar.ends, selected=chosen)
            painter.setOpacity(1.0)

    def item_at(self, point: QPoint) -> CalendarItem | None:
        """The event under a point."""
        return next((self.items[bar.index] for bar, rect in self.bars() if rect.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        item = self.item_at(point)
        self._select(item.key if item else None)
        if item is not None and item.editable:
            self._pressed = (item, self._column(point))
        self._shift = 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            self._shift = self._column(event.position().toPoint()) - self._pressed[1]
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is not None and self._shift:
            self._move(pressed[0], self._shift)
        self._shift = 0
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        item = self.item_at(point)
        if item is not None:
            self.opened.emit(item.key)
            return
        day = self.view.days[self._column(point)]
        self.create_requested.emit(*day_range(day, day, self.view.zone), True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.item_at(event.pos())
        key = item.key if item is not None else self.selected_key
        if key is not None:
            self._select(key)
            self.menu_requested.emit(key, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = [self.items[bar.index].key for bar, _rect in sorted(self.bars(), key=lambda one: one[0].first)]
        at = keys.index(self.selected_key) if self.selected_key in keys else -1
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and keys and event.modifiers() & Qt.KeyboardModifier.AltModifier and at >= 0:
            chosen = next(item for item in self.items if item.key == keys[at])
            if chosen.editable:
                self._move(chosen, step)
        elif step and keys:
            self._select(keys[max(0, min(len(keys) - 1, at + step))])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at >= 0:
            self.opened.emit(self.selected_key)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and at >= 0:
            self.delete_requested.emit(self.selected_key)
        elif event.key() == Qt.Key.Key_Down:
            self.view.focus_hours()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            item = self.item_at(event.pos())
            QToolTip.showText(event.globalPos(), spoken(item).replace("; ", "\n") if item else "", self)
            return True
        return super().event(event)

    def _move(self, item: CalendarItem, days: int) -> None:
        first = date.fromordinal(item.first_day.toordinal() + days)
        if item.all_day:
            last = date.fromordinal(item.last_day.toordinal() + days)
            self.moved.emit(item.key, *day_range(first, last, self.view.zone))
        else:
            start, end = (
                datetime.combine(date.fromordinal(one.toordinal() + days), one.time(), one.tzinfo)
                for one in (item.start, item.end)
            )
            self.moved.emit(item.key, start, end)

    def _column(self, point: QPoint) -> int:
        return self.strip_columns().index_at(point.x() - self.offset())

    def _select(self, key: Hashable | None) -> None:
        self.selected_key = key
        item = next((one for one in self.items if one.key == key), None)
        self.setAccessibleDescription(spoken(item) if item else "")
        self.update()
