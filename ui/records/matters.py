"""The strip of figures that says what matters now about a record, and the line of its next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.framework.commands import native_shortcut
from ui.records.kit import SHORTCUTS, Matter, NextStep
from ui.records.room import OneLine
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel
from ui.widgets.themed import KeyboardRing, margins, on_theme

_NARROW = 380
_ICONS = {"danger": "ph.warning-circle", "warning": "ph.warning"}


class MatterButton(KeyboardRing, QAbstractButton):
    """One figure: its label above, its value below; a click leads to what is behind it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matter = Matter("", "", "")
        self._inline = False
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_matter(self, matter: Matter) -> None:
        """Show another figure."""
        if matter == self.matter:
            return
        self.matter = matter
        words = (matter.label, matter.value if matter.value != "–" else _("none"), matter.note)
        self.setAccessibleName(": ".join(part for part in words if part))
        self.setAccessibleDescription(matter.tooltip)
        self.setToolTip(matter.tooltip)
        self.update()

    def set_inline(self, inline: bool) -> None:
        """Show the value beside its label, where there is little room."""
        self._inline = inline
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(96), px(24 if self._inline else 44))

    def needed_width(self, *, inline: bool | None = None) -> int:
        """The width with which neither the label nor the value is cut off, as it is shown now where ``inline`` is None."""
        matter, icon = self.matter, px(18) if self.matter.kind in _ICONS else 0
        label, value = text_width(matter.label, "secondary"), icon + text_width(matter.value, "strong")
        beside = self._inline if inline is None else inline
        return px(8) + px(4) + 2 + (label + px(8) + value if beside else max(label, value))

    def keyPressEvent(self, event: Any) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, matter, direction = QPainter(self), self.matter, self.layoutDirection()
        if self.underMouse():
            fill_round(painter, self.rect(), px(6), "hover")
        if self.shows_ring():
            frame_round(painter, self.rect(), px(6), "focus")
        inner = self.rect().adjusted(px(8), px(2 if self._inline else 4), -px(4), -px(2 if self._inline else 4))
        label = QRect(inner.left(), inner.top(), inner.width(), px(20 if self._inline else 16))
        row = QRect(inner.left(), inner.top() + px(16), inner.width(), px(20))
        if self._inline:
            value = text_width(matter.value, "strong") + (px(18) if matter.kind in _ICONS else 0) + 2
            start = min(text_width(matter.label, "secondary") + px(8), max(inner.width() // 2, inner.width() - value))
            label.setWidth(start - px(8))
            row = QRect(inner.left() + start, inner.top(), inner.width() - start, px(20))
        draw_text(painter, mirrored(label, inner, direction), matter.label, "secondary", "text-muted")
        if matter.kind in _ICONS:
            side = px(14)
            spot = mirrored(QRect(row.left(), row.center().y() - side // 2 + 1, side, side), inner, direction)
            paint_icon(painter, QRectF(spot), _ICONS[matter.kind], matter.kind)
            row.setLeft(row.left() + side + px(4))
        nothing = matter.value == "–"
        ink = matter.kind or ("text-muted" if nothing else "text")
        used = min(text_width(matter.value, "strong") + 1, row.width())
        spot = mirrored(QRect(row.left(), row.top(), used, row.height()), inner, direction)
        draw_text(painter, spot, matter.value, "body" if nothing else "strong", ink)
        rest = QRect(row.left() + used + px(6), row.top(), row.width() - used - px(6), row.height())
        if matter.note and not self._inline and rest.width() >= text_width(matter.note, "secondary"):
            draw_text(painter, mirrored(rest, inner, direction), matter.note, "secondary", "text-muted")


class MattersStrip(QWidget):
    """The figures side by side, in two rows where they do not fit so. ``activated`` sends the Matter."""

    activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[MatterButton] = []
        self._grid = QGridLayout(self)
        self._columns = 0
        margins(self, 16, 2, 8, 4, 2)
        self._grid.setVerticalSpacing(0)

    def set_matters(self, matters: Sequence[Matter]) -> None:
        """Show these figures."""
        while len(self.buttons) < len(matters):
            button = MatterButton(self)
            button.clicked.connect(lambda _on=False, button=button: self.activated.emit(button.matter))
            self.buttons.append(button)
            self._columns = 0
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(matters))
            if number < len(matters):
                button.set_matter(matters[number])
        self._arrange()

    def button(self, key: str) -> MatterButton | None:
        """The button of a figure."""
        return next((one for one in self.buttons if one.matter.key == key), None)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self._room(len(self.buttons))
        fits = sum(one.needed_width(inline=False) for one in self.buttons) <= room and self.width() >= px(_NARROW)
        columns = max(len(self.buttons), 1) if fits else 2
        if columns != self._columns:
            self._place(columns)
        self._share_room()

    def _room(self, columns: int) -> int:
        """What so many columns have together."""
        margin = self._grid.contentsMargins()
        return self.width() - margin.left() - margin.right() - self._grid.horizontalSpacing() * (columns - 1)

    def _share_room(self) -> None:
        """The usual widths where everything fits; else what each column needs."""
        count = self._columns
        room = self._room(count)
        # the first, of money, needs the most room
        shares = [13 if number == 0 else 10 for number in range(count)]
        needs = [max((one.needed_width() for one in self.buttons[number::count]), default=0) for number in range(count)]
        if any(need > room * share // sum(shares) for need, share in zip(needs, shares, strict=True)):
            spare = max(0, room - sum(needs)) // count
            shares = [need + spare for need in needs]
        for number, share in enumerate(shares):
            self._grid.setColumnStretch(number, share)

    def _place(self, columns: int) -> None:
        self._columns = columns
        for button in self.buttons:
            self._grid.removeWidget(button)
        for number in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(number, 0)
        for number, button in enumerate(self.buttons):
            self._grid.addWidget(button, number // columns, number % columns)
            button.set_inline(columns == 2)
        self.updateGeometry()


class StepLine(QWidget):
    """The next step with the button that ticks it off; late ones in red; without one the offer to plan it."""

    done_requested = Signal()
    plan_requested = Signal()
    open_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = _Line()
        self.done = Button(icon="ph.check", kind="ghost", small=True)
        self.plan = Button(icon="ph.calendar-plus", kind="accent", small=True)
        self.line.add(self.done)
        self.line.add(self.plan)
        self.done.clicked.connect(self.done_requested)
        self.plan.clicked.connect(self.plan_requested)
        self.line.clicked.connect(self.open_requested)
        row = QHBoxLayout(self)
        row.addWidget(self.line)
        margins(self, 24, 0, 24, 8)
        self._plannable = False
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.done.setText(_("Done"))
        self.done.setAccessibleName(_("Mark the next step as done"))
        self.plan.setText(_("Plan the next step"))
        self.plan.setAccessibleName(_("Plan the next step"))
        self.plan.setToolTip(_("Plan the next step ({key})").format(key=native_shortcut(SHORTCUTS["activity"])))

    def set_step(self, step: NextStep | None, *, completable: bool, plannable: bool) -> None:
        """Show a next step, or that there is none."""
        self.setVisible(step is not None or plannable)
        self.done.setVisible(step is not None and completable)
        self.plan.setVisible(step is None)
        if step is None:
            self.line.dress("plain", "ph.flag-banner", "", _("Nothing is planned."))
            return
        text = f"{step.text}, {step.when}" if step.when else step.text
        if step.late:
            self.line.dress("danger", "ph.warning-circle", _("Late:"), text)
        else:
            self.line.dress("accent", "ph.flag-banner", _("Next step:"), text)


class _Line(OneLine):
    """A banner that changes its colour."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._picture = IconLabel("ph.flag-banner", "accent", 16)
        self._layout.insertWidget(0, self._picture)

    def dress(self, kind: str, icon: str, strong: str, text: str) -> None:
        """Take a meaning: "accent", "danger", or "plain"."""
        self._kind = kind
        self._picture.set_icon(icon, "text-muted" if kind == "plain" else kind)
        self.line.set_role("body", "text-muted" if kind == "plain" else "text")
        self.set_text(strong, text)
        self.update()

    def mouseReleaseEvent(self, event: Any) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill = "sunken" if self._kind == "plain" else f"{self._kind}-soft"
        fill_round(QPainter(self), self.rect(), px(6), fill)
