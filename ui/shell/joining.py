"""Ways into an office: joining its server, restoring a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop import features
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
    from crm_desktop.backup import opening  # lazy: heavy, and only for a restore

    path = dialogs.choose_file(parent, _("Restore a backup"), _("Backups and whole archives") + " (*.crmbackup *.zip)")
    if path is not None:
        tasks.run_read(
            parent,
            lambda: opening.inspect(path, features.schema()),
            lambda header: _ask_where(parent, doors, path, header),
        )


def _ask_where(parent: QWidget, doors: Any, path: Path, header: Any) -> None:
    password = _password(parent, _("This backup is protected. Its password:")) if header.encrypted else ""
    if password is None:
        return
    target = dialogs.choose_save(parent, _("Restore as"), Path.home() / (Path(header.database).stem + "-restored.crm"))
    if target is not None:
        _restore(parent, doors, path, target, password)


def _password(parent: QWidget, question: str) -> str | None:
    return dialogs.ask_text(parent, _("Password"), question, password=True)


def _restore(parent: QWidget, doors: Any, path: Path, target: Path, password: str) -> None:
    """Restore to a new file and open that; a wrong password is asked for again."""
    from crm_desktop import doctor  # lazy: only after a restore
    from crm_desktop.backup import faults, restoring  # lazy: heavy, and only for a restore

    def run(progress: Progress) -> Any:
        return restoring.restore_backup(
            path, target, features.schema(), password=password or None, examine=doctor.problems, progress=progress
        )

    def done(restored: Any) -> None:
        if restored.problems:
            title = _("{name} is restored, and the checks found something").format(name=target.name)
            dialogs.show_message(parent, title, "\n".join(restored.problems))
        doors.open(str(target))

    def failed(error: Exception) -> None:
        if not isinstance(error, faults.BackupFault) or error.kind != faults.PASSWORD:
            dialogs.show_error(parent, error)
            return
        again = _password(parent, f"{error} " + _("Give it once more:"))
        if again is not None:
            _restore(parent, doors, path, target, again)

    tasks.run_job(_("Restoring the backup"), run, done, failed, owner=parent)
