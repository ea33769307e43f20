"""The form of a record type as the office arranges it: sections, the order of fields, hidden ones, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.filter_match import names_in
from crm_desktop.core.filters import from_json
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom


@dataclass(frozen=True)
class LayoutSection:
    """One section: its key, the title that the office gave it ("" is its own), the names of its fields in order."""

    key: str
    label: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A whole form. ``rules`` are conditions of declared fields: {name: {"visible_when", "required_when"}} as JSON."""

    sections: tuple[LayoutSection, ...] = ()
    hidden: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_layout(connection: sa.Connection, entity: str) -> Layout | None:
    """The stored form of a record type; None where the office never arranged it."""
    table = Base.metadata.tables["form_layout"]
    row = connection.execute(sa.select(table).where(table.c.entity == entity)).mappings().first()
    if row is None:
        return None
    sections = tuple(
        LayoutSection(one["key"], one.get("label") or "", tuple(one.get("fields") or ()))
        for one in row["sections"] or ()
    )
    return Layout(sections, tuple(row["hidden"] or ()), dict(row["rules"] or {}))


def save_layout(uow: UnitOfWork, entity: str, layout: Layout) -> bool:
    """Keep the form of a record type. Returns whether anything was different.

    Raises:
        UserError: a field that must be filled in would be hidden.
        FieldError: a condition is about its own field.
    """
    spec = uow.schema.entity(entity)
    for one in spec.fields:
        if one.name in layout.hidden and (one.required or one.name == spec.title_field):
            raise UserError(N_("“{label}” must be filled in, so it cannot be hidden."), label=translate(one.label))
    for name, rule in layout.rules.items():
        for tree in rule.values():
            if name in names_in(from_json(tree)):
                raise FieldError(name, N_("A field cannot depend on itself."))
    values = {
        "sections": [{"key": s.key, "label": s.label, "fields": list(s.fields)} for s in layout.sections] or None,
        "hidden": list(layout.hidden) or None,
        "rules": {name: dict(rule) for name, rule in layout.rules.items() if any(rule.values())} or None,
    }
    table = Base.metadata.tables["form_layout"]
    row = uow.connection.execute(sa.select(table).where(table.c.entity == entity)).mappings().first()
    if row is None:
        if not any(values.values()):
            return False
        uow.insert("form_layout", {"entity": entity, **values})
    else:
        changed = {name: value for name, value in values.items() if row[name] != value}
        if not changed:
            return False
        uow.update("form_layout", int(row["id"]), changed)
    custom.forget(uow)
    return True


def reset_layout(uow: UnitOfWork, entity: str) -> bool:
    """Go back to the form that the program comes with. Returns whether there was another one."""
    table = Base.metadata.tables["form_layout"]
    found = uow.delete_where("form_layout", table.c.entity == entity)
    custom.forget(uow)
    return bool(found)
