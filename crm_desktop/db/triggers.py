"""History triggers, generated from the tables for both engines.

They write one row of ``change`` per inserted, updated or deleted row, whoever writes it. In SQLite they learn
the change set from ``change_context``; in PostgreSQL from the transaction-local setting ``crm.change_set``.
Row triggers in SQLite; statement triggers with transition tables in PostgreSQL, which cost a tenth there.
"""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.schema import Schema
from crm_desktop.db.types import JsonType, postgres_json

_CHUNK = 50  # SQLite functions take at most 127 arguments; older builds 100
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
_OUTSIDE = f"CASE WHEN change_set_id IS NULL THEN {_NOW} END"
_PG_CONTEXT = "NULLIF(current_setting('crm.change_set', true), '')::bigint"


def _q(name: str) -> str:
    return f'"{name}"'


def _sqlite_value(column: sa.Column[object], row: str) -> str:
    name = f"{row}.{_q(column.name)}"
    return f"json({name})" if isinstance(column.type, JsonType) else name


def _sqlite_object(pairs: list[tuple[str, str]]) -> str:
    """A JSON object of (key, SQL) pairs, in chunks that respect SQLite's argument limit."""
    chunks = [pairs[i : i + _CHUNK] for i in range(0, len(pairs), _CHUNK)]
    objects = ["json_object(" + ",".join(f"'{key}',{sql}" for key, sql in chunk) + ")" for chunk in chunks]
    result = objects[0]
    for following in objects[1:]:
        # json_patch would drop null members of the second object, so the objects are glued as text
        result = f"json(rtrim({result},'}}') || ',' || ltrim({following},'{{'))"
    return result


def sqlite_triggers(table: sa.Table) -> list[str]:
    """The three history triggers of a table in SQLite."""
    columns = Schema.tracked_columns(table)
    parent = Schema.parent_column(table)

    def insert(row: str, op: str, data: str) -> str:
        parent_sql = f"{row}.{_q(parent)}" if parent else "NULL"
        return (
            "INSERT INTO change(change_set_id,table_name,record_id,parent_id,op,data,at) SELECT "
            f"change_set_id,'{table.name}',{row}.id,{parent_sql},'{op}',{data},{_OUTSIDE} FROM change_context;"
        )

    changed = " OR ".join(f"OLD.{_q(c.name)} IS NOT NEW.{_q(c.name)}" for c in columns)
    deltas = [
        (
            c.name,
            f"json(CASE WHEN OLD.{_q(c.name)} IS NOT NEW.{_q(c.name)} "
            f"THEN json_array({_sqlite_value(c, 'OLD')},{_sqlite_value(c, 'NEW')}) END)",
        )
        for c in columns
    ]
    chunks = [deltas[i : i + _CHUNK] for i in range(0, len(deltas), _CHUNK)]
    delta = "'{}'"
    for chunk in chunks:
        # json_patch drops the null members: only the changed columns stay
        delta = f"json_patch({delta}, json_object({','.join(f'{chr(39)}{k}{chr(39)},{v}' for k, v in chunk)}))"
    old = _sqlite_object([(c.name, _sqlite_value(c, "OLD")) for c in columns])
    name = table.name
    return [
        f'CREATE TRIGGER "history_{name}_insert" AFTER INSERT ON "{name}" BEGIN {insert("NEW", "I", "NULL")} END',
        f'CREATE TRIGGER "history_{name}_update" AFTER UPDATE ON "{name}" WHEN {changed} '
        f"BEGIN {insert('NEW', 'U', delta)} END",
        f'CREATE TRIGGER "history_{name}_delete" AFTER DELETE ON "{name}" BEGIN {insert("OLD", "D", old)} END',
    ]


