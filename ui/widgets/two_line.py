"""Lists of two lines a row: title and subtitle, check box or avatar before, badge or figures after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, start_edge, text_width
from ui.theme.style import draw_check
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.places import kept_place
from ui.widgets.roles import Role
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
Trailing = tuple[str, str, str]


@dataclass
class Line:
    """A row of a TwoLineList. ``checked`` None means no check box; trailing texts are (text, token, icon)."""

    key: Any
    title: str
    subtitle: str = ""
    checked: bool | None = None
    avatar: str = ""
    icon: str = ""
    icon_color: str = "text-muted"
    title_icon: str = ""
    title_font: str = "name"
    title_color: str = "text"
    badge: tuple[str, str, str] | None = None
    trailing: Trailing | None = None
    trailing_sub: Trailing | None = None
    bar: tuple[float, str] | None = None
    button: str = ""
    tooltip: str = ""
    data: Any = field(default=None, compare=False)


class LineModel(QAbstractListModel):
    """The rows of a TwoLineList."""

    def __init__(self, lines: Sequence[Line] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = list(lines)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()

    def line(self, row: int) -> Line:
        """The row at a position."""
        return self._lines[row]

    def lines(self) -> list[Line]:
        """All rows."""
        return list(self._lines)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            if line.checked is None:
                return None
            return Qt.CheckState.Checked if line.checked else Qt.CheckState.Unchecked
        values = {
            Qt.ItemDataRole.DisplayRole: line.title,
            Qt.ItemDataRole.ToolTipRole: line.tooltip or None,
            Qt.ItemDataRole.AccessibleTextRole: f"{line.title}, {line.subtitle}",
            Role.SUBTITLE: line.subtitle,
            Role.AVATAR: line.avatar or None,
            Role.ICON: (line.icon, line.icon_color) if line.icon else None,
            Role.TITLE_ICON: line.title_icon,
            Role.FONT: line.title_font,
            Role.COLOR: line.title_color,
            Role.BADGE: line.badge,
            Role.TRAILING: line.trailing,
            Role.TRAILING_SUB: line.trailing_sub,
            Role.BAR: line.bar,
            Role.BUTTON: line.button,
            Role.KEY: line.key,
        }
        return values.get(role)  # type: ignore[call-overload]


class TwoLineDelegate(QStyledItemDelegate):
    """Paints a row of two lines, 52 high; padding 16 at both ends."""

    def __init__(self, view: QAbstractItemView, height: int = 52) -> None:
        super().__init__(view)
        self._view = view
        self.height = height
        self.padding = 16
        self.edge = False
        self.hovered_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(120), px(self.height))

    def check_rect(self, rect: QRect) -> QRect:
        """Where the check box is."""
        side = px(16)
        box = QRect(rect.left() + px(self.padding), rect.center().y() - side // 2, side, side)
        return mirrored(box, rect, self._view.layoutDirection())

    def button_rect(self, rect: QRect) -> QRect:
        """Where the small button at the end is."""
        side = px(28)
        box = QRect(rect.right() + 1 - px(self.padding) - side, rect.center().y() - side // 2, side, side)
        return mirrored(box, rect, self._view.layoutDirection())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = QRect(option.rect)
        self._background(painter, rect, index)
        direction = self._view.layoutDirection()
        left, right = px(self.padding), rect.width() - px(self.padding)
        left = self._leading(painter, rect, index, left)
        right = self._at_end(painter, rect, index, left, right)
        title_top = rect.center().y() - px(18)
        first = QRect(rect.left() + left, title_top, right - left, px(20))
        second = QRect(rect.left() + left, title_top + px(20), right - left, px(16))
        first = self._trailing(painter, rect, first, index.data(Role.TRAILING), "strong")
        second = self._trailing(painter, rect, second, index.data(Role.TRAILING_SUB), "secondary", index.data(Role.BAR))
        if not index.data(Role.SUBTITLE) and index.data(Role.TRAILING_SUB) is None:
            first.moveTop(rect.center().y() - px(10))
        self._title(painter, rect, first, index)
        subtitle = str(index.data(Role.SUBTITLE) or "")
        draw_text(painter, mirrored(second, rect, direction), subtitle, "secondary", "text-muted")
        painter.restore()

    def _background(self, painter: QPainter, rect: QRect, index: Index) -> None:
        current = self.edge and index.row() == self._view.currentIndex().row()
        if current:
            painter.fillRect(rect, theme().color("accent-soft"))
            start_edge(painter, rect, px(3), "accent", self._view.layoutDirection())
        elif index.row() == self.hovered_row:
            painter.fillRect(rect, theme().color("hover"))
        if index.row() < index.model().rowCount() - 1:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("border"))
        if not self.edge and self._view.hasFocus() and index.row() == self._view.currentIndex().row():
            frame_round(painter, rect.adjusted(1, 1, -1, -2), px(4), "focus")

    def _leading(self, painter: QPainter, rect: QRect, index: Index, left: int) -> int:
        direction = self._view.layoutDirection()
        state, avatar, icon = (
            index.data(Qt.ItemDataRole.CheckStateRole),
            index.data(Role.AVATAR),
            index.data(Role.ICON),
        )
        if state is not None:
            draw_check(theme(), painter, self.check_rect(rect), Qt.CheckState(state))
            left += px(28)
        if avatar:
            side = px(28)
            box = QRect(rect.left() + left, rect.center().y() - side // 2, side, side)
            paint_avatar(painter, QRectF(mirrored(box, rect, direction)), avatar)
            left += side + px(12)
        elif icon:
            side = px(16)
            box = QRect(rect.left() + left, rect.center().y() - side // 2, side, side)
            paint_icon(painter, QRectF(mirrored(box, rect, direction)), icon[0], icon[1])
            left += side + px(12)
        return left

    def _at_end(self, painter: QPainter, rect: QRect, index: Index, left: int, right: int) -> int:
        """The button and the badge at the end; returns where the text has to stop."""
        button, badge = index.data(Role.BUTTON), index.data(Role.BADGE)
        if button:
            box = self.button_rect(rect)
            frame_round(painter, box, px(6), "border-strong", "raised")
            side = px(16)
            spot = QRectF(box.center().x() + 0.5 - side / 2, box.center().y() + 0.5 - side / 2, side, side)
            paint_icon(painter, spot, button, "text")
            right -= px(28 + 12)
        if badge:
            size = badge_size(badge[0], badge[2] if len(badge) > 2 else "")
            at = QRect(rect.left() + right - size.width(), rect.center().y() - size.height() // 2, 0, 0)
            at.setSize(size)
            spot = QRectF(mirrored(at, rect, self._view.layoutDirection()))
            paint_badge(painter, spot, badge[0], badge[1], badge[2] if len(badge) > 2 else "")
            right -= size.width() + px(12)
        return max(right, left)

    def _trailing(
        self,
        painter: QPainter,
        rect: QRect,
        row: QRect,
        value: Trailing | None,
        role: str,
        bar: tuple[float, str] | None = None,
    ) -> QRect:
        """Draw what stands at the end of a line; returns what is left of it."""
        direction = self._view.layoutDirection()
        rest = QRect(row)
        if bar:
            track = QRect(rest.right() + 1 - px(72), rest.center().y() - px(2) + 1, px(72), px(4))
            fill_round(painter, mirrored(track, rect, direction), px(2), "hover")
            done = QRect(track.left(), track.top(), round(track.width() * min(max(bar[0], 0.0), 1.0)), track.height())
            fill_round(painter, mirrored(done, rect, direction), px(2), bar[1])
            rest.setRight(track.left() - px(8))
        if value:
            text, color, icon = value
            width = text_width(text, role) + 1
            spot = QRect(rest.right() + 1 - width, rest.top(), width, rest.height())
            draw_text(painter, mirrored(spot, rect, direction), text, role, color, elide=False)
            if icon:
                side = px(14)
                box = QRect(spot.left() - px(4) - side, rest.center().y() - side // 2 + 1, side, side)
                paint_icon(painter, QRectF(mirrored(box, rect, direction)), icon, color)
                width += px(4) + side
            rest.setRight(rest.right() - width - px(8))
        return rest

    def _title(self, painter: QPainter, rect: QRect, row: QRect, index: Index) -> None:
        direction = self._view.layoutDirection()
        icon = index.data(Role.TITLE_ICON)
        room = row.adjusted(0, 0, -px(20) if icon else 0, 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        role, color = index.data(Role.FONT) or "name", index.data(Role.COLOR) or "text"
        used = min(text_width(text, role), room.width())
        draw_text(painter, mirrored(room, rect, direction), text, role, color)
        if icon:
            side = px(14)
            box = QRect(row.left() + used + px(6), row.center().y() - side // 2 + 1, side, side)
            paint_icon(painter, QRectF(mirrored(box, rect, direction)), icon, "text-muted")


class TwoLineList(QListView):
    """A list of two-line rows.

    ``opened`` sends the key of a row that was double-clicked or opened by Enter (a single click with
    ``open_on_click``); ``toggled`` its key and whether its box is now to be on; ``button_clicked`` its key.
    ``edge`` marks the current row with the accent edge, as a queue beside a record does.
    """

    opened = Signal(object)
    toggled = Signal(object, bool)
    button_clicked = Signal(object)
    current_changed = Signal(object)

    def __init__(
        self,
        name: str = "",
        *,
        height: int = 52,
        edge: bool = False,
        open_on_click: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._open_on_click = open_on_click
        self._kept: Any = None
        self.identity: Callable[[Any], Any] = lambda key: key  # what of a key stays when the row's contents change
        self._lines = LineModel(parent=self)
        self._painter = TwoLineDelegate(self, height)
        self._painter.edge = edge
        self.setModel(self._lines)
        self.setItemDelegate(self._painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        on_theme(self, self.doItemsLayout)

    @property
    def delegate(self) -> TwoLineDelegate:
        """The delegate, to set ``padding``."""
        return self._painter

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these rows; the current one stays current where it is among them, also where something in it changed."""
        key = self.current_key()
        wanted = None if key is None else self.identity(key)
        with kept_place(self, lambda row: self.identity(self._lines.line(row).key)):
            self._lines.set_lines(lines)
            same = next((one.key for one in lines if wanted is not None and self.identity(one.key) == wanted), None)
            self._kept = same
            self.set_current_key(same)
        self._kept = None

    def lines(self) -> list[Line]:
        """The rows shown."""
        return self._lines.lines()

    def current_key(self) -> Any:
        """The key of the current row, or None."""
        row = self.currentIndex().row()
        return self._lines.line(row).key if row >= 0 else None

    def set_current_key(self, key: Any) -> None:
        """Make the row with a key current."""
        for row, line in enumerate(self._lines.lines()):
            if line.key == key and key is not None:
                self.setCurrentIndex(self._lines.index(row))

    def content_height(self) -> int:
        """The height that shows all rows without scrolling, in logical pixels."""
        return self._lines.rowCount() * px(self._painter.height)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        key = self._lines.line(current.row()).key if current.isValid() else None
        if key is not None and key != self._kept:
            self.current_changed.emit(key)

    def _open(self, row: int) -> None:
        if row >= 0:
            self.opened.emit(self._lines.line(row).key)

    def _toggle(self, row: int) -> None:
        line = self._lines.line(row)
        if line.checked is not None:
            self.toggled.emit(line.key, not line.checked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            rect, spot = self.visualRect(index), event.position().toPoint()
            line = self._lines.line(index.row())
            if line.checked is not None and self._painter.check_rect(rect).adjusted(-8, -8, 8, 8).contains(spot):
                self._toggle(index.row())
                return
            if line.button and self._painter.button_rect(rect).contains(spot):
                self.button_clicked.emit(line.key)
                return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if self._open_on_click and index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            if index == self.currentIndex():
                self._open(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._painter.hovered_row:
            self._painter.hovered_row = row
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self._open(row)
        elif event.key() == Qt.Key.Key_Space and row >= 0:
            self._toggle(row)
        else:
            super().keyPressEvent(event)
