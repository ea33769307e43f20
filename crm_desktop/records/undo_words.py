"""What stands in the way of an undo, in words: which record, which fields, who changed them and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.core.i18n import translate
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change_set
from crm_desktop.records import custom, queries
from crm_desktop.records.undo_plan import LATER_EDIT, Blocked, UndoPlan

_PART = 500


@dataclass(frozen=True)
class Obstacle:
    """Something that stays as it is unless it is forced.

    Attributes:
        entity, record_id: the record that it is about; of a part of a record, the record.
        title: what the record is called; "" where it is gone.
        fields: the labels of the fields that were changed since; empty where it is all of it.
        reason: why, in the language in use.
        who, at: who changed it last, and when; where that is known.
        forcible: whether it can be undone all the same.
    """

    entity: str
    record_id: int
    title: str
    fields: tuple[str, ...]
    reason: str
    who: str = ""
    at: datetime | None = None
    forcible: bool = True


def obstacles(database: Database, connection: sa.Connection, plan: UndoPlan, *, limit: int = 500) -> list[Obstacle]:
    """The first things that stand in the way of an undo."""
    blocked = plan.blocked[:limit]
    owners = [_owner(database, one) for one in blocked]
    for table, ids in plan.bulk_blocked.items():
        spec = database.schema.by_table.get(table)
        if spec is not None:
            owners += [(spec.name, identity) for identity in sorted(ids)[: max(0, limit - len(owners))]]
    titles: dict[int, str] = {}
    wanted: dict[str, set[int]] = {}
    for entity, identity in owners:
        wanted.setdefault(entity, set()).add(identity)
    for entity, ids in wanted.items():
        if entity in database.schema.entities:
            titles |= queries.titles(database.schema, connection, entity, ids)
    authors = _authors(connection, {one.later_change_set for one in blocked if one.later_change_set})
    found = []
    for place, (entity, identity) in enumerate(owners):
        title = titles.get(identity, "")
        if place >= len(blocked):
            found.append(Obstacle(entity, identity, title, (), translate(LATER_EDIT)))
            continue
        one = blocked[place]
        who, at = authors.get(one.later_change_set or 0, ("", None))
        labels = _labels(database, connection, one)
        found.append(Obstacle(entity, identity, title, labels, translate(one.reason), who, at, one.forcible))
    return found


def _owner(database: Database, one: Blocked) -> tuple[str, int]:
    """The record type and id of the record that something is, or is a part of."""
    spec = database.schema.by_table.get(one.net.table)
    if spec is not None:
        return spec.name, one.net.record_id
    names = database.schema.parents.get(one.net.table, ((), ""))[0]
    return (names[0] if len(names) == 1 else ""), one.net.parent_id or one.net.record_id


def _labels(database: Database, connection: sa.Connection, one: Blocked) -> tuple[str, ...]:
    spec = database.schema.by_table.get(one.net.table)
    if spec is None:
        known = {
            field.name: translate(field.label) for entity in database.schema.entities.values()
            for child in entity.children if child.table == one.net.table for field in child.fields
        }  # fmt: skip
    else:
        fields = custom.fields_of(database, spec.name, connection)
        known = {field.name: field.label if field.custom else translate(field.label) for field in fields}
    names = [name for name in one.columns if not name.startswith("sort_")]
    return tuple(dict.fromkeys(known.get(name, name) for name in names))


def _authors(connection: sa.Connection, ids: Iterable[int]) -> dict[int, tuple[str, datetime | None]]:
    found: dict[int, tuple[str, datetime | None]] = {}
    every = sorted(ids)
    for start in range(0, len(every), _PART):
        statement = sa.select(change_set.c.id, change_set.c.user_name, change_set.c.at)
        for row in connection.execute(statement.where(change_set.c.id.in_(every[start : start + _PART]))):
            found[row[0]] = (row[1] or "", row[2])
    return found
