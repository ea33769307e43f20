"""Filters compiled to SQL, the same records on both engines."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, periods
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import DATE_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.filters import Condition, Filter
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import Units, instant_text
from crm_desktop.records.expressions import Element, exists_child, expression

_WHOLE_YEAR = 364
_NORMALISED = frozenset({Kind.PHONE, Kind.TAX_ID, Kind.CHOICE, Kind.COUNTRY, Kind.CURRENCY, Kind.TIMEZONE})


@dataclass(frozen=True)
class FilterContext:
    """What a filter needs to know besides itself: the fields of the record type, the engine, who asks."""

    schema: Schema
    entity: Entity
    fields: Sequence[Field]
    sqlite: bool
    user_id: int | None = None
    table: sa.FromClause | None = None
    """An alias of the record type's table; the table itself where None."""


def compile_filter(tree: Filter, context: FilterContext) -> Element:
    """The SQL condition of a filter.

    Raises:
        UserError: it names a field that does not exist, or a value that the field cannot have.
    """
    if isinstance(tree, Condition):
        return _condition(tree, context)
    if not tree.parts:
        return sa.true()
    parts = [compile_filter(part, context) for part in tree.parts]
    return sa.and_(*parts) if tree.join == "and" else sa.or_(*parts)


def _condition(condition: Condition, context: FilterContext) -> Element:
    table = context.schema.table(context.entity) if context.table is None else context.table
    if condition.op in ("has_tag", "no_tag"):
        return _tag(condition, table)
    if condition.op == "search" or condition.field == "@text":
        ids = search.ids_matching(str(condition.value or ""), context.sqlite)
        return sa.true() if ids is None else table.c.id.in_(ids)
    if condition.field == "id":
        return _compare(table.c.id, condition.op, condition.value, int)
    field = next((one for one in context.fields if one.name == condition.field), None)
    if field is None:
        raise UserError(
            N_("The filter asks for “{field}”, which is no field of {entity}."),
            field=condition.field, entity=context.entity.name,
        )  # fmt: skip
    value = condition.value
    if value == "@me" or (isinstance(value, list) and "@me" in value):
        me = context.user_id if context.user_id is not None else -1
        value = [me if one == "@me" else one for one in value] if isinstance(value, list) else me
    negative = condition.op in ("ne", "not_in", "not_contains", "empty")
    if field.child:
        positive = {"ne": "eq", "not_in": "in", "not_contains": "contains", "empty": "filled"}
        op = positive.get(condition.op, condition.op)
        found = exists_child(field, table, lambda column: _test(column, field, op, value))
        return ~found if negative else found
    return _test(expression(context.schema, context.entity, field, table), field, condition.op, value)


def _tag(condition: Condition, table: sa.FromClause) -> Element:
    record_tag, tag = Base.metadata.tables["record_tag"], Base.metadata.tables["tag"]
    names = condition.value if isinstance(condition.value, list) else [condition.value]
    found = table.c.id.in_(
        sa.select(record_tag.c.record_id)
        .join(tag, tag.c.id == record_tag.c.tag_id)
        .where(tag.c.key.in_([fold(str(name)) for name in names]))
    )
    return ~found if condition.op == "no_tag" else found


def _test(column: Element, field: Field, op: str, value: Any) -> Element:
    if op in ("empty", "filled"):
        text_like = field.kind not in NUMERIC_KINDS | DATE_KINDS | {Kind.BOOL, Kind.LINK, Kind.USER}
        empty = column.is_(None) | (column == "") if text_like and not field.custom else column.is_(None)
        return empty if op == "empty" else ~empty
    if field.kind in DATE_KINDS:
        return _date_test(column, field, op, value)
    if field.kind in NUMERIC_KINDS:
        return _compare(column, op, value, _number if isinstance(column.type, Units) else _whole)
    if field.kind in (Kind.LINK, Kind.USER):
        return _compare(column, op, value, int)
    if field.kind is Kind.BOOL:
        wanted = str(value).lower() not in ("false", "0", "no", "")
        return column.is_(wanted) if (op == "eq") == wanted or op == "eq" else column.is_(not wanted)
    if field.kind is Kind.CHOICES:
        found = column.contains(f'"{value}"', autoescape=True)
        return ~found | column.is_(None) if op == "not_contains" else found
    return _text_test(column, field, op, value)


