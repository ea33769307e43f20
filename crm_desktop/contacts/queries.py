"""Reads of contacts and companies: the timeline of everything about them, and what belongs to them in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.timeline import PLAIN, Found, Mark, Wanted, plain_entries, with_details
from crm_desktop.contacts.timeline_changes import changes
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records.queries import titles

PAGE = 50
CHANGE = "change"
KINDS = (*PLAIN, CHANGE)
"""The kinds of entries."""

_OPEN_CASES = ("new", "open", "waiting")
_AUTHORS = {"activity": "owner_id", "message": "author_id", "change": "author_id"}
_TITLES = {"activity": "subject", "deal": "name", "case": "subject", "attachment": "name", "change": "title"}
_BODIES = {"note": "body", "activity": "description", "message": "body", "case": "description"}
_DATA = {
    "note": ("pinned", "updated_at", "reply_to", "entity", "record_id"),
    "activity": ("kind", "status", "direction", "duration", "outcome", "starts", "starts_at", "ends_at", "due",
                 "due_time", "all_day", "place", "priority"),
    "deal": ("amount", "currency", "stage_id", "status", "closed_on", "expected_close"),
    "case": ("number", "status", "priority", "channel", "resolve_due"),
    "message": ("kind", "channel", "case_id"),
    "attachment": ("size", "media_type", "revision"),
    "change": ("created", "came_back", "edits", "merged", "change_set_id", "set_kind"),
}  # fmt: skip


@dataclass(frozen=True)
class Related:
    """A record that an entry belongs to."""

    entity: str
    id: int
    title: str


@dataclass(frozen=True)
class TimelineItem:
    """One entry of a timeline.

    Attributes:
        kind: one of ``KINDS``.
        id: of the note, activity, deal, case, message or attachment; of a change its place in the history.
        related: the other records it belongs to: the deal of a call, the company of a rolled up note.
        title, body: its words; of a change the title of the change set.
        data: what else there is to show: of an activity its kind, status, duration ...; of a change its ``edits``.
    """

    kind: str
    id: int
    at: datetime
    author_id: int | None
    author: str
    title: str
    body: str
    related: tuple[Related, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TimelinePage:
    """A page of a timeline, newest first; ``before`` asks for the next one, None where there is none."""

    items: tuple[TimelineItem, ...]
    before: Mapping[str, Mark] | None


@dataclass(frozen=True)
class RelatedCounts:
    """What belongs to a record, in numbers for its tabs."""

    people: int = 0
    deals: int = 0
    open_deals: int = 0
    cases: int = 0
    open_cases: int = 0
    activities: int = 0
    notes: int = 0
    attachments: int = 0


def timeline(
    database: Database, connection: sa.Connection, entity: str, record_id: int, *, kinds: Sequence[str] = (),
    activity_kinds: Sequence[str] = (), text: str = "", roll_up: bool = False,
    before: Mapping[str, Mark] | None = None, limit: int = PAGE,
) -> TimelinePage:  # fmt: skip
    """A page of everything about a record: of a customer with what belongs to its deals and cases.

    Args:
        kinds: only these of ``KINDS``; all where empty.
        activity_kinds: of activities only these: "call", "email" ...
        text: only entries with this text.
        roll_up: also what belongs to a company's people and branches, or to a person's companies.
        before: of the page before this one.
    """
    marks = dict(before or {})
    wanted = Wanted(entity, record_id, roll_up, text.strip(), dict(marks), limit + 1, tuple(activity_kinds))
    chosen = [kind for kind in PLAIN if not kinds or kind in kinds]
    batches = plain_entries(database, connection, wanted, chosen)
    if not kinds or CHANGE in kinds:
        newest = sorted((one.at for batch in batches.values() for one in batch.found), reverse=True)
        until = newest[limit] if len(newest) > limit else None
        batches[CHANGE] = changes(database, connection, wanted, until=until)
    found = sorted(
        ((kind, one) for kind, batch in batches.items() for one in batch.found),
        key=lambda pair: (pair[1].at, pair[1].id), reverse=True,
    )  # fmt: skip
    # what is older than the end of a source that has more would stand before entries that are still to come
    ends = [(batch.found[-1].at, batch.found[-1].id) for batch in batches.values() if batch.more and batch.found]
    end = max(ends, default=None)
    shown = [pair for pair in found if end is None or (pair[1].at, pair[1].id) >= end][:limit]
    for kind, one in shown:
        marks[kind] = (one.at, one.id)
    more = len(found) > len(shown) or bool(ends)
    items = dressed(database, connection, with_details(connection, shown), record_id)
    return TimelinePage(tuple(items), marks if more else None)


def related_counts(connection: sa.Connection, entity: str, record_id: int) -> RelatedCounts:
    """How many people, deals, cases, activities, notes and files belong to a record itself."""
    tables = Base.metadata.tables
    deal, case, contact = tables["deal"], tables["case_file"], tables["contact"]

    def number(table: sa.Table, *where: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(table).where(*where).scalar_subquery()

    columns = {
        "activities": number(tables["activity_link"], tables["activity_link"].c.record_id == record_id),
        "notes": number(tables["note"], tables["note"].c.record_id == record_id),
        "attachments": number(tables["attachment"], tables["attachment"].c.record_id == record_id),
    }
    if entity in ("contact", "company"):
        own_deals, own_cases = deal.c[f"{entity}_id"] == record_id, case.c[f"{entity}_id"] == record_id
        columns |= {
            "deals": number(deal, own_deals),
            "open_deals": number(deal, own_deals, deal.c.status == "open"),
            "cases": number(case, own_cases),
            "open_cases": number(case, own_cases, case.c.status.in_(_OPEN_CASES)),
        }
    if entity == "company":
        columns["people"] = number(contact, contact.c.company_id == record_id)
    row = connection.execute(sa.select(*(one.label(name) for name, one in columns.items()))).mappings().one()
    return RelatedCounts(**row)


def dressed(
    database: Database, connection: sa.Connection, found: Iterable[tuple[str, Found]], record_id: int
) -> list[TimelineItem]:
    """The entries with the names of their authors and of the records they belong to."""
    pairs = list(found)
    authors = titles(database.schema, connection, "user", {_author(kind, one) for kind, one in pairs})
    belongs = _links(connection, [one.id for kind, one in pairs if kind == "activity"])
    for kind, one in pairs:
        if kind != "activity":
            belongs[one.id] = [(_entity_of(kind, one), one.record_id)]
    names = _names(database, connection, {pair for links in belongs.values() for pair in links})
    items = []
    for kind, one in pairs:
        author_id = _author(kind, one)
        related = tuple(
            Related(entity, identity, names[entity, identity])
            for entity, identity in belongs.get(one.id, ())
            if identity not in (record_id, one.id) and (entity, identity) in names
        )
        items.append(TimelineItem(
            kind, one.id, one.at, author_id or None, authors.get(author_id, "") or str(one.row.get("author") or ""),
            str(one.row.get(_TITLES.get(kind, "")) or ""), str(one.row.get(_BODIES.get(kind, "")) or ""), related,
            {name: one.row.get(name) for name in _DATA[kind]},
        ))  # fmt: skip
    return items


def _author(kind: str, one: Found) -> int:
    """Who did it: the user's id, 0 where it is not known."""
    return one.row.get(_AUTHORS.get(kind, "created_by")) or 0


def _entity_of(kind: str, one: Found) -> str:
    """The record type of what an entry hangs on, where its source says it."""
    if kind in ("deal", "case"):
        return kind
    if kind == "message":
        return "case"
    if kind == "change" and one.row["edits"]:
        return str(one.row["edits"][0].entity)
    return str(one.row.get("entity") or "")


def _links(connection: sa.Connection, activity_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    result: dict[int, list[tuple[str, int]]] = defaultdict(list)
    if activity_ids:
        link = Base.metadata.tables["activity_link"]
        rows = connection.execute(
            sa.select(link.c.activity_id, link.c.entity, link.c.record_id)
            .where(link.c.activity_id.in_(activity_ids)).order_by(link.c.id)  # each time in the same order
        )  # fmt: skip
        for activity_id, entity, record_id in rows:
            result[activity_id].append((entity, record_id))
    return result


def _names(database: Database, connection: sa.Connection, pairs: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    by_entity: dict[str, set[int]] = defaultdict(set)
    for entity, identity in pairs:
        if entity in database.schema.entities:
            by_entity[entity].add(identity)
    return {
        (entity, identity): title
        for entity, ids in by_entity.items()
        for identity, title in titles(database.schema, connection, entity, ids).items()
    }
