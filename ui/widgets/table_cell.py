"""Paints the cells of tables: text, avatar, icon, badge, tags, bar, check box, and grey bars while loading."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, mirrored, start_edge, text_width
from ui.theme.style import draw_check
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.badges import badge_size, paint_badge, paint_tag, tag_size
from ui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Draws one cell from Qt's roles and those of :class:`Role`. Subclasses may override :meth:`paint_content`."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.hovered_row = -1
        self.check_column: int | None = None
        self.first_column = 0
        self.last_column = -1
        self._checked: tuple[int, bool] = (-1, False)
        self._roles: dict[int, frozenset[int] | None] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Width of the content, for fitting columns; height of a row."""
        width = px(16) + text_width(str(index.data() or ""), index.data(Role.FONT) or "body")
        width += px(28) if index.data(Role.AVATAR) else 0
        width += px(22) if index.data(Role.ICON) else 0
        badge = index.data(Role.BADGE)
        if badge:
            width += badge_size(badge[0], badge[2] if len(badge) > 2 else "").width() + px(8)
        width += sum(tag_size(text).width() + px(4) for text, _hue in index.data(Role.TAGS) or [])
        return QSize(width, px(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRect(option.rect)
        current = self.is_current(index)
        painter.save()
        self.paint_background(painter, rect, index, current, bool(option.state & QStyle.StateFlag.State_Selected))
        first = index.column() == self.first_column
        inner = rect.adjusted(px(16 if first else 8), 0, -px(12 if index.column() == self.last_column else 8), -1)
        inner = mirrored(inner, rect, option.direction)
        if self.ask(index, Role.LOADING):
            self._paint_loading(painter, inner, option, index)
        elif index.column() == self.check_column:
            self._paint_check(painter, inner, option, index)
        else:
            self.paint_content(painter, inner, option, index, current)
        painter.restore()

    def begin_paint(self) -> None:
        """Forget what was remembered while painting the last time."""
        self._checked = (-1, False)
        self._roles.clear()

    def ask(self, index: Index, role: Role) -> Any:
        """The data of a role, asked only where the model's ``column_roles(column)`` does not rule it out.

        A call into a Python model costs more than the painting, and most cells are only text.
        """
        column = index.column()
        if column not in self._roles:
            known = getattr(index.model(), "column_roles", None)
            self._roles[column] = known(column) if known is not None else None
        roles = self._roles[column]
        return index.data(role) if roles is None or role in roles else None

    def is_current(self, index: Index) -> bool:
        """Whether the row is the one whose record is shown."""
        return index.row() == self._view.currentIndex().row()

    def row_checked(self, index: Index) -> bool:
        """Whether the row's check box is on."""
        if self.check_column is None:
            return False
        row = index.row()
        if self._checked[0] != row:
            value = index.sibling(row, self.check_column).data(Qt.ItemDataRole.CheckStateRole)
            self._checked = (row, value is not None and Qt.CheckState(value) == Qt.CheckState.Checked)
        return self._checked[1]

    def paint_background(self, painter: QPainter, rect: QRect, index: Index, current: bool, selected: bool) -> None:
        """The row's fill, hairline, and edge where it is current."""
        given = index.data(Qt.ItemDataRole.BackgroundRole)
        if current or selected or self.row_checked(index):
            painter.fillRect(rect, theme().color("accent-soft"))
        elif index.row() == self.hovered_row:
            painter.fillRect(rect, theme().color("hover"))
        elif isinstance(given, QColor):
            painter.fillRect(rect, given)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("border"))
        if current and index.column() == self.first_column:
            start_edge(painter, rect, px(3), "accent", self._view.layoutDirection())

    def paint_content(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index, current: bool
    ) -> None:
        """What the cell says, into ``inner``."""
        tags = self.ask(index, Role.TAGS)
        bar = self.ask(index, Role.BAR)
        if tags:
            self._paint_tags(painter, inner, option, tags)
            return
        if bar:
            self._paint_bar(painter, inner, option, bar)
            return
        direction = option.direction
        avatar, icon, badge = self.ask(index, Role.AVATAR), self.ask(index, Role.ICON), self.ask(index, Role.BADGE)
        rest = QRect(inner)
        if avatar:
            side = px(20)
            box = mirrored(QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side), inner, direction)
            paint_avatar(painter, QRectF(box), avatar)
            rest = mirrored(inner.adjusted(side + px(8), 0, 0, 0), inner, direction)
        elif icon:
            side = px(16)
            box = mirrored(QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side), inner, direction)
            paint_icon(painter, QRectF(box), icon[0], icon[1] if len(icon) > 1 else "text-muted")
            rest = mirrored(inner.adjusted(side + px(8), 0, 0, 0), inner, direction)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        role = self.ask(index, Role.FONT) or ("name" if avatar else "body")
        if current and avatar:
            role = "strong"
        at_end = bool(int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0) & int(Qt.AlignmentFlag.AlignRight))
        align = Qt.AlignmentFlag.AlignTrailing if at_end else Qt.AlignmentFlag.AlignLeading
        if direction == Qt.LayoutDirection.RightToLeft:
            painter.setLayoutDirection(direction)
        used = 0
        if text:
            used = draw_text(painter, rest, text, role, self.ask(index, Role.COLOR) or "text", align)
        if badge:
            self._paint_badge(painter, rest, used + (px(8) if used else 0), badge, option, at_end)

    def _paint_badge(
        self, painter: QPainter, rest: QRect, used: int, badge: tuple[str, ...], option: QStyleOptionViewItem, end: bool
    ) -> None:
        icon = badge[2] if len(badge) > 2 else ""
        size = badge_size(badge[0], icon)
        left = rest.right() + 1 - used - size.width() if end else rest.left() + used
        box = QRect(left, rest.center().y() - size.height() // 2 + 1, size.width(), size.height())
        paint_badge(painter, QRectF(mirrored(box, rest, option.direction)), badge[0], badge[1], icon)

    def _paint_tags(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, tags: list[tuple[str, int]]
    ) -> None:
        left = inner.left()
        for number, (text, hue) in enumerate(tags):
            size = tag_size(text, "")
            room = inner.right() + 1 - left
            if size.width() > room and number:
                more = f"+{len(tags) - number}"
                box = mirrored(QRect(left, inner.top(), room, inner.height()), inner, option.direction)
                draw_text(painter, box, more, "secondary", "text-muted")
                return
            box = QRect(left, inner.center().y() - size.height() // 2 + 1, min(size.width(), room), size.height())
            paint_tag(painter, QRectF(mirrored(box, inner, option.direction)), text, hue, "")
            left += size.width() + px(4)

    def _paint_bar(self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, bar: tuple[float, str]) -> None:
        track = QRectF(inner.left(), inner.center().y() - px(2) + 1, inner.width(), px(4))
        fill_round(painter, track, px(2), "hover")
        done = QRect(inner.left(), int(track.top()), round(inner.width() * min(max(bar[0], 0.0), 1.0)), px(4))
        if done.width() > 0:
            fill_round(painter, mirrored(done, inner, option.direction), px(2), bar[1])

    def _paint_check(self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        value = index.data(Qt.ItemDataRole.CheckStateRole)
        state = Qt.CheckState.Unchecked if value is None else Qt.CheckState(value)
        side = px(16)
        box = QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side)
        draw_check(theme(), painter, mirrored(box, inner, option.direction), state)

    def _paint_loading(self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        if index.column() == self.check_column:
            self._paint_check(painter, inner, option, index)
            return
        # A fixed scatter of widths looks like text and never flickers.
        share = 0.45 + ((index.row() * 7 + index.column() * 13) % 11) / 24
        height = px(10)
        width = round(min(inner.width(), px(160)) * share)
        end = bool(int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0) & int(Qt.AlignmentFlag.AlignRight))
        left = inner.right() + 1 - width if end else inner.left()
        if index.data(Role.AVATAR) is not None:
            side = px(20)
            dot = QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side)
            fill_round(painter, mirrored(dot, inner, option.direction), side / 2, "hover")
            left += side + px(8)
        box = QRect(left, inner.center().y() - height // 2 + 1, width, height)
        fill_round(painter, mirrored(box, inner, option.direction), px(4), "hover")

    def editorEvent(self, event, model, option, index) -> bool:  # type: ignore[no-untyped-def]
        """A click anywhere in the check column toggles the row."""
        if index.column() != self.check_column:
            return super().editorEvent(event, model, option, index)
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            self.begin_paint()
            on = not self.row_checked(index)
            state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            return bool(model.setData(index, state, Qt.ItemDataRole.CheckStateRole))
        return event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(px(2), px(2), -px(2), -px(3)))
