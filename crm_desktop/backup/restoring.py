"""Getting a backup back: to a new file, to an empty server, or read-only to look around in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.opening import unpack
from crm_desktop.backup.snapshot import counts_of, settle
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.scratch import unfinished
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema

_BLOCK = 4 * 1024 * 1024


def restore_backup(
    path: Path | str,
    target: str | Path,
    schema: Schema,
    *,
    password: str | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Restore a backup to a new SQLite file or an empty PostgreSQL database. Older backups are migrated.

    Returns:
        Rows per table.

    Raises:
        UserError: the target exists already or holds data, or the backup is not usable.
    """
    progress = progress or Progress()
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as scratch, disk_errors(Path(scratch)):
        plain = Path(scratch) / "restored.crm"
        header = unpack(Path(path), plain, schema, password, progress)
        restored = Database(plain, schema)
        try:
            goal = Database(target, schema)
            try:
                if goal.path is not None:
                    _refuse_existing(goal.path)
                if goal.path is not None:
                    goal.path.parent.mkdir(parents=True, exist_ok=True)
                    restored.close()
                    settle(plain)
                    partial = goal.path.with_name(goal.path.name + ".partial")
                    _place(plain, partial, goal.path, progress)
                    if counts_of(goal.path, schema) != counts_of(plain, schema):
                        raise UserError(N_("{name} could not be written whole. Restore again."), name=goal.path.name)
                else:
                    copy_database(restored, goal, progress)
            finally:
                goal.close()
        finally:
            restored.close()
    return header.counts


def _place(plain: Path, partial: Path, goal: Path, progress: Progress) -> None:
    """Copy the restored file to where it belongs; it has its name once it is on the disk."""
    try:
        with unfinished(partial), plain.open("rb") as source, partial.open("wb") as written:
            while block := source.read(_BLOCK):
                written.write(block)
                progress.check()
            written.flush()
            os.fsync(written.fileno())
        partial.replace(goal)
    finally:
        partial.unlink(missing_ok=True)


def _refuse_existing(path: Path) -> None:
    """Refuse a target that is there, and one whose old log lies beside it: SQLite would play it into the new file."""
    for part in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        if part.exists() and part.stat().st_size:
            raise UserError(
                N_("{name} is there already. Restore to another name, so that nothing is overwritten."), name=part.name
            )


@contextmanager
def browse_backup(path: Path | str, schema: Schema, *, password: str | None = None) -> Iterator[Database]:
    """A backup opened read-only, as long as the block lasts. An older one is migrated in its scratch copy."""
    with tempfile.TemporaryDirectory(prefix="crm-browse-") as scratch:
        database = open_backup(path, Path(scratch), schema, password=password)
        try:
            yield database
        finally:
            database.close()


def open_backup(
    path: Path | str, scratch: Path, schema: Schema, *, password: str | None = None, progress: Progress | None = None
) -> Database:
    """Unpack a backup into ``scratch`` and open it read-only; the caller closes it and removes the folder."""
    plain = scratch / (Path(path).stem + ".crm")
    unpack(Path(path), plain, schema, password, progress or Progress())
    settle(plain)
    return Database(plain, schema, read_only=True)
