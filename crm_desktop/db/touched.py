"""What a change set touched, read from the history: the event that tells it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_desktop.core.events import RecordsChanged
from crm_desktop.db.journal import change, changes_of
from crm_desktop.db.schema import Schema

Change = sa.Row[str, int, int | None, str]
"""(table, id of the row, id of the record it belongs to, operation)"""


def changed_records(
    connection: sa.Connection, schema: Schema, identity: int, origin: str = ""
) -> RecordsChanged | None:
    """The event of a change set, read from the history; None where it changed nothing."""
    return event_of(schema, changes_where(connection, changes_of(connection, identity)), identity, origin)


def changes_where(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> Sequence[Change]:
    """The first changes of a change set: one more than an event can name, where there are so many."""
    columns = (change.c.table_name, change.c.record_id, change.c.parent_id, change.c.op)
    return connection.execute(sa.select(*columns).where(chosen).limit(RecordsChanged.LIMIT + 1)).all()


def event_of(schema: Schema, rows: Sequence[Change], identity: int, origin: str) -> RecordsChanged | None:
    """The event that tells of these changes; None where there are none."""
    if not rows:
        return None
    # a table that says so stands for changes that the history does not tell: an erasure
    if len(rows) > RecordsChanged.LIMIT or any(schema.tells_everything(row[0]) for row in rows):
        return RecordsChanged(change_set=identity, origin=origin, everything=True)
    parts: dict[str, dict[str, set[int]]] = {"I": {}, "U": {}, "D": {}}
    for table, record_id, parent_id, op in rows:
        entity = schema.by_table.get(table)
        if entity is not None:
            parts[op].setdefault(entity.name, set()).add(record_id)
        parent = schema.parents.get(table)
        if parent and parent_id is not None:
            # a row may belong to one of several record types; ids are unique, so the others do no harm
            for name in parent[0]:
                parts["U"].setdefault(name, set()).add(parent_id)
        elif entity is None:
            parts["U"].setdefault(table, set()).add(record_id)
    frozen = {op: {name: frozenset(ids) for name, ids in by.items()} for op, by in parts.items()}
    return RecordsChanged(frozen["I"], frozen["U"], frozen["D"], identity, origin)
