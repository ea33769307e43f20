"""Filters tried on values in memory: what a form holds as it is typed, a record that is about to be written.

The same answer as the SQL of ``records.filter_sql`` gives for a stored record with these values.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_desktop.core import clock, periods
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.filters import Condition, Filter, conditions
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold

EXACT_KINDS = frozenset({Kind.PHONE, Kind.TAX_ID, Kind.CHOICE, Kind.COUNTRY, Kind.CURRENCY, Kind.TIMEZONE})
"""Texts that are compared letter by letter, because they are stored in one spelling."""
_WHOLE_YEAR = 364
Values = Mapping[str, Any]


def matches(tree: Filter, values: Values, fields: Mapping[str, Field], user_id: int | None = None) -> bool:
    """Whether a record with these values is let through.

    Args:
        values: Python values by field name; links as ids or as objects with an ``id``. What is missing is empty.
        fields: the fields of the record type by name.
        user_id: who "@me" is.

    Raises:
        UserError: the filter asks for what only the database knows (tags, words), or for no field.
    """
    if isinstance(tree, Condition):
        return _condition(tree, values, fields, user_id)
    if not tree.parts:
        return True
    parts = (matches(part, values, fields, user_id) for part in tree.parts)
    return all(parts) if tree.join == "and" else any(parts)


def names_in(tree: Filter | None) -> set[str]:
    """The names of the fields that a filter looks at."""
    return {one.field for one in conditions(tree)} if tree is not None else set()


def _condition(one: Condition, values: Values, fields: Mapping[str, Field], user_id: int | None) -> bool:
    field = fields.get(one.field)
    if field is None or one.op in ("search", "has_tag", "no_tag"):
        raise UserError(N_("A form cannot depend on “{field}”. Choose a field of the record."), field=one.field)
    wanted = one.value
    if wanted == "@me" or (isinstance(wanted, list) and "@me" in wanted):
        me = user_id if user_id is not None else -1
        wanted = [me if each == "@me" else each for each in wanted] if isinstance(wanted, list) else me
    value = values.get(one.field)
    if field.kind in LINK_KINDS:
        value = getattr(value, "id", value)
    if value in ("", []):
        value = None
    return _test(field, one.op, value, wanted)


def _test(field: Field, op: str, value: Any, wanted: Any) -> bool:
    if op in ("empty", "filled"):
        return (value is None) == (op == "empty")
    if field.kind in DATE_KINDS:
        return _date_test(field, op, value, wanted)
    if field.kind in NUMERIC_KINDS:
        return _compare(op, value, wanted, _whole if field.kind is Kind.INTEGER else _number)
    if field.kind in LINK_KINDS:
        return _compare(op, value, wanted, int)
    if field.kind is Kind.BOOL:
        yes = str(wanted).lower() not in ("false", "0", "no", "")
        return value is not None and bool(value) is (yes if op == "eq" else not yes)
    if field.kind is Kind.CHOICES:
        found = value is not None and str(wanted) in value
        return not found if op == "not_contains" else found
    return _text_test(field, op, value, wanted)


def _text_test(field: Field, op: str, value: Any, wanted: Any) -> bool:
    if op in ("eq", "ne", "in", "not_in") and field.kind in EXACT_KINDS:
        return _compare(op, value, wanted, str)
    folded = None if value is None else fold(str(value))
    if op in ("in", "not_in"):
        found = folded is not None and folded in {fold(str(one)) for one in wanted}
        return not found if op == "not_in" else found
    text = fold(str(wanted or ""))
    negative = op in ("ne", "not_contains")
    if folded is None:
        return negative
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: folded == text, "ne": lambda: folded != text, "starts": lambda: folded.startswith(text),
        "contains": lambda: text in folded, "not_contains": lambda: text not in folded,
    }  # fmt: skip
    return tests[op]() if op in tests else _compare(op, folded, text, str)


def _compare(op: str, value: Any, wanted: Any, convert: Callable[[Any], Any]) -> bool:
    try:
        if op in ("in", "not_in"):
            return (value in [convert(one) for one in wanted]) == (op == "in")
        if op == "between":
            low, high = (convert(one) for one in wanted)
            return value is not None and low <= value <= high
        other = convert(wanted)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise UserError(N_("“{value}” is not a value that this filter can use."), value=str(wanted)) from error
    if op in ("eq", "ne"):
        return (value == other) == (op == "eq")
    if op not in ("lt", "le", "gt", "ge"):
        raise UserError(N_("This field cannot be filtered by “{op}”."), op=op)
    if value is None:
        return False
    return bool({"lt": value < other, "le": value <= other, "gt": value > other, "ge": value >= other}[op])


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _whole(value: Any) -> int:
    return int(Decimal(str(value)))


def _date_test(field: Field, op: str, value: Any, wanted: Any) -> bool:
    today = clock.today()
    try:
        if op == "anniversary":
            return value is not None and _anniversary(value, *periods.resolve(wanted, today))
        if op == "period":
            low, high = periods.resolve(wanted, today)
        elif op == "between":
            low, high = date.fromisoformat(str(wanted[0])[:10]), date.fromisoformat(str(wanted[1])[:10])
        elif op == "older_days":
            return value is not None and bool(value < _start(field, today - timedelta(days=int(wanted))))
        elif op == "next_days":
            low, high = today, today + timedelta(days=int(wanted))
        else:
            low = high = date.fromisoformat(str(wanted)[:10])
    except (TypeError, ValueError, IndexError) as error:
        raise UserError(N_("“{value}” is not a date or period."), value=str(wanted)) from error
    if value is None:
        return op == "ne"
    after = low == date.min or value >= _start(field, low)
    before = high == date.max or value < _start(field, high + timedelta(days=1))
    return {"lt": not after, "ge": after, "gt": not before, "le": before, "ne": not (after and before)}.get(
        op, after and before
    )


def _anniversary(value: date, low: date, high: date) -> bool:
    """Whether the day and month of a date, in any year, lie in a span of days. February 29 is March 1 in other years."""
    if (high - low).days >= _WHOLE_YEAR:
        return True
    at = (value.month, value.day)
    shown = [date(year, *((3, 1) if at == (2, 29) and not isleap(year) else at)) for year in {low.year, high.year}]
    return any(low <= one <= high for one in shown)


def _start(field: Field, day: date) -> Any:
    if field.kind is Kind.DATE:
        return day
    moment = datetime.combine(day, time())
    if field.kind is Kind.LOCAL_DATETIME:
        return moment
    return moment.replace(tzinfo=clock.local_zone()).astimezone(UTC)
