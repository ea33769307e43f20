"""Offices as older programs left them: a database of each released revision, with rows in every table of that time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.db import migrate, triggers
from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.database import Database
from crm_desktop.db.rows import insert_rows
from crm_desktop.db.schema import JOURNAL
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.demo.make import make_demo
from crm_desktop.doctor import check
from crm_desktop.records import history, service
from crm_desktop.records.files_service import attach_bytes

_RELEASED = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
REVISIONS = tuple(one for one in _RELEASED if one < migrate.head(features.schema()))
"""Every revision that people may have; see ``crm_desktop/db/migrations``."""
EDITED, DELETED = "Older edit", "Older deletion"
"""Titles of two change sets that can be undone after an upgrade."""
OLD_NAME, NEW_NAME = "Zenaide Antes", "Zenaide Depois"
_ANA = Actor(None, "Ana")
_AT = datetime(2026, 1, 2, tzinfo=UTC)


@lru_cache(maxsize=1)
def _full_office() -> str:
    """The path of a file of today's program that has rows in every table; made once per process."""
    path = str(Path(tempfile.mkdtemp(prefix="torture-old-")) / "full.crm")
    database = Database(path, features.schema())
    migrate.migrate(database)
    make_demo(database, 25)
    _fill(database)
    with database.read_all() as connection:
        empty = [
            table.name
            for table in database.schema.data_tables
            if connection.execute(sa.select(table.c.id).limit(1)).first() is None
        ]
    database.close()
    assert not empty, f"give these tables a row in {__file__}: {empty}"
    return path


def _fill(database: Database) -> None:
    """Rows for the tables that a sample office leaves empty, an edit and a deletion."""
    with write(database, "Begin", actor=_ANA) as uow:
        one = service.create_record(uow, "contact", {"name": OLD_NAME, "mobile": "41 95550-0101", "city": "Lapa"})
        gone = service.create_record(uow, "contact", {"name": "Gone Again", "email": "gone@x.example"})
        first = uow.connection.exec_driver_sql("SELECT min(id) FROM contact").scalar_one()
        user = uow.insert("user", {"name": "Left", "login": "left", "role": "sales", "active": False})
        attach_bytes(uow, "contact", one, "large.bin", os.urandom(1_300_000))
        note = uow.connection.exec_driver_sql("SELECT min(id) FROM note").scalar_one()
        for name, values in _ROWS.items():
            given = {"one": one, "two": first, "user": user, "note": note, "at": _AT}
            row = {
                column: given.get(value, value) if isinstance(value, str) else value for column, value in values.items()
            }
            if name == "not_duplicate":
                row |= {"first_id": min(one, first), "second_id": max(one, first)}
            uow.insert(name, row)
    with write(database, EDITED, actor=_ANA) as uow:
        service.update_record(uow, "contact", one, {"name": NEW_NAME, "city": "Sé"})
    with write(database, DELETED, actor=_ANA) as uow:
        service.delete_records(uow, "contact", [gone])


_ROWS: dict[str, dict[str, Any]] = {
    "duplicate_rule": {"entity": "contact", "moment": "scan", "name": "Rule", "comparisons": []},
    "erasure": {"entity": "contact", "record_id": 4711, "reason": "asked", "counts": {}},
    "external_id": {"entity": "contact", "record_id": "one", "source": "erp", "value": "00017"},
    "form_layout": {"entity": "product", "sections": [], "hidden": [], "rules": []},
    "identifier": {"owner_id": "one", "kind": "rg", "value": "12.345.678-9"},
    "import_batch": {"file_name": "a.csv", "entity": "contact", "state": "done", "rows": 1},
    "import_recipe": {"name": "ERP", "fingerprint": "x", "content": {}},
    "merge_log": {"entity": "contact", "winner_id": "one", "loser_id": 4712, "loser_values": {}, "counts": {}},
    "not_duplicate": {"entity": "contact"},
    "quality_sample": {"entity": "contact", "day": _AT.date(), "measures": {}},
    "role": {"key": "trainee", "name": "Trainee"},
    "role_right": {"role": "trainee", "entity": "contact", "action": "read", "scope": "all"},
    "mention": {"note_id": "note", "user_id": "user"},
    "notification": {"user_id": "user", "kind": "assigned", "at": "at"},
    "user_secret": {"user_id": "user", "password_hash": "x"},
}


