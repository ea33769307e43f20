"""Beside the form: the list of record types, and the page of a section."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.settings.fields.draft import FormDraft
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.results import ResultList
from ui.widgets.themed import margins


class TypeList(ResultList):
    """Record types: what is current is what is shown, so the pointer alone changes nothing."""

    def show_key(self, key: str) -> None:
        """Make a record type current."""
        for row, result in enumerate(self.results()):
            if result.key == key:
                self.setCurrentIndex(self.model().index(row, 0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.setCurrentIndex(index)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.choose_current()


class SectionPage(QWidget):
    """The title of a section, and the button that takes it away."""

    renamed = Signal(str, str)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._key, self._text = "", ""
        self.title = QLineEdit()
        self.title.setAccessibleName(_("Title of the section"))
        self.title.editingFinished.connect(self._rename)
        self.remove = Button(_("Remove this section"), kind="danger-ghost", icon="ph.trash", small=True)
        self.remove.clicked.connect(lambda: self.removed.emit(self._key))
        box = QVBoxLayout(self)
        box.addWidget(Label(_("Section"), "section"))
        box.addWidget(Label(_("Title of the section"), "secondary", "text-muted"))
        box.addWidget(self.title)
        box.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeading)
        box.addStretch(1)
        margins(self, 16, 12, 16, 16, 8)

    def show_section(self, draft: FormDraft, key: str) -> None:
        """Show a section."""
        one = next(section for section in draft.sections if section.key == key)
        self._key = key
        self._text = one.title
        self.title.setText(one.title)
        self.remove.setVisible(one.own)

    def _rename(self) -> None:
        text = self.title.text().strip()
        if text and text != self._text:
            self._text = text
            self.renamed.emit(self._key, text)
