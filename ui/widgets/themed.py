"""Keeping a widget's measures right when the theme or the text scale changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import px, theme


class _Watcher(QObject):
    """A child of the widget, so that the connection ends with it."""

    def __init__(self, widget: QWidget, apply: Callable[[], None]) -> None:
        super().__init__(widget)
        self._apply = apply
        theme().theme_changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._apply()


def on_theme(widget: QWidget, apply: Callable[[], None]) -> None:
    """Call ``apply`` now and after every change of the theme, as long as ``widget`` lives."""
    _Watcher(widget, apply)
    apply()


def fixed_height(widget: QWidget, pixels: int) -> None:
    """Keep a widget at a height given in pixels at 100 %."""
    on_theme(widget, lambda: widget.setFixedHeight(px(pixels)))


def fixed_size(widget: QWidget, width: int, height: int) -> None:
    """Keep a widget at a size given in pixels at 100 %."""
    on_theme(widget, lambda: widget.setFixedSize(px(width), px(height)))


def margins(widget: QWidget, left: int, top: int, right: int, bottom: int, spacing: int | None = None) -> None:
    """Keep the margins and the spacing of a widget's layout, given in pixels at 100 %."""

    def apply() -> None:
        layout = widget.layout()
        if layout is not None:
            # Layouts mirror their items but not their margins.
            mirrored = widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
            start, end = (right, left) if mirrored else (left, right)
            layout.setContentsMargins(px(start), px(top), px(end), px(bottom))
            if spacing is not None:
                layout.setSpacing(px(spacing))

    on_theme(widget, apply)


_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class KeyboardRing:
    """A widget that shows its focus ring only when the focus came by keyboard. Put it before the Qt class."""

    _ring = False

    def shows_ring(self) -> bool:
        """Whether to paint the ring."""
        return self._ring and bool(self.hasFocus())  # type: ignore[attr-defined]

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in _KEYBOARD
        super().focusInEvent(event)  # type: ignore[misc]
