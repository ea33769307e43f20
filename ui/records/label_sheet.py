"""A small picture of a sheet of labels, on which the first label to be used is chosen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.reporting.label_sheets import PAPERS, SHEETS, LabelSheet
from ui.theme.theme import px, theme
from ui.widgets.themed import KeyboardRing


class SheetPicture(KeyboardRing, QWidget):
    """The labels of a sheet; those to be filled are coloured. ``start_changed`` sends the first label, from 1.

    A click or the arrow keys choose it; Home and End go to the first and the last.
    """

    start_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet: LabelSheet = SHEETS[0]
        self.start, self.used = 1, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(_("The first label to print on: click, or use the arrow keys"))
        self._say()

    def set_sheet(self, sheet: LabelSheet) -> None:
        """Show another sheet."""
        self.sheet = sheet
        self.set_start(min(self.start, sheet.count))
        self.updateGeometry()
        self.update()

    def set_used(self, count: int) -> None:
        """How many labels will be filled."""
        self.used = count
        self.update()

    def set_start(self, start: int) -> None:
        """Begin at another label."""
        start = max(1, min(start, self.sheet.count))
        if start != self.start:
            self.start = start
            self.start_changed.emit(start)
        self._say()
        self.update()

    def _say(self) -> None:
        text = _("First label: {n} of {count}")
        self.setAccessibleName(text.format(n=self.start, count=self.sheet.count))

    def sizeHint(self) -> QSize:
        return QSize(px(210), px(297))

    def _scale(self) -> float:
        width, height = PAPERS[self.sheet.paper]
        return min((self.width() - 4) / width, (self.height() - 4) / height)

    def cell(self, number: int) -> QRectF:
        """Where a label is painted, counted from 0."""
        scale = self._scale()
        _page, left, top = self.sheet.place(number)
        return QRectF(2 + left * scale, 2 + top * scale, self.sheet.width * scale, self.sheet.height * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale()
        width, height = PAPERS[self.sheet.paper]
        painter.setPen(theme().color("border-strong"))
        painter.setBrush(theme().color("surface"))
        painter.drawRect(QRectF(2, 2, width * scale, height * scale))
        last = self.start - 1 + self.used
        for number in range(self.sheet.count):
            box = self.cell(number).adjusted(1, 1, -1, -1)
            filled = self.start - 1 <= number < last
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent-soft" if filled else "hover"))
            painter.drawRoundedRect(box, 2, 2)
            if number == self.start - 1:
                ring = QPen(theme().color("accent"))
                ring.setWidthF(2 if self.hasFocus() else 1.2)
                painter.setPen(ring)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 2, 2)
            if filled:
                painter.fillRect(
                    QRectF(box.left() + 4, box.center().y() - 3, box.width() * 0.5, 1.5), theme().color("accent")
                )
                painter.fillRect(
                    QRectF(box.left() + 4, box.center().y() + 1, box.width() * 0.35, 1.5), theme().color("accent")
                )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        spot = QPointF(event.position())
        for number in range(self.sheet.count):
            if self.cell(number).contains(spot):
                self.set_start(number + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: self.sheet.columns,
            Qt.Key.Key_Up: -self.sheet.columns, Qt.Key.Key_Home: -self.sheet.count, Qt.Key.Key_End: self.sheet.count,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        wanted = self.start + step
        if abs(step) == self.sheet.columns and abs(step) != 1 and not 1 <= wanted <= self.sheet.count:
            return
        self.set_start(wanted)
