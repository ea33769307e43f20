"""Proving a backup: restored into a scratch file and compared with what the database held."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_desktop.backup import checks
from crm_desktop.backup.container import Header
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.opening import extract
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import parse_instant


@dataclass(frozen=True)
class Verification:
    """What a trial restore showed. ``problems`` are sentences; none means proven.

    ``report`` is what it compared, for the certificate: {"tables": [[name, rows, checksum]], "files": [count, bytes],
    "reports": {name: {"title", "rows"}}, "sha256", "plain": bytes of the file inside, "file": SHA-256 of the backup file
    itself, "seconds", "program"}.
    """

    path: str
    created: datetime
    database: str
    tables: int
    rows: int
    seconds: float
    problems: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        """Whether yesterday can be brought back with it."""
        return not self.problems


@dataclass
class _Found:
    """What the checks of a restored file found, and what they compared."""

    problems: list[str] = field(default_factory=list)
    sums: checks.Sums = field(default_factory=dict)
    files: tuple[int, int] = (0, 0)
    numbers: dict[str, Any] = field(default_factory=dict)


def verify_backup(
    path: Path | str,
    schema: Schema,
    *,
    password: str | None = None,
    progress: Progress | None = None,
    again: bool = True,
) -> Verification:
    """Restore a backup into a scratch file and check it.

    Compared with what was in the database at that moment are every byte, the file's integrity, links between rows, the
    rows of each table and their checksums, the stored files by their hashes, and the numbers of some reports.

    Args:
        again: work the checksums of the tables out again. False where that was done a moment ago in the file that comes
            out of the backup here, which the comparison of all its bytes tells.

    Raises:
        UserError: it is damaged, cut off, of a newer program, or the password is wrong.
    """
    progress, started = progress or Progress(), time.monotonic()
    source = Path(path)
    with tempfile.TemporaryDirectory(prefix="crm-verify-") as scratch, disk_errors(Path(scratch)):
        plain = Path(scratch) / "restored.crm"
        header = extract(source, plain, password, progress)
        with source.open("rb") as whole:
            of_file = hashlib.file_digest(whole, "sha256").hexdigest()
        found = _examine(plain, header, schema, progress, again)
    seconds = time.monotonic() - started
    report = {
        "tables": [[name, rows, total] for name, (rows, total, _columns) in sorted(found.sums.items())],
        "files": list(found.files), "reports": found.numbers, "sha256": header.sha256, "plain": header.size, "file": of_file,
        "seconds": round(seconds, 2), "program": header.program,
    }  # fmt: skip
    return Verification(
        str(source), parse_instant(header.created), header.database, len(header.counts), sum(header.counts.values()),
        seconds, tuple(found.problems), report,
    )  # fmt: skip


def prove_file(plain: Path, header: Header, schema: Schema, progress: Progress) -> list[str]:
    """What is not in an unpacked backup as its header says it was, in sentences; nothing where it is proven."""
    return _examine(plain, header, schema, progress, again=True).problems


def _examine(plain: Path, header: Header, schema: Schema, progress: Progress, again: bool) -> _Found:
    found = _Found()
    with ThreadPoolExecutor(3) as threads:  # side by side: most of it happens inside SQLite
        whole = threads.submit(_check_file, plain, found, progress)
        rows = threads.submit(_check_rows, plain, header, found, progress, again)
        data = threads.submit(_check_data, plain, header, schema, found, progress)
        found.problems = whole.result() + _told(rows, progress)
        if not found.problems:
            found.problems = data.result()
        else:
            data.exception()
    return found


def _told(work: Future[list[str]], progress: Progress) -> list[str]:
    """The problems that work finds; that it cannot read the file is one."""
    try:
        return work.result()
    except sqlite3.DatabaseError as error:
        progress.check()
        return [_not_whole(error)]


def _not_whole(answer: object) -> str:
    return translate(N_("The restored file is not whole: {answer}.")).format(answer=answer)


def _check_file(plain: Path, found: _Found, progress: Progress) -> list[str]:
    """The pages, the links between rows, the stored files."""
    with closing(checks.opened(plain)) as connection:
        connection.set_progress_handler(lambda: int(progress.cancelled), 10_000)
        try:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(1) if answer == "ok" else []
        except sqlite3.OperationalError:
            progress.check()  # it was interrupted because the user asked to stop
            raise
        if answer != "ok":
            return [_not_whole(answer)]
        if orphans:
            return [translate(N_("A row of {table} has lost its parent.")).format(table=orphans[0][0])]
        return _check_stored(connection, found, progress)


def _check_rows(plain: Path, header: Header, found: _Found, progress: Progress, again: bool) -> list[str]:
    """The rows of every table, as many as there were and with the same checksum."""
    expected = header.checks.get("sums")
    with closing(checks.opened(plain)) as connection:
        known = checks.tables_in(connection)
        if expected is None or not again:  # one of an earlier program has none
            found.sums = {name: (rows, total, columns) for name, (rows, total, columns) in (expected or {}).items()}
            counts = header.checks.get("counts") or header.counts
            return [line for name, count in counts.items() for line in _count(connection, known, name, count)]
    found.sums = checks.sum_file(plain, {name: one for name, one in expected.items() if name in known}, progress.check)
    return [line for name, pair in expected.items() for line in _differs(name, pair, found.sums.get(name))]


def _count(connection: sqlite3.Connection, known: frozenset[str], name: str, count: int) -> list[str]:
    rows = int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) if name in known else -1
    return [] if rows == count else [_wrong_count(name, rows, count)]


def _differs(name: str, expected: list[Any], found: tuple[int, str, list[str]] | None) -> list[str]:
    if found is None or found[0] != expected[0]:
        return [_wrong_count(name, -1 if found is None else found[0], expected[0])]
    return [] if found[1] == expected[1] else [_changed(name)]


def _wrong_count(name: str, found: int, count: int) -> str:
    return translate(N_("{table} has {found} rows instead of {count}.")).format(table=name, found=found, count=count)


def _changed(name: str) -> str:
    return translate(N_("The content of {table} is not what was backed up.")).format(table=name)


def _check_stored(connection: sqlite3.Connection, found: _Found, progress: Progress) -> list[str]:
    """Whether every stored file has the bytes of its hash; a part of one is in memory at a time."""
    parted = "blob_part" in checks.tables_in(connection)
    count = size = 0
    for blob_id, digest, content in connection.execute("SELECT id, sha256, content FROM blob"):
        total = hashlib.sha256(content)
        size += len(content)
        if parted and not content:
            parts = "SELECT content FROM blob_part WHERE blob_id = ? ORDER BY number"
            for (part,) in connection.execute(parts, (blob_id,)):
                total.update(part)
                size += len(part)
                progress.check()
        if total.hexdigest() != digest:
            return [translate(N_("A stored file is damaged."))]
        count += 1
        progress.check()
    found.files = (count, size)
    return []


def _check_data(plain: Path, header: Header, schema: Schema, found: _Found, progress: Progress) -> list[str]:
    """What only a program of the same schema can compare: rows with those of a server, and reports."""
    digests, reports = header.checks.get("digests"), header.checks.get("reports")
    if not digests and not reports:
        return []
    restored = Database(plain, schema, read_only=True)
    try:
        with restored.read_all() as connection:
            if migrate.revision(connection) != migrate.head(schema):
                return []  # made by an earlier program; its bytes are those that were compared when it was made
            progress.check()
            problems = _compare_digests(table_digests(connection, schema), digests) if digests else []
            if reports and not problems:
                zone, moment = str(header.checks.get("zone", "")), parse_instant(header.created)
                found.numbers = checks.report_numbers(connection, schema, moment, zone)
                problems = _compare_reports(found.numbers, reports)
    finally:
        restored.close()
    return problems


def _compare_digests(found: dict[str, tuple[int, str]], digests: dict[str, list[object]]) -> list[str]:
    return [_changed(name) for name, pair in found.items() if name in digests and list(pair) != list(digests[name])]


def _compare_reports(numbers: dict[str, Any], expected: dict[str, str]) -> list[str]:
    wrong = [name for name, digest in checks.digest_of(numbers).items() if expected.get(name, digest) != digest]
    words = N_("The report “{report}” shows other numbers in the restored file.")
    return [translate(words).format(report=translate(numbers[name]["title"])) for name in wrong]
