"""What a record's values ask of its form: which fields are shown, which are needed. For forms, services and imports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.filter_match import matches, names_in
from crm_desktop.core.filters import Filter
from crm_desktop.core.formula_eval import evaluate
from crm_desktop.core.i18n import N_, translate

log = logging.getLogger(__name__)


def missing(one: Field) -> FieldError:
    """The error of a needed field without a value."""
    return FieldError(one.name, N_("“{label}” is needed."), label=translate(one.label) if not one.custom else one.label)


def holds(tree: Filter | None, values: Mapping[str, Any], fields: Mapping[str, Field], user_id: int | None) -> bool:
    """Whether a condition holds; one that can no longer be read (its field is gone) holds for no record."""
    if tree is None:
        return True
    try:
        return matches(tree, values, fields, user_id)
    except UserError:
        return False


def is_visible(
    one: Field, values: Mapping[str, Any], fields: Mapping[str, Field], user_id: int | None = None
) -> bool:  # fmt: skip
    """Whether forms and cards show a field for a record with these values. What no longer can be told is shown."""
    if one.hidden:
        return False
    if one.visible_when is None or names_in(one.visible_when) - fields.keys():
        return True
    return holds(one.visible_when, values, fields, user_id)


def is_needed(
    one: Field, values: Mapping[str, Any], fields: Mapping[str, Field], user_id: int | None = None
) -> bool:  # fmt: skip
    """Whether a field must have a value in a record with these values: never where it is not shown."""
    if one.computed or one.kind is Kind.BOOL or one.hidden:
        return False
    if not one.required and (one.required_when is None or not holds(one.required_when, values, fields, user_id)):
        return False
    return is_visible(one, values, fields, user_id)


def conditional(fields: Sequence[Field]) -> list[Field]:
    """The fields whose need a record's other values decide, and the office's own that are always needed."""
    return [
        one for one in fields if not one.computed and (one.required_when is not None or one.custom and one.required)
    ]


def names_decided_by(fields: Sequence[Field]) -> set[str]:
    """The names of fields whose values decide whether something is needed, and of those that may be."""
    known = {one.name: one for one in fields}
    return with_inputs({n for one in conditional(fields) for n in (one.name, *names_in(one.required_when))}, known)


def watched(fields: Sequence[Field]) -> set[str]:
    """The names of fields that conditions of other fields look at."""
    return {name for one in fields for tree in (one.visible_when, one.required_when) for name in names_in(tree)}


def with_inputs(names: Collection[str], fields: Mapping[str, Field]) -> set[str]:
    """The names, and those of the fields that the formulas among them are worked out from."""
    found = set(names)
    for name in names:
        one = fields.get(name)
        if one is not None and one.formula is not None:
            found |= one.formula.names
    return found


def with_formulas(values: Mapping[str, Any], names: Collection[str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values with the formulas among ``names`` worked out from them; formulas over links stay as they are stored."""
    result = dict(values)
    for name in names:
        one = fields.get(name)
        if one is not None and one.formula is not None and one.formula.tree is not None:
            inputs = [fields[each] for each in one.formula.names if each in fields]
            if not any(each.kind in LINK_KINDS or each.roll_up is not None for each in inputs):
                result[name] = evaluate(one.formula.tree, values)
    return result


def absent(
    fields: Sequence[Field], read: Callable[[set[str]], Mapping[str, Any]], user_id: int | None,
    touched: Collection[str] | None = None,
) -> list[FieldError]:  # fmt: skip
    """The errors of needed fields that would have no value.

    Args:
        read: gives the values that the record will have, of the fields with these names.
        touched: the names of the fields that are written; a field is asked for only where it or what decides about it
            is among them, so that old records can be edited elsewhere. All where None.
    """
    asked, known = [], {one.name: one for one in fields}
    for one in conditional(fields):
        deciding = with_inputs({one.name} | names_in(one.required_when), known)
        if touched is None or deciding & set(touched):
            asked.append(one)
    if not asked:
        return []
    wanted = with_inputs({one.name for one in asked} | watched(asked), known)
    values = with_formulas(read(wanted), wanted, known)
    return [
        missing(one) for one in asked
        if values.get(one.name) in (None, "", []) and is_needed(one, values, known, user_id)
    ]  # fmt: skip
