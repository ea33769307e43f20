"""Events as lines of a list, under the names of their days: for the agenda and for one day in full."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import format_date
from crm_desktop.core.i18n import _
from ui.calendar.items import CalendarItem, clock_text, on_day, spoken
from ui.calendar.paint import ink_name, paint_bar, title_font
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.places import kept_place
from ui.widgets.themed import on_theme

_Index = QModelIndex | QPersistentModelIndex
_HEADING, _BAR, _LINE = 36, 28, 48


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the heading of a day, where ``item`` is None, or an event of that day."""

    day: date
    item: CalendarItem | None = None


class ItemListModel(QAbstractListModel):
    """The lines of some days."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def set_days(self, items: Sequence[CalendarItem], days: Sequence[date], *, headings: bool) -> None:
        """Show the events of these days; with ``headings`` under the name of each day that has any."""
        lines: list[Line] = []
        for day in days:
            found = on_day(items, day)
            if headings and found:
                lines.append(Line(day))
            lines += [Line(day, item) for item in found]
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.item.title if line.item else format_date(line.day, "full")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(line.item) if line.item else format_date(line.day, "full")
        if role == Qt.ItemDataRole.ToolTipRole and line.item:
            return spoken(line.item).replace("; ", "\n")
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and self.lines[index.row()].item is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ItemDelegate(QStyledItemDelegate):
    """Paints the lines: time, edge in the colour of the type, title, and a second line."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line: Line = index.data(Qt.ItemDataRole.UserRole)
        height = _HEADING if line.item is None else _BAR if line.item.is_bar else _LINE
        return QSize(px(200), px(height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line: Line = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        painter.save()
        painter.setLayoutDirection(option.direction)
        if line.item is None:
            self._paint_heading(painter, rect, line.day)
        else:
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            over = bool(option.state & QStyle.StateFlag.State_MouseOver)
            if selected or over:
                fill_round(painter, rect.adjusted(px(8), 0, -px(8), 0), px(6), "accent-soft" if selected else "hover")
            if line.item.is_bar:
                bar = rect.adjusted(px(16), px(2), -px(16), -px(2))
                paint_bar(painter, bar, line.item, _bar_text(line.item, line.day), selected=selected and focused)
            else:
                self._paint_line(painter, rect, line.item, line.day)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, day: date) -> None:
        painter.fillRect(rect, theme().color("surface"))
        today = clock.now().astimezone(self.zone).date()
        ink = "accent" if day == today else "text"
        area = rect.adjusted(px(16), px(10), -px(16), 0)
        text = format_date(day, "full")
        draw_text(painter, area, text, "strong", ink)
        near = {today: _("today"), today + timedelta(days=1): _("tomorrow")}.get(day)
        if near:
            offset = text_width(text, "strong") + px(8)
            draw_text(painter, mirrored(area.adjusted(offset, 0, 0, 0), area, painter.layoutDirection()), near,
                      "secondary", "accent" if day == today else "text-muted")  # fmt: skip

    def _paint_line(self, painter: QPainter, rect: QRect, item: CalendarItem, day: date) -> None:
        direction = painter.layoutDirection()
        inner = rect.adjusted(px(16), 0, -px(16), 0)
        text = clock_text(item.start) if item.first_day == day else _("until {time}").format(time=clock_text(item.end))
        wide = max(px(40), text_width("00:00\u00a0AM" if "\u00a0" in text else text, "secondary") + 1)
        when = QRect(inner.left(), inner.top(), wide, inner.height())
        trailing = Qt.AlignmentFlag.AlignTrailing
        draw_text(painter, mirrored(when, rect, direction), text, "secondary", "text-muted", trailing)
        edge = QRect(when.right() + px(9), inner.center().y() - px(15), px(3), px(32))
        ink = ink_name(item.color_index)
        fill_round(painter, mirrored(edge, rect, direction), px(2), ink_name(item.hue_person or item.color_index))
        icon = QRect(inner.right() - px(14) + 1, inner.center().y() - px(7), px(14), px(14))
        name = "ph.check" if item.done else item.icon
        if name:
            paint_icon(painter, QRectF(mirrored(icon, rect, direction)), name, ink)
        left = edge.right() + px(9)
        body = QRect(left, inner.top(), icon.left() - px(8) - left, inner.height())
        first = QRect(body.left(), body.center().y() - px(18), body.width(), px(20))
        second = QRect(body.left(), first.bottom(), body.width(), px(16))
        draw_text(painter, mirrored(first, rect, direction), item.title, title_font(item, "name"))
        draw_text(painter, mirrored(second, rect, direction), _second_line(item), "secondary", "text-muted")


class ItemList(QListView):
    """A list of events; Enter or a double click opens one, Delete asks to delete it."""

    opened = Signal(object)
    delete_requested = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, zone: ZoneInfo, *, headings: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items = ItemListModel(self)
        self._headings = headings
        self.setModel(self.items)
        self.setItemDelegate(ItemDelegate(zone, self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.activated.connect(self._on_activated)
        self.doubleClicked.connect(self._on_activated)
        on_theme(self, self.doItemsLayout)

    def set_days(self, items: Sequence[CalendarItem], days: Sequence[date]) -> None:
        """Show the events of these days."""
        kept = self.current_key()
        with kept_place(self, self._key_of):
            self.items.set_days(items, days, headings=self._headings)
            self.select(kept)

    def _key_of(self, row: int) -> Hashable:
        line = self.items.lines[row]
        return (line.day, line.item.key if line.item else None)

    def current_key(self) -> Hashable | None:
        """The key of the chosen event."""
        line: Line | None = self.currentIndex().data(Qt.ItemDataRole.UserRole)
        return line.item.key if line and line.item else None

    def select(self, key: Hashable | None) -> None:
        """Choose an event."""
        for row, line in enumerate(self.items.lines):
            if key is not None and line.item is not None and line.item.key == key:
                self.setCurrentIndex(self.items.index(row))
                return

    def select_first(self) -> None:
        """Choose the first event, for somebody who comes in by the keys."""
        row = next((row for row, line in enumerate(self.items.lines) if line.item), -1)
        if row >= 0 and not self.currentIndex().isValid():
            self.setCurrentIndex(self.items.index(row))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        key = self.current_key()
        if key is not None:
            self.menu_requested.emit(key, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and key is not None:
            self.delete_requested.emit(key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and key is not None:
            self.opened.emit(key)
        else:
            super().keyPressEvent(event)

    def _on_activated(self, index: QModelIndex) -> None:
        line: Line | None = index.data(Qt.ItemDataRole.UserRole)
        if line is not None and line.item is not None:
            self.opened.emit(line.item.key)


def _bar_text(item: CalendarItem, day: date) -> str:
    if item.last_day > day:
        return _("{title}, until {date}").format(title=item.title, date=format_date(item.last_day, "day_month"))
    return item.title


def _second_line(item: CalendarItem) -> str:
    parts = [_("until {time}").format(time=clock_text(item.end)) if item.end > item.start else "", item.subtitle]
    if item.recurring:
        parts.append(_("repeats"))
    if item.done:
        parts.append(_("done"))
    return ", ".join(part for part in parts if part)
