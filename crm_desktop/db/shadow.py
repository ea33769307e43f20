"""Reading with the eyes of one person: temporary views that stand before the tables on connections of their own.

A temporary view is found before a table of the same name, on SQLite and on PostgreSQL, so that every query of the
program sees the rows of the person only, and sensitive columns as empty, without knowing of it. A table of which
everything may be seen has no view.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from crm_desktop.core.access import Access
from crm_desktop.db.base import Base
from crm_desktop.db.predicates import Predicates, always
from crm_desktop.db.schema import Schema

_PLACES = {"sqlite": "main", "postgresql": "public"}


def views(schema: Schema, access: Access, dialect: sa.Dialect) -> list[str]:
    """The statements that make the views of a person."""
    predicates = Predicates(schema, access)
    made = []
    for name in predicates.protections:
        table = Base.metadata.tables[name]
        condition, hidden = predicates.readable(name), predicates.hidden(name)
        told = _told(predicates, dialect.name) if name == "change" else None
        if always(condition) and not hidden and told is None:
            continue
        place = _PLACES[dialect.name]
        shown = sa.select(*_columns(table, hidden, told, dialect)).select_from(table).where(condition)
        body = shown.compile(
            dialect=dialect, compile_kwargs={"literal_binds": True},
            schema_translate_map={None: place}, render_schema_translate=True,
        )  # fmt: skip
        made.append(f'CREATE TEMPORARY VIEW "{name}" AS {body}')
    return made


def _columns(
    table: sa.Table, hidden: frozenset[str], told: str | None, dialect: sa.Dialect
) -> list[sa.ColumnElement[object]]:
    if table.name == "search_text":  # has a column more on a server
        return [sa.literal_column("*")]
    found: list[sa.ColumnElement[object]] = []
    for column in table.columns:
        if column.name in hidden:
            kind = dialect.type_compiler_instance.process(column.type)
            found.append(sa.literal_column(f"CAST(NULL AS {kind})").label(column.name))
        elif column.name == "data" and told is not None:
            found.append(sa.literal_column(told).label("data"))
        else:
            found.append(column)
    return found


def _told(predicates: Predicates, dialect: str) -> str | None:
    """SQL of what the history tells without the sensitive columns; None where it may tell everything."""
    branches = []
    for name in predicates.protections:
        hidden = sorted(predicates.hidden(name))
        if hidden and dialect == "sqlite":
            paths = ", ".join(f"'$.\"{column}\"'" for column in hidden)
            branches.append(f"WHEN '{name}' THEN json_remove(\"data\", {paths})")
        elif hidden:
            branches.append(f"WHEN '{name}' THEN \"data\" - ARRAY[{', '.join(repr(one) for one in hidden)}]")
    return f'CASE "table_name" {" ".join(branches)} ELSE "data" END' if branches else None


def seen_by(engine: sa.Engine, schema: Schema, access: Access) -> None:
    """Let every connection of an engine see what a person may see, and nothing else."""
    statements = views(schema, access, engine.dialect)

    @event.listens_for(engine, "connect")
    def _on_connect(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        try:
            for statement in statements:
                cursor.execute(statement)
        finally:
            cursor.close()
        if engine.dialect.name != "sqlite":
            raw.commit()
