"""Room: what may shrink or wrap in a small window, spacing of grids, emptying layouts, timers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLayout, QSizePolicy, QWidget

from ui.theme.theme import px
from ui.widgets.flow import FlowLayout
from ui.widgets.headers import Banner
from ui.widgets.labels import ElidedLabel
from ui.widgets.themed import on_theme


def no_least_height(widget: QWidget, least: int) -> None:
    """Let a widget shrink to ``least`` pixels (at 100 %), whatever stands in it; it scrolls or is cut."""
    widget.setSizePolicy(widget.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Ignored)
    widget.setMinimumHeight(px(least))


def clear_layout(layout: QLayout) -> None:
    """Take every widget out of a layout and delete it."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def space_grid(owner: QWidget, grid: QGridLayout, across: int, down: int) -> None:
    """Keep the spacing of a grid, given in pixels at 100 %."""

    def apply() -> None:
        grid.setHorizontalSpacing(px(across))
        grid.setVerticalSpacing(px(down))

    on_theme(owner, apply)


class Wrapping(QWidget):
    """A widget whose flow layout always gets the lines it needs, however small the window."""

    def __init__(self, gap: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flow = FlowLayout(self, gap, gap)

    def fit(self) -> None:
        """Take the height that the width asks for; call it when something in it was shown or hidden."""
        self.setFixedHeight(max(px(24), self.flow.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class OneLine(Banner):
    """A banner whose text is one line; a click on it shows the whole text, another one line again."""

    def __init__(self, text: str = "", *, strong: str = "", kind: str = "accent", icon: str = "") -> None:
        super().__init__(text, strong=strong, kind=kind, icon=icon)
        self.line = ElidedLabel(text)
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._layout.insertWidget(self._layout.indexOf(self.text), self.line, 1)
        self.text.hide()

    def set_text(self, strong: str, text: str) -> None:
        """Show another text."""
        self.strong.setText(strong)
        self.strong.setVisible(bool(strong))
        self.text.setText(text)
        self.line.setText(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        whole = self.text.isHidden()
        self.text.setVisible(whole)
        self.line.setVisible(not whole)


def soon(timer: QTimer) -> None:
    """Start a timer of :func:`later` unless it runs: what it does is done while somebody goes on typing, too."""
    if not timer.isActive():
        timer.start()


def later(parent: QObject, milliseconds: int, call: Callable[[], object]) -> QTimer:
    """A timer that runs ``call`` once, so long after it was last started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(call)
    return timer


_KEEPS = "keeps"


def keep_later(parent: QObject, milliseconds: int, keep: Callable[[], object]) -> QTimer:
    """As :func:`later`, for what must not be lost where the window closes before its time: see :func:`keep_now`."""
    timer = later(parent, milliseconds, keep)
    timer.setObjectName(_KEEPS)
    return timer


def keep_now(window: QObject) -> None:
    """Keep at once what a window would keep in a moment: it is about to close."""
    for timer in window.findChildren(QTimer, _KEEPS):
        if timer.isActive():
            timer.stop()
            timer.timeout.emit()
