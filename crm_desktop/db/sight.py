"""What the statements of one person read: sensitive columns as nothing, and views in place of some tables.

It works where SQLAlchemy writes the SQL, once for each statement of the program and not at each execution, so that it
costs nothing. A column that a person may not see reads as an empty value of its type, wherever it stands: in a list, a
filter or a sum. This is a convenience and not the lock: who writes SQL by hand meets the rights of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import selectable

from crm_desktop.core.access import Access
from crm_desktop.db.journal import change
from crm_desktop.db.protection import hidden_columns
from crm_desktop.db.schema import Schema


@dataclass(frozen=True)
class Sight:
    """How a person's statements read the tables.

    Attributes:
        hidden: table name to the columns that read as nothing.
        instead: table name to the view that is read in its place.
        texts: statements in SQL to what is asked in their place.
        locked: the server itself knows what the person may see and change.
        own: table name to the record type, where own fields of the office are sensitive: a function gives the others.
    """

    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    locked: bool = False
    own: Mapping[str, str] = field(default_factory=dict)


PLAIN = Sight()
"""Sees every column, in the tables themselves."""


def hidden_from(schema: Schema, access: Access) -> dict[str, frozenset[str]]:
    """Table name to the columns that a person may not see."""
    if access.everything:
        return {}
    return {
        entity.table: columns
        for entity in schema.entities.values()
        if entity.listed and not access.may(entity.name, "sensitive")
        and (columns := hidden_columns(schema, entity.name))
    }  # fmt: skip


Own = Mapping[str, Sequence[str]]
"""Record type to the keys of the office's own fields that are sensitive."""


def own_hidden(schema: Schema, access: Access, own: Own) -> dict[str, Sequence[str]]:
    """Table name to the keys of own fields that a person may not see."""
    return {
        schema.entity(name).table: keys
        for name, keys in own.items()
        if keys and name in schema.entities and not access.everything and not access.may(name, "sensitive")
    }


def set_sight(engine: sa.Engine, sight: Sight) -> None:
    """Let the statements of an engine read like this from now on."""
    dialect: Any = engine.dialect
    if sight == getattr(dialect, "crm_sight", PLAIN):
        return
    base = type(dialect).statement_compiler
    dialect.crm_sight = sight
    dialect.statement_compiler = base if sight == PLAIN else _compiler(base)
    engine.clear_compiled_cache()


def reading(dialect: sa.Dialect, instead: Mapping[str, str]) -> sa.Dialect:
    """A dialect that writes statements with views in place of some tables."""
    other: Any = type(dialect)()
    other.crm_sight = Sight(instead=instead, locked=bool(getattr(dialect, "crm_sight", PLAIN).locked))
    other.statement_compiler = _compiler(other.statement_compiler)
    return cast(sa.Dialect, other)


def is_locked(connection: sa.Connection | sa.Engine) -> bool:
    """Whether the server itself shows and changes only what the rights of who is connected allow."""
    return bool(getattr(connection.dialect, "crm_sight", PLAIN).locked)


def seen_history(connection: sa.Connection) -> str:
    """Where statements written by hand read the history that this person may see."""
    return "change_seen" if is_locked(connection) else "change"


def newest_change(connection: sa.Connection) -> sa.ColumnElement[Any]:
    """The id of the newest change of anybody; in a locked database few people see it, and the server tells it."""
    if is_locked(connection):
        return sa.func.crm_newest_change(type_=sa.BigInteger)
    return sa.func.coalesce(sa.select(sa.func.max(change.c.id)).scalar_subquery(), 0)


def _compiler(base: type[Any]) -> type[Any]:
    known = _COMPILERS.get(base)
    if known is None:
        known = _COMPILERS[base] = type(f"Seen{base.__name__}", (_Seen, base), {})
    return known


_COMPILERS: dict[type[Any], type[Any]] = {}


class _Seen:
    """What is different in the compiler of a dialect: columns and tables of a SELECT."""

    dialect: Any
    preparer: Any

    def visit_column(self, column: Any, *args: Any, include_table: bool = True, **options: Any) -> str:
        """A column, or an empty value of its type."""
        if column.is_literal and column.name == "*" and self.dialect.crm_sight.locked:
            return "1"  # of EXISTS and count: the star would ask for every column
        parent: Any = super()
        written: str = parent.visit_column(column, *args, include_table=include_table, **options)
        table = _table_of(column.table)
        if table is not None and include_table and column.name == "custom" and table in self.dialect.crm_sight.own:
            entity = self.dialect.crm_sight.own[table]
            some = f"crm_own_fields('{entity}', {written.removesuffix('custom')}id)"
            inside = options.get("within_columns_clause") and not options.get("within_label_clause")
            return f"{some} AS custom" if inside else some
        if table is None or not include_table or column.name not in self.dialect.crm_sight.hidden.get(table, ()):
            return written
        nothing = f"CAST(NULL AS {self.dialect.type_compiler_instance.process(column.type)})"
        if options.get("within_columns_clause") and not options.get("within_label_clause"):
            return f"{nothing} AS {self.preparer.quote(column.name)}"
        return nothing

    def visit_table(self, table: Any, *args: Any, asfrom: bool = False, **options: Any) -> str:
        """A table, or the view that is read in its place."""
        parent: Any = super()
        written: str = parent.visit_table(table, *args, asfrom=asfrom, **options)
        view = self.dialect.crm_sight.instead.get(table.name)
        if view is None or not asfrom or options.get("iscrud"):
            return written
        enclosing = options.get("enclosing_alias")
        if enclosing is not None and enclosing.element is table:
            return str(self.preparer.quote(view))
        return f"{self.preparer.quote(view)} AS {self.preparer.quote(table.name)}"

    def visit_textclause(self, clause: Any, *args: Any, **options: Any) -> str:
        """A statement in SQL, or what is asked in its place."""
        other = self.dialect.crm_sight.texts.get(clause.text)
        if other is not None:
            clause = clause._clone()
            clause.text = other
        parent: Any = super()
        written: str = parent.visit_textclause(clause, *args, **options)
        return written


def _table_of(found: Any) -> str | None:
    """The name of the table that a column is read from, by itself or under another name."""
    while isinstance(found, selectable.Alias):
        found = found.element
    return found.name if isinstance(found, sa.Table) else None
