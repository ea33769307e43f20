"""Ids in the order of a sort: the statements for it, and what is kept of them while nothing changes."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.fields import LINK_KINDS, TEXT_KINDS, Field
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change
from crm_desktop.records.expressions import Element, child_holders, expression
from crm_desktop.records.filter_sql import FilterContext, compile_filter

Sort = Sequence[tuple[str, bool]]
"""(field, descending) in order of weight."""
_PACK = 160_000
"""How many hexadecimal digits are unpacked at a time, so that other threads get their turn."""
_CHUNK = 20_000
"""How many ids are looked at at a time, for the same reason."""
_FEW = 200_000
"""Up to so many filled values, taking them out of all ids is faster than asking for the empty ones."""


@dataclass(frozen=True)
class _Parts:
    """The statements that give the ids in order: those with a value first, then those without.

    ``rest`` is None where the first gives all. ``slow_rest``: asking for the empty ones looks at every record.
    ``kept``: the order changes only with what the history tells. ``first`` gives what ``filled`` gives, and the first
    ones of it faster.
    """

    filled: sa.Select[Any]
    rest: sa.Select[Any] | None
    descending: bool = False
    slow_rest: bool = False
    kept: bool = False
    first: sa.Select[Any] | None = None


@dataclass(frozen=True)
class _Known:
    """All ids of a record type in one order, as they were after the change ``stamp``; the first ``filled`` have a value."""

    stamp: int
    name: str
    descending: bool
    ids: array[int]
    filled: int

    def turned(self, descending: bool) -> array[int]:
        """The ids in this direction: both parts turn round, the empty values stay last."""
        if descending == self.descending:
            return self.ids
        return self.ids[: self.filled][::-1] + self.ids[self.filled :][::-1]


def ordered_ids(
    database: Database, connection: sa.Connection, context: FilterContext, filter: Filter, sort: Sort, most: int | None,
    only: Element | None = None,
) -> array[int]:  # fmt: skip
    """The ids that a filter lets through, in the order of ``sort``; not to be changed by the caller.

    Args:
        most: how many are wanted at most; all where None.
        only: a further condition, which no filter can say.
    """
    # who began to read before their rights changed keeps nothing
    current = connection.get_execution_options().get("crm_access", database.access) is database.access
    cache = database.cache if current else {}
    parts = _parts(context, filter, sort, only)
    stamp = _stamp(database, connection, context) if parts.kept or parts.rest is not None else None
    key = f"order.{context.entity.name}"
    known: _Known | None = cache.get(key) if parts.kept and stamp is not None else None
    if known is not None and (known.stamp, known.name) == (stamp, sort[0][0]):
        ids = known.turned(parts.descending)
        if most is not None:
            return ids[:most]
    elif most is not None:
        return _first(connection, parts, most)
    else:
        ids = _packed(connection, parts.filled, database.sqlite)
        filled = len(ids)
        if parts.rest is not None:
            if parts.slow_rest or filled <= _FEW:
                rest = _without(_by_id(cache, connection, context, stamp), ids)
                ids += rest[::-1] if parts.descending else rest
            else:
                ids += _packed(connection, parts.rest, database.sqlite)
        known = _Known(stamp or 0, sort[0][0] if sort else "", parts.descending, ids, filled)
    if parts.kept and stamp is not None:
        cache[key] = _Known(stamp, known.name, parts.descending, ids, known.filled)
    return ids


def _first(connection: sa.Connection, parts: _Parts, most: int) -> array[int]:
    filled = parts.filled if parts.first is None else parts.first
    ids = array("q", connection.execute(filled.limit(most)).scalars())
    if len(ids) < most and parts.rest is not None:
        ids.extend(connection.execute(parts.rest.limit(most - len(ids))).scalars())
    return ids


def _stamp(database: Database, connection: sa.Connection, context: FilterContext) -> int | None:
    """The newest change that a reading on SQLite sees: there one follows the other, and none is ever taken back.

    None where that does not hold: on a server, for what has no history, and inside a unit of work.
    """
    tracked = context.schema.table(context.entity) in context.schema.tracked_tables
    if not database.sqlite or not tracked or connection.get_execution_options().get("crm_write"):
        return None
    # past the eyes of one person: what others changed may be in their lists or leave them
    return int(connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM main.{change.name}").scalar_one())


def _by_id(cache: dict[str, Any], connection: sa.Connection, context: FilterContext, stamp: int | None) -> array[int]:
    """Every id of a record type, ascending."""
    key = f"ids.{context.entity.name}"
    known: tuple[int, array[int]] | None = cache.get(key)
    if known is not None and known[0] == stamp:
        return known[1]
    table = context.schema.table(context.entity)
    ids = _packed(connection, sa.select(table.c.id).order_by(table.c.id), context.sqlite)
    if stamp is not None:
        cache[key] = (stamp, ids)
    return ids


def _without(everything: array[int], some: array[int]) -> array[int]:
    """Ascending ids without some of them, which are in any order."""
    rest, start = array("q"), 0
    for one in merge(*(sorted(some[at : at + _CHUNK]) for at in range(0, len(some), _CHUNK))):
        place = bisect_left(everything, one, start)
        rest.extend(everything[start:place])
        start = place + 1
    rest.extend(everything[start:])
    return rest


def _parts(context: FilterContext, filter: Filter, sort: Sort, only: Element | None = None) -> _Parts:
    """What gives the ids in order: one statement, or one for the filled and one for the empty values of a column.

    SQLite walks an index for the first and sorts nothing for the second, where one for both would sort everything.
    """
    table = context.schema.table(context.entity)
    statement = sa.select(table.c.id).where(compile_filter(filter, context))
    if only is not None:
        statement = statement.where(only)
    descending = bool(sort) and sort[-1][1]
    last = table.c.id.desc() if descending else table.c.id.asc()
    name = sort[0][0] if len(sort) == 1 else ""
    one = next((f for f in context.fields if f.name == name), None)
    kept = False
    if context.sqlite and filter == EVERYTHING and only is None and one is not None and not one.custom:
        tracked = {column.name for column in context.schema.tracked_columns(table)}
        kept = bool(one.child) or one.sort_column in tracked
        parts = _two(context, statement, one, descending, last, kept)
        if parts is not None:
            return parts
    for each, down in sort:
        statement = _sorted(statement, context, each, down)
    return _Parts(statement.order_by(last), None, descending, kept=kept)


def _two(
    context: FilterContext, statement: sa.Select[Any], one: Field, descending: bool, last: Element, kept: bool
) -> _Parts | None:
    table = context.schema.table(context.entity)
    if one.child or one.computed:
        return _held(context, one, descending, last, kept)
    column = table.c.get(one.name)
    if one.sort_by or column is None or not column.nullable:
        return None
    rest = sa.select(table.c.id).where(column.is_(None)).order_by(last)
    if one.kind in LINK_KINDS:
        linked = _by_linked(context, one, descending)
        return _Parts(linked.order_by(last), rest, descending, kept=kept) if linked is not None else None
    filled = _sorted(statement.where(column.isnot(None)), context, one.name, descending)
    return _Parts(filled.order_by(last), rest, descending, kept=kept)


def _held(context: FilterContext, one: Field, descending: bool, last: Element, kept: bool) -> _Parts | None:
    """By a value that other rows hold: it is worked out only for records that have such rows.

    None where nobody says which those are.
    """
    table = context.schema.table(context.entity)
    holders = child_holders(one) if one.child else context.schema.holders.get((context.entity.name, one.name))
    if holders is None:
        return None
    having = (holders if isinstance(holders, sa.Select) else holders(table)).subquery()
    value = expression(context.schema, context.entity, one)
    # the limit keeps SQLite from working the value out once for each place where it is named
    found = sa.select(table.c.id, value.label("value")).join(having, table.c.id == having.c.id).limit(-1).subquery()
    key = _text_order(found.c.value, context.sqlite, False) if one.kind in TEXT_KINDS else found.c.value
    filled = sa.select(found.c.id).where(found.c.value.isnot(None))
    keys = (key, found.c.id)
    filled = filled.order_by(*(each.desc() if descending else each for each in keys))
    rest = sa.select(table.c.id).where(value.is_(None)).order_by(last)
    return _Parts(filled, rest, descending, slow_rest=True, kept=kept, first=_by_address(context, one, descending))


def _by_address(context: FilterContext, one: Field, descending: bool) -> sa.Select[Any] | None:
    """By a column of the primary address, from its index, which other record types share; None where it has none."""
    place, _, name = one.child.partition(".")
    table, address = context.schema.table(context.entity), Base.metadata.tables["address"]
    indexed = any(index.columns.keys() == [name, "owner_id"] for index in address.indexes)
    if place != "addresses" or not indexed or one.kind not in TEXT_KINDS:
        return None
    other = address.alias()
    primary = sa.select(other.c.id).where(other.c.owner_id == address.c.owner_id)
    chosen = primary.order_by(other.c.is_primary.desc(), other.c.id).limit(1).scalar_subquery()
    found = sa.select(table.c.id).select_from(address.join(table, table.c.id == address.c.owner_id))
    keys = (_text_order(address.c[name], context.sqlite, False), address.c.owner_id)
    found = found.where(address.c[name].isnot(None), address.c.id == chosen)
    return found.order_by(*(key.desc() if descending else key for key in keys))


def _by_linked(context: FilterContext, one: Field, descending: bool) -> sa.Select[Any] | None:
    """The records with a link by its title, from the other table's index of titles; None where it has none."""
    target = context.schema.entity(one.target)
    title = target.field(target.title_field)
    if not title.sort_by:
        return None
    table, other = context.schema.table(context.entity), context.schema.table(target).alias()
    statement = sa.select(table.c.id).select_from(other.join(table, table.c[one.name] == other.c.id))
    keys = (other.c[title.sort_by], other.c.id)
    return statement.order_by(*(key.desc() if descending else key for key in keys))


