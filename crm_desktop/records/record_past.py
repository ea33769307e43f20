"""The history of one record as a table of single fields, and the record as it was after any of its changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone
from crm_desktop.core.i18n import translate
from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change
from crm_desktop.db.types import to_json
from crm_desktop.records import changes, history
from crm_desktop.records.changes import RowChange


@dataclass(frozen=True)
class PastRow:
    """A row of a record's history: what happened, by whom, when, and in which change set."""

    row: RowChange
    change_set_id: int | None
    title: str
    who: str
    at: datetime | None


def record_rows(
    database: Database, connection: sa.Connection, entity: str, record_id: int, *, limit: int = 200, before: int | None = None
) -> list[PastRow]:  # fmt: skip
    """What happened to a record and to what hangs on it, the newest first.

    Args:
        before: only changes older than this one (the next page).
    """
    entries = history.record_history(database, connection, entity, record_id, limit=limit, before=before)
    known = {one.id: one for one in entries}
    rows = connection.execute(sa.select(change).where(change.c.id.in_(list(known)))).mappings().all()
    told = changes.tell_rows(database, connection, rows)
    found = [
        PastRow(one, known[one.id].change_set_id, known[one.id].title, known[one.id].user_name, known[one.id].at)
        for one in told
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.row.id)


def record_after(
    database: Database, connection: sa.Connection, entity: str, record_id: int, change_id: int
) -> list[RowChange]:  # fmt: skip
    """A record and its parts as they were just after one of its changes; the values stand in ``old`` of the fields.

    Raises:
        RecordGone: it is not there now; look at it in "Recently deleted".
    """
    spec = database.schema.entity(entity)
    tables = {spec.table: "id"} | {child.table: child.parent_column for child in spec.children}
    state: dict[tuple[str, int], dict[str, Any]] = {}
    for name, column in tables.items():
        table = Base.metadata.tables[name]
        wanted = sa.select(table).where(table.c[column] == record_id).order_by(table.c.id)
        for row in connection.execute(wanted).mappings():
            state[(name, row["id"])] = {
                c.name: to_json(c.type, row[c.name]) for c in table.columns if c.name not in BOOKKEEPING
            }
    if (spec.table, record_id) not in state:
        raise RecordGone(entity, record_id)
    _walk_back(connection, state, tables, record_id, change_id)
    rows: list[Any] = [
        {"id": at, "table_name": name, "record_id": identity, "parent_id": record_id, "op": "D", "data": values}
        for at, ((name, identity), values) in enumerate(state.items())
    ]  # fmt: skip
    return changes.tell_rows(database, connection, rows)


def _walk_back(
    connection: sa.Connection, state: dict[tuple[str, int], dict[str, Any]], tables: dict[str, str], record_id: int, until: int
) -> None:  # fmt: skip
    own = (change.c.record_id == record_id) | (change.c.parent_id == record_id)
    newer = (
        sa.select(change.c.table_name, change.c.record_id, change.c.op, change.c.data)
        .where(own, change.c.id > until, change.c.table_name.in_(tables)).order_by(change.c.id.desc())
    )  # fmt: skip
    for name, identity, op, data in connection.execute(newer):
        key = (name, identity)
        if op == "I":
            state.pop(key, None)
        elif op == "D":
            state[key] = dict(data or {})
        elif key in state:
            state[key] |= {column: pair[0] for column, pair in (data or {}).items()}


def labels_of(rows: Sequence[RowChange]) -> list[tuple[str, str, Any]]:
    """(part, field, what was said) of rows, in the language in use; for tests and plain lists."""
    return [
        (translate(row.part) if row.part else "", translate(told.label), told.old)
        for row in rows
        for told in row.fields
    ]
