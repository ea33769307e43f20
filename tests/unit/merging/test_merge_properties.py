"""Whatever hangs on records: merged and taken apart again, the database says what it said before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import lines
from crm_desktop.db.types import Instant, JsonType, Units, WallTime
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import custom, merging, unmerging
from crm_desktop.records.references import references_to
from tests.helpers.thorough import times

ANA = Actor(None, "Ana")
ENTITIES = ("contact", "company")
WORDS = ("Ana", "ana ", "Souza", "Padaria", "x@example.com", "X@EXAMPLE.COM", "+5541955500142", "Rua XV")


class World:
    """An office with some people and companies, and rows of every table that can point to them."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.random = database, random.Random(seed)
        self.records: dict[str, list[int]] = {name: [] for name in ENTITIES}
        self.made: dict[str, list[int]] = {}
        self.number = 0
        with database.read() as connection:
            self.references = {name: references_to(database, connection, name) for name in ENTITIES}
        self.owners = {
            (one.table.name, one.column.name) for name in ENTITIES for one in self.references[name] if one.owner
        }
        with write(database, "Random office", actor=ANA) as uow:
            for name in ENTITIES:
                for _ in range(self.random.randint(3, 5)):
                    self.records[name].append(self._record(uow, name))
            for number, identity in enumerate(self.records["company"]):
                above = self.random.choice([*self.records["company"][:number], None])
                uow.update("company", identity, {"parent_id": above})
            for name in ENTITIES:
                for one in self.references[name]:
                    for _ in range(self.random.randint(0, 3)):
                        self._row(uow, one.table, {one.column.name: self.random.choice(self.records[name])}, one.field)

    def _record(self, uow: UnitOfWork, entity: str) -> int:
        table = uow.table(entity)
        values = {c.name: self._value(uow, table, c) for c in table.columns if c.name in ("name", *_OPTIONAL[entity])}
        values = {name: value for name, value in values.items() if value is not None}
        values.setdefault("name", "Ana")
        if entity == "contact":
            values["lifecycle"] = self.random.choice(["lead", "qualified", "customer"])
        return uow.insert(entity, values)

    def _row(self, uow: UnitOfWork, table: sa.Table, given: dict[str, Any], field: Any = None) -> int | None:
        """A row of any table, with random values in what it may or must say."""
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.name in ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "custom"):
                continue
            if column.name in given and field is None:
                values[column.name] = given[column.name]
            elif not column.nullable and column.server_default is None or self.random.random() < 0.4:
                values[column.name] = self._value(uow, table, column)
        if field is not None:
            values["custom"] = {field.name.removeprefix("custom."): given["custom"]}
        if table.info.get("ordered"):
            first, second = table.info["apart"]
            values[first], values[second] = sorted((values[first], values[second]))
        if table.info.get("apart") and values[table.info["apart"][0]] == values[table.info["apart"][1]]:
            return None
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint) and all(values.get(c.name) for c in constraint.columns):
                same = sa.and_(*(c == values.get(c.name) for c in constraint.columns))
                if uow.connection.execute(sa.select(table.c.id).where(same)).first():
                    return None
        identity = uow.insert(table.name, values)
        self.made.setdefault(table.name, []).append(identity)
        return identity

    def _value(self, uow: UnitOfWork, table: sa.Table, column: sa.Column[Any]) -> Any:
        field = column.info.get("field")
        for key in column.foreign_keys:
            return self._target(uow, key.column.table, table)
        if (table.name, column.name) in self.owners:
            return self.random.choice(self.records["contact"] + self.records["company"])
        if column.name == "entity" or column.name.endswith("_entity"):
            return "contact"
        if field is not None and field.choices:
            return self.random.choice(field.choices).key
        self.number += 1
        kind = column.type
        if isinstance(kind, Units):
            return Decimal(self.random.randint(1, 5))
        if isinstance(kind, JsonType):
            return {"n": self.random.randint(1, 3)}
        if isinstance(kind, Instant):
            return datetime.fromisoformat("2026-03-12T09:48:00+00:00")
        if isinstance(kind, WallTime):
            return datetime.fromisoformat("2026-03-12T09:48:00")
        if isinstance(kind, sa.Date):
            return date(2026, 3, self.random.randint(1, 4))
        if isinstance(kind, sa.Boolean):
            return self.random.random() < 0.5
        if isinstance(kind, sa.Integer | sa.BigInteger):
            return self.random.randint(1, 4)
        if any(
            column.name in {c.name for c in one.columns}
            for one in table.constraints
            if isinstance(one, sa.UniqueConstraint)
        ):
            return f"{self.random.choice(WORDS)} {self.number}"
        return self.random.choice(WORDS)

    def _target(self, uow: UnitOfWork, target: sa.Table, table: sa.Table) -> int | None:
        if target.name in self.records:
            return self.random.choice(self.records[target.name]) if self.records[target.name] else None
        if target is table:
            return None
        known = self.made.get(target.name)
        if known and self.random.random() < 0.7:
            return self.random.choice(known)
        made = None
        while made is None:  # its random key may be taken
            made = self._row(uow, target, {})
        return made

    def merge_some(self) -> list[int]:
        """Merge random groups; returns the change sets."""
        sets = []
        for _ in range(self.random.randint(1, 4)):
            entity = self.random.choice(ENTITIES)
            alive = self.records[entity]
            if len(alive) < 2:
                continue
            group = self.random.sample(alive, self.random.randint(2, min(3, len(alive))))
            values: dict[str, Any] = {}
            with self.database.read() as connection:
                plan = merging.plan_merge(self.database, connection, entity, group)
            for one in plan.differing:
                value = one.values[self.random.choice(group)]
                if self.random.random() < 0.3 and value is not None and not one.fixed:
                    values[one.name] = getattr(value, "id", value)
            values.pop("parent_id", None)
            merging.merge(self.database, ANA, entity, group[0], group[1:], values)
            for gone in group[1:]:
                alive.remove(gone)
            with self.database.read() as connection:
                sets.append(unmerging.merged_records(connection, group[0])[0].change_set_id)
        return sets

    def take_apart(self, sets: list[int]) -> None:
        """Take merges apart in a random legal order; what is not legal is refused and changes nothing."""
        left = list(sets)
        while left:
            one = self.random.choice(left)
            with self.database.read() as connection:
                plan = unmerging.plan_unmerge(self.database, connection, one)
            if plan.first_apart:
                assert {identity for identity, _title in plan.first_apart} <= set(left) - {one}
                with pytest.raises(UserError):
                    unmerging.unmerge(self.database, ANA, one)
                continue
            unmerging.unmerge(self.database, ANA, one)
            left.remove(one)

    def edit_some(self) -> None:
        """Edits of the merged records and of what hangs on them, between the merge and taking it apart."""
        with write(self.database, "Edits", actor=ANA) as uow:
            for entity in ENTITIES:
                for identity in self.records[entity]:
                    if self.random.random() < 0.5:
                        uow.update(entity, identity, {self.random.choice(("notes", "language", "number")): "edited"})
                    for one in self.references[entity]:
                        if self.random.random() < 0.2 and not one.table.info.get("ordered"):
                            self._row(uow, one.table, {one.column.name: identity}, one.field)
                        if self.random.random() < 0.2 and "note" in one.table.columns:
                            uow.update_where(one.table.name, {"note": "edited"}, one.column == identity)