def _packed(connection: sa.Connection, statement: sa.Select[Any], sqlite: bool) -> array[int]:
    """Every id that a statement gives, as one value: a million rows, each fetched by Python, would hold up the window."""
    found = statement.subquery()
    if not sqlite:
        packed = sa.func.string_agg(sa.func.int8send(found.c.id), sa.literal(b"", sa.LargeBinary), type_=sa.LargeBinary)
        ids = array("q", bytes(connection.execute(sa.select(packed)).scalar() or b""))
    else:
        packed = sa.func.group_concat(sa.func.printf("%016x", found.c.id), "")
        text = str(connection.execute(sa.select(packed)).scalar() or "")
        ids = array("q")
        for start in range(0, len(text), _PACK):
            ids.frombytes(bytes.fromhex(text[start : start + _PACK]))
    if sys.byteorder == "little":
        ids.byteswap()
    return ids


def _sorted(statement: sa.Select[Any], context: FilterContext, name: str, descending: bool) -> sa.Select[Any]:
    column: Element
    if name == "id":
        column = context.schema.table(context.entity).c.id
        return statement.order_by(column.desc() if descending else column)
    one = next((f for f in context.fields if f.name == name), None)
    if one is None:
        return statement
    table = context.schema.table(context.entity)
    if one.sort_by:  # a sort key is never empty, so its index serves
        column = table.c[one.sort_by]
        if context.sqlite:  # as of a moment two indexes are walked side by side, where what orders is selected, too
            statement = statement.add_columns(column)
        return statement.order_by(column.desc() if descending else column)
    if one.kind in LINK_KINDS:
        target = context.schema.entity(one.target)
        other = context.schema.table(target).alias()
        statement = statement.outerjoin_from(
            table, other, other.c.id == expression(context.schema, context.entity, one)
        )
        title = target.field(target.title_field)
        column = _text_order(other.c[title.sort_column], context.sqlite, bool(title.sort_by))
        if title.sort_by:  # namesakes stay together
            first = column.desc().nulls_last() if descending else column.asc().nulls_last()
            return statement.order_by(first, other.c.id.desc() if descending else other.c.id)
    else:
        column = expression(context.schema, context.entity, one)
        if one.kind in TEXT_KINDS:
            column = _text_order(column, context.sqlite, False)
    if context.sqlite and descending:
        return statement.order_by(column.desc())  # SQLite puts empty values last by itself then
    return statement.order_by(column.desc().nulls_last() if descending else column.asc().nulls_last())


def _text_order(column: Element, sqlite: bool, folded: bool) -> Element:
    if folded:
        return column
    return column.collate("NOCASE") if sqlite else sa.func.lower(column).collate("C")
