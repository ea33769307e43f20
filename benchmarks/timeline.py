"""The first page of the timeline of a company with a hundred thousand activities, its people rolled up."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks.measure import Result, median, percentile
from crm_desktop import features
from crm_desktop.contacts import queries
from crm_desktop.core import clock
from crm_desktop.core.ids import generator
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork, write
from crm_desktop.sales.service import ensure_default_pipeline

ACTIVITIES = 100_000
PEOPLE = (20, 2_000)
"""How many people each of the two measured companies has."""

PAGE_MS = 100.0
RUNS, COLD_RUNS = 40, 8
_NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def measure(folder: Path, mark: str, server: str, say: Callable[[str], None]) -> Iterator[Result]:
    """Measure on both engines; the databases are kept in ``folder`` and on ``server`` under ``mark``."""
    for target in (_file(folder, mark, say), _on_server(server, mark, say)):
        database = Database(target, features.schema())
        try:
            with database.read() as connection:
                company = Base.metadata.tables["company"]
                ids = connection.execute(sa.select(company.c.id).order_by(company.c.name)).scalars().all()
            for people, company_id in zip(PEOPLE, ids, strict=True):
                yield _measured(database, people, company_id)
        finally:
            database.close()


def _measured(database: Database, people: int, company_id: int) -> Result:
    engine = "SQLite" if database.sqlite else "PostgreSQL"
    cold = [_cold(database, company_id) for _ in range(COLD_RUNS)]
    begin = time.process_time()
    warm = [_timed(database, company_id) for _ in range(RUNS)]
    worked = (time.process_time() - begin) * 1000 / RUNS
    raw = [_raw(database, company_id) for _ in range(RUNS)]
    with database.read() as connection:
        first = queries.timeline(database, connection, "company", company_id, roll_up=True)
        begin = time.perf_counter()
        queries.timeline(database, connection, "company", company_id, roll_up=True, before=first.before)
        second = (time.perf_counter() - begin) * 1000
        begin = time.perf_counter()
        queries.timeline(database, connection, "company", company_id, roll_up=True, text="compressor")
        filtered = (time.perf_counter() - begin) * 1000
    return Result(
        f"timeline-{engine.lower()}-{people}",
        f"first {queries.PAGE} entries of {ACTIVITIES:,} activities, {people:,} people rolled up, {engine}, p95",
        percentile(warm, 0.95), "ms", PAGE_MS, median(raw),
        "the newest 50 activities of the company itself by one bare indexed query", cpu=worked,
        details={
            "median ms": round(median(warm), 1), "cold (connection new, file not in memory) p95 ms":
            round(percentile(cold, 0.95), 1), "page after it ms": round(second, 1),
            "with a text ms": round(filtered, 1), "entries": len(first.items),
        },
    )  # fmt: skip


def _timed(database: Database, company_id: int) -> float:
    begin = time.perf_counter()
    with database.read() as connection:
        queries.timeline(database, connection, "company", company_id, roll_up=True)
    return (time.perf_counter() - begin) * 1000


def _cold(database: Database, company_id: int) -> float:
    """With nothing of the file in memory where the system lets us say so, and a connection just made."""
    database.close()
    if database.path is not None and hasattr(os, "posix_fadvise"):
        handle = os.open(database.path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    return _timed(database, company_id)


def _raw(database: Database, company_id: int) -> float:
    statement = sa.text(
        "SELECT a.* FROM activity_link l JOIN activity a ON a.id = l.activity_id "
        "WHERE l.record_id = :id ORDER BY l.activity_at DESC, l.activity_id DESC LIMIT 50"
    )
    begin = time.perf_counter()
    with database.read() as connection:
        connection.execute(statement, {"id": company_id}).all()
    return (time.perf_counter() - begin) * 1000


# -- the databases -----------------------------------------------------------------------------------------------


def _file(folder: Path, mark: str, say: Callable[[str], None]) -> Path:
    path = folder / f"timeline-{mark}.crm"
    if not path.exists():
        say("making a SQLite database with two large companies")
        partial = path.with_suffix(".partial")
        for leftover in folder.glob(partial.name + "*"):
            leftover.unlink()
        fill(partial)
        partial.rename(path)
    return path


def _on_server(server: str, mark: str, say: Callable[[str], None]) -> str:
    name, base = f"crm_bench_timeline_{mark}", server.rstrip("/").rpartition("/")[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            say("making a PostgreSQL database with two large companies")
            partial = name + "_partial"
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(partial)))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(partial)))
            fill(f"{base}/{partial}")
            with psycopg.connect(f"{base}/{partial}", autocommit=True) as made:
                made.execute("VACUUM ANALYZE")
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(partial), sql.Identifier(name))
            )
    return f"{base}/{name}"


def fill(target: str | Path) -> None:
    """Make a database of two companies with as many activities each, and all else that customers have."""
    database = Database(target, features.schema())
    migrate.migrate(database)
    with write(database, "Pipelines") as uow:
        ensure_default_pipeline(uow)
    rng = Random(5)
    clock.set_clock(lambda: _NOW - timedelta(days=900))  # imported long ago, and worked with since
    with write(database, "Timeline", bulk=True) as uow:
        for number, people in enumerate(PEOPLE):
            _company(uow, rng, f"Company {number}", people)
    clock.set_clock(None)
    with database.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    database.close()


def _company(uow: UnitOfWork, rng: Random, name: str, people: int) -> None:
    new = generator.next
    company = new()
    uow.insert_many("company", ("id", "name", "created_at"), [(company, name, _NOW)])
    contacts = [new() for _ in range(people)]
    uow.insert_many(
        "contact", ("id", "name", "lifecycle", "company_id", "created_at"),
        [(one, f"Person {i} of {name}", "customer", company, _NOW - timedelta(days=900)) for i, one in enumerate(contacts)],
    )  # fmt: skip
    stages = uow.connection.execute(sa.text("SELECT id, pipeline_id FROM stage")).all()
    deals, cases = [new() for _ in range(people // 2 + 100)], [new() for _ in range(people // 4 + 100)]
    uow.insert_many(
        "deal", ("id", "name", "company_id", "contact_id", "pipeline_id", "stage_id", "status", "created_at"),
        [
            (one, f"Deal {i}", company, rng.choice(contacts), stages[0][1], stages[0][0], "open", _moment(rng))
            for i, one in enumerate(deals)
        ],
    )  # fmt: skip
    uow.insert_many(
        "case", ("id", "number", "subject", "company_id", "contact_id", "status", "priority", "channel", "created_at"),
        [
            (one, f"{name}-{i}", f"Case {i}", company, rng.choice(contacts), "open", "normal", "phone", _moment(rng))
            for i, one in enumerate(cases)
        ],
    )  # fmt: skip
    uow.insert_many(
        "case_message", ("id", "case_id", "kind", "body", "at", "created_at"),
        [(new(), rng.choice(cases), "in", "It does not cool", at, at) for at in [_moment(rng) for _ in range(3_000)]],
    )  # fmt: skip
    uow.insert_many(
        "note", ("id", "entity", "record_id", "body", "pinned", "created_at"),
        [(new(), "contact", rng.choice(contacts), "Prefers the afternoon", False, _moment(rng)) for _ in range(5_000)],
    )  # fmt: skip
    _activities(uow, rng, company, contacts, deals, cases)


def _activities(
    uow: UnitOfWork, rng: Random, company: int, contacts: list[int], deals: list[int], cases: list[int]
) -> None:
    rows, links = [], []
    words = ("compressor", "offer", "visit", "invoice", "delivery", "warranty")
    for i in range(ACTIVITIES):
        one, at = generator.next(), _moment(rng)
        rows.append((one, f"{rng.choice(words).capitalize()} {i}", "call", "done", at, at))
        entity, record = (
            ("contact", rng.choice(contacts)) if i % 10 < 7 else ("company", company) if i % 10 < 8
            else ("deal", rng.choice(deals)) if i % 10 < 9 else ("case", rng.choice(cases))
        )  # fmt: skip
        links.append((generator.next(), one, entity, record, at))
    uow.insert_many("activity", ("id", "subject", "kind", "status", "done_at", "created_at"), rows)
    uow.insert_many("activity_link", ("id", "activity_id", "entity", "record_id", "activity_at"), links)


def _moment(rng: Random) -> datetime:
    return _NOW - timedelta(seconds=rng.randrange(1_000_000, 60_000_000))
