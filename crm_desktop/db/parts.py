"""Whether a database has every table and column that this program reads: a revision alone does not tell."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema

_SHOWN = 3
_COLUMNS = {
    "sqlite": "SELECT m.name, p.name FROM sqlite_master m, pragma_table_xinfo(m.name) p WHERE m.type = 'table'",
    "postgresql": (
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
        "AND NOT a.attisdropped WHERE pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p') "
        "AND c.relnamespace <> 'pg_catalog'::regnamespace"
    ),
}
"""What there is; a few milliseconds, where the inspector of SQLAlchemy takes a hundred."""


def missing_parts(connection: sa.Connection, schema: Schema) -> list[str]:
    """The tables and columns ("deal", "contact.city") that this program knows and the database lacks, by name."""
    found: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(_COLUMNS[connection.dialect.name]):
        found.setdefault(table, set()).add(column)
    missing = []
    others = [one for one in Base.metadata.tables.values() if one.info.get("local") or one.info.get("journal")]
    for one in (*schema.data_tables, *others):
        if one.name not in found:
            missing.append(one.name)
        else:
            missing += [f"{one.name}.{column.name}" for column in one.columns if column.name not in found[one.name]]
    return sorted(missing)


def refuse_incomplete(connection: sa.Connection, schema: Schema, name: str) -> None:
    """Refuse a database of this revision that lacks parts: one of an unfinished program, or one that was tampered with.

    Raises:
        UserError: something is missing.
    """
    missing = missing_parts(connection, schema)
    if missing:
        more = " …" if len(missing) > _SHOWN else ""
        raise UserError(
            N_("Parts of {name} are missing: {parts}. Restore the last proven backup, or open it with the program that made it; nothing was changed."),
            name=name, parts=", ".join(missing[:_SHOWN]) + more, details="\n".join(missing),
        )  # fmt: skip
