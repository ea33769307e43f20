"""Turning a PostgreSQL database into a locked one, doing it again after a migration, and looking whether it still is.

Three roles of the server are made that nobody can sign in as: ``<database>_owner`` owns all objects, the persons with
the role "owner" may act as it; ``<database>_keeper`` makes logins, nobody may act as it; ``<database>_people`` is
everybody who works here. Every role of the office is one of the server, ``<database>_sales``; every person is a login.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.protection import hidden_columns
from crm_desktop.db.schema import Schema
from crm_desktop.db.trouble import explain_postgres
from crm_desktop.security.access import scoped_types
from crm_desktop.security.defaults import ROLES, rights_of
from crm_desktop.security.postgres import ground, honest, keeper, own_fields, rights, services
from crm_desktop.security.postgres.conditions import Conditions, array, literal
from crm_desktop.security.postgres.names import Names, is_locked, quoted
from crm_desktop.security.postgres.policies import policies


def install_lock(connection: sa.Connection, schema: Schema) -> Names:
    """Lock a database, or put its lock back whole, in the transaction of ``connection``. Returns the names of its roles.

    What others granted by hand is taken away. Who asks must be a superuser, or own the database and be allowed to make
    roles; once the database is locked, a person with the role "owner" is enough.

    Raises:
        UserError: the person may not do this, or a role or login with a needed name is on the server already.
    """
    run = _runner(connection)
    run("SELECT pg_advisory_xact_lock(7230411906)")
    names, first = Names.of(connection), not is_locked(connection)
    if ground.is_maker(connection, names):
        ground.prepare(connection, run, names, keeper_sql(names))
    elif not ground.is_owner(connection, names):
        raise UserError(N_("Only an owner of the office or an administrator of the server can do this."))
    run(f"SET LOCAL ROLE {quoted(names.owner)}")
    run(script(schema, names, first))
    run("RESET ROLE")
    return names


def lock_sql(connection: sa.Connection, schema: Schema) -> str:
    """What :func:`install_lock` would run on a database, as a script for ``psql``; nothing is done.

    Raises:
        UserError: a role with a needed name is on the server already, and is not the office's.
    """
    names, parts, first = Names.of(connection), list[str](), not is_locked(connection)

    def note(text: str) -> None:
        parts.append(text.rstrip().removesuffix(";") + ";")

    ground.prepare(connection, note, names, keeper_sql(names))
    parts += [f"SET LOCAL ROLE {quoted(names.owner)};", script(schema, names, first), "RESET ROLE;"]
    return "\n".join(("\\set ON_ERROR_STOP on", "BEGIN;", *parts, "COMMIT;"))


def take_off(connection: sa.Connection, _schema: Schema) -> None:
    """Before a migration: act as the owner role, and take policies and views away, which would stand in its way.

    Nobody sees the database like this: it happens in the transaction of the migration, and the tables stay closed.

    Raises:
        UserError: the person is no owner.
    """
    if not is_locked(connection):
        return
    names = Names.of(connection)
    if not ground.is_owner(connection, names):
        raise UserError(
            N_(
                "Only an owner can do this. Where this program is newer than the office database, let an owner start it first: it brings the database along."
            )
        )
    run = _runner(connection)
    run(f"SET LOCAL ROLE {quoted(names.owner)}")
    run(ground.CLEAR)


def put_back(connection: sa.Connection, schema: Schema) -> None:
    """After a migration: the lock as this version of the program knows it."""
    if is_locked(connection):
        _runner(connection)("RESET ROLE")
        install_lock(connection, schema)


def _runner(connection: sa.Connection) -> Callable[[str], Any]:
    """Runs several statements in one go, which SQLAlchemy does not."""
    raw: Any = connection.connection.driver_connection

    def run(text: str) -> Any:
        connection.exec_driver_sql("SELECT 1")  # begins the transaction where there is none yet
        try:
            return raw.execute(text)
        except connection.dialect.loaded_dbapi.Error as error:
            friendly = explain_postgres(error, str(connection.engine.url.database))
            if friendly is None:
                raise
            raise friendly from error

    return run


def filled(text: str, names: Names) -> str:
    """SQL with the names of the roles in their places."""
    return (
        text.replace("@owner_text@", literal(names.owner)).replace("@people_text@", literal(names.people))
        .replace("@owners_text@", literal(names.group("owners")))
        .replace("@owner@", quoted(names.owner)).replace("@people@", quoted(names.people))
        .replace("@prefix@", literal(names.prefix))
    )  # fmt: skip


def keeper_sql(names: Names) -> str:
    """The statements that make the functions of the keeper."""
    return filled(keeper.KEEPER, names)


def script(schema: Schema, names: Names, first: bool = False) -> str:
    """All that the owner role does: functions, rows that say what rights mean, policies, grants and logins.

    Args:
        first: the database was not locked before: whoever has one of its roles already has it from another.
    """
    conditions = Conditions(schema)
    parts = [
        ground.CLEAR,
        _TABLES,
        *_forget_merged(schema),
        *_rows(schema, conditions, names),
        filled(rights.ASKED, names),
        filled(rights.RIGHTS, names),
    ]
    parts += [own_fields.ASKED, filled(own_fields.GUARD, names)]
    parts += services.functions(conditions)
    parts += _policies(conditions, names)
    parts += [
        filled(one, names) for one in (honest.MAKER, honest.CONTENTS, honest.NUMBERS, honest.TURNS, honest.IMPORTED)
    ]
    parts += honest.triggers(conditions)
    parts += own_fields.functions(conditions)
    parts += [filled(rights.TRIGGERS, names), *_grants(schema, conditions, names)]
    parts += ["SELECT crm_lock.compile();", "SELECT crm_lock.sync_logins();"]
    parts += [ground.STRANGERS] if first else []
    return "\n".join(parts)


_TABLES = """
CREATE TABLE crm_lock.right_default (role text, entity text, action text, scope text NOT NULL, PRIMARY KEY (role, entity, action));
CREATE TABLE crm_lock.template (table_name text, policy text, reach text NOT NULL, entities text[] NOT NULL,
  sensitive boolean NOT NULL, PRIMARY KEY (table_name, policy));
