"""The ways to a merge: from the checked records of a list, and from a card to one that is looked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.editors import make_picker
from ui.records.kit import BulkCommand, CardCommand
from ui.records.merge_dialog import open_merge
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot
from ui.widgets.labels import Label, Plane
from ui.widgets.themed import margins

MOST = 50


class OtherRecordDialog(QDialog):
    """Which record is the same as this one."""

    def __init__(self, office: Office, record: Record, parent: QWidget) -> None:
        super().__init__(parent)
        spec = office.database.schema.entity(record.entity)
        self._own = record.id
        self.setWindowTitle(_("Merge with…"))
        self.setMinimumWidth(px(480))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = Plane("raised")
        box = QVBoxLayout(body)
        box.addWidget(Label(_("Merge {title} with…").format(title=record.title), "title", wrap=True))
        box.addWidget(Label(_("Find the other one by name, phone, e-mail or number."), "body", "text-muted", wrap=True))
        self.picker = make_picker(office, record.entity, name=translate(spec.label))
        self.picker.edited.connect(self._on_edited)
        box.addWidget(self.picker)
        self.hint = Label("", "secondary", "danger", wrap=True)
        self.hint.hide()
        box.addWidget(self.hint)
        margins(body, 24, 20, 24, 16, 8)
        outer.addWidget(body)
        cancel = Button(_("Cancel"), key="Esc")
        cancel.clicked.connect(self.reject)
        self.go = Button(_("Continue"), kind="primary")
        self.go.clicked.connect(self.accept)
        self.go.setEnabled(False)
        outer.addWidget(dialog_foot(cancel, self.go, height=64))
        self.picker.setFocus()

    @property
    def chosen(self) -> int | None:
        """The id of the other record."""
        value = self.picker.value()
        return int(value) if isinstance(value, int) and value != self._own else None

    def _on_edited(self) -> None:
        own = self.picker.value() == self._own
        self.hint.setText(_("That is this record itself. Choose another one.") if own else "")
        self.hint.setVisible(own)
        self.go.setEnabled(self.chosen is not None)


def merge_with(owner: QWidget, office: Office, navigator: Navigator, record: Record) -> None:
    """Ask for the other record, then merge the two."""
    dialog = OtherRecordDialog(office, record, owner)
    accepted = dialogs.run_dialog(dialog)
    other = dialog.chosen
    dialog.deleteLater()
    if accepted and other is not None:
        open_merge(owner, office, navigator, record.entity, [record.id, other])


def merge_many(entity: str) -> BulkCommand:
    """Merge the checked records of a list."""

    def run(owner: QWidget, office: Office, navigator: Navigator, ids: Sequence[int]) -> None:
        open_merge(owner, office, navigator, entity, list(ids))

    return BulkCommand("merge", N_("Merge…"), "ph.git-merge", run, least=2, most=MOST, needs="delete")


MERGE_WITH = CardCommand("merge_with", N_("Merge with…"), "ph.git-merge", merge_with, needs="edit")
