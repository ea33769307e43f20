"""Making a backup: one moment of the database in one file, proven before it counts."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from crm_desktop.backup import place_notes
from crm_desktop.backup.catalogue import SUFFIX, BackupInfo, key_of, remember
from crm_desktop.backup.container import Header, write_container
from crm_desktop.backup.disk import disk_errors, refuse_without_space, reserved, stem_of
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.snapshot import Snapshot, snapshot
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import require
from crm_desktop.core.version import VERSION
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text
from crm_desktop.records.whole_sight import refuse_part


class Unproven(UserError):
    """A backup was written, but its trial restore failed: what it was made of is damaged, or the disk it was written to."""


def make_backup(
    database: Database, folder: Path | str, *, password: str | None = None, progress: Progress | None = None,
    prove: bool = True, automatic: bool = False, kind: str = "", anew: bool = False,
) -> BackupInfo:  # fmt: skip
    """Back a database up into a folder, and prove the backup by restoring it into a scratch file.

    Args:
        folder: made if missing, unless it had backups before: then somebody renamed it, or a disk is away.
        password: encrypts it; a lost password cannot be got back by anybody.
        prove: leave the trial restore out where something else reads the whole backup at once.
        automatic: made by the program itself, which may remove it again when newer ones take its place.
        kind: why it is made, as in ``runs.BackupRun``.
        anew: make the folder also where it had backups before: for copies beside a file, which must not be in the way
            of what they are made for.

    Raises:
        FolderGone: the folder had backups before and is not there; nothing was made.
        NotAllowed: whoever is signed in may not make backups; the program's own are made for everybody.
        NoSpace: the disk would not take it; nothing was written.
        UserError: the server shows this person only a part of the records, no right to write, the disk went away, or
            the proof failed (the file is kept with ".unproven" added).
        Cancelled: nothing stays behind.
    """
    if not automatic:
        require(database.access, "backup")
    refuse_part(database, [one.name for one in database.schema.entities.values() if one.listed])
    progress, started = progress or Progress(), time.monotonic()
    target_folder, now = Path(folder), clock.now()
    with tempfile.TemporaryDirectory(prefix="crm-backup-") as scratch, disk_errors(target_folder):
        place_notes.make_anew(target_folder) if anew else place_notes.refuse_gone(target_folder)
        refuse_without_space(database, target_folder, Path(scratch))
        plain = Path(scratch) / "snapshot.crm"
        progress.update(message=translate(N_("Copying the database")))
        with snapshot(database, plain, progress, now) as taken:
            target = _write(database, plain, target_folder, taken, now, password, progress)
            info = BackupInfo(
                str(target), key_of(database), now, target.stat().st_size, bool(password), None,
                sum(taken.counts.get(spec.table, 0) for spec in database.schema.entities.values() if spec.listed),
                automatic=automatic, kind=kind or ("daily" if automatic else "hand"),
            )  # fmt: skip
            if prove:
                info = _proven(database, info, taken, password, progress)
    info = replace(info, seconds=time.monotonic() - started)
    remember(info)
    place_notes.note_used(target_folder)
    return info


def _write(
    database: Database, plain: Path, folder: Path, taken: Snapshot, now: datetime, password: str | None,
    progress: Progress,
) -> Path:  # fmt: skip
    """Write a backup that has its name once it is whole."""
    size = plain.stat().st_size
    header = Header(
        instant_text(now), database.name, VERSION, _revision(plain), "", size, counts=taken.counts, checks=taken.checks
    )
    progress.update(0, size * 2, translate(N_("Writing the backup")))
    with reserved(folder, database, now) as (target, partial):
        write_container(plain, partial, header, password, progress, taken.wait)
        plain.unlink()  # the trial restore may need its room
        partial.replace(target)
    return target


def _revision(plain: Path) -> str:
    with closing(sqlite3.connect(plain)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _proven(
    database: Database, info: BackupInfo, taken: Snapshot, password: str | None, progress: Progress
) -> BackupInfo:  # fmt: skip
    try:
        progress.update(message=translate(N_("Proving the backup by a trial restore")))
        wrong = taken.differing()
        if wrong:
            raise UserError(N_("The content of {table} is not what was backed up."), table=wrong[0])
        found = verify_backup(info.path, database.schema, password=password, progress=progress, again=False)
    except Cancelled:
        Path(info.path).unlink(missing_ok=True)
        raise
    except UserError as error:
        raise _kept_unproven(database, info, str(error)) from error
    if not found.proven:
        raise _kept_unproven(database, info, found.problems[0])
    return replace(info, proven=clock.now(), report=found.report)


def _kept_unproven(database: Database, info: BackupInfo, problem: str) -> Unproven:
    """Keep a backup that was not proven under a name of its own: one for each database, so that the disk stays free."""
    made = Path(info.path)
    if not made.exists():
        return Unproven(problem)  # the disk went away with it
    bad = made.with_name(f"{stem_of(database)}{SUFFIX}.unproven")
    made.replace(bad)
    return Unproven(
        N_("The backup could not be proven: {problem} It was kept as {name}."), problem=problem, name=bad.name
    )
