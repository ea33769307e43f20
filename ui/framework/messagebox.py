"""A message or question: title, one text, buttons, and details on demand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.icons import icon as themed_icon
from ui.theme.theme import px, theme


class MessageDialog(QDialog):
    """A dialog with a title, a text that may be selected, and buttons; ``chosen`` is the key of the one pressed."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        *,
        details: str = "",
        icon: str = "",
        copyable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.chosen: str | None = None
        self.setWindowTitle(title)
        self.setMinimumWidth(px(420))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(24), px(24), px(16))
        layout.setSpacing(px(8))
        head = QHBoxLayout()
        head.setSpacing(px(12))
        if icon:
            picture = QLabel()
            picture.setPixmap(themed_icon(icon, "warning").pixmap(px(24), px(24)))
            head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        heading = QLabel(title)
        heading.setFont(theme().font("section"))
        heading.setWordWrap(True)
        head.addWidget(heading, 1)
        layout.addLayout(head)
        body = QLabel(text)
        body.setWordWrap(True)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(body)
        self._details = QPlainTextEdit(details)
        self._details.setReadOnly(True)
        self._details.setAccessibleName(_("Details"))
        self._details.setVisible(False)
        self._details.setMinimumHeight(px(160))
        layout.addWidget(self._details)
        layout.addSpacing(px(8))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(px(8))
        if details:
            more = QPushButton(_("Details"))
            more.setCheckable(True)
            more.toggled.connect(self._details.setVisible)
            self._buttons.addWidget(more)
        if details and copyable:
            copy = QPushButton(_("Copy the report"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
            self._buttons.addWidget(copy)
        self._buttons.addStretch(1)
        layout.addLayout(self._buttons)

    def add_button(self, key: str, text: str, kind: str = "secondary") -> QPushButton:
        """Add a button; "primary" and "danger" answer to Enter."""
        button = QPushButton(text)
        button.setAutoDefault(kind == "primary")
        button.setDefault(kind == "primary")
        button.setProperty("kind", kind)
        button.clicked.connect(lambda: self._choose(key))
        self._buttons.addWidget(button)
        if kind == "primary":
            button.setFocus()
        return button

    def _choose(self, key: str) -> None:
        self.chosen = key
        self.accept()
