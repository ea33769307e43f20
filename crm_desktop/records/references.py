"""What points to records of a type: foreign keys, owner columns, loose ids, and custom fields that link.

Found in the schema, so that a new table takes part in merging without being named there. What a table's ``info`` says:

- ``parent``, ``refers``: its owner columns without a foreign key (see ``Schema.owned``);
- ``same``: the columns that tell two of its rows apart; unique constraints say so too;
- ``apart``: two columns that must not point to the same record; ``ordered``: the smaller id stands in the first;
- ``first_of``: among rows that are equal in these columns, at most one has ``is_primary``;
- ``plural``: what its rows are called, where neither a record type nor a child says it.

A column's ``info`` may say ``follows``: it holds the id of a record of any type, without owning or being owned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.records import custom
from crm_desktop.records.custom_sql import custom_value

QUIET = frozenset({"merge_log", "not_duplicate", "notification"})
"""Tables that move too but that nobody counts as theirs, nor chooses for: notices are for whoever they were made for."""


@dataclass(frozen=True)
class Reference:
    """A column, or a custom field, whose value is the id of a record. ``key`` names it in counts."""

    table: sa.Table
    column: sa.Column[object]
    field: Field | None = None
    owner: bool = False
    """Whether the row belongs to the record, or joins it to something, and is not a record of its own."""

    @property
    def key(self) -> str:
        """A name that is the same on every computer: "deal.company_id"."""
        return f"{self.table.name}.{self.field.name if self.field else self.column.name}"

    @property
    def value(self) -> sa.ColumnElement[int]:
        """The SQL expression of the id."""
        return custom_value(self.table.c.custom, self.field) if self.field else self.column  # type: ignore[return-value]


def references_to(database: Database, connection: sa.Connection, entity: str) -> list[Reference]:
    """Everything that may point to a record of a type, in the order of the tables."""
    schema = database.schema
    table = schema.table(entity)
    owned = set(schema.owned.get(entity, ()))
    found = []
    for other in schema.data_tables:
        for column in other.columns:
            owns = (other.name, column.name) in owned
            keyed = any(key.column.table is table for key in column.foreign_keys)
            if owns or keyed or column.info.get("follows"):
                joins = owns or other.name not in schema.by_table
                found.append(Reference(other, column, owner=joins and not column.info.get("follows")))
    for spec in schema.entities.values():
        for field in custom.custom_fields(database, spec.name, connection):
            if field.kind in LINK_KINDS and field.target == entity and not field.computed:
                holder = schema.table(spec)
                found.append(Reference(holder, holder.c.custom, field))
    return found


def same_columns(table: sa.Table) -> list[tuple[str, ...]]:
    """Sets of columns in which no two rows of a table may be equal."""
    result = [tuple(one.columns.keys()) for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    declared = table.info.get("same")
    if declared:
        result.append(tuple(declared))
    return result


def plural_of(schema: Schema, table_name: str) -> str:
    """What rows of a table are called, as a source text."""
    spec = schema.by_table.get(table_name)
    if spec is not None:
        return spec.plural
    for entity in schema.entities.values():
        for child in entity.children:
            if child.table == table_name and child.table not in _NAMED_BY_TABLE:
                return child.label
    return str(Base.metadata.tables[table_name].info.get("plural", table_name))


_NAMED_BY_TABLE = frozenset({"activity_link"})


def count_references(
    connection: sa.Connection, references: Sequence[Reference], ids: Sequence[int]
) -> dict[str, dict[int, int]]:
    """Reference key to {record id: rows that point to it}. Rows of the records themselves do not count."""
    result: dict[str, dict[int, int]] = {}
    for one in references:
        rows = (
            sa.select(one.value.label("target"))
            .select_from(one.table)
            .where(one.value.in_(list(ids)), one.table.c.id.not_in(list(ids)))
            .subquery()
        )
        statement = sa.select(rows.c.target, sa.func.count()).group_by(rows.c.target)
        counted = {int(target): int(number) for target, number in connection.execute(statement)}
        if counted:
            result[one.key] = counted
    return result
