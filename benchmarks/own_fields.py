"""A field of the office: added to a large database, then sorted and filtered by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.measure import Result, lap, median
from crm_desktop import features
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, queries

ADD_MS, PAGE_MS = 100.0, 300.0
_PAGE = 100


def measure(path: Path, contacts: int) -> list[Result]:
    """Measure on a file that may be written to: a number, a formula over it, and the first page of lists by them."""
    database = Database(path, features.schema())
    migrate.migrate(database)
    added = _milliseconds(lambda: _add(database, "Points", {}), 1)
    raw = _milliseconds(lambda: _raw(database), 3)
    _add(database, "Double", {"formula": "[Points] * 2 + 1"})
    _fill(database)
    results = [
        Result("field-add", f"own field added to {contacts:,} contacts", added, "ms", ADD_MS, raw,
               "one row committed to the same file", details={}),
    ]  # fmt: skip
    for name, what, options in (
        ("field-sort", "first page by an own number", {"sort": [("custom.points", True)]}),
        ("field-filter", "first page where an own number is large",
         {"filter": where("custom.points", "gt", "990"), "sort": [("custom.points", False)]}),
        ("formula-sort", "first page by a formula", {"sort": [("custom.double", False)]}),
    ):  # fmt: skip
        taken, cpu = _laps(lambda options=options: _page(database, options), 5)  # type: ignore[misc]
        plain = _milliseconds(lambda: _plain(database), 5)
        results.append(
            Result(name, f"{what}, {contacts:,} contacts", taken, "ms", PAGE_MS * max(1, contacts / 100_000), plain,
                   "SELECT id ORDER BY json_extract(...) by itself", cpu=cpu, details={"processor ms": round(cpu)})
        )  # fmt: skip
    database.close()
    return results


def _add(database: Database, label: str, more: dict[str, Any]) -> None:
    with write(database, "New field") as uow:
        custom.create_custom_field(uow, "contact", label, Kind.NUMBER, **more)
    custom.custom_fields(database, "contact")


def _raw(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS bench (id INTEGER)")
        connection.exec_driver_sql("INSERT INTO bench VALUES (1)")


def _fill(database: Database) -> None:
    """Give every contact a number, past the history: this is not what is measured."""
    with database.begin() as connection:
        triggers = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'contact'"
        ).all()
        for name, _sql in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(
            "UPDATE contact SET custom = json_set(coalesce(custom, '{}'), '$.points', abs(random()) % 10000000)"
        )
        for _name, statement in triggers:
            connection.exec_driver_sql(statement)


def _page(database: Database, options: dict[str, Any]) -> None:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", limit=_PAGE, **options)
        names = ["name", "custom.points", "custom.double"]
        assert len(queries.fetch_rows(database, connection, "contact", ids, names)) == _PAGE


def _plain(database: Database) -> None:
    with database.read() as connection:
        statement = "SELECT id FROM contact ORDER BY json_extract(custom, '$.\"points\"') DESC LIMIT 100"
        connection.execute(sa.text(statement)).all()


def _milliseconds(call: Callable[[], object], times: int) -> float:
    return _laps(call, times)[0]


def _laps(call: Callable[[], object], times: int) -> tuple[float, float]:
    """The medians in milliseconds: by the clock, and of processor time."""
    taken = []
    for _again in range(times):
        with lap() as one:
            call()
        taken.append(one)
    return median([one.wall * 1000 for one in taken]), median([one.cpu * 1000 for one in taken])