def postgres_triggers(table: sa.Table) -> list[str]:
    """The history functions and triggers of a table in PostgreSQL."""
    columns = Schema.tracked_columns(table)
    parent = Schema.parent_column(table)
    name = table.name
    head = "INSERT INTO change(change_set_id,table_name,record_id,parent_id,op,data,at,user_name) "
    outside = f"CASE WHEN {_PG_CONTEXT} IS NULL THEN date_trunc('milliseconds', now()) END, session_user"

    def select(row: str, op: str, data: str, source: str) -> str:
        parent_sql = f"{row}.{_q(parent)}" if parent else "NULL"
        return f"{head} SELECT {_PG_CONTEXT},'{name}',{row}.id,{parent_sql},'{op}',{data},{outside} FROM {source}"

    def value(column: sa.Column[object], row: str) -> str:
        return postgres_json(column.type, f"{row}.{_q(column.name)}")

    pairs = ",".join(
        f"('{c.name}', CASE WHEN o.{_q(c.name)} IS DISTINCT FROM n.{_q(c.name)} "
        f"THEN jsonb_build_array({value(c, 'o')},{value(c, 'n')}) END)"
        for c in columns
    )
    delta = f"(SELECT jsonb_object_agg(k, v) FROM (VALUES {pairs}) AS t(k, v) WHERE v IS NOT NULL)"
    # jsonb_build_object takes at most 100 arguments
    chunks = [columns[i : i + 45] for i in range(0, len(columns), 45)]
    old = " || ".join(
        "jsonb_build_object(" + ",".join(f"'{c.name}',{value(c, 'o')}" for c in chunk) + ")" for chunk in chunks
    )
    bodies = {
        "insert": (select("n", "I", "NULL", "new_rows n"), "NEW TABLE AS new_rows"),
        "update": (
            select("n", "U", "d.data", f"new_rows n JOIN old_rows o ON o.id = n.id, LATERAL (SELECT {delta} AS data) d")
            + " WHERE d.data IS NOT NULL",
            "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        ),
        "delete": (select("o", "D", old, "old_rows o"), "OLD TABLE AS old_rows"),
    }
    statements = []
    for event, (body, tables) in bodies.items():
        statements.append(
            f'CREATE OR REPLACE FUNCTION "history_{name}_{event}"() RETURNS trigger LANGUAGE plpgsql '
            f"SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN {body}; "
            f"PERFORM pg_notify('crm_change', coalesce(current_setting('crm.change_set', true), '') || ':{name}'); "
            "RETURN NULL; END $$"
        )
        statements.append(
            f'CREATE TRIGGER "history_{name}_{event}" AFTER {event.upper()} ON "{name}" '
            f'REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION "history_{name}_{event}"()'
        )
    return statements


def cascade_triggers(schema: Schema, sqlite: bool) -> list[str]:
    """Triggers that delete what hangs on a record without a foreign key (tags, notes, contact points)."""
    result = []
    for name, owned in schema.owned.items():
        if not owned:
            continue
        table = schema.entities[name].table
        if sqlite:
            body = " ".join(f'DELETE FROM "{child}" WHERE "{column}" = OLD.id;' for child, column in owned)
            result.append(f'CREATE TRIGGER "cascade_{name}" AFTER DELETE ON "{table}" BEGIN {body} END')
            continue
        body = " ".join(
            f'DELETE FROM "{child}" WHERE "{column}" IN (SELECT id FROM old_rows);' for child, column in owned
        )
        result.append(
            f'CREATE OR REPLACE FUNCTION "cascade_{name}"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
            "SET search_path = public, pg_temp AS $$ BEGIN IF EXISTS (SELECT FROM old_rows) "
            f"THEN {body} END IF; RETURN NULL; END $$"
        )
        result.append(
            f'CREATE TRIGGER "cascade_{name}" AFTER DELETE ON "{table}" REFERENCING OLD TABLE AS old_rows '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "cascade_{name}"()'
        )
    return result


def expected(schema: Schema) -> set[str]:
    """The names of every history trigger that must be there."""
    return {f"history_{t.name}_{event}" for t in schema.tracked_tables for event in ("insert", "update", "delete")}


def install(connection: sa.Connection, schema: Schema) -> None:
    """Drop and create every history trigger."""
    sqlite = connection.dialect.name == "sqlite"
    drop(connection)
    drop(connection, "cascade_")
    for statement in cascade_triggers(schema, sqlite):
        connection.exec_driver_sql(statement)
    for table in schema.tracked_tables:
        for statement in sqlite_triggers(table) if sqlite else postgres_triggers(table):
            connection.exec_driver_sql(statement)


def installed(connection: sa.Connection) -> dict[str, str]:
    """Names of the triggers in the database and, in SQLite, their SQL, else their function's source."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    else:
        rows = connection.exec_driver_sql(
            "SELECT t.tgname, p.prosrc || t.tgenabled::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND s.nspname = current_schema()"
        )
    return {name: sql for name, sql in rows}


def drop(connection: sa.Connection, prefix: str = "history_") -> None:
    """Drop every trigger whose name starts with ``prefix``."""
    if connection.dialect.name == "sqlite":
        for name in installed(connection):
            if name.startswith(prefix):
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace s ON s.oid = c.relnamespace WHERE NOT t.tgisinternal AND s.nspname = current_schema()"
    ).all()
    for name, table in rows:
        if name.startswith(prefix):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')
