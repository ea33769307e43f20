"""The fields of a record type as the office arranged them: the declared ones and its own, read once and kept.

The office's own fields are the same ``Field`` objects, made at run time; their values are in one JSON column.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import filters
from crm_desktop.core.access import Access
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.office_settings import NamedSetting
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import column_type, from_json
from crm_desktop.db.unit_of_work import FIELDS_CHANGED, UnitOfWork
from crm_desktop.records import resolving
from crm_desktop.records.office import CustomField, FormLayout

log = logging.getLogger(__name__)
PREFIX = "custom."
ALLOWED = tuple(kind for kind in Kind if kind not in (Kind.JSON, Kind.LOCAL_DATETIME))
SECTION = "custom"
"""The section of the office's own fields that stand in no other."""
OWN_TITLE = N_("Own fields")
_CACHE = "custom_fields"


@dataclass(frozen=True)
class Section:
    """A section of a form: its key, and its title as a source text or as the office wrote it."""

    key: str
    label: str


@dataclass(frozen=True)
class Arranged:
    """The fields of a record type in the order of its form, and the sections that were arranged."""

    fields: tuple[Field, ...]
    own: tuple[Field, ...]
    sections: tuple[Section, ...]


@dataclass
class _Definitions:
    """What the office configured, as rows."""

    own: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    layouts: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def fields_of(database: Database, entity: str, connection: sa.Connection | None = None) -> tuple[Field, ...]:
    """Every field of a record type, the office's own among them, in the order of its form."""
    return arranged(database, entity, connection).fields


def custom_fields(database: Database, entity: str, connection: sa.Connection | None = None) -> tuple[Field, ...]:
    """The office's own fields of a record type, in their order."""
    return arranged(database, entity, connection).own


def sections_of(database: Database, entity: str, connection: sa.Connection | None = None) -> tuple[Section, ...]:
    """The sections of a record type's form in their order."""
    return arranged(database, entity, connection).sections


def arranged(database: Database, entity: str, connection: sa.Connection | None = None) -> Arranged:
    """The fields and sections of a record type; read once and kept until the office changes them."""
    cache = database.cache
    known: dict[str, Arranged] | None = cache.get(_CACHE)
    if known is None:
        if connection is not None and connection.get_execution_options().get("crm_write"):
            known = _read(database.schema, connection, database.access)  # what it wrote itself, too
        else:  # the transaction of a reader may have begun before the fields were changed
            with database.read() as own:
                known = _read(database.schema, own, database.access)
        cache[_CACHE] = known
    found = known.get(entity)
    if found is None:
        spec = database.schema.entity(entity)
        found = _shown(database.access, spec.name, Arranged(spec.fields, (), _sections(spec, (), {})))
    return found


def _shown(access: Access, entity: str, found: Arranged) -> Arranged:
    """The fields that a person may see: a sensitive one is offered nowhere to who has no right to such fields."""
    if access.may(entity, "sensitive"):
        return found
    shown, own = ([one for one in fields if not one.sensitive] for fields in (found.fields, found.own))
    return replace(found, fields=tuple(shown), own=tuple(own))


def forget(uow: UnitOfWork) -> None:
    """Read the fields again: the unit of work changed them."""
    uow.kept[FIELDS_CHANGED] = True
    uow.database.forget()


def _read(schema: Schema, connection: sa.Connection, access: Access) -> dict[str, Arranged]:
    found = _Definitions()
    # the tables, not the models: a database is also read while it is brought to the newest schema
    table = CustomField.__table__
    for row in connection.execute(sa.select(table).order_by(table.c.entity, table.c.position, table.c.id)).mappings():
        found.own.setdefault(row["entity"], []).append(dict(row))
    for row in connection.execute(sa.select(FormLayout.__table__)).mappings():
        found.layouts[row["entity"]] = dict(row)
    own = {
        entity: {PREFIX + row["key"]: field_of_row(row, schema) for row in rows} for entity, rows in found.own.items()
    }
    declared = {name: {one.name: one for one in spec.fields} for name, spec in schema.entities.items()}
    computed = {
        entity: {PREFIX + row["key"]: row for row in rows if row["formula"] or row["roll_up"]}
        for entity, rows in found.own.items()
    }
    resolving.resolve(schema, declared, own, computed)
    return {
        name: _shown(access, name, _arrange(spec, tuple(own.get(name, {}).values()), found.layouts.get(name, {})))
        for name, spec in schema.entities.items()
    }


