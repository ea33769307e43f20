"""What a formula gives for the record that was changed last, while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formula_names import with_names
from crm_desktop.core.formulas import KINDS, Node, parse, walk
from crm_desktop.db.database import Database
from crm_desktop.records import custom, queries
from crm_desktop.records.formula_sql import SqlFormula
from crm_desktop.records.resolving import refuse_circle


@dataclass(frozen=True)
class Preview:
    """A formula as stored, the type of its result, and its value for a record: ``values`` are what went in."""

    stored: str
    type: str
    kind: Kind
    title: str = ""
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()


def fields_for(database: Database, connection: sa.Connection | None, entity: str, own: str = "") -> dict[str, Field]:
    """The fields that a formula may name, its own left out."""
    return {one.name: one for one in custom.fields_of(database, entity, connection) if one.name != own}


def preview(
    database: Database, connection: sa.Connection, entity: str, text: str, *, kind: Kind | None = None, own: str = ""
) -> Preview:  # fmt: skip
    """Check a formula and try it on a record.

    Args:
        kind: of the result; the usual one for its type where None or where it does not fit.
        own: the field that the formula is of.

    Raises:
        FormulaError: what is wrong, and where.
    """
    fields = fields_for(database, connection, entity, own)
    tree = parse(text, fields)
    refuse_circle(tree, own)
    if kind not in KINDS[tree.type]:
        kind = KINDS[tree.type][0]
    stored = with_names(text, fields)
    ids = queries.find_ids(database, connection, entity, sort=[("updated_at", True)], limit=1)
    if not ids:
        return Preview(stored, tree.type, kind)
    record = queries.get_record(database, connection, entity, ids[0])
    spec, table = database.schema.entity(entity), database.schema.table(entity)
    expression = SqlFormula(stored, tree, kind=kind).expression(database.schema, spec, table)
    found = connection.execute(sa.select(expression).where(table.c.id == record.id)).scalar_one()
    result = Field("custom.preview", "", kind, custom=True, computed=True)
    told = formats.format_value(result, queries.custom_python(result, found), currency=record.values.get("currency"))
    return Preview(stored, tree.type, kind, record.title, told, _values(tree, record.values))


def _values(tree: Node, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    used = {node.field.name: node.field for node in walk(tree) if node.op == "field"}
    found = []
    for name, one in used.items():
        value = values.get(name)
        text = ("" if value is None else str(value)) if one.kind in LINK_KINDS else formats.format_value(one, value)
        found.append((name, text))
    return tuple(found)
