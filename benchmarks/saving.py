"""One field saved on a card: in the background, with the window free."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks import processes
from benchmarks.measure import Result, median, percentile

SAVE_MS, GAP_MS = 15.0, 16.0
_RAW = 30


def measure(name: str, target: str | Path, contacts: int, cache: Path, **fewer: int) -> list[Result]:
    """Save on a database that may be written to; a file or a URL."""
    found = processes.run("child_save", {"database": str(target)} | fewer, cache)
    engine = "PostgreSQL" if "://" in str(target) else "SQLite"
    saves, gaps = found["saves"], found["gaps"]
    base = _raw_postgres(str(target)) if engine == "PostgreSQL" else _raw_sqlite(Path(target))
    return [
        Result(
            name, f"one field of a card saved in the background, {engine}, {contacts:,} contacts", median(saves), "ms",
            SAVE_MS, base, "a bare UPDATE of one row with its commit, on the same disk",
            details={"p95 ms": round(percentile(saves, 0.95), 1), "longest ms": round(max(saves), 1)},
        ),
        Result(
            f"{name}-window", f"longest time the window does nothing else after a save, {engine}", max(gaps), "ms",
            GAP_MS, median(found["idle"]), "the longest gap of its event loop while nothing happens",
            details={"median ms": round(median(gaps), 1), "p95 ms": round(percentile(gaps, 0.95), 1)},
        ),
    ]  # fmt: skip


def _raw_sqlite(path: Path) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        return _raw(lambda value, row: connection.execute("UPDATE tag SET hue = ? WHERE id = ?", (value, row)),
                    connection.execute("SELECT id FROM tag LIMIT 1").fetchone()[0])  # fmt: skip


def _raw_postgres(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT id FROM tag LIMIT 1").fetchone()
        assert found is not None
        return _raw(
            lambda value, row: connection.execute("UPDATE tag SET hue = %s WHERE id = %s", (value, row)), found[0]
        )


def _raw(update: object, row: int) -> float:
    assert callable(update)
    taken = []
    for number in range(_RAW):
        begin = time.perf_counter()
        update(number % 8 + 1, row)
        taken.append((time.perf_counter() - begin) * 1000)
    return median(taken)