def field_of_row(row: Mapping[str, Any], schema: Schema) -> Field:
    """The field that a row of ``custom_field`` defines; formulas and roll-ups are still to be resolved."""
    kind = Kind(row["kind"])
    options = tuple(Choice(one["key"], one["label"], one.get("hue", 8)) for one in row["options"] or ())
    computed = bool(row["formula"] or row["roll_up"])
    target = row["target"] or ("user" if kind is Kind.USER else "")
    if target and target not in schema.entities:
        kind = Kind.INTEGER
    hidden = bool(row["hidden"])
    return Field(
        PREFIX + row["key"], row["label"], kind, section=row["section"] or SECTION,
        required=bool(row["required"]) and not computed and not hidden, in_list=bool(row["in_list"]) and not hidden,
        in_form=not hidden, importable=not computed and not hidden, custom=True, computed=computed, hidden=hidden,
        aliases=tuple(row["aliases"] or ()), target=target, help=row["help"] or "", choices=options,
        sensitive=bool(row["sensitive"]),
        default=None if computed else _default(kind, row["default_value"]),
        visible_when=_filter(row["visible_when"]), required_when=None if computed else _filter(row["required_when"]),
    )  # fmt: skip


def _default(kind: Kind, stored: Any) -> Any:
    if stored is None:
        return None
    try:
        return stored if kind in (Kind.CHOICES, Kind.BOOL) else from_json(column_type(kind), stored)
    except (TypeError, ValueError):
        return None


def _filter(stored: Any) -> filters.Filter | None:
    if not stored:
        return None
    try:
        tree = filters.from_json(stored)
    except UserError:
        log.warning("A stored condition is not a filter: %s", stored)
        return None
    return None if tree == filters.EVERYTHING else tree


# -- the arrangement -------------------------------------------------------------------------------------------------


def _arrange(spec: Entity, own: tuple[Field, ...], layout: Mapping[str, Any]) -> Arranged:
    rules, hidden = layout.get("rules") or {}, set(layout.get("hidden") or ())
    fields = [_declared(one, rules.get(one.name), one.name in hidden) for one in spec.fields] + list(own)
    by_name = {one.name: one for one in fields}
    placed: dict[str, Field] = {}
    for section in layout.get("sections") or ():
        for name in section.get("fields") or ():
            if name in by_name:
                placed[name] = by_name[name].but(section=section["key"])
    if not placed:
        return Arranged(tuple(fields), own, _sections(spec, layout.get("sections") or (), by_name))
    # what was made since then stands at the end; what is in no form keeps its place after it
    rest = [one for one in fields if one.name not in placed]
    result = (*placed.values(), *rest)
    names = {one.name: one for one in result}
    moved = tuple(names[one.name] for one in own)
    return Arranged(result, moved, _sections(spec, layout.get("sections") or (), names))


def _declared(one: Field, rule: Mapping[str, Any] | None, hidden: bool) -> Field:
    if hidden and not one.required and not one.system:
        return one.but(hidden=True, in_form=False, in_list=False, importable=False)
    if rule:
        return one.but(visible_when=_filter(rule.get("visible_when")), required_when=_filter(rule.get("required_when")))
    return one


