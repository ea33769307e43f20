"""Getting a backup back: to a new file, to an empty server, or read-only to look around in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_desktop.backup import runs
from crm_desktop.backup.disk import disk_errors, refuse_full
from crm_desktop.backup.opening import inspect, unpack
from crm_desktop.backup.snapshot import counts_of, settle
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.scratch import unfinished
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema

_SPARE = 10_000_000
_BLOCK = 4 * 1024 * 1024


Examine = Callable[[Database, Progress], Sequence[str]]
"""The quick checks of a database: what they found, one sentence each."""


@dataclass(frozen=True)
class Restored:
    """What was restored: rows per table, and what the checks found in it; None where they were left out or stopped."""

    counts: Mapping[str, int]
    problems: tuple[str, ...] | None = None


def restore_backup(
    path: Path | str,
    target: str | Path,
    schema: Schema,
    *,
    password: str | None = None,
    examine: Examine | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Restore a backup to a new SQLite file or an empty PostgreSQL database. Older backups are migrated.

    Args:
        examine: the checks that look at what was restored: at a file before it has its name.

    Raises:
        UserError: the target exists already or holds data, or the backup is not usable.
        Cancelled: the user stopped it; nothing stays behind.
    """
    progress = progress or Progress()
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as scratch, disk_errors(Path(scratch)):
        plain = Path(scratch) / "restored.crm"
        goal = Database(target, schema)
        try:
            if goal.path is None:
                return _to_server(Path(path), plain, goal, password, examine, progress)
            _refuse_existing(goal.path)
            with disk_errors(goal.path.parent):
                goal.path.parent.mkdir(parents=True, exist_ok=True)
                size = inspect(Path(path), schema).size
                shared = goal.path.parent.stat().st_dev == Path(scratch).stat().st_dev
                refuse_full(goal.path.parent, size * (2 if shared else 1) + _SPARE)
            progress.update(message=translate(N_("Unpacking the backup")))
            header = unpack(Path(path), plain, schema, password, progress)
            settle(plain)
            with disk_errors(goal.path.parent):
                problems = _place(plain, goal.path, schema, examine, progress)
            return Restored(header.counts, problems)
        finally:
            goal.close()


def _to_server(
    path: Path, plain: Path, goal: Database, password: str | None, examine: Examine | None, progress: Progress
) -> Restored:
    progress.update(message=translate(N_("Unpacking the backup")))
    header = unpack(path, plain, goal.schema, password, progress)
    restored = Database(plain, goal.schema)
    try:
        copy_database(restored, goal, progress)
    finally:
        restored.close()
    try:
        return Restored(header.counts, _examined(goal, examine, progress))
    except Cancelled:  # it is all there already
        return Restored(header.counts)


def _examined(database: Database, examine: Examine | None, progress: Progress) -> tuple[str, ...] | None:
    if examine is None:
        return None
    progress.update(0, 0, translate(N_("Checking what was restored")))
    return tuple(examine(database, progress))


def _place(
    plain: Path, goal: Path, schema: Schema, examine: Examine | None, progress: Progress
) -> tuple[str, ...] | None:  # fmt: skip
    """Copy the restored file to where it belongs; it has its name once it is on the disk and was looked at there."""
    partial = goal.with_name(goal.name + ".partial")
    beside = [partial.with_name(partial.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]
    try:
        with unfinished(*beside):
            _write(plain, partial, progress)
            if counts_of(partial, schema) != counts_of(plain, schema):
                raise UserError(N_("{name} could not be written whole. Restore again."), name=goal.name)
            placed = Database(partial, schema)
            try:
                runs.forget_unfinished(placed)
                problems = _examined(placed, examine, progress)
            finally:
                placed.close()
            settle(partial)
            partial.replace(goal)
    finally:
        for one in beside:
            one.unlink(missing_ok=True)
    return problems


def _write(plain: Path, partial: Path, progress: Progress) -> None:
    progress.update(0, plain.stat().st_size, translate(N_("Writing {name}")).format(name=partial.stem))
    with plain.open("rb") as source, partial.open("wb") as written:
        while block := source.read(_BLOCK):
            written.write(block)
            progress.advance(len(block))
        written.flush()
        os.fsync(written.fileno())


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
