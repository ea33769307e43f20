"""Proving a backup: restored into a scratch file and compared with what the database held."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_desktop.backup.container import Header, extract
from crm_desktop.backup.disk import disk_errors
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import parse_instant


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


def verify_backup(
    path: Path | str, schema: Schema, *, password: str | None = None, progress: Progress | None = None
) -> Verification:
    """Restore a backup into a scratch file and check it: every byte, the file's integrity, rows, stored files.

    Raises:
        UserError: it is damaged, cut off, of a newer program, or the password is wrong.
    """
    progress, started = progress or Progress(), time.monotonic()
    source = Path(path)
    with tempfile.TemporaryDirectory(prefix="crm-verify-") as scratch, disk_errors(Path(scratch)):
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
