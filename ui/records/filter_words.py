"""Filters in words, for chips and for the line under a printed list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crm_desktop.core import formats, periods
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, Field, Kind
from crm_desktop.core.filters import OPERATORS, Condition, Filter, Group, conditions
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.values import parse_value
from crm_desktop.records import queries
from ui.records.shown import TAGS, choice_of, choice_text, label_of

Titles = Mapping[tuple[str, int], str]
"""Titles of linked records by (record type, id)."""
_PLAIN_OPS = ("eq", "in", "has_tag", "period", "contains", "search")


def condition_words(condition: Condition, fields: Sequence[Field], titles: Titles) -> str:
    """One condition as a chip says it: "City: Curitiba", "Amount is more than $ 500"."""
    if condition.op == "search" or condition.field == "@text":
        return _("Text: {text}").format(text=condition.value)
    field = TAGS if condition.field == "@tag" else next((one for one in fields if one.name == condition.field), None)
    if field is None:
        return _("Chosen records") if condition.field == "id" else condition.field
    label = _("Tag") if field is TAGS else label_of(field)
    value = value_words(field, condition, titles)
    if condition.op in _PLAIN_OPS:
        return _("{label}: {value}").format(label=label, value=value)
    if condition.op == "anniversary":
        return _("{label}, any year: {value}").format(label=label, value=value)
    if condition.op == "older_days":
        days = int(condition.value or 0)
        text = ngettext("{label}: more than {n} day ago", "{label}: more than {n} days ago", days)
        return text.format(label=label, n=days)
    if condition.op == "next_days":
        days = int(condition.value or 0)
        text = ngettext("{label}: in the next {n} day", "{label}: in the next {n} days", days)
        return text.format(label=label, n=days)
    return f"{label} {translate(OPERATORS[condition.op])} {value}".rstrip()


def value_words(field: Field, condition: Condition, titles: Titles) -> str:
    """The value of a condition as people read it."""
    value = condition.value
    if condition.op in ("empty", "filled"):
        return ""
    if condition.op in ("period", "anniversary"):
        try:
            return periods.label(value)
        except UserError:
            return str(value)
    if isinstance(value, list):
        words = [_one(field, part, titles) for part in value]
        return f"{words[0]} – {words[1]}" if condition.op == "between" and len(words) == 2 else ", ".join(words)
    return _one(field, value, titles)


def _one(field: Field, value: Any, titles: Titles) -> str:
    if value is None:
        return ""
    if value == "@me":
        return _("me")
    if field.kind in LINK_KINDS:
        return titles.get((field.target, int(value)), "…") if str(value).isdigit() else str(value)
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        choice = choice_of(field, value)
        return choice_text(field, choice) if choice else str(value)
    if field.kind in DATE_KINDS:
        try:
            return formats.format_date(date.fromisoformat(str(value)[:10]))
        except ValueError:
            return str(value)
    if field.kind is Kind.BOOL:
        return formats.format_bool(str(value).lower() not in ("false", "0", "no", ""))
    try:
        return formats.format_value(field, parse_value(field, value, decimal="."))
    except FieldError:
        return str(value)


def linked_values(tree: Filter, fields: Sequence[Field]) -> Iterator[tuple[str, int]]:
    """(record type, id) of every linked record that a filter names."""
    by_name = {one.name: one for one in fields}
    for condition in conditions(tree):
        field = by_name.get(condition.field)
        if field is None or field.kind not in LINK_KINDS:
            continue
        for value in condition.value if isinstance(condition.value, list) else [condition.value]:
            if str(value).isdigit():
                yield field.target, int(value)


def read_titles(schema: Any, connection: Any, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The titles of linked records; "?" for those that are gone. Runs off the thread of the window."""
    by_entity: dict[str, set[int]] = {}
    for entity, identity in wanted:
        by_entity.setdefault(entity, set()).add(identity)
    found: dict[tuple[str, int], str] = {}
    for entity, ids in by_entity.items():
        names = queries.titles(schema, connection, entity, ids)
        found |= {(entity, identity): names.get(identity, "?") for identity in ids}
    return found


def filter_words(tree: Filter, fields: Sequence[Field], titles: Titles) -> str:
    """A whole filter in words, its parts joined by a middle dot."""
    parts = tree.parts if isinstance(tree, Group) and tree.join == "and" else (tree,)
    return " · ".join(tree_words(one, fields, titles) for one in parts)


def tree_words(tree: Filter, fields: Sequence[Field], titles: Titles) -> str:
    """A part of a filter in words: "City: Curitiba or (Owner: me and Tag: customer)"."""
    if isinstance(tree, Condition):
        return condition_words(tree, fields, titles)
    words = []
    for part in tree.parts:
        text = tree_words(part, fields, titles)
        words.append(f"({text})" if isinstance(part, Group) and len(part.parts) > 1 else text)
    return (_(" or ") if tree.join == "or" else _(" and ")).join(words)
