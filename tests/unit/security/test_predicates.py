"""The rows that a person sees and may change are those that ``Access.covers`` says, for any rights."""

from __future__ import annotations

import random
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop import app
from crm_desktop.core.access import SCOPES, UNSCOPED, Access
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import ChangeFeed
from crm_desktop.db.predicates import Predicates
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries
from crm_desktop.records import service as records
from crm_desktop.security import roles, service
from crm_desktop.security.access import access_of, scoped_types
from tests.helpers.locked import LockedOffice

TYPES = ("contact", "company", "deal", "case", "product", "activity")
ACTIONS = ("read", "edit", "delete", "export", "bulk", "sensitive", "create")


def an_office(database: Database, chance: random.Random) -> list[int | None]:
    """Users in teams with records of all sorts: owned, owned by nobody, made by others. Returns the users."""
    with write(database, "People") as uow:
        teams = [service.create_team(uow, name) for name in ("Sul", "Norte")]
        users: list[int | None] = [
            service.create_user(uow, f"User {n}", role="sales", team_id=chance.choice([*teams, None])) for n in range(5)
        ]
    users.append(None)
    required: dict[str, Any] = {"deal": _stage(database), "activity": {"kind": "task", "status": "planned"}}
    for number in range(24):
        with write(database, "Records", actor=Actor(chance.choice(users))) as uow:
            for name in TYPES:
                spec = uow.schema.entity(name)
                row = {spec.title_field: f"{name} {number}", **required.get(name, {})}
                if spec.has("owner_id"):
                    row["owner_id"] = chance.choice(users)
                identity = records.create_record(uow, name, row)
                uow.update(name, identity, {"owner_id": row["owner_id"]} if "owner_id" in row else {})
                uow.insert("note", {"entity": name, "record_id": identity, "body": f"about {name} {number}"})
                if name in ("contact", "company"):
                    uow.insert("identifier", {"owner_id": identity, "kind": "other", "value": f"{name}{number}"})
                    uow.insert("contact_point", {"owner_id": identity, "kind": "email", "value": f"{number}@x.org"})
    return users


def _stage(database: Database) -> dict[str, Any]:
    with write(database, "Pipeline") as uow:
        pipeline = uow.insert("pipeline", {"name": "Main", "currency": "BRL"})
        stage = uow.insert(
            "stage", {"pipeline_id": pipeline, "name": "First", "position": 1, "probability": 10, "outcome": "open"}
        )
    return {"pipeline_id": pipeline, "stage_id": stage, "status": "open"}


def some_access(database: Database, users: list[int | None], chance: random.Random) -> Access:
    scopes = {
        (entity, action): chance.choice(SCOPES) if action not in UNSCOPED else chance.choice(("all", "none"))
        for entity in scoped_types(database.schema) for action in ACTIONS
    }  # fmt: skip
    me = chance.choice([one for one in users if one is not None])
    table = Base.metadata.tables["user_account"]
    with database.read_all() as connection:
        team = connection.execute(sa.select(table.c.team_id).where(table.c.id == me)).scalar()
        mates = connection.execute(sa.select(table.c.id).where(table.c.team_id == team)).scalars().all() if team else []
    return Access(me, "own", False, frozenset([*mates, me]), team, MappingProxyType(scopes))