CREATE TABLE crm_lock.hidden (entity text, table_name text PRIMARY KEY, columns text[] NOT NULL);
CREATE TABLE crm_lock.own (entity text PRIMARY KEY, table_name text NOT NULL);
CREATE TABLE crm_lock.kind (entity text PRIMARY KEY, word text NOT NULL, roots text[] NOT NULL, followed boolean NOT NULL,
  veiled boolean NOT NULL);
"""


def _rows(schema: Schema, conditions: Conditions, names: Names) -> Iterable[str]:
    types = scoped_types(schema)
    rows = [(one.key, *right) for one in ROLES for right in rights_of(one.key, types)]
    yield _insert("right_default", [[literal(cell) for cell in row] for row in rows])
    reaching = [one for one in policies(conditions) if one.reach]
    yield _insert(
        "template",
        [
            [literal(one.table), literal(one.name), literal(one.reach), array(one.entities), str(one.sensitive).lower()]
            for one in reaching
        ],
    )
    hidden = [(name, sorted(hidden_columns(schema, name))) for name in types]
    yield _insert(
        "hidden", [[literal(name), literal(schema.entity(name).table), array(cols)] for name, cols in hidden if cols]
    )
    yield _insert("own", [[literal(name), literal(schema.entity(name).table)] for name in types])
    yield _insert(
        "kind",
        [
            [literal(name), literal(word), array(roots), str(followed).lower(), str(veiled).lower()]
            for name, word, roots, followed, veiled in services.kinds(conditions)
        ],
    )


def _forget_merged(schema: Schema) -> Iterable[str]:
    """What older programs kept of merged records tells no sensitive values, and the history does not say what it told."""
    yield "ALTER TABLE merge_log DISABLE TRIGGER USER;"
    for name in scoped_types(schema):
        if columns := sorted(hidden_columns(schema, name)):
            yield (
                f"UPDATE merge_log SET loser_values = loser_values - {array(columns)} WHERE entity = {literal(name)} "
                f"AND jsonb_typeof(loser_values) = 'object' AND loser_values ?| {array(columns)};"
            )
    yield "ALTER TABLE merge_log ENABLE TRIGGER USER;"


def _insert(table: str, rows: Iterable[list[str]]) -> str:
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"INSERT INTO crm_lock.{table} VALUES {values};" if values else ""


def _policies(conditions: Conditions, names: Names) -> Iterable[str]:
    for name in conditions.rules:
        yield f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY;'
    for one in policies(conditions):
        yield one.sql(quoted(names.owner if one.reach else names.people)) + ";"


def _grants(schema: Schema, conditions: Conditions, names: Names) -> Iterable[str]:
    people, admin = quoted(names.people), quoted(names.group("admin"))
    yield f"SELECT crm_lock.keep_group({literal(names.group('admin'))});"
    open_tables, hidden = [], {}
    for rule in conditions.rules.values():
        columns = hidden_columns(schema, rule.entity) if rule.rule == "record" else frozenset[str]()
        if rule.rule == "record":  # own fields are granted by the rights to sensitive ones
            hidden[rule.table] = columns
        elif rule.table not in ("change", "search_text"):
            open_tables.append(f'"{rule.table}"')
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(open_tables)} TO {people};"
    for table, columns in hidden.items():
        named = [one.name for one in Base.metadata.tables[table].columns if one.name not in columns]
        given = ", ".join(f'"{one}"' for one in named)
        seen = ", ".join(f'"{one}"' for one in named if one != "custom")
        # policies of what hangs on a record ask when its row was made
        yield f'GRANT SELECT ({seen}, xmin), INSERT ({given}), UPDATE ({given}), DELETE ON "{table}" TO {people};'
    yield f"GRANT SELECT ON change, search_text TO {admin}; GRANT SELECT ON change_seen, alembic_version TO {people};"
    yield f"GRANT USAGE ON SCHEMA public TO {people};"
    yield ground.GRANT_SEQUENCES.replace("@people_text@", literal(names.people))
    yield f"GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO {admin};"
    yield ground.GRANT_FUNCTIONS.replace("@people_text@", literal(names.people))