def build(target: str, revision: str) -> None:
    """Make the empty database at a path or address one that a program of ``revision`` left."""
    with contextlib.closing(sqlite3.connect(_full_office())) as settled:
        settled.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    schema = features.schema()
    source, goal = Database(_full_office(), schema), Database(target, schema)
    try:
        migrate.migrate_to(goal, revision)
        with source.read_all() as reading, goal.begin() as writing:
            if goal.sqlite:
                writing.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            old = _old_tables(writing)
            for table in (*schema.data_tables, *JOURNAL):
                if table.name in old:
                    columns = [column for column in table.columns if column.name in old[table.name]]
                    insert_rows(writing, table, columns, list(_rows(reading, table, columns, old)))
            if goal.sqlite:
                writing.exec_driver_sql("INSERT OR IGNORE INTO change_context(id, bulk) VALUES (1, 0)")
            else:
                writing.exec_driver_sql(
                    "SELECT setval(pg_get_serial_sequence('change', 'id'), (SELECT max(id) FROM change) + 1, false)"
                )
            _old_triggers(writing, old)
        if goal.sqlite:
            with contextlib.closing(goal.engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
        goal.close()


def _old_tables(connection: sa.Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(connection)
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}


def _rows(
    reading: sa.Connection, table: sa.Table, columns: list[sa.Column[Any]], old: dict[str, set[str]]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as that time knew them: nothing speaks of what came later."""
    names = [column.name for column in columns]
    for row in reading.execute(sa.select(*columns).order_by(table.c.id)):
        values = list(row)
        if table.name == "change":
            told = row._mapping
            if told["table_name"] not in old:
                continue
            if told["data"]:
                known = old[told["table_name"]]
                values[names.index("data")] = {key: value for key, value in told["data"].items() if key in known}
        if table.name == "blob" and "blob_part" not in old and not row._mapping["content"]:
            parts = reading.exec_driver_sql(
                "SELECT content FROM blob_part WHERE blob_id = ? ORDER BY number", (row._mapping["id"],)
            )
            values[names.index("content")] = b"".join(part for (part,) in parts)
        yield tuple(values)


def _old_triggers(connection: sa.Connection, old: dict[str, set[str]]) -> None:
    """History triggers of that time: they know its columns only."""
    sqlite = connection.dialect.name == "sqlite"
    for table in features.schema().tracked_tables:
        if table.name not in old:
            continue
        columns = [column._copy() for column in table.columns if column.name in old[table.name]]
        past = sa.Table(table.name, sa.MetaData(), *columns, info=table.info)
        for statement in triggers.sqlite_triggers(past) if sqlite else triggers.postgres_triggers(past):
            connection.exec_driver_sql(statement)


def raw_state(target: str) -> str:
    """Everything that an older program could see in its database: schema, triggers and rows, as one hash."""
    database = Database(target, features.schema())
    total = hashlib.sha256()
    try:
        with database.read_all() as connection:
            for name, columns in sorted(_old_tables(connection).items()):
                if name.startswith(("search_fts", "sqlite_")):
                    continue
                chosen = ", ".join(f'"{column}"' for column in sorted(columns))
                total.update(f"{name} {chosen}".encode())
                order = "id" if "id" in columns else chosen
                for row in connection.exec_driver_sql(f'SELECT {chosen} FROM "{name}" ORDER BY {order}'):
                    total.update(repr(tuple(row)).encode())
            total.update(repr(sorted(triggers.installed(connection).items())).encode())
    finally:
        database.close()
    return total.hexdigest()


def expected_rows(revision: str) -> dict[str, list[tuple[Any, ...]]]:
    """What must be in every table after an upgrade: (id, then the columns of that time) per row."""
    with tempfile.TemporaryDirectory(prefix="torture-old-") as folder:
        path = str(Path(folder) / "old.crm")
        build(path, revision)
        database = Database(path, features.schema())
        try:
            with database.read_all() as connection:
                old = _old_tables(connection)
            return rows_now(database, old)
        finally:
            database.close()


def rows_now(database: Database, old: dict[str, set[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the tables and columns that ``old`` names."""
    result = {}
    with database.read_all() as connection:
        for table in (*database.schema.data_tables, *JOURNAL):
            if table.name in old and table.name not in ("blob", "blob_part"):
                columns = [
                    column for column in table.columns if column.name in old[table.name] - BOOKKEEPING | {"id"}
                ]  # fmt: skip
                rows = connection.execute(sa.select(*columns).order_by(table.c.id))
                result[table.name] = [tuple(row) for row in rows]
    return result


def old_columns(target: str) -> dict[str, set[str]]:
    """The tables of a database and their columns."""
    database = Database(target, features.schema())
    try:
        with database.read_all() as connection:
            return _old_tables(connection)
    finally:
        database.close()


def examine(database: Database) -> None:
    """An upgraded office is whole, and what was done before the upgrade can be undone."""
    wrong = [finding.detail for finding in check(database, full=True) if not finding.ok]
    assert not wrong, wrong
    with database.read() as connection:
        sets = {row.title: row.id for row in history.recent(connection, limit=500)}
    for title in (EDITED, DELETED):
        history.undo(database, sets[title], _ANA)
    contact = Base.metadata.tables["contact"]
    with database.read() as connection:
        names = set(connection.execute(sa.select(contact.c.name)).scalars())
    assert OLD_NAME in names and NEW_NAME not in names and "Gone Again" in names, sorted(names)
    wrong = [finding.detail for finding in check(database, full=True) if not finding.ok]
    assert not wrong, wrong
