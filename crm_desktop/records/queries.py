"""Reads for any record type: ids by filter and sort, rows of a page, one record, titles, counts."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone
from crm_desktop.core.fields import LINK_KINDS, NUMERIC_KINDS, TEXT_KINDS, Field, Kind
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import column_type, from_json
from crm_desktop.records import custom
from crm_desktop.records.expressions import expression, matches_point
from crm_desktop.records.filter_sql import FilterContext, compile_filter
from crm_desktop.records.merge_log import MergedRecord, merged_records
from crm_desktop.records.ordering import Sort, ordered_ids


@dataclass(frozen=True)
class Link:
    """The value of a link as people see it: the other record's id and title."""

    id: int
    title: str

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class RecordRow:
    """One record as a list shows it: ``values`` by field name; links are :class:`Link`."""

    id: int
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """One record whole: the values of every field, its child rows by child name, and its tags."""

    entity: str
    id: int
    version: int
    values: Mapping[str, Any]
    children: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    tags: Sequence[tuple[int, str, int]] = ()
    """(tag id, name, hue)."""
    title: str = ""
    merged: Sequence[MergedRecord] = ()
    """What was merged into it, the newest first."""


def context_for(database: Database, entity: str, connection: sa.Connection, user_id: int | None) -> FilterContext:
    """What ``compile_filter`` needs for a record type."""
    fields = custom.fields_of(database, entity, connection)
    return FilterContext(database.schema, database.schema.entity(entity), fields, database.sqlite, user_id)


def find_ids(
    database: Database, connection: sa.Connection, entity: str, *, filter: Filter = EVERYTHING, sort: Sort = (),
    user_id: int | None = None, limit: int | None = None, offset: int = 0,
) -> array[int]:  # fmt: skip
    """The ids of the records that a filter lets through, in order; a few hundred milliseconds for a million.

    Args:
        sort: (field, descending) pairs; the record type's own order where empty. Empty values come last.
        limit, offset: for the first page, which is shown before the rest is known.

    Returns:
        an array that may be kept for the next call: it must not be changed.
    """
    context = context_for(database, entity, connection, user_id)
    chosen = list(sort) or ([context.entity.list_sort] if context.entity.list_sort[0] else [])
    ids = ordered_ids(database, connection, context, filter, chosen, None if limit is None else offset + limit)
    return ids[offset:] if offset else ids


def count(
    database: Database,
    connection: sa.Connection,
    entity: str,
    *,
    filter: Filter = EVERYTHING,
    user_id: int | None = None,
) -> int:
    """How many records a filter lets through."""
    context = context_for(database, entity, connection, user_id)
    table = database.schema.table(entity)
    statement = sa.select(sa.func.count()).select_from(table).where(compile_filter(filter, context))
    return int(connection.execute(statement).scalar_one())


