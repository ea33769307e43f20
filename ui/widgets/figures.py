"""Key figures in a strip, and the small line that shows how they got there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import KeyboardRing, on_theme


@dataclass(frozen=True)
class Figure:
    """One key figure: label, value as shown, a note below with an icon, and values for the sparkline."""

    label: str
    value: str
    note: str = ""
    icon: str = ""
    icon_color: str = "text-muted"
    color: str = "text"
    line: tuple[float, ...] = ()
    key: str = ""
    tooltip: str = ""


def paint_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float]) -> None:
    """Draw a line over a soft area; the values are spread over the height."""
    if len(values) < 2:
        return
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = rect.width() / (len(values) - 1)
    top, depth = rect.top() + rect.height() / 8, rect.height() * 0.68
    points = [QPointF(rect.left() + i * step, top + depth * (1 - (v - low) / span)) for i, v in enumerate(values)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("accent-soft"))
    painter.drawPolygon(QPolygonF([rect.bottomLeft(), *points, rect.bottomRight()]))
    painter.setPen(QPen(theme().color("accent"), 1.5))
    painter.drawPolyline(QPolygonF(points))
    painter.restore()


class Sparkline(QWidget):
    """A sparkline of 96 × 32."""

    def __init__(self, values: Sequence[float] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = tuple(values)

    def set_values(self, values: Sequence[float]) -> None:
        """Show other values."""
        self._values = tuple(values)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(96), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_sparkline(QPainter(self), QRectF(self.rect()), self._values)


class FigureStrip(KeyboardRing, QWidget):
    """Figures side by side between two hairlines. Figures with a ``key`` can be clicked: ``activated`` sends it.

    ``compact`` uses the 20 px figures of record pages and reports.
    """

    activated = Signal(str)

    def __init__(self, figures: Sequence[Figure] = (), *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._compact = compact
        self._over = -1
        self._focus = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)
        self.set_figures(figures)

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show these figures."""
        self._figures = tuple(figures)
        clickable = any(figure.key for figure in self._figures)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if clickable else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("; ".join(f"{f.label}: {f.value} {f.note}".strip() for f in self._figures))
        self.updateGeometry()
        self.update()

    @property
    def _role(self) -> str:
        return "figure-strip" if self._compact else "figure"

    @property
    def _notes(self) -> bool:
        return any(figure.note for figure in self._figures)

    def sizeHint(self) -> QSize:
        line = 28 if self._compact else 32
        height = (10 if self._compact else 12) * 2 + 16 + 4 + line + (20 if self._notes else 0)
        return QSize(px(160) * max(1, len(self._figures)), px(height))

    def minimumSizeHint(self) -> QSize:
        return QSize(sum(self._needs()), self.sizeHint().height())

    def _needs(self, *, notes: bool = False) -> list[int]:
        """The width that each figure needs, with its note or without."""
        pad, last = px(16 if self._compact else 24), len(self._figures) - 1
        sides = [(0 if i == 0 else pad) + (0 if i == last else pad) for i in range(last + 1)]
        texts = [max(text_width(f.value, self._role), text_width(f.label, "secondary")) for f in self._figures]
        if notes:
            icon = px(14 + 4)
            below = [text_width(f.note, "secondary") + (icon if f.icon else 0) for f in self._figures]
            texts = [max(text, note) for text, note in zip(texts, below, strict=True)]
        return [side + text + 2 for side, text in zip(sides, texts, strict=True)]

    def _widths(self) -> list[float]:
        """Equal cells where everything fits; else what each needs, and the rest to the notes that lack room."""
        count, wants = max(1, len(self._figures)), self._needs(notes=True)
        if max(wants, default=0) <= self.width() // count:
            return [self.width() / count] * count
        needs = self._needs()
        spare, lacks = max(0, self.width() - sum(needs)), [want - need for want, need in zip(wants, needs, strict=True)]
        given = min(1.0, spare / max(1, sum(lacks)))
        rest = (spare - given * sum(lacks)) / count
        return [need + given * lack + rest for need, lack in zip(needs, lacks, strict=True)]

    def _cell(self, index: int) -> QRect:
        widths = self._widths()
        left, right = round(sum(widths[:index])), round(sum(widths[: index + 1]))
        return mirrored(QRect(left, 0, right - left, self.height()), self.rect(), self.layoutDirection())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = theme().color("border")
        painter.fillRect(0, 0, self.width(), 1, line)
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        for index, figure in enumerate(self._figures):
            self._paint_figure(painter, index, figure)

    def _paint_figure(self, painter: QPainter, index: int, figure: Figure) -> None:
        cell = self._cell(index)
        ltr = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        if index:
            edge = cell.left() if ltr else cell.right()
            painter.fillRect(edge, 0, 1, self.height(), theme().color("border"))
        pad = px(16 if self._compact else 24)
        start, end = (0 if index == 0 else pad), (0 if index == len(self._figures) - 1 else pad)
        inner = cell.adjusted(start if ltr else end, 0, -(end if ltr else start), 0)
        y = px(10 if self._compact else 12)
        draw_text(painter, QRect(inner.left(), y, inner.width(), px(16)), figure.label, "secondary", "text-muted")
        y += px(20)
        height = px(28 if self._compact else 32)
        color = "accent" if index == self._over and figure.key else figure.color
        used = draw_text(painter, QRect(inner.left(), y, inner.width(), height), figure.value, self._role, color)
        if figure.line and inner.width() - used > px(96 + 12):
            spark = QRect(inner.right() + 1 - px(96), y, px(96), px(32))
            paint_sparkline(painter, QRectF(mirrored(spark, inner, self.layoutDirection())), figure.line)
        if figure.note:
            self._paint_note(painter, QRect(inner.left(), y + height + px(4), inner.width(), px(16)), figure)
        if self.shows_ring() and index == self._focus and figure.key:
            painter.setPen(theme().color("focus"))
            painter.drawRect(cell.adjusted(1, 1, -2, -2))

    def _paint_note(self, painter: QPainter, row: QRect, figure: Figure) -> None:
        text = row
        if figure.icon:
            side = px(14)
            box = mirrored(QRect(row.left(), row.top() + px(1), side, side), row, self.layoutDirection())
            paint_icon(painter, QRectF(box), figure.icon, figure.icon_color)
            shifted = row.adjusted(side + px(4), 0, 0, 0)
            text = mirrored(shifted, row, self.layoutDirection())
        draw_text(painter, text, figure.note, "secondary", "text-muted")

    def _at(self, x: int) -> int:
        return next((i for i in range(len(self._figures)) if self._cell(i).left() <= x <= self._cell(i).right()), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._at(int(event.position().x()))
        figure = self._figures[self._over] if self._over >= 0 else None
        pointing = figure is not None and bool(figure.key)
        self.setCursor(Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor)
        self.setToolTip((figure.tooltip or figure.note) if figure else "")
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._activate(self._at(int(event.position().x())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step and self._figures:
            self._focus = (self._focus + step) % len(self._figures)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._activate(self._focus)
        else:
            super().keyPressEvent(event)

    def _activate(self, index: int) -> None:
        if 0 <= index < len(self._figures) and self._figures[index].key:
            self.activated.emit(self._figures[index].key)
