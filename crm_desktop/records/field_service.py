"""Changes of the office's own fields: rename, reorder, choices, hide, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filter_match import names_in
from crm_desktop.core.filters import from_json
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.types import column_type, to_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom, settled
from crm_desktop.records.custom_sql import custom_value
from crm_desktop.records.office_service import save_settings

EDITABLE = (
    "label", "section", "help", "position", "required", "in_list", "options", "aliases", "formula", "roll_up",
    "visible_when", "required_when", "default_value", "hidden", "sensitive",
)  # fmt: skip


def definition(connection: sa.Connection, entity: str, name: str, *, lock: bool = False) -> dict[str, Any]:
    """The row of ``custom_field`` that defines a field of the office.

    Args:
        lock: it is about to be changed; whoever else changes it waits.

    Raises:
        FieldError: there is none.
    """
    table = Base.metadata.tables["custom_field"]
    key = name.removeprefix(custom.PREFIX)
    statement = sa.select(table).where(table.c.entity == entity, table.c.key == key)
    if lock:
        statement = statement.with_for_update()
    found = connection.execute(statement).mappings().first()
    if found is None:
        raise FieldError(name, N_("There is no field “{name}” in {entity}."), name=name, entity=entity)
    return dict(found)


def update_custom_field(
    uow: UnitOfWork, entity: str, name: str, values: Mapping[str, Any], *,
    replace: Mapping[str, str | None] | None = None, seen: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Change the definition of a field. Returns whether anything was different. Records are touched for choices only.

    Args:
        values: columns of the definition, of those in ``EDITABLE``; what is not named stays.
        replace: for choices that are taken away: by key, the key that its records get instead; None empties them.
            A choice that is taken away and not named here empties its records.
        seen: the definition that whoever changes it saw; what a colleague changed since then stays.

    Raises:
        FieldError: the name is empty, or the last choice is taken away.
        SettingChanged: a colleague changed the same of it meanwhile.
    """
    row = definition(uow.connection, entity, name, lock=True)
    given = settled.merged(uow, "custom_field", row, values, seen, {"options": settled.join_choices})
    if row["formula"] and "kind" in given:  # nothing of a formula is stored, so its kind is free
        given["kind"] = Kind(given["kind"]).value
    else:
        given.pop("kind", None)
    changed = {key: value for key, value in given.items() if key in (*EDITABLE, "kind") and row[key] != value}
    if "label" in changed:
        changed["label"] = str(changed["label"]).strip()
        if not changed["label"]:
            raise FieldError("label", N_("Give the field a name."))
    for rule in ("visible_when", "required_when"):
        if name in names_in(from_json(changed.get(rule))):
            raise FieldError(rule, N_("A field cannot depend on itself."))
    if "options" in changed and Kind(row["kind"]) in (Kind.CHOICE, Kind.CHOICES):
        if not changed["options"]:
            raise FieldError("options", N_("Give at least one choice."))
        kept = {one["key"] for one in changed["options"]}
        gone = [one["key"] for one in row["options"] or () if one["key"] not in kept]
        if gone:
            replace_choices(uow, entity, name, {key: (replace or {}).get(key) for key in gone})
    if not changed:
        return False
    uow.update("custom_field", int(row["id"]), changed)
    custom.forget(uow)
    custom.refuse_broken(uow, entity, name)
    return True


def choice_counts(uow_or_connection: sa.Connection, table: sa.Table, field: Field) -> dict[str, int]:
    """How many records have each choice of a field, by key."""
    value = custom_value(table.c.custom, field)
    counts: dict[str, int] = {}
    if field.kind is Kind.CHOICE:
        statement = sa.select(value.label("key"), sa.func.count()).where(value.isnot(None)).group_by(sa.text("1"))
        return {str(key): int(count) for key, count in uow_or_connection.execute(statement)}
    for one in field.choices:
        condition = value.contains(f'"{one.key}"', autoescape=True)
        counts[one.key] = int(uow_or_connection.execute(sa.select(sa.func.count()).where(condition)).scalar() or 0)
    return counts


def replace_choices(uow: UnitOfWork, entity: str, name: str, replace: Mapping[str, str | None]) -> int:
    """Give records another choice, or none, instead of some. Returns how many records were changed."""
    field = custom.field_named(uow.database, entity, name, uow.connection)
    table, key = uow.schema.table(entity), name.removeprefix(custom.PREFIX)
    value = custom_value(table.c.custom, field)
    if field.kind is Kind.CHOICE:
        condition: sa.ColumnElement[bool] = value.in_(list(replace))
    else:
        condition = sa.or_(*(value.contains(f'"{one}"', autoescape=True) for one in replace))
    rows = []
    held_by = sa.select(table.c.id, table.c.custom).where(condition).order_by(table.c.id).with_for_update()
    for identity, stored in uow.connection.execute(held_by).all():
        held = dict(stored or {})
        before = held.pop(key, None)
        if field.kind is Kind.CHOICE:
            after: Any = replace.get(before, before)
        else:
            after = list(dict.fromkeys(new for one in before or () if (new := replace.get(one, one)) is not None))
        if after:
            held[key] = after
        rows.append((held or None, identity))
    uow.ask_power("settings")
    with uow.unasked():  # the records of everybody
        return uow.update_many(entity, ("custom",), rows)


def delete_custom_field(uow: UnitOfWork, entity: str, name: str) -> None:
    """Take a field away. Its values stay with the records, so that undoing brings field and values back.

    Raises:
        UserError: formulas or conditions of other fields need it; the sentence names them.
    """
    row = definition(uow.connection, entity, name)
    users = [one.label for one in uses(custom.fields_of(uow.database, entity, uow.connection), name)]
    if users:
        raise UserError(
            N_("“{label}” is used by {others}. Change or delete that first."),
            label=row["label"],
            others=", ".join(users),
        )
    key = name.removeprefix(custom.PREFIX)
    retired = custom.retired_keys(uow.connection, entity)
    if key not in retired:
        save_settings(uow, {custom.retired_setting(entity): [*retired, key]})
    uow.delete("custom_field", [int(row["id"])])
    custom.forget(uow)


def uses(fields: Sequence[Field], name: str) -> list[Field]:
    """The fields whose formulas or conditions look at a field."""
    return [
        one for one in fields
        if one.name != name
        and (name in names_in(one.visible_when) | names_in(one.required_when)
             or (one.formula is not None and name in one.formula.names))
    ]  # fmt: skip


def reorder_custom_fields(uow: UnitOfWork, entity: str, names: Sequence[str]) -> None:
    """Bring the office's own fields of a record type into this order."""
    for position, name in enumerate(names):
        update_custom_field(uow, entity, name, {"position": position})


def default_json(kind: Kind, value: Any) -> Any:
    """A default value as a definition stores it."""
    return None if value in (None, "", []) else to_json(column_type(kind), value)
