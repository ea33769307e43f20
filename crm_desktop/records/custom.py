"""Custom fields: the same ``Field`` objects, made by the office at run time, stored in one JSON column."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.office import CustomField

PREFIX = "custom."
ALLOWED = tuple(kind for kind in Kind if kind not in (Kind.JSON, Kind.LOCAL_DATETIME))


def fields_of(database: Database, entity: str, connection: sa.Connection | None = None) -> tuple[Field, ...]:
    """Every field of a record type: the declared ones, then the office's own."""
    return database.schema.entity(entity).fields + custom_fields(database, entity, connection)


def custom_fields(database: Database, entity: str, connection: sa.Connection | None = None) -> tuple[Field, ...]:
    """The office's own fields of a record type, in their order. Read once and kept until one is changed."""
    cached = database.cache.get("custom_fields")
    if cached is None:
        if connection is not None:
            cached = _read(connection)
        else:
            with database.read() as own:
                cached = _read(own)
        database.cache["custom_fields"] = cached
    result: tuple[Field, ...] = cached.get(entity, ())
    return result


def _read(connection: sa.Connection) -> dict[str, tuple[Field, ...]]:
    table = CustomField.__table__
    result: dict[str, tuple[Field, ...]] = {}
    for row in connection.execute(sa.select(table).order_by(table.c.entity, table.c.position, table.c.id)).mappings():
        field = Field(
            PREFIX + row["key"], row["label"], Kind(row["kind"]), section=row["section"] or "custom",
            required=row["required"], searchable=False, in_list=row["in_list"], custom=True,
            aliases=tuple(row["aliases"] or ()), target=row["target"] or ("user" if row["kind"] == "user" else ""),
            help=row["help"] or "",
            choices=tuple(Choice(c["key"], c["label"], c.get("hue", 8)) for c in row["options"] or ()),
        )  # fmt: skip
        result[row["entity"]] = (*result.get(row["entity"], ()), field)
    return result


def field_named(database: Database, entity: str, name: str, connection: sa.Connection | None = None) -> Field:
    """A field of a record type by name.

    Raises:
        FieldError: there is none.
    """
    for field in fields_of(database, entity, connection):
        if field.name == name:
            return field
    raise FieldError(name, N_("There is no field “{name}” in {entity}."), name=name, entity=entity)


def create_custom_field(
    uow: UnitOfWork, entity: str, label: str, kind: Kind, *, choices: list[dict[str, Any]] | None = None,
    target: str = "", required: bool = False, section: str = "", aliases: tuple[str, ...] = (), help: str = "",
) -> int:  # fmt: skip
    """Add a field to a record type. Returns the id of its definition; no record is touched.

    Args:
        label: as the office calls it; the key is made from it.
        choices: for choice kinds: [{"key", "label", "hue"}].
        target: for links: the record type they point to.
    """
    label = label.strip()
    if not label:
        raise FieldError("label", N_("Give the field a name."))
    if kind not in ALLOWED:
        raise FieldError("kind", N_("A field cannot be of this kind."))
    if kind in (Kind.CHOICE, Kind.CHOICES) and not choices:
        raise FieldError("options", N_("Give at least one choice."))
    taken = {field.name for field in fields_of(uow.database, entity, uow.connection)}
    stem = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_") or "field"
    key, number = stem, 2
    while PREFIX + key in taken:
        key, number = f"{stem}_{number}", number + 1
    identity = uow.insert("custom_field", {
        "entity": entity, "key": key, "label": label, "kind": kind.value, "section": section or None,
        "required": required, "options": choices, "target": target or None, "position": len(taken),
        "aliases": list(aliases) or None, "help": help or None, "in_list": True,
    })  # fmt: skip
    uow.database.cache.pop("custom_fields", None)
    uow.after_commit(lambda: uow.database.cache.pop("custom_fields", None))
    return identity
