"""Where the entries of a timeline come from: each source gives its newest ones before a point in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.text import fold
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database

Mark = tuple[datetime, int]
"""(time, id) of an entry: the point after which the next page of its source begins."""


@dataclass(frozen=True)
class Scope:
    """The records whose entries are wanted.

    ``base`` are the record itself and those rolled up with it; ``deals`` and ``cases`` are theirs.
    """

    base: tuple[int, ...]
    deals: tuple[int, ...]
    cases: tuple[int, ...]

    @property
    def everything(self) -> tuple[int, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.base, *self.deals, *self.cases)))


@dataclass(frozen=True)
class Wanted:
    """What a source is asked for: the newest ``limit`` entries before ``before`` that hold ``text``."""

    scope: Scope
    text: str
    before: Mark | None
    limit: int


@dataclass(frozen=True)
class Found:
    """One entry as its source gives it."""

    at: datetime
    id: int
    record_id: int
    row: Mapping[str, Any] = field(default_factory=dict)


Source = Callable[[Database, sa.Connection, Wanted], list[Found]]


def notes(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """Notes on any of the records."""
    table = Base.metadata.tables["note"]
    return _plain(connection, wanted, table, table.c.record_id, wanted.scope.everything, table.c.created_at, "body")


def attachments(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """Files of any of the records."""
    table = Base.metadata.tables["attachment"]
    return _plain(connection, wanted, table, table.c.record_id, wanted.scope.everything, table.c.created_at, "name")


def messages(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """Messages of the cases."""
    table = Base.metadata.tables["case_message"]
    return _plain(connection, wanted, table, table.c.case_id, wanted.scope.cases, table.c.at, "body")


def deals(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """The deals, at the time they were entered."""
    table = Base.metadata.tables["deal"]
    return _plain(connection, wanted, table, table.c.id, wanted.scope.deals, table.c.created_at, "name")


def cases(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """The cases, at the time they were opened."""
    table = Base.metadata.tables["case_file"]
    return _plain(connection, wanted, table, table.c.id, wanted.scope.cases, table.c.created_at, "subject")


def activities(database: Database, connection: sa.Connection, wanted: Wanted) -> list[Found]:
    """Activities with any of the records, each once: done ones when they were done, others when they were planned."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    condition = _before(link.c.activity_at, link.c.activity_id, wanted.before)
    matching = search.ids_matching(wanted.text, database.sqlite) if wanted.text else None
    if matching is not None:
        condition = condition & link.c.activity_id.in_(matching)
    statement = sa.select(link.c.activity_at, link.c.activity_id, link.c.record_id).where(condition)
    order = (link.c.activity_at.desc(), link.c.activity_id.desc())
    ids = wanted.scope.everything
    # an activity may belong to several of the records
    rows = list(newest(connection, statement, link.c.record_id, ids, order, wanted.limit * min(len(ids), 4)))
    rows.sort(key=lambda row: (row[0], row[1]), reverse=True)
    first: dict[int, Found] = {}
    for at, activity_id, record_id in rows:
        if activity_id not in first or record_id not in wanted.scope.base:
            first[activity_id] = Found(at, activity_id, record_id)
    chosen = list(first.values())[: wanted.limit]
    whole = sa.select(activity).where(activity.c.id.in_([one.id for one in chosen]))
    details = {row["id"]: dict(row) for row in connection.execute(whole).mappings()}
    return [Found(one.at, one.id, one.record_id, details[one.id]) for one in chosen if one.id in details]


def newest(
    connection: sa.Connection, statement: sa.Select[Any], key: sa.ColumnElement[int], ids: Sequence[int],
    order: Sequence[sa.ColumnElement[Any]], limit: int,
) -> Iterator[Any]:  # fmt: skip
    """The first ``limit`` rows of each of a few records, by an index that ends in the order; of many records at once
    a sort over all their rows. The caller sorts what comes from several records."""
    if len(ids) <= 60:
        parts = [
            sa.select(statement.where(key == one).order_by(*order).limit(limit).subquery()) for one in ids
        ]  # fmt: skip
        if parts:
            yield from connection.execute(sa.union_all(*parts) if len(parts) > 1 else parts[0])
        return
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        yield from connection.execute(statement.where(key.in_(part)).order_by(*order).limit(limit))


def _plain(
    connection: sa.Connection, wanted: Wanted, table: sa.Table, key: sa.ColumnElement[int], ids: Sequence[int],
    at: sa.ColumnElement[datetime], words: str,
) -> list[Found]:  # fmt: skip
    """The newest rows of a table that hangs on records."""
    condition = _before(at, table.c.id, wanted.before)
    if wanted.text:
        condition = condition & sa.func.crm_fold(table.c[words]).contains(fold(wanted.text), autoescape=True)
    columns = [column for column in table.c if column.name != "custom"]
    statement = sa.select(at.label("timeline_at"), key.label("timeline_record"), *columns).where(condition)
    found: list[Found] = []
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        rows = connection.execute(
            statement.where(key.in_(part)).order_by(at.desc(), table.c.id.desc()).limit(wanted.limit)
        ).mappings()
        found += [Found(row["timeline_at"], row["id"], row["timeline_record"], dict(row)) for row in rows]
    found.sort(key=lambda one: (one.at, one.id), reverse=True)
    return found[: wanted.limit]


def _before(
    at: sa.ColumnElement[datetime], identity: sa.ColumnElement[int], mark: Mark | None
) -> sa.ColumnElement[bool]:
    if mark is None:
        return sa.true()
    return sa.and_(at <= mark[0], (at < mark[0]) | (identity < mark[1]))