@pytest.mark.parametrize("seed", range(2))
def test_the_rows_one_sees_are_those_that_the_rights_cover(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    users = an_office(database, chance)
    tables = Base.metadata.tables
    with database.read_all() as connection:
        rows = {name: connection.execute(sa.select(database.schema.table(name))).mappings().all() for name in TYPES}
        notes = connection.execute(sa.select(tables["note"])).mappings().all()
        numbers = connection.execute(sa.select(tables["identifier"])).mappings().all()
    for _round in range(4):
        access = some_access(database, users, chance)

        def covered(name: str, action: str, access: Access = access) -> set[int]:
            owned = database.schema.entity(name).has("owner_id")
            return {
                row["id"]
                for row in rows[name]
                if access.covers(name, action, row["owner_id" if owned else "created_by"], row["created_by"])
            }

        seen = {name: covered(name, "read") for name in TYPES}
        database.access = access
        with database.read() as connection:
            for name in TYPES:
                shown = connection.execute(sa.select(database.schema.table(name).c.id)).scalars()
                assert set(shown) == seen[name], (name, access)
            found = set(connection.execute(sa.select(tables["note"].c.id)).scalars())
            assert found == {row["id"] for row in notes if row["record_id"] in seen[row["entity"]]}
            found = set(connection.execute(sa.select(tables["identifier"].c.owner_id)).scalars())
            wanted = {name for name in ("contact", "company") if access.may(name, "sensitive")}
            assert found == {row["owner_id"] for row in numbers if any(row["owner_id"] in seen[n] for n in wanted)}
            texts = set(connection.execute(sa.text("SELECT id FROM search_text WHERE entity = 'deal'")).scalars())
            assert texts == seen["deal"]
        with database.read_all() as connection:
            for name in TYPES:
                table = database.schema.table(name)
                for action in ("edit", "delete", "export", "bulk"):
                    allowed = Predicates(database.schema, access).record(name, action)
                    got = set(connection.execute(sa.select(table.c.id).where(allowed)).scalars())
                    assert got == covered(name, action) & seen[name], (name, action, access)


def test_a_locked_server_shows_the_same(locked_office: LockedOffice) -> None:
    office, schema = locked_office, locked_office.schema
    for key in ("sales", "mate", "stranger", "service"):
        me = office.people[key]
        with write(office.root, "Records", actor=Actor(me, key)) as uow:
            for name in TYPES:
                more = {"kind": "task", "status": "planned"} if name == "activity" else {}
                for owner in (me, None):
                    row = {schema.entity(name).title_field: f"{name} of {key}", **more}
                    identity = records.create_record(uow, name, row)
                    if schema.entity(name).has("owner_id"):
                        uow.update(name, identity, {"owner_id": owner})
                    uow.insert("note", {"entity": name, "record_id": identity, "body": "Said"})
                    if name == "contact":
                        uow.insert("identifier", {"owner_id": identity, "kind": "other", "value": str(identity)})
            uow.insert("saved_view", {"entity": "contact", "name": key, "scope": "private", "owner_id": me})
    tables = [schema.table(name).name for name in TYPES] + ["note", "identifier", "saved_view", "import_batch"]
    for key in ("sales", "stranger", "service", "marketing", "readonly", "manager", "owner"):
        with office.root.read_all() as connection:
            access = access_of(connection, schema, office.people[key])
            predicates = Predicates(schema, access)
            for name in tables:
                table = Base.metadata.tables[name]
                ids = connection.execute(sa.select(table.c.id).where(predicates.readable(name))).scalars()
                assert set(ids) == {row[0] for row in office.asked(key, f'SELECT id FROM "{name}"')}, (key, name)
            for name in TYPES:
                table = schema.table(name)
                ids = connection.execute(sa.select(table.c.id).where(predicates.record(name, "edit"))).scalars()
                held = office.asked(key, f'SELECT id FROM "{table.name}" FOR UPDATE')
                assert set(ids) == {row[0] for row in held}, (key, name)


def test_rights_changed_on_another_computer_are_followed(database_url: str, schema: Schema) -> None:
    here, there = Database(database_url, schema), Database(database_url, schema)
    try:
        with write(here, "People") as uow:
            ana, bea = service.create_user(uow, "Ana"), service.create_user(uow, "Bea")
            records.create_record(uow, "contact", {"name": "Hers", "owner_id": bea})
        feed = ChangeFeed(here)
        app.follow_access(here, ana)

        def seen() -> int:
            with here.read() as connection:
                return queries.count(here, connection, "contact")

        assert seen() == 1
        for scope, expected in (("own", 0), ("all", 1)):
            with write(there, "Rights") as uow:
                roles.set_right(uow, "sales", "contact", "read", scope)
            for event in feed.poll(2.0):
                here.events.publish(event)
            assert seen() == expected
        feed.close()
    finally:
        here.close()
        there.close()
