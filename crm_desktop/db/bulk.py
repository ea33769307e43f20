"""Bulk inserts in SQLite: the history of thousands of rows in one statement instead of a trigger for each row.

A row trigger costs more than the row itself, even one whose condition is false. While a large batch of a bulk unit of work
goes in, the insert triggers that only write history and search text are taken out, and the history rows follow in one
INSERT ... SELECT; the search text of bulk units of work is written at their end anyhow. All of it happens inside the
transaction of the unit of work: nobody else ever sees the table without its triggers, and a rollback puts them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from crm_desktop.db.schema import Schema

ENOUGH = 1_000
"""Below so many rows the triggers are faster than taking them out."""
_OURS = ("history_", "search_")


@contextmanager
def history_at_once(
    connection: sa.Connection, table: sa.Table, change_set_id: int, ids: Sequence[int]
) -> Iterator[None]:
    """Insert the rows with these ids inside the block; their history is written at its end."""
    run = connection.exec_driver_sql
    found = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table.name,)).all()
    aside = [(name, sql) for name, sql in found if name.startswith(_OURS) and name.endswith("_insert")]
    for name, _sql in aside:
        run(f'DROP TRIGGER "{name}"')
    try:
        yield
        parent = Schema.parent_column(table)
        parent_sql = f't."{parent}"' if parent else "NULL"
        run(
            "INSERT INTO change(change_set_id, table_name, record_id, parent_id, op) "
            f"SELECT ?, '{table.name}', t.id, {parent_sql}, 'I' FROM json_each(?) j "
            f'JOIN "{table.name}" t ON t.id = j.value',
            (change_set_id, json.dumps(ids)),
        )
    finally:
        raw = connection.connection.driver_connection
        if raw is not None and raw.in_transaction:  # a full disk rolls back at once, and the triggers are there again
            for _name, sql in aside:
                run(sql)
