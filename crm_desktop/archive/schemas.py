"""What the fields of the archive mean, as JSON Schema (draft 2020-12): labels, kinds, choices, links."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_desktop.archive.tables import label_of, plain_tables
from crm_desktop.archive.texts import page_of
from crm_desktop.archive.work import Work
from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.base import Base
from crm_desktop.db.types import Instant, JsonType, Units, WallTime
from crm_desktop.exporting.office_export import record_types
from crm_desktop.exporting.source import RecordSource

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = {"type": ["number", "string"]}
"""An exact number; a text where JSON's own numbers would round it."""
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.INTEGER: {"type": "integer"}, Kind.NUMBER: _NUMBER, Kind.MONEY: _NUMBER, Kind.PERCENT: _NUMBER,
    Kind.DATE: {"type": "string", "format": "date"}, Kind.DATETIME: {"type": "string", "format": "date-time"},
    Kind.LOCAL_DATETIME: {"type": "string", "description": N_("Wall time, without a zone")}, Kind.BOOL: {"type": ["boolean", "integer"]},
    Kind.CHOICES: {"type": "array", "items": {"type": "string"}}, Kind.JSON: {},
}  # fmt: skip
_ID = {"type": "string", "pattern": "^CRM-[0-9]+$"}


def write_schemas(work: Work) -> None:
    """A file for each record type and table of the archive."""
    types = record_types(work.database)
    for name in types:
        work.zip.add(f"schema/{name}.schema.json", page_of(_of_type(work, name)))
    for table, _path in plain_tables(work.schema, types):
        work.zip.add(f"schema/{table.name}.schema.json", page_of(_of_table(work, table)))


def _link(target: str) -> dict[str, Any]:
    return {
        "type": "object", "x-crm-target": target,
        "properties": {"id": _ID, "title": {"type": ["string", "null"]}}, "required": ["id"],
    }  # fmt: skip


def _of_field(one: Field, *, linked: bool) -> dict[str, Any]:
    """A field; links are objects with id and title in the files of record types, and plain ids elsewhere."""
    said: dict[str, Any] = dict(_KINDS.get(one.kind, {"type": "string"}))
    if one.kind in LINK_KINDS:
        said = _link(one.target) if linked else {"type": "integer", "x-crm-target": one.target}
    if "description" in said:
        said["description"] = translate(said["description"])
    said = {"title": one.label if one.custom else translate(one.label), **said, "x-crm-kind": one.kind.value}
    if one.help:
        said["description"] = one.help if one.custom else translate(one.help)
    if one.choices and one.kind is Kind.CHOICES:
        said["items"] = {"type": "string", "anyOf": _choices(one)}
    elif one.choices:
        said["anyOf"] = [*_choices(one), {"type": "string"}]  # a value of an earlier time may have no label any more
    if one.max_length:
        said["maxLength"] = one.max_length
    if one.sensitive:
        said["x-crm-sensitive"] = True
    return said


def _choices(one: Field) -> list[dict[str, str]]:
    return [
        {"const": choice.key, "title": choice.label if one.custom else translate(choice.label)}
        for choice in one.choices
    ]


def _of_type(work: Work, name: str) -> dict[str, Any]:
    source = RecordSource(work.database, work.connection, name, whole=False)
    spec: Entity = source.spec
    record: dict[str, Any] = {"id": {"title": "Id", **_ID}}
    known = {one.name: one for one in source.fields if one.name in spec.stored or one.custom}
    for column in work.schema.table(spec).columns:
        if column.name in known:
            record[column.name] = _of_field(known[column.name], linked=True)
        elif column.name not in ("id", "version", "custom", "sort_name"):
            record[column.name] = _of_column(column)
    record |= {key: _of_field(one, linked=True) for key, one in known.items() if one.custom}
    record["tags"] = {"type": "array", "items": {"type": "string"}, "title": translate(N_("Tags"))}
    record |= {child.name: _of_child(child) for child in spec.children}
    record["external_ids"] = {
        "title": translate(N_("Ids in other programs")), "type": "array",
        "items": {"type": "object", "properties": {"source": {"type": "string"}, "value": {"type": "string"}}},
    }  # fmt: skip
    required = ["id", *(one.name for one in source.fields if one.required and one.name in record)]
    return {
        "$schema": _DRAFT, "$id": f"{name}.schema.json", "title": translate(spec.plural), "type": "object",
        "description": translate(N_("The file data/{name}.json; data/{name}.csv has the same as a table.")).format(name=name),
        "properties": {"records": {"type": "array", "items": {
            "type": "object", "title": translate(spec.label), "properties": record, "required": required,
        }}},
        "required": ["records"],
    }  # fmt: skip


def _of_child(child: Child) -> dict[str, Any]:
    table = Base.metadata.tables[child.table]
    fields = {one.name: _of_field(one, linked=False) for one in child.fields}
    if table.info.get("refers"):
        fields |= {"id": _ID, "title": {"type": ["string", "null"]}}
    return {
        "title": translate(child.label), "type": "array", "items": {"type": "object", "properties": fields},
    }  # fmt: skip


def _of_column(column: sa.Column[Any]) -> dict[str, Any]:
    """A column that is no field."""
    kind = column.type
    said: dict[str, Any] = {}
    if isinstance(kind, Instant):
        said = {"type": "string", "format": "date-time"}
    elif isinstance(kind, sa.Date):
        said = {"type": "string", "format": "date"}
    elif isinstance(kind, Units):
        said = dict(_NUMBER)
    elif isinstance(kind, sa.Boolean):
        said = {"type": "boolean"}
    elif isinstance(kind, sa.Integer):
        said = {"type": "integer"}
    elif isinstance(kind, JsonType):
        said = {}
    elif isinstance(kind, WallTime | sa.String):
        said = {"type": "string"}
    return {"title": column.name, **said}


def _of_table(work: Work, table: sa.Table) -> dict[str, Any]:
    """A row of a table as it is stored."""
    row = {}
    for column in table.columns:
        one: Field | None = column.info.get("field")
        row[column.name] = _of_field(one.but(name=column.name), linked=False) if one else _of_column(column)
    required = [c.name for c in table.columns if not c.nullable and not c.primary_key or c.name == "id"]
    return {
        "$schema": _DRAFT, "$id": f"{table.name}.schema.json", "title": label_of(work.schema, table), "type": "object",
        "properties": row, "required": required,
    }  # fmt: skip
