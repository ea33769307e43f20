"""How an event looks, wherever it is drawn: as a block among the hours, as a bar across days, as a mark."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout, QTextOption

from ui.calendar.items import CalendarItem, clock_text, time_range
from ui.theme.icons import paint_icon
from ui.theme.paint import clip_round, draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme

REPEAT_ICON = "ph.repeat"
DONE_ICON = "ph.check"
_NARROW = 104
_WORD = 48
"""From this width on a word that does not fit is shortened rather than broken."""
_SHADOW_STEPS = 6


def fill_name(hue: int) -> str:
    """The token of a hue's fill."""
    return f"hue-{hue or 8}"


def ink_name(hue: int) -> str:
    """The token of a hue's text and edge."""
    return f"hue-{hue or 8}-ink"


def title_font(item: CalendarItem, role: str = "secondary-strong") -> QFont:
    """The font of an event's title, struck through when it is done."""
    font = theme().font(role)
    font.setStrikeOut(item.done)
    return font


def paint_block(painter: QPainter, rect: QRect, item: CalendarItem, *, lanes: int = 1, selected: bool = False) -> None:
    """An event among the hours, with a rim that keeps it apart from what lies below."""
    fill_round(painter, rect.adjusted(-1, -1, 1, 1), px(5), "surface")
    fill_round(painter, rect, px(4), fill_name(item.color_index))
    painter.save()
    clip_round(painter, QRectF(rect), px(4))
    edge = QRect(rect.left(), rect.top(), px(3), rect.height())
    hue = item.hue_person or item.color_index
    painter.fillRect(mirrored(edge, rect, painter.layoutDirection()), theme().color(ink_name(hue)))
    _paint_words(painter, rect, item, ink_name(item.color_index), lanes)
    painter.restore()
    if selected:
        frame_round(painter, rect.adjusted(-1, -1, 1, 1), px(5), "focus", width=2)


def paint_preview(painter: QPainter, rect: QRect, item: CalendarItem) -> None:
    """Where an event would go if the mouse let it go now."""
    paint_shadow(painter, rect, px(4))
    frame_round(painter, rect, px(4), "accent", "raised", width=1.5, dashed=True)
    painter.save()
    clip_round(painter, QRectF(rect), px(4))
    _paint_words(painter, rect, item, "accent", 1)
    painter.restore()


def paint_bar(
    painter: QPainter,
    rect: QRect,
    item: CalendarItem,
    text: str,
    *,
    begins: bool = True,
    ends: bool = True,
    selected: bool = False,
) -> None:
    """An event of whole days. Where it goes on before or after, that end is cut straight."""
    painter.save()
    painter.setClipRect(rect)
    right_to_left = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    open_left, open_right = (not ends, not begins) if right_to_left else (not begins, not ends)
    body = rect.adjusted(-px(8) if open_left else 0, 0, px(8) if open_right else 0, 0)
    fill_round(painter, body, px(4), fill_name(item.color_index))
    ink = ink_name(item.color_index)
    inner = rect.adjusted(px(8), 0, -px(8), 0)
    place = QRect(inner.left(), inner.top(), px(14), inner.height())
    icon = DONE_ICON if item.done else item.icon
    if icon:
        paint_icon(painter, _square(mirrored(place, inner, painter.layoutDirection()), px(14)), icon, ink)
        inner = _without_start(inner, px(20), painter)
    if item.recurring and inner.width() > px(60):
        end = QRect(inner.right() - px(14) + 1, inner.top(), px(14), inner.height())
        paint_icon(painter, _square(mirrored(end, inner, painter.layoutDirection()), px(14)), REPEAT_ICON, ink)
        inner = _without_end(inner, px(18), painter)
    draw_text(painter, inner, text, title_font(item, "secondary-name"), ink)
    painter.restore()
    if selected:
        frame_round(painter, rect, px(4), "focus", width=2)


def paint_mark(painter: QPainter, rect: QRect, hue: int, icon: str, size: int = 12) -> None:
    """The small square with the icon of a type."""
    fill_round(painter, rect, px(4), fill_name(hue))
    if icon:
        paint_icon(painter, _square(rect, px(size)), icon, ink_name(hue))


