"""What several steps draw: the stacked bar, samples before and after, the ranked fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.importing.checks import ADJUSTED, BAD, GOOD, SampleCell
from ui.theme.icons import paint_icon
from ui.theme.paint import clip_round, draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.style import draw_radio
from ui.theme.theme import px, theme
from ui.widgets.themed import KeyboardRing, on_theme

STATE_ICONS = {
    GOOD: ("ph.check-circle", "success"),
    ADJUSTED: ("ph.warning", "warning"),
    BAD: ("ph.x-circle", "danger"),
}


class StackBar(QWidget):
    """Shares of a whole side by side, 8 high; a share is never so small that it is not seen."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[tuple[int, str], ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_parts(self, parts: Sequence[tuple[int, str]], name: str = "") -> None:
        """Show (number, token) of each share."""
        self._parts = tuple((number, token) for number, token in parts if number)
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(120), px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._parts:
            fill_round(painter, self.rect(), px(4), "hover")
            return
        gap, least = px(2), px(8)
        room = self.width() - gap * (len(self._parts) - 1)
        total = sum(number for number, _token in self._parts)
        widths = [max(least, room * number / total) for number, _token in self._parts]
        over = sum(widths) - room
        widest = widths.index(max(widths))
        widths[widest] -= over
        x, last = 0.0, len(self._parts) - 1
        for place, (width, (_number, token)) in enumerate(zip(widths, self._parts, strict=True)):
            box = QRect(round(x), 0, max(1, round(x + width) - round(x)), self.height())
            # the ends are round, the cuts between are straight
            fill_round(painter, mirrored(box, self.rect(), self.layoutDirection()), px(4), token)
            half = box.width() // 2
            inner = box.adjusted(0 if place else half, 0, -half if place == last else 0, 0)
            painter.fillRect(mirrored(inner, self.rect(), self.layoutDirection()), theme().color(token))
            x += width + gap


