"""The key figures side by side, or two by two where the window is narrow or the text large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.theme.theme import px
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.themed import margins


class FigureRows(QWidget):
    """Figures in one strip or in two. ``activated`` sends the key of the one that was clicked."""

    activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self.first, self.second = FigureStrip(), FigureStrip()
        box = QVBoxLayout(self)
        for strip in (self.first, self.second):
            strip.activated.connect(self.activated)
            strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            # its content must not widen the page; two rows do instead
            strip.setMinimumWidth(px(1))
            box.addWidget(strip)
        margins(self, 24, 0, 24, 16, 0)
        self.second.hide()

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show these figures."""
        self._figures = tuple(figures)
        self._arrange()

    def _arrange(self) -> None:
        half = (len(self._figures) + 1) // 2
        self.first.set_figures(self._figures)
        two = self.first.minimumSizeHint().width() > self.width() - px(48) and self.width() > px(100)
        if two:
            self.first.set_figures(self._figures[:half])
            self.second.set_figures(self._figures[half:])
        self.second.setVisible(two)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._arrange()