def paint_shadow(painter: QPainter, rect: QRect, radius: int) -> None:
    """The shadow of what is in motion."""
    color = QColor(theme().color("shadow-pop"))
    color.setAlpha(max(1, color.alpha() // _SHADOW_STEPS))
    for step in range(_SHADOW_STEPS, 0, -1):
        spread = px(step * 2)
        fill_round(painter, rect.adjusted(-spread // 2, 0, spread // 2, spread), radius + spread // 2, color)


def _paint_words(painter: QPainter, rect: QRect, item: CalendarItem, ink: str, lanes: int) -> None:
    narrow = rect.width() < px(_NARROW)
    inner = rect.adjusted(px(9), px(3), -px(6), -px(2))
    if lanes > 2:
        inner = rect.adjusted(px(7), px(3), -px(4), -px(2))
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        inner.translate(-px(3), 0)
    line = px(16)
    if inner.height() < line - px(2):
        small = theme().font("badge")
        draw_text(painter, rect.adjusted(px(9), 0, -px(6), 0), item.title, small, ink)
        return
    if narrow:
        _paint_narrow(painter, inner, item, ink, lanes, line)
    else:
        _paint_wide(painter, inner, item, ink, line)


def _paint_wide(painter: QPainter, inner: QRect, item: CalendarItem, ink: str, line: int) -> None:
    row = QRect(inner.left(), inner.top(), inner.width(), line)
    for icon in _icons(item):
        place = QRect(row.right() - px(14) + 1, row.top(), px(14), line)
        paint_icon(painter, _square(mirrored(place, row, painter.layoutDirection()), px(14)), icon, ink)
        row = _without_end(row, px(18), painter)
    draw_text(painter, row, item.title, title_font(item), ink)
    lines = [time_range(item.start, item.end), item.subtitle]
    top = inner.top() + line
    for text in filter(None, lines):
        if top + line > inner.bottom() + px(4):
            return
        draw_text(painter, QRect(inner.left(), top, inner.width(), line), text, "secondary", ink)
        top += line


def _paint_narrow(painter: QPainter, inner: QRect, item: CalendarItem, ink: str, lanes: int, line: int) -> None:
    room = max(1, (inner.height() + px(4)) // line)
    allowed = min(2, room - 1) if lanes > 1 and room > 2 else 1
    used = _draw_wrapped(painter, inner, item.title, title_font(item), ink, allowed, line)
    top = inner.top() + used * line
    if used >= room:
        return
    text = clock_text(item.start)
    if text_width(text, "secondary") > inner.width():
        text = text.split("\u00a0")[0]
    if text_width(text, "secondary") > inner.width():
        return
    row = QRect(inner.left(), top, inner.width(), line)
    width = draw_text(painter, row, text, "secondary", ink)
    rest = _without_start(row, width + px(4), painter)
    for icon in reversed(_icons(item)[:1] if lanes > 1 else _icons(item)):
        if rest.width() < px(14) or lanes > 2:
            break
        place = QRect(rest.left(), rest.top(), px(14), line)
        paint_icon(painter, _square(mirrored(place, rest, painter.layoutDirection()), px(14)), icon, ink)
        rest = _without_start(rest, px(16), painter)
    if used + 1 < room and item.subtitle:
        draw_text(painter, QRect(inner.left(), top + line, inner.width(), line), item.subtitle, "secondary", ink)


def _draw_wrapped(painter: QPainter, rect: QRect, text: str, font: QFont, ink: str, most: int, line: int) -> int:
    """Draw text on at most ``most`` lines, the last one elided; returns how many it took."""
    metrics = QFontMetrics(font)
    head = text.split(" ")[0]
    unbreakable = metrics.horizontalAdvance(head) > rect.width() >= px(_WORD)
    if most == 1 or unbreakable or metrics.horizontalAdvance(text) <= rect.width():
        draw_text(painter, QRect(rect.left(), rect.top(), rect.width(), line), text, font, ink)
        return 1
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    first = layout.createLine()
    first.setLineWidth(rect.width())
    layout.endLayout()
    cut = first.textLength()
    head, tail = text[:cut].strip(), text[cut:].strip()
    draw_text(painter, QRect(rect.left(), rect.top(), rect.width(), line), head, font, ink)
    if not tail:
        return 1
    draw_text(painter, QRect(rect.left(), rect.top() + line, rect.width(), line), tail, font, ink)
    return 2


def _icons(item: CalendarItem) -> list[str]:
    """The icons of an event, from the edge inwards."""
    names = [DONE_ICON if item.done else item.icon, REPEAT_ICON if item.recurring else ""]
    return [name for name in names if name]


def _square(rect: QRect, size: int) -> QRectF:
    square = QRectF(0, 0, size, size)
    square.moveCenter(QRectF(rect).center())
    return square


def _without_start(rect: QRect, width: int, painter: QPainter) -> QRect:
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        return rect.adjusted(0, 0, -width, 0)
    return rect.adjusted(width, 0, 0, 0)


def _without_end(rect: QRect, width: int, painter: QPainter) -> QRect:
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        return rect.adjusted(width, 0, 0, 0)
    return rect.adjusted(0, 0, -width, 0)
