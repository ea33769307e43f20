"""What stands on the labels of some records: a text of tokens, and the address that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.addresses import format_address
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.records.cards import CardRow, read_cards
from crm_desktop.records.tokens import fill

ADDRESS = "{address}"
"""Stands for all lines of the address, in the order of its country."""
WHICH: dict[str, str] = {
    "primary": N_("Main address"), "work": N_("Work address"), "home": N_("Home address"),
    "billing": N_("Billing address"), "delivery": N_("Delivery address"), "company": N_("Address of the company"),
}  # fmt: skip
"""Which address a label shows."""
TEMPLATES = {"contact": "{name}\n{company}\n{address}", "company": "{name}\n{address}"}
"""What a label says where nobody wrote anything else."""
_PART = 500
_MARK = "\x1fADDRESS\x1f"


@dataclass(frozen=True)
class Labels:
    """The lines of each label in their order; ``skipped`` are the ids of records without such an address."""

    lines: Sequence[Sequence[str]]
    skipped: Sequence[int] = ()


def read_labels(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], template: str, *,
    which: str = "primary", or_main: bool = True, by_postcode: bool = False, progress: Progress | None = None,
) -> Labels:  # fmt: skip
    """The labels of some records.

    Args:
        template: a text with tokens; ``{address}`` stands for the lines of the address.
        which: one of ``WHICH``.
        or_main: take the main address, or else the company's, where there is none of that kind.
        by_postcode: sort by country and postcode, as the post likes it; else as ``ids`` are.

    Raises:
        UserError: the text uses a token that there is not.
    """
    made: list[tuple[tuple[str, ...], list[str]]] = []
    skipped: list[int] = []
    with_address = ADDRESS in template
    text = template.replace(ADDRESS, _MARK)
    for start in range(0, len(ids), _PART):
        if progress:
            progress.update(start, len(ids))
        rows = list(read_cards(database, connection, entity, ids[start : start + _PART], _names(database, entity)))
        companies = _companies(database, connection, rows) if with_address else {}
        texts = fill(text, database, connection, entity, [row.id for row in rows])
        for row, filled in zip(rows, texts, strict=True):
            place = _chosen(row, companies, which, or_main)
            if with_address and place is None:
                skipped.append(row.id)
                continue
            key = (fold(str((place or {}).get("country") or "")), fold(str((place or {}).get("postcode") or "")))
            made.append(((*key, fold(str(row.values.get("name") or ""))), _lines(filled, place)))
    if by_postcode:
        made.sort(key=lambda pair: pair[0])
    return Labels([lines for _key, lines in made], skipped)


def _names(database: Database, entity: str) -> list[str]:
    spec = database.schema.entity(entity)
    return [name for name in (spec.title_field, "company_id") if spec.has(name)]


def _companies(
    database: Database, connection: sa.Connection, rows: Sequence[CardRow]
) -> dict[int, Sequence[Mapping[str, Any]]]:
    """The addresses of the companies that people work for."""
    ids = {link.id for row in rows if (link := row.values.get("company_id")) is not None}
    if not ids:
        return {}
    return {row.id: row.addresses for row in read_cards(database, connection, "company", sorted(ids), ["name"])}


def _chosen(
    row: CardRow, companies: Mapping[int, Sequence[Mapping[str, Any]]], which: str, or_main: bool
) -> Mapping[str, Any] | None:
    link = row.values.get("company_id")
    of_company = list(companies.get(link.id, ())) if link is not None else []
    own = [one for one in row.addresses if _written(one)]
    of_company = [one for one in of_company if _written(one)]
    if which == "company":
        wanted = of_company
    elif which == "primary":
        wanted = own
    else:
        wanted = [one for one in own if one["label"] == which]
        if which == "work" and not wanted:
            wanted = [one for one in of_company if one["label"] == "work"] or of_company
    if not wanted and or_main:
        wanted = own or of_company
    return wanted[0] if wanted else None


def _written(one: Mapping[str, Any]) -> bool:
    """Whether the post could find it: a street or a town."""
    return any(str(one[name] or "").strip() for name in ("street", "street2", "city", "postcode"))


def _lines(filled: str, place: Mapping[str, Any] | None) -> list[str]:
    lines: list[str] = []
    names = ("street", "street2", "district", "city", "region", "postcode", "country")
    address = format_address(**{name: place[name] for name in names}) if place is not None else []
    for line in filled.split("\n"):
        if _MARK in line:
            before, _mark, after = line.partition(_MARK)
            lines += [before, *address, after] if before.strip() or after.strip() else address
        else:
            lines.append(line)
    return [line.strip() for line in lines if line.strip()]
