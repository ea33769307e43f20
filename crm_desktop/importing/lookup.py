"""Questions to the database about many values at once, past SQLAlchemy: one statement, whatever the number of values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

_CHUNK = 20_000


def select_in(
    connection: sa.Connection, table: str, columns: tuple[str, ...], column: str, values: Collection[Any], where: str = "",
    join: str = "",
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Rows of ``table`` (alias ``t``) whose ``column`` is one of ``values``, as the driver gives them.

    Args:
        columns: what to select, as SQL over ``t`` and what ``join`` brings.
        values: texts or integers.
        where: a further condition in SQL, without values of its own.
        join: SQL after the table's name.
    """
    chosen = list(values)
    sqlite = connection.dialect.name == "sqlite"
    condition = "IN (SELECT value FROM json_each(?))" if sqlite else "= ANY(%s)"
    more = f" AND {where}" if where else ""
    statement = f'SELECT {", ".join(columns)} FROM "{table}" t {join} WHERE t."{column}" {condition}{more}'
    for start in range(0, len(chosen), _CHUNK):
        part = chosen[start : start + _CHUNK]
        given = json.dumps(part, ensure_ascii=False) if sqlite else part
        yield from connection.exec_driver_sql(statement, (given,))


def select_all(connection: sa.Connection, table: sa.Table, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Every row of a small table, oldest first."""
    statement = sa.select(*(table.c[name] for name in columns)).order_by(table.c.id)
    yield from connection.execute(statement)
