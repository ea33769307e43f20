"""Filters as data: which records, saved as JSON, compiled to SQL elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_

OPERATORS: dict[str, str] = {
    "eq": N_("is"),
    "ne": N_("is not"),
    "in": N_("is one of"),
    "not_in": N_("is none of"),
    "contains": N_("contains"),
    "not_contains": N_("does not contain"),
    "starts": N_("starts with"),
    "lt": N_("is less than"),
    "le": N_("is at most"),
    "gt": N_("is more than"),
    "ge": N_("is at least"),
    "between": N_("is between"),
    "empty": N_("is empty"),
    "filled": N_("is filled"),
    "period": N_("is in"),
    "older_days": N_("is more than … days ago"),
    "next_days": N_("is in the next … days"),
    "anniversary": N_("has its day, in any year, in"),
    "has_tag": N_("has the tag"),
    "no_tag": N_("does not have the tag"),
    "search": N_("matches"),
}
"""Every operator and its words. ``period`` and ``anniversary`` take a name that ``periods.resolve`` knows, or two dates."""


@dataclass(frozen=True)
class Condition:
    """One condition: a field's name, an operator of ``OPERATORS``, a value that JSON can say.

    The value "@me" stands for the user who asks; dates are ISO texts; money and numbers are texts of decimals.
    The pseudo-fields "@tag" and "@text" take the operators ``has_tag``/``no_tag`` and ``search``.
    """

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """Conditions joined by "and" or "or"."""

    join: str
    parts: tuple[Filter, ...]


Filter: TypeAlias = Condition | Group
EVERYTHING = Group("and", ())
"""The filter that lets every record through."""


def all_of(*parts: Filter) -> Filter:
    """Every part must hold. Empty groups are dropped."""
    kept = tuple(part for part in parts if part != EVERYTHING)
    return kept[0] if len(kept) == 1 else Group("and", kept)


def any_of(*parts: Filter) -> Filter:
    """At least one part must hold."""
    return parts[0] if len(parts) == 1 else Group("or", parts)


def where(field: str, op: str, value: Any = None) -> Condition:
    """One condition."""
    return Condition(field, op, value)


def conditions(tree: Filter) -> Iterator[Condition]:
    """Every condition of a filter."""
    if isinstance(tree, Condition):
        yield tree
    else:
        for part in tree.parts:
            yield from conditions(part)


def to_json(tree: Filter) -> Any:
    """The filter as JSON data: ``["field", "op", value]`` or ``{"and": [...]}``."""
    if isinstance(tree, Condition):
        return [tree.field, tree.op, tree.value]
    return {tree.join: [to_json(part) for part in tree.parts]}


def from_json(data: Any) -> Filter:
    """The filter that JSON data (or its text) says.

    Raises:
        UserError: the data is not a filter.
    """
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError as error:
            raise UserError(N_("The filter is not valid JSON: {error}"), error=str(error)) from error
    if data in (None, {}, []):
        return EVERYTHING
    if isinstance(data, list) and len(data) in (2, 3) and isinstance(data[0], str):
        if data[1] not in OPERATORS:
            raise UserError(
                N_("The filter uses “{op}”, which is none of: {known}."), op=data[1], known=", ".join(OPERATORS)
            )
        return Condition(data[0], data[1], data[2] if len(data) == 3 else None)
    if isinstance(data, dict) and len(data) == 1:
        join, parts = next(iter(data.items()))
        if join in ("and", "or") and isinstance(parts, list):
            return Group(join, tuple(from_json(part) for part in parts))
    raise UserError(N_('This is not a filter. A filter looks like ["city", "eq", "Curitiba"].'))


_TEXT_OPS = ("contains", "not_contains", "starts", "eq", "ne", "empty", "filled")
_NUMBER_OPS = ("eq", "ne", "lt", "le", "gt", "ge", "between", "empty", "filled")
_DATE_OPS = ("period", "between", "lt", "gt", "eq", "older_days", "next_days", "empty", "filled")
_CHOICE_OPS = ("eq", "ne", "in", "not_in", "empty", "filled")


def operators_for(field: Field) -> tuple[str, ...]:
    """The operators that make sense for a field, the most usual one first."""
    if field.kind in (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT):
        return _NUMBER_OPS
    if field.kind is Kind.DATE:
        return (*_DATE_OPS, "anniversary")
    if field.kind in (Kind.DATETIME, Kind.LOCAL_DATETIME):
        return _DATE_OPS
    if field.kind is Kind.BOOL:
        return ("eq",)
    if field.kind in (Kind.CHOICE, Kind.USER, Kind.LINK):
        return _CHOICE_OPS
    if field.kind is Kind.CHOICES:
        return ("contains", "not_contains", "empty", "filled")
    return _TEXT_OPS
