"""Buttons: primary, secondary, ghost and icon buttons, the split button, segments and the switch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.framework.commands import Command, native_shortcut
from ui.theme.icons import paint_icon
from ui.theme.paint import directional, draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.badges import key_size, key_text, paint_key
from ui.widgets.themed import KeyboardRing, on_theme

_INKS = {"danger": "danger", "danger-ghost": "danger", "accent": "accent", "muted": "text-muted"}
_FLAT = ("ghost", "accent", "danger-ghost", "muted")


class Button(KeyboardRing, QPushButton):
    """A push button of the design.

    Args:
        kind: "primary", "secondary", "danger" (red text); without a frame "ghost", "accent", "muted", "danger-ghost".
        small: 28 px high instead of 32.
        key: a shortcut shown as a key cap inside; it is not installed here.
        trailing: an icon after the text, e.g. "ph.caret-down".
    """

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        kind: str = "secondary",
        small: bool = False,
        key: str = "",
        trailing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.kind = kind
        self.small = small
        self.icon_name = icon
        self.trailing = trailing
        self.key = key
        self.joined = ""
        self.height_px = 0
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    @classmethod
    def for_command(
        cls, command: Command, *, kind: str = "secondary", small: bool = False, icon_only: bool = False
    ) -> Button:
        """A button that runs a command and follows its text, tooltip and whether it is enabled."""
        action = command.action()
        button = cls(icon=command.icon, kind=kind, small=small)
        button.follow(action, icon_only=icon_only)
        return button

    def follow(self, action: QAction, *, icon_only: bool = False) -> None:
        """Take text, tooltip and state from an action, and trigger it."""

        def copy() -> None:
            self.setText("" if icon_only else action.text())
            self.setAccessibleName(action.text())
            self.setToolTip(action.toolTip())
            self.setEnabled(action.isEnabled())
            self.setVisible(action.isVisible())

        action.changed.connect(copy)
        self.clicked.connect(action.trigger)
        copy()

    def set_icon(self, name: str) -> None:
        """Use another icon; an empty name for none."""
        self.icon_name = name
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: str) -> None:
        """Use another kind."""
        self.kind = kind
        self.update()

    def sizeHint(self) -> QSize:
        height = px(self.height_px or (28 if self.small else 32))
        if not self.text():
            width = height if self.joined != "right" else px(30)
            return QSize(width + (px(18) if self.trailing and self.icon_name else 0), height)
        width = 2 * self._padding() + text_width(self.text(), "name") + 2
        gap = px(6 if self.small else 8)
        width += px(16) + gap if self.icon_name else 0
        width += px(14) + gap if self.trailing else 0
        width += key_size(key_text(native_shortcut(self.key))).width() + gap if self.key else 0
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _padding(self) -> int:
        return px(8 if self.small else 12)

    def _colors(self) -> tuple[str | None, str | None, str]:
        """Fill, line and ink for the state."""
        over = self.underMouse() or self.isDown()
        if not self.isEnabled():
            framed = self.kind not in _FLAT
            return ("raised" if framed else None, "border" if framed else None, "text-disabled")
        if self.kind == "primary":
            fill = "accent-strong" if over else "accent"
            return fill, fill, "on-accent"
        if self.isChecked():
            return "accent-soft", "accent", "accent"
        ink = _INKS.get(self.kind, "text")
        if self.kind in _FLAT:
            return ("hover" if over else None), None, ink
        return ("hover" if over else "raised"), "border-strong", ink

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill, line, ink = self._colors()
        self._paint_frame(painter, fill, line)
        rect = self.rect()
        text = self.text()
        icon_side, gap = px(16), px(6 if self.small else 8)
        if not text:
            name = self.icon_name or self.trailing
            side = icon_side if self.icon_name else px(14)
            center = rect.center()
            center_box = QRectF(center.x() + 0.5 - side / 2, center.y() + 0.5 - side / 2, side, side)
            paint_icon(painter, center_box, directional(name, self.layoutDirection()), ink)
            return
        content = self.sizeHint().width() - 2 * self._padding()
        x = rect.left() + max(self._padding(), (rect.width() - content) // 2)
        if self.icon_name:
            self._icon_at(painter, x, icon_side, self.icon_name, ink)
            x += icon_side + gap
        width = text_width(text, "name") + 2
        direction = self.layoutDirection()
        spot = mirrored(QRect(x, rect.top(), width, rect.height()), rect, direction)
        draw_text(painter, spot, text, "name", ink, elide=False)
        x += width + gap
        if self.key:
            cap = key_text(native_shortcut(self.key))
            size = key_size(cap)
            box = QRect(QPoint(x, (rect.height() - size.height()) // 2), size)
            paint_key(painter, QRectF(mirrored(box, rect, direction)), cap, ink, None)
            x += size.width() + gap
        if self.trailing:
            self._icon_at(painter, x, px(14), self.trailing, ink)

    def _icon_at(self, painter: QPainter, x: int, side: int, name: str, ink: str) -> None:
        box = QRect(x, (self.height() - side) // 2, side, side)
        direction = self.layoutDirection()
        paint_icon(painter, QRectF(mirrored(box, self.rect(), direction)), directional(name, direction), ink)

    def _paint_frame(self, painter: QPainter, fill: str | None, line: str | None) -> None:
        radius = px(6)
        area = QRectF(self.rect())
        painter.save()
        if self.joined:
            # The shared side of a split button runs out of the clip, so it has no corners.
            at_right = (self.joined == "left") == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
            painter.setClipRect(self.rect())
            area = area.adjusted(0, 0, radius, 0) if at_right else area.adjusted(-radius, 0, 0, 0)
        if line:
            frame_round(painter, area, radius, line, fill)
        elif fill:
            fill_round(painter, area, radius, fill)
        if self.shows_ring() and self.isEnabled():
            _paint_focus(painter, area, radius, self.kind == "primary")
        painter.restore()
        if self.joined == "right":
            color = QColor(theme().color("on-accent" if self.kind == "primary" else "border-strong"))
            color.setAlphaF(0.35 if self.kind == "primary" else 1.0)
            left = 0 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else self.width() - 1
            painter.fillRect(QRect(left, 0, 1, self.height()), color)


def _paint_focus(painter: QPainter, area: QRectF, radius: float, primary: bool) -> None:
    """The focus ring inside a button."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if primary:
        painter.setPen(QPen(theme().color("on-accent"), 1))
        painter.drawRoundedRect(area.adjusted(2.5, 2.5, -2.5, -2.5), radius - 2, radius - 2)
    else:
        painter.setPen(QPen(theme().color("focus"), 1))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(QPen(theme().color("accent-soft"), 2))
        painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), radius - 1, radius - 1)
    painter.restore()


