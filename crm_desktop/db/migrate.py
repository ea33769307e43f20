"""Migrations: one linear Alembic chain; triggers and search index are put back from the specs at the end."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core.errors import NewerOffice, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db import hidden_server, search, search_server, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.parts import refuse_incomplete
from crm_desktop.db.schema import MIGRATIONS, Schema

_LOCK = 7_230_411_905  # any number, the same for every copy of the program: two computers don't migrate at once


_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=[ ]*(?:["']([^"'\n]*)["']|None)""", re.MULTILINE)


@lru_cache(maxsize=8)
def _chain(folders: tuple[Path, ...]) -> tuple[str, frozenset[str]]:
    """The newest revision and all of them, read from the files: Alembic takes 0.2 s, which a start can do without."""
    known: set[str] = set()
    replaced: set[str] = set()
    for folder in folders:
        for path in folder.glob("*.py"):
            for kind, value in _REVISION.findall(path.read_text(encoding="utf-8")):
                if value:
                    (known if kind == "revision" else replaced).add(value)
    heads = known - replaced
    if len(heads) > 1:
        raise RuntimeError(f"Migrations branch: {sorted(heads)}")
    return next(iter(heads), ""), frozenset(known)


def head(schema: Schema) -> str:
    """The newest revision that this program knows."""
    return _chain(schema.migration_folders)[0]


def revision(connection: sa.Connection) -> str | None:
    """The revision of an open database; None where it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def state(database: Database) -> str:
    """ "empty", "current", "older", "newer" (made by a newer program) or "foreign" (tables of something else)."""
    with database.read_all() as connection:
        current = revision(connection)
        if current is None:
            names = set(sa.inspect(connection).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
            return "foreign" if names else "empty"
    return standing(current, database.schema)


def standing(current: str | None, schema: Schema) -> str:
    """How a revision stands to this program: "current", "older" or "newer"."""
    newest, known = _chain(schema.migration_folders)
    if current == newest:
        return "current"
    return "older" if current in known else "newer"


def refuse_strangers(database: Database) -> str:
    """The state of a database that this program can use.

    Raises:
        NewerOffice: it was made by a newer program.
        UserError: it is not ours, or it lacks parts of its revision.
    """
    found = state(database)
    if found == "newer":
        raise NewerOffice(
            N_("{name} was made by a newer version of this program. Install that version; nothing was changed."),
            name=database.name,
        )  # fmt: skip
    if found == "foreign":
        raise UserError(
            N_("{name} holds the tables of another program. Choose an empty database or one of CRM Desktop."),
            name=database.name,
        )
    if found == "current":
        with database.read_all() as connection:
            refuse_incomplete(connection, database.schema, database.name)
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
    with (
        translated_errors(database),
        database.write_lock,
        database.engine.connect().execution_options(crm_write=True) as connection,
    ):
        if database.sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.sqlite:
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                if revision(connection) == head(database.schema):
                    return False  # another computer did it while this one waited, or made its copy
                lock = None if database.sqlite else database.schema.lock
                if lock is not None:
                    lock[0](connection, database.schema)
                _run(connection, database.schema, database.name)
                if lock is not None:
                    lock[1](connection, database.schema)
                if database.sqlite:
                    _check_foreign_keys(connection)
        finally:
            if database.sqlite:
                connection.connection.execute("PRAGMA foreign_keys=ON")
    return True


def migrate_to(database: Database, goal: str) -> None:
    """Give an empty database the tables of an older revision, without triggers and search index: a copy for a program
    of that time, which makes those itself.

    Raises:
        UserError: it is not empty.
    """
    if state(database) != "empty":
        raise UserError(
            N_("{name} holds data already. Choose an empty database, so that nothing is overwritten."),
            name=database.name,
        )
    with database.begin() as connection:
        _upgrade(connection, database.schema, goal)


def _run(connection: sa.Connection, schema: Schema, name: str) -> None:
    triggers.drop(connection)
    triggers.drop(connection, "search_")
    triggers.drop(connection, "cascade_")
    _upgrade(connection, schema, "head")
    refuse_incomplete(connection, schema, name)
    install(connection, schema)


def _upgrade(connection: sa.Connection, schema: Schema, goal: str) -> None:
    """Run the migrations up to a revision, in the transaction of a connection."""
    from alembic.config import Config  # lazy: heavy
    from alembic.runtime.environment import EnvironmentContext  # lazy: heavy
    from alembic.script import ScriptDirectory  # lazy: heavy

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(str(folder) for folder in schema.migration_folders))
    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(
        config,
        scripts,
        fn=lambda current, _context: scripts._upgrade_revs(goal, current),
    ) as environment:
        environment.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=False
        )
        environment.run_migrations()


def install(connection: sa.Connection, schema: Schema) -> None:
    """Put triggers, context and search index in place; the index is made anew where it is empty."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT OR IGNORE INTO change_context(id, bulk) VALUES (1, 0)")
    search.install(connection, schema)
    triggers.install(connection, schema)
    if connection.dialect.name != "sqlite":
        made = (*search_server.functions(schema), *hidden_server.functions(schema), *schema.server_functions)
        for statement in made:
            connection.exec_driver_sql(statement)
    if connection.exec_driver_sql("SELECT 1 FROM search_text LIMIT 1").first() is None:
        search.rebuild(connection, schema)


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"Rows without their parents after the migration: {broken[:5]}")
