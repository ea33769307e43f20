"""Whether the history explains the data: every row has its beginning, no row outlives its end, last values agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import _
from crm_desktop.db.journal import change
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import to_json

_CHUNK = 500


def history_problems(connection: sa.Connection, schema: Schema, sample: int | None) -> list[str]:
    """What does not fit, one sentence each.

    Args:
        sample: how many of the newest edits are compared with their rows; None compares all.
    """
    return [*_unexplained(connection, schema), *_gone(connection, schema), *_undead(connection, schema),
            *_orphans(connection), *_other_values(connection, schema, sample)]  # fmt: skip


def _count(connection: sa.Connection, statement: str) -> int:
    return int(connection.exec_driver_sql(statement).scalar_one())


def _unexplained(connection: sa.Connection, schema: Schema) -> Iterator[str]:
    """Rows that the history never saw being made."""
    for table in schema.tracked_tables:
        count = _count(
            connection,
            f'SELECT count(*) FROM "{table.name}" t WHERE NOT EXISTS (SELECT 1 FROM change c '
            f"WHERE c.record_id = t.id AND c.op = 'I' AND c.table_name = '{table.name}')",
        )
        if count:
            yield _("{name}: {n} without a beginning").format(name=table.name, n=count)


def _gone(connection: sa.Connection, schema: Schema) -> Iterator[str]:
    """Rows that were made, not deleted, and are not there."""
    exists = " ".join(
        f"WHEN '{table.name}' THEN EXISTS (SELECT 1 FROM \"{table.name}\" t WHERE t.id = c.record_id)"
        for table in schema.tracked_tables
    )
    yes = "1 = 1"
    rows = connection.exec_driver_sql(
        "SELECT c.table_name, count(*) FROM change c WHERE c.op = 'I' "
        f"AND NOT CASE c.table_name {exists} ELSE {yes} END "
        "AND NOT EXISTS (SELECT 1 FROM change d WHERE d.record_id = c.record_id AND d.op = 'D' AND d.id > c.id) "
        "GROUP BY c.table_name ORDER BY c.table_name"
    )
    for name, count in rows:
        yield _("{name}: {n} missing that nobody deleted").format(name=name, n=count)


def _undead(connection: sa.Connection, schema: Schema) -> Iterator[str]:
    """Rows whose last change is their deletion."""
    known = {table.name for table in schema.tracked_tables}
    names = connection.exec_driver_sql("SELECT DISTINCT table_name FROM change WHERE op = 'D'").scalars().all()
    for name in sorted(known.intersection(names)):
        count = _count(
            connection,
            f"SELECT count(*) FROM change c JOIN \"{name}\" t ON t.id = c.record_id WHERE c.op = 'D' "
            f"AND c.table_name = '{name}' AND NOT EXISTS "
            "(SELECT 1 FROM change d WHERE d.record_id = c.record_id AND d.id > c.id)",
        )
        if count:
            yield _("{name}: {n} there that were deleted").format(name=name, n=count)


def _orphans(connection: sa.Connection) -> Iterator[str]:
    """Changes whose change set is gone, or that lie outside its range."""
    count = _count(
        connection,
        "SELECT count(*) FROM change c LEFT JOIN change_set s ON s.id = c.change_set_id "
        "WHERE c.change_set_id IS NOT NULL AND (s.id IS NULL OR c.id < s.first_change OR c.id > s.last_change)",
    )
    if count:
        yield _("{name}: {n} outside of their change set").format(name="change", n=count)


def _other_values(connection: sa.Connection, schema: Schema, sample: int | None) -> Iterator[str]:
    """Rows whose values are not the last ones that the history has for them."""
    tables = {table.name: table for table in schema.tracked_tables}
    newest = sa.select(change.c.table_name, change.c.record_id).where(change.c.op == "U").order_by(change.c.id.desc())
    by_table: dict[str, set[int]] = defaultdict(set)
    for name, record_id in connection.execute(newest.limit(sample).execution_options(yield_per=10_000)):
        if name in tables:
            by_table[name].add(record_id)
    for name, ids in sorted(by_table.items()):
        wrong = sum(_differences(connection, tables[name], part) for part in _parts(sorted(ids)))
        if wrong:
            yield _("{name}: {n} with other values than their last edit").format(name=name, n=wrong)


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _differences(connection: sa.Connection, table: sa.Table, ids: list[int]) -> int:
    last: dict[int, dict[str, Any]] = {}
    statement = (
        sa.select(change.c.record_id, change.c.op, change.c.data)
        .where(change.c.record_id.in_(ids), change.c.table_name == table.name)
        .order_by(change.c.id)
    )
    for record_id, op, data in connection.execute(statement):
        if op == "U":
            last.setdefault(record_id, {}).update({name: pair[1] for name, pair in (data or {}).items()})
        else:  # made again or gone: what came before counts no more
            last[record_id] = {}
    wrong = 0
    for row in connection.execute(sa.select(table).where(table.c.id.in_(ids))).mappings():
        known = {name: value for name, value in last.get(row["id"], {}).items() if name in table.columns}
        if any(not _same(to_json(table.columns[name].type, row[name]), value) for name, value in known.items()):
            wrong += 1
    return wrong


def _same(stored: Any, told: Any) -> bool:
    return bool(stored == told) or json.dumps(stored, sort_keys=True) == json.dumps(told, sort_keys=True)
