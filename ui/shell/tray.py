"""Messages of the system while another program is in front; where there is no tray, nothing happens."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from crm_desktop.core.i18n import _
from ui.framework.settings import DO_NOT_DISTURB
from ui.shell.notice_settings import may_pop_up
from ui.theme.icons import icon

_SHOWN_MS = 8000


class Tray(QObject):
    """The icon in the system's tray. It comes with the first message, and closing the window still quits."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._icon: QSystemTrayIcon | None = None
        self._open: Callable[[], object] | None = None

    def tell(self, title: str, text: str, on_click: Callable[[], object]) -> bool:
        """Show a message of the system, unless a window of ours is in front or locked, or nothing is to pop up.

        Returns:
            Whether it was shown.
        """
        if QApplication.activeWindow() is not None or not may_pop_up() or self._locked() or not self.available():
            return False
        self._open = on_click
        shown = self._icon or self._make()
        shown.setToolTip(f"{self._window.windowTitle()}\n{title}")
        self._show_message(shown, title, text)
        return True

    def _locked(self) -> bool:
        keeper = getattr(self._window, "lock_keeper", None)
        return keeper is not None and keeper.locked

    @staticmethod
    def available() -> bool:
        """Whether the system has a tray that shows messages."""
        return QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()

    @staticmethod
    def _show_message(shown: QSystemTrayIcon, title: str, text: str) -> None:
        shown.showMessage(title, text, shown.icon(), _SHOWN_MS)

    def _make(self) -> QSystemTrayIcon:
        made = self._icon = QSystemTrayIcon(icon("ph.address-book", "accent"), self)
        menu = QMenu(self._window)
        menu.addAction(_("Open the window"), self.raise_window)
        quiet = menu.addAction(_("Do not disturb"))
        quiet.setCheckable(True)
        menu.aboutToShow.connect(lambda: quiet.setChecked(DO_NOT_DISTURB.get()))
        quiet.triggered.connect(DO_NOT_DISTURB.set)
        menu.addSeparator()
        menu.addAction(_("Quit"), self._window.close)
        made.setContextMenu(menu)
        made.activated.connect(self._on_activated)
        made.messageClicked.connect(self.follow)
        made.show()
        return made

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.raise_window()

    def follow(self) -> None:
        """Somebody clicked on the message."""
        self.raise_window()
        wanted, self._open = self._open, None
        if wanted is not None and not self._locked():
            wanted()

    def raise_window(self) -> None:
        """Bring the window to the front."""
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()

    def hide(self) -> None:
        """Take the icon away: the window is closed."""
        if self._icon is not None:
            self._icon.hide()
