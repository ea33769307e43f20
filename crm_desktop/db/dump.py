"""The logical dump: every value of the office in one canonical text, equal on both engines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import sqlalchemy as sa

from crm_desktop.db.base import BOOKKEEPING
from crm_desktop.db.schema import JOURNAL, Schema
from crm_desktop.db.types import to_json


def lines(connection: sa.Connection, schema: Schema, *, history: bool = False) -> Iterator[str]:
    """One line of JSON per row: table, id, columns. Ordered by table name and id.

    Left out: who touched a row last and its version (every write moves them), number series, stored file contents
    that nothing points to any more, and (unless asked for) the history.
    """
    tables = [t for t in schema.data_tables if t.name not in ("blob", "blob_part", "number_series")]
    if history:
        tables += list(JOURNAL)
    for table in sorted(tables, key=lambda one: one.name):
        columns = [c for c in table.columns if c.name not in BOOKKEEPING]
        statement = sa.select(*columns).order_by(table.c.id).execution_options(yield_per=5000)
        for row in connection.execute(statement):
            values = {c.name: _plain(to_json(c.type, v)) for c, v in zip(columns, row, strict=True) if v is not None}
            yield json.dumps([table.name, values], ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def digest(connection: sa.Connection, schema: Schema, *, history: bool = False) -> str:
    """The SHA-256 of the dump."""
    total = hashlib.sha256()
    for line in lines(connection, schema, history=history):
        total.update(line.encode())
        total.update(b"\n")
    return total.hexdigest()


def logical_dump(connection: sa.Connection, schema: Schema, *, history: bool = False) -> str:
    """The whole dump as one text; for tests and small databases."""
    return "\n".join(lines(connection, schema, history=history))


def table_digests(
    connection: sa.Connection, schema: Schema, *, without: frozenset[str] = frozenset()
) -> dict[str, tuple[int, str]]:
    """Table name to (rows, SHA-256 of its rows in id order), history and stored files (by their hashes) included.

    Args:
        without: names of tables to leave out.
    """
    result = {}
    for table in (*schema.data_tables, *JOURNAL):
        if table.name in without:
            continue
        columns = [c for c in table.columns if c.name not in BOOKKEEPING and c.name != "content"]
        total, count = hashlib.sha256(), 0
        statement = sa.select(*columns).order_by(table.c.id).execution_options(yield_per=5000)
        for row in connection.execute(statement):
            values = [_plain(to_json(c.type, v)) for c, v in zip(columns, row, strict=True)]
            total.update(json.dumps(values, ensure_ascii=False, sort_keys=True).encode())
            count += 1
        result[table.name] = (count, total.hexdigest())
    return result
