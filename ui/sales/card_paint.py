"""How a deal looks on the board: the card, the empty slot where it will land, and the picture that is dragged."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from crm_desktop.sales.queries import Card
from ui.sales.words import Foot, close_words, foot_of, money
from ui.theme.icons import paint_icon
from ui.theme.paint import (
    clip_round,
    draw_text,
    fill_round,
    frame_round,
    mirrored,
    paint_shadow,
    start_edge,
    text_width,
)
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar

HEIGHT = 107
"""Of a card in pixels at 100 %."""
_SHADOW = 14
_TURN = 2.0


def paint_card(
    painter: QPainter, rect: QRect, card: Card, direction: Qt.LayoutDirection, *, current: bool = False,
    focused: bool = False, hovered: bool = False, ghost: bool = False, dragged: bool = False, locked: bool = False,
) -> None:  # fmt: skip
    """Draw a card into ``rect``. ``ghost`` is what stays behind while the card is dragged; a ``locked`` one never is."""
    painter.save()
    painter.setLayoutDirection(direction)
    foot = foot_of(card)
    if ghost:
        painter.setOpacity(0.42)
    _paint_ground(painter, rect, direction, foot, current, focused, hovered, ghost, dragged)
    inner = rect.adjusted(px(13), px(9), -px(13), -px(6))
    line = QRect(inner.left(), inner.top(), inner.width(), px(20))
    _paint_name(painter, line, card, direction, locked)
    under = QRect(inner.left(), line.bottom() + 1, inner.width(), px(16))
    draw_text(painter, under, card.company or card.contact, "secondary", "text-muted")
    third = QRect(inner.left(), under.bottom() + 1 + px(4), inner.width(), px(20))
    _paint_amount(painter, third, card, direction)
    top = third.bottom() + 1 + px(6)
    painter.fillRect(inner.left(), top, inner.width(), 1, theme().color("border"))
    last = QRect(inner.left(), top + 1 + px(6), inner.width(), px(16))
    _paint_foot(painter, last, foot, direction)
    painter.restore()


def _paint_ground(
    painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, foot: Foot, current: bool, focused: bool,
    hovered: bool, ghost: bool, dragged: bool,
) -> None:  # fmt: skip
    radius = px(6)
    if ghost:
        frame_round(painter, rect, radius, "border-strong", "raised", dashed=True)
        return
    if current and focused:
        fill_round(painter, QRectF(rect).adjusted(-2, -2, 2, 2), radius + 2, "accent-soft")
    else:
        fill_round(painter, QRectF(rect).adjusted(0, 1, 0, 1), radius, theme().color("shadow-card"))
    line = "accent" if dragged or current else "border-strong" if hovered else "border"
    frame_round(painter, rect, radius, line, "raised")
    if foot.ink == "warning" and not dragged:
        painter.save()
        clip_round(painter, QRectF(rect), radius)
        start_edge(painter, rect, px(3), "warning", direction)
        painter.restore()


def _paint_name(painter: QPainter, line: QRect, card: Card, direction: Qt.LayoutDirection, locked: bool) -> None:
    room = line
    if locked:
        side = px(14)
        spot = QRect(line.left(), line.center().y() - side // 2 + 1, side, side)
        paint_icon(painter, QRectF(mirrored(spot, line, direction)), "ph.lock-simple", "text-muted")
        line = mirrored(line.adjusted(side + px(4), 0, 0, 0), line, direction)
        room = line
    if card.owner:
        side = px(20)
        spot = QRect(line.right() + 1 - side, line.top(), side, side)
        paint_avatar(painter, QRectF(mirrored(spot, line, direction)), card.owner)
        room = mirrored(line.adjusted(0, 0, -side - px(8), 0), line, direction)
    draw_text(painter, room, card.name, "name")


def _paint_amount(painter: QPainter, line: QRect, card: Card, direction: Qt.LayoutDirection) -> None:
    width = 0
    if card.expected_close is not None:
        text = close_words(card.expected_close)
        side = px(14)
        width = side + px(4) + text_width(text, "secondary") + 1
        ink = "danger" if card.close_overdue else "text-muted"
        box = QRect(line.right() + 1 - width, line.center().y() - side // 2, side, side)
        paint_icon(painter, QRectF(mirrored(box, line, direction)), "ph.flag", ink)
        words = QRect(box.right() + 1 + px(4), line.top(), width - side - px(4), line.height())
        draw_text(painter, mirrored(words, line, direction), text, "secondary", ink, elide=False)
    amount = mirrored(line.adjusted(0, 0, -width - px(6) if width else 0, 0), line, direction)
    if card.amount is not None:
        draw_text(painter, amount, money(card.amount, card.currency), "strong")
    else:
        draw_text(painter, amount, "–", "body", "text-muted")


def _paint_foot(painter: QPainter, line: QRect, foot: Foot, direction: Qt.LayoutDirection) -> None:
    side = px(14)
    box = QRect(line.left(), line.center().y() - side // 2 + 1, side, side)
    paint_icon(painter, QRectF(mirrored(box, line, direction)), foot.icon, foot.ink)
    words = mirrored(line.adjusted(side + px(4), 0, 0, 0), line, direction)
    draw_text(painter, words, foot.text, "secondary-name" if foot.medium else "secondary", foot.ink)


def paint_slot(painter: QPainter, rect: QRect) -> None:
    """Draw the dashed place where the dragged card will land."""
    frame_round(painter, rect, px(6), "accent", None, width=1.5, dashed=True)


def drag_picture(card: Card, width: int, direction: Qt.LayoutDirection, ratio: float) -> tuple[QPixmap, QPoint]:
    """The card as it hangs on the pointer, turned by 2° with its shadow; and where its own corner lies in it."""
    size = QSize(width + 2 * _SHADOW, px(HEIGHT) + 2 * _SHADOW)
    flat = QPixmap(size * ratio)
    flat.setDevicePixelRatio(ratio)
    flat.fill(Qt.GlobalColor.transparent)
    painter = QPainter(flat)
    rect = QRect(_SHADOW, _SHADOW, width, px(HEIGHT))
    paint_shadow(painter, rect, px(6), _SHADOW - 2)
    paint_card(painter, rect, card, direction, dragged=True)
    painter.end()
    turned = flat.transformed(QTransform().rotate(-_TURN), Qt.TransformationMode.SmoothTransformation)
    turned.setDevicePixelRatio(ratio)
    whole = turned.deviceIndependentSize()
    corner = QPoint(round((whole.width() - width) / 2), round((whole.height() - px(HEIGHT)) / 2))
    return turned, corner
