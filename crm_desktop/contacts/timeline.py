"""The entries of a timeline: one statement over indexes that end in the time, however many records are rolled up.

The newest n rows that hang on many records hang on at most n of them: those whose own newest row is newest. So each
record is asked for its newest row (one step in an index), the n leading ones for their newest n, and the answers of
all tables are joined by time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.scope import RECORD, Scope, scope_of, scope_values
from crm_desktop.core.text import fold
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import Instant

Mark = tuple[datetime, int]
"""(time, id) of an entry: the point after which the next page of its source begins."""

_SHARED = 2
"""Rows read per wanted activity: one that hangs on several of the records comes several times."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: of a record the newest ``limit`` entries of each source before its mark that hold ``text``.

    ``activity_kinds`` narrows activities to calls, e-mails ...; all where empty.
    """

    entity: str
    record_id: int
    roll_up: bool
    text: str
    before: Mapping[str, Mark]
    limit: int
    activity_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One entry as its source gives it."""

    at: datetime
    id: int
    record_id: int
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Entries of one source, newest first; ``more`` where older ones were left out."""

    found: tuple[Found, ...]
    more: bool


@dataclass(frozen=True)
class _Source:
    """A table whose rows hang on records: by ``key``, at the time ``at``, told by ``words``."""

    table: str
    key: str
    at: str
    words: str
    scope: Callable[[Scope], sa.CTE]
    identity: str = "id"


PLAIN: dict[str, _Source] = {
    "note": _Source("note", "record_id", "created_at", "body", lambda scope: scope.everything),
    "activity": _Source(
        "activity_link", "record_id", "activity_at", "", lambda scope: scope.everything, identity="activity_id"
    ),
    "deal": _Source("deal", "id", "created_at", "name", lambda scope: scope.deals),
    "case": _Source("case_file", "id", "created_at", "subject", lambda scope: scope.cases),
    "message": _Source("case_message", "case_id", "at", "body", lambda scope: scope.cases),
    "attachment": _Source("attachment", "record_id", "created_at", "name", lambda scope: scope.everything),
}
"""The kinds of entries that are rows of a table; changes are the other kind."""


def plain_entries(
    database: Database, connection: sa.Connection, wanted: Wanted, kinds: Sequence[str]
) -> dict[str, Batch]:
    """The newest entries of each of these kinds of ``PLAIN``, without their details."""
    if not kinds:
        return {}
    words = search.query_words(wanted.text) if wanted.text else []
    shape = _Shape(
        database.sqlite, wanted.entity, wanted.roll_up, tuple(kinds), tuple(sorted(wanted.before)), wanted.limit,
        wanted.activity_kinds, bool(wanted.text), bool(words),
    )  # fmt: skip
    values = scope_values(wanted.record_id) | mark_values(wanted.before)
    if wanted.text:
        values["text"] = f"%{escaped(fold(wanted.text))}%"
    if words:
        others = search.number_words(wanted.text)
        values["crm_match"] = search.match_expression(words, database.sqlite, others=others)
    rows = connection.execute(_statement(shape), values).all()
    result = {}
    for kind in kinds:
        own = sorted(((row[1], row[2], row[3]) for row in rows if row[0] == kind), reverse=True)
        first: dict[int, Found] = {}
        for at, identity, record_id in own:
            first.setdefault(identity, Found(at, identity, record_id))
        found = tuple(first.values())
        result[kind] = Batch(found[: wanted.limit], len(own) >= _most(kind, wanted.limit) or len(found) > wanted.limit)
    return result


def with_details(connection: sa.Connection, shown: Sequence[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """Entries of ``PLAIN`` with the rows they stand for; those deleted meanwhile fall out, others pass as they are."""
    details: dict[str, dict[int, dict[str, Any]]] = {}
    for kind in {kind for kind, _found in shown if kind in PLAIN}:
        table = Base.metadata.tables["activity" if kind == "activity" else PLAIN[kind].table]
        ids = [one.id for each, one in shown if each == kind]
        columns = [column for column in table.c if column.name != "custom"]
        rows = connection.execute(sa.select(*columns).where(table.c.id.in_(ids))).mappings()
        details[kind] = {row["id"]: dict(row) for row in rows}
    return [
        (kind, Found(one.at, one.id, one.record_id, details[kind][one.id]) if kind in details else one)
        for kind, one in shown
        if kind not in details or one.id in details[kind]
    ]


@dataclass(frozen=True)
class _Shape:
    """What a statement depends on besides its values."""

    sqlite: bool
    entity: str
    roll_up: bool
    kinds: tuple[str, ...]
    marked: tuple[str, ...]
    limit: int
    activity_kinds: tuple[str, ...]
    text: bool
    words: bool


@lru_cache(maxsize=64)
def _statement(shape: _Shape) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """(kind, time, id, record) of the newest rows of each source."""
    scope = scope_of(shape.entity, shape.roll_up)
    parts = [_part(shape, kind, scope) for kind in shape.kinds]
    return sa.union_all(*parts) if len(parts) > 1 else parts[0]


def _most(kind: str, limit: int) -> int:
    return limit * _SHARED if kind == "activity" else limit + 1


def _part(shape: _Shape, kind: str, whole: Scope) -> sa.Select[Any]:
    """The newest rows of one source."""
    source, most = PLAIN[kind], _most(kind, shape.limit)
    table, scope = Base.metadata.tables[source.table], source.scope(whole)

    def condition(rows: sa.FromClause) -> sa.ColumnElement[bool]:
        return _condition(shape, kind, source, rows)

    if source.key == "id" or shape.text:
        # found by the text, or as many as are to be looked at anyway
        rows = table.alias()
        newest = sa.select(rows.c[source.at], rows.c[source.identity], rows.c[source.key]).where(
            rows.c[source.key].in_(sa.select(scope.c.id)), condition(rows)
        )
        newest = newest.order_by(rows.c[source.at].desc(), rows.c[source.identity].desc()).limit(most)
    else:
        newest = newest_of_many(
            shape.sqlite, table, scope, source.key, (source.at, source.identity),
            (source.at, source.identity, source.key), most, condition,
        )  # fmt: skip
    inner = newest.subquery()
    return sa.select(sa.literal(kind).label("kind"), *inner.c)


def newest_of_many(
    sqlite: bool, table: sa.Table, scope: sa.CTE, key: str, order: tuple[str, ...], columns: tuple[str, ...],
    most: int, condition: Callable[[sa.FromClause], sa.ColumnElement[bool]],
) -> sa.Select[Any]:  # fmt: skip
    """The newest ``most`` rows of a table that hang on the records of ``scope``, in a few steps per record.

    Args:
        key: the column of the record; an index begins with it and goes on with ``order``.
        order: the columns that say what is newer.
    """
    head, rows = table.alias(), table.alias()
    chosen: sa.FromClause

    def newest(of: sa.FromClause, owner: sa.ColumnElement[int]) -> sa.Select[Any]:
        chosen = sa.select(of).where(of.c[key] == owner, condition(of))
        return chosen.order_by(*(_newer(sqlite, of, name) for name in order))

    first = newest(head, scope.c.id).with_only_columns(head.c[order[0]]).limit(1)
    last = first.correlate(scope).scalar_subquery()
    heads = (
        sa.select(scope.c.id, last.label("last")).order_by(sa.desc("last").nulls_last()).limit(most)
        .cte(f"heads_{table.name}_{key}_{scope.name}")
    )  # fmt: skip
    # with as many records as rows are wanted, none of those rows is older than the last record's newest one
    floor = sa.select(sa.case((sa.func.count(heads.c.last) >= most, sa.func.min(heads.c.last)))).scalar_subquery()
    youngest = floor.is_(None) | (rows.c[order[0]] >= floor)
    if sqlite:
        ids = newest(rows, heads.c.id).with_only_columns(rows.c.id).where(youngest).limit(most).correlate(heads)
        chosen = table.alias()
        statement = sa.select(*(chosen.c[name] for name in columns)).select_from(
            heads.join(chosen, chosen.c.id.in_(ids))
        )
    else:
        of_one = newest(rows, heads.c.id).with_only_columns(*(rows.c[name] for name in columns)).where(youngest)
        chosen = of_one.limit(most).correlate(heads).lateral()
        statement = sa.select(*chosen.c).select_from(heads.join(chosen, sa.true()))
    return statement.order_by(*(chosen.c[name].desc() for name in order)).limit(most)


def _newer(sqlite: bool, rows: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """The newest first; by a bare id PostgreSQL would read its key from the end until it meets a record's rows."""
    column: sa.ColumnElement[Any] = rows.c[name]
    return (column if sqlite or name != "id" else column + 0).desc()


