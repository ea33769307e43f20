"""From a backup file, or a whole archive, to the database in it: refused with a reason, or unpacked and known to be whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from crm_desktop.backup import container, faults, whole_zip
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.backup.container import Header
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import parse_instant

_SPARE = 20_000_000
"""Bytes that are left free at least: a full disk stops more than this program."""


def header_of(path: Path) -> Header:
    """What a backup or a whole archive says of itself.

    Raises:
        BackupFault: it is neither, or damaged.
    """
    return whole_zip.read_header(path) if whole_zip.is_archive(path) else container.read_header(path)


def extract(path: Path, plain: Path, password: str | None, progress: Progress) -> Header:
    """Unpack the database of a backup or of a whole archive; every byte of it is compared.

    Raises:
        BackupFault: damaged, cut off, or the password is wrong.
    """
    if whole_zip.is_archive(path):
        return whole_zip.extract_office(path, plain, progress)
    return container.extract(path, plain, password, progress)


def refuse_unfinished(path: Path) -> None:
    """Refuse what was never finished.

    Raises:
        BackupFault: it has the name of one that is being written.
    """
    if path.suffix == ".partial":
        raise faults.unfinished(path)


def inspect(path: Path, schema: Schema) -> Header:
    """What a backup says of itself without a password, where this program can use it.

    Raises:
        BackupFault: it is damaged, unfinished, not a backup, cannot be read, or a newer program made it.
    """
    refuse_unfinished(path)
    header = header_of(path)
    if migrate.standing(header.revision, schema) == "newer":
        raise faults.newer(path, header.program)
    return header


def unpack(
    path: Path, plain: Path, schema: Schema, password: str | None, progress: Progress,
    prove: Callable[[Path, Header], object] = lambda _plain, _header: None,
) -> Header:  # fmt: skip
    """Unpack the database of a backup and bring it to this program's schema.

    Args:
        prove: looks at the unpacked file before it is brought to this program's schema; what it raises is raised on.

    Raises:
        BackupFault: it cannot be used, or does not fit on the disk; nothing stays behind.
        Cancelled: the user stopped it; nothing stays behind.
    """
    header = inspect(path, schema)
    if shutil.disk_usage(plain.parent).free < header.size + _SPARE:
        raise faults.no_space(plain.parent, header.size + _SPARE)
    try:
        progress.update(0, header.size)
        header = extract(path, plain, password, progress)
        prove(plain, header)
        database = Database(plain, schema)
        try:
            if migrate.refuse_strangers(database) == "older":
                migrate.migrate(database)
        finally:
            database.close()
    except OSError as error:
        plain.unlink(missing_ok=True)
        raise faults.no_space(plain.parent, header.size + _SPARE) if error.errno == 28 else error from error
    except BaseException:
        for suffix in ("", "-wal", "-shm", "-journal"):
            plain.with_name(plain.name + suffix).unlink(missing_ok=True)
        raise
    return header


def info_of(path: Path, schema: Schema) -> BackupInfo:
    """A backup file that somebody chose, as the list of backups shows it.

    Raises:
        BackupFault: see :func:`inspect`.
    """
    header = inspect(path, schema)
    made = parse_instant(header.created)
    return BackupInfo(str(path), header.database, made, path.stat().st_size, header.encrypted)
