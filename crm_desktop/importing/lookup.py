"""Questions to the database about many values at once, past SQLAlchemy: one statement, whatever the number of values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.known_values import KnownValues

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
        rows: Any = connection.exec_driver_sql(statement, (given,))
        yield from rows


class Lookup:
    """Asks the database about keys of an import, and leaves out what it cannot hold."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[tuple[str, str, bool], KnownValues] = {}

    def select(
        self, table: str, columns: tuple[str, ...], column: str, values: Collection[Any], where: str = "",
        join: str = "", *, inserts: bool = True,
    ) -> Iterable[tuple[Any, ...]]:  # fmt: skip
        """As :func:`select_in`.

        Args:
            inserts: whether ``where`` lets through what this unit of work has inserted since the first question.
        """
        key = (table, column, inserts)
        if key not in self._known:
            self._known[key] = KnownValues(self._uow, table, column, inserts=inserts)
        asked = self._known[key].possible(set(values))
        return select_in(self._uow.connection, table, columns, column, asked, where, join) if asked else ()


class Capitals:
    """E-mails that are stored with capitals: few, but a question for "ana@example.com" would miss them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[str, set[str]] | None = None

    def spellings(self, folded: Iterable[str]) -> set[str]:
        """The stored spellings with capitals of some folded addresses."""
        if self._known is None:
            self._known = {}
            statement = "SELECT value FROM contact_point WHERE kind = 'email' AND value <> lower(value)"
            self.add(self._uow.connection.exec_driver_sql(statement).scalars())
        known = self._known
        return {spelling for one in folded for spelling in known.get(one, ())} if known else set()

    def add(self, values: Iterable[str]) -> None:
        """Remember addresses that are about to be stored."""
        for value in values:
            folded = fold(value)
            if folded != value and self._known is not None:
                self._known.setdefault(folded, set()).add(value)


def select_all(connection: sa.Connection, table: sa.Table, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Every row of a small table, oldest first."""
    statement = sa.select(*(table.c[name] for name in columns)).order_by(table.c.id)
    rows: Any = connection.execute(statement)
    yield from rows
