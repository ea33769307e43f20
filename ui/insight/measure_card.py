"""A card with one number of the Data quality page, and the grid of such cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored
from ui.theme.theme import px
from ui.widgets.figures import paint_sparkline
from ui.widgets.themed import KeyboardRing, margins, on_theme

_WIDTH, _HEIGHT, _GAP = 232, 104, 12


@dataclass(frozen=True)
class CardText:
    """What a card says: its texts are in the language in use; ``color`` and ``note_color`` are tokens."""

    key: str
    label: str
    icon: str
    value: str
    share: str = ""
    note: str = ""
    note_icon: str = ""
    note_color: str = "text-muted"
    quiet: bool = False
    line: tuple[int, ...] = ()
    help: str = ""


class MeasureCard(KeyboardRing, QAbstractButton):
    """One number: a click or Enter opens the records behind it."""

    def __init__(self, text: CardText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = text
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_card(text)
        on_theme(self, self.updateGeometry)

    def set_card(self, text: CardText) -> None:
        """Show other numbers."""
        self.card = text
        self.setText(text.label)
        said = [f"{text.label}: {text.value}", text.share, text.note]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setAccessibleDescription(text.help)
        self.setToolTip(text.help)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(_WIDTH), px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the grid knows what is beside and below
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, card, direction = QPainter(self), self.card, self.layoutDirection()
        fill = "hover" if self.underMouse() else "raised"
        frame_round(painter, self.rect(), px(6), "focus" if self.shows_ring() else "border", fill)
        inner = self.rect().adjusted(px(14), px(10), -px(14), -px(10))

        def place(left: int, top: int, width: int, height: int) -> QRect:
            box = QRect(inner.left() + left, inner.top() + top, width, height)
            return mirrored(box, inner, direction)

        side = px(16)
        paint_icon(painter, QRectF(place(0, px(2), side, side)), card.icon, "text-muted")
        left = side + px(8)
        draw_text(painter, place(left, 0, inner.width() - left, px(20)), card.label, "name", "text")
        number = place(0, px(26), inner.width(), px(32))
        used = draw_text(painter, number, card.value, "figure", "text-muted" if card.quiet else "text")
        used += px(8)
        spark = px(72) if len(card.line) > 1 and inner.width() > used + px(72 + 56) else 0
        if card.share:
            room = inner.width() - used - spark - px(4)
            draw_text(painter, place(used, px(34), room, px(20)), card.share, "secondary", "text-muted")
        if spark:
            paint_sparkline(painter, QRectF(place(inner.width() - spark, px(28), spark, px(28))), card.line)
        start = 0
        if card.note_icon:
            paint_icon(painter, QRectF(place(0, px(65), px(14), px(14))), card.note_icon, card.note_color)
            start = px(18)
        draw_text(painter, place(start, px(64), inner.width() - start, px(16)), card.note, "secondary", card.note_color)


class CardGrid(QWidget):
    """Cards in as many columns as fit; the arrows go from card to card. ``opened`` sends the key of one."""

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[MeasureCard] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setSpacing(px(_GAP))
        margins(self, 24, 0, 24, 8)

    def set_cards(self, texts: Sequence[CardText]) -> None:
        """Show these cards; those that stay the same widgets keep the focus."""
        while len(self.cards) > len(texts):
            gone = self.cards.pop()
            self._grid.removeWidget(gone)
            gone.deleteLater()
        for number, text in enumerate(texts):
            if number < len(self.cards):
                self.cards[number].set_card(text)
            else:
                card = MeasureCard(text, self)
                card.clicked.connect(lambda _on=False, card=card: self.opened.emit(card.card.key))
                self.cards.append(card)
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, (self.width() - px(48) + px(_GAP)) // (px(_WIDTH) + px(_GAP)))
        if columns == self._columns or not self.cards:
            return
        for number in range(max(self._columns, columns)):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)
        self._columns = columns
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ahead = -1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
        steps: dict[int, Callable[[], int]] = {
            Qt.Key.Key_Right: lambda: ahead, Qt.Key.Key_Left: lambda: -ahead,
            Qt.Key.Key_Down: lambda: self._columns, Qt.Key.Key_Up: lambda: -self._columns,
        }  # fmt: skip
        step = steps.get(event.key())
        current = next((n for n, card in enumerate(self.cards) if card is self.window().focusWidget()), -1)
        wanted = current + step() if step is not None and current >= 0 else -1
        if 0 <= wanted < len(self.cards):
            self.cards[wanted].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
