"""The bar of steps over an assistant, as in importing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import KeyboardRing, fixed_height


class StepBar(KeyboardRing, QWidget):
    """Numbered steps, 48 high. Steps before the current one are done; a click on one sends ``step_chosen``."""

    step_chosen = Signal(int)

    def __init__(self, steps: Sequence[str] = (), current: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = list(steps)
        self._current = current
        self._failed: set[int] = set()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fixed_height(self, 48)
        self._say()

    def set_steps(self, steps: Sequence[str]) -> None:
        """Use these texts."""
        self._steps = list(steps)
        self._say()

    def set_current(self, index: int) -> None:
        """Go to a step."""
        self._current = index
        self._say()

    def current(self) -> int:
        """The current step."""
        return self._current

    def _say(self) -> None:
        if self._steps:
            text = _("Step {number} of {total}: {name}")
            name = self._steps[min(self._current, len(self._steps) - 1)]
            self.setAccessibleName(text.format(number=self._current + 1, total=len(self._steps), name=name))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(800), px(48))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(320), px(48))

    def _places(self) -> list[tuple[QRect, bool]]:
        """The rectangle of each step, and whether its word fits."""
        widths = [px(30) + text_width(step, "strong") + 1 for step in self._steps]
        room = self.width() - px(48)
        count = len(self._steps)
        words = sum(widths) + (count - 1) * px(36) <= room
        if not words:
            # Too narrow for all the words: only the current step keeps its own.
            widths = [w if i == self._current else px(22) for i, w in enumerate(widths)]
        gap = (room - sum(widths)) / max(1, count - 1)
        places, x = [], float(px(24))
        for index, width in enumerate(widths):
            rect = QRect(round(x), 0, width, self.height())
            places.append((mirrored(rect, self.rect(), self.layoutDirection()), words or index == self._current))
            x += width + gap
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("border"))
        places = self._places()
        for index, (rect, worded) in enumerate(places):
            self._paint_step(painter, index, rect, worded)
            if index + 1 < len(places):
                after = places[index + 1][0]
                left, right = (rect, after) if rect.left() < after.left() else (after, rect)
                start, end = left.right() + px(12), right.left() - px(12)
                if end > start:
                    painter.fillRect(start, self.height() // 2, end - start, 1, theme().color("border-strong"))

    def _paint_step(self, painter: QPainter, index: int, rect: QRect, worded: bool) -> None:
        side = px(22)
        circle = QRect(rect.left(), (self.height() - side) // 2, side, side)
        circle = mirrored(circle, rect, self.layoutDirection())
        done, on = index < self._current, index == self._current
        if done:
            fill_round(painter, circle, side / 2, "success-soft")
            small = px(14)
            spot = QRectF(circle.center().x() + 0.5 - small / 2, circle.center().y() + 0.5 - small / 2, small, small)
            paint_icon(painter, spot, "ph.check", "success")
        else:
            line, fill = ("accent", "accent") if on else ("border-strong", "surface")
            frame_round(painter, circle, side / 2, line, fill)
            ink = "on-accent" if on else "text-muted"
            middle = Qt.AlignmentFlag.AlignHCenter
            draw_text(painter, circle, str(index + 1), "secondary-strong", ink, middle, elide=False)
        if worded:
            word = mirrored(rect.adjusted(px(30), 0, 0, 0), rect, self.layoutDirection())
            draw_text(painter, word, self._steps[index], "strong" if on else "body", "text" if on else "text-muted")
        if on and self.shows_ring():
            frame_round(painter, rect.adjusted(-px(4), px(8), px(4), -px(8)), px(6), "focus")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        for index, (rect, _worded) in enumerate(self._places()):
            if rect.contains(spot) and index < self._current:
                self.step_chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Backspace) and self._current > 0:
            self.step_chosen.emit(self._current - 1)
        else:
            super().keyPressEvent(event)
