"""Small painting helpers that delegates and widgets share."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import bidirectional

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen

from ui.theme.theme import theme


def fill_round(painter: QPainter, rect: QRectF | QRect, radius: float, fill: str | QColor) -> None:
    """Fill a rounded rectangle; ``fill`` is a token's name or a colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(as_color(fill))
    painter.drawRoundedRect(QRectF(rect), radius, radius)
    painter.restore()


def frame_round(
    painter: QPainter,
    rect: QRectF | QRect,
    radius: float,
    line: str | QColor,
    fill: str | QColor | None = None,
    width: float = 1.0,
    dashed: bool = False,
) -> None:
    """Draw a rounded rectangle whose line lies wholly inside ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(as_color(line), width)
    if dashed:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2.5])
    painter.setPen(pen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(as_color(fill))
    half = width / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius - half, radius - half)
    painter.restore()


def as_color(color: str | QColor) -> QColor:
    """A colour from a token's name, or the colour itself."""
    return color if isinstance(color, QColor) else theme().drawn_color(color)


def draw_text(
    painter: QPainter,
    rect: QRect | QRectF,
    text: str,
    role: str | QFont = "body",
    color: str | QColor = "text",
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
    elide: bool = True,
) -> int:
    """Draw one line of text, vertically centred and elided to ``rect``; returns its width in pixels."""
    font, metrics = (role, QFontMetrics(role)) if isinstance(role, QFont) else theme().drawn_font(role)
    area = rect.toAlignedRect() if isinstance(rect, QRectF) else rect
    width = metrics.horizontalAdvance(text)
    shown = text
    if elide and width > area.width():
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        width = area.width()
    painter.setFont(font)
    painter.setPen(as_color(color))
    painter.drawText(area, _flags(align, painter.layoutDirection(), reads_right_to_left(text)), shown)
    return min(width, area.width())


@lru_cache(maxsize=64)
def _flags(align: Qt.AlignmentFlag, direction: Qt.LayoutDirection, right_to_left: bool) -> int:
    script = Qt.TextFlag.TextForceRightToLeft if right_to_left else Qt.TextFlag.TextForceLeftToRight
    side = visual_alignment(align, direction) | Qt.AlignmentFlag.AlignVCenter
    return int(side) | int(Qt.TextFlag.TextSingleLine) | int(script)


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is of a script from right to left; numbers have none."""
    if text.isascii():
        return False
    for letter in text:
        kind = bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def visual_alignment(align: Qt.AlignmentFlag, direction: Qt.LayoutDirection) -> Qt.AlignmentFlag:
    """Left and right as they are seen: leading is right where the layout is mirrored, whatever the text's script."""
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    absolute = Qt.AlignmentFlag.AlignAbsolute
    if align & Qt.AlignmentFlag.AlignHCenter:
        return Qt.AlignmentFlag.AlignHCenter
    at_end = bool(align & right)
    if direction == Qt.LayoutDirection.RightToLeft and not align & absolute:
        at_end = not at_end
    return (right if at_end else left) | absolute


def directional(icon: str, direction: Qt.LayoutDirection) -> str:
    """The icon that points the same way in reading: left and right change places where the layout is mirrored."""
    if direction == Qt.LayoutDirection.LeftToRight or not icon.startswith(("ph.caret-", "ph.arrow-")):
        return icon
    if icon.endswith("-left"):
        return icon.removesuffix("left") + "right"
    return icon.removesuffix("right") + "left" if icon.endswith("-right") else icon


def text_width(text: str, role: str | QFont = "body") -> int:
    """The width of a line of text, in logical pixels."""
    metrics = QFontMetrics(role) if isinstance(role, QFont) else theme().drawn_font(role)[1]
    return metrics.horizontalAdvance(text)


def mirrored(rect: QRect, inside: QRect, direction: Qt.LayoutDirection) -> QRect:
    """``rect`` as it lies in ``inside`` when the language is written from right to left."""
    if direction == Qt.LayoutDirection.LeftToRight:
        return rect
    return QRect(inside.left() + inside.right() - rect.right(), rect.top(), rect.width(), rect.height())


def start_edge(painter: QPainter, rect: QRect, width: int, color: str, direction: Qt.LayoutDirection) -> None:
    """Paint the thin bar at the reading start of ``rect``, as on the current row."""
    edge = mirrored(QRect(rect.left(), rect.top(), width, rect.height()), rect, direction)
    painter.fillRect(edge, as_color(color))


def clip_round(painter: QPainter, rect: QRectF, radius: float) -> None:
    """Restrict painting to a rounded rectangle."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)


def paint_shadow(painter: QPainter, rect: QRectF | QRect, radius: float, spread: int = 12) -> None:
    """Paint the soft shadow of popups, dialogs and cards in motion around ``rect``."""
    base = theme().color("shadow-pop")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(spread, 0, -1):
        color = QColor(base)
        color.setAlphaF(base.alphaF() * 2.2 / spread * (1 - step / (spread + 1)))
        painter.setBrush(color)
        grown = QRectF(rect).adjusted(-step, -step + spread / 3, step, step + spread / 3)
        painter.drawRoundedRect(grown, radius + step, radius + step)
    painter.restore()