class SampleBox(QWidget):
    """Values before and after, a line each: what was there, what it becomes, and whether that is well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[SampleCell, ...] = ()
        self._mapped = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_samples(self, samples: Sequence[SampleCell], *, mapped: bool) -> None:
        """Show these; ``mapped`` is false where the column goes nowhere yet."""
        self._samples, self._mapped = tuple(samples), mapped
        told = "; ".join(f"{one.before} → {one.after or one.note}" if mapped else one.before for one in samples)
        self.setAccessibleName(told)
        self.updateGeometry()
        self.update()

    def _heights(self) -> list[int]:
        return [px(49) if self._mapped and one.note and one.after else px(36) for one in self._samples]

    def sizeHint(self) -> QSize:
        return QSize(px(240), sum(self._heights()) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame_round(painter, self.rect(), px(6), "border", "raised")
        top = 1
        for number, (sample, height) in enumerate(zip(self._samples, self._heights(), strict=True)):
            row = QRect(1, top, self.width() - 2, height)
            if number:
                painter.fillRect(row.left(), row.top(), row.width(), 1, theme().color("border"))
            self._paint_sample(painter, row.adjusted(px(12), 1, -px(12), 0), sample)
            top += height

    def _paint_sample(self, painter: QPainter, row: QRect, sample: SampleCell) -> None:
        direction = self.layoutDirection()
        if not self._mapped:
            draw_text(painter, row, sample.before, "secondary")
            return
        width = row.width() * 2 // 5
        before = QRect(row.left(), row.top(), width - px(8), row.height())
        draw_text(painter, mirrored(before, row, direction), sample.before, "secondary")
        side, middle = px(14), row.top() + row.height() // 2
        arrow = QRect(row.left() + width, middle - side // 2, side, side)
        paint_icon(painter, QRectF(mirrored(arrow, row, direction)), "ph.arrow-right", "text-muted")
        mark, token = STATE_ICONS[sample.state]
        spot = QRect(row.right() + 1 - px(16), middle - px(8), px(16), px(16))
        paint_icon(painter, QRectF(mirrored(spot, row, direction)), mark, token)
        left = row.left() + width + side + px(8)
        room = row.right() + 1 - px(24) - left
        first = sample.after or sample.note
        color = "text" if sample.after else ("danger" if sample.state == BAD else "text-muted")
        if sample.after and sample.note:
            upper = QRect(left, middle - px(19), room, px(20))
            lower = QRect(left, middle + px(1), room, px(16))
            draw_text(painter, mirrored(upper, row, direction), first, "body", color)
            draw_text(painter, mirrored(lower, row, direction), sample.note, "secondary", "text-muted")
        else:
            line = QRect(left, row.top(), room, row.height())
            draw_text(painter, mirrored(line, row, direction), first, "body" if sample.after else "secondary", color)


@dataclass(frozen=True)
class Candidate:
    """A field that a column could go to, with how likely it is (0 to 1)."""

    name: str
    text: str
    icon: str
    score: float


class CandidateList(KeyboardRing, QWidget):
    """The likely fields of a column, best first; ``chosen`` sends the name of one. Arrow keys move, Space chooses."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Candidate, ...] = ()
        self._current = ""
        self._focus = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_candidates(self, items: Sequence[Candidate], current: str) -> None:
        """Show these fields, one of them chosen."""
        self._items, self._current = tuple(items), current
        self._focus = next((i for i, one in enumerate(items) if one.name == current), 0)
        self._say()
        self.updateGeometry()
        self.update()

    def candidates(self) -> tuple[Candidate, ...]:
        """What is shown."""
        return self._items

    def _say(self) -> None:
        told = ", ".join(f"{one.text} {round(one.score * 100)} %" for one in self._items)
        self.setAccessibleName(told)

    def sizeHint(self) -> QSize:
        return QSize(px(240), px(36) * len(self._items) + 2)

    def _row(self, index: int) -> QRect:
        return QRect(1, 1 + index * px(36), self.width() - 2, px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame_round(painter, self.rect(), px(6), "border", "raised")
        clip_round(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), px(5))
        for index, item in enumerate(self._items):
            self._paint_item(painter, index, item)

    def _paint_item(self, painter: QPainter, index: int, item: Candidate) -> None:
        row, direction = self._row(index), self.layoutDirection()
        on = item.name == self._current
        if on:
            painter.fillRect(row, theme().color("accent-soft"))
        if index:
            painter.fillRect(row.left(), row.top(), row.width(), 1, theme().color("border"))
        inner = row.adjusted(px(12), 0, -px(12), 0)
        middle = row.top() + row.height() // 2
        box = QRect(inner.left(), middle - px(8), px(16), px(16))
        draw_radio(theme(), painter, mirrored(box, inner, direction), on)
        mark = QRect(inner.left() + px(24), middle - px(8), px(16), px(16))
        paint_icon(painter, QRectF(mirrored(mark, inner, direction)), item.icon, "text-muted")
        percent = px(40)
        bar = px(56) if row.width() > px(300) else px(24)
        left = inner.left() + px(48)
        room = inner.width() - px(48) - percent - bar - px(16)
        spot = QRect(left, row.top(), room, row.height())
        draw_text(painter, mirrored(spot, inner, direction), item.text)
        track = QRect(inner.right() + 1 - percent - bar - px(4), middle - px(2), bar, px(4))
        fill_round(painter, mirrored(track, inner, direction), px(2), "hover")
        part = QRect(track.left(), track.top(), max(px(4), round(bar * min(1.0, item.score))), track.height())
        fill_round(painter, mirrored(part, inner, direction), px(2), "accent")
        number = QRect(inner.right() + 1 - percent, row.top(), percent, row.height())
        text = f"{round(item.score * 100)} %"
        draw_text(
            painter, mirrored(number, inner, direction), text, "secondary", "text-muted", Qt.AlignmentFlag.AlignTrailing
        )
        if self.shows_ring() and index == self._focus:
            frame_round(painter, row.adjusted(1, 1, -1, -1), px(4), "focus")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        for index, item in enumerate(self._items):
            if self._row(index).contains(event.position().toPoint()):
                self._focus = index
                self.chosen.emit(item.name)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._items:
            self._focus = max(0, min(len(self._items) - 1, self._focus + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._items:
            self.chosen.emit(self._items[self._focus].name)
        else:
            super().keyPressEvent(event)


def draw_count(
    painter: QPainter, rect: QRect, strong: str, rest: str, color: str, direction: Qt.LayoutDirection
) -> None:
    """ "12 of 2,164" at the end of a cell, the first number bold in a colour."""
    tail = text_width(rest, "secondary")
    end = QRect(rect.right() + 1 - tail - 1, rect.top(), tail + 1, rect.height())
    draw_text(painter, mirrored(end, rect, direction), rest, "secondary", "text-muted", elide=False)
    width = text_width(strong, "secondary-strong")
    start = QRect(end.left() - width - 1, rect.top(), width + 1, rect.height())
    role = "secondary-strong" if color != "text-muted" else "secondary"
    draw_text(
        painter, mirrored(start, rect, direction), strong, role, color, Qt.AlignmentFlag.AlignTrailing, elide=False
    )
