"""One consistent state of a database in a scratch SQLite file: what a backup is made of, and what a restore leaves."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup import checks
from crm_desktop.core import clock
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.copy import copy_database, unreadable
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import Schema


@dataclass
class Snapshot:
    """What is known of a state of the data besides the file it was written to.

    Attributes:
        checks: what a proof compares with it, for the header of the backup.
        numbers: the reports of this moment.
        wait: waits for what was worked out meanwhile, and takes the place of what stands in ``checks`` for it.
    """

    checks: dict[str, Any]
    numbers: dict[str, Any] = field(default_factory=dict)
    wait: Callable[[], dict[str, Any]] = dict


@contextmanager
def snapshot(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    """Write one consistent state of the database into a SQLite file; the same state is read on as long as the block lasts."""
    taken = _of_server if database.path is None else _of_file
    with taken(database, plain, progress, moment) as found:
        yield found


def _reports(database: Database, connection: sa.Connection, moment: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """The numbers of the reports and what of them goes into the header; nothing of a database before its migration."""
    if migrate.revision(connection) != migrate.head(database.schema):
        return {}, {}
    zone = clock.local_zone_name()
    numbers = checks.report_numbers(connection, database.schema, moment, zone)
    return numbers, {"zone": zone, "reports": checks.digest_of(numbers)}


@contextmanager
def _of_server(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    copy = Database(plain, database.schema)
    try:
        with database.read_all() as connection:  # one state of the data for the copy and for what proves it
            copy_database(database, copy, progress, reading=connection, allow_older=True)
            current = migrate.revision(connection) == migrate.head(database.schema)
            without = unreadable(database, connection)
            digests = table_digests(connection, database.schema, without=without) if current else {}
            numbers, reported = _reports(database, connection, moment)
    finally:
        copy.close()
    settle(plain)
    with closing(sqlite3.connect(plain)) as written:
        counted = checks.count_rows(written, database.schema)
        sums = checks.sum_rows(written, counted, progress.check)
    yield Snapshot({"digests": {name: list(pair) for name, pair in digests.items()}, "sums": sums} | reported, numbers)


@contextmanager
def _of_file(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    with database.read_all() as connection:
        raw: Any = connection.connection.driver_connection
        # through SQLAlchemy, which begins a transaction: all that follows sees this moment, whoever writes
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
        counted = checks.count_rows(raw, database.schema)
        numbers, reported = _reports(database, connection, moment)

        def report(_status: int, remaining: int, total: int) -> None:
            progress.update(total - remaining, total)

        with closing(sqlite3.connect(plain)) as target:
            hurry(target)
            raw.backup(target, pages=4000, progress=report)
        settle(plain)
        found = Snapshot({"sums": counted} | reported, numbers)
        with _beside(raw, counted, progress) as working:
            found.wait = lambda: {"sums": working.result()}
            yield found


@contextmanager
def _beside(raw: sqlite3.Connection, counted: checks.Sums, progress: Progress) -> Iterator[Future[checks.Sums]]:
    """Sum the rows of the database up while its copy is packed; stopped where the packing fails."""
    stopped = threading.Event()

    def check() -> None:
        if stopped.is_set():
            raise InterruptedError
        progress.check()

    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(checks.sum_rows, raw, counted, check)
        try:
            yield working
        finally:
            stopped.set()
            working.exception()


def hurry(scratch: sqlite3.Connection) -> None:
    """Write without waiting for the disk: a scratch file need not outlive a power cut."""
    scratch.execute("PRAGMA synchronous=OFF")
    scratch.execute("PRAGMA journal_mode=OFF")


def settle(plain: Path) -> None:
    """Leave one scratch file without a log beside it, so that it can be opened read-only anywhere."""
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.commit()


def counts_of(plain: Path, schema: Schema) -> dict[str, int]:
    """The rows of each table of a SQLite file."""
    with closing(sqlite3.connect(plain)) as connection:
        return {name: one[0] for name, one in checks.count_rows(connection, schema).items()}
