"""The colours that the people of the office chose for themselves, so that an avatar is the same wherever it stands."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from crm_desktop.security import queries
from ui.framework.office import Office
from ui.widgets.avatar import set_own_hues


class ColourKeeper(QObject):
    """Reads who has which colour, and again when somebody chose another."""

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        office.records_changed.connect(self._on_changed)
        self.look()

    def _on_changed(self, event: Any) -> None:
        if event.touches("user"):
            self.look()

    def look(self) -> None:
        """Read the colours, and draw what is shown again where they are others."""

        def show(hues: dict[str, int]) -> None:
            if set_own_hues(hues):
                for one in self._window.findChildren(QWidget):
                    one.update()

        self._office.read(self._window, queries.hues, show, lambda _error: None, supersede="colours")
