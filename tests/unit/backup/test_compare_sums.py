"""A backup compared with an office on a server by hashes: the same is found as value by value, and little is sent."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.backup import compare_rows, compare_sums
from crm_desktop.backup.compare import compared_tables
from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries
from crm_desktop.records import service as records
from tests.helpers.odd_office import make_odd

EVA = Actor(None, "Eva")


@pytest.fixture
def pair(postgres_database: Database, tmp_path: Path) -> Iterator[Pair]:
    """A server with odd values of every kind beside a backup of it."""
    make_odd(postgres_database)
    with write(postgres_database, "Many", actor=EVA) as uow:
        for number in range(120):
            records.create_record(
                uow, "contact", {"name": f"Person {number}", "department": None if number % 3 else ""}
            )
    made = make_backup(postgres_database, tmp_path / "kept", prove=False)
    with (
        browse_backup(made.path, postgres_database.schema) as backup,
        backup.read_all() as then,
        postgres_database.read_all() as now,
    ):
        yield Pair(backup, then, postgres_database, now)


def both_ways(pair: Pair) -> set[RowChange]:
    """What hashes find, which must be what the values say."""
    with pair.now.read_all() as now:
        fresh = pair._replace(reading_now=now)
        by_sums, by_values = set(), set()
        for table in compared_tables(pair.now.schema):
            by_sums |= set(compare_rows._of_sums(fresh, table, Progress()))
            by_values |= set(compare_rows._of_streams(fresh, table, Progress()))
    assert by_sums == by_values
    return by_sums


def change(database: Database, entity: str, identity: int, **values: Any) -> None:
    table = database.schema.table(entity)
    with database.begin() as connection:
        connection.execute(table.update().where(table.c.id == identity).values(**values))


def first(database: Database, entity: str) -> int:
    with database.read() as connection:
        return int(queries.find_ids(database, connection, entity, limit=1)[0])


def test_what_is_the_same_needs_no_row(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own fields with fractions, accents and emojis, dates before 1900, amounts: both engines write the same text."""
    monkeypatch.setattr(compare_sums.Sums, "rows", lambda *_given: pytest.fail("rows were looked at"))
    for table in compared_tables(pair.now.schema):
        assert list(compare_rows._of_sums(pair, table, Progress())) == [], table.name


@pytest.mark.parametrize(("large", "small"), [(1000, 25), (8, 3), (1, 1)])
def test_every_kind_of_change_is_found(pair: Pair, monkeypatch: pytest.MonkeyPatch, large: int, small: int) -> None:
    monkeypatch.setattr(compare_sums, "LARGE", large)
    monkeypatch.setattr(compare_sums, "SMALL", small)
    now = pair.now
    assert both_ways(pair) == set()
    contact, deal, activity, product = (first(now, one) for one in ("contact", "deal", "activity", "product"))
    change(
        now, "contact", contact, department="a\x1fb", job_title="\x1e", birthday=date(1871, 2, 3), do_not_contact=True
    )
    change(now, "deal", deal, amount=Decimal("0.0001"), probability=None)
    change(now, "activity", activity, starts=datetime(2001, 2, 3, 4, 5, 6), exdates=["2026-03-23T09:00:00"])
    change(now, "product", product, name="", active=False)
    with now.read() as connection:
        people = [int(one) for one in queries.find_ids(now, connection, "contact", sort=[("created_at", False)])]
    change(now, "contact", people[-1], custom={"historia": "ç\n", "litros": 1.50, "notas_dadas": ["c", "a"]})
    change(now, "contact", people[-2], created_at=datetime(2020, 1, 1, 0, 0, 0, 1000, tzinfo=UTC))
    change(now, "contact", people[-3], department="")
    with write(now, "More", actor=EVA) as uow:
        records.delete_records(uow, "contact", [people[20], people[21], people[-5]])
        for number in range(30):
            records.create_record(uow, "contact", {"name": f"New {number}"})
    found = both_ways(pair)
    said = {(one.op, one.row_id) for one in found if one.table == "contact"}
    assert {("U", contact), ("U", people[-1]), ("U", people[-2]), ("D", people[20]), ("D", people[-5])} <= said
    assert sum(op == "I" for op, _identity in said) == 30
    columns = {one.row_id: set(one.columns) for one in found if one.op == "U"}
    assert columns[contact] == {"department", "job_title", "birthday", "do_not_contact"}
    assert {"exdates", "starts"} <= columns[activity] and columns[deal] >= {"amount", "probability"}


def test_signs_between_values_are_not_taken_for_values(pair: Pair, tmp_path: Path) -> None:
    """Texts in the file that hold what stands between texts: shifted from one row to its neighbour, they still differ."""
    with pair.now.read() as connection:
        ids = [int(one) for one in queries.find_ids(pair.now, connection, "contact", sort=[("created_at", False)])][:2]
    assert pair.then.path is not None
    shutil.copyfile(pair.then.path, tmp_path / "edited.crm")
    with closing(sqlite3.connect(tmp_path / "edited.crm")) as raw:
        raw.executemany("UPDATE contact SET department = ? WHERE id = ?", zip(("a\x1fb", "c"), ids, strict=True))
        raw.commit()
    for identity, text in zip(ids, ("a", "b\x1fc"), strict=True):
        change(pair.now, "contact", identity, department=text)
    edited = Database(tmp_path / "edited.crm", pair.now.schema, read_only=True)
    with edited.read_all() as then:
        found = both_ways(pair._replace(then=edited, reading_then=then))
    edited.close()
    assert set(ids) <= {one.row_id for one in found}
