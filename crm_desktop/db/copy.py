"""One function that copies a whole database between any two engines: backup, restore, moving to the office and back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate, search, triggers
from crm_desktop.db.database import Database
from crm_desktop.db.rows import insert_rows
from crm_desktop.db.schema import JOURNAL

_BATCH = 5_000
_FEW = {"blob": 1, "blob_part": 8}
"""Rows at a time of tables with long rows: a part has a megabyte, and a content stored whole may have hundreds."""


def copy_database(
    source: Database, target: Database, progress: Progress | None = None, *, reading: sa.Connection | None = None,
    allow_older: bool = False,
) -> dict[str, int]:  # fmt: skip
    """Copy every table of ``source`` into ``target``, history included, with the same ids.

    The target must be empty or freshly migrated. It is filled in one transaction: cancelled or failed, it is as before.
    Foreign keys are checked and the search index is made at the end.

    Args:
        reading: an open connection to the source, whose transaction is read; one of its own where None.
        allow_older: also copy a source that this program has not migrated yet, as it is before a migration: a new
            target gets the source's own revision, so that the older program can use it.

    Returns:
        Table name to the number of rows copied.

    Raises:
        UserError: the target holds data already, or the source was made by a newer program.
        Cancelled: the user stopped it.
    """
    progress = progress or Progress()
    older = migrate.refuse_strangers(source) != "current"
    if older and not allow_older:
        raise UserError(N_("Bring {name} to this version of the program first, by opening it."), name=source.name)
    if older:
        with source.read_all() as connection:
            migrate.migrate_to(target, migrate.revision(connection) or "")
    else:
        migrate.migrate(target)
    with ExitStack() as stack:
        if reading is None:
            reading = stack.enter_context(source.read_all())
        writing = stack.enter_context(target.begin())
        known = _columns_of(reading)
        wanted = known.keys() - unreadable(source, reading)
        tables = [table for table in (*source.schema.data_tables, *JOURNAL) if table.name in wanted]
        _refuse_filled(target, writing, tables)
        total = sum(int(reading.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()) for t in tables)
        progress.update(0, total)
        for prefix in ("history_", "search_", "cascade_"):
            triggers.drop(writing, prefix)
        if target.sqlite:
            writing.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            writing.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        counts = {t.name: _copy_table(reading, writing, t, known[t.name], progress) for t in tables}
        if not target.sqlite:
            writing.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('change', 'id'), "
                "coalesce((SELECT max(id) FROM change), 0) + 1, false)"
            )
        progress.check()
        if not older:  # the program of an older database makes them from what it knows
            search.rebuild(writing, target.schema)
            search.install(writing, target.schema)
            triggers.install(writing, target.schema)
    target.forget()
    return counts


def unreadable(source: Database, connection: sa.Connection) -> frozenset[str]:
    """The tables with secrets of sign-in that a server shows to nobody; a copy does without them."""
    if source.sqlite:
        return frozenset()
    secret = [table.name for table in source.schema.data_tables if table.info.get("rights") == "secret"]
    # an older database may lack the table, and then there is nothing to read
    may = sa.text("SELECT coalesce(has_table_privilege(to_regclass(:name), 'SELECT'), true)")
    return frozenset(name for name in secret if not connection.execute(may, {"name": name}).scalar())


def _refuse_filled(target: Database, connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    for table in tables:
        if table in JOURNAL:
            continue
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise UserError(
                N_("{name} holds data already. Choose an empty database, so that nothing is overwritten."),
                name=target.name,
            )
    for table in reversed(JOURNAL):
        connection.execute(table.delete())


def _columns_of(connection: sa.Connection) -> dict[str, set[str]]:
    """The tables of a database and the names of their columns."""
    inspector = sa.inspect(connection)
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}


def _copy_table(
    reading: sa.Connection, writing: sa.Connection, table: sa.Table, known: set[str], progress: Progress
) -> int:  # fmt: skip
    columns = [column for column in table.columns if column.name in known]
    size = _FEW.get(table.name, _BATCH)
    statement = sa.select(*columns).order_by(table.c.id).execution_options(yield_per=size)
    rows = iter(reading.execute(statement))
    count = 0
    while batch := list(islice(rows, size)):
        insert_rows(writing, table, columns, batch)
        count += len(batch)
        progress.update(progress.state.done + len(batch))
    return count
