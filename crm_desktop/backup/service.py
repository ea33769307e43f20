"""Backups: made, proven by a trial restore, restored, opened read-only to browse."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crm_desktop.backup.catalogue import SUFFIX, BackupInfo, forget, key_of, known_backups, remember
from crm_desktop.backup.container import Header, extract, read_header, write_container
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import require
from crm_desktop.core.version import VERSION
from crm_desktop.db import migrate
from crm_desktop.db.copy import copy_database, unreadable
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import JOURNAL, Schema
from crm_desktop.db.types import instant_text, parse_instant
from crm_desktop.records.whole_sight import refuse_part

PROGRAM = VERSION
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Verification:
    """What a trial restore showed. ``problems`` are sentences; none means proven."""

    path: str
    created: datetime
    database: str
    tables: int
    rows: int
    seconds: float
    problems: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether yesterday can be brought back with it."""
        return not self.problems


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
    with tempfile.TemporaryDirectory(prefix="crm-backup-") as scratch, _disk_errors(target_folder):
        target_folder.mkdir(parents=True, exist_ok=True)
        plain = Path(scratch) / "snapshot.crm"
        _refuse_without_space(database, target_folder, Path(scratch))
        progress.update(message=translate(N_("Copying the database")))
        checks = _snapshot(database, plain, progress)
        size = plain.stat().st_size
        header = Header(
            instant_text(now), database.name, PROGRAM, migrate.head(database.schema), "", size,
            counts=_counts(plain, database.schema), checks=checks,
        )  # fmt: skip
        target = _free_name(target_folder, database, now)
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
    bad = made.with_name(f"{_stem(database)}{SUFFIX}.unproven")
    made.replace(bad)
    return UserError(
        N_("The backup could not be proven: {problem} It was kept as {name}."), problem=problem, name=bad.name
    )


def _snapshot(database: Database, plain: Path, progress: Progress) -> dict[str, object]:
    """Write one consistent state of the database into a SQLite file. Returns what the proof compares with it."""
    if database.path is None:
        copy = Database(plain, database.schema)
        try:
            with database.read_all() as connection:  # one state of the data for the copy and for what proves it
                copy_database(database, copy, progress, reading=connection, allow_older=True)
                current = migrate.revision(connection) == migrate.head(database.schema)
                without = unreadable(database, connection)
                digests = table_digests(connection, database.schema, without=without) if current else {}
        finally:
            copy.close()
        _settle(plain)
        return {"digests": {name: list(pair) for name, pair in digests.items()}}
    with database.read_all() as connection, closing(sqlite3.connect(plain)) as target:
        raw = connection.connection.driver_connection
        assert raw is not None
        # through SQLAlchemy, which begins a transaction: the counts and the copy see this moment, whoever writes
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
        counts = _raw_counts(raw, database.schema)

        def report(_status: int, remaining: int, total: int) -> None:
            progress.update(total - remaining, total)

        _hurry(target)
        raw.backup(target, pages=4000, progress=report)
    _settle(plain)
    return {"counts": counts}


def _hurry(scratch: sqlite3.Connection) -> None:
    """Write without waiting for the disk: a scratch file need not outlive a power cut."""
    scratch.execute("PRAGMA synchronous=OFF")
    scratch.execute("PRAGMA journal_mode=OFF")


def _settle(plain: Path) -> None:
    """Leave one scratch file without a log beside it, so that it can be opened read-only anywhere."""
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.commit()


def _raw_counts(raw: sqlite3.Connection, schema: Schema) -> dict[str, int]:
    there = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # an older database, copied before its migration, may lack tables of this program
    names = [t.name for t in (*schema.data_tables, *JOURNAL) if t.name in there]
    return {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}


def _counts(plain: Path, schema: Schema) -> dict[str, int]:
    with closing(sqlite3.connect(plain)) as connection:
        return _raw_counts(connection, schema)


def verify_backup(
    path: Path | str, schema: Schema, *, password: str | None = None, progress: Progress | None = None
) -> Verification:
    """Restore a backup into a scratch file and check it: every byte, the file's integrity, rows, stored files.

    Raises:
        UserError: it is damaged, cut off, of a newer program, or the password is wrong.
    """
    progress, started = progress or Progress(), time.monotonic()
    source = Path(path)
    with tempfile.TemporaryDirectory(prefix="crm-verify-") as scratch, _disk_errors(Path(scratch)):
        plain = Path(scratch) / "restored.crm"
        header = extract(source, plain, password, progress)
        problems = _examine(plain, header, schema, progress)
    return Verification(
        str(source), parse_instant(header.created), header.database, len(header.counts), sum(header.counts.values()),
        time.monotonic() - started, tuple(problems),
    )  # fmt: skip


def _examine(plain: Path, header: Header, schema: Schema, progress: Progress) -> list[str]:
    with ThreadPoolExecutor(1) as thread:
        whole = thread.submit(_check_pages, plain, progress)  # the longest of the checks, beside the others
        problems = _check_rows(plain, header, progress)
        problems = whole.result() + problems
    digests = header.checks.get("digests")
    if digests and not problems:
        problems += _compare_digests(plain, digests, schema)
    return problems


