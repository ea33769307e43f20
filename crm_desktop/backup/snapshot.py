"""One consistent state of a database in a scratch SQLite file: what a backup is made of, and what a restore leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.copy import copy_database, unreadable
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import JOURNAL, Schema


def snapshot(database: Database, plain: Path, progress: Progress) -> dict[str, object]:
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
        settle(plain)
        return {"digests": {name: list(pair) for name, pair in digests.items()}}
    with database.read_all() as connection, closing(sqlite3.connect(plain)) as target:
        raw = connection.connection.driver_connection
        assert raw is not None
        # through SQLAlchemy, which begins a transaction: the counts and the copy see this moment, whoever writes
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
        counts = raw_counts(raw, database.schema)

        def report(_status: int, remaining: int, total: int) -> None:
            progress.update(total - remaining, total)

        hurry(target)
        raw.backup(target, pages=4000, progress=report)
    settle(plain)
    return {"counts": counts}


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


def raw_counts(raw: sqlite3.Connection, schema: Schema) -> dict[str, int]:
    there = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # an older database, copied before its migration, may lack tables of this program
    names = [t.name for t in (*schema.data_tables, *JOURNAL) if t.name in there]
    return {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}


def counts_of(plain: Path, schema: Schema) -> dict[str, int]:
    with closing(sqlite3.connect(plain)) as connection:
        return raw_counts(connection, schema)
