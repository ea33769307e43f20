"""The folders that backups are written to: names, free space, and what a disk answers in words."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from crm_desktop.backup.catalogue import SUFFIX, known_backups
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import NoRoom, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database

_SPARE = 10_000_000
_MARGIN = 1.1
_GROWTH = 2
"""So many times as large as the last one a backup is expected to be at most."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_GONE = (
    errno.ENOENT,
    errno.ENODEV,
    errno.ENXIO,
    errno.EIO,
    errno.ESTALE,
    errno.ENOTCONN,
    errno.EHOSTDOWN,
    errno.ENOTDIR,
)
"""What a stick that was pulled and a share that went away answer."""
_SAID = (("is full", errno.ENOSPC), ("disk I/O", errno.EIO), ("readonly", errno.EACCES))
"""What SQLite says of a disk."""


class NoSpace(NoRoom):
    """There is not enough room for a backup."""


def stem_of(database: Database) -> str:
    """What the names of the backups of a database begin with."""
    return Path(database.name).stem if database.path else database.name.split(" ")[0]


@contextmanager
def reserved(folder: Path, database: Database, now: datetime) -> Iterator[tuple[Path, Path]]:
    """A name that no other backup has, whoever makes one in the same second: (the backup, the file to write it to).

    The name says when by the clock of this computer; its last letters tell backups of one second in several folders, or
    of several computers, apart. The unfinished file is this backup's alone, and is gone after the block.
    """
    base = f"{stem_of(database)}-{now.astimezone(clock.local_zone()):%Y-%m-%d-%H%M%S}"
    while True:
        target = folder / f"{base}-{secrets.token_hex(2)}{SUFFIX}"
        partial = target.with_suffix(".partial")
        with suppress(FileExistsError):
            if not target.exists():
                partial.open("xb").close()
                break
    try:
        yield target, partial
    finally:
        if folder.is_dir():
            partial.unlink(missing_ok=True)


def keep_on_disk(written: BinaryIO) -> None:
    """Wait until a file is on its disk, and let go of what memory has of it: who reads it next reads the disk.

    Where the system knows no such wish (Windows, macOS), memory may still answer.
    """
    written.flush()
    os.fsync(written.fileno())
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):  # some network file systems
            os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def size_of(database: Database) -> int:
    """The bytes of a database: of the file with what its log holds, or what the server says."""
    if database.path is not None:
        parts = (database.path, database.path.with_name(database.path.name + "-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
    with database.read_all() as connection:
        return int(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())


def refuse_without_space(database: Database, folder: Path, scratch: Path) -> None:
    """Refuse to begin where the disk would be full in the middle.

    The scratch folder takes the copy and later the restored file, never both. By how much the backup itself is compressed
    is known at its end only: the last one of this database tells it with some room, else it is taken for whole. Where
    both are on one disk it has to take both.

    Raises:
        NoSpace: nothing was written.
    """
    plain = int(size_of(database) * _MARGIN)
    last = next(iter(known_backups(database)), None)
    packed = plain if last is None else min(plain, last.size * _GROWTH)
    if folder.stat().st_dev == scratch.stat().st_dev:
        refuse_full(folder, plain + packed + _SPARE)
    else:
        refuse_full(folder, packed + _SPARE)
        refuse_full(scratch, plain + _SPARE)


def refuse_full(folder: Path, needed: int) -> None:
    """Refuse to write so many bytes into a folder whose disk has not got them.

    Raises:
        NoSpace: it has not.
    """
    if shutil.disk_usage(folder).free < needed:
        raise NoSpace(
            N_("There is not enough free space in {folder}: {needed} MB are needed. Nothing was written."),
            folder=str(place_of(folder)), needed=formats.format_integer(needed // 1_000_000 + 1),
        )  # fmt: skip


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Say in one sentence what went wrong with a disk."""
    try:
        yield
    except (sqlite3.OperationalError, sa.exc.OperationalError) as error:
        said = str(error.orig) if isinstance(error, sa.exc.OperationalError) else str(error)
        number = next((number for words, number in _SAID if words in said), None)
        if number is None:
            raise
        raise _sentence(folder, OSError(number, "")) from error
    except OSError as error:
        raise _sentence(folder, error) from error


def place_of(folder: Path) -> Path:
    """The folder that people know: a scratch folder of ours is gone before they can look."""
    while folder.name.startswith("crm-"):
        folder = folder.parent
    return folder


def _sentence(folder: Path, error: OSError) -> UserError:
    folder = place_of(folder)
    if error.errno in _FULL:
        return NoSpace(
            N_("The disk of {folder} is full. Free some space, or choose another place; nothing half made was left."),
            folder=str(folder),
        )
    if error.errno in _FORBIDDEN:
        return UserError(
            N_("This computer may not write to {folder}. Choose another place, or have the right given."),
            folder=str(folder),
        )
    if error.errno in _GONE:
        return UserError(
            N_("{folder} is not there any more: was the disk removed, or the network cut? Nothing half made was left."),
            folder=str(folder),
        )
    return UserError(
        N_("{folder} cannot be written: {reason}. Choose another folder or free some space."),
        folder=str(folder), reason=error.strerror or str(error),
    )  # fmt: skip
