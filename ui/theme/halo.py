"""The soft ring around the input that has the focus, outside its frame."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

_INPUTS = QLineEdit | QPlainTextEdit | QComboBox | QAbstractSpinBox


class FocusHalo(QObject):
    """Puts a QFocusFrame, which the style draws, around whichever input has the focus."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._frame: QFocusFrame | None = None
        app.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        wanted = new if isinstance(new, _INPUTS) and _framed(new) else None
        if wanted is None:
            if self._frame is not None and shiboken6.isValid(self._frame):
                self._frame.setWidget(None)  # type: ignore[arg-type]
            return
        # The frame lives in the window of the input and goes with it.
        if self._frame is None or not shiboken6.isValid(self._frame):
            self._frame = QFocusFrame()
        self._frame.setWidget(wanted)


def _framed(widget: QWidget) -> bool:
    """Whether an input has a frame of its own and room around it, as no editor in a table has."""
    if isinstance(widget, QLineEdit) and not widget.hasFrame():
        return False
    if isinstance(widget, QPlainTextEdit) and widget.frameShape() is QFrame.Shape.NoFrame:
        return False
    return widget.parentWidget() is not None
