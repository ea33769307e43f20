"""Conditions on thousands of ids at once: one parameter, however many, so that the statement stays the same and prepared."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

MANY = 10_000
"""So many ids are asked for by one statement."""


def among(connection: sa.Connection, column: sa.ColumnElement[Any], ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The condition that an integer column holds one of some ids; the connection says for which engine."""
    if connection.dialect.name == "sqlite":
        given = sa.func.json_each(json.dumps(list(ids))).table_valued(sa.column("value", sa.BigInteger))
        return column.in_(sa.select(given.c.value))
    array = sa.bindparam(None, list(ids), type_=sa.ARRAY(sa.BigInteger), unique=True)
    return column == sa.any_(array)


def parts(ids: Collection[int], size: int = MANY) -> Iterator[list[int]]:
    """Ids in order, in portions that one statement asks for."""
    every = sorted(ids)
    return (every[start : start + size] for start in range(0, len(every), size))


def there(connection: sa.Connection, table: sa.Table, ids: Collection[int]) -> set[int]:
    """Which of some ids are rows of a table."""
    found: set[int] = set()
    for part in parts(ids):
        found.update(connection.execute(sa.select(table.c.id).where(among(connection, table.c.id, part))).scalars())
    return found
