"""What an address book wants to know of people and companies: names, points, addresses, tags; in parts, for exports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records import queries

WITH_CARDS = ("contact", "company")
"""The record types that are people or organisations."""
_NAMES = (
    "name", "prefix", "first_name", "last_name", "suffix", "nickname", "company_id", "job_title", "department",
    "birthday", "language", "notes", "updated_at",
)  # fmt: skip
_PART = 500


@dataclass(frozen=True)
class CardRow:
    """One person or company: ``values`` by field name, whole rows of its points and addresses, names of its tags."""

    id: int
    entity: str
    values: Mapping[str, Any]
    points: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    addresses: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    tags: Sequence[str] = ()


def read_cards(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], names: Sequence[str] = _NAMES
) -> Iterator[CardRow]:
    """The cards of some records in their order, primary points and addresses first."""
    for start in range(0, len(ids), _PART):
        part = list(ids[start : start + _PART])
        points = _children(connection, "contact_point", part)
        addresses = _children(connection, "address", part)
        tags = queries.tags_of_many(connection, part)
        for row in queries.fetch_rows(database, connection, entity, part, names):
            yield CardRow(
                row.id, entity, row.values, points.get(row.id, ()), addresses.get(row.id, ()),
                [name for name, _hue in tags.get(row.id, ())],
            )  # fmt: skip


def _children(connection: sa.Connection, name: str, ids: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    table = Base.metadata.tables[name]
    statement = sa.select(table).where(table.c.owner_id.in_(ids)).order_by(table.c.is_primary.desc(), table.c.id)
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        found[row["owner_id"]].append(dict(row))
    return found