def _condition(shape: _Shape, kind: str, source: _Source, rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """What rows of a source are wanted, besides hanging on the records."""
    parts: list[sa.ColumnElement[bool]] = []
    if kind in shape.marked:
        at, identity = sa.bindparam(f"{kind}_at", type_=Instant()), sa.bindparam(f"{kind}_id", type_=sa.BigInteger)
        column = rows.c[source.at]
        parts.append(sa.and_(column <= at, (column < at) | (rows.c[source.identity] < identity)))
    if kind == "note" and not shape.text:
        # on its own card a deal is no entry, so that what comments on it stands by itself
        parts.append(rows.c.reply_to.is_(None) | (rows.c.reply_to == sa.bindparam(RECORD, type_=sa.BigInteger)))
    if kind == "activity" and shape.activity_kinds:
        activity = Base.metadata.tables["activity"].alias()
        chosen = activity.c.kind.in_(shape.activity_kinds) & (activity.c.id == rows.c.activity_id)
        parts.append(sa.select(sa.literal(1)).select_from(activity).where(chosen).correlate(rows).exists())
    if shape.text and kind == "activity":
        parts.append(rows.c.activity_id.in_(search.ids_matched(shape.sqlite)) if shape.words else sa.false())
    elif shape.text:
        parts.append(sa.func.crm_fold(rows.c[source.words]).like(sa.bindparam("text"), escape="/"))
    return sa.and_(sa.true(), *parts)


def mark_values(before: Mapping[str, Mark]) -> dict[str, Any]:
    """The values of the marks in a statement."""
    return {
        f"{kind}_{name}": value for kind, mark in before.items() for name, value in zip(("at", "id"), mark, strict=True)
    }


def escaped(text: str) -> str:
    """A text for LIKE in which nothing stands for something else."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
