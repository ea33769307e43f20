"""An office compared with a backup of it, what was deleted brought back, and the whole restored, beside plain copies."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks.measure import Lap, Result, lap, server_seconds
from crm_desktop import features
from crm_desktop.backup import in_place, replacing, restoring
from crm_desktop.backup.bring_back import bring_back, rows_of
from crm_desktop.backup.compare import Comparison, compare
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.making import make_backup
from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import bulk_edit, history, service

FEW, MANY, DELETED = 100, 30_000, 5_000
COMPARE_S, COMPARE_MANY_S, BRING_S, WHOLE_S = 5.0, 8.0, 10.0, 30.0
"""Seconds of processor time; on a server those of the program beside the server's."""
_ACTOR = Actor(None, "Benchmark")


def measure(name: str, kept: Path, target: str | Path, contacts: int) -> Iterator[Result]:
    """Compare and bring back in a database that may be written to, a file or a URL; ``kept`` is how it was before."""
    engine = "PostgreSQL" if "://" in str(target) else "SQLite"
    then = Database(kept, features.schema(), read_only=True)
    now = Database(str(target), features.schema())
    found = partial(_result, name, engine, str(target))
    try:
        read_all = _read_all(kept)
        _edit_few(now)
        some, took, there = _measured(now, lambda: _compared(then, now))
        text = f"{contacts:,} contacts compared with a backup, {len(some.differences):,} records differ"
        yield found("compare", text, took, there, COMPARE_S, read_all, "reading every row of the backup by sqlite3")
        _delete(now)
        rows = rows_of(_compared(then, now).differences)
        done, took, there = _measured(now, lambda: bring_back(then, now, _ACTOR, rows, clock.now()))
        base = _plain_copy(kept, target, sorted({(one.table, one.row_id) for one in rows if one.op == "D"}))
        what = "the same rows inserted into bare tables"
        text = f"{done.returned:,} rows of {DELETED:,} deleted contacts brought back"
        yield found("bring", text, took, there, BRING_S, base, what)
        change_set = done.change_set
        assert change_set is not None
        _back, took, there = _measured(now, lambda: history.undo(now, change_set, _ACTOR))
        yield found("undo", "and taken away again", took, there, BRING_S, base, what)
        _edit_many(now)
        many, took, there = _measured(now, lambda: _compared(then, now))
        text = f"{contacts:,} contacts compared with a backup, {len(many.differences):,} records differ"
        yield found(
            "compare-many", text, took, there, COMPARE_MANY_S, read_all, "reading every row of the backup by sqlite3"
        )
        if not now.sqlite:
            done, took, there = _measured(now, lambda: in_place.restore_in_place(then, now, _ACTOR, clock.now()))
            text = f"everything as it was in one change, {done.returned + done.reverted:,} rows"
            yield found("in-place", text, took, there, WHOLE_S, base, f"{what}, 5,000 contacts")
    finally:
        now.close()
        then.close()


def measure_over(present: Path, contacts: int) -> Result:
    """A whole restore over the present file: proven, unpacked, a proven copy of what was there, exchanged."""
    database = Database(present, features.schema())
    folder = present.parent / "restore-over"
    shutil.rmtree(folder, ignore_errors=True)
    backup = make_backup(database, folder, prove=False, anew=True).path
    with write(database, "Edit", actor=_ACTOR) as uow:
        service.create_record(uow, "contact", {"name": "Later"})
    with lap() as took:
        ready = replacing.prepare(database, backup, _ACTOR)
        database.close()
        replacing.carry_out(ready)
    with lap() as copied:
        shutil.copyfile(present, folder / "copy.crm")
    shutil.rmtree(folder)
    Path(ready.copy).unlink()
    text = f"whole restore of {contacts:,} contacts over the present file, way back included"
    return _result("restore-sqlite", "SQLite", "", "whole", text, took, 0.0, WHOLE_S, copied.cpu, "copying the file")


def measure_new(kept: Path, url: str, contacts: int) -> Result:
    """A whole restore into an empty database on a server."""
    backup = _backup_of(kept)
    ids = _every_row(kept)
    with lap() as took:
        before = server_seconds(url)
        restoring.restore_backup(backup, url, features.schema())
        there = server_seconds(url) - before
    backup.unlink()
    text = f"whole restore of {contacts:,} contacts into an empty database"
    base = _plain_copy(kept, url, ids)
    return _result(
        "restore-postgres",
        "PostgreSQL",
        url,
        "whole",
        text,
        took,
        there,
        WHOLE_S,
        base,
        "every row by COPY into bare tables",
    )


def _backup_of(kept: Path) -> Path:
    database = Database(kept, features.schema(), read_only=True)
    try:
        return Path(make_backup(database, kept.parent / "restore-new", prove=False, anew=True).path)
    finally:
        database.close()


def _measured(database: Database, work: Any) -> tuple[Any, Lap, float]:
    """What work gave, how long it took, and the processor time of the server meanwhile."""
    target = "" if database.sqlite else str(database.target)
    before = server_seconds(target)
    with lap() as took:
        done = work()
    return done, took, server_seconds(target) - before


def _result(
    name: str, engine: str, target: str, part: str, what: str, took: Lap, there: float, limit: float, base: float,
    base_what: str,
) -> Result:  # fmt: skip
    details: dict[str, Any] = {"wall s": round(took.wall, 1)}
    if "://" in target:
        details["processor s of the server"] = round(there, 1)
    return Result(
        f"{name}-{part}", f"{what}, {engine}", took.cpu, "s", limit, base, base_what, cpu=took.cpu, details=details
    )


def _compared(then: Database, now: Database) -> Comparison:
    with then.read_all() as backup, now.read_all() as present:
        return compare(Pair(then, backup, now, present))


def _ids(database: Database) -> list[int]:
    table = Base.metadata.tables["contact"]
    with database.read_all() as connection:
        return list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())


def _spread(ids: Sequence[int], number: int) -> list[int]:
    """So many of some ids, from the first to the last."""
    return list(ids[:: max(1, len(ids) // number)][:number])


def _edit_few(database: Database) -> None:
    with write(database, "Edit", actor=_ACTOR) as uow:
        for identity in _spread(_ids(database), FEW):
            service.update_record(uow, "contact", identity, {"department": "Benchmark"})


def _edit_many(database: Database) -> None:
    with write(database, "Edit", actor=_ACTOR, kind="bulk", bulk=True) as uow:
        bulk_edit.update_records(uow, "contact", _spread(_ids(database), MANY), {"department": "Many"})


def _delete(database: Database) -> None:
    with write(database, "Delete", actor=_ACTOR, kind="bulk", bulk=True) as uow:
        service.delete_records(uow, "contact", _spread(_ids(database), DELETED))


def _read_all(kept: Path) -> float:
    with lap() as one, closing(sqlite3.connect(kept)) as connection:
        for table in features.schema().tracked_tables:
            for _row in connection.execute(f'SELECT * FROM "{table.name}" ORDER BY id'):
                pass
    return one.cpu


def _every_row(kept: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(kept)) as connection:
        return [
            (table.name, identity) for table in features.schema().tracked_tables
            for (identity,) in connection.execute(f'SELECT id FROM "{table.name}"')
        ]  # fmt: skip


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
