"""The list of the queue: 80 px a case, with the time that is left to its next deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from crm_desktop.cases.queries import QueueRow
from crm_desktop.cases.words import clock_name, clock_note, priority_text, status_text
from crm_desktop.core.formats import format_relative
from crm_desktop.core.i18n import _
from ui.cases.looks import PRIORITY_ICONS, STATUS_ICONS, STATUS_KINDS, Badge, clock_badge
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, mirrored, start_edge, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.places import kept_place
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
_ROW = 80


@dataclass(frozen=True)
class QueueItem:
    """A case as the queue shows it."""

    id: int
    number: str
    subject: str
    who: str
    priority: str
    owner: str
    badge: Badge | None
    tooltip: str = ""
    urgent: bool = False
    overdue: bool = False
    status: str = "open"

    @property
    def spoken(self) -> str:
        """Everything in one line, for screen readers."""
        badge = self.badge[0] if self.badge else ""
        parts = [self.subject, self.number, self.who, priority_text(self.priority), badge, self.tooltip]
        return "; ".join(part for part in parts if part)


def item_of(row: QueueRow) -> QueueItem:
    """An open case."""
    clock = row.clock
    tooltip = f"{clock_name(clock.kind)}: {clock_note(clock)}" if clock.state != "none" else _("No deadline")
    return QueueItem(
        row.id, row.number, row.subject, row.company or row.contact, row.priority, row.owner, clock_badge(clock),
        tooltip, clock.urgent, clock.state == "overdue", row.status,
    )  # fmt: skip


def closed_item(
    identity: int, number: str, subject: str, who: str, priority: str, owner: str, status: str, at: datetime | None
) -> QueueItem:
    """A case that is solved or closed."""
    badge = (status_text(status), STATUS_KINDS[status], STATUS_ICONS[status])
    return QueueItem(identity, number, subject, who, priority, owner, badge, format_relative(at), status=status)


class QueueModel(QAbstractListModel):
    """The cases shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items: list[QueueItem] = []

    def set_items(self, items: Sequence[QueueItem]) -> None:
        """Show these cases; where only their words changed, the list stays where it is."""
        new = list(items)
        if [one.id for one in new] == [one.id for one in self.items]:
            self.items = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self.beginResetModel()
        self.items = new
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.subject
        if role == Qt.ItemDataRole.UserRole:
            return item
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (item.subject, item.tooltip) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.spoken
        return None


class QueueDelegate(QStyledItemDelegate):
    """Paints a case: protocol, priority and time left; subject; customer and owner."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(200), px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: QueueItem = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setLayoutDirection(option.direction)
        if current:
            painter.fillRect(rect, theme().color("accent-soft"))
            start_edge(painter, rect, px(3), "accent", option.direction)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("border"))
        inner = rect.adjusted(px(16), px(9), -px(16), 0)
        self._paint_head(painter, QRect(inner.left(), inner.top(), inner.width(), px(18)), rect, item)
        second = QRect(inner.left(), inner.top() + px(20), inner.width(), px(20))
        draw_text(painter, second, item.subject, "strong" if current else "name")
        third = QRect(inner.left(), inner.top() + px(42), inner.width(), px(20))
        if item.owner:
            side = px(20)
            spot = QRect(third.right() + 1 - side, third.top(), side, side)
            paint_avatar(painter, QRectF(mirrored(spot, rect, option.direction)), item.owner)
            third.setRight(spot.left() - px(6))
        draw_text(painter, mirrored(third, rect, option.direction), item.who, "secondary", "text-muted")
        painter.restore()

    def _paint_head(self, painter: QPainter, row: QRect, rect: QRect, item: QueueItem) -> None:
        direction = painter.layoutDirection()
        if item.badge:
            text, kind, icon = item.badge
            size = badge_size(text, icon)
            spot = QRect(row.right() + 1 - size.width(), row.top(), size.width(), size.height())
            paint_badge(painter, QRectF(mirrored(spot, rect, direction)), text, kind, icon)
            row = row.adjusted(0, 0, -size.width() - px(8), 0)
        width = min(text_width(item.number, "secondary") + 1, row.width())
        number = QRect(row.left(), row.top(), width, row.height())
        draw_text(painter, mirrored(number, rect, direction), item.number, "secondary", "text-muted")
        left = number.right() + px(7)
        if item.priority == "normal" or row.right() - left < px(40):
            return
        color = "danger" if item.priority == "urgent" else "text-muted"
        mark = QRect(left, row.top() + px(2), px(14), px(14))
        paint_icon(painter, QRectF(mirrored(mark, rect, direction)), PRIORITY_ICONS[item.priority], color)
        rest = QRect(mark.right() + px(3), row.top(), row.right() - mark.right() - px(3), row.height())
        draw_text(painter, mirrored(rest, rect, direction), priority_text(item.priority), "secondary", color)


class QueueList(QListView):
    """The cases of the queue. ``chosen`` sends the id of the current one, ``opened`` on Enter or a double click."""

    chosen = Signal(object)
    opened = Signal(object)
    menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.queue = QueueModel(self)
        self.setModel(self.queue)
        self.setItemDelegate(QueueDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self._quiet = False
        self.doubleClicked.connect(lambda index: self.opened.emit(self.queue.items[index.row()].id))
        on_theme(self, self.doItemsLayout)

    def set_items(self, items: Sequence[QueueItem], *, stay: bool = False) -> None:
        """Show these cases; the current one stays current where it is among them.

        Args:
            stay: where it is not, none is current: somebody is writing in it.
        """
        kept, row = self.current_id(), self.currentIndex().row()
        self._quiet = True
        with kept_place(self, lambda number: self.queue.items[number].id):
            self.queue.set_items(items)
            found = kept is not None and self.select(kept)
        if kept is not None and not found and items and not stay:
            # what was answered leaves the list: go on with the one that took its place
            self._quiet = False
            self.setCurrentIndex(self.queue.index(min(max(row, 0), len(items) - 1)))
        self._quiet = False

    def current_id(self) -> int | None:
        """The id of the current case."""
        row = self.currentIndex().row()
        return self.queue.items[row].id if 0 <= row < len(self.queue.items) else None

    def select(self, identity: int) -> bool:
        """Make a case current; False where it is not shown."""
        for row, item in enumerate(self.queue.items):
            if item.id == identity:
                self.setCurrentIndex(self.queue.index(row))
                return True
        return False

    def step(self, by: int) -> None:
        """Go to the case above or below."""
        row = self.currentIndex().row() + by
        if 0 <= row < len(self.queue.items):
            self.setCurrentIndex(self.queue.index(row))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self._quiet:
            self.chosen.emit(self.queue.items[current.row()].id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.current_id() is not None:
            self.menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current_id()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
            self.opened.emit(current)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()