def _text_test(column: Element, field: Field, op: str, value: Any) -> Element:
    if op in ("eq", "ne", "in", "not_in") and field.kind in _NORMALISED:
        return _compare(column, op, value, str)
    folded = sa.func.crm_fold(column)
    if op in ("in", "not_in"):
        found = folded.in_([fold(str(one)) for one in value])
        return ~found | column.is_(None) if op == "not_in" else found
    text = fold(str(value or ""))
    if op == "eq":
        return folded == text
    if op == "ne":
        return (folded != text) | column.is_(None)
    if op == "starts":
        return folded.startswith(text, autoescape=True)
    if op == "contains":
        return folded.contains(text, autoescape=True)
    if op == "not_contains":
        return ~folded.contains(text, autoescape=True) | column.is_(None)
    return _compare(folded, op, text, str)


def _compare(column: Element, op: str, value: Any, convert: Callable[[Any], Any]) -> Element:
    try:
        if op == "in":
            return column.in_([convert(one) for one in value])
        if op == "not_in":
            return ~column.in_([convert(one) for one in value]) | column.is_(None)
        if op == "between":
            low, high = value
            return column.between(convert(low), convert(high))
        wanted = convert(value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise UserError(N_("“{value}” is not a value that this filter can use."), value=str(value)) from error
    if op == "eq":
        return column == wanted
    if op == "ne":
        return (column != wanted) | column.is_(None)
    simple = {"lt": column < wanted, "le": column <= wanted, "gt": column > wanted, "ge": column >= wanted}
    if op not in simple:
        raise UserError(N_("This field cannot be filtered by “{op}”."), op=op)
    return simple[op]


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _whole(value: Any) -> int:
    return int(Decimal(str(value)))


def _date_test(column: Element, field: Field, op: str, value: Any) -> Element:
    today = clock.today()
    try:
        if op == "anniversary":
            return _anniversary(column, field, *periods.resolve(value, today))
        if op == "period":
            low, high = periods.resolve(value, today)
        elif op == "between":
            low, high = date.fromisoformat(str(value[0])[:10]), date.fromisoformat(str(value[1])[:10])
        elif op == "older_days":
            return column < _start(field, today - timedelta(days=int(value)))
        elif op == "next_days":
            low, high = today, today + timedelta(days=int(value))
        else:
            low = high = date.fromisoformat(str(value)[:10])
    except (TypeError, ValueError, IndexError) as error:
        raise UserError(N_("“{value}” is not a date or period."), value=str(value)) from error
    if op in ("period", "between", "next_days", "eq"):
        bounds = [column.isnot(None)]
        if low > date.min:
            bounds.append(column >= _start(field, low))
        if high < date.max:
            bounds.append(column < _start(field, high + timedelta(days=1)))
        return sa.and_(*bounds)
    start, end = _start(field, low), _start(field, high + timedelta(days=1))
    if op == "ne":
        return (column < start) | (column >= end) | column.is_(None)
    simple = {"lt": column < start, "ge": column >= start, "gt": column >= end, "le": column < end}
    return simple[op]


def _anniversary(column: Element, field: Field, low: date, high: date) -> Element:
    """Whether the day and month of a date, in any year, lie in a span of days. February 29 is March 1 in other years."""
    if (high - low).days >= _WHOLE_YEAR:
        return column.isnot(None)
    if field.custom:  # kept as ISO text
        month, day = (sa.cast(sa.func.substr(column, place, 2), sa.Integer) for place in (6, 9))
    else:
        month, day = (sa.cast(sa.extract(part, column), sa.Integer) for part in ("month", "day"))
    at = month * 100 + day
    first, last = (one.month * 100 + one.day for one in (low, high))
    found = at.between(first, last) if first <= last else (at >= first) | (at <= last)
    days = (date(year, 3, 1) for year in {low.year, high.year} if not isleap(year))
    if any(low <= one <= high for one in days):
        found = found | (at == 229)
    return column.isnot(None) & found


def _start(field: Field, day: date) -> Any:
    """The first moment of a local day, in the terms of the field."""
    if field.kind is Kind.DATE:
        return day.isoformat() if field.custom else day
    moment = datetime.combine(day, time())
    if field.kind is Kind.LOCAL_DATETIME:
        return moment
    instant = moment.replace(tzinfo=clock.local_zone()).astimezone(UTC)
    return instant_text(instant) if field.custom else instant
