"""Giving many records the same values: set by set, with the rules of their type, in one change set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.fields import Field
from crm_desktop.core.ids import generator
from crm_desktop.db.base import Base
from crm_desktop.db.types import to_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom
from crm_desktop.records.expressions import matches_point
from crm_desktop.records.form_rules import names_decided_by
from crm_desktop.records.service import Cleaned, RuleContext, clean, guarded, point_values, run_rule, update_record

PART = 500
"""So many records are read and written together."""
_BEFORE_SET = 10
"""Fewer records than this are written one by one: what that checks besides is worth more than what it costs."""


def update_records(
    uow: UnitOfWork, entity: str, ids: Sequence[int], values: Mapping[str, Any], *, country: str | None = None
) -> int:
    """Give many records the same values. Returns how many were different.

    Records that get the same columns are written by one statement. Where the office's conditions look at one of the
    fields, each record is checked by itself.

    Raises:
        ValidationFailed: a value does not fit, or a rule refuses it for one of the records; nothing is written then.
    """
    uow.ask_bulk(entity, ids)
    spec = uow.schema.entity(entity)
    ids = sorted(ids)  # everybody locks records in the same order, so that two of these never wait for each other
    fields = custom.fields_of(uow.database, entity, uow.connection)
    cleaned = clean(fields, values, country=country)
    touched = {
        *cleaned.columns,
        *(f"custom.{key}" for key in cleaned.custom),
        *(one.name for one, _ in cleaned.children),
    }
    if len(ids) < _BEFORE_SET or names_decided_by(fields) & touched:
        return sum(update_record(uow, entity, identity, values, country=country) for identity in ids)
    context = RuleContext(uow, spec)
    changed = 0
    for start in range(0, len(ids), PART):
        part = list(ids[start : start + PART])
        changed += int(guarded(lambda part=part: _update_part(context, part, cleaned), spec))
    return changed


def _update_part(context: RuleContext, ids: list[int], cleaned: Cleaned) -> int:
    uow, spec = context.uow, context.entity
    table = uow.schema.table(spec)
    rows = _current(uow, table, ids, cleaned, spec.name in uow.schema.rules)
    touched: set[int] = set()
    for one, value in cleaned.children:
        touched |= _set_children(uow, list(rows), one, value)
    sets: dict[tuple[str, ...], dict[str, tuple[dict[str, Any], list[int]]]] = {}
    for identity, current in rows.items():
        wanted = _wanted(context, cleaned, current)
        if wanted or identity in touched:
            names = tuple(sorted(wanted))
            key = json.dumps([to_json(table.c[name].type, wanted[name]) for name in names], default=str)
            sets.setdefault(names, {}).setdefault(key, (wanted, []))[1].append(identity)
    changed = 0
    for names, by_values in sets.items():
        together = {key for key, (_values, mine) in by_values.items() if len(mine) > 3 or not names}
        for key in together:
            values, mine = by_values[key]
            changed += uow.update_where(spec.name, values, table.c.id.in_(mine))
        apart = [
            (*(values[name] for name in names), identity)
            for key, (values, mine) in by_values.items() if key not in together for identity in mine
        ]  # fmt: skip
        if apart:
            changed += uow.update_many(spec.name, names, apart)
    return changed


def _current(
    uow: UnitOfWork, table: sa.Table, ids: list[int], cleaned: Cleaned, whole: bool
) -> dict[int, dict[str, Any]]:
    """The rows as they are, locked: whole where a rule looks at them, else what is about to be written."""
    names = (
        [c.name for c in table.columns] if whole else ["id", *cleaned.columns, *(["custom"] if cleaned.custom else [])]
    )
    statement = (
        sa.select(*(table.c[name] for name in names)).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    )
    return {row["id"]: dict(row) for row in uow.connection.execute(statement).mappings()}


def _wanted(context: RuleContext, cleaned: Cleaned, current: Mapping[str, Any]) -> dict[str, Any]:
    """What is different in a record, after its rule."""
    changed = {name: value for name, value in cleaned.columns.items() if current[name] != value}
    if changed:
        run_rule(context, changed, current)
        changed = {name: value for name, value in changed.items() if current[name] != value}
    if cleaned.custom:
        before = current["custom"] or {}
        after = {key: value for key, value in before.items() if key not in cleaned.custom}
        after |= {key: value for key, value in cleaned.custom.items() if value is not None}
        if after != before:
            changed["custom"] = after or None
    return changed


def _set_children(uow: UnitOfWork, ids: list[int], one: Field, value: Any) -> set[int]:
    """Write the child row that a field stands for, for many records. Returns those where it was different."""
    parts = one.child.split(".")
    address = parts[0] == "addresses"
    table = Base.metadata.tables["address" if address else "contact_point"]
    column = parts[1] if address else "value"
    found: dict[int, list[Any]] = {}
    kinds: dict[int, set[str]] = {}
    statement = sa.select(table).where(table.c.owner_id.in_(ids)).order_by(table.c.is_primary.desc(), table.c.id)
    for row in uow.connection.execute(statement).mappings():
        if not address:
            kinds.setdefault(row["owner_id"], set()).add(row["kind"])
        if address or matches_point(one, row["kind"], row["label"]):
            found.setdefault(row["owner_id"], []).append(row)
    index = 1 if one.child.endswith(".2") else 0
    there = {owner: rows[index] for owner, rows in found.items() if len(rows) > index}
    different = {owner: row["id"] for owner, row in there.items() if row[column] != value}
    rows_there = list(different.values())
    if value is None and not address:
        uow.delete(table.name, rows_there)
    elif rows_there:
        written = {column: value} if address else point_values(parts[1], value)
        uow.update_where(table.name, written, table.c.id.in_(rows_there))
    missing = [] if value is None else [owner for owner in ids if owner not in there]
    if missing and address:
        rows = [(generator.next(), owner, "work", True, value) for owner in missing]
        uow.insert_many(table.name, ["id", "owner_id", "label", "is_primary", column], rows)
    elif missing:
        label = parts[2] if len(parts) > 2 and parts[2] != "2" else None
        stored = point_values(parts[1], value)
        points = [
            (generator.next(), owner, parts[1], label, parts[1] not in kinds.get(owner, set()), *stored.values())
            for owner in missing
        ]
        uow.insert_many(table.name, ["id", "owner_id", "kind", "label", "is_primary", *stored], points)
    return {*different, *missing}