def totals(
    database: Database, connection: sa.Connection, entity: str, names: Sequence[str], *, filter: Filter = EVERYTHING,
    user_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The sums of numeric fields over the records that a filter lets through."""
    context = context_for(database, entity, connection, user_id)
    fields = [f for f in context.fields if f.name in names and f.kind in NUMERIC_KINDS]
    columns = [sa.func.sum(expression(context.schema, context.entity, f)).label(f.name) for f in fields]
    if not columns:
        return {}
    table = database.schema.table(entity)
    row = (
        connection.execute(sa.select(*columns).select_from(table).where(compile_filter(filter, context)))
        .mappings()
        .one()
    )
    result = {}
    for one in fields:
        value = row[one.name]
        kind = expression(context.schema, context.entity, one).type
        result[one.name] = (
            from_json(kind, int(value)) if value is not None and not hasattr(value, "quantize") else value
        )
    return result


def fetch_rows(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], names: Sequence[str]
) -> list[RecordRow]:
    """The rows of some ids, in the order of ``ids``; ids that are gone are left out. Meant for a page, not for all.

    Args:
        names: the fields to read.
    """
    if not len(ids):
        return []
    schema, spec = database.schema, database.schema.entity(entity)
    table = schema.table(spec)
    fields = [f for f in custom.fields_of(database, entity, connection) if f.name in set(names)]
    children = [f for f in fields if f.child]
    columns = [expression(schema, spec, f).label(f"f{i}") for i, f in enumerate(fields) if not f.child]
    direct = [f for f in fields if not f.child]
    found: dict[int, RecordRow] = {}
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        statement = sa.select(table.c.id, table.c.version, *columns).where(table.c.id.in_(part))
        raw = {row[0]: row for row in connection.execute(statement)}
        values = {identity: dict(zip((f.name for f in direct), row[2:], strict=True)) for identity, row in raw.items()}
        _decode_custom(direct, values)
        if children:
            _add_children(connection, children, part, values)
        for identity, row in raw.items():
            found[identity] = RecordRow(identity, row[1], values[identity])
    resolve_links(schema, connection, fields, [row.values for row in found.values()])
    return [found[identity] for identity in ids if identity in found]


def _decode_custom(fields: Sequence[Field], values: Mapping[int, dict[str, Any]]) -> None:
    for one in fields:
        if one.custom:
            for row in values.values():
                row[one.name] = custom_python(one, row[one.name])


def custom_python(one: Field, value: Any) -> Any:
    """The Python value of what a custom field's SQL expression or JSON member gave."""
    if value is None or one.kind in TEXT_KINDS | LINK_KINDS | {Kind.INTEGER}:
        return value
    if one.kind is Kind.BOOL:
        return bool(value)
    try:
        if one.kind is Kind.CHOICES:
            keys = json.loads(value) if isinstance(value, str) else value
            return [str(key) for key in keys] or None
        return from_json(column_type(one.kind), value) if not hasattr(value, "quantize") else value
    except (TypeError, ValueError):
        return None  # what is stored is of another kind: written by a program that did not ask


def _add_children(
    connection: sa.Connection, fields: Sequence[Field], ids: Sequence[int], values: Mapping[int, dict[str, Any]]
) -> None:
    for row in values.values():
        row.update({f.name: None for f in fields})
    addresses = [f for f in fields if f.child.startswith("addresses.")]
    if addresses:
        table = Base.metadata.tables["address"]
        statement = sa.select(table).where(table.c.owner_id.in_(ids)).order_by(table.c.is_primary.desc(), table.c.id)
        seen: set[int] = set()
        for address in connection.execute(statement).mappings():
            if address["owner_id"] in values and address["owner_id"] not in seen:
                seen.add(address["owner_id"])
                for f in addresses:
                    values[address["owner_id"]][f.name] = address[f.child.split(".")[1]]
    points = [f for f in fields if f.child.startswith("points.")]
    if points:
        table = Base.metadata.tables["contact_point"]
        statement = (
            sa.select(table.c.owner_id, table.c.kind, table.c.label, table.c.value)
            .where(table.c.owner_id.in_(ids))
            .order_by(table.c.is_primary.desc(), table.c.id)
        )
        by_owner: dict[int, list[Any]] = defaultdict(list)
        for owner, kind, label, value in connection.execute(statement):
            by_owner[owner].append((kind, label, value))
        for owner, mine in by_owner.items():
            if owner in values:
                for f in points:
                    hits = [value for kind, label, value in mine if matches_point(f, kind, label)]
                    wanted = 1 if f.child.endswith(".2") else 0
                    values[owner][f.name] = hits[wanted] if len(hits) > wanted else None


def resolve_links(
    schema: Schema, connection: sa.Connection, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Turn the ids of link fields in ``rows`` into :class:`Link`, one query per linked record type."""
    by_target: dict[str, list[Field]] = defaultdict(list)
    for one in fields:
        if one.kind in LINK_KINDS and one.target in schema.entities:
            by_target[one.target].append(one)
    for target, links in by_target.items():
        ids = {row[f.name] for row in rows for f in links if row.get(f.name) is not None}
        known = titles(schema, connection, target, ids)
        for row in rows:
            for f in links:
                identity = row.get(f.name)
                if identity is not None:
                    row[f.name] = Link(identity, known[identity]) if identity in known else None  # type: ignore[index]


def titles(schema: Schema, connection: sa.Connection, entity: str, ids: set[int] | Sequence[int]) -> dict[int, str]:
    """The titles of records by id, as people know them."""
    found = stored_titles(schema, connection, entity, ids)
    words = schema.entity(entity).title_words
    return found if words is None else {identity: words(schema, title) for identity, title in found.items()}


def stored_titles(
    schema: Schema, connection: sa.Connection, entity: str, ids: set[int] | Sequence[int]
) -> dict[int, str]:  # fmt: skip
    """The titles of records by id, as they are kept."""
    table, spec = schema.table(entity), schema.entity(entity)
    result: dict[int, str] = {}
    wanted = [i for i in ids if isinstance(i, int)]
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = connection.execute(sa.select(table.c.id, table.c[spec.title_field]).where(table.c.id.in_(part)))
        result.update({identity: title or "" for identity, title in rows})
    return result


def get_record(database: Database, connection: sa.Connection, entity: str, record_id: int) -> Record:
    """One record whole.

    Raises:
        RecordGone: it is not there.
    """
    spec = database.schema.entity(entity)
    fields = custom.fields_of(database, entity, connection)
    rows = fetch_rows(database, connection, entity, [record_id], [f.name for f in fields])
    if not rows:
        raise RecordGone(entity, record_id)
    children = {}
    for child in spec.children:
        table = Base.metadata.tables[child.table]
        statement = sa.select(table).where(table.c[child.parent_column] == record_id).order_by(table.c.id)
        children[child.name] = [dict(row) for row in connection.execute(statement).mappings()]
    title = rows[0].values.get(spec.title_field) or ""
    return Record(
        entity, record_id, rows[0].version, rows[0].values, children, tags_of(connection, record_id), str(title),
        merged_records(connection, record_id) if spec.listed else (),
    )  # fmt: skip


def tags_of(connection: sa.Connection, record_id: int) -> list[tuple[int, str, int]]:
    """(tag id, name, hue) of a record's tags by name."""
    record_tag, tag = Base.metadata.tables["record_tag"], Base.metadata.tables["tag"]
    statement = (
        sa.select(tag.c.id, tag.c.name, tag.c.hue)
        .join(record_tag, record_tag.c.tag_id == tag.c.id)
        .where(record_tag.c.record_id == record_id)
        .order_by(tag.c.key)
    )
    return [(identity, name, hue or 8) for identity, name, hue in connection.execute(statement)]


def tags_of_many(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """(name, hue) of the tags of many records, by record id; records without tags are left out."""
    record_tag, tag = Base.metadata.tables["record_tag"], Base.metadata.tables["tag"]
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for start in range(0, len(ids), 500):
        statement = (
            sa.select(record_tag.c.record_id, tag.c.name, tag.c.hue)
            .join(tag, tag.c.id == record_tag.c.tag_id)
            .where(record_tag.c.record_id.in_(list(ids[start : start + 500])))
            .order_by(tag.c.key)
        )
        for record_id, name, hue in connection.execute(statement):
            found[record_id].append((name, hue or 8))
    return dict(found)


def entity_of(schema: Schema, connection: sa.Connection, record_id: int) -> str | None:
    """The record type of an id, for ids that come without one (a search hit always says it)."""
    for spec in schema.entities.values():
        table = schema.table(spec)
        if connection.execute(sa.select(sa.literal(1)).where(table.c.id == record_id)).first():
            return spec.name
    return None
