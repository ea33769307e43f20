"""Inserting many rows past SQLAlchemy, which costs half of what its own insert does.

The values are brought into the form of the driver column by column where they are at hand, and go to the database in
few large steps: in SQLite many rows to a statement, during which other threads of the program run; in PostgreSQL as the
text of one COPY, or, where policies of the server refuse that, as arrays of one INSERT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, repeat
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.sight import is_locked
from crm_desktop.db.types import JsonType, raw_encoder

_STEPS = (1024, 256, 64, 16, 4, 1)
"""Rows of one INSERT: few sizes, so that the statements stay prepared."""
_ARRAY = 5_000
"""Rows of one INSERT from arrays: more make it no faster, and take memory."""
_VALUES = 32_000
"""The values that SQLite takes in one statement are 32,766."""


@dataclass(frozen=True)
class Packed:
    """Rows of one table as the driver takes them; ``text`` is what COPY reads, where it could be written at once."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    text: bytes | None = None


def pack(
    table: sa.Table, columns: Sequence[str], values: Sequence[Sequence[Any]], engine: sa.Engine | sa.Connection
) -> Packed:
    """Bring columns of Python values, all of one length, into the form of an engine's driver."""
    dialect = engine.dialect.name
    copied = dialect == "postgresql" and not is_locked(engine)
    encoded = []
    for name, column in zip(columns, values, strict=True):
        kind = table.columns[name].type
        encode = raw_encoder(kind, dialect)
        # what is equal in Python may differ in JSON: 1 and true
        encoded.append(_encoded(column, encode, not isinstance(kind, JsonType)) if encode else column)
    text = _copy_text(encoded) if copied else None
    rows = list(zip(*encoded, strict=True)) if text is None else []
    return Packed(table.name, tuple(columns), rows, text)


def pack_plain(table: str, columns: tuple[str, ...], values: Sequence[Sequence[Any]]) -> Packed:
    """Columns of texts and numbers for PostgreSQL, of a table or column that the program has no model of."""
    text = _copy_text(values)
    return Packed(table, columns, list(zip(*values, strict=True)) if text is None else [], text)


def _encoded(values: Sequence[Any], encode: Callable[[Any], Any], remember: bool) -> list[Any]:
    """Most values of an import come again and again: the instant of all rows, birthdays."""
    if not remember:
        return [None if one is None else encode(one) for one in values]
    known: dict[Any, Any] = {None: None}
    return [known[one] if one in known else known.setdefault(one, encode(one)) for one in values]


def insert_packed(connection: sa.Connection, packed: Packed) -> None:
    """Insert packed rows: many to a statement in SQLite, COPY in PostgreSQL."""
    raw = connection.connection.driver_connection
    assert raw is not None
    quoted = ",".join(f'"{name}"' for name in packed.columns)
    if connection.dialect.name == "sqlite":
        _insert(raw, f'INSERT INTO "{packed.table}" ({quoted}) VALUES ', len(packed.columns), packed.rows)
        return
    if is_locked(connection):
        _insert_arrays(connection, packed, quoted)
        return
    with raw.cursor() as cursor, cursor.copy(f'COPY "{packed.table}" ({quoted}) FROM STDIN') as copy:
        if packed.text is not None:
            copy.write(packed.text)
        for row in packed.rows:
            copy.write_row(row)


def _insert_arrays(connection: sa.Connection, packed: Packed, quoted: str) -> None:
    """Each column as one array of its own type: under policies PostgreSQL refuses COPY, and this is nearly as fast."""
    known: dict[str, dict[str, str]] = connection.dialect.__dict__.setdefault("crm_types", {})
    types = known.get(packed.table)
    if types is None:
        sql = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
        found = connection.exec_driver_sql(sql, (f'"{packed.table}"',))
        types = known[packed.table] = {name: kind for name, kind in found}
    arrays = ", ".join(f"%s::{types[name]}[]" for name in packed.columns)
    for start in range(0, len(packed.rows), _ARRAY):
        values = [list(column) for column in zip(*packed.rows[start : start + _ARRAY], strict=True)]
        statement = f'INSERT INTO "{packed.table}" ({quoted}) SELECT * FROM unnest({arrays})'
        connection.exec_driver_sql(statement, tuple(values))


def _insert(raw: Any, head: str, width: int, rows: list[tuple[Any, ...]]) -> None:
    one = f"({','.join('?' * width)})"
    at, size = 0, len(rows)
    for step in _STEPS:
        if step * width > _VALUES or size - at < step:
            continue
        statement = head + ",".join([one] * step)
        while size - at >= step:
            raw.execute(statement, list(chain.from_iterable(rows[at : at + step])))
            at += step


_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _copy_text(columns: Sequence[Sequence[Any]]) -> bytes | None:
    """The rows as COPY reads them; None where a value is of a kind that the driver should write."""
    texts: list[Iterable[str]] = []
    for column in columns:
        kinds = set(map(type, column)) - {type(None)}
        if not kinds:
            texts.append(repeat("\\N", len(column)))
        elif kinds == {str}:
            texts.append(_escaped(column))
        elif kinds == {int}:
            texts.append(["\\N" if one is None else str(one) for one in column])
        elif kinds == {bool}:
            texts.append(["\\N" if one is None else "t" if one else "f" for one in column])
        elif kinds <= {date, datetime}:
            known: dict[Any, str] = {None: "\\N"}
            texts.append([known[one] if one in known else known.setdefault(one, one.isoformat()) for one in column])
        else:
            return None
    lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
    return (lines + "\n").encode() if lines else b""


def _escaped(column: Sequence[str | None]) -> list[str]:
    whole = "".join([one for one in column if one is not None])
    if "\\" in whole or "\n" in whole or "\t" in whole or "\r" in whole:
        return ["\\N" if one is None else one.translate(_ESCAPED) for one in column]
    return ["\\N" if one is None else one for one in column]


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert Python rows past SQLAlchemy's own insert."""
    if rows:
        names = [column.name for column in columns]
        values = list(zip(*rows, strict=True))
        insert_packed(connection, pack(table, names, values, connection))
