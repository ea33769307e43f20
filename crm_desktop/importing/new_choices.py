"""Choices of the office's own fields that a file brings: added once, in whatever spelling they come, when a person asked for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.text import fold
from crm_desktop.core.values import choice_key, choice_lookup
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.records import custom, field_service

NEW = "+new:"
"""What a value of a column stands for where it becomes a choice of its own: this, followed by the choice's name."""
_HUES = 8


def may_add(field: Field) -> bool:
    """Whether an import may add choices to a field: to the office's own ones only."""
    return field.custom and not field.computed and field.kind in (Kind.CHOICE, Kind.CHOICES)


def new_name(meaning: Any) -> str | None:
    """The name of the choice that a value is to become; None where it means something that is here."""
    return meaning.removeprefix(NEW).strip() or None if isinstance(meaning, str) and meaning.startswith(NEW) else None


def add_choices(uow: UnitOfWork, plan: ImportPlan) -> ImportPlan:
    """Add the choices that a plan asks for, and say in the plan what the values stand for from now on.

    A choice that is there already, in any spelling, is taken and not added again.
    """
    if not any(new_name(meaning) for one in plan.columns for meaning in one.values.values()):
        return plan
    fields = {one.name: one for one in custom.fields_of(uow.database, plan.entity, uow.connection)}
    columns = []
    for column in plan.columns:
        field = fields.get(column.target or "")
        if field is None or not may_add(field) or not any(map(new_name, column.values.values())):
            columns.append(column)
            continue
        columns.append(_with_choices(uow, plan.entity, field, column))
        fields = {one.name: one for one in custom.fields_of(uow.database, plan.entity, uow.connection)}
    return plan.with_(columns=tuple(columns))


def _with_choices(uow: UnitOfWork, entity: str, field: Field, column: ColumnPlan) -> ColumnPlan:
    known = dict(choice_lookup(field.choices))
    options: list[Mapping[str, Any]] = list(
        field_service.definition(uow.connection, entity, field.name)["options"] or ()
    )
    keys = {str(one["key"]) for one in options}
    before = len(options)
    values = dict(column.values)
    for text, meaning in column.values.items():
        name = new_name(meaning)
        if name is None:
            continue
        found = known.get(choice_key(name))
        if found is None:
            found = _free_key(name, keys)
            options.append({"key": found, "label": name, "hue": 1 + len(options) % _HUES})
            keys.add(found)
            known[choice_key(name)] = found
        values[text] = found
    if len(options) > before:
        field_service.update_custom_field(uow, entity, field.name, {"options": options})
    return replace(column, values=values)


def _free_key(name: str, keys: set[str]) -> str:
    """A key made of a name that no other choice has."""
    stem = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:40] or "choice"
    key, number = stem, 2
    while key in keys:
        key, number = f"{stem}_{number}", number + 1
    return key
