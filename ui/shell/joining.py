"""Ways into an office: joining its server, restoring a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop import features
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from ui.framework import dialogs, tasks


def application() -> QApplication:
    """The Qt application."""
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found


def join_office(parent: QWidget, doors: Any) -> None:
    """Ask for the server, try it, and open the office there; or create one."""
    from ui.shell.server.entry import join  # lazy: the assistant, and the driver of servers

    join(parent, doors)


def restore_backup(parent: QWidget, doors: Any) -> None:
    """Choose a backup and a new file, restore, and open it."""
    from crm_desktop.backup import opening, restoring  # lazy: heavy, and only for a restore

    path = dialogs.choose_file(parent, _("Restore a backup"), _("Backups and whole archives") + " (*.crmbackup *.zip)")
    if path is None:
        return
    try:
        header = opening.header_of(path)
    except UserError as error:
        dialogs.show_error(parent, error)
        return
    password = ""
    if header.encrypted:
        given = dialogs.ask_text(parent, _("Password"), _("This backup is protected. Its password:"), password=True)
        if given is None:
            return
        password = given
    target = dialogs.choose_save(parent, _("Restore as"), Path.home() / (Path(header.database).stem + "-restored.crm"))
    if target is None:
        return

    def run(progress: Progress) -> str:
        restoring.restore_backup(path, target, features.schema(), password=password or None, progress=progress)
        return str(target)

    tasks.run_job(_("Restoring the backup"), run, lambda done: doors.open(done), owner=parent)
