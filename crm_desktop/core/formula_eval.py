"""Formulas worked out in memory, with the same results as their SQL: for forms, and to prove the SQL right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formulas import BOOL, DATE, NUMBER, TEXT, Node
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold

PLACES = Decimal("0.0001")
DAYS_AT_MOST = 1_000_000
_EXACT = Context(prec=80)
Values = Mapping[str, Any]


def evaluate(tree: Node, values: Values) -> Any:
    """The value of a formula for a record: Decimal, str, date, bool, or None for empty.

    Args:
        values: Python values by field name; what is missing is empty. Computed fields are worked out too.
    """
    result = _value(tree, values)
    return result if result != "" else None


def _value(tree: Node, values: Values) -> Any:
    if tree.op == "const":
        return date.fromisoformat(tree.value) if tree.type == DATE else tree.value
    if tree.op == "field":
        return field_value(tree.field, values)
    if tree.op == "if":
        return _value(tree.args[1 if _value(tree.args[0], values) else 2], values)
    if tree.op == "today":
        return clock.today()
    if tree.op == "has_choice":
        return tree.value in (values.get(tree.args[0].field.name) or ())
    args = [_value(one, values) for one in tree.args]
    if tree.op in ("and", "or"):
        return all(args) if tree.op == "and" else any(args)
    if tree.op == "not":
        return not args[0]
    if tree.op in _COMPARE:
        return compare(tree.op, tree.args[0].type if args[0] is not None else tree.args[1].type, *args)
    if tree.op == "join":
        return "".join(text_of(one, value) for one, value in zip(tree.args, args, strict=True))
    if tree.op in ("coalesce", "min", "max"):
        filled = [one for one in args if one not in (None, "")]
        return None if not filled else {"coalesce": lambda f: f[0], "min": min, "max": max}[tree.op](filled)  # type: ignore[operator]
    if tree.op == "empty":
        return args[0] in (None, "")
    if tree.op == "contains":
        return fold(args[1] or "") in fold(args[0] or "")
    if tree.op == "length":
        return Decimal(len(args[0] or ""))
    if any(one is None for one in args):
        return None
    return SIMPLE[tree.op](tree, *args)


def field_value(one: Field, values: Values) -> Any:
    """The value of a field as formulas use it: days instead of moments, labels of choices as keys, titles of links."""
    if one.formula is not None and one.formula.tree is not None:
        return evaluate(one.formula.tree, values)
    value = values.get(one.name)
    if one.kind is Kind.BOOL:
        return bool(value)
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(clock.local_zone()).date() if value.tzinfo else value.date()
    if one.kind in LINK_KINDS:
        return str(value)
    if one.kind is Kind.CHOICES:
        return formats.format_value(one, value)
    return Decimal(value).quantize(PLACES) if isinstance(value, int | Decimal) else value


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip


def compare(op: str, type_: str, left: Any, right: Any) -> bool:
    """Whether a comparison of two values of one type holds."""
    if type_ == TEXT:
        left, right = (fold(one) if one else None for one in (left, right))
    if (left is None or right is None) and op not in ("eq", "ne"):
        return False
    return _COMPARE[op](left, right)


def text_of(one: Node, value: Any) -> str:
    """The value of a part of a formula as it is joined to texts."""
    if value is None:
        return ""
    if one.type == NUMBER:
        text = f"{value.quantize(PLACES):f}".rstrip("0").rstrip(".")
        return text.replace(".", formats.shape().decimal)
    if one.type == BOOL:
        return _("Yes") if value else _("No")
    if one.op == "field" and one.field.kind is Kind.CHOICE:
        return formats.format_value(one.field, value)
    return value.isoformat() if one.type == DATE else str(value)


def _rounded(value: Decimal, step: Decimal = PLACES) -> Decimal:
    return value.quantize(step, ROUND_HALF_UP, _EXACT) + 0


def _divided(_tree: Node, left: Decimal, right: Decimal) -> Decimal | None:
    return _rounded(_EXACT.divide(left, right)) if right else None


def _remainder(_tree: Node, left: Decimal, right: Decimal) -> Decimal | None:
    return left % right + 0 if right else None


def _moved(_tree: Node, day: date, days: Decimal) -> date | None:
    number = int(abs(days)) % DAYS_AT_MOST
    try:
        return day + timedelta(days=number if days >= 0 else -number)
    except OverflowError:
        return None


SIMPLE: dict[str, Callable[..., Any]] = {
    "add": lambda _t, a, b: a + b, "sub": lambda _t, a, b: a - b, "neg": lambda _t, a: -a + 0,
    "mul": lambda _t, a, b: _rounded(_EXACT.multiply(a, b)), "div": _divided, "mod": _remainder, "date_add": _moved,
    "days": lambda _t, a, b: Decimal((b - a).days), "abs": lambda _t, a: abs(a),
    "round": lambda tree, a: _rounded(a, Decimal(1).scaleb(-tree.value)), "year": lambda _t, a: Decimal(a.year),
    "month": lambda _t, a: Decimal(a.month), "day": lambda _t, a: Decimal(a.day), "upper": lambda _t, a: a.upper(),
    "lower": lambda _t, a: a.lower(), "left": lambda tree, a: a[: tree.value],
}  # fmt: skip
"""What is done with values that are all there."""
