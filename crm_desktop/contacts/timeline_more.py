"""What stands beside the pages of a timeline: comments on its entries, pinned notes, how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.queries import TimelineItem, dressed
from crm_desktop.contacts.scope import scope_of, scope_values
from crm_desktop.contacts.timeline import PLAIN, Found
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records import mentions
from crm_desktop.records.queries import titles

MOST_COUNTED = 1_000
"""Kinds are counted up to here; a chip then says "1,000+"."""

_MOST_PINS = 8


@dataclass(frozen=True)
class Beside:
    """Pinned notes, newest first, and how many entries there are of each kind of ``PLAIN``."""

    pins: tuple[TimelineItem, ...]
    counts: dict[str, int]


def comments_on(
    database: Database, connection: sa.Connection, ids: Sequence[int], record_id: int
) -> dict[int, list[TimelineItem]]:
    """The comments on entries by the entry's id, oldest first."""
    note = Base.metadata.tables["note"]
    if not ids:
        return {}
    rows = connection.execute(
        sa.select(*(column for column in note.c if column.name != "custom")).where(note.c.reply_to.in_(list(ids)))
        .order_by(note.c.created_at, note.c.id)
    ).mappings()  # fmt: skip
    found = [("note", Found(row["created_at"], row["id"], row["record_id"], dict(row))) for row in rows]
    result: dict[int, list[TimelineItem]] = {}
    for (_kind, one), item in zip(found, dressed(database, connection, found, record_id), strict=True):
        result.setdefault(one.row["reply_to"], []).append(item)
    return result


def names_in(database: Database, connection: sa.Connection, items: Sequence[TimelineItem]) -> dict[int, str]:
    """The names of the users that the texts of entries mention."""
    return titles(database.schema, connection, "user", mentions.users_in(one.body for one in items))


def beside(database: Database, connection: sa.Connection, entity: str, record_id: int, roll_up: bool) -> Beside:
    """Pins and counts of a record's timeline."""
    values = scope_values(record_id)
    note = Base.metadata.tables["note"]
    rows = connection.execute(_pins(entity, roll_up), values).scalars().all()
    columns = [column for column in note.c if column.name != "custom"]
    query = sa.select(*columns).where(note.c.id.in_(rows)).order_by(note.c.created_at.desc(), note.c.id.desc())
    found = [
        ("note", Found(row["created_at"], row["id"], row["record_id"], dict(row)))
        for row in connection.execute(query).mappings()
    ]
    counted = connection.execute(_counts(entity, roll_up), values).one()
    return Beside(tuple(dressed(database, connection, found, record_id)), dict(counted._mapping))


@lru_cache(maxsize=16)
def _pins(entity: str, roll_up: bool) -> sa.Select[Any]:
    note, scope = Base.metadata.tables["note"], scope_of(entity, roll_up)
    ours = note.c.record_id.in_(sa.select(scope.everything.c.id))
    return (
        sa.select(note.c.id).where(ours, note.c.pinned.is_(True))
        .order_by(note.c.created_at.desc(), note.c.id.desc()).limit(_MOST_PINS)
    )  # fmt: skip


@lru_cache(maxsize=16)
def _counts(entity: str, roll_up: bool) -> sa.Select[Any]:
    scope = scope_of(entity, roll_up)
    columns = []
    for kind, source in PLAIN.items():
        table = Base.metadata.tables[source.table].alias()
        ours: sa.ColumnElement[bool] = table.c[source.key].in_(sa.select(source.scope(scope).c.id))
        if kind == "note":
            ours &= table.c.reply_to.is_(None)
        few = sa.select(table.c[source.identity]).where(ours)
        few = (few.distinct() if kind == "activity" else few).limit(MOST_COUNTED)
        columns.append(sa.select(sa.func.count()).select_from(few.subquery()).scalar_subquery().label(kind))
    return sa.select(*columns)
