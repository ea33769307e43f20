"""A record card in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.framework import settings
from ui.framework.commands import commands_of
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.card import RecordCard
from ui.records.kit import SHORTCUTS, CardKit
from ui.theme.theme import px

_OF_THE_OFFICE = ("app.undo", "app.redo", "backup.now")
"""Commands of the main window that mean the whole office: their keys work beside a record, too."""


class RecordWindow(QWidget):
    """One record in a window. It closes with the main window, or when the record is deleted."""

    def __init__(self, office: Office, navigator: Navigator, entity: str, record_id: int, kit: CardKit) -> None:
        # A child of the main window, so that it lives as long as that one.
        super().__init__(navigator if isinstance(navigator, QWidget) else None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(f"record-{entity}-{record_id}")
        self.navigator = navigator
        self._name = f"record.{entity}"
        self.card = RecordCard(office, navigator, entity, kit, alone=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.card)
        self.card.loaded.connect(self._name_window)
        self.card.gone.connect(self.close)
        QShortcut(QKeySequence("Ctrl+W"), self, self.close)
        QShortcut(QKeySequence("Escape"), self, self.close)
        QShortcut(QKeySequence("Ctrl+E"), self, self.card.edit)
        QShortcut(QKeySequence("Ctrl+P"), self, self.card.print_card)
        card = self.card
        QShortcut(QKeySequence(SHORTCUTS["call"]), self, card.log_call)
        QShortcut(QKeySequence(SHORTCUTS["note"]), self, card.write_note)
        for entity in ("activity", "case", "deal"):
            QShortcut(QKeySequence(SHORTCUTS[entity]), self, lambda entity=entity: card.make(entity))
        for one in commands_of(navigator):
            if one.id in _OF_THE_OFFICE:
                QShortcut(QKeySequence(one.spec.shortcut), self, lambda one=one: one.run() if one.visible else None)
        if not settings.restore_geometry(self, self._name):
            self.resize(px(760), px(820))
        self.card.set_record(record_id)

    def show_note(self, note_id: int) -> None:
        """Go to a note of the record."""
        self.card.show_note(note_id)

    def _name_window(self) -> None:
        if self.card.record is not None:
            self.setWindowTitle(self.card.record.title)

    def closeEvent(self, event: QCloseEvent) -> None:
        settings.remember_geometry(self, self._name)
        super().closeEvent(event)


def record_window(office: Office, navigator: Navigator, entity: str, record_id: int, kit: CardKit) -> RecordWindow:
    """The window of a record: the one that is open already, or a new one."""
    if isinstance(navigator, QWidget):
        name = f"record-{entity}-{record_id}"
        open_already = navigator.findChild(RecordWindow, name, Qt.FindChildOption.FindDirectChildrenOnly)
        if open_already is not None:
            open_already.raise_()
            open_already.activateWindow()
            return open_already
    return RecordWindow(office, navigator, entity, record_id, kit)
