"""Many records get the same values at once: as one by one, in one change set that one undo takes back."""

from __future__ import annotations

import datetime

from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import bulk_edit, custom, history, queries, service

ANA = Actor(None, "Ana")
VALUES = {
    "lifecycle": "customer", "last_name": "Souza", "birthday": "1980-04-23", "city": "Curitiba",
    "email": "office@example.com", "mobile": "+5541955500142", "custom.size": "38", "do_not_contact": True,
}  # fmt: skip


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def make(database: Database, count: int) -> list[int]:
    with write(database, "Make", actor=ANA) as uow:
        if not custom.custom_fields(database, "contact", uow.connection):
            custom.create_custom_field(uow, "contact", "Size", Kind.NUMBER)
            custom.create_custom_field(uow, "contact", "Colour", Kind.TEXT)
        return [
            service.create_record(uow, "contact", {
                "name": f"Ana {number}", "city": ("Lapa", None, "Curitiba")[number % 3],
                "email": None if number % 2 else f"{number}@example.com", "custom.colour": f"c{number}",
                "mobile": "+5541955500100" if number % 5 == 0 else None, "birthday": datetime.date(1970, 1, 1),
            })
            for number in range(count)
        ]  # fmt: skip


def test_as_one_by_one_and_undone_by_one(database: Database) -> None:
    ids = make(database, 30)
    before = dump(database)
    with write(database, "Bulk", actor=ANA, kind="bulk") as uow:
        assert bulk_edit.update_records(uow, "contact", ids[:20], VALUES) == 20
        assert bulk_edit.update_records(uow, "contact", ids[:20], VALUES) == 0
        for identity in ids[20:]:
            service.update_record(uow, "contact", identity, VALUES)
    with database.read() as connection:
        last = history.recent(connection, limit=1)[0]
        for number, identity in enumerate(ids):
            record = queries.get_record(database, connection, "contact", identity)
            said = {name: record.values[name] for name in ("name", "city", "email", "mobile", "custom.size")}
            assert said == {
                "name": f"Ana {'Souza' if number >= 0 else ''}".strip(), "city": "Curitiba",
                "email": "office@example.com", "mobile": "+5541955500142", "custom.size": 38,
            }  # fmt: skip
            assert record.values["custom.colour"] == f"c{number}"
            points = [(row["kind"], row["label"], row["is_primary"]) for row in record.children["points"]]
            assert sorted(points, key=str) == sorted([("email", None, True), ("phone", "mobile", True)], key=str)
    history.undo(database, last.id, ANA)
    assert dump(database) == before


def test_blank_takes_away(database: Database) -> None:
    ids = make(database, 15)
    with write(database, "Bulk", actor=ANA, kind="bulk") as uow:
        bulk_edit.update_records(uow, "contact", ids, {"email": None, "city": None, "custom.colour": None})
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "contact", ids, ["email", "city", "custom.colour", "birthday"])
    assert {tuple(row.values.values()) for row in rows} == {(datetime.date(1970, 1, 1), None, None, None)}


def test_different_old_values_come_back_together(database: Database) -> None:
    ids = make(database, 600)
    with write(database, "Differ", actor=ANA) as uow:
        uow.update_many("contact", ["number", "birthday", "custom"], [
            (f"n{number}" if number % 7 else None, datetime.date(1980, 1, 1 + number % 28), {"size": number}, identity)
            for number, identity in enumerate(ids)
        ])  # fmt: skip
    before = dump(database)
    with write(database, "Bulk", actor=ANA, kind="bulk", bulk=True) as uow:
        bulk_edit.update_records(uow, "contact", ids, {"number": "x", "birthday": "1999-01-02", "custom.size": "5"})
    with database.read() as connection:
        last = history.recent(connection, limit=1)[0]
    history.undo(database, last.id, ANA)
    assert dump(database) == before
