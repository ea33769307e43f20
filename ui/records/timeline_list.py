"""The list of a timeline: entries of any height under day headings, painted by a delegate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from crm_desktop.core import clock, formats
from ui.records.timeline_data import Entry
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
_SIDE = 24
_DOT = 28
_GAP = 12
_LINE = 20
_CHIP = 24
_ROLES = {"strong": "strong", "body": "body", "muted": "body"}
_INKS = {"strong": "text", "body": "text", "muted": "text-muted"}


@dataclass(frozen=True)
class Heading:
    """A day over its entries."""

    text: str


Item = Entry | Heading


def with_headings(entries: Sequence[Entry]) -> list[Item]:
    """Entries under their days."""
    items: list[Item] = []
    last = None
    for one in entries:
        day = one.at.astimezone(clock.local_zone()).date() if one.at.tzinfo else one.at.date()
        if day != last:
            items.append(Heading(_day_words(day)))
            last = day
        items.append(one)
    return items


def _day_words(day: Any) -> str:
    distance = (clock.today() - day).days
    if -1 <= distance <= 1:
        text = formats.format_relative(day)
        return text[:1].upper() + text[1:]
    return formats.format_date(day, "long")


class TimelineModel(QAbstractListModel):
    """The items of a timeline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items: list[Item] = []

    def set_items(self, items: Sequence[Item]) -> None:
        """Show other items."""
        self.beginResetModel()
        self.items = list(items)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.items[index.row()], Heading):
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (
                formats.format_datetime(item.at)
                if role == Qt.ItemDataRole.ToolTipRole and isinstance(item, Entry)
                else None
            )
        if isinstance(item, Heading):
            return item.text
        line = " ".join(text for text, _role in item.runs)
        return f"{line}: {item.body}" if item.body else line


