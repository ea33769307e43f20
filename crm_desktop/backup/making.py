"""Making a backup: one moment of the database in one file, proven before it counts."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from crm_desktop.backup.catalogue import SUFFIX, BackupInfo, key_of, remember
from crm_desktop.backup.container import Header, write_container
from crm_desktop.backup.disk import disk_errors, free_name, refuse_without_space, stem_of
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.snapshot import counts_of, snapshot
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import require
from crm_desktop.core.version import VERSION
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text
from crm_desktop.records.whole_sight import refuse_part


def make_backup(
    database: Database, folder: Path | str, *, password: str | None = None, progress: Progress | None = None,
    prove: bool = True, automatic: bool = False,
) -> BackupInfo:  # fmt: skip
    """Back a database up into a folder, and prove the backup by restoring it into a scratch file.

    Args:
        folder: made if missing.
        password: encrypts it; a lost password cannot be got back by anybody.
        automatic: made by the daily plan, which may remove it again when newer ones take its place.
        prove: leave the trial restore out only for the copy before a migration.

    Raises:
        NotAllowed: whoever is signed in may not make backups; the daily plan makes them for everybody.
        UserError: the server shows this person only a part of the records, no space, no right to write, or the proof failed (the file is kept with ".unproven" added).
        Cancelled: nothing stays behind.
    """
    if not automatic:
        require(database.access, "backup")
    refuse_part(database, [one.name for one in database.schema.entities.values() if one.listed])
    progress, started = progress or Progress(), time.monotonic()
    target_folder = Path(folder)
    now = clock.now()
    with tempfile.TemporaryDirectory(prefix="crm-backup-") as scratch, disk_errors(target_folder):
        target_folder.mkdir(parents=True, exist_ok=True)
        plain = Path(scratch) / "snapshot.crm"
        refuse_without_space(database, target_folder, Path(scratch))
        progress.update(message=translate(N_("Copying the database")))
        checks = snapshot(database, plain, progress)
        size = plain.stat().st_size
        header = Header(
            instant_text(now), database.name, VERSION, migrate.head(database.schema), "", size,
            counts=counts_of(plain, database.schema), checks=checks,
        )  # fmt: skip
        target = free_name(target_folder, database, now)
        partial = target.with_suffix(".partial")
        progress.update(0, size * 2, translate(N_("Writing the backup")))
        try:
            write_container(plain, partial, header, password, progress)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    info = BackupInfo(
        str(target), key_of(database), now, target.stat().st_size, bool(password), None,
        sum(header.counts.get(spec.table, 0) for spec in database.schema.entities.values() if spec.listed),
        automatic=automatic,
    )  # fmt: skip
    if prove:
        info = _proven(database, info, password, progress)
    info = replace(info, seconds=time.monotonic() - started)
    remember(info)
    return info


def _proven(database: Database, info: BackupInfo, password: str | None, progress: Progress) -> BackupInfo:
    try:
        progress.update(message=translate(N_("Proving the backup by a trial restore")))
        found = verify_backup(info.path, database.schema, password=password, progress=progress)
    except Cancelled:
        Path(info.path).unlink(missing_ok=True)
        raise
    except UserError as error:
        raise _kept_unproven(database, info, str(error)) from error
    if not found.proven:
        raise _kept_unproven(database, info, found.problems[0])
    return replace(info, proven=clock.now())


def _kept_unproven(database: Database, info: BackupInfo, problem: str) -> UserError:
    """Keep a backup that was not proven under a name of its own: one for each database, so that the disk stays free."""
    made = Path(info.path)
    bad = made.with_name(f"{stem_of(database)}{SUFFIX}.unproven")
    made.replace(bad)
    return UserError(
        N_("The backup could not be proven: {problem} It was kept as {name}."), problem=problem, name=bad.name
    )