_OPTIONAL = {
    "contact": ("nickname", "job_title", "department", "birthday", "language", "number", "company_id", "notes",
                "do_not_contact", "gender"),
    "company": ("legal_name", "kind", "industry", "employees", "revenue", "language", "number", "notes"),
}  # fmt: skip


def dump(database: Database) -> list[str]:
    """All rows but the notices of colleagues, which follow the winner and are no part of the history."""
    with database.read() as connection:
        return [one for one in lines(connection, database.schema) if not one.startswith('["notification"')]


def prepare(database: Database) -> None:
    """Fields of the office that link to both."""
    with database.read() as connection:
        if custom.custom_fields(database, "deal", connection):
            return
    with write(database, "Fields", actor=ANA) as uow:
        for target in ENTITIES:
            custom.create_custom_field(uow, "deal", f"Their {target}", Kind.LINK, target=target)
            custom.create_custom_field(uow, "contact", f"Known {target}", Kind.LINK, target=target)


def counted(database: Database) -> Iterator[tuple[str, int]]:
    """(table, id) of every row."""
    with database.read() as connection:
        for table in database.schema.data_tables:
            for identity in connection.execute(sa.select(table.c.id)).scalars():
                yield table.name, identity


HYPOTHESIS = settings(
    max_examples=times(3, 12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_kind_of_relation_takes_part(database: Database) -> None:
    prepare(database)
    with database.read() as connection:
        keys = {one.key for name in ENTITIES for one in references_to(database, connection, name)}
    pointing = {
        f"{table.name}.{column.name}"
        for table in database.schema.data_tables for column in table.columns
        if any(key.column.table.name in ENTITIES for key in column.foreign_keys)
        or column.name in (table.info.get("parent"), table.info.get("refers")) and not column.foreign_keys
    }  # fmt: skip
    assert pointing <= keys
    assert {"deal.custom.their_contact", "contact.custom.known_company", "contact_point.owner_id"} <= keys


@HYPOTHESIS
@given(seed=st.integers(0, 2**32))
def test_merge_and_take_apart_leaves_an_identical_dump(database: Database, seed: int) -> None:
    prepare(database)
    world = World(database, seed)
    before = dump(database)
    world.take_apart(world.merge_some())
    after = dump(database)
    assert sorted(set(before) ^ set(after)) == []
    assert after == before


@HYPOTHESIS
@given(seed=st.integers(0, 2**32))
def test_with_edits_between_nothing_is_lost(database: Database, seed: int) -> None:
    prepare(database)
    world = World(database, seed)
    before = set(counted(database))
    sets = world.merge_some()
    world.edit_some()
    edited = set(counted(database))
    world.take_apart(sets)
    after = set(counted(database))
    assert before <= after, "everything from before the merge is there again"
    made_by_merging = {"merge_log", "affiliation"}
    lost = {row for row in edited - after if row[0] not in made_by_merging}
    assert not lost, "what was added since is still there"
    with database.read() as connection:
        alive = set(connection.execute(sa.select(Base.metadata.tables["contact"].c.id)).scalars())
        alive |= set(connection.execute(sa.select(Base.metadata.tables["company"].c.id)).scalars())
        for name in ENTITIES:
            for one in references_to(database, connection, name):
                if one.field is None and one.owner and one.table.name != "merge_log":
                    owners = set(connection.execute(sa.select(one.column)).scalars()) - {None}
                    others = {identity for table, identity in after if table not in ENTITIES}
                    assert owners <= alive | others, f"{one.key} points to nobody"
