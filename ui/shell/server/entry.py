"""The doors of the assistant: from the first page, from the office's menu, from a backup, and back into a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop import features
from crm_desktop.backup.restoring import Examine
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.moving import Moved, Mover, move_to_file, restore_to_server
from crm_desktop.office_server import Login
from crm_desktop.records.moved import OfficeMoved, work_on_copy
from ui.backup import plan as backup_plan
from ui.backup.opened import OnServer, Opened
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.records.drafts import carry_drafts
from ui.shell.server.parts import JOIN, MOVE, FromBackup
from ui.shell.server.wizard import ServerWizard


def join(parent: QWidget, doors: Any) -> None:
    """Join an office on a server, or create one, and open it."""
    dialog = ServerWizard(parent, JOIN, known=settings.LAST_DATABASE.get())
    if dialogs.run_dialog(dialog) and dialog.target:
        target = dialog.target
        dialog.forget_secrets()
        doors.open(target)


def share(window: Any, office: Office) -> None:
    """Move the office of this computer to a server, with everything of this person that belongs to it."""
    dialog = ServerWizard(window, MOVE, office=office)
    if not dialogs.run_dialog(dialog) or not dialog.target:
        return
    target, moved = dialog.target, dialog.plan.moved
    dialog.forget_secrets()
    if moved is not None and moved.verified is not None:
        follow(office, target)
    window.office_switch.emit(target)


def restore_there(window: Any, office: Office, opened: Opened) -> OnServer | None:
    """Make an office on a server of a backup, and open it there where that is wanted; ``office`` is not touched.

    Returns:
        Where it is; None where it was not made.
    """

    known = "" if office.database.sqlite else office.database.target
    return _from_backup(window, opened, office.user_id, office.examine, known, window.office_switch.emit)


def restore_first(parent: QWidget, doors: Any, opened: Opened) -> None:
    """Make an office on a server of a backup where no office is open, and open it there where that is wanted."""
    from crm_desktop import doctor  # lazy: only for a restore

    _from_backup(parent, opened, None, doctor.problems, settings.LAST_DATABASE.get(), doors.open, beside=False)


def _from_backup(
    parent: QWidget, opened: Opened, user_id: int | None, examine: Examine | None, known: str,
    on_open: Callable[[str], object], *, beside: bool = True,
) -> OnServer | None:  # fmt: skip
    """Go through the assistant.

    Args:
        known: where this person works, or worked last; a server's address is offered again.
        beside: whether an office is open, which stays as it is.
    """

    def restore(address: ServerAddress, admin: Login, people: Sequence[Mover], progress: Progress) -> Moved:
        return restore_to_server(
            opened.path, address, admin, people, features.schema(), password=opened.password, examine=examine,
            progress=progress,
        )  # fmt: skip

    backup = FromBackup(opened.database, opened.made, user_id, restore, beside)
    dialog = ServerWizard(parent, MOVE, known=known, backup=backup)
    opens = dialogs.run_dialog(dialog)
    target, moved = dialog.target, dialog.plan.moved
    dialog.forget_secrets()
    dialog.deleteLater()
    if moved is None or moved.address is None:
        return None
    if opens:
        on_open(target)
    rows = moved.verified.rows if moved.verified is not None else 0
    return OnServer(moved.target, moved.address.host, moved.address.database, rows, moved.problems)


def follow(office: Office, target: str) -> None:
    """Let the plan of backups and the unsaved texts go along to where the office is now."""
    there = Database(target, office.database.schema)
    try:
        own = backup_plan.own(office.database)  # the office's own plan went along with its data
        if own is not None:
            backup_plan.keep(there, own)
        carry_drafts(office.database.place, there.place)
    finally:
        there.close()


def bring_back(window: QWidget, office: Office) -> None:
    """Copy the office of the server into a file of this computer."""
    path = dialogs.choose_save(
        window, _("Bring the office into a file"), Path.home() / "office.crm", _("Databases") + " (*.crm)"
    )
    if path is None:
        return

    def run(progress: Progress) -> Moved:
        return move_to_file(office.database, path, progress)

    def done(moved: Moved) -> None:
        count = moved.verified.rows if moved.verified is not None else 0
        words = ngettext(
            "{n} row was copied and compared. The office on the server goes on as before.",
            "{n} rows were copied and compared. The office on the server goes on as before.", count,
        )  # fmt: skip
        dialogs.show_message(window, _("The office is in {file}").format(file=path.name), words.format(n=count))

    tasks.run_job(_("Bringing the office into a file"), run, done, owner=window)


def offer_moved(parent: QWidget | None, doors: Any, error: OfficeMoved) -> None:
    """Say where the office of a file went, and open it there, or a copy of the file."""
    choices = [
        dialogs.Choice("no", _("Cancel")),
        dialogs.Choice("copy", _("Work in a copy…")),
        dialogs.Choice("server", _("Open it on the server"), "primary"),
    ]
    answer = dialogs.ask(parent, _("The office lives on a server now"), str(error), choices)
    if answer == "server":
        doors.open(error.to)
    elif answer == "copy":
        kept = Path(error.path)
        copy = dialogs.choose_save(parent, _("Work in a copy"), kept.with_name(f"{kept.stem}-copy{kept.suffix}"))
        if copy is not None:
            tasks.run_job(
                _("Copying the office"), lambda _progress: work_on_copy(kept, copy, features.schema()),
                lambda _none: doors.open(str(copy)), owner=parent,
            )  # fmt: skip
