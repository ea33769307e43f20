"""Records in groups: which groups there are, how many records each has, and the ids of a group."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, TEXT_KINDS, Field, Kind
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text
from crm_desktop.records import queries
from crm_desktop.records.aggregates import Measures, measure_columns, measured, merge
from crm_desktop.records.expressions import Element, expression
from crm_desktop.records.filter_sql import FilterContext, compile_filter
from crm_desktop.records.ordering import Sort, ordered_ids

STEPS: dict[str, str] = {
    "day": N_("Day"), "month": N_("Month"), "quarter": N_("Quarter"), "year": N_("Year"),
}  # fmt: skip
"""How dates may be grouped, the finest first."""
MOST = 5_000
"""More groups than this are no help to anybody."""
_GROUPABLE = frozenset(
    {Kind.TEXT, Kind.CHOICE, Kind.CHOICES, Kind.USER, Kind.LINK, Kind.BOOL, Kind.COUNTRY, Kind.CURRENCY, Kind.TIMEZONE,
     Kind.INTEGER, Kind.PERCENT}
) | DATE_KINDS  # fmt: skip
_LENGTHS = {"year": 4, "quarter": 7, "month": 7, "day": 10}
_PART = 400
_SMALL = 100_000
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Grouping:
    """By what a list is grouped: a field, for dates how finely, and which end comes first."""

    field: str
    step: str = ""
    descending: bool = False


@dataclass(frozen=True)
class Group:
    """One group: what its records have in common, how many they are, and what their columns add up to.

    ``key`` is None where the field is empty, text folded to one spelling, the id of a link, or of dates "2026",
    "2026-Q1", "2026-03", "2026-03-12". ``title`` is the spelling to be shown: of a text the most usual one, of a link
    the record's title. ``raws`` are the stored values that belong to it.
    """

    key: Any
    title: str
    count: int
    raws: tuple[Any, ...] = ()
    measures: Mapping[str, Measures] = field(default_factory=dict)


def can_group(one: Field) -> bool:
    """Whether a list may be grouped by a field."""
    return one.kind in _GROUPABLE and not one.name.startswith("@") and one.name != "name"


def default_step(one: Field) -> str:
    """How finely dates of a field are grouped where nobody said so."""
    return "month" if one.kind in DATE_KINDS else ""


def read_groups(
    database: Database, connection: sa.Connection, entity: str, grouping: Grouping, *, filter: Filter,
    measures: Sequence[str] = (), user_id: int | None = None,
) -> list[Group]:  # fmt: skip
    """The groups of the records that a filter lets through, in order, those without a value last.

    Args:
        measures: fields whose sum, average, least and greatest value each group is to tell.

    Raises:
        UserError: the field does not exist, or there are more than ``MOST`` groups.
    """
    context = queries.context_for(database, entity, connection, user_id)
    one = _field(context, grouping)
    if one.child.startswith("addresses.") and filter == EVERYTHING and not measures:
        return _gathered(context, connection, one, grouping, _by_address(context, connection, one), ())
    key = _key(context, one, grouping)
    numbers, columns = measure_columns(context, measures)
    table = context.schema.table(context.entity)
    inner = sa.select(key.label("crm_key"), *columns).select_from(table).where(compile_filter(filter, context))
    rows = inner.subquery()
    parts = [rows.c.crm_key, *([rows.c.crm_currency] if "crm_currency" in rows.c else [])]
    statement = sa.select(*parts, sa.func.count().label("crm_count"), *measured(numbers, rows)).group_by(*parts)
    found = connection.execute(statement.limit(MOST * 4)).mappings().all()
    return _gathered(context, connection, one, grouping, found, numbers)


def _by_address(context: FilterContext, connection: sa.Connection, one: Field) -> list[dict[str, Any]]:
    """How many records have which value of their primary address, from the index of that column.

    Only of records with several addresses the primary one is looked for; those without any are what is left.
    """
    table, address = context.schema.table(context.entity), Base.metadata.tables["address"]
    column = address.c[one.child.split(".")[1]]
    several = sa.select(address.c.owner_id).group_by(address.c.owner_id).having(sa.func.count() > 1)
    single = (
        sa.select(column.label("crm_key"), sa.func.count().label("crm_count"))
        .select_from(address.join(table, table.c.id == address.c.owner_id))
        .where(address.c.owner_id.not_in(several)).group_by(column).limit(MOST * 4)
    )  # fmt: skip
    value = expression(context.schema, context.entity, one)
    chosen = sa.select(value.label("crm_key")).where(table.c.id.in_(several)).subquery()
    others = sa.select(chosen.c.crm_key, sa.func.count().label("crm_count")).group_by(chosen.c.crm_key)
    found = [dict(row) for part in (single, others) for row in connection.execute(part).mappings()]
    total = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
    rest = total - sum(row["crm_count"] for row in found)
    return [*found, {"crm_key": None, "crm_count": rest}] if rest else found


def _gathered(
    context: FilterContext, connection: sa.Connection, one: Field, grouping: Grouping, found: Sequence[Any],
    numbers: Sequence[Field],
) -> list[Group]:  # fmt: skip
    """The rows of SQL as groups: several spellings and several currencies of one key come together."""
    counts: dict[Any, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    measures: dict[Any, dict[str, Measures]] = defaultdict(dict)
    for row in found:
        key = _common(one, grouping, row["crm_key"])
        counts[key][row["crm_key"]] += row["crm_count"]
        for number in numbers:
            measures[key][number.name] = merge(measures[key].get(number.name), row, number)
    if len(counts) > MOST:
        raise UserError(
            N_("There are more than {n} groups. Group by something that more records have in common."), n=MOST
        )
    titles: dict[Any, str] = {}
    if one.kind in LINK_KINDS:
        ids = [key for key in counts if key is not None]
        titles = dict(queries.titles(context.schema, connection, one.target, ids))
    groups = []
    for key, raws in counts.items():
        usual = max(raws, key=lambda raw: (raws[raw], str(raw)))
        title = titles.get(key, "?") if one.kind in LINK_KINDS else str(usual)
        groups.append(Group(key, "" if key is None else title, sum(raws.values()), tuple(raws), measures[key]))
    order = _order(one)
    filled = sorted((g for g in groups if g.key is not None), key=order, reverse=grouping.descending)
    return filled + [g for g in groups if g.key is None]


def group_ids(
    database: Database, connection: sa.Connection, entity: str, grouping: Grouping, groups: Sequence[Group], *,
    filter: Filter, sort: Sort, user_id: int | None = None, limit: int | None = None,
) -> dict[Any, array[int]]:  # fmt: skip
    """The ids of some groups by their keys, each in the order of ``sort``.

    Args:
        limit: of a single group, only so many.
    """
    context = queries.context_for(database, entity, connection, user_id)
    one = _field(context, grouping)
    chosen = list(sort) or ([context.entity.list_sort] if context.entity.list_sort[0] else [])
    if len(groups) == 1:
        return {groups[0].key: _of_one(database, connection, context, one, grouping, groups[0], filter, chosen, limit)}
    ids = ordered_ids(database, connection, context, filter, chosen, None)
    result: dict[Any, array[int]] = {group.key: array("q") for group in groups}
    if not groups or not len(ids):
        return result
    table = context.schema.table(context.entity)
    key = _key(context, one, grouping)
    statement = sa.select(table.c.id, key).where(compile_filter(filter, context))
    common: dict[Any, Any] = {}
    of: dict[int, Any] = {}
    for part in connection.execute(statement).partitions(2_000):
        for identity, raw in part:
            if raw not in common:
                common[raw] = _common(one, grouping, raw)
            of[identity] = common[raw]
    for identity in ids:
        mine = result.get(of.get(identity))
        if mine is not None:
            mine.append(identity)
    return result


def _of_one(
    database: Database, connection: sa.Connection, context: FilterContext, one: Field, grouping: Grouping,
    group: Group, filter: Filter, sort: Sort, limit: int | None,
) -> array[int]:  # fmt: skip
    key = _key(context, one, grouping)
    wanted = [raw for raw in group.raws if raw is not None]
    tests = [key.in_(wanted[start : start + _PART]) for start in range(0, len(wanted), _PART)]
    tests += [key.is_(None)] if None in group.raws else []
    only: Element = sa.or_(sa.false(), *tests)
    table, address = context.schema.table(context.entity), Base.metadata.tables["address"]
    if one.child.startswith("addresses.") and None not in group.raws:  # its index finds few of them at once
        column = address.c[one.child.split(".")[1]]
        only &= table.c.id.in_(sa.select(address.c.owner_id).where(column.in_(wanted)))
    if database.sqlite and group.count < _SMALL:
        # found first and sorted then: by itself SQLite walks the index of the sort and looks at every record
        small = sa.select(table.c.id).where(compile_filter(filter, context), only).limit(-1)
        return ordered_ids(database, connection, context, EVERYTHING, sort, limit, table.c.id.in_(small))
    return ordered_ids(database, connection, context, filter, sort, limit, only)


def _field(context: FilterContext, grouping: Grouping) -> Field:
    one = next((f for f in context.fields if f.name == grouping.field), None)
    if one is None:
        raise UserError(N_("The list is grouped by “{field}”, which is no longer there."), field=grouping.field)
    return one


def _common(one: Field, grouping: Grouping, raw: Any) -> Any:
    """What several stored values of one group have in common."""
    if raw is None or raw == "":
        return None
    if one.kind in DATE_KINDS:
        text = str(raw)
        return f"{text[:4]}-Q{(int(text[5:7]) + 2) // 3}" if grouping.step == "quarter" else text
    if one.kind is Kind.CHOICES:
        return str(raw)
    if one.kind in TEXT_KINDS and one.kind is not Kind.CHOICE:
        return " ".join(fold(str(raw)).split()) or None
    return bool(raw) if one.kind is Kind.BOOL else raw


def _order(one: Field) -> Callable[[Group], Any]:
    if one.kind is Kind.CHOICE:
        places = {choice.key: number for number, choice in enumerate(one.choices)}
        return lambda group: (places.get(group.key, len(places)), str(group.key))
    if one.kind in TEXT_KINDS | LINK_KINDS:
        return lambda group: (fold(group.title), str(group.key))
    return lambda group: group.key


# -- what records of a group have in common, in SQL --------------------------------------------------------------


def _key(context: FilterContext, one: Field, grouping: Grouping) -> Element:
    column = expression(context.schema, context.entity, one)
    if one.kind not in DATE_KINDS:
        if one.kind is Kind.CHOICES:
            return sa.cast(column, sa.Text)
        return column
    length = _LENGTHS[grouping.step or "month"]
    if one.kind is Kind.DATETIME:
        if one.custom and not context.sqlite:  # kept as text
            column = sa.cast(column, sa.DateTime(timezone=True))
        return _local_text(context, column, length)
    if context.sqlite or one.custom:
        return sa.func.substr(sa.type_coerce(column, sa.Text), 1, length)
    return sa.func.substr(sa.func.to_char(column, "YYYY-MM-DD"), 1, length)


def _local_text(context: FilterContext, column: Element, length: int) -> Element:
    """The start of an instant's local date as text."""
    zone = clock.local_zone()
    if not context.sqlite:
        local = sa.func.timezone(str(zone), column)
        return sa.func.substr(sa.func.to_char(local, "YYYY-MM-DD"), 1, length)
    text = sa.type_coerce(column, sa.Text)
    whens = [
        (text >= instant_text(begin), sa.func.substr(sa.func.datetime(text, f"{minutes:+d} minutes"), 1, length))
        for begin, minutes in reversed(_spans(zone, _FIRST, datetime(clock.today().year + 3, 1, 1, tzinfo=UTC)))
    ]
    return sa.case((text.is_(None), sa.null()), *whens, else_=sa.func.substr(text, 1, length))


