"""Everything that is held about one person, found in the schema, so that a new table takes part without being named.

Two rings: ``own`` are the rows that hang on the person and go with them (phones, notes, files, consents, ties, tags);
``around`` are records of their own that name the person (deals, cases, activities), with what hangs on those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records.queries import titles
from crm_desktop.records.references import Reference, references_to

_PART = 500
Rows = dict[str, dict[int, Mapping[str, Any]]]
"""Table name to the rows by id."""


@dataclass
class Belongings:
    """What is held about a person.

    Attributes:
        ids: the person's id, and those of records that were merged into the person.
        own: rows that go with the person, by table, without the person's own row.
        around: deals, cases and activities that name the person, and what hangs on them, by table.
        links: (table, column or custom field) of other records that name the person, with the ids of those rows.
        shared: the activities that concern other customers too.
    """

    entity: str
    record_id: int
    title: str
    row: Mapping[str, Any]
    ids: frozenset[int] = frozenset()
    own: Rows = field(default_factory=dict)
    around: Rows = field(default_factory=dict)
    links: dict[str, tuple[Reference, list[int]]] = field(default_factory=dict)
    shared: frozenset[int] = frozenset()

    def all_ids(self) -> set[int]:
        """The ids of the person and of every row that goes with them."""
        return set(self.ids).union(*(rows.keys() for rows in self.own.values()))


def collect(database: Database, connection: sa.Connection, entity: str, record_id: int) -> Belongings:
    """Everything that is held about a person.

    Raises:
        RecordGone: there is no such record.
    """
    schema = database.schema
    spec, table = schema.entity(entity), schema.table(entity)
    row = connection.execute(sa.select(table).where(table.c.id == record_id)).mappings().first()
    if row is None:
        raise RecordGone(entity, record_id)
    found = Belongings(entity, record_id, str(row[spec.title_field] or ""), dict(row))
    found.ids = frozenset({record_id, *merged_into(connection, table, record_id)})
    linked: Rows = {}
    for one in references_to(database, connection, entity):
        rows = _rows(connection, one.table, one.value, found.ids)
        if not rows:
            continue
        if one.owner:
            found.own.setdefault(one.table.name, {}).update(rows)
        elif not one.column.info.get("follows") and one.table.name != table.name:
            found.links[one.key] = (one, list(rows))
            linked.setdefault(one.table.name, {}).update(rows)
        elif one.table.name == table.name:
            found.links[one.key] = (one, list(rows))
    log = Base.metadata.tables["merge_log"]
    if merged := _rows(connection, log, log.c.loser_id, found.ids):
        found.own.setdefault(log.name, {}).update(merged)
    grow(database, connection, found.own)
    activities = {int(one["activity_id"]) for one in found.own.get("activity_link", {}).values()}
    activity = Base.metadata.tables["activity"]
    for name, rows in linked.items():
        found.around.setdefault(name, {}).update(rows)
    if activities:
        found.around.setdefault("activity", {}).update(_rows(connection, activity, activity.c.id, activities))
    grow(database, connection, found.around)
    for name, rows in found.own.items():  # what is the person's own is told once
        for identity in rows:
            found.around.get(name, {}).pop(identity, None)
    found.around = {name: rows for name, rows in found.around.items() if rows}
    found.shared = _shared(connection, activities, found.ids)
    return found


def merged_into(connection: sa.Connection, table: sa.Table, record_id: int) -> set[int]:
    """The ids of the records that were merged into one and are gone, whoever was merged into them included."""
    log = Base.metadata.tables["merge_log"]
    found, front = set[int](), {record_id}
    while front:
        losers = set(connection.execute(sa.select(log.c.loser_id).where(log.c.winner_id.in_(front))).scalars())
        front = losers - found - {record_id}
        found |= front
    there = set(connection.execute(sa.select(table.c.id).where(table.c.id.in_(found))).scalars()) if found else set()
    return found - there


def grow(database: Database, connection: sa.Connection, rows: Rows) -> None:
    """Add what hangs on rows: revisions of files, mentions in notes, answers to notes, as deep as it goes."""
    front = {name: set(by_id) for name, by_id in rows.items()}
    while front:
        fresh: dict[str, set[int]] = {}
        every = {identity for ids in front.values() for identity in ids}
        for table in database.schema.data_tables:
            for column in _hanging(database, table):
                keyed = [key.column.table.name for key in column.foreign_keys]
                wanted = {i for name in keyed for i in front.get(name, ())} if keyed else every
                for identity, row in _rows(connection, table, column, wanted).items():
                    if identity not in rows.setdefault(table.name, {}):
                        rows[table.name][identity] = row
                        fresh.setdefault(table.name, set()).add(identity)
        front = fresh
    for name in [name for name, by_id in rows.items() if not by_id]:
        del rows[name]


def _hanging(database: Database, table: sa.Table) -> Iterable[sa.Column[Any]]:
    """The columns by which rows of a table hang on others: the owner's, and what a note answers to."""
    parent = database.schema.parent_column(table)
    if parent:
        yield table.columns[parent]
    yield from (column for column in table.columns if column.info.get("follows"))


def _shared(connection: sa.Connection, activities: set[int], ids: Collection[int]) -> frozenset[int]:
    link = Base.metadata.tables["activity_link"]
    result = set[int]()
    for part in _parts(sorted(activities)):
        others = sa.select(link.c.activity_id).where(
            link.c.activity_id.in_(part), link.c.record_id.not_in(list(ids)), link.c.entity.in_(("contact", "company"))
        )
        result.update(connection.execute(others).scalars())
    return frozenset(result)


def _rows(
    connection: sa.Connection, table: sa.Table, column: sa.ColumnElement[Any], ids: Collection[int]
) -> dict[int, Mapping[str, Any]]:
    result: dict[int, Mapping[str, Any]] = {}
    for part in _parts(sorted(ids)):
        for row in connection.execute(sa.select(table).where(column.in_(part)).order_by(table.c.id)).mappings():
            result[row["id"]] = dict(row)
    return result


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), _PART):
        yield ids[start : start + _PART]


def names_of(database: Database, connection: sa.Connection, rows: Rows) -> dict[tuple[str, int], str]:
    """(record type, id) to the title of every record that these rows link to."""
    wanted: dict[str, set[int]] = {}
    for name, by_id in rows.items():
        table = Base.metadata.tables[name]
        for column in table.columns:
            target = _target(database, table, column)
            for row in by_id.values():
                entity = str(row.get("entity") or "") if target == "@" else target
                if column.name.startswith(("from_", "to_")) and target == "@":
                    entity = str(row.get(column.name.replace("_id", "_entity")) or "")
                if entity in database.schema.entities and row[column.name] is not None:
                    wanted.setdefault(entity, set()).add(int(row[column.name]))
    return {
        (entity, identity): title
        for entity, ids in wanted.items()
        for identity, title in titles(database.schema, connection, entity, ids).items()
    }


def _target(database: Database, table: sa.Table, column: sa.Column[Any]) -> str:
    """The record type that a column points to; "@" where the row says it; "" for none."""
    for key in column.foreign_keys:
        spec = database.schema.by_table.get(key.column.table.name)
        return spec.name if spec else ""
    if column.name in ("created_by", "updated_by", "author_id"):
        return "user"
    loose = column.name in (database.schema.parent_column(table), table.info.get("refers"))
    return "@" if loose else ""
