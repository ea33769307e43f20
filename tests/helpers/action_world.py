"""A random office, and the table of the actions that people do in it, each one small function."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write

WORDS = ("Ana", "Bia", "Caio", "Davi", "Eva", "Padaria Sol", "Oficina", "Mercado", "Curitiba", "Lapa")
AT = datetime(2026, 3, 10, 9, 0)


class Nothing(Exception):
    """There is nothing that this action could be done to."""


@dataclass
class World:
    """An office and the dice that choose in it."""

    database: Database
    dice: random.Random
    folder: Path
    number: int = 0
    backup: str = ""

    def word(self) -> str:
        """A name that no other has."""
        self.number += 1
        return f"{self.dice.choice(WORDS)} {self.number}"

    def some(self, uow: UnitOfWork, table: str, *conditions: str) -> int:
        """The id of a random row."""
        return self.several(uow, table, 1, *conditions)[0]

    def several(self, uow: UnitOfWork, table: str, count: int, *conditions: str) -> list[int]:
        """The ids of random rows."""
        known = Base.metadata.tables[uow.table(table).name]
        statement = sa.select(known.c.id).order_by(known.c.id)
        for one in conditions:
            statement = statement.where(sa.text(one))
        ids = list(uow.connection.execute(statement).scalars())
        if len(ids) < count:
            raise Nothing(table)
        return self.dice.sample(ids, count)

    def one(self, uow: UnitOfWork, table: str, *conditions: str) -> Any:
        """A random row."""
        known = uow.table(table)
        chosen = self.some(uow, table, *conditions)
        return uow.connection.execute(sa.select(known).where(known.c.id == chosen)).mappings().one()


Act = Callable[[World, UnitOfWork], Any]
ACTIONS: dict[str, Act] = {}
WHOLE: dict[str, Callable[[World, Actor], Any]] = {}
"""Those that open units of work of their own."""


def action(name: str) -> Callable[[Act], Act]:
    """Give an action the name under which a failing test tells of it."""

    def known(act: Act) -> Act:
        ACTIONS[name] = act
        return act

    return known


def dump(database: Database) -> list[str]:
    """Every row of the office, without what every write moves.

    Also without what colleagues are told: notices come and go with what they tell of. It is read past SQLAlchemy's types, because the
    tests of undo do it hundreds of times.
    """
    left_out = BOOKKEEPING
    found: list[str] = []
    with database.read() as connection:
        for table in database.schema.data_tables:
            if table.name in ("blob", "blob_part", "number_series", "notification"):
                continue
            names = ", ".join(f'"{one.name}"' for one in table.columns if one.name not in left_out)
            rows = connection.exec_driver_sql(f'SELECT {names} FROM "{table.name}" ORDER BY id')
            found += [f"{table.name} {[_canonical(value) for value in row]}" for row in rows]
    return found


def _canonical(value: Any) -> Any:
    """A value as it is compared: an empty JSON is nothing, and the order of its members says nothing."""
    if value == "null":
        return None
    if isinstance(value, str) and value[:1] == "{":
        return json.dumps(json.loads(value), sort_keys=True) if value.endswith("}") else value
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def differences(before: list[str], after: list[str]) -> str:
    """What one dump says and the other does not, for a failing test."""
    gone, come = set(before) - set(after), set(after) - set(before)
    told = [f"- {one[:600]}" for one in sorted(gone)[:8]] + [f"+ {one[:600]}" for one in sorted(come)[:8]]
    return "\n".join(told)


def do(world: World, name: str, actor: Actor) -> bool:
    """Carry an action out; False where there was nothing to do."""
    try:
        if name in WHOLE:
            WHOLE[name](world, actor)
        else:
            with write(world.database, name, actor=actor) as uow:
                ACTIONS[name](world, uow)
    except Nothing:
        return False
    return True


def every_name() -> Iterator[str]:
    """The names of all actions."""
    yield from ACTIONS
    yield from WHOLE
