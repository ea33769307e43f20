"""The password of the copy that is made before a restore, where this computer does not know that of the backups."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.widgets.labels import Label


class CopyPassword(QWidget):
    """A sentence, and the password twice; empty for none."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Label("", "secondary", "text-muted", wrap=True)
        self.first, self.again = QLineEdit(), QLineEdit()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, px(4), 0, px(8))
        box.setSpacing(px(8))
        box.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        for field in (self.first, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaximumWidth(px(260))
            field.textChanged.connect(lambda _text: self.changed.emit())
            row.addWidget(field, 1)
        row.addStretch(1)
        box.addLayout(row)

    def tell(self, words: str) -> None:
        """Say what the password is for."""
        self.words.setText(words)
        for field, name in ((self.first, _("Password of the copy")), (self.again, _("The password once more"))):
            field.setAccessibleName(name)
            field.setPlaceholderText(name)

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.again.clear()

    def text(self) -> str:
        """The password; empty for none."""
        return self.first.text()

    def problem(self) -> str:
        """Why it cannot be used yet; empty where it can."""
        if self.first.text() == self.again.text():
            return ""
        return (
            _("The two passwords differ. Type them again.") if self.again.text() else _("Give the password once more.")
        )
