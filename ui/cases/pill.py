"""A badge that opens a menu: status and priority in the head of a case."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.badges import BADGE_KINDS
from ui.widgets.themed import KeyboardRing, on_theme


class Pill(KeyboardRing, QAbstractButton):
    """A rounded word with an icon and a caret, 22 high; a click or Enter opens the menu that ``make_menu`` makes."""

    def __init__(self, make_menu: Callable[[], QMenu], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_menu = make_menu
        self._kind, self._icon = "neutral", ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open_menu)
        on_theme(self, self.updateGeometry)

    def show_value(self, text: str, kind: str, icon: str, label: str) -> None:
        """Show a value; ``label`` says what it is of."""
        self._kind, self._icon = kind, icon
        self.setText(text)
        self.setAccessibleName(f"{label}: {text}")
        self.setToolTip(label)
        self.updateGeometry()
        self.update()

    def menu(self) -> QMenu:
        """The menu, made now."""
        return self._make_menu()

    def open_menu(self) -> None:
        """Open the menu."""
        self.menu().exec(self.mapToGlobal(QPoint(0, self.height() + px(4))))

    def sizeHint(self) -> QSize:
        icon = px(12) + px(4) if self._icon else 0
        return QSize(px(8) + icon + text_width(self.text(), "badge") + px(4) + px(12) + px(6), px(22))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.open_menu()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, rect = QPainter(self), QRectF(self.rect())
        fill, ink = BADGE_KINDS[self._kind]
        fill_round(painter, rect, rect.height() / 2, fill)
        if self.underMouse() or self.shows_ring():
            frame_round(painter, rect, rect.height() / 2, "focus" if self.shows_ring() else ink)
        x, side = px(8), px(12)
        if self._icon:
            self._paint_icon(painter, x, self._icon, ink)
            x += side + px(4)
        width = text_width(self.text(), "badge") + 1
        spot = mirrored(QRect(x, 0, width, self.height()), self.rect(), self.layoutDirection())
        draw_text(painter, spot, self.text(), "badge", ink, elide=False)
        self._paint_icon(painter, x + width + px(3), "ph.caret-down", ink)

    def _paint_icon(self, painter: QPainter, x: int, name: str, ink: str) -> None:
        side = px(12)
        box = mirrored(QRect(x, (self.height() - side) // 2, side, side), self.rect(), self.layoutDirection())
        paint_icon(painter, QRectF(box), name, ink)
