"""The navigation rail: icon and word, badges, collapsible to icons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.icons import paint_icon
from ui.theme.paint import directional, draw_text, fill_round, frame_round, mirrored
from ui.theme.theme import px, theme
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel, Hairline
from ui.widgets.themed import KeyboardRing, margins, on_theme


@dataclass(frozen=True)
class RailItem:
    """A page in the rail. An item with an empty key is a hairline."""

    key: str
    text: str = ""
    icon: str = ""


class RailButton(KeyboardRing, QAbstractButton):
    """One item of the rail, 32 high."""

    def __init__(self, item: RailItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self.collapsed = False
        self.muted = False
        self._badge: tuple[str, str, str] = ("", "neutral", "")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(item.text)
        on_theme(self, self.updateGeometry)

    def set_text(self, text: str) -> None:
        """Use another word."""
        self.setText(text)
        self._say()

    def set_badge(self, text: str, kind: str = "neutral", icon: str = "") -> None:
        """Show what waits; an empty text takes it off."""
        self._badge = (text, kind, icon)
        self._say()
        self.update()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon only."""
        self.collapsed = collapsed
        self._say()
        self.update()

    def _say(self) -> None:
        badge = self._badge[0]
        self.setAccessibleName(f"{self.text()}, {badge}" if badge else self.text())
        self.setToolTip(self.accessibleName() if self.collapsed else "")

    def sizeHint(self) -> QSize:
        return QSize(px(40 if self.collapsed else 192), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        whole, direction = self.rect(), self.layoutDirection()
        on = self.isChecked()
        if on:
            fill_round(painter, whole, px(6), "accent-soft")
        elif self.underMouse():
            fill_round(painter, whole, px(6), "hover")
        if self.shows_ring():
            frame_round(painter, whole, px(6), "focus")
        side = px(18)
        left = (self.width() - side) // 2 if self.collapsed else px(8)
        box = mirrored(QRect(left, (self.height() - side) // 2, side, side), whole, direction)
        paint_icon(painter, QRectF(box), directional(self.item.icon, direction), "accent" if on else "text-muted")
        text, kind, icon = self._badge
        if self.collapsed:
            if text:
                dot = px(8)
                spot = QRect(self.width() - dot - px(4), px(4), dot, dot)
                color = {"danger": "danger", "warning": "warning"}.get(kind, "accent")
                fill_round(painter, mirrored(spot, whole, direction), dot / 2, color)
            return
        end = self.width() - px(8)
        if text:
            size = badge_size(text, icon)
            end -= size.width()
            spot = QRect(end, (self.height() - size.height()) // 2, size.width(), size.height())
            paint_badge(painter, QRectF(mirrored(spot, whole, direction)), text, kind, icon)
            end -= px(8)
        left += side + px(12)
        word = mirrored(QRect(left, 0, end - left, self.height()), whole, direction)
        ink = "accent" if on else ("text-muted" if self.muted else "text")
        draw_text(painter, word, self.text(), "strong" if on else "body", ink)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class OfficeHeader(QWidget):
    """The head of the rail: logo, name of the office, and the button of the menu (``menu_requested``)."""

    menu_requested = Signal()

    def __init__(self, name: str = "", icon: str = "ph.users", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logo = Logo(icon)
        self._name = ElidedLabel(name, "strong")
        self.menu_button = IconButton("ph.list", _("Menu"), kind="ghost")
        self.menu_button.clicked.connect(self.menu_requested)
        row = QHBoxLayout(self)
        row.addWidget(self._logo)
        row.addWidget(self._name, 1)
        row.addWidget(self.menu_button)
        margins(self, 8, 0, 3, 0, 8)
        on_theme(self, lambda: self.setFixedHeight(px(48)))

    def set_name(self, name: str) -> None:
        """Show another name."""
        self._name.setText(name)

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the menu's button only."""
        self._logo.setVisible(not collapsed)
        self._name.setVisible(not collapsed)


class Logo(QWidget):
    """The mark of the office: an icon on an accent square of 24."""

    def __init__(self, icon: str = "ph.users", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        on_theme(self, lambda: self.setFixedSize(px(24), px(24)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_round(painter, self.rect(), px(6), "accent")
        inset = px(4)
        paint_icon(painter, QRectF(self.rect().adjusted(inset, inset, -inset, -inset)), self._icon, "on-accent")


class Rail(QWidget):
    """The rail, 208 wide or 56 collapsed. ``activated`` sends the key of an item; ``collapsed_changed`` the state."""

    activated = Signal(str)
    collapsed_changed = Signal(bool)

    def __init__(self, items: Sequence[RailItem] = (), office: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._collapsed = False
        self._buttons: dict[str, RailButton] = {}
        self.header = OfficeHeader(office)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._fold = RailButton(RailItem("", _("Collapse"), "ph.caret-double-left"))
        self._fold.setCheckable(False)
        self._fold.muted = True
        self._fold.clicked.connect(lambda: self.set_collapsed(not self._collapsed))
        box = QVBoxLayout(self)
        box.addWidget(self.header)
        box.addSpacing(px(8))
        box.addLayout(self._list)
        box.addStretch(1)
        box.addWidget(self._fold)
        margins(self, 8, 0, 9, 8, 0)
        self.set_items(items)
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self._list.setSpacing(px(2))
        self.setFixedWidth(px(56 if self._collapsed else 208))

    def set_items(self, items: Sequence[RailItem]) -> None:
        """Use these items; the current one stays."""
        current = self.current()
        while self._list.count():
            taken = self._list.takeAt(0)
            old = taken.widget() if taken is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self._buttons = {}
        for item in items:
            if not item.key:
                line = _Line()
                self._list.addWidget(line)
                continue
            button = RailButton(item)
            button.set_collapsed(self._collapsed)
            button.clicked.connect(lambda _on=False, key=item.key: self.activated.emit(key))
            self._buttons[item.key] = button
            self._list.addWidget(button)
        if current in self._buttons:
            self.set_current(current)

    def set_texts(self, texts: dict[str, str]) -> None:
        """Write the words again, in another language."""
        for key, text in texts.items():
            self._buttons[key].set_text(text)
        self._fold.set_text(_("Collapse"))
        self.header.menu_button.set_label(_("Menu"))

    def current(self) -> str:
        """The key of the active item, or an empty string."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Make an item active; ``activated`` is not sent. A key that is not there makes none active."""
        for other, button in self._buttons.items():
            button.setAutoExclusive(False)
            button.setChecked(other == key)
            button.setAutoExclusive(True)

    def set_badge(self, key: str, text: str, kind: str = "neutral", icon: str = "") -> None:
        """Show what waits behind an item."""
        self._buttons[key].set_badge(text, kind, icon)

    def set_offered(self, keys: Collection[str]) -> None:
        """Show these items only; a hairline goes with the last item below it."""
        for key, button in self._buttons.items():
            button.setVisible(key in keys)
        below = False
        for place in reversed(range(self._list.count())):
            item = self._list.itemAt(place)
            widget = item.widget() if item is not None else None
            if isinstance(widget, RailButton):
                below = below or widget.item.key in keys
            elif widget is not None:
                widget.setVisible(below)

    def offered(self) -> list[str]:
        """The keys of the items that are shown, from top to bottom."""
        return [key for key, button in self._buttons.items() if not button.isHidden()]

    def is_collapsed(self) -> bool:
        """Whether only icons are shown."""
        return self._collapsed

    def set_collapsed(self, collapsed: bool) -> None:
        """Show only icons, or words as well."""
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        for button in (*self._buttons.values(), self._fold):
            button.set_collapsed(collapsed)
        self._fold.item = RailItem("", "", "ph.caret-double-right" if collapsed else "ph.caret-double-left")
        self._fold.set_text(_("Expand") if collapsed else _("Collapse"))
        self.header.set_collapsed(collapsed)
        self._measure()
        self.collapsed_changed.emit(collapsed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        buttons = [*(one for one in self._buttons.values() if not one.isHidden()), self._fold]
        focused = self.focusWidget()
        if step and focused in buttons:
            buttons[(buttons.index(focused) + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        edge = self.width() - 1 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else 0
        painter.fillRect(edge, 0, 1, self.height(), theme().color("border"))


class _Line(QWidget):
    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.addWidget(Hairline())
        margins(self, 8, 8, 8, 6, 0)