class TimelineDelegate(QStyledItemDelegate):
    """Paints a heading, or an entry: dot with icon, first line with the time at its end, text, link."""

    def __init__(self, view: TimelineList) -> None:
        super().__init__(view)
        self._view = view
        self._heights: dict[tuple[Any, int], int] = {}

    def forget(self) -> None:
        """The widths or fonts changed."""
        self._heights.clear()

    def item(self, index: Index) -> Item:
        """The item of an index."""
        return self._view.timeline.items[index.row()]

    def _text_rect(self, body: str, width: int) -> QRect:
        metrics = QFontMetrics(theme().font("body"))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
        return metrics.boundingRect(QRect(0, 0, max(width, px(80)), 100_000), flags, body)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        item = self.item(index)
        if isinstance(item, Heading):
            return QSize(width, px(36))
        key = (item.key, width)
        height = self._heights.get(key)
        if height is None:
            height = px(12) + px(_DOT)
            room = width - px(_SIDE * 2 + _DOT + _GAP)
            if item.body:
                height += self._text_rect(item.body, room).height() - px(2)
            if item.link is not None or item.source:
                height += px(_CHIP + 4)
            self._heights[key] = height
        return QSize(width, height)

    def link_rect(self, rect: QRect, entry: Entry) -> QRect:
        """Where the link of an entry is."""
        if entry.link is None:
            return QRect()
        left = rect.left() + px(_SIDE + _DOT + _GAP)
        width = min(text_width(entry.link[2], "secondary") + px(16 + 20), rect.right() - px(_SIDE) - left)
        box = QRect(left, rect.bottom() - px(6 + _CHIP) + 1, width, px(_CHIP))
        return mirrored(box, rect, self._view.layoutDirection())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, item = QRect(option.rect), self.item(index)
        painter.save()
        direction = self._view.layoutDirection()
        if isinstance(item, Heading):
            row = rect.adjusted(px(_SIDE), px(16), -px(_SIDE), -px(4))
            draw_text(painter, row, item.text, "secondary-strong", "text-muted")
            painter.restore()
            return
        if self._view.hasFocus() and index == self._view.currentIndex():
            frame_round(painter, rect.adjusted(px(16), 1, -px(16), -1), px(6), "focus")
        elif index.row() == self._view.hovered:
            fill_round(painter, rect.adjusted(px(16), 1, -px(16), -1), px(6), "hover")
        dot = mirrored(QRect(rect.left() + px(_SIDE), rect.top() + px(6), px(_DOT), px(_DOT)), rect, direction)
        fill_round(painter, dot, px(_DOT) / 2, f"hue-{item.hue}")
        side = px(16)
        spot = QRectF(dot.center().x() + 0.5 - side / 2, dot.center().y() + 0.5 - side / 2, side, side)
        paint_icon(painter, spot, item.icon, f"hue-{item.hue}-ink")
        left = px(_SIDE + _DOT + _GAP)
        first = QRect(rect.left() + left, rect.top() + px(6), rect.width() - left - px(_SIDE), px(_DOT))
        when = formats.format_time(item.at)
        used = text_width(when, "secondary")
        box = mirrored(QRect(first.right() + 1 - used, first.top(), used, first.height()), rect, direction)
        draw_text(painter, box, when, "secondary", "text-muted", elide=False)
        self._paint_runs(painter, first.adjusted(0, 0, -used - px(8), 0), rect, item)
        if item.body:
            room = QRect(
                first.left(), first.bottom() - px(1), first.width(), self._text_rect(item.body, first.width()).height()
            )
            painter.setFont(theme().font("body"))
            painter.setPen(theme().color("text-muted" if item.kind == "change" else "text"))
            painter.drawText(
                mirrored(room, rect, direction), int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), item.body
            )
        self._paint_link(painter, rect, item)
        painter.restore()

    def _paint_runs(self, painter: QPainter, row: QRect, rect: QRect, item: Entry) -> None:
        x = row.left()
        for text, role in item.runs:
            room = row.right() + 1 - x
            if room < px(16):
                return
            width = min(text_width(text, _ROLES[role]) + 1, room)
            spot = mirrored(QRect(x, row.top(), width, row.height()), rect, self._view.layoutDirection())
            draw_text(painter, spot, text, _ROLES[role], _INKS[role])
            x += width + px(4)

    def _paint_link(self, painter: QPainter, rect: QRect, item: Entry) -> None:
        box = self.link_rect(rect, item)
        if item.link is not None:
            frame_round(painter, box, px(6), "border", "raised")
            side = px(14)
            spot = QRect(box.left() + px(8), box.center().y() - side // 2 + 1, side, side)
            direction = self._view.layoutDirection()
            paint_icon(
                painter, QRectF(mirrored(spot, box, direction)), self._view.entity_icon(item.link[0]), "text-muted"
            )
            inner = mirrored(box.adjusted(px(28), 0, -px(8), 0), box, direction)
            draw_text(painter, inner, item.link[2], "secondary", "text")
        if item.source:
            left = box.right() + px(8) if item.link is not None else rect.left() + px(_SIDE + _DOT + _GAP)
            row = QRect(left, rect.bottom() - px(6 + _CHIP) + 1, rect.right() - px(_SIDE) - left, px(_CHIP))
            draw_text(painter, row, item.source, "secondary", "text-muted")


class TimelineList(QListView):
    """The list. A click on a link sends ``link_activated``; a right click, or the menu key, ``menu_requested``."""

    reached_end = Signal()
    link_activated = Signal(str, object)
    menu_requested = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self.icons: dict[str, str] = {"deal": "ph.columns", "case": "ph.lifebuoy", "company": "ph.buildings"}
        self.timeline = TimelineModel(self)
        self.painter = TimelineDelegate(self)
        self.setModel(self.timeline)
        self.setItemDelegate(self.painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        on_theme(self, self._relayout)

    def entity_icon(self, entity: str) -> str:
        """The icon of a record type."""
        return self.icons.get(entity, "ph.arrow-square-out")

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries; the place stays."""
        items = with_headings(entries)
        if items == self.timeline.items:
            return
        place = self.verticalScrollBar().value()
        self.painter.forget()
        self.timeline.set_items(items)
        self.doItemsLayout()
        self.verticalScrollBar().setValue(place)

    def entries(self) -> list[Entry]:
        """The entries shown."""
        return [item for item in self.timeline.items if isinstance(item, Entry)]

    def _relayout(self) -> None:
        self.painter.forget()
        self.doItemsLayout()

    def resizeEvent(self, event: Any) -> None:
        self.painter.forget()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _on_scrolled(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - px(300):
            self.reached_end.emit()

    def _entry_at(self, spot: QPoint) -> tuple[Entry | None, QModelIndex]:
        index = self.indexAt(spot)
        item = self.timeline.items[index.row()] if index.isValid() else None
        return (item if isinstance(item, Entry) else None), index

    def _on_menu(self, spot: QPoint) -> None:
        entry, _index = self._entry_at(spot)
        if entry is not None:
            self.menu_requested.emit(entry, self.viewport().mapToGlobal(spot))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        entry, index = self._entry_at(event.position().toPoint())
        row = index.row() if entry is not None else -1
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()
        over = entry is not None and self.painter.link_rect(self.visualRect(index), entry).contains(
            event.position().toPoint()
        )
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = -1
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        spot = event.position().toPoint()
        entry, index = self._entry_at(spot)
        if entry is not None and entry.link is not None and event.button() == Qt.MouseButton.LeftButton:
            if self.painter.link_rect(self.visualRect(index), entry).contains(spot):
                self.link_activated.emit(entry.link[0], entry.link[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        entry, _index = self._entry_at(event.position().toPoint())
        if entry is None or not self._open(entry):
            super().mouseDoubleClickEvent(event)

    def _open(self, entry: Entry) -> bool:
        target = entry.target or entry.link
        if target is not None:
            self.link_activated.emit(target[0], target[1])
        return target is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        item = self.timeline.items[index.row()] if index.isValid() else None
        if isinstance(item, Entry) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._open(item):
                self.menu_requested.emit(item, self.viewport().mapToGlobal(self.visualRect(index).center()))
            return
        super().keyPressEvent(event)
