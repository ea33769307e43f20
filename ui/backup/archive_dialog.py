"""The window that asks where the whole archive goes and which of its parts are wanted, and says how large it gets."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.archive import making
from crm_desktop.archive.making import Estimate
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _, ngettext
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.records.export_run import ask_replace, export_folder
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_KEPT = "archive.parts"


class ArchiveDialog(QDialog):
    """Where to, the two parts that can be left out, the estimated size."""

    def __init__(self, parent: QWidget, office: Office, *, target: Path | None = None, problem: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("archive-dialog")
        self.setWindowTitle(_("Whole archive"))
        self._office = office
        self._estimate: Estimate | None = None
        kept = settings.remembered_value(_KEPT)
        kept = kept if isinstance(kept, dict) else {}
        self.path = QLineEdit(str(target or export_folder() / making.suggest_name(office.database)))
        self.path.setAccessibleName(_("File"))
        self.choose = Button(_("Choose…"), icon="ph.folder-open")
        self.pages = QCheckBox(_("A page to read for each customer"))
        self.pages.setChecked(bool(kept.get("pages", True)))
        self.files = QCheckBox(_("Attached files under their own names"))
        self.files.setChecked(bool(kept.get("files", True)))
        self.pages_hint = Label("", "secondary", "text-muted", wrap=True)
        self.files_hint = Label("", "secondary", "text-muted", wrap=True)
        self.size_label = Label(_("Looking how large it gets…"), "body")
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.other = Button(_("Choose another folder…"), icon="ph.folder-open", small=True)
        self.other.clicked.connect(self._choose)
        self.write_button = Button(_("Write the archive"), icon="ph.archive", kind="primary")
        self.cancel = Button(_("Cancel"))
        self._lay_out()
        self.choose.clicked.connect(self._choose)
        self.path.textEdited.connect(lambda _text: self._tell(""))
        for box in (self.pages, self.files):
            box.toggled.connect(lambda _on: self._refresh())
        self.write_button.setDefault(True)
        self.write_button.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.reject)
        self._tell(problem)
        self._refresh()
        tasks.run_read(self, lambda: making.estimate(office.database), self._show, self._unknown)

    def _lay_out(self) -> None:
        self.setMinimumWidth(px(600))
        whole = QVBoxLayout(self)
        whole.addWidget(Label(self.windowTitle(), "title"))
        whole.addWidget(Label(_(
            "Everything of the office in one zip that opens without this program: pages to read, tables, settings, the whole "
            "history. The same office can be made of it again."
        ), "body", "text-muted", wrap=True))  # fmt: skip
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(16))
        grid.setColumnStretch(1, 1)

        def row(text: str, *widgets: QWidget) -> None:
            at = grid.rowCount()
            label = Label(text, "secondary", "text-muted")
            label.setContentsMargins(0, px(8) if not at else px(2), 0, 0)  # on the line of what it names
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            box = QVBoxLayout()
            box.setSpacing(px(4))
            for widget in widgets:
                box.addWidget(widget)
            box.setAlignment(self.other, Qt.AlignmentFlag.AlignLeft)
            grid.addLayout(box, at, 1)

        where = QWidget()
        line = QHBoxLayout(where)
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        margins(where, 0, 0, 0, 0, 8)
        row(_("Where to"), where, self.problem, self.other)
        row(_("With"), self.pages, self.pages_hint, self.files, self.files_hint)
        row(_("Size"), self.size_label)
        whole.addLayout(grid)
        whole.addWidget(Label(
            _("Whoever has the archive can read everything in it; it has no password. Passwords of people are in no readable part."),
            "secondary", "text-muted", wrap=True,
        ))  # fmt: skip
        whole.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.write_button)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 16)

    def _show(self, found: Estimate) -> None:
        self._estimate = found
        self._refresh()

    def _unknown(self, _error: Exception) -> None:
        self.size_label.setText(_("Not known"))

    def _refresh(self) -> None:
        found = self._estimate
        if found is None:
            self.pages_hint.setText(_("Opens in any browser, with a search for names."))
            self.files_hint.setText(_("The database in the archive holds them in any case."))
            return
        text = ngettext("{n} page, with a search for names.", "{n} pages, with a search for names.", found.customers)
        self.pages_hint.setText(text.format(n=formats.format_integer(found.customers)))
        text = ngettext(
            "{n} file, {size}. The database in the archive holds it in any case.",
            "{n} files, {size}. The database in the archive holds them in any case.", found.stored,
        )  # fmt: skip
        self.files_hint.setText(
            text.format(n=formats.format_integer(found.stored), size=formats.format_size(found.files))
        )
        size = found.size(pages=self.pages.isChecked(), files=self.files.isChecked())
        self.size_label.setText(_("About {size}").format(size=formats.format_size(size)))

    def _choose(self) -> None:
        chosen = dialogs.choose_save(self, _("Whole archive"), self.path.text(), _("Zip archives") + " (*.zip)")
        if chosen is not None:
            self.path.setText(str(chosen))
            self._tell("")

    @property
    def target(self) -> Path:
        """The file that was chosen."""
        path = Path(self.path.text().strip()).expanduser()
        return path if path.suffix.lower() == ".zip" else path.with_name(path.name + ".zip")

    def _accept(self) -> None:
        if not self.path.text().strip() or not self.target.parent.is_dir():
            self._tell(_("This folder does not exist. Choose another one."))
            self.path.setFocus()
            return
        found, folder, database = self._estimate, self.target.parent, self._office.database
        if found is None:
            self._go()
            return
        size = found.size(pages=self.pages.isChecked(), files=self.files.isChecked())
        self.write_button.setEnabled(False)  # until it is known whether there is room for it

        def look() -> None:
            making.refuse_without_room(database, size, folder, Path(tempfile.gettempdir()))

        tasks.run_read(self, look, lambda _done: self._go(), self._refused, supersede="room")

    def _go(self) -> None:
        self.write_button.setEnabled(True)
        if ask_replace(self, self.target):
            settings.remember_value(_KEPT, {"pages": self.pages.isChecked(), "files": self.files.isChecked()})
            self.accept()

    def _refused(self, error: Exception) -> None:
        """There is no room for it: stay, and say so beside the way to another place."""
        self.write_button.setEnabled(True)
        if isinstance(error, UserError | OSError):
            self._tell(str(error))
            self.other.setFocus()
        else:
            dialogs.show_error(self, error)

    def _tell(self, problem: str) -> None:
        """Say what is wrong with the place, or nothing."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.other.setVisible(bool(problem))
