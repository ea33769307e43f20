"""Everything of the office in one file: the window that asks as what and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.exporting.export import Exported
from ui.framework import dialogs, settings
from ui.framework.office import Office
from ui.records.export_run import ask_replace, export_folder, refused, remember_folder, run_export
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_KEPT = "export.office.kind"


class OfficeExportDialog(QDialog):
    """A workbook, text tables or JSON; one file with all records, notes and links."""

    def __init__(self, parent: QWidget, office: Office) -> None:
        super().__init__(parent)
        self._office, self._own_path = office, False
        self.setWindowTitle(_("Export everything"))
        self.group = QButtonGroup(self)
        self.kinds: dict[str, QRadioButton] = {
            "xlsx": QRadioButton(_("Excel workbook: a sheet for each kind of record")),
            "csv": QRadioButton(_("CSV texts in a .zip: a file for each kind of record")),
            "json": QRadioButton(_("JSON in a .zip, for other programs")),
        }
        kept = str(settings.remembered_value(_KEPT, "xlsx"))
        for kind, button in self.kinds.items():
            self.group.addButton(button)
            button.setChecked(kind == (kept if kept in self.kinds else "xlsx"))
            button.toggled.connect(lambda _on: self._refresh())
        self.path = QLineEdit()
        self.path.setAccessibleName(_("File"))
        self.path.textEdited.connect(self._on_path_edited)
        self.choose = Button(_("Choose…"), icon="ph.folder-open")
        self.choose.clicked.connect(self._choose)
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.export_button = Button(_("Export everything"), icon="ph.export", kind="primary")
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self._accept)
        self._lay_out()
        self._refresh()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.addWidget(Label(self.windowTitle(), "section"))
        text = _(
            "Contacts, companies, products, deals, cases, activities and notes in one file, linked by record IDs. "
            "Importing it again finds every record. For a copy that can be put back as a whole, make a backup."
        )
        whole.addWidget(Label(text, "body", "text-muted", wrap=True))
        for button in self.kinds.values():
            whole.addWidget(button)
        whole.addWidget(Label(_("Where to"), "secondary", "text-muted"))
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        whole.addLayout(line)
        whole.addWidget(self.problem)
        whole.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.export_button)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 10)
        self.setMinimumWidth(px(560))

    def choice(self) -> tuple[str, Path]:
        """(kind, file)."""
        kind = next(kind for kind, button in self.kinds.items() if button.isChecked())
        return kind, Path(self.path.text().strip() or ".").expanduser()

    def remember(self) -> None:
        """Keep what was chosen for the next time."""
        kind, path = self.choice()
        settings.remember_value(_KEPT, kind)
        remember_folder(path)

    def _ending(self) -> str:
        return ".xlsx" if self.choice()[0] == "xlsx" else ".zip"

    def _refresh(self) -> None:
        ending, text = self._ending(), self.path.text().strip()
        if not self._own_path:
            name = "".join(letter if letter.isalnum() or letter in " -_.,()" else " " for letter in self._office.name)
            self.path.setText(str(export_folder() / f"{name.strip() or 'CRM'} {clock.today().isoformat()}{ending}"))
        elif text and Path(text).suffix.lower() != ending:
            self.path.setText(str(Path(text).with_suffix(ending)))
        self.problem.hide()

    def _on_path_edited(self, _text: str) -> None:
        self._own_path = True
        self.problem.hide()

    def _choose(self) -> None:
        ending = self._ending()
        words = _("Excel workbook") if ending == ".xlsx" else _("Archive")
        chosen = dialogs.choose_save(self, _("Export everything"), self.path.text(), f"{words} (*{ending})")
        if chosen is not None:
            self._own_path = True
            self.path.setText(str(chosen))
            self._refresh()

    def _accept(self) -> None:
        path = self.choice()[1]
        if not self.path.text().strip() or not path.parent.is_dir():
            self.problem.setText(_("This folder does not exist. Choose another one."))
            self.problem.show()
            self.path.setFocus()
        elif ask_replace(self, path):
            self.accept()


def export_everything(owner: QWidget, office: Office) -> None:
    """Ask as what and where to, and write every record of the office as a job."""
    if refused(owner, office):
        return
    dialog = OfficeExportDialog(owner, office)
    accepted = dialogs.run_dialog(dialog)
    kind, path = dialog.choice()
    if accepted:
        dialog.remember()
    dialog.deleteLater()
    if not accepted:
        return

    def work(progress: Progress) -> Exported:
        from crm_desktop.exporting.office_export import export_office  # lazy: the writers

        return export_office(office.database, path, kind, progress=progress)

    run_export(owner, _("Exporting everything"), work, _("Everything"))
