"""Tabs of the design: 40 high, a 2 px accent line under the current one, badges and icons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.themed import KeyboardRing, on_theme


@dataclass
class Tab:
    """A tab: what it is called in code, its text, an icon, and a badge with its kind and icon."""

    key: str
    text: str
    icon: str = ""
    badge: str = ""
    badge_kind: str = "neutral"
    badge_icon: str = ""


class TabBar(KeyboardRing, QTabBar):
    """Tabs with keys. ``changed`` sends the key of the tab the user went to.

    ``padding`` is the free space before the first tab, ``gap`` between two; with ``addable`` (its tooltip) a plus at
    the end sends ``add_requested``.
    """

    changed = Signal(str)
    add_requested = Signal()

    def __init__(
        self,
        tabs: Sequence[Tab] = (),
        *,
        padding: int = 24,
        gap: int = 4,
        addable: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tabs: list[Tab] = []
        self._padding = padding
        self._space = gap
        self._addable = addable
        self._quiet = False
        self._tight = False
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(self._on_current)
        self.set_tabs(tabs)
        on_theme(self, lambda: self.setFixedHeight(px(40)))

    def set_tabs(self, tabs: Sequence[Tab]) -> None:
        """Show these tabs; the current key stays current where it is among them."""
        current = self.current_key()
        self._quiet = True
        while self.count():
            self.removeTab(0)
        self._tabs = list(tabs)
        for tab in self._tabs:
            self.addTab(tab.text)
        if self._addable:
            index = self.addTab("+")
            self.setTabToolTip(index, self._addable)
        keys = [tab.key for tab in self._tabs]
        if keys:
            self.setCurrentIndex(keys.index(current) if current in keys else 0)
        self._quiet = False
        if self.isVisible():
            self._give_way()
        self.update()

    def _give_way(self) -> None:
        """Leave the pictures out where the words would not fit beside them."""
        pictures = sum(px(20) for tab in self._tabs if tab.icon)
        needed = self.sizeHint().width() + (pictures if self._tight else 0)
        tight = bool(pictures) and needed > self.width() > 0
        if tight != self._tight:
            self._tight = tight
            for index, tab in enumerate(self._tabs):
                self.setTabText(index, tab.text)  # or Qt would keep the widths that it has

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._give_way()
        super().resizeEvent(event)

    def current_key(self) -> str:
        """The key of the current tab."""
        index = self.currentIndex()
        return self._tabs[index].key if 0 <= index < len(self._tabs) else ""

    def set_current(self, key: str) -> None:
        """Make the tab with a key current; ``changed`` is not sent."""
        self._quiet = True
        self.setCurrentIndex(next(i for i, tab in enumerate(self._tabs) if tab.key == key))
        self._quiet = False

    def set_badge(self, key: str, text: str, kind: str = "neutral") -> None:
        """Show a count on a tab; an empty text takes it off. A tab that is not there has none."""
        index = next((i for i, tab in enumerate(self._tabs) if tab.key == key), -1)
        if index < 0 or (self._tabs[index].badge, self._tabs[index].badge_kind) == (text, kind):
            return
        self._tabs[index].badge = text
        self._tabs[index].badge_kind = kind
        self.setTabText(index, self._tabs[index].text)
        self.update()

    def _on_current(self, index: int) -> None:
        if self._quiet or index < 0:
            return
        if index >= len(self._tabs):
            self.set_current(self._tabs[0].key if self._tabs else "")
            self.add_requested.emit()
            return
        self.changed.emit(self._tabs[index].key)

    def mousePressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if self._addable and self.tabAt(event.position().toPoint()) == len(self._tabs):
            self.add_requested.emit()
            return
        super().mousePressEvent(event)

    def _gap(self, index: int) -> int:
        return px(self._padding) if index == 0 else px(self._space)

    def tabSizeHint(self, index: int) -> QSize:
        return QSize(self._gap(index) + self._content(index) + px(16), px(40))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(px(64), px(40))

    def _content(self, index: int) -> int:
        if index >= len(self._tabs):
            return px(16)
        tab = self._tabs[index]
        width = text_width(tab.text, "strong") + 1
        width += px(20) if tab.icon and not self._tight else 0
        return width + (px(6) + badge_size(tab.badge, tab.badge_icon).width() if tab.badge else 0)

    def sizeHint(self) -> QSize:
        return QSize(sum(self.tabSizeHint(i).width() for i in range(self.count())), px(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("border"))
        for index in range(self.count()):
            self._paint_tab(painter, index)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        whole = self.tabRect(index)
        direction = self.layoutDirection()
        body = mirrored(whole.adjusted(self._gap(index), 0, 0, 0), whole, direction)
        on = index == self.currentIndex()
        inner = body.adjusted(px(8), 0, -px(8), 0)
        if index >= len(self._tabs):
            side = px(14)
            plus = QRectF(inner.center().x() - side / 2, inner.center().y() - side / 2 + 1, side, side)
            paint_icon(painter, plus, "ph.plus", "text-muted")
            return
        tab = self._tabs[index]
        ink = ("text" if on else "text-muted") if self.isTabEnabled(index) else "text-disabled"
        x = inner.left()
        if tab.icon and not self._tight:
            side = px(14)
            box = mirrored(QRect(x, inner.center().y() - side // 2 + 1, side, side), inner, direction)
            paint_icon(painter, QRectF(box), tab.icon, ink)
            x += px(20)
        badge = badge_size(tab.badge, tab.badge_icon) if tab.badge else QSize(0, 0)
        room = inner.right() + 1 - x - (badge.width() + px(6) if tab.badge else 0)
        width = min(text_width(tab.text, "strong") + 1, room)
        spot = mirrored(QRect(x, inner.top(), width, inner.height()), inner, direction)
        draw_text(painter, spot, tab.text, "strong" if on else "body", ink)
        if tab.badge:
            box = QRect(x + width + px(6), inner.center().y() - badge.height() // 2 + 1, badge.width(), badge.height())
            paint_badge(painter, QRectF(mirrored(box, inner, direction)), tab.badge, tab.badge_kind, tab.badge_icon)
        if on:
            painter.fillRect(body.left(), self.height() - 2, body.width(), 2, theme().color("accent"))
            if self.shows_ring():
                painter.setPen(theme().color("focus"))
                painter.drawRoundedRect(body.adjusted(1, px(6), -2, -px(6)), px(4), px(4))
