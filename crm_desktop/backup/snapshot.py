"""One consistent state of a database in a scratch SQLite file: what a backup is made of, and what a restore leaves."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from crm_desktop.backup import alike, alike_server, checks
from crm_desktop.backup.checks import Sums
from crm_desktop.core import clock
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.copy import copy_database, unreadable
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema

_T = TypeVar("_T")
Check = Callable[[], None]
"""Called every now and then by what works in a thread of its own; raises where it is to stop."""


@dataclass
class Snapshot:
    """What is known of a state of the data besides the file it was written to.

    Attributes:
        counts: the rows of each table.
        checks: what a proof compares with it, for the header of the backup.
        wait: waits for what is being worked out meanwhile, and gives what takes the place of it in ``checks``.
        differing: the tables whose copy is not as in the database itself; waits for the comparison.
    """

    counts: dict[str, int]
    checks: dict[str, Any]
    wait: Callable[[], dict[str, Any]] = dict
    differing: Callable[[], list[str]] = list

    def follow(self, asked: Future[tuple[dict[str, Any], list[str]]], sums: Future[Sums]) -> None:
        """Take what two threads find: the reports and the comparison with the database; the checksums of the copy."""
        self.wait = lambda: asked.result()[0] | {"sums": sums.result()}
        self.differing = lambda: asked.result()[1]


@contextmanager
def snapshot(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    """Write one consistent state of the database into a SQLite file; the same state is read on as long as the block lasts."""
    taken = _of_server if database.path is None else _of_file
    with taken(database, plain, progress, moment) as found:
        yield found


def _begun(
    database: Database, connection: sa.Connection, counted: Sums, moment: datetime
) -> tuple[Snapshot, Callable[[], dict[str, Any]]]:
    """What is known once the copy is made, and what asks for the reports that go into the header."""
    found = Snapshot({name: one[0] for name, one in counted.items()}, {"sums": counted})
    if migrate.revision(connection) != migrate.head(database.schema):
        return found, dict  # an older one has no reports that this program could read
    zone = clock.local_zone_name()
    found.checks |= {"zone": zone, "reports": checks.unknown_reports(database.schema)}

    def ask() -> dict[str, Any]:
        return {"reports": checks.digest_of(checks.report_numbers(connection, database.schema, moment, zone))}

    return found, ask


@contextmanager
def _of_server(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    with database.read_all() as connection:  # one state of the data for the copy and for what proves it
        copy = Database(plain, database.schema)
        try:
            copy_database(database, copy, progress, reading=connection, allow_older=True)
        finally:
            copy.close()
        settle(plain)
        with closing(sqlite3.connect(plain)) as written:
            counted = checks.count_rows(written, database.schema)
        without = unreadable(database, connection)
        compared = [Base.metadata.tables[name] for name in counted if name not in without]
        found, ask_reports = _begun(database, connection, counted, moment)

        def ask_server(check: Check) -> tuple[dict[str, Any], list[str]]:
            told = ask_reports(), alike_server.differing(connection, plain, compared, check)
            connection.rollback()  # the server has nothing more to keep for it
            return told

        with _beside(progress) as start:
            found.follow(start(ask_server), start(lambda check: checks.sum_file(plain, counted, check)))
            yield found


@contextmanager
def _of_file(database: Database, plain: Path, progress: Progress, moment: datetime) -> Iterator[Snapshot]:
    with database.read_all() as connection:
        raw: Any = connection.connection.driver_connection
        # through SQLAlchemy, which begins a transaction: all that follows sees this moment, whoever writes
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
        counted = checks.count_rows(raw, database.schema)

        def report(_status: int, remaining: int, total: int) -> None:
            progress.update(total - remaining, total)

        with closing(sqlite3.connect(plain)) as target:
            hurry(target)
            raw.backup(target, pages=4000, progress=report)
        settle(plain)
        found, ask_reports = _begun(database, connection, counted, moment)

        def ask_database(check: Check) -> tuple[dict[str, Any], list[str]]:
            return ask_reports(), _differing(raw, plain, tuple(counted), check)

        with _beside(progress) as start:
            found.follow(start(ask_database), start(lambda check: checks.sum_file(plain, counted, check)))
            yield found


def _differing(raw: sqlite3.Connection, copy: Path, tables: Sequence[str], check: Check) -> list[str]:
    """The tables whose copy is not as in the database; the transaction of the latter is over then."""
    with alike.attached(raw, copy):
        return alike.differing(raw, tables, check)


@contextmanager
def _beside(progress: Progress) -> Iterator[Callable[[Callable[[Check], _T]], Future[_T]]]:
    """Start work in threads of its own, beside the packing of the copy; it is stopped where the packing fails."""
    stopped = threading.Event()
    working: list[Future[Any]] = []

    def check() -> None:
        if stopped.is_set():
            raise InterruptedError
        progress.check()

    with ThreadPoolExecutor(2) as threads:

        def start(work: Callable[[Check], _T]) -> Future[_T]:
            future = threads.submit(work, check)
            working.append(future)
            return future

        try:
            yield start
        finally:
            stopped.set()
            for one in working:
                one.exception()


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
