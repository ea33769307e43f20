"""The strip below the board that appears while a card is dragged: won, lost, postponed, another pipeline."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.sales.column_view import MIME
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.labels import Label
from ui.widgets.themed import fixed_height, margins

WON, LOST, POSTPONE, ELSEWHERE = "won", "lost", "postpone", "elsewhere"
_LOOKS = {
    WON: ("ph.trophy", "success", "success-soft"),
    LOST: ("ph.x-circle", "danger", "danger-soft"),
    POSTPONE: ("ph.hourglass", "", ""),
    ELSEWHERE: ("ph.columns", "", ""),
}


class DropZone(QWidget):
    """A place where a card can be dropped; ``dropped`` sends its key."""

    dropped = Signal(str)

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._text = ""
        self._over = False
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        fixed_height(self, 44)

    def set_text(self, text: str) -> None:
        """Write its word."""
        self._text = text
        self.setAccessibleName(text)
        self.update()

    def _hang(self, on: bool) -> None:
        self._over = on
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
            self._hang(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hang(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hang(False)
        event.acceptProposedAction()
        self.dropped.emit(self.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        icon, ink, fill = _LOOKS[self.key]
        line = ink or ("accent" if self._over else "border-strong")
        ground = fill or ("accent-soft" if self._over else None)
        frame_round(painter, self.rect(), px(6), line, ground, width=2.5 if self._over else 1.5, dashed=not self._over)
        ink = ink or ("accent" if self._over else "text-muted")
        side, gap = px(18), px(8)
        room = self.width() - px(16)
        width = min(text_width(self._text, "name") + 1, max(room - side - gap, 0))
        left = (self.width() - side - gap - width) // 2
        box = QRect(left, (self.height() - side) // 2, side, side)
        paint_icon(painter, QRectF(mirrored(box, self.rect(), self.layoutDirection())), icon, ink)
        words = QRect(left + side + gap, 0, width, self.height())
        draw_text(painter, mirrored(words, self.rect(), self.layoutDirection()), self._text, "name", ink)


class DropStrip(QWidget):
    """The zones side by side; ``dropped`` sends the key of one."""

    dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label("", "secondary", "text-muted")
        self.zones = {key: DropZone(key) for key in _LOOKS}
        row = QHBoxLayout(self)
        row.addWidget(self.label)
        for zone in self.zones.values():
            zone.dropped.connect(self.dropped)
            row.addWidget(zone, 1)
        margins(self, 24, 0, 24, 16, 12)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """Write the words again."""
        self.label.setText(_("Drop to close:"))
        self.zones[WON].set_text(_("Won"))
        self.zones[LOST].set_text(_("Lost…"))
        self.zones[POSTPONE].set_text(_("Postpone…"))
        self.zones[ELSEWHERE].set_text(_("Other pipeline…"))

    def set_elsewhere(self, on: bool) -> None:
        """Whether there is another pipeline to go to."""
        self.zones[ELSEWHERE].setVisible(on)
