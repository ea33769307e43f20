"""A case in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.cases.case_card import CaseCard
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.theme.theme import px


class CaseWindow(QWidget):
    """One case; it closes when the case is deleted."""

    def __init__(self, office: Office, navigator: Navigator, case_id: int) -> None:
        # A child of the main window, so that it lives as long as that one.
        super().__init__(navigator if isinstance(navigator, QWidget) else None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(f"case-{case_id}")
        self.card = CaseCard(office, navigator)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.card)
        self.card.loaded.connect(self._name)
        self.card.gone.connect(self.close)
        for keys, run in (
            ("Ctrl+W", self.close),
            ("Ctrl+E", self.card.work.edit),
            ("Ctrl+P", self.card.work.print_case),
        ):
            QShortcut(QKeySequence(keys), self, run)
        undo = getattr(navigator, "undo", None)
        if undo is not None:
            QShortcut(QKeySequence("Ctrl+Z"), self, undo)
        if not settings.restore_geometry(self, "case"):
            self.resize(px(960), px(760))
        self.card.set_case(case_id)

    def _name(self) -> None:
        if self.card.data is not None:
            record = self.card.data.record
            self.setWindowTitle(f"{record.values.get('number') or ''} {record.title}".strip())

    def closeEvent(self, event: object) -> None:
        self.card.reply.keep()
        settings.remember_geometry(self, "case")
        super().closeEvent(event)  # type: ignore[arg-type]


def case_window(office: Office, navigator: Navigator, case_id: int) -> CaseWindow:
    """The window of a case: the one that is open already, or a new one."""
    if isinstance(navigator, QWidget):
        there = navigator.findChild(CaseWindow, f"case-{case_id}", Qt.FindChildOption.FindDirectChildrenOnly)
        if there is not None:
            there.raise_()
            there.activateWindow()
            return there
    return CaseWindow(office, navigator, case_id)
