"""Opening a file with the program that the system has for it, and saving it to a folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import files_service
from crm_desktop.records.files_service import FileRow
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.file_words import is_program
from ui.widgets.toast import show_toast


def open_attachment(owner: QWidget, office: Office, attachment_id: int, revision: int | None = None) -> None:
    """Open a copy of a file to read it; a program is only run after asking."""

    def write(progress: Progress) -> Path:
        with office.database.read() as connection:
            name, _digest = files_service.name_and_digest(connection, attachment_id, revision)
            path = scratch_folder() / Path(name).name
            return files_service.save_content(connection, attachment_id, path, revision, progress)

    def show(path: Path) -> None:
        if not is_program(path.name) or dialogs.confirm(
            owner, _("{name} is a program").format(name=path.name),
            _("Opening it runs it on this computer. Do so only if you know where it comes from."),
            yes=_("Run it"), danger=True,
        ):  # fmt: skip
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    tasks.run_job(_("Opening a file"), write, show, owner=owner)


def save_attachment(owner: QWidget, office: Office, row: FileRow, revision: int | None = None) -> None:
    """Ask where to save a file, and save it; a full disk or a folder that cannot be written is said in words."""
    path = dialogs.choose_save(owner, _("Save the file"), row.name)
    if path is None:
        return

    def write(progress: Progress) -> Path:
        progress.update(0, row.size)
        with office.database.read() as connection:
            return files_service.save_content(connection, row.id, path, revision, progress)

    def saved(made: Path) -> None:
        show_toast(owner, _("Saved as {file}").format(file=made.name))

    tasks.run_job(_("Saving {name}").format(name=row.name), write, saved, owner=owner)
