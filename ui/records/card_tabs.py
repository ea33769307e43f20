"""The tabs of a card: those that fit, and the others behind a button at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.core.i18n import ngettext
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.tabs import Tab, TabBar


class CardTabs(TabBar):
    """Tabs that keep their words; where there is too little room, the last ones go behind “+2”.

    The current tab is always among those that are seen, and the arrow keys reach every tab.
    """

    def __init__(self, *, padding: int = 24, gap: int = 4, parent: QWidget | None = None) -> None:
        self._more: Button | None = None  # the base class arranges its tabs before there is a button
        super().__init__(padding=padding, gap=gap, parent=parent)
        self.setUsesScrollButtons(False)
        self._more = Button(kind="ghost", small=True, trailing="ph.caret-down", parent=self)
        self._more.clicked.connect(self._open_more)
        self._more.hide()
        self.currentChanged.connect(self._fit)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def set_tabs(self, tabs: Sequence[Tab]) -> None:
        super().set_tabs(tabs)
        self._fit()

    def set_current(self, key: str) -> None:
        """Make a tab current; one from behind the button comes to the others."""
        super().set_current(key)
        self._fit()

    def set_badge(self, key: str, text: str, kind: str = "neutral") -> None:
        super().set_badge(key, text, kind)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows also go to the tabs behind the button, which Qt would pass over."""
        forward = Qt.Key.Key_Left if self.isRightToLeft() else Qt.Key.Key_Right
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: -1}
        steps[forward] = 1
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        wanted = self.currentIndex() + step
        if 0 <= wanted < len(self._tabs):
            self._choose(self._tabs[wanted].key)

    def hidden_tabs(self) -> list[Tab]:
        """The tabs that are behind the button."""
        return [tab for index, tab in enumerate(self._tabs) if not self.isTabVisible(index)]

    def more_menu(self) -> QMenu:
        """The tabs behind the button, each with its count."""
        menu = QMenu(self)
        for tab in self.hidden_tabs():
            text = f"{tab.text}  ({tab.badge})" if tab.badge else tab.text
            menu.addAction(text).triggered.connect(lambda _on=False, key=tab.key: self._choose(key))
        return menu

    def _choose(self, key: str) -> None:
        index = next(i for i, tab in enumerate(self._tabs) if tab.key == key)
        self.setTabVisible(index, True)
        self.setCurrentIndex(index)

    def _open_more(self) -> None:
        if self._more is not None:
            self.more_menu().exec(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _fit(self) -> None:
        """Hide from the end what does not fit; the current tab stays."""
        if self._more is None or not self._tabs or self._quiet:
            return
        if not self.isTabVisible(self.currentIndex()):  # said again it would make Qt forget that it has to place them
            self.setTabVisible(self.currentIndex(), True)
        widths = [self._gap(index) + self._content(index) + px(16) for index in range(len(self._tabs))]
        seen = set(range(len(self._tabs)))
        current = self.currentIndex()
        room = self.width()
        if sum(widths) > room:
            room -= px(64)
            for index in reversed(range(1, len(self._tabs))):
                if sum(widths[one] for one in seen) <= room:
                    break
                if index != current:
                    seen.discard(index)
        for index in range(len(self._tabs)):
            if self.isTabVisible(index) != (index in seen):
                self.setTabVisible(index, index in seen)
        hidden = len(self._tabs) - len(seen)
        self._more.setVisible(hidden > 0)
        if hidden:
            self._more.setText(f"+{hidden}")
            name = ngettext("{n} more tab", "{n} more tabs", hidden).format(n=hidden)
            self._more.setAccessibleName(name)
            self._more.setToolTip(", ".join(tab.text for tab in self.hidden_tabs()))
            self._more.resize(self._more.sizeHint())
            end = self.width() - self._more.width() - px(8)
            left = px(8) if self.isRightToLeft() else end
            self._more.move(left, (self.height() - self._more.height()) // 2)
