"""Chips: filters that can be taken off, choices, and the dashed one that adds."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.themed import KeyboardRing, on_theme


class Chip(KeyboardRing, QAbstractButton):
    """A rounded choice, 24 high.

    ``checkable`` chips choose; ``removable`` ones are filters in force: the cross and Delete send ``removed``.
    ``count`` stands bold behind the text; ``icon`` before it, in ``icon_color``; ``dashed`` is for "add".
    """

    removed = Signal()

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        icon_color: str = "",
        count: str = "",
        removable: bool = False,
        dashed: bool = False,
        checkable: bool = False,
        menu: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self.icon_color = icon_color
        self.removable = removable
        self.dashed = dashed
        self.menu_caret = menu
        self._count = count
        self.setText(text)
        self.setCheckable(checkable)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if removable:
            self.setToolTip(_("Click to change, Delete to remove"))
        on_theme(self, self.updateGeometry)

    def set_count(self, count: str) -> None:
        """Show a number behind the text."""
        self._count = count
        self.updateGeometry()
        self.update()

    @property
    def _on(self) -> bool:
        return self.removable or self.isChecked()

    @property
    def _role(self) -> str:
        return "secondary-name" if self._on else "secondary"

    def sizeHint(self) -> QSize:
        width = px(16) + text_width(self.text(), "secondary-name") + 2
        width += px(18) if self.icon_name else 0
        width += px(6) + text_width(self._count, "secondary-strong") if self._count else 0
        width += px(18) if self.removable or self.menu_caret else 0
        return QSize(width, px(24))

    def _cross(self) -> QRect:
        rect = QRect(self.width() - px(24), 0, px(24), self.height())
        return mirrored(rect, self.rect(), self.layoutDirection())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.removable and self.isDown() and self._cross().contains(event.position().toPoint()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        over = self.underMouse() and self.isEnabled()
        if self._on:
            fill_round(painter, rect, radius, "accent-soft")
            ink = "accent"
        else:
            fill = "hover" if over else (None if self.dashed else "raised")
            frame_round(painter, rect, radius, "border-strong", fill, dashed=self.dashed)
            ink = "text-muted" if self.dashed else "text"
        ink = ink if self.isEnabled() else "text-disabled"
        x = px(8)
        if self.icon_name:
            self._icon(painter, x, self.icon_name, self.icon_color if self.icon_color and not self._on else ink)
            x += px(18)
        width = text_width(self.text(), self._role) + 1
        draw_text(painter, self._spot(x, width), self.text(), self._role, ink, elide=False)
        x += width + px(6)
        if self._count:
            width = text_width(self._count, "secondary-strong") + 1
            draw_text(painter, self._spot(x, width), self._count, "secondary-strong", ink, elide=False)
        if self.removable or self.menu_caret:
            self._icon(painter, self.width() - px(20), "ph.x" if self.removable else "ph.caret-down", ink)
        if self.shows_ring():
            frame_round(painter, rect, radius, "focus")

    def _spot(self, x: int, width: int) -> QRect:
        return mirrored(QRect(x, 0, width, self.height()), self.rect(), self.layoutDirection())

    def _icon(self, painter: QPainter, x: int, name: str, ink: str) -> None:
        side = px(12)
        box = mirrored(QRect(x, (self.height() - side) // 2, side, side), self.rect(), self.layoutDirection())
        paint_icon(painter, QRectF(box), name, ink)


class AddChip(Chip):
    """The dashed chip that adds one: "+ Filter"."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, icon="ph.plus", dashed=True, parent=parent)


def paint_chip_outline(painter: QPainter, rect: QRectF, selected: bool) -> None:
    """The outline of a chip, for delegates."""
    if selected:
        fill_round(painter, rect, rect.height() / 2, "accent-soft")
    else:
        frame_round(painter, rect, rect.height() / 2, "border-strong", "raised")
