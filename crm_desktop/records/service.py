"""Writes for any record type: create, update, delete, bulk edit. The one gate for forms, imports and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import EditConflict, FieldError, RecordGone, UserError, ValidationFailed
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.phones import phone_digits
from crm_desktop.core.text import fold
from crm_desktop.core.values import parse_value
from crm_desktop.db.base import Base
from crm_desktop.db.types import column_type, to_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom
from crm_desktop.records.child_checks import checked_identifier, settle_primary, with_one_primary
from crm_desktop.records.expressions import matches_point
from crm_desktop.records.form_rules import absent, missing
from crm_desktop.records.queries import custom_python, fetch_rows

NO_BASE: Mapping[str, Any] = {}


@dataclass
class RuleContext:
    """What a rule of a record type may use: the unit of work, and a place to keep what it looked up."""

    uow: UnitOfWork
    entity: Entity
    cache: dict[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """What will be written with the record: values of child fields ("email") and whole child rows ("points")."""


@dataclass
class Cleaned:
    """Validated values, sorted by where they are stored."""

    columns: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    children: list[tuple[Field, Any]] = field(default_factory=list)


def clean(
    fields: Sequence[Field], values: Mapping[str, Any], *, country: str | None = None, stored: Collection[str] = ()
) -> Cleaned:
    """Parse and check values as typed or as Python objects.

    Args:
        stored: names of values that another record has already: they are taken as they are.

    Raises:
        ValidationFailed: with one error per bad field.
    """
    known = {one.name: one for one in fields}
    result, errors = Cleaned(), []
    for name, raw in values.items():
        one = known.get(name)
        if one is None:
            errors.append(FieldError(name, N_("There is no field “{name}”."), name=name))
            continue
        try:
            value = raw if raw is None or name in stored else parse_value(one, raw, country=country)
        except FieldError as error:
            errors.append(error)
            continue
        if one.computed:
            continue
        if value is None and one.required and one.visible_when is None and one.kind is not Kind.BOOL:
            errors.append(missing(one))
        elif one.custom:
            result.custom[name.removeprefix("custom.")] = to_json(column_type(one.kind), value)
        elif one.child:
            result.children.append((one, value))
        else:
            result.columns[name] = bool(value) if one.kind is Kind.BOOL else value
            if one.sort_by:
                result.columns[one.sort_by] = fold(str(value or ""))
    if errors:
        raise ValidationFailed(errors)
    return result


def create_record(
    uow: UnitOfWork, entity: str, values: Mapping[str, Any], *, children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    country: str | None = None,
) -> int:  # fmt: skip
    """Create a record. Returns its id.

    Args:
        values: by field name, as typed or as Python values; fields of child rows ("email", "city") included.
        children: whole child rows by child name, e.g. {"points": [{"kind": "phone", "value": "..."}]}.
        country: for phones and tax numbers without a country.

    Raises:
        ValidationFailed: a value does not fit or a required one is missing.
    """
    spec = uow.schema.entity(entity)
    fields = custom.fields_of(uow.database, entity, uow.connection)
    cleaned = clean(fields, {name: raw for name, raw in values.items() if raw not in (None, "")}, country=country)
    for one in fields:
        if one.default is None or one.child:
            continue
        if one.custom:  # emptied by hand, it stays empty
            if one.name not in values:
                cleaned.custom[one.name.removeprefix("custom.")] = to_json(column_type(one.kind), one.default)
        elif one.name not in cleaned.columns:
            cleaned.columns[one.name] = one.default
    given = {one.name: value for one, value in cleaned.children} | dict(children or {})
    run_rule(RuleContext(uow, spec, given=given), cleaned.columns, None)
    check_required(fields, cleaned)
    _check_conditions(uow, spec, fields, cleaned, None, None, children or {})
    row = dict(cleaned.columns)
    if cleaned.custom:
        row["custom"] = {key: value for key, value in cleaned.custom.items() if value is not None} or None
    record_id = guarded(lambda: uow.insert(entity, row), spec)
    for one, value in cleaned.children:
        if value is not None:
            set_child(uow, record_id, one, value)
    for name, rows in (children or {}).items():
        replace_children(uow, entity, record_id, name, rows)
    return record_id


def check_required(fields: Sequence[Field], cleaned: Cleaned) -> None:
    """Raise ValidationFailed where a required column has no value."""
    absent = [
        missing(one)
        for one in fields
        if one.required and not one.child and not one.computed and not one.custom and one.kind is not Kind.BOOL
        and cleaned.columns.get(one.name) in (None, "")
    ]  # fmt: skip
    if absent:
        raise ValidationFailed(absent)


def _check_conditions(
    uow: UnitOfWork, spec: Entity, fields: Sequence[Field], cleaned: Cleaned, record_id: int | None,
    current: Mapping[str, Any] | None, children: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:  # fmt: skip
    """Raise ValidationFailed where the office's conditions ask for a value that the record would not have."""
    touched = None
    if record_id is not None:
        touched = {*cleaned.columns, *(f"custom.{key}" for key in cleaned.custom)}
        touched |= {one.name for one, _value in cleaned.children}
        touched |= {one.name for one in fields if one.child.split(".")[0] in children}
    changed = cleaned.columns | {f"custom.{key}": value for key, value in cleaned.custom.items()}
    changed |= {one.name: value for one, value in cleaned.children}

    def read(names: set[str]) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        wanted = [one for one in fields if one.name in names]
        stored = [one.name for one in wanted if current is not None and (one.child or one.computed)]
        if record_id is not None and stored:
            rows = fetch_rows(uow.database, uow.connection, spec.name, [record_id], stored)
            values |= rows[0].values if rows else {}
        for one in wanted:
            key = one.name.removeprefix("custom.")
            if one.child.split(".")[0] in children:
                values[one.name] = given_child(one, children)
            elif one.name in changed:
                values[one.name] = custom_python(one, changed[one.name]) if one.custom else changed[one.name]
            elif current is not None and one.custom and not one.computed:
                values[one.name] = custom_python(one, (current["custom"] or {}).get(key))
            elif current is not None and one.name in current:
                values[one.name] = current[one.name]
        return values

    errors = absent(fields, read, uow.actor.user_id, touched)
    if errors:
        raise ValidationFailed(errors)