@lru_cache(maxsize=8)
def _spans(zone: tzinfo, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    return offsets(zone, first, last)


def offsets(zone: tzinfo, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    """From which instant on local time is how many minutes ahead of UTC, between two instants."""

    def ahead(moment: datetime) -> int:
        offset = moment.astimezone(zone).utcoffset()
        return round(offset.total_seconds() / 60) if offset else 0

    at = first.astimezone(UTC)
    spans = [(at, ahead(at))]
    while at < last:
        step = min(at + timedelta(days=7), last.astimezone(UTC) + timedelta(seconds=1))
        if ahead(step) != spans[-1][1]:
            low, high = at, step
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if ahead(middle) == spans[-1][1] else (low, middle)
            spans.append((high.replace(second=0, microsecond=0), ahead(high)))
        at = step
    return spans


def period_of(key: str) -> tuple[date, date]:
    """The first and the last day of a date group's key."""
    year = int(key[:4])
    if len(key) == 4:
        return date(year, 1, 1), date(year, 12, 31)
    if len(key) == 10:
        return date.fromisoformat(key), date.fromisoformat(key)
    month, months = (int(key[6]) * 3 - 2, 3) if key[5] == "Q" else (int(key[5:7]), 1)
    after = date(year + (month + months > 12), (month + months - 1) % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)
