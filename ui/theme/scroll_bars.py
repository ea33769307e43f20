"""Scroll bars as designed: a round handle without a trough or arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionSlider

if TYPE_CHECKING:
    from ui.theme.theme import Theme

EXTENT, LEAST = 12, 32
"""How thick a bar is and how short its handle gets, at 100 %."""
_Part = QStyle.SubControl


def part(theme: Theme, option: QStyleOptionSlider, sub: QStyle.SubControl) -> QRect:
    """Where a part of a bar is; a null rectangle for the arrows, which it does not have."""
    whole, along = option.rect, option.orientation == Qt.Orientation.Horizontal
    room = whole.width() if along else whole.height()
    start, length = _handle(theme, option, room)
    ends = {
        _Part.SC_ScrollBarGroove: (0, room),
        _Part.SC_ScrollBarSlider: (start, length),
        _Part.SC_ScrollBarSubPage: (0, start),
        _Part.SC_ScrollBarAddPage: (start + length, room - start - length),
    }.get(sub)
    if ends is None:
        return QRect()
    if not along:
        return QRect(whole.left(), whole.top() + ends[0], whole.width(), ends[1])
    box = QRect(whole.left() + ends[0], whole.top(), ends[1], whole.height())
    return QStyle.visualRect(option.direction, whole, box)


def _handle(theme: Theme, option: QStyleOptionSlider, room: int) -> tuple[int, int]:
    """Where the handle begins along the bar, and its length."""
    hidden = option.maximum - option.minimum
    if hidden <= 0:
        return 0, room
    length = min(room, max(theme.px(LEAST), option.pageStep * room // (hidden + option.pageStep)))
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, room - length, option.upsideDown
    )
    return start, length


def draw(theme: Theme, painter: QPainter, option: QStyleOptionSlider) -> None:
    """Draw the handle; it is darker under the mouse."""
    over = (
        bool(option.state & QStyle.StateFlag.State_MouseOver) and option.activeSubControls == _Part.SC_ScrollBarSlider
    )
    gap, radius = theme.px(3), theme.px(3)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text-disabled" if over else "border-strong"))
    box = QRectF(part(theme, option, _Part.SC_ScrollBarSlider)).adjusted(gap, gap, -gap, -gap)
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()
