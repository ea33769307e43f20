"""Parts of a card or of the settings that read only while somebody sees them."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class ReadsWhenShown(QWidget):
    """A part of a card or of the settings whose ``reload`` waits until it is shown."""

    _waiting = False

    def reload(self) -> None:
        """Read again."""
        raise NotImplementedError

    def read_when_shown(self) -> None:
        """Read now where it is seen, else as soon as it is shown."""
        self._waiting = not self.isVisible()
        if not self._waiting:
            self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting:
            self._waiting = False
            self.reload()
