"""Records as cards of an address book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.formats import country_name
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.records import queries
from crm_desktop.records.cards import CardRow, read_cards
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.reporting.vcard import Card, Place, Point, Version, write_vcards


def export_vcards(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], path: Path, *,
    version: Version = "4.0", progress: Progress | None = None,
) -> int:  # fmt: skip
    """Write contacts or companies as vCards. Returns how many.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    cards = _cards(read_cards(database, connection, entity, ids))
    return write_vcards(cards, path, version=version, total=len(ids), progress=progress)


def _cards(rows: Iterator[CardRow]) -> Iterator[Card]:
    for row in rows:
        yield card_of(row)


def card_of(row: CardRow) -> Card:
    """The card of a record."""
    values = row.values

    def text(name: str) -> str:
        return str(values.get(name) or "")

    return Card(
        name=text("name"), uid=f"crm-desktop-{row.id}", organisation=row.entity == "company", prefix=text("prefix"),
        first=text("first_name"), last=text("last_name"), suffix=text("suffix"), nickname=text("nickname"),
        company=text("company_id"), company_key=_key(values.get("company_id")), department=text("department"), job_title=text("job_title"),
        birthday=values.get("birthday"), language=text("language"), note=text("notes"),
        points=[_point(one) for one in row.points], places=[_place(one) for one in row.addresses],
        categories=list(row.tags), changed=values.get("updated_at"),
    )  # fmt: skip


def _key(company: Any) -> str:
    """The id of the company, by which an import of this program tells namesakes apart."""
    return write_record_id(company.id) if isinstance(company, queries.Link) else ""


def _point(one: Mapping[str, Any]) -> Point:
    return Point(str(one["kind"]), str(one["value"]), str(one["label"] or ""), bool(one["is_primary"]))


def _place(one: Mapping[str, Any]) -> Place:
    names = ("street", "street2", "district", "city", "region", "postcode")
    parts = {name: str(one[name] or "") for name in names}
    country = country_name(one["country"]) if one["country"] else ""
    return Place(**parts, country=country, label=str(one["label"] or ""), primary=bool(one["is_primary"]))
