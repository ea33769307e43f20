"""A small picture of who belongs to a record: it stands in the middle, the others around it, the words on the lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from crm_desktop.core.i18n import _
from ui.theme.icons import paint_icon
from ui.theme.paint import as_color, draw_text, fill_round, frame_round, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import hue_of, paint_avatar
from ui.widgets.themed import on_theme

MOST = 24
_INNER = 9
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """One of those around: its record, its name, the words on its line, and whether it is over (former)."""

    entity: str
    record_id: int
    title: str
    word: str
    former: bool = False
    more: str = ""


class RelationGraph(QWidget):
    """The picture. ``opened`` sends (record type, id) of what was clicked, or chosen by arrows and Enter."""

    opened = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes: list[Node] = []
        self.current = -1
        self._hovered = -1
        self._centre = ("contact", "")
        self._left_out = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self.setMinimumSize(px(280), px(240 if len(self.nodes) <= _INNER else 320))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(420), px(272 if len(self.nodes) <= _INNER else 360))

    def set_nodes(self, entity: str, title: str, nodes: Sequence[Node]) -> None:
        """Show who is around a record; the first ``MOST`` of them."""
        self._centre = (entity, title)
        self.nodes, self._left_out = list(nodes[:MOST]), max(len(nodes) - MOST, 0)
        self.current = self._hovered = -1
        said = "; ".join(f"{one.word}: {one.title}" for one in self.nodes)
        self.setAccessibleName(_("Relations of {name}").format(name=title) + (f": {said}" if said else ""))
        self.setAccessibleDescription(_("Arrow keys choose, Enter opens"))
        self._measure()
        self.updateGeometry()

    # -- where everything is -----------------------------------------------------------------------------------

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def place(self, index: int) -> QPointF:
        """Where the middle of a node is; -1 is the record itself."""
        middle = self._middle()
        if index < 0:
            return middle
        inner = min(len(self.nodes), _INNER)
        across, down = self.width() / 2 - px(60), self.height() / 2 - px(38)
        if index < inner:
            outer = len(self.nodes) > _INNER
            share, place, count, turn = (0.52 if outer else 1.0), index, inner, 0.0
        else:
            share, place, count, turn = 1.0, index - inner, len(self.nodes) - inner, 0.5
        if count <= 2 and len(self.nodes) <= _INNER:
            turn = 0.5 if count == 2 else 0.25  # one or two stand beside it, not over and under
        angle = -math.pi / 2 + 2 * math.pi * (place + turn) / count
        return QPointF(middle.x() + across * share * math.cos(angle), middle.y() + down * share * math.sin(angle))

    def _box(self, index: int) -> QRectF:
        side = px(44 if index < 0 else 30)
        middle = self.place(index)
        return QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)

    def node_at(self, spot: QPointF) -> int:
        """The node under a point; -1 for none."""
        for index in range(len(self.nodes)):
            if self._box(index).adjusted(-px(8), -px(18), px(8), px(18)).contains(spot):
                return index
        return -1

    # -- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() and self.current < 0:
            frame_round(painter, self.rect().adjusted(1, 1, -1, -1), px(6), "focus")
        for index in range(len(self.nodes)):
            self._paint_line(painter, index)
        taken: list[QRectF] = []
        for index in range(len(self.nodes)):
            self._paint_word(painter, index, taken)
        self._paint_node(painter, -1, *self._centre, former=False)
        marked = [one for one in (self._hovered, self.current) if one >= 0]
        for index in [*(one for one in range(len(self.nodes)) if one not in marked), *marked]:
            one = self.nodes[index]
            self._paint_node(painter, index, one.entity, one.title, former=one.former)
        if self._left_out:
            spot = QRectF(0, self.height() - px(18), self.width() - px(8), px(16))
            text = _("and {n} more in the list").format(n=self._left_out)
            draw_text(painter, spot, text, "secondary", "text-muted", Qt.AlignmentFlag.AlignRight)

    def _paint_line(self, painter: QPainter, index: int) -> None:
        marked = index in (self.current, self._hovered)
        pen = QPen(as_color("accent" if marked else "border-strong"), 1.5 if marked else 1.0)
        if self.nodes[index].former:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(self._middle(), self.place(index))

    def _paint_word(self, painter: QPainter, index: int, taken: list[QRectF]) -> None:
        """The word on a line, moved along it where another word stands already."""
        marked = index in (self.current, self._hovered)
        if not marked and len(self.nodes) > _INNER:
            return
        word = self.nodes[index].word
        start, end = self._middle(), self.place(index)
        away = math.hypot(end.x() - start.x(), end.y() - start.y()) or 1.0
        font = theme().font_px(11, 400)
        width = min(text_width(word, font) + px(8), px(112))
        middle, boxes = (px(22) + away - px(15)) / 2, []  # the middle of what is seen of the line
        for aside in (0, px(22), -px(22)):
            spot = start + (end - start) * ((middle + aside) / away)
            boxes.append(QRectF(spot.x() - width / 2, spot.y() - px(8), width, px(16)))
        box = next((one for one in boxes if not any(one.intersects(other) for other in taken)), boxes[0])
        taken.append(box)
        fill_round(painter, box, px(4), "accent-soft" if marked else "surface")
        ink = "accent" if marked else "text-muted"
        draw_text(painter, box.adjusted(px(3), 0, -px(3), 0), word, font, ink, Qt.AlignmentFlag.AlignHCenter)

    def _paint_node(self, painter: QPainter, index: int, entity: str, title: str, *, former: bool) -> None:
        box = self._box(index)
        radius = px(8) if entity == "company" else box.width() / 2
        fill_round(painter, box.adjusted(-px(3), -px(3), px(3), px(3)), radius + px(3), "surface")
        painter.setOpacity(0.55 if former else 1.0)
        if entity == "company":
            hue = hue_of(title)
            fill_round(painter, box, radius, f"hue-{hue}")
            inset = box.width() * 0.24
            paint_icon(painter, box.adjusted(inset, inset, -inset, -inset), "ph.buildings", f"hue-{hue}-ink")
        else:
            paint_avatar(painter, box, title)
        painter.setOpacity(1.0)
        if index == self.current and self.hasFocus():
            frame_round(painter, box.adjusted(-px(3), -px(3), px(3), px(3)), radius + px(3), "focus", width=2.0)
        room = self._room(index)
        if room:
            self._paint_title(painter, box, title, former, room)

    def _room(self, index: int) -> int:
        """How wide the name of a node may be; 0 where it is shown only once the node is chosen or pointed at."""
        crowded = len(self.nodes) > _INNER
        if index < 0 or (crowded and index < _INNER and index not in (self.current, self._hovered)):
            return 0
        if not crowded or index in (self.current, self._hovered):
            return px(116)
        around = math.pi * (self.width() + self.height() - px(196)) / 2
        return round(min(px(116), max(px(48), around / (len(self.nodes) - _INNER) * 0.85)))

    def _paint_title(self, painter: QPainter, box: QRectF, title: str, former: bool, room: int) -> None:
        """The name outside: over those that stand high, under the others; the words on the lines keep their room."""
        over = box.center().y() < self._middle().y() - px(30)
        spot = QRectF(box.center().x() - room / 2, box.top() - px(18) if over else box.bottom() + px(2), room, px(16))
        width = min(text_width(title, "secondary") + px(6), room)
        fill_round(painter, QRectF(spot.center().x() - width / 2, spot.top(), width, px(15)), px(3), "surface")
        ink = "text-muted" if former else "text"
        draw_text(painter, spot, title, "secondary", ink, Qt.AlignmentFlag.AlignHCenter)

    # -- mouse and keys ----------------------------------------------------------------------------------------

    def choose(self, index: int) -> None:
        """Make a node the current one; -1 for the record itself."""
        self.current = index
        if index >= 0:
            self.setAccessibleDescription(self._words(self.nodes[index]))
        else:
            self.setAccessibleDescription(_("Arrow keys choose, Enter opens"))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and self.nodes and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.choose(self._next(*_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self._open(self.current)
        elif key == Qt.Key.Key_Home:
            self.choose(-1)
        else:
            super().keyPressEvent(event)

    def _next(self, across: int, down: int) -> int:
        """The nearest node in a direction; the current one where there is none."""
        start = self.place(self.current)
        best, least = self.current, math.inf
        for index in range(-1, len(self.nodes)):
            if index == self.current or (index == -1 and self.current == -1):
                continue
            way = self.place(index) - start
            ahead = way.x() * across + way.y() * down
            aside = abs(way.x() * down) + abs(way.y() * across)
            if ahead > px(4) and ahead + 2 * aside < least:
                best, least = index, ahead + 2 * aside
        return best

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.node_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.setCursor(Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.node_at(event.position())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._open(index)

    def _open(self, index: int) -> None:
        self.opened.emit(self.nodes[index].entity, self.nodes[index].record_id)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.node_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(self.nodes[index]) if index >= 0 else "", self)
            return True
        return super().event(event)

    def focusInEvent(self, event: Any) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        self.update()
        super().focusOutEvent(event)

    @staticmethod
    def _words(node: Node) -> str:
        return "\n".join(filter(None, (f"{node.word}: {node.title}", node.more)))
