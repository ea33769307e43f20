"""The base of the restore assistant's steps, and its footer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.backup.restore_session import RestoreSession
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label, Plane
from ui.widgets.themed import fixed_height, margins
from ui.widgets.toast import keep_readable


class RestoreStep(Plane):
    """A step. ``changed`` tells the page to look again at its footer; ``done`` goes on by itself."""

    changed = Signal()
    done = Signal()

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.session = session

    def entered(self) -> None:
        """The step is shown."""

    def sentence(self) -> str:
        """What the footer says."""
        return _("Nothing has been changed.")

    def go_text(self) -> str:
        """The text of the main button; "" hides it."""
        return ""

    def may_go(self) -> bool:
        """Whether the main button works."""
        return True

    def go(self) -> None:
        """The main button was pressed."""
        self.done.emit()

    def may_go_back(self) -> bool:
        """Whether there is a way back from here."""
        return True

    def retranslate(self) -> None:
        """Write the words in the language in use."""


class RestoreFooter(QWidget):
    """Cancel, a sentence, back and on; 56 high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_readable(self)
        self.cancel = Button(kind="muted")
        self.text = Label("", "secondary", "text-muted", wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.back = Button(icon="ph.arrow-left")
        self.go_on = Button(kind="primary", trailing="ph.arrow-right")
        row = QHBoxLayout(self)
        row.addWidget(self.cancel)
        row.addSpacing(px(8))
        row.addWidget(self.text, 1)
        row.addWidget(self.back)
        row.addWidget(self.go_on)
        margins(self, 24, 0, 24, 0, 8)
        fixed_height(self, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))
