"""What may be wrong with a backup file, each with a sentence that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from crm_desktop.backup.disk import place_of
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_

DAMAGED, PASSWORD, NEWER, FOREIGN, UNFINISHED, UNREADABLE, SPACE = (
    "damaged", "password", "newer", "foreign", "unfinished", "unreadable", "space",
)  # fmt: skip

_OTHER_FILES = (
    (b"SQLite format 3\x00", N_("{name} is a database, not a backup. Open it as an office instead.")),
    (b"PGDMP", N_("{name} is a copy made by pg_dump. Restore it with pg_restore, then open that server.")),
    (b"PK\x03\x04", N_("{name} is an archive of files, not a backup. Unpack it, and choose the backup in it.")),
    (b"\x1f\x8b", N_("{name} is packed. Unpack it first, and choose the backup in it.")),
)  # fmt: skip


class BackupFault(UserError):
    """A backup that cannot be used. ``kind`` says why: "damaged", "password", "newer", "foreign", "unfinished" ..."""

    def __init__(self, kind: str, message: str, **params: Any) -> None:
        super().__init__(message, **params)
        self.kind = kind


def damaged(path: Path) -> BackupFault:
    """It is cut off, or bytes of it are not as they were written."""
    return BackupFault(
        DAMAGED, N_("{name} is damaged or was not copied to its end. Use another backup, or copy it again."),
        name=path.name,
    )  # fmt: skip


def unfinished(path: Path) -> BackupFault:
    """It was being written when the computer or the program stopped."""
    return BackupFault(
        UNFINISHED, N_("{name} was never finished: writing it was interrupted. Use another backup; this one can go."),
        name=path.name,
    )  # fmt: skip


def foreign(path: Path, beginning: bytes) -> BackupFault:
    """It is something else."""
    for start, text in _OTHER_FILES:
        if beginning.startswith(start):
            return BackupFault(FOREIGN, text, name=path.name)
    if not beginning:
        return BackupFault(DAMAGED, N_("{name} is empty. Use another backup, or copy it again."), name=path.name)
    return BackupFault(FOREIGN, N_("{name} is not a backup of CRM Desktop."), name=path.name)


def needs_password(path: Path) -> BackupFault:
    """It is protected, and no password was given."""
    return BackupFault(PASSWORD, N_("{name} is protected. Give its password."), name=path.name)


def wrong_password(path: Path) -> BackupFault:
    """The password does not open it; where only the beginning is damaged, that looks the same."""
    return BackupFault(
        PASSWORD, N_("The password of {name} is wrong, or the file is damaged."), name=path.name
    )  # fmt: skip


def newer(path: Path, program: str) -> BackupFault:
    """A newer program made it."""
    return BackupFault(
        NEWER,
        N_("{name} was made by a newer version of this program ({program}). Install that version; nothing was changed."),
        name=path.name, program=program,
    )  # fmt: skip


def no_space(folder: Path, needed: int) -> BackupFault:
    """What is inside does not fit; ``needed`` in bytes."""
    return BackupFault(
        SPACE, N_("There is not enough free space in {folder}: {needed} MB are needed. Nothing was written."),
        folder=str(place_of(folder)), needed=needed // 1_000_000 + 1,
    )  # fmt: skip


def unreadable(path: Path, error: OSError) -> BackupFault:
    """The disk, stick or share does not give it."""
    if isinstance(error, FileNotFoundError):
        text = N_("{name} is not there any more. If it is on a stick or a share, connect that and try again.")
        return BackupFault(UNREADABLE, text, name=path.name)
    if error.errno == errno.EIO:
        text = N_("The disk cannot read {name} any more. Copy it to another disk, or use another backup.")
        return BackupFault(UNREADABLE, text, name=path.name)
    return BackupFault(
        UNREADABLE, N_("{name} cannot be read: {reason}"), name=path.name, reason=error.strerror or str(error)
    )
