"""Why a column goes where it goes, in a few words."""

from __future__ import annotations

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.cell_parts import SPLIT
from crm_desktop.importing.known_headers import (
    DATE_PARTS,
    EXTRA,
    FRACTION,
    JOIN,
    LABELLED,
    LAST_FIRST,
    TIME,
    TYPE,
    TYPED,
)
from ui.importing import draft as drafts
from ui.importing.draft import Draft
from ui.importing.words import field_label

_SHOWN_VALUES = 6
_BY_NAME = 0.93
"""A guess as sure as this was made by the name of the column."""
_ONLY_NAME = "Known column name"


def why(draft: Draft, column: int) -> str:
    """The reason in the table of columns: what asks for attention first, else why the field was proposed."""
    state = draft.state(column)
    if state == drafts.OUT:
        return _left_out(draft, column)
    if state == drafts.UNDECIDED:
        return _did_you_mean(draft, column) or _values(draft, column)
    check = draft.checks.get(column)
    if check is not None and check.bad > 0.2 * max(1, check.filled):
        return _("Many values do not fit this field")
    mapped, planned = draft.mapped(column), draft.planned(column)
    decided = draft.decision(column)
    if decided is not None and decided.from_recipe and draft.recipe is not None:
        return ", ".join([_("As in the recipe"), *_used_as(planned.transform)])
    if decided is not None and decided.target != mapped.target:
        return ", ".join([_("Chosen by you"), *_used_as(planned.transform)])
    if "program" in mapped.reason.params:
        known = _("A column of {program}").format(program=mapped.reason.params["program"])
        return ", ".join([known, *_used_as(planned.transform)])
    told = [*_used_as(planned.transform), *_found_in_values(draft, column)] or _name(draft, column)
    return _capital(told[0]) if told else str(mapped.reason)


def _did_you_mean(draft: Draft, column: int) -> str:
    """The one field that comes near, where no other does."""
    near = [(name, score) for name, score in draft.mapped(column).alternatives if score >= drafts.MAYBE]
    field = draft.field_named(near[0][0]) if near else None
    if field is None or len(near) > 1 and near[1][1] > near[0][1] - 0.05:
        return ""
    return _("Did you mean “{field}”?").format(field=field_label(field))


def full_reason(draft: Draft, column: int) -> str:
    """Everything that is known about why, for the tooltip."""
    guess, mapped = draft.columns()[column], draft.mapped(column)
    return "\n".join(dict.fromkeys([why(draft, column), str(mapped.reason), *(str(one) for one in guess.evidence)]))


def _name(draft: Draft, column: int) -> list[str]:
    """What the name of the column says, where that was the reason."""
    mapped = draft.mapped(column)
    if mapped.confidence >= _BY_NAME and "header" in mapped.reason.params:
        return [_("Known name")]
    if "name" in mapped.reason.params:
        return [_("Like “{name}”").format(name=mapped.reason.params["name"])]
    return [] if draft.columns()[column].evidence else [str(mapped.reason)]


def _found_in_values(draft: Draft, column: int) -> list[str]:
    guess = draft.columns()[column]
    told = [str(one) for one in guess.evidence if one.message != _ONLY_NAME]
    if not told and guess.total and guess.filled >= guess.total:
        return [_("Known name, no blanks")] if _name(draft, column) == [_("Known name")] else [_("No blanks")]
    return told


def _left_out(draft: Draft, column: int) -> str:
    guess, mapped = draft.columns()[column], draft.mapped(column)
    if draft.planned(column).transform == TYPE:
        return str(mapped.reason)
    decided = draft.decision(column)
    if decided is not None:
        return _("Left out in the recipe") if decided.from_recipe and draft.recipe is not None else _("Left out by you")
    if column in draft.elsewhere and draft.planned(column).target is None:
        return _("Goes to the {records}").format(records=translate(draft.elsewhere[column]).lower())
    if not guess.filled:
        return _("The column is empty")
    if guess.kind == "constant" or guess.distinct == 1:
        value = str(next(iter(guess.samples), ""))
        return _("Always {value}").format(value=value) if value else str(mapped.reason)
    return _("No field like it")


def _values(draft: Draft, column: int) -> str:
    guess = draft.columns()[column]
    values = [text for text, _count in guess.choices] or [str(value) for value in guess.samples]
    shown = ", ".join(values[:_SHOWN_VALUES])
    if guess.choices or guess.distinct <= _SHOWN_VALUES:
        count = max(guess.distinct, len(values))
        text = ngettext("{n} value: {values}", "{n} values: {values}", count)
        return text.format(n=format_integer(count), values=shown)
    return _("Could be several fields")


def _used_as(transform: str) -> list[str]:
    words = {
        JOIN: _("joined with other columns"),
        LABELLED: _("as a line of the remarks"),
        EXTRA: _("as one more"),
        TYPED: _("its type is in another column"),
        LAST_FIRST: _("surname first"),
        TIME: _("the time of day"),
        SPLIT: _("taken apart into several fields"),
        FRACTION: _("0.25 counts as 25 %"),
        **{part: _("a part of the date") for part in DATE_PARTS},
    }
    return [words[transform]] if transform in words else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
