"""How an entry of a timeline is painted: dot, first line, text with the colleagues named in it, link, comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _
from ui.records.timeline_data import Entry
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar

if TYPE_CHECKING:
    from ui.records.timeline_list import TimelineList

Index = QModelIndex | QPersistentModelIndex
SIDE = 24
DOT = 28
GAP = 12
_CHIP = 24
_SMALL = 20
_ROLES = {"strong": "strong", "body": "body", "muted": "body"}
_INKS = {"strong": "text", "body": "text", "muted": "text-muted"}


def indent_of(entry: Entry) -> int:
    """How far the text of an entry stands from the edge, at 100 %."""
    return SIDE + DOT + GAP + (_SMALL + 8 if entry.parent else 0)


def layout_of(text: str, spans: Sequence[tuple[int, int]], width: int) -> tuple[QTextLayout, float]:
    """A text in lines of a width, the colleagues named in it on a soft ground, and its height."""
    layout = QTextLayout(text.replace("\n", "\u2028"), theme().font("body"))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    ranges = []
    for start, length in spans:
        span = QTextLayout.FormatRange()
        span.start, span.length = start, length
        look = QTextCharFormat()
        look.setForeground(theme().color("accent"))
        look.setBackground(theme().color("accent-soft"))
        span.format = look
        ranges.append(span)
    layout.setFormats(ranges)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, px(80)))
        line.setPosition(QPointF(0, y))
        y += line.height()
    layout.endLayout()
    return layout, y


class TimelineDelegate(QStyledItemDelegate):
    """Paints a heading, or an entry: dot with icon, first line with the time at its end, text, link."""

    def __init__(self, view: TimelineList) -> None:
        super().__init__(view)
        self._view = view
        self._heights: dict[tuple[Any, int], int] = {}

    def forget(self) -> None:
        """The widths or fonts changed."""
        self._heights.clear()

    def _text_rect(self, body: str, width: int) -> QRect:
        metrics = QFontMetrics(theme().font("body"))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
        return metrics.boundingRect(QRect(0, 0, max(width, px(80)), 100_000), flags, body)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        item = self._view.timeline.items[index.row()]
        if not isinstance(item, Entry):
            return QSize(width, px(36) if not hasattr(item, "height") else item.height())
        key = (item.key, width)
        height = self._heights.get(key)
        if height is None:
            height = self._heights[key] = self._height(item, width)
        return QSize(width, height)

    def _height(self, item: Entry, width: int) -> int:
        room = width - px(indent_of(item) + SIDE)
        if item.parent:
            return px(_SMALL + 6) + self._body_height(item, room)
        height = px(12) + px(DOT)
        if item.body:
            height += self._body_height(item, room) - px(2)
        if item.link is not None or item.source:
            height += px(_CHIP + 4)
        return height

    def _body_height(self, item: Entry, room: int) -> int:
        if item.spans:
            return round(layout_of(item.body, item.spans, room)[1])
        return self._text_rect(item.body, room).height()

    def link_rect(self, rect: QRect, entry: Entry) -> QRect:
        """Where the link of an entry is."""
        if entry.link is None:
            return QRect()
        left = rect.left() + px(SIDE + DOT + GAP)
        width = min(text_width(entry.link[2], "secondary") + px(16 + 20), rect.right() - px(SIDE) - left)
        box = QRect(left, rect.bottom() - px(6 + _CHIP) + 1, width, px(_CHIP))
        return mirrored(box, rect, self._view.layoutDirection())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, item = QRect(option.rect), self._view.timeline.items[index.row()]
        painter.save()
        if isinstance(item, Entry):
            self._paint_ground(painter, rect, index)
            (self._paint_comment if item.parent else self._paint_entry)(painter, rect, item)
        else:
            row = rect.adjusted(px(SIDE), px(16), -px(SIDE), -px(4))
            draw_text(painter, row, getattr(item, "text", ""), "secondary-strong", "text-muted")
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, index: Index) -> None:
        box = rect.adjusted(px(16), 1, -px(16), -1)
        if self._view.hasFocus() and index == self._view.currentIndex():
            frame_round(painter, box, px(6), "focus")
        elif index.row() == self._view.lit:
            fill_round(painter, box, px(6), "accent-soft")
        elif index.row() == self._view.hovered:
            fill_round(painter, box, px(6), "hover")

    def _paint_entry(self, painter: QPainter, rect: QRect, item: Entry) -> None:
        direction = self._view.layoutDirection()
        dot = mirrored(QRect(rect.left() + px(SIDE), rect.top() + px(6), px(DOT), px(DOT)), rect, direction)
        fill_round(painter, dot, px(DOT) / 2, f"hue-{item.hue}")
        side = px(16)
        spot = QRectF(dot.center().x() + 0.5 - side / 2, dot.center().y() + 0.5 - side / 2, side, side)
        paint_icon(painter, spot, item.icon, f"hue-{item.hue}-ink")
        left = px(SIDE + DOT + GAP)
        first = QRect(rect.left() + left, rect.top() + px(6), rect.width() - left - px(SIDE), px(DOT))
        when = formats.format_time(item.at)
        used = text_width(when, "secondary")
        box = mirrored(QRect(first.right() + 1 - used, first.top(), used, first.height()), rect, direction)
        draw_text(painter, box, when, "secondary", "text-muted", elide=False)
        if item.pinned:
            used += px(18)
            pin = QRect(first.right() + 1 - used, first.center().y() - px(7), px(14), px(14))
            paint_icon(painter, QRectF(mirrored(pin, rect, direction)), "ph.push-pin", "warning")
        self._paint_runs(painter, first.adjusted(0, 0, -used - px(8), 0), rect, item)
        if item.body:
            self._paint_body(painter, rect, item, first.bottom() - px(1))
        self._paint_link(painter, rect, item)

    def _paint_comment(self, painter: QPainter, rect: QRect, item: Entry) -> None:
        direction, left = self._view.layoutDirection(), rect.left() + px(SIDE + DOT + GAP)
        side = px(_SMALL)
        face = mirrored(QRect(left, rect.top() + px(2), side, side), rect, direction)
        paint_avatar(painter, QRectF(face), item.author or "?")
        row = QRect(left + px(_SMALL + 8), rect.top() + px(2), rect.right() - px(SIDE) - left - px(_SMALL + 8), side)
        name = item.author or _("Comment")
        width = min(text_width(name, "strong") + 1, row.width())
        draw_text(painter, mirrored(QRect(row.left(), row.top(), width, side), rect, direction), name, "strong", "text")
        when = _comment_time(item)
        rest = QRect(row.left() + width + px(8), row.top(), row.width() - width - px(8), side)
        draw_text(painter, mirrored(rest, rect, direction), when, "secondary", "text-muted")
        self._paint_body(painter, rect, item, row.bottom() + 1)

    def _paint_body(self, painter: QPainter, rect: QRect, item: Entry, top: int) -> None:
        left = rect.left() + px(indent_of(item))
        width = rect.right() + 1 - px(SIDE) - left
        direction = self._view.layoutDirection()
        room = mirrored(QRect(left, top, width, self._body_height(item, width)), rect, direction)
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color("text-muted" if item.kind == "change" else "text"))
        if item.spans:
            layout_of(item.body, item.spans, width)[0].draw(painter, QPointF(room.topLeft()))
        else:
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), item.body)

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
            left = box.right() + px(8) if item.link is not None else rect.left() + px(SIDE + DOT + GAP)
            row = QRect(left, rect.bottom() - px(6 + _CHIP) + 1, rect.right() - px(SIDE) - left, px(_CHIP))
            draw_text(painter, row, item.source, "secondary", "text-muted")


def _comment_time(item: Entry) -> str:
    """When a comment was written: the hour of today's, the day of others."""
    local = item.at.astimezone(clock.local_zone()) if item.at.tzinfo else item.at
    if local.date() == clock.today():
        return formats.format_time(item.at)
    return formats.format_relative(item.at, with_time=True)
