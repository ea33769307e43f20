"""One field of 50,000 records changed at once, and taken back: one change set, with history and search."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from benchmarks.measure import Result
from crm_desktop import features
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import bulk_edit, history

ROWS, SECONDS = 50_000, 10.0
_VALUES = {"department": "Vendas", "language": "pt-BR"}
_SQL = (
    "UPDATE contact SET department = '{}', language = 'pt-BR' WHERE id IN (SELECT id FROM contact ORDER BY id LIMIT {})"
)


def measure(name: str, target: str | Path) -> Iterator[Result]:
    """Change and undo on a database that may be written to; a file or a URL."""
    engine = "PostgreSQL" if "://" in str(target) else "SQLite"
    database = Database(str(target), features.schema())
    table = Base.metadata.tables["contact"]
    with database.read() as connection:
        ids = list(connection.execute(sa.select(table.c.id).order_by(table.c.id).limit(ROWS)).scalars())
    actor = Actor(None, "Benchmark")
    steps: list[float] = []

    class Steps(Progress):
        """When the progress was told, which is when it could be cancelled."""

        def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
            steps.append(time.perf_counter())

    begin = time.perf_counter()
    with write(database, "Edit {what}", actor=actor, kind="bulk", bulk=True, params={"what": str(ROWS)}) as uow:
        progress: Any = Steps()
        for start in range(0, len(ids), bulk_edit.PART):
            progress.update(start, len(ids))
            bulk_edit.update_records(uow, "contact", ids[start : start + bulk_edit.PART], _VALUES)
        progress.update(len(ids), len(ids))
    edited = time.perf_counter() - begin
    gap = max((after - before for before, after in pairwise(steps)), default=0.0)
    with database.read() as connection:
        made = history.recent(connection, limit=1)[0].id
    begin = time.perf_counter()
    history.undo(database, made, actor)
    undone = time.perf_counter() - begin
    database.close()
    base = _raw_postgres(str(target)) if engine == "PostgreSQL" else _raw_sqlite(Path(target))
    what = f"a bare UPDATE of the same {len(ids):,} rows with its commit, history triggers included"
    details = {"longest time between two chances to cancel, ms": round(gap * 1000)}
    yield Result(
        name, f"two fields of {len(ids):,} contacts changed in one change set, {engine}", edited, "s", SECONDS, base, what,
        details=details,
    )  # fmt: skip
    yield Result(f"{name}-undo", f"and undone, {engine}", undone, "s", SECONDS, base, what)


def _raw_sqlite(path: Path) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        begin = time.perf_counter()
        connection.execute(_SQL.format("Compras", ROWS))
        return time.perf_counter() - begin


def _raw_postgres(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        begin = time.perf_counter()
        connection.execute(_SQL.format("Compras", ROWS))
        return time.perf_counter() - begin
