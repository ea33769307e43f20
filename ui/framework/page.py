"""The base of every page of the main window."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from ui.framework.commands import install_commands, refresh_commands
from ui.framework.navigation import Navigator


class Page(QWidget):
    """A page: it gets the navigator in its constructor, declares commands, and can write its words again.

    Subclasses build their widgets in ``__init__``, then call :meth:`retranslate`, which sets every text.
    """

    def __init__(self, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.navigator = navigator
        self._commands_ready = False

    def retranslate(self) -> None:
        """Write every text of the page in the language in use."""

    def activated(self, **params: Any) -> None:
        """The page was opened, with what ``open_page`` was given."""

    def refresh_commands(self) -> None:
        """Look again which commands are enabled; call it when the selection changes."""
        refresh_commands(self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
            refresh_commands(self)
        super().changeEvent(event)

    def showEvent(self, event: Any) -> None:
        if not self._commands_ready:
            self._commands_ready = True
            install_commands(self)
        super().showEvent(event)
