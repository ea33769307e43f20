"""Empty SQLite files get the newest tables at once: all migrations run for the first of them in a test process only."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from crm_desktop.db import migrate
from crm_desktop.db.schema import Schema

_real = migrate._upgrade
_made: dict[tuple[Path, ...], list[str]] = {}
"""What the migrations of these folders made of an empty file, as statements."""


def remember_what_migrations_make() -> None:
    """From now on an empty file gets what the migrations made of the one before; all else is migrated as ever."""
    migrate._upgrade = _upgrade


def _upgrade(connection: sa.Connection, schema: Schema, goal: str) -> None:
    key = schema.migration_folders
    if goal != "head" or connection.dialect.name != "sqlite" or _objects(connection):
        _real(connection, schema, goal)
    elif key in _made:
        for statement in _made[key]:
            connection.exec_driver_sql(statement)
    else:
        _real(connection, schema, goal)
        made = _objects(connection)
        rows = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall() for name in _tables(connection)}
        version = rows.pop("alembic_version")[0][0]
        if not any(rows.values()) and not any(statement.startswith("CREATE VIRTUAL") for statement in made):
            _made[key] = [*made, f"INSERT INTO alembic_version VALUES ('{version}')"]


def _objects(connection: sa.Connection) -> list[str]:
    """The statements that make what a file has, in the order in which it was made."""
    asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    return list(connection.exec_driver_sql(asked).scalars())


def _tables(connection: sa.Connection) -> list[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return list(connection.exec_driver_sql(asked).scalars())
