"""Global search while typing: two hundred prefixes, each looked up as the search popup does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmarks.measure import Result, median, percentile
from crm_desktop import features
from crm_desktop.core.text import digits
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.records import finder

QUERIES = 200
PASSES = 3
SHOWN = 30
LIMIT_MS = 50.0


def typed_prefixes(database: Database, count: int = QUERIES, seed: int = 7) -> list[str]:
    """What people type: names, companies and phones of the database, letter by letter, all different."""
    rng = Random(seed)
    texts: list[str] = []
    with database.read() as connection:
        for names, table, column in ((3, "contact", "name"), (1, "company", "name"), (1, "contact_point", "value")):
            kind = " AND kind = 'phone'" if table == "contact_point" else ""
            low, high = connection.execute(sa.text(f"SELECT min(id), max(id) FROM {table}")).one()
            for _ in range(names * count // 8):
                row = connection.execute(
                    sa.text(f"SELECT {column} FROM {table} WHERE id >= :at{kind} ORDER BY id LIMIT 1"),
                    {"at": rng.randint(low, high)},
                ).first()
                if row is not None:
                    texts.append(digits(row[0])[2:] if kind else row[0])
    rng.shuffle(texts)
    found: dict[str, None] = {}
    for text in texts:
        for length in range(1, min(len(text), 16) + 1):
            if text[:length].strip():
                found.setdefault(text[:length].strip())
            if len(found) == count:
                return list(found)
    return list(found)


def measure(name: str, target: str | Path, contacts: int, queries: list[str] | None = None) -> Result:
    """Search a database.

    Args:
        target: a file or a URL.
        queries: what to type; made from the database where None.
    """
    database = Database(target, features.schema())
    try:
        return _measure(name, database, contacts, queries or typed_prefixes(database))
    finally:
        database.close()


def _measure(name: str, database: Database, contacts: int, queries: list[str]) -> Result:
    def ours(text: str) -> int:
        with database.read() as connection:
            return len(finder.find(database, connection, text, limit=SHOWN))

    def raw(text: str) -> int:
        terms = search.query_words(text)
        expression = search.match_expression(terms, database.sqlite)
        with database.read() as connection:
            rows = connection.execute(_raw_statement(database.sqlite), {"match": expression, "most": SHOWN}).all()
        return len(rows)

    ours("warm")
    raw("warm")
    walls, cpus, found = _passes(ours, queries)
    raw_walls, _raw_cpus, _found = _passes(raw, queries)
    slowest = sorted(zip(walls, queries, strict=True), reverse=True)[:5]
    what = f"search while typing, {contacts:,} contacts, {'SQLite' if database.sqlite else 'PostgreSQL'}, p95"
    return Result(
        name, what, percentile(walls, 0.95), "ms", LIMIT_MS, percentile(raw_walls, 0.95),
        f"the engine's own prefix query, unranked, LIMIT {SHOWN}", cpu=percentile(cpus, 0.95),
        details={
            "queries": len(queries), "median ms": round(median(walls), 1), "p99 ms": round(percentile(walls, 0.99), 1),
            "longest ms": round(max(walls), 1), "slowest": [f"{text!r} {wall:.0f} ms" for wall, text in slowest],
            "queries with hits": sum(1 for one in found if one),
        },
    )  # fmt: skip


def _raw_statement(sqlite: bool) -> sa.TextClause:
    if sqlite:
        return sa.text("SELECT rowid FROM search_fts WHERE search_fts MATCH :match LIMIT :most")
    return sa.text("SELECT id FROM search_text WHERE vector @@ CAST(:match AS tsquery) LIMIT :most")


def _passes(work: Callable[[str], int], queries: list[str]) -> tuple[list[float], list[float], list[int]]:
    """The median milliseconds of each query over several passes: by the clock, and of this process."""
    walls: list[list[float]] = [[] for _ in queries]
    cpus: list[list[float]] = [[] for _ in queries]
    found: list[int] = []
    for _ in range(PASSES):
        found = []
        for position, text in enumerate(queries):
            wall, cpu = time.perf_counter(), time.process_time()
            found.append(work(text))
            walls[position].append((time.perf_counter() - wall) * 1000)
            cpus[position].append((time.process_time() - cpu) * 1000)
    return [median(one) for one in walls], [median(one) for one in cpus], found
