"""Whether a copy holds the very rows of a server: both put the values of each column together, and the texts are compared.

The server makes a SHA-256 of the texts where it is, so that its rows need not travel again. Both write a value as SQLite
keeps it: instants in UTC, dates by ISO 8601, yes as 1. Only JSON has no one spelling: its values travel, and are compared
as what they mean.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from crm_desktop.backup import checks
from crm_desktop.db.types import Instant, JsonType, WallTime

Portion = tuple[int, int]


def differing(
    connection: sa.Connection, copy: Path, tables: list[sa.Table], check: Callable[[], object]
) -> list[str]:  # fmt: skip
    """The names of the tables whose rows are not the same in a server's database and in a copy of it.

    Args:
        connection: one whose transaction sees the moment of the copy.
        tables: those to compare; columns that one of both has not got yet are left out.
        check: called every now and then; may raise to stop it.
    """
    with closing(checks.opened(copy)) as raw:
        return [table.name for table in tables if not _same_table(connection, raw, table, check)]


def _same_table(
    connection: sa.Connection, raw: sqlite3.Connection, table: sa.Table, check: Callable[[], object]
) -> bool:  # fmt: skip
    there = {row[1] for row in raw.execute(f'PRAGMA table_info("{table.name}")')}
    columns = [one for one in table.columns if one.name in there and not checks.is_stored(table.name, one.name)]
    rows = raw.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]
    if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() != rows:
        return False
    plain = [one for one in columns if not isinstance(one.type, JsonType)]
    parsed = [one for one in columns if isinstance(one.type, JsonType)]
    for portion in checks.portions(raw, table.name):
        check()
        if _of_server(connection, table, plain, portion) != _of_copy(raw, table, plain, portion):
            return False
        if any(_read(connection, table, one, portion) != _kept(raw, table, one, portion) for one in parsed):
            return False
    return True


def _of_server(
    connection: sa.Connection, table: sa.Table, columns: list[sa.Column[Any]], portion: Portion
) -> list[Any]:  # fmt: skip
    ordered = (
        sa.select(*(_text(one).label(one.name) for one in columns))
        .where(table.c.id >= portion[0], table.c.id < portion[1]).order_by(table.c.id).subquery()
    )  # fmt: skip
    sums = [_sum(ordered.c[one.name]) for one in columns]
    return list(connection.execute(sa.select(sa.func.count(), *sums).select_from(ordered)).one())


def _sum(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    joined = sa.func.string_agg(sa.func.coalesce(column, checks.NOTHING), checks.APART)
    return sa.func.encode(sa.func.sha256(sa.func.convert_to(joined, "UTF8", type_=BYTEA)), "hex")


def _text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A value as SQLite keeps it, as text."""
    if isinstance(column.type, Instant):
        return sa.func.to_char(sa.func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    if isinstance(column.type, WallTime):
        return sa.func.to_char(column, 'YYYY-MM-DD"T"HH24:MI:SS')
    if isinstance(column.type, sa.Date):
        return sa.func.to_char(column, "YYYY-MM-DD")
    if isinstance(column.type, sa.Boolean):
        return sa.cast(sa.cast(column, sa.Integer), sa.Text)
    return sa.cast(column, sa.Text)


def _of_copy(raw: sqlite3.Connection, table: sa.Table, columns: list[sa.Column[Any]], portion: Portion) -> list[Any]:
    count, *texts = checks.texts(raw, table.name, [one.name for one in columns], portion)
    return [count, *(hashlib.sha256(one or b"").hexdigest() for one in texts)]


def _read(connection: sa.Connection, table: sa.Table, column: sa.Column[Any], portion: Portion) -> list[Any]:
    statement = (
        sa.select(table.c.id, sa.cast(column, sa.Text))
        .where(table.c.id >= portion[0], table.c.id < portion[1], column.is_not(None)).order_by(table.c.id)
    )  # fmt: skip
    return list(_meant(connection.execute(statement)))


def _kept(raw: sqlite3.Connection, table: sa.Table, column: sa.Column[Any], portion: Portion) -> list[Any]:
    text = f'SELECT id, CAST("{column.name}" AS TEXT) FROM "{table.name}" NOT INDEXED WHERE id >= ? AND id < ?'
    return list(_meant(raw.execute(f'{text} AND "{column.name}" IS NOT NULL ORDER BY id', portion)))


def _meant(rows: Any) -> Iterator[tuple[int, str]]:
    """JSON in one spelling; nothing where it says null, which is as good as no value."""
    for identity, text in rows:
        value = json.loads(text)
        if value is not None:
            yield identity, json.dumps(value, ensure_ascii=False, sort_keys=True)
