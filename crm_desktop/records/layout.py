"""The form of a record type as the office arranges it: sections, the order of fields, hidden ones, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, SettingChanged, UserError
from crm_desktop.core.filter_match import names_in
from crm_desktop.core.filters import from_json
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom, layout_join, settled
from crm_desktop.records.layout_join import Layout as Layout
from crm_desktop.records.layout_join import LayoutSection as LayoutSection


def read_layout(connection: sa.Connection, entity: str) -> Layout | None:
    """The stored form of a record type; None where the office never arranged it."""
    table = Base.metadata.tables["form_layout"]
    return _layout_of(connection.execute(sa.select(table).where(table.c.entity == entity)).mappings().first())


def _row(uow: UnitOfWork, entity: str) -> sa.RowMapping | None:
    table = Base.metadata.tables["form_layout"]
    return uow.connection.execute(sa.select(table).where(table.c.entity == entity).with_for_update()).mappings().first()


def _layout_of(row: sa.RowMapping | None) -> Layout | None:
    if row is None:
        return None
    sections = tuple(
        LayoutSection(one["key"], one.get("label") or "", tuple(one.get("fields") or ()))
        for one in row["sections"] or ()
    )
    return Layout(sections, tuple(row["hidden"] or ()), dict(row["rules"] or {}))


@dataclass(frozen=True)
class Seen:
    """The form as whoever arranges it saw it.

    Attributes:
        stored: what was stored; None where the office had not arranged it.
        shown: the same with every field and section in its place.
        mine: parts that a colleague arranged too, by their name in :class:`SettingChanged`: whether ours counts.
    """

    stored: Layout | None
    shown: Layout
    mine: Mapping[str, bool] = field(default_factory=dict)


def save_layout(uow: UnitOfWork, entity: str, layout: Layout, *, seen: Seen | None = None) -> bool:
    """Keep the form of a record type. Returns whether anything was different.

    Args:
        seen: what was there before; what a colleague arranged since then stays.

    Raises:
        SettingChanged: a colleague arranged the same field or section meanwhile.
        UserError: a field that must be filled in would be hidden.
        FieldError: a condition is about its own field.
    """
    spec = uow.schema.entity(entity)
    row = _row(uow, entity)
    stored = _layout_of(row)
    if seen is not None and stored != seen.stored:
        layout = _joined(uow, layout, seen, stored, row)
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


def _joined(uow: UnitOfWork, mine: Layout, seen: Seen, theirs: Layout | None, row: sa.RowMapping | None) -> Layout:
    """Our arrangement and a colleague's in one."""
    row_id = row["id"] if row is not None else None
    last = settled.last_change(uow, "form_layout", row_id, ("sections", "hidden", "rules"))
    if theirs is None:
        if "form" in seen.mine:
            return mine if seen.mine["form"] else Layout()
        raise SettingChanged({"form": ("arranged", "arranged", "default")}, who=last.who, at=last.at)
    joined, disputed = layout_join.join(seen.shown, mine, theirs, seen.mine)
    if disputed:
        raise SettingChanged(disputed, who=last.who, at=last.at)
    return joined


def reset_layout(uow: UnitOfWork, entity: str) -> bool:
    """Go back to the form that the program comes with. Returns whether there was another one."""
    table = Base.metadata.tables["form_layout"]
    found = uow.delete_where("form_layout", table.c.entity == entity)
    custom.forget(uow)
    return bool(found)
