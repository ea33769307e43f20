"""The place where a file is dropped or chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.framework import dialogs, settings
from ui.importing.words import file_filters
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins

_FOLDER = "import.folder"


def dropped_path(data: QMimeData) -> Path | None:
    """The first file of what is being dragged."""
    urls = [url for url in data.urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if urls else None


def choose_import_file(parent: QWidget) -> Path | None:
    """Ask for a file; the dialog opens where the last one was."""
    folder = str(settings.remembered_value(_FOLDER, ""))
    path = dialogs.choose_file(parent, _("Choose a file to import"), file_filters(), folder)
    if path is not None:
        settings.remember_value(_FOLDER, str(path.parent))
    return path


class DropZone(QWidget):
    """A dashed frame that takes a file; ``chosen`` sends its path."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._over = False
        self.icon = BigIcon("ph.file-arrow-up", 1, 56, 12)
        self.heading = Label("", "door")
        self.text = Label("", "body", "text-muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.button = Button(icon="ph.folder-open", kind="primary")
        self.button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(px(4))
        words.addStretch(1)
        words.addWidget(self.heading)
        words.addWidget(self.text)
        words.addStretch(1)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        margins(self, 24, 24, 24, 24, 24)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.heading.setText(_("Drop a file here"))
        self.text.setText(
            _(
                "Excel, OpenDocument, CSV and other text tables, vCard and LDIF contacts, iCalendar, JSON, dBase, "
                "and zip archives of these. "
                "Separator, encoding and columns are found out; nothing is written before you have seen it."
            )
        )
        self.button.setText(_("Choose a file…"))

    def _choose(self) -> None:
        path = choose_import_file(self)
        if path is not None:
            self.chosen.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData()) is not None:
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        path = dropped_path(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.chosen.emit(path)

    def paintEvent(self, event: QPaintEvent) -> None:
        line, fill = ("accent", "accent-soft") if self._over else ("border-strong", "raised")
        frame_round(QPainter(self), self.rect(), px(8), line, fill, dashed=True)