def _check_pages(plain: Path, progress: Progress) -> list[str]:
    with closing(sqlite3.connect(plain)) as connection:
        connection.set_progress_handler(lambda: int(progress.cancelled), 10_000)
        try:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.OperationalError:
            progress.check()  # it was interrupted because the user asked to stop
            raise
    if answer == "ok":
        return []
    return [translate(N_("The restored file is not whole: {answer}.")).format(answer=answer)]


def _check_rows(plain: Path, header: Header, progress: Progress) -> list[str]:
    problems: list[str] = []
    with closing(sqlite3.connect(plain)) as connection:
        orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(1)
        if orphans:
            problems.append(translate(N_("A row of {table} has lost its parent.")).format(table=orphans[0][0]))
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        expected = header.checks.get("counts") or header.counts
        for name, count in expected.items():
            found = int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) if name in known else -1
            if found != count:
                problems.append(
                    translate(N_("{table} has {found} rows instead of {count}.")).format(
                        table=name, found=found, count=count
                    )
                )
        if not _files_whole(connection, "blob_part" in known, progress):
            problems.append(translate(N_("A stored file is damaged.")))
    return problems


def _files_whole(connection: sqlite3.Connection, parted: bool, progress: Progress) -> bool:
    """Whether every stored file has the bytes of its hash; a part of one is in memory at a time."""
    for blob_id, digest, content in connection.execute("SELECT id, sha256, content FROM blob"):
        total = hashlib.sha256(content)
        if parted and not content:
            parts = "SELECT content FROM blob_part WHERE blob_id = ? ORDER BY number"
            for (part,) in connection.execute(parts, (blob_id,)):
                total.update(part)
                progress.check()
        if total.hexdigest() != digest:
            return False
        progress.check()
    return True


def _compare_digests(plain: Path, digests: dict[str, list[object]], schema: Schema) -> list[str]:
    restored = Database(plain, schema, read_only=True)
    try:
        with restored.read() as connection:
            found = table_digests(connection, schema)
    finally:
        restored.close()
    return [
        translate(N_("The content of {table} is not what was backed up.")).format(table=name)
        for name, pair in found.items()
        if name in digests and list(pair) != list(digests[name])
    ]


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
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as scratch, _disk_errors(Path(scratch)):
        plain = Path(scratch) / "restored.crm"
        header = extract(Path(path), plain, password, progress)
        restored = Database(plain, schema)
        try:
            migrate.migrate(restored)
            goal = Database(target, schema)
            try:
                if goal.path is not None:
                    _refuse_existing(goal.path)
                if goal.path is not None:
                    goal.path.parent.mkdir(parents=True, exist_ok=True)
                    restored.close()
                    _settle(plain)
                    partial = goal.path.with_name(goal.path.name + ".partial")
                    _place(plain, partial, goal.path, progress)
                    if _counts(goal.path, schema) != _counts(plain, schema):
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
        with plain.open("rb") as source, partial.open("wb") as written:
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


def open_backup(path: Path | str, scratch: Path, schema: Schema, *, password: str | None = None) -> Database:
    """Unpack a backup into ``scratch`` and open it read-only; the caller closes it and removes the folder."""
    plain = scratch / (Path(path).stem + ".crm")
    extract(Path(path), plain, password, Progress())
    writable = Database(plain, schema)
    try:
        if migrate.refuse_strangers(writable) == "older":
            migrate.migrate(writable)
    finally:
        writable.close()
    _settle(plain)
    return Database(plain, schema, read_only=True)


def list_backups(database: Database, folder: Path | str | None = None) -> list[BackupInfo]:
    """The backups of a database: those known, and further ones lying in ``folder``, newest first."""
    known = {one.path: one for one in known_backups(database) if one.exists}
    if folder is not None and Path(folder).is_dir():
        for path in Path(folder).glob(f"*{SUFFIX}"):
            if str(path) in known:
                continue
            try:
                header = read_header(path)
            except UserError:
                continue
            known[str(path)] = BackupInfo(
                str(path), header.database, parse_instant(header.created), path.stat().st_size, header.encrypted
            )
    return sorted(known.values(), key=lambda one: one.created, reverse=True)


def delete_backup(path: str) -> None:
    """Remove a backup file."""
    Path(path).unlink(missing_ok=True)
    forget(path)


def _stem(database: Database) -> str:
    return Path(database.name).stem if database.path else database.name.split(" ")[0]


def _free_name(folder: Path, database: Database, now: datetime) -> Path:
    base = f"{_stem(database)}-{now.astimezone(clock.local_zone()):%Y-%m-%d-%H%M%S}"
    target, number = folder / f"{base}{SUFFIX}", 2
    while target.exists():
        target, number = folder / f"{base}-{number}{SUFFIX}", number + 1
    return target


def _refuse_without_space(database: Database, folder: Path, scratch: Path) -> None:
    if database.path is None:
        return
    needed = database.path.stat().st_size
    for place in (folder, scratch):
        if shutil.disk_usage(place).free < needed * 1.1 + 10_000_000:
            raise UserError(
                N_("There is not enough free space in {folder}: {needed} MB are needed. Nothing was written."),
                folder=str(place), needed=needed * 11 // 10_000_000 + 10,
            )  # fmt: skip


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            N_("{folder} cannot be written: {reason}. Choose another folder or free some space."),
            folder=str(folder), reason=error.strerror or str(error),
        ) from error  # fmt: skip
