"""A line to search in: magnifier, placeholder, key-cap hint, cross to clear."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.framework.commands import native_shortcut
from ui.theme.icons import paint_icon
from ui.theme.theme import px
from ui.widgets.badges import key_size, key_text, paint_key
from ui.widgets.themed import on_theme


class SearchBox(QLineEdit):
    """A search line. ``searched`` is sent with the text, ``delay`` ms after the last key.

    Down sends ``down_pressed`` (to go to the hits); Escape clears, and in an empty box is passed on.
    """

    searched = Signal(str)
    down_pressed = Signal()

    def __init__(
        self,
        placeholder: str = "",
        *,
        key: str = "",
        small: bool = False,
        delay: int = 120,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._small = small
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textChanged.connect(lambda _text: self._timer.start())
        self.set_placeholder(placeholder)
        on_theme(self, self._measure)

    def set_placeholder(self, text: str) -> None:
        """Use another placeholder, which is also the accessible name."""
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(px(168 if self._small else 432), px(28 if self._small else 32))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), self.sizeHint().height())

    def _measure(self) -> None:
        hint = key_size(self._cap()).width() + px(8) if self._key else 0
        left, right = px(22 if self._small else 24), hint
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left, right = right, left
        self.setTextMargins(left, 0, right, 0)
        self.setFixedHeight(px(28 if self._small else 32))

    def _cap(self) -> str:
        return key_text(native_shortcut(self._key))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._timer.isActive():
            self._timer.stop()
            self.searched.emit(self.text())
            super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = px(14 if self._small else 16)
        left = self.width() - px(8) - side if rtl else px(8)
        paint_icon(painter, QRectF(left, (self.height() - side) / 2, side, side), "ph.magnifying-glass", "text-muted")
        if self._key and not self.text():
            size = key_size(self._cap())
            left = px(8) if rtl else self.width() - px(8) - size.width()
            rect = QRectF(left, (self.height() - size.height()) / 2, size.width(), size.height())
            paint_key(painter, rect, self._cap())
