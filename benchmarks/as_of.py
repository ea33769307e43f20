"""The contact list as of a date: opened with 100,000 changes since, beside the same list as it is now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from benchmarks.measure import Result, median
from crm_desktop import features
from crm_desktop.core import clock
from crm_desktop.core.filters import where
from crm_desktop.core.ids import generator
from crm_desktop.db.database import Database
from crm_desktop.db.past.database import open_as_of
from crm_desktop.db.search import find
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import bulk_edit, queries, service

PAGE = 100
COLUMNS = ("name", "company_id", "email", "phone", "city", "owner_id")
TIMES = 5
LIMIT_MS = 2_000.0


def measure(name: str, target: Any, contacts: int, say: Callable[[str], object]) -> Iterator[Result]:
    """Change much of an office, and look back at the moment before that."""
    database = Database(target, features.schema())
    try:
        moment = _moment()
        say(f"changing an office of {contacts:,} contacts")
        changes = _change(database, contacts)
        now = [_read(database) for _ in range(TIMES)]
        opened: list[dict[str, float]] = []
        for _ in range(TIMES):
            began = time.perf_counter()
            past = open_as_of(database, moment)
            took = {"worked out": (time.perf_counter() - began) * 1000}
            try:
                took |= _read(past)
                took["all"] = (time.perf_counter() - began) * 1000
                took |= _more(past)
            finally:
                past.close()
            opened.append(took)
    finally:
        database.close()
    details = {f"{what}, ms": round(median([one[what] for one in opened]), 1) for one_ in opened[:1] for what in one_}
    yield Result(
        name,
        f"contact list as of a date opened: first page and all ids; {contacts:,} contacts, {changes:,} changes since",
        median([one["all"] for one in opened]), "ms", LIMIT_MS, median([sum(one.values()) for one in now]),
        "the same list as it is now", details=details,
    )  # fmt: skip


def _moment() -> datetime:
    moment = clock.now()
    time.sleep(0.01)
    return moment


def _change(database: Database, contacts: int) -> int:
    """Edits of 40 of a hundred contacts, new ones, deletions, and single edits; gives how many rows the history grew by."""
    newest = sa.text("SELECT coalesce(max(id), 0) FROM change")
    with database.read() as connection:
        before = int(connection.execute(newest).scalar_one())
        ids = sorted(queries.find_ids(database, connection, "contact"))
    share = min(len(ids), 100_000) // 100
    chosen = ids[:: max(1, len(ids) // (share * 100))]
    with write(database, "Titles", bulk=True) as uow:
        bulk_edit.update_records(uow, "contact", chosen[: 25 * share], {"job_title": "Head of things"})
    with write(database, "Names", bulk=True) as uow:
        part = chosen[25 * share : 45 * share]
        uow.update_many(
            "contact", ["last_name", "sort_name"], [(f"Zeta {n}", f"zeta {n}", i) for n, i in enumerate(part)]
        )
    with write(database, "Import", kind="import", bulk=True) as uow:
        for number in range(20 * share):
            identity = generator.next()
            uow.insert(
                "contact", {"id": identity, "name": f"New {number}", "sort_name": f"new {number}", "lifecycle": "lead"}
            )
    with write(database, "Deletions", bulk=True) as uow:
        service.delete_records(uow, "contact", chosen[-5 * share :])
    for identity in chosen[45 * share : 45 * share + 200]:
        with write(database, "Edit") as uow:
            service.update_record(uow, "contact", identity, {"department": "Sales"})
    with database.read() as connection:
        return int(connection.execute(newest).scalar_one()) - before


def _timed(work: Callable[[sa.Connection], Any], database: Database) -> float:
    database.forget()
    began = time.perf_counter()
    with database.read() as connection:
        work(connection)
    return (time.perf_counter() - began) * 1000


def _read(database: Database) -> dict[str, float]:
    def page(connection: sa.Connection) -> Sequence[Any]:
        ids = queries.find_ids(database, connection, "contact", limit=PAGE)
        return queries.fetch_rows(database, connection, "contact", ids, COLUMNS)

    def ids(connection: sa.Connection) -> Any:
        return queries.find_ids(database, connection, "contact")

    return {"first page": _timed(page, database), "all ids": _timed(ids, database)}


def _more(past: Database) -> dict[str, float]:
    def card(connection: sa.Connection) -> Any:
        one = queries.find_ids(past, connection, "contact", limit=1)[0]
        return queries.get_record(past, connection, "contact", one)

    def chosen(connection: sa.Connection) -> Any:
        return queries.find_ids(past, connection, "contact", filter=where("city", "eq", "Curitiba"))

    def search(connection: sa.Connection) -> Any:
        return find(connection, past.schema, "silva")

    return {
        "a card": _timed(card, past), "filter by city": _timed(chosen, past), "first search": _timed(search, past),
        "next search": _timed(search, past),
    }  # fmt: skip