def given_child(one: Field, children: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    """What the child rows that are about to be written give for a field."""
    place, name = one.child.split(".")[:2]
    rows = children[place]
    if place == "addresses":
        return rows[0].get(name) if rows else None
    found = [row.get("value") for row in rows if matches_point(one, str(row.get("kind", "")), row.get("label"))]
    index = 1 if one.child.endswith(".2") else 0
    return found[index] if len(found) > index else None


def run_rule(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Let the record type's rule complete and check the values; sort keys follow what it changed."""
    rule = context.uow.schema.rules.get(context.entity.name)
    if rule is None:
        return
    try:
        rule(context, values, current)
    except FieldError as error:
        raise ValidationFailed([error]) from error
    for one in context.entity.fields:
        if one.sort_by and one.name in values:
            values[one.sort_by] = fold(str(values[one.name] or ""))


def update_record(
    uow: UnitOfWork, entity: str, record_id: int, values: Mapping[str, Any], *, base: Mapping[str, Any] = NO_BASE,
    children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, country: str | None = None,
    stored: Collection[str] = (),
) -> bool:  # fmt: skip
    """Change fields of a record. Returns whether anything was different.

    Args:
        values: by field name; only what is named changes.
        base: the values that the editor showed when the person began, by field name (links as ids). Where the
            stored value of a field in ``values`` is no longer the one in ``base``, somebody else changed it.
            Edits of different fields merge by themselves.
        children: child tables to replace whole.
        stored: as for :func:`clean`.

    Raises:
        RecordGone: the record was deleted.
        EditConflict: somebody else changed one of the same fields to another value.
        ValidationFailed: a value does not fit.
    """
    spec = uow.schema.entity(entity)
    fields = custom.fields_of(uow.database, entity, uow.connection)
    table = uow.schema.table(spec)
    statement = sa.select(table).where(table.c.id == record_id).with_for_update()
    found = uow.connection.execute(statement).mappings().first()
    if found is None:
        raise RecordGone(entity, record_id)
    current = dict(found)
    cleaned = clean(fields, values, country=country, stored=stored)
    if base:
        _refuse_conflicts(uow, spec, fields, current, cleaned, base)
    changed = {name: value for name, value in cleaned.columns.items() if current[name] != value}
    if changed:
        run_rule(RuleContext(uow, spec), changed, current)
        changed = {name: value for name, value in changed.items() if current[name] != value}
    _check_conditions(uow, spec, fields, cleaned, record_id, current, children or {})
    merged = dict(current["custom"] or {})
    for key, value in cleaned.custom.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    if merged != (current["custom"] or {}):
        changed["custom"] = merged or None
    touched = [set_child(uow, record_id, one, value) for one, value in cleaned.children]
    for name, rows in (children or {}).items():
        touched.append(replace_children(uow, entity, record_id, name, rows))
    if changed or any(touched):
        guarded(lambda: uow.update(entity, record_id, changed), spec)
    return bool(changed) or any(touched)


def _refuse_conflicts(
    uow: UnitOfWork, spec: Entity, fields: Sequence[Field], current: Mapping[str, Any], cleaned: Cleaned,
    base: Mapping[str, Any],
) -> None:  # fmt: skip
    conflicts: dict[str, tuple[Any, Any, Any]] = {}
    stored_custom = current["custom"] or {}
    children = {one.name: value for one, value in cleaned.children}
    for one in fields:
        if one.name not in base or one.computed:
            continue
        if one.child:
            if one.name not in children:
                continue
            theirs, mine = _child_value(uow, int(current["id"]), one), children[one.name]
        elif one.custom:
            key = one.name.removeprefix("custom.")
            if key not in cleaned.custom:
                continue
            theirs = custom_python(one, stored_custom.get(key))
            mine = custom_python(one, cleaned.custom[key])
        elif one.name in cleaned.columns:
            theirs, mine = current[one.name], cleaned.columns[one.name]
        else:
            continue
        was = getattr(base[one.name], "id", base[one.name]) if one.kind in LINK_KINDS else base[one.name]
        if theirs not in (was, mine) and not (theirs in (None, "") and was in (None, "")):
            conflicts[one.name] = (was, mine, theirs)
    if conflicts:
        raise EditConflict(spec.name, int(current["id"]), conflicts)


def set_child(uow: UnitOfWork, record_id: int, one: Field, value: Any) -> bool:
    """Write the child row that a field stands for: change it, add it, or remove it where the value is empty."""
    parts = one.child.split(".")
    if parts[0] == "addresses":
        return _set_address(uow, record_id, parts[1], value)
    rows = _points(uow, record_id)
    row = _point_of(rows, one)
    if row is not None:
        if row.value == value:
            return False
        if value is None:
            uow.delete("contact_point", [row.id])
            settle_primary(uow, "contact_point", record_id, parts[1])
        else:
            uow.update("contact_point", row.id, point_values(parts[1], value))
        return True
    if value is None:
        return False
    label = parts[2] if len(parts) > 2 and parts[2] != "2" else None
    first = not any(row.kind == parts[1] for row in rows)
    uow.insert(
        "contact_point",
        {"owner_id": record_id, "kind": parts[1], "label": label, "is_primary": first, **point_values(parts[1], value)},
    )
    return True


def _child_value(uow: UnitOfWork, record_id: int, one: Field) -> Any:
    """What the child row that a field stands for holds."""
    parts = one.child.split(".")
    address = parts[0] == "addresses"
    found = _address_of(uow, record_id, parts[1]) if address else _point_of(_points(uow, record_id), one)
    return None if found is None else found.value


def _points(uow: UnitOfWork, record_id: int) -> Sequence[sa.Row[Any, Any, Any, Any]]:
    table = Base.metadata.tables["contact_point"]
    statement = sa.select(table.c.id, table.c.kind, table.c.label, table.c.value)
    order = (table.c.is_primary.desc(), table.c.id)
    return uow.connection.execute(statement.where(table.c.owner_id == record_id).order_by(*order)).all()


def _point_of(rows: Sequence[sa.Row[Any, Any, Any, Any]], one: Field) -> sa.Row[Any, Any, Any, Any] | None:
    mine = [row for row in rows if matches_point(one, row.kind, row.label)]
    index = 1 if one.child.endswith(".2") else 0
    return mine[index] if len(mine) > index else None


def point_values(kind: str, value: str) -> dict[str, Any]:
    """The stored columns of a contact point's value: phones also keep their digits for search."""
    return {"value": value, "search_digits": search_digits(value) if kind == "phone" else None}


def search_digits(value: str) -> str:
    """The digits of a phone with and without country and area: "5541955500142 41955500142 955500142"."""
    if value[:1] == "+" and value[1:].isdecimal():  # most by far
        number = value[1:]
        size = len(number)
        if size > 11:
            return f"{number} {number[-11:]} {number[-10:]} {number[-9:]} {number[-8:]}"
        return " ".join([number, *[number[-length:] for length in (10, 9, 8) if size > max(length, 9)]])
    number = phone_digits(value)
    variants = [number]
    if value.startswith("+") and len(number) > 9:
        variants += [number[-length:] for length in (11, 10, 9, 8) if len(number) > length]
    return " ".join(dict.fromkeys(variants))


def _address_of(uow: UnitOfWork, record_id: int, column: str) -> sa.Row[Any, Any] | None:
    table = Base.metadata.tables["address"]
    statement = sa.select(table.c.id, table.c[column].label("value")).where(table.c.owner_id == record_id)
    return uow.connection.execute(statement.order_by(table.c.is_primary.desc(), table.c.id).limit(1)).first()


def _set_address(uow: UnitOfWork, record_id: int, column: str, value: Any) -> bool:
    row = _address_of(uow, record_id, column)
    if row is None:
        if value is None:
            return False
        uow.insert("address", {"owner_id": record_id, "label": "work", "is_primary": True, column: value})
        return True
    if row.value == value:
        return False
    uow.update("address", row.id, {column: value})
    return True


def replace_children(
    uow: UnitOfWork, entity: str, record_id: int, name: str, rows: Sequence[Mapping[str, Any]]
) -> bool:
    """Make the child rows of a record these and no others. Rows with an "id" are changed, others added.

    Returns whether anything was different.
    """
    child = next(one for one in uow.schema.entity(entity).children if one.name == name)
    table = Base.metadata.tables[child.table]
    if not rows and uow.blind_to(child.table):
        return False  # who does not see them does not mean to remove them
    stored = {
        row["id"]: row
        for row in uow.connection.execute(sa.select(table).where(table.c[child.parent_column] == record_id)).mappings()
    }
    known = {one.name: one for one in child.fields}
    kept: set[int] = set()
    changed = False
    for given in with_one_primary(child.table, rows, stored):
        values = {key: value for key, value in given.items() if key in table.columns and key not in ("id", "version")}
        for key in list(values):
            if key in known and isinstance(values[key], str) and known[key].kind is not Kind.TEXT:
                values[key] = parse_value(known[key], values[key])
        if child.table == "contact_point" and "value" in values:
            values.update(point_values(str(values.get("kind", "")), str(values["value"])))
        identity = given.get("id")
        if child.table == "identifier":
            values = checked_identifier(values, stored.get(identity, {}))
        if identity is not None and identity in stored:
            kept.add(int(identity))
            different = {k: v for k, v in values.items() if stored[identity][k] != v}
            if different:
                uow.update(child.table, int(identity), different)
                changed = True
        else:
            uow.insert(child.table, {**values, child.parent_column: record_id})
            changed = True
    gone = set(stored) - kept
    if gone:
        uow.delete(child.table, gone)
    return changed or bool(gone)


def delete_records(uow: UnitOfWork, entity: str, ids: Iterable[int]) -> int:
    """Delete records with everything that hangs on them; undo and “Recently deleted” bring them back. Returns how many.

    Occurrences of a series that became records of their own go with it where whoever deletes may delete them; those of
    colleagues stay and stand alone.

    Raises:
        RecordGone: an office server shows none of them to whoever is signed in.
        NotAllowed: whoever is signed in may not delete them, or not so many at once.
    """
    spec = uow.schema.entity(entity)
    chosen = list(ids)
    uow.ask_bulk(entity, chosen)
    along = _along(uow, spec, chosen)
    if along:
        guarded(lambda: uow.delete(entity, along), spec)
    count = int(guarded(lambda: uow.delete(entity, chosen), spec)) + len(along)
    if chosen and not count and uow.database.locked:
        raise RecordGone(entity, chosen[0])
    return count


def _along(uow: UnitOfWork, spec: Entity, ids: Sequence[int]) -> list[int]:
    """Records that go with others of their type, as far as whoever deletes may delete them."""
    table = uow.table(spec.name)
    column = table.c.get(str(table.info.get("along", "")))
    found: list[int] = []
    if column is None:
        return found
    for start in range(0, len(ids), 500):
        chosen: sa.ColumnElement[bool] = column.in_(ids[start : start + 500])
        if uow.guard is not None:
            chosen &= uow.guard.predicates.record(spec.name, "delete")
        found += uow.connection.execute(sa.select(table.c.id).where(chosen)).scalars()
    return sorted(set(found) - set(ids))


def guarded(action: Any, spec: Entity) -> Any:
    """Run a write and say in words what the database refused."""
    try:
        return action()
    except IntegrityError as error:
        text = str(error.orig).lower()
        if "pk_change" in text:
            raise UserError(
                N_("The server would give a number of the history a second time, so nothing can be saved. Ask an administrator "
                   "to use “Check the database…” and repair it. Nothing was changed."), details=str(error.orig),
            ) from error  # fmt: skip
        if "unique" in text or "duplicate key" in text:
            raise UserError(
                N_("There is already one of these in {plural} with the same key. Choose another."),
                plural=translate(spec.plural), details=str(error.orig),
            ) from error  # fmt: skip
        if "foreign key" in text:
            raise UserError(
                N_("{label}: other records still need it, or it points to one that is gone. Nothing was changed."),
                label=translate(spec.label), details=str(error.orig),
            ) from error  # fmt: skip
        if "null" in text:
            raise UserError(
                N_("{label}: a needed value is missing."), label=translate(spec.label), details=str(error.orig)
            ) from error
        raise
