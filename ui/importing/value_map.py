"""What the values of columns mean where a field takes only certain ones: choices, users, stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import cell_text, choice_key, choice_lookup
from crm_desktop.importing.new_choices import may_add, new_name
from crm_desktop.importing.plan import ColumnPlan
from ui.importing.draft import Draft

OWN, MAPPED, UNKNOWN, LEFT_OUT, NEW = "own", "mapped", "unknown", "left_out", "new"
_FEW_TARGETS = ("stage", "pipeline")
_MOST_VALUES = 500

Options = Mapping[str, Sequence[str]]
"""Titles of the records that values may mean, by record type."""


@dataclass(frozen=True)
class ValueRow:
    """A value of a column: how many rows have it, what it means (a key or title) and how that is known."""

    column: int
    header: str
    target: Field
    text: str
    count: int
    meaning: str
    state: str


def takes_values(field: Field | None) -> bool:
    """Whether a field takes only certain values."""
    if field is None:
        return False
    return field.kind in (Kind.CHOICE, Kind.USER) or field.kind is Kind.LINK and field.target in _FEW_TARGETS


def target_name(field: Field) -> str:
    """The record type whose titles are the options of a field; "" for choices."""
    return "user" if field.kind is Kind.USER else field.target if field.kind is Kind.LINK else ""


def value_columns(draft: Draft) -> list[int]:
    """The columns whose values have to mean something."""
    return [
        place
        for place, planned in enumerate(draft.plan.columns if draft.plan else ())
        if not planned.transform and takes_values(draft.target(place))
    ]


def value_rows(draft: Draft, options: Options) -> list[ValueRow]:
    """Every value of these columns, the ones that mean nothing first, then the frequent ones."""
    found: list[ValueRow] = []
    assert draft.plan is not None
    for place in value_columns(draft):
        target, planned = draft.target(place), draft.planned(place)
        if target is None:
            continue
        rows = [
            _row(place, planned, target, text, count, options, draft.plan.create_parents)
            for text, count in _counts(draft, place).most_common(_MOST_VALUES)
        ]
        rows.sort(key=lambda one: (one.state != UNKNOWN, -one.count))
        found += rows
    return found


def _counts(draft: Draft, place: int) -> Counter[str]:
    """How many of the first rows have each value of a column."""
    known = draft.counts.get(place)
    if known is not None:
        return known
    counts: Counter[str] = Counter()
    for _number, cells in draft.rows:
        cell = cells[place] if place < len(cells) else None
        if cell not in (None, "") and not isinstance(cell, bytes):
            text = cell_text(cell).strip()
            if text:
                counts[text] += 1
    for text, count in draft.columns()[place].choices:
        if text.strip() and text.strip() not in counts:
            counts[text.strip()] = count
    draft.counts[place] = counts
    return counts


def _row(
    place: int, planned: ColumnPlan, target: Field, text: str, count: int, options: Options, create: bool
) -> ValueRow:
    meaning, state = _meaning(planned, target, text, options, create)
    return ValueRow(place, planned.header, target, text, count, meaning, state)


def _meaning(planned: ColumnPlan, target: Field, text: str, options: Options, create: bool) -> tuple[str, str]:
    key = choice_key(text)
    if key in planned.values:
        name = new_name(planned.values[key]) if may_add(target) else None
        if name is not None:
            return name, NEW
        meant = str(planned.values[key] or "")
        return meant, MAPPED if meant else LEFT_OUT
    if target.kind is Kind.CHOICE:
        own = choice_lookup(target.choices).get(key, "")
        return own, OWN if own else UNKNOWN
    titles = options.get(target_name(target), ())
    own = next((title for title in titles if fold(title) == fold(text)), "")
    if own:
        return own, OWN
    if target.kind is Kind.USER:
        words = set(fold(text).split())
        hits = [title for title in titles if words <= set(fold(title).split())]
        return (hits[0], OWN) if len(hits) == 1 else ("", UNKNOWN)
    return (text, NEW) if create else ("", UNKNOWN)


def meaning_text(row: ValueRow) -> str:
    """What a value means, in the language in use."""
    if row.target.kind is not Kind.CHOICE or row.state == NEW:
        return row.meaning
    label = row.target.choice_label(row.meaning)
    return label if row.target.custom else translate(label)


def with_meaning(planned: ColumnPlan, text: str, meaning: str) -> dict[str, Any]:
    """The values of a column with one of them meaning something else; "" leaves its cells out."""
    return {**planned.values, choice_key(text): meaning}
