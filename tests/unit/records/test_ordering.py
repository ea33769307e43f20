"""Ids come in the order of a plain sort: ties by id, empty values last, both ways, on both engines."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.filters import EVERYTHING, Filter, where
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service

COLUMNS = (
    "name", "company_id", "city", "postcode", "email", "email2", "mobile", "open_amount", "won_amount",
    "next_activity_on", "last_activity_at", "job_title", "birthday",
)  # fmt: skip
LINKED = "company_id"


def fill(database: Database, dice: random.Random, many: int = 90) -> None:
    """Contacts with many ties and many empty values, and companies that share tables with them."""
    with write(database, "Fill", actor=Actor()) as uow:
        companies = [
            service.create_record(uow, "company", {"name": name, "city": "Braga"})
            for name in ("Aurora", "Aurora", "barco", "Zenit")
        ]
        for n in range(many):
            contact = service.create_record(uow, "contact", {
                "name": dice.choice(["Ana", "ana", "Bia Lima", "Caio"]), "company_id": dice.choice([None, *companies]),
                "city": dice.choice([None, "Curitiba", "curitiba", "Braga"]),
                "email": dice.choice([None, f"{dice.randint(1, 5)}@example.com", f"B{n}@example.com"]),
                "mobile": dice.choice([None, "+5541999990001", f"+55419999911{n:02}"]),
                "job_title": dice.choice([None, "Chefe", "chefe", "Dono"]),
                "birthday": dice.choice([None, "1980-02-03", "1990-01-02"]),
            })  # fmt: skip
            if dice.random() < 0.3:  # a second address, which may be the primary one, with or without a city
                uow.insert("address", {
                    "owner_id": contact, "city": dice.choice([None, "Aveiro", "Zurique"]),
                    "postcode": dice.choice([None, "80000"]), "is_primary": dice.random() < 0.5,
                })  # fmt: skip
            if dice.random() < 0.3:
                uow.insert("contact_point", {
                    "owner_id": contact, "kind": "email", "label": "work", "is_primary": dice.random() < 0.5,
                    "value": dice.choice(["a@example.com", "z@example.com"]),
                })  # fmt: skip
            for _ in range(dice.choice([0, 0, 1, 2])):
                deal = service.create_record(uow, "deal", {
                    "name": "Deal", "contact_id": contact, "amount": dice.choice([None, Decimal(10), Decimal("2.5")])
                })  # fmt: skip
                if dice.random() < 0.3:
                    service.update_record(uow, "deal", deal, {"status": "won"})
            if dice.random() < 0.3:
                day = clock.today() + timedelta(days=dice.randint(1, 3))
                values = {"kind": "task", "subject": "Call", "due": day, "status": "planned"}
                activity = service.create_record(uow, "activity", values)
                link = {"activity_id": activity, "record_id": contact, "entity": "contact", "role": "main"}
                uow.insert("activity_link", link)
    table = Base.metadata.tables["contact"]
    with database.begin() as connection:
        for identity in connection.execute(sa.select(table.c.id)).scalars().all():
            at = dice.choice([None, *(datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2))])
            connection.execute(table.update().where(table.c.id == identity).values(last_activity_at=at))


def expected(database: Database, connection: sa.Connection, name: str, down: bool, one: Filter) -> list[int]:
    """The ids sorted by plain Python."""
    ids = sorted(queries.find_ids(database, connection, "contact", filter=one, sort=[("id", False)]))
    rows = {row.id: row.values[name] for row in queries.fetch_rows(database, connection, "contact", ids, [name])}
    keys: dict[int, Any] = {}
    for identity, value in rows.items():
        if name == LINKED and value is not None:
            table = Base.metadata.tables["company"]
            key = connection.execute(sa.select(table.c.sort_name).where(table.c.id == value.id)).scalar_one()
            keys[identity] = (key, value.id)
        elif name == "name":
            table = Base.metadata.tables["contact"]
            keys[identity] = connection.execute(sa.select(table.c.sort_name).where(table.c.id == identity)).scalar_one()
        elif value is not None:
            keys[identity] = value.lower() if isinstance(value, str) else value
    filled = sorted((identity for identity in ids if identity in keys), key=lambda identity: (keys[identity], identity))
    empty = [identity for identity in ids if identity not in keys]
    return filled[::-1] + empty[::-1] if down else filled + empty


@pytest.mark.parametrize("one", [EVERYTHING, where("city", "filled"), where("email", "empty")], ids=repr)
def test_every_column_sorts_as_plain_python_does(database: Database, one: Filter) -> None:
    fill(database, random.Random(5))
    with database.read() as connection:
        for name in COLUMNS:
            for down in (True, False, False, True):
                wanted = expected(database, connection, name, down, one)
                assert len(set(wanted)) == len(wanted) > 10

                def find(name: str = name, down: bool = down, **more: Any) -> list[int]:
                    sort = [(name, down)]
                    return list(queries.find_ids(database, connection, "contact", filter=one, sort=sort, **more))

                assert find(limit=7) == wanted[:7], (name, down)
                assert find() == wanted, (name, down)
                assert find(limit=len(wanted) - 1) == wanted[:-1], (name, down)
                assert find(limit=5, offset=4) == wanted[4:9], (name, down)


def _rename(uow: Any, company: int, contact: int) -> None:
    service.update_record(uow, "company", company, {"name": "Aaa"})


def _move(uow: Any, company: int, contact: int) -> None:
    service.update_record(uow, "contact", contact, {"city": "Aachen", "company_id": company, "name": "Zita"})


def _delete(uow: Any, company: int, contact: int) -> None:
    service.delete_records(uow, "contact", [contact])


def _create(uow: Any, company: int, contact: int) -> None:
    service.create_record(uow, "contact", {"name": "Nova"})


@pytest.mark.parametrize("act", [_rename, _move, _delete, _create])
def test_a_known_order_is_forgotten_with_the_first_change(
    database: Database, act: Callable[[Any, int, int], None]
) -> None:
    fill(database, random.Random(9), many=30)

    def orders(connection: sa.Connection) -> list[list[int]]:
        return [
            list(queries.find_ids(database, connection, "contact", sort=[(name, down)]))
            for name in ("last_activity_at", "name", "company_id", "city") for down in (False, True)
        ]  # fmt: skip

    def wanted(connection: sa.Connection) -> list[list[int]]:
        return [
            expected(database, connection, name, down, EVERYTHING)
            for name in ("last_activity_at", "name", "company_id", "city") for down in (False, True)
        ]  # fmt: skip

    with database.read() as connection:
        before = orders(connection)
        company = queries.find_ids(database, connection, "company", sort=[("name", True)])[0]
    contact = before[2][3]
    with pytest.raises(ZeroDivisionError), write(database, "Not done", actor=Actor()) as uow:
        act(uow, company, contact)
        assert orders(uow.connection) == wanted(uow.connection)
        raise ZeroDivisionError
    with database.read() as connection:
        assert orders(connection) == before
    with write(database, "Done", actor=Actor()) as uow:
        act(uow, company, contact)
    with database.read() as connection:
        assert orders(connection) == wanted(connection)
        assert orders(connection) != before
