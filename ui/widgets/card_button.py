"""Cards that are one button each: the doors of the first start, the counts that filter, the short actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, Label
from ui.widgets.states import BigIcon
from ui.widgets.themed import KeyboardRing, on_theme


class _Card(KeyboardRing, QAbstractButton):
    """What the cards share: focus, hover, Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class DoorCard(_Card):
    """A door: icon, title, text, points with a tick, room for more (``extra``), and a button that says what it does.

    The whole card clicks. A ``recommended`` one has the accent border and a primary button.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        points: Sequence[str],
        button: str,
        *,
        hue: int = 1,
        recommended: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._recommended = recommended
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{text} {button}")
        self._box = box = QVBoxLayout(self)
        box.setSpacing(0)
        box.addWidget(BigIcon(icon, hue, 56, 12))
        box.addSpacing(px(16))
        box.addWidget(Label(title, "door", wrap=True))
        box.addSpacing(px(4))
        about = Label(text, "body", "text-muted", wrap=True)
        about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        about.setMinimumHeight(px(40))
        box.addWidget(about)
        box.addSpacing(px(16))
        for point in points:
            line = QHBoxLayout()
            line.setSpacing(px(8))
            line.addWidget(IconLabel("ph.check", "success", 16, 20), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Label(point, wrap=True), 1)
            box.addLayout(line)
            box.addSpacing(px(8))
        self.extra = QVBoxLayout()
        self.extra.setContentsMargins(0, px(8), 0, 0)
        box.addLayout(self.extra)
        box.addStretch(1)
        self.button = Button(button, kind="primary" if recommended else "secondary", trailing="ph.arrow-right")
        self.button.height_px = 36
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(self.click)
        box.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        on_theme(self, self._measure)

    def _measure(self) -> None:
        edge = px(24) + 3
        self._box.setContentsMargins(edge, edge, edge, edge)
        self.setMinimumSize(px(280), px(428) + 6)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(344) + 6, max(px(428) + 6, self._box.heightForWidth(px(344))))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().adjusted(3, 3, -3, -3)
        if self._recommended or self.shows_ring():
            fill_round(painter, self.rect(), px(8) + 3, "accent-soft")
        else:
            fill_round(painter, box.adjusted(0, 1, 0, 2), px(8), "shadow-card")
        line = "accent" if self._recommended or self.shows_ring() or self.underMouse() else "border"
        frame_round(painter, box, px(8), line, "raised")


class CountCard(_Card):
    """A count that filters what is below: icon and label in the colour of the meaning, number 20 semibold."""

    def __init__(
        self, label: str, count: str, icon: str = "", color: str = "text-muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._count = count
        self._icon = icon
        self._color = color
        self.setText(label)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(count)
        on_theme(self, self.updateGeometry)

    def set_count(self, count: str) -> None:
        """Show another number."""
        self._count = count
        self.setAccessibleName(f"{self.text()}: {count}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(px(120), text_width(self.text(), "name") + px(52)), px(66))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on = self.isChecked()
        fill = "accent-soft" if on else ("hover" if self.underMouse() else "raised")
        frame_round(painter, self.rect(), px(6), "focus" if on or self.shows_ring() else "border", fill)
        inner = self.rect().adjusted(px(13), px(8), -px(12), -px(8))
        color = "accent" if on else self._color
        row = QRect(inner.left(), inner.top(), inner.width(), px(20))
        if self._icon:
            side = px(16)
            box = mirrored(QRect(row.left(), row.top() + px(2), side, side), row, self.layoutDirection())
            paint_icon(painter, QRectF(box), self._icon, color)
            row = mirrored(row.adjusted(px(22), 0, 0, 0), row, self.layoutDirection())
        draw_text(painter, row, self.text(), "name", color)
        number = QRect(inner.left(), inner.top() + px(22), inner.width(), px(28))
        draw_text(painter, number, self._count, "figure-strip")


class ActionCard(_Card):
    """A short action: accent icon, title and a line about it."""

    def __init__(self, icon: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._about = text
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        text = max(text_width(self.text(), "name"), text_width(self._about, "secondary"))
        return QSize(px(56) + text, px(54))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(54))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill = "hover" if self.underMouse() and self.isEnabled() else "raised"
        frame_round(painter, self.rect(), px(6), "focus" if self.shows_ring() else "border", fill)
        direction, whole = self.layoutDirection(), self.rect()
        side = px(16)
        box = QRect(px(13), (self.height() - side) // 2, side, side)
        ink = "accent" if self.isEnabled() else "text-disabled"
        paint_icon(painter, QRectF(mirrored(box, whole, direction)), self._icon, ink)
        left = px(13) + side + px(12)
        room = self.width() - left - px(12)
        top = (self.height() - px(36)) // 2
        first = mirrored(QRect(left, top, room, px(20)), whole, direction)
        draw_text(painter, first, self.text(), "name", "text" if self.isEnabled() else "text-disabled")
        second = mirrored(QRect(left, top + px(20), room, px(16)), whole, direction)
        draw_text(painter, second, self._about, "secondary", "text-muted")
