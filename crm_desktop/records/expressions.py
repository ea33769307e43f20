"""The SQL of a field: its column, a value of a child row, a key of the custom column, a computed expression."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.records.custom_sql import custom_value

Element = sa.ColumnElement[Any]
WORK_LABELS = ("work", "other")


def expression(schema: Schema, entity: Entity, field: Field, table: sa.FromClause | None = None) -> Element:
    """The SQL expression that gives a field's value for a row of the entity's table (or an alias of it)."""
    source = schema.table(entity) if table is None else table
    made = field.formula if field.formula is not None else field.roll_up
    if made is not None:
        result: Element = made.expression(schema, entity, source)
        return result
    if field.custom:
        return custom_value(source.c.custom, field)
    if field.computed and table is None:
        return _computed(schema, entity.name, field.name)
    if field.computed:
        return schema.expressions[entity.name, field.name](source)  # type: ignore[arg-type]
    if field.child:
        return child_value(field, source)
    return source.c[field.name]


def _computed(schema: Schema, entity: str, name: str) -> Element:
    """A computed expression over the table itself, built anew once a minute: some hold the time, and a card has many."""
    minute = clock.now().replace(second=0, microsecond=0)
    known: dict[tuple[str, str], tuple[datetime, Element]] = schema.__dict__.setdefault("built_expressions", {})
    built = known.get((entity, name))
    if built is None or built[0] != minute:
        made: Element = schema.expressions[entity, name](schema.table(entity))
        built = known[entity, name] = (minute, made)
    return built[1]


def child_value(field: Field, source: sa.FromClause) -> Element:
    """The primary child row's value, as a scalar subquery."""
    parts = field.child.split(".")
    if parts[0] == "addresses":
        address = Base.metadata.tables["address"].alias()
        statement = sa.select(address.c[parts[1]]).where(address.c.owner_id == source.c.id)
        return statement.order_by(address.c.is_primary.desc(), address.c.id).limit(1).scalar_subquery()
    point = Base.metadata.tables["contact_point"].alias()
    statement = sa.select(point.c.value).where(point.c.owner_id == source.c.id, point_condition(field, point))
    offset = 1 if parts[-1] == "2" else 0
    return statement.order_by(point.c.is_primary.desc(), point.c.id).limit(1).offset(offset).scalar_subquery()


def child_holders(field: Field) -> sa.Select[Any]:
    """The ids of all records that have a child row which a field stands for, whatever their type."""
    if field.child.startswith("addresses."):
        address = Base.metadata.tables["address"]
        return sa.select(address.c.owner_id.label("id")).distinct()
    point = Base.metadata.tables["contact_point"]
    return sa.select(point.c.owner_id.label("id")).where(point_condition(field, point)).distinct()


def point_condition(field: Field, point: sa.FromClause) -> Element:
    """Which contact points a field stands for."""
    parts = field.child.split(".")
    condition = point.c.kind == parts[1]
    label = parts[2] if len(parts) > 2 else ""
    if label == "work":
        return condition & (point.c.label.is_(None) | point.c.label.in_(WORK_LABELS))
    if label and label != "2":
        return condition & (point.c.label == label)
    return condition


def matches_point(field: Field, kind: str, label: str | None) -> bool:
    """Whether a contact point with this kind and label is one that a field stands for."""
    parts = field.child.split(".")
    if parts[0] != "points" or parts[1] != kind:
        return False
    wanted = parts[2] if len(parts) > 2 else ""
    if wanted == "work":
        return label is None or label in WORK_LABELS
    return wanted in ("", "2") or wanted == label


def exists_child(field: Field, source: sa.FromClause, test: Any) -> Element:
    """Whether any child row that a field stands for passes ``test(column)``."""
    parts = field.child.split(".")
    if parts[0] == "addresses":
        address = Base.metadata.tables["address"].alias()
        return sa.exists().where(address.c.owner_id == source.c.id, test(address.c[parts[1]]))
    point = Base.metadata.tables["contact_point"].alias()
    return sa.exists().where(point.c.owner_id == source.c.id, point_condition(field, point), test(point.c.value))