def _sections(spec: Entity, stored: Any, fields: Mapping[str, Field]) -> tuple[Section, ...]:
    known = dict(spec.sections) | {SECTION: OWN_TITLE}
    found = {}
    for one in stored:
        key = one["key"]
        found[key] = Section(key, one.get("label") or known.get(key) or key)
    for key, label in spec.sections:
        found.setdefault(key, Section(key, label))
    for one in fields.values():
        if one.section and one.section not in found and one.custom and one.section != SECTION:
            found[one.section] = Section(one.section, one.section)
    return tuple(found.values())


# -- fields ----------------------------------------------------------------------------------------------------------


def field_named(database: Database, entity: str, name: str, connection: sa.Connection | None = None) -> Field:
    """A field of a record type by name.

    Raises:
        FieldError: there is none.
    """
    for one in fields_of(database, entity, connection):
        if one.name == name:
            return one
    raise FieldError(name, N_("There is no field “{name}” in {entity}."), name=name, entity=entity)


def create_custom_field(
    uow: UnitOfWork, entity: str, label: str, kind: Kind, *, choices: list[dict[str, Any]] | None = None,
    target: str = "", required: bool = False, section: str = "", aliases: tuple[str, ...] = (), help: str = "",
    **more: Any,
) -> int:  # fmt: skip
    """Add a field to a record type. Returns the id of its definition; no record is touched.

    Args:
        label: as the office calls it; the key is made from it.
        choices: for choice kinds: [{"key", "label", "hue"}].
        target: for links: the record type they point to.
        more: further columns of the definition: ``formula``, ``roll_up``, ``visible_when``, ``default_value`` ...
    """
    label = label.strip()
    if not label:
        raise FieldError("label", N_("Give the field a name."))
    if kind not in ALLOWED:
        raise FieldError("kind", N_("A field cannot be of this kind."))
    computed = bool(more.get("formula") or more.get("roll_up"))
    if kind in (Kind.CHOICE, Kind.CHOICES) and not choices and not computed:
        raise FieldError("options", N_("Give at least one choice."))
    if kind is Kind.LINK and target not in uow.schema.entities and not computed:
        raise FieldError("target", N_("Say which records the field links to."))
    key = _free_key(uow, entity, label)
    position = len(custom_fields(uow.database, entity, uow.connection))
    identity = uow.insert("custom_field", {
        "entity": entity, "key": key, "label": label, "kind": kind.value, "section": section or None,
        "required": required, "options": choices, "target": target or None, "position": position,
        "aliases": list(aliases) or None, "help": help or None, "in_list": True, **more,
    })  # fmt: skip
    forget(uow)
    refuse_broken(uow, entity, PREFIX + key)
    return identity


def refuse_broken(uow: UnitOfWork, entity: str, name: str) -> None:
    """Raise where a formula or roll-up cannot be worked out; the error of a formula says where."""
    one = field_named(uow.database, entity, name, uow.connection)
    if one.formula is not None and one.formula.tree is None:
        fields = {each.name: each for each in fields_of(uow.database, entity, uow.connection) if each.name != name}
        resolving.bind(one.formula.text, one.kind, fields)
        raise FieldError("formula", N_("{sentence}"), sentence=one.formula.problem)


def _free_key(uow: UnitOfWork, entity: str, label: str) -> str:
    """A key that no field of the record type has or ever had: the values of deleted fields stay with the records."""
    table = Base.metadata.tables["custom_field"]
    taken = set(uow.connection.execute(sa.select(table.c.key).where(table.c.entity == entity)).scalars())
    taken |= set(retired_keys(uow.connection, entity))
    stem = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:60] or "field"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key


def retired_keys(connection: sa.Connection, entity: str) -> list[str]:
    """The keys of deleted fields of a record type."""
    table = Base.metadata.tables["office_setting"]
    found = connection.execute(sa.select(table.c.value).where(table.c.key == retired_setting(entity))).scalar()
    return list(found or ())


RETIRED = "fields.retired."
SETTINGS = (NamedSetting(RETIRED, N_("Keys of deleted fields")),)


def retired_setting(entity: str) -> str:
    """The office setting that keeps the keys of deleted fields."""
    return RETIRED + entity
