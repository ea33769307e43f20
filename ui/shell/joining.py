"""Ways into an office: joining its server, restoring a backup to a file or to a server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop import features
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.db.types import parse_instant
from ui.framework import dialogs, tasks
from ui.framework.scratch import scratch_folder


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
    """Choose a backup, and a new file or a server; restore, and open it."""
    from crm_desktop.backup import opening  # lazy: heavy, and only for a restore

    path = dialogs.choose_file(parent, _("Restore a backup"), _("Backups and whole archives") + " (*.crmbackup *.zip)")
    if path is not None:
        tasks.run_read(
            parent,
            lambda: opening.inspect(path, features.schema()),
            lambda header: _ask_where(parent, doors, path, header),
        )


def _ask_where(parent: QWidget, doors: Any, path: Path, header: Any) -> None:
    choices = [
        dialogs.Choice("no", _("Cancel")),
        dialogs.Choice("server", _("On an office server…")),
        dialogs.Choice("file", _("On this computer…"), "primary"),
    ]
    text = _("It becomes an office of its own: in a new file, or in a new database of a PostgreSQL server.")
    where = dialogs.ask(parent, _("Where should the office of this backup live?"), text, choices)
    if where not in ("file", "server"):
        return
    password = _password(parent, _("This backup is protected. Its password:")) if header.encrypted else ""
    if password is None:
        return
    if where == "server":
        _restore_to_server(parent, doors, path, header, password)
        return
    target = dialogs.choose_save(parent, _("Restore as"), Path.home() / (Path(header.database).stem + "-restored.crm"))
    if target is not None:
        _restore(parent, doors, path, target, password)


def _password(parent: QWidget, question: str) -> str | None:
    return dialogs.ask_text(parent, _("Password"), question, password=True)


def _restore(parent: QWidget, doors: Any, path: Path, target: Path, password: str) -> None:
    """Restore to a new file and open that; a wrong password is asked for again."""
    from crm_desktop import doctor  # lazy: only after a restore
    from crm_desktop.backup import restoring  # lazy: heavy, and only for a restore

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
        _ask_again(parent, error, lambda again: _restore(parent, doors, path, target, again))

    tasks.run_job(_("Restoring the backup"), run, done, failed, owner=parent)


def _ask_again(parent: QWidget, error: Exception, then: Callable[[str], None]) -> None:
    """Ask for the password once more where it was a wrong one; say any other error."""
    from crm_desktop.backup import faults  # lazy: heavy, and only for a restore

    if not isinstance(error, faults.BackupFault) or error.kind != faults.PASSWORD:
        dialogs.show_error(parent, error)
        return
    again = _password(parent, f"{error} " + _("Give it once more:"))
    if again is not None:
        then(again)


def _restore_to_server(parent: QWidget, doors: Any, path: Path, header: Any, password: str) -> None:
    """Unpack, to know who goes along, and go through the assistant of servers."""
    from crm_desktop.backup import restoring  # lazy: heavy, and only for a restore
    from ui.backup.opened import Opened  # lazy: as above
    from ui.shell.server.entry import restore_first  # lazy: the assistant, and the driver of servers

    scratch = scratch_folder("backup")

    def run(progress: Progress) -> Any:
        try:
            return restoring.open_backup(path, scratch, features.schema(), password=password or None, progress=progress)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise

    def done(database: Any) -> None:
        try:
            made = parse_instant(header.created)
            restore_first(parent, doors, Opened(database, made, str(path), password or None, scratch))
        finally:
            database.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def failed(error: Exception) -> None:
        _ask_again(parent, error, lambda again: _restore_to_server(parent, doors, path, header, again))

    tasks.run_job(_("Opening the backup"), run, done, failed, owner=parent)