class IconButton(Button):
    """A square button with only an icon; ``text`` is its tooltip and accessible name."""

    def __init__(
        self, icon: str, text: str, *, kind: str = "secondary", small: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(icon=icon, kind=kind, small=small, parent=parent)
        self.set_label(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_label(self, text: str) -> None:
        """Use another tooltip and accessible name."""
        self.setToolTip(text)
        self.setAccessibleName(text)


class SplitButton(QWidget):
    """A main action and, behind the caret, a menu of its relatives."""

    clicked = Signal()

    def __init__(
        self, text: str = "", *, icon: str = "", key: str = "", kind: str = "primary", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.main = Button(text, icon=icon, key=key, kind=kind)
        self.main.joined = "left"
        self.more = IconButton("", _("More choices"), kind=kind, small=False)
        self.more.trailing = "ph.caret-down"
        self.more.joined = "right"
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.main)
        layout.addWidget(self.more)
        self._menu: QMenu | None = None
        self.main.clicked.connect(self.clicked)
        self.more.clicked.connect(self._open)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Use another text for the main action."""
        self.main.setText(text)
        self.main.updateGeometry()

    def set_menu(self, menu: QMenu) -> None:
        """The menu behind the caret; it stays the caller's to fill."""
        self._menu = menu

    def _open(self) -> None:
        if self._menu is not None:
            self._menu.exec(self.mapToGlobal(QPoint(0, self.height() + px(4))))


class _Segment(KeyboardRing, QAbstractButton):
    def __init__(self, text: str, icon: str, small: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self.small = small
        self.first = self.last = False
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = text_width(self.text(), "strong") + px(16 if self.small else 24)
        return QSize(width + (px(22) if self.icon_name else 0), px(28 if self.small else 32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on = self.isChecked()
        if on or self.underMouse():
            self._paint_fill(painter, "accent-soft" if on else "hover")
        if not self.first:
            left = 0 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else self.width() - 1
            painter.fillRect(QRect(left, 1, 1, self.height() - 2), theme().color("border"))
        ink = ("accent" if on else "text-muted") if self.isEnabled() else "text-disabled"
        role = "strong" if on else "body"
        width = text_width(self.text(), role) + (px(22) if self.icon_name else 0)
        x = (self.width() - width) // 2
        if self.icon_name:
            side = px(16)
            box = mirrored(QRect(x, (self.height() - side) // 2, side, side), self.rect(), self.layoutDirection())
            paint_icon(painter, QRectF(box), self.icon_name, ink)
            x += px(22)
        spot = mirrored(QRect(x, 0, width, self.height()), self.rect(), self.layoutDirection())
        draw_text(painter, spot, self.text(), role, ink, elide=False)
        if self.shows_ring():
            _paint_focus(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), px(5), False)

    def _paint_fill(self, painter: QPainter, color: str) -> None:
        """Fill it, rounded where it is at an end of the control."""
        radius, area = px(5), QRectF(self.rect().adjusted(0, 1, 0, -1))
        ltr = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        starts, ends = (self.first, self.last) if ltr else (self.last, self.first)
        painter.save()
        painter.setClipRect(area)
        fill_round(painter, area.adjusted(0 if starts else -radius, 0, 0 if ends else radius, 0), radius, color)
        painter.restore()


class SegmentedControl(QWidget):
    """A few choices side by side, one of them on: (key, text, icon) each. Arrow keys move."""

    changed = Signal(str)

    def __init__(
        self,
        options: Sequence[tuple[str, str] | tuple[str, str, str]] = (),
        *,
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._small = small
        self._segments: dict[str, _Segment] = {}
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(1, 0, 1, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_options(options)
        on_theme(self, self.updateGeometry)

    def set_options(self, options: Sequence[tuple[str, str] | tuple[str, str, str]]) -> None:
        """Use these choices; the chosen key stays chosen where it is among them."""
        chosen = self.value()
        for segment in self._segments.values():
            self._layout.removeWidget(segment)
            segment.deleteLater()
        self._segments = {}
        for option in options:
            key, text = option[0], option[1]
            segment = _Segment(text, option[2] if len(option) > 2 else "", self._small, self)
            segment.first = not self._segments
            segment.clicked.connect(lambda _on=False, key=key: self.changed.emit(key))
            self._segments[key] = segment
            self._layout.addWidget(segment)
            segment.show()  # one that waits to be shown has no width yet for who measures at once
        for segment in list(self._segments.values())[-1:]:
            segment.last = True
        if self._segments:
            self.set_value(chosen if chosen in self._segments else next(iter(self._segments)))

    def value(self) -> str:
        """The key that is on."""
        return next((key for key, segment in self._segments.items() if segment.isChecked()), "")

    def set_value(self, key: str) -> None:
        """Choose a key; ``changed`` is not sent."""
        self._segments[key].setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "border-strong", "raised")


class Switch(KeyboardRing, QAbstractButton):
    """On or off at once, 28 × 16; ``text`` is its accessible name (show a label beside it)."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(px(32), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        track = QRectF(px(2), px(2), px(28), px(16))
        on = self.isChecked()
        fill = ("accent" if on else "border-strong") if self.isEnabled() else "hover"
        fill_round(painter, track, track.height() / 2, fill)
        at_right = on == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
        side = px(12)
        left = track.right() - px(2) - side if at_right else track.left() + px(2)
        fill_round(painter, QRectF(left, track.top() + px(2), side, side), side / 2, "on-accent" if on else "surface")
        if self.shows_ring():
            frame_round(painter, self.rect(), px(10), "focus")
