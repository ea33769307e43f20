"""An office compared with a backup of it, and what was deleted since brought back, beside a plain copy of the rows."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks.measure import Result, lap
from crm_desktop import features
from crm_desktop.backup.bring_back import bring_back, rows_of
from crm_desktop.backup.compare import Comparison, compare
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, service

EDITED, DELETED = 100, 5_000
COMPARE_S, BRING_S = 5.0, 10.0
"""Seconds of processor time; on a server those of the program beside the server's."""
_ACTOR = Actor(None, "Benchmark")


def measure(name: str, kept: Path, target: str | Path, contacts: int) -> Iterator[Result]:
    """Compare and bring back in a database that may be written to, a file or a URL; ``kept`` is how it was before."""
    engine = "PostgreSQL" if "://" in str(target) else "SQLite"
    then = Database(kept, features.schema(), read_only=True)
    now = Database(str(target), features.schema())
    try:
        _edit(now)
        with lap() as compared:
            found = _compared(then, now)
        yield Result(
            f"{name}-compare", f"{contacts:,} contacts compared with a backup, {len(found.differences):,} records differ, {engine}",
            compared.cpu, "s", COMPARE_S, _read_all(kept), "reading every row of the backup by sqlite3",
            cpu=compared.cpu, details={"wall s": round(compared.wall, 1)},
        )  # fmt: skip
        _delete(now)
        with lap() as compared:
            rows = rows_of(_compared(then, now).differences)
        with lap() as brought:
            done = bring_back(then, now, _ACTOR, rows, clock.now())
        base = _plain_copy(kept, target, sorted({(one.table, one.row_id) for one in rows if one.op == "D"}))
        what = "the same rows inserted into bare tables"
        yield Result(
            f"{name}-bring", f"{done.returned:,} rows of {DELETED:,} deleted contacts brought back, {engine}",
            brought.cpu, "s", BRING_S, base, what, cpu=brought.cpu,
            details={"wall s": round(brought.wall, 1), "compared before, processor s": round(compared.cpu, 1)},
        )  # fmt: skip
        assert done.change_set is not None
        with lap() as undone:
            history.undo(now, done.change_set, _ACTOR)
        yield Result(
            f"{name}-undo", f"and taken away again, {engine}", undone.cpu, "s", BRING_S, base, what, cpu=undone.cpu,
            details={"wall s": round(undone.wall, 1)},
        )  # fmt: skip
    finally:
        now.close()
        then.close()


def _compared(then: Database, now: Database) -> Comparison:
    with then.read_all() as backup, now.read_all() as present:
        return compare(Pair(then, backup, now, present))


def _ids(database: Database) -> list[int]:
    table = Base.metadata.tables["contact"]
    with database.read_all() as connection:
        return list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())


def _edit(database: Database) -> None:
    with write(database, "Edit", actor=_ACTOR) as uow:
        for identity in _ids(database)[:EDITED]:
            service.update_record(uow, "contact", identity, {"department": "Benchmark"})


def _delete(database: Database) -> None:
    ids = _ids(database)
    chosen = ids[:: max(1, len(ids) // DELETED)][:DELETED]
    with write(database, "Delete", actor=_ACTOR, kind="bulk", bulk=True) as uow:
        service.delete_records(uow, "contact", chosen)


def _read_all(kept: Path) -> float:
    with lap() as one, closing(sqlite3.connect(kept)) as connection:
        for table in features.schema().tracked_tables:
            for _row in connection.execute(f'SELECT * FROM "{table.name}" ORDER BY id'):
                pass
    return one.cpu


def _plain_copy(kept: Path, target: str | Path, rows: list[tuple[str, int]]) -> float:
    """Read rows of the backup and insert them into tables without index, trigger or history: executemany or COPY."""
    by_table: dict[str, list[int]] = {}
    for name, identity in rows:
        by_table.setdefault(name, []).append(identity)
    with closing(sqlite3.connect(kept)) as source:

        def read(name: str) -> list[Any]:
            marks = f"({','.join(map(str, by_table[name]))})"
            return source.execute(f'SELECT * FROM "{name}" WHERE id IN {marks}').fetchall()

        if "://" not in str(target):
            return _copy_to_file(Path(target), by_table, read)
        with lap() as one, psycopg.connect(str(target), autocommit=False) as connection:
            for name in by_table:
                found = read(name)
                columns = ", ".join(f"c{number} text" for number in range(len(found[0])))
                connection.execute(f"CREATE TEMPORARY TABLE plain_{name} ({columns})".encode())
                with connection.cursor().copy(
                    sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(f"plain_{name}"))
                ) as copy:
                    for row in found:
                        copy.write_row(row)
        return one.cpu


def _copy_to_file(target: Path, by_table: dict[str, list[int]], read: Any) -> float:
    plain = target.with_suffix(".plain")
    plain.unlink(missing_ok=True)
    with lap() as one, closing(sqlite3.connect(plain)) as connection:
        for name in by_table:
            found = read(name)
            columns = ", ".join(f"c{number}" for number in range(len(found[0])))
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            connection.executemany(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(found[0]))})', found)
        connection.commit()
    plain.unlink()
    return one.cpu


def kept_copy(path: Path, folder: Path) -> Path:
    """A copy of a file that stands for a backup which is open already."""
    target = folder / "restore-kept.crm"
    for leftover in folder.glob(target.name + "*"):
        leftover.unlink()
    shutil.copyfile(path, target)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return target
