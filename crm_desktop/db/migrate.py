"""Migrations: one linear Alembic chain; triggers and search index are put back from the specs at the end."""

from __future__ import annotations

import os
from collections.abc import Callable

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db import search, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import MIGRATIONS, Schema

_LOCK = 7_230_411_905  # any number, the same for every copy of the program: two computers don't migrate at once


def _scripts(schema: Schema) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", _join(schema))
    return ScriptDirectory.from_config(config)


def _join(schema: Schema) -> str:
    return os.pathsep.join(str(folder) for folder in schema.migration_folders)


def head(schema: Schema) -> str:
    """The newest revision that this program knows."""
    return _scripts(schema).get_current_head() or ""


def revision(connection: sa.Connection) -> str | None:
    """The revision of an open database; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def state(database: Database) -> str:
    """ "empty", "current", "older", "newer" (made by a newer program) or "foreign" (tables of something else)."""
    scripts = _scripts(database.schema)
    with database.read() as connection:
        current = revision(connection)
        if current is None:
            names = set(sa.inspect(connection).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
            return "foreign" if names else "empty"
    if current == scripts.get_current_head():
        return "current"
    known = {script.revision for script in scripts.walk_revisions()}
    return "older" if current in known else "newer"


def refuse_strangers(database: Database) -> str:
    """The state of a database that this program can use.

    Raises:
        UserError: it was made by a newer program, or it is not ours.
    """
    found = state(database)
    if found == "newer":
        raise UserError(
            N_("{name} was made by a newer version of this program. Install that version to open it; nothing was changed."),
            name=database.name,
        )  # fmt: skip
    if found == "foreign":
        raise UserError(
            N_("{name} holds the tables of another program. Choose an empty database or one of CRM Desktop."),
            name=database.name,
        )
    return found


def migrate(database: Database, before: Callable[[], None] | None = None) -> bool:
    """Bring a database to this program's schema. Returns whether anything was done.

    Args:
        before: called before an existing database is changed, to make a copy.
    """
    found = refuse_strangers(database)
    if found == "current":
        return False
    if found == "older" and before is not None:
        before()
    # a table rebuild with foreign keys on would silently delete child rows
    with database.write_lock, database.engine.connect().execution_options(crm_write=True) as connection:
        if database.sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        try:
            with connection.begin():
                if not database.sqlite:
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                _run(connection, database.schema)
                if database.sqlite:
                    _check_foreign_keys(connection)
        finally:
            if database.sqlite:
                connection.connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
    return True


def _run(connection: sa.Connection, schema: Schema) -> None:
    scripts = _scripts(schema)
    triggers.drop(connection)
    triggers.drop(connection, "search_")
    triggers.drop(connection, "cascade_")
    with EnvironmentContext(
        Config(), scripts, fn=lambda current, _context: scripts._upgrade_revs("head", current)  # type: ignore[arg-type]
    ) as environment:
        environment.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=False
        )
        environment.run_migrations()
    install(connection, schema)


def install(connection: sa.Connection, schema: Schema) -> None:
    """Put triggers, context and search index in place; the index is made anew where it is empty."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT OR IGNORE INTO change_context(id, bulk) VALUES (1, 0)")
    search.install(connection, schema)
    triggers.install(connection, schema)
    if connection.exec_driver_sql("SELECT 1 FROM search_text LIMIT 1").first() is None:
        search.rebuild(connection, schema)


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"Rows without their parents after the migration: {broken[:5]}")
