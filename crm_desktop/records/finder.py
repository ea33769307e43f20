"""Search hits dressed for a person: grouped by record type, with the line below the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.records import custom, files_service, queries


@dataclass(frozen=True)
class Found:
    """A record that a search found, as a list of hits shows it."""

    entity: str
    id: int
    title: str
    subtitle: str


def find(
    database: Database, connection: sa.Connection, text: str, *, entities: Sequence[str] = (), limit: int = 20
) -> list[Found]:
    """The records that match, best first within their record type, the types in the order of their best hit."""
    hits = search.find(connection, database.schema, text, entities=entities, limit=limit)
    by_entity: dict[str, list[search.Hit]] = {}
    for hit in hits:
        if hit.entity in database.schema.entities:
            by_entity.setdefault(hit.entity, []).append(hit)
    result = []
    for name, found in by_entity.items():
        subtitles = _subtitles(database, connection, name, [hit.id for hit in found])
        result += [Found(name, hit.id, hit.title, subtitles.get(hit.id, "")) for hit in found]
    return result


def _subtitles(database: Database, connection: sa.Connection, entity: str, ids: Sequence[int]) -> dict[int, str]:
    if entity == "attachment":
        return files_service.owners_of(database, connection, ids)
    spec = database.schema.entity(entity)
    if not spec.subtitle_field:
        return {}
    field = custom.field_named(database, entity, spec.subtitle_field, connection)
    rows = queries.fetch_rows(database, connection, entity, ids, [field.name])
    texts = {}
    for row in rows:
        value = row.values.get(field.name)
        texts[row.id] = value.title if isinstance(value, queries.Link) else formats.format_value(field, value)
    return texts
