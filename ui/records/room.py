"""Room: what may shrink in a small window, spacing of grids, emptying layouts."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLayout, QSizePolicy, QWidget

from ui.theme.theme import px
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
