"""What all parts of the sample office share: its time, people and stages; ids of the past; rows on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from crm_desktop.core.ids import first_id_at
from crm_desktop.db.unit_of_work import UnitOfWork

YEARS = 3

COLUMNS: dict[str, tuple[str, ...]] = {
    "company": ("id", "name", "sort_name", "legal_name", "tax_id", "kind", "industry", "source", "employees", "number",
                "owner_id", "language", "last_activity_at", "custom", "created_at", "created_by"),
    "contact": ("id", "name", "sort_name", "first_name", "last_name", "company_id", "job_title", "lifecycle", "source",
                "owner_id", "birthday", "gender", "tax_id", "language", "do_not_contact", "last_activity_at",
                "created_at", "created_by"),
    "affiliation": ("id", "contact_id", "company_id", "role", "since", "until", "note", "created_at", "created_by"),
    "relationship": ("id", "from_entity", "from_id", "to_entity", "to_id", "kind", "note", "since", "created_at",
                     "created_by"),
    "contact_point": ("id", "owner_id", "kind", "label", "value", "search_digits", "is_primary"),
    "address": ("id", "owner_id", "label", "street", "district", "city", "region", "postcode", "country", "is_primary"),
    "consent": ("id", "owner_id", "purpose", "channel", "state", "source", "wording", "at"),
    "deal": ("id", "name", "company_id", "contact_id", "pipeline_id", "stage_id", "status", "amount", "currency",
             "expected_close", "product_id", "source", "owner_id", "opened_on", "closed_on", "lost_reason",
             "competitor", "next_step", "stage_since", "last_activity_at", "position", "number", "created_at",
             "created_by"),
    "activity": ("id", "subject", "kind", "status", "priority", "due", "due_time", "starts", "ends", "zone", "all_day",
                 "starts_at", "ends_at", "rrule", "reminder_minutes", "place", "owner_id", "direction", "duration",
                 "outcome", "done_at", "description", "created_at", "created_by"),
    "activity_link": ("id", "activity_id", "entity", "record_id", "role", "activity_at"),
    "case": ("id", "number", "subject", "company_id", "contact_id", "status", "priority", "channel", "category",
             "owner_id", "team_id", "product_id", "respond_due", "resolve_due", "responded_at", "solved_at",
             "closed_at", "waiting_since", "solution", "description", "custom", "created_at", "created_by"),
    "case_message": ("id", "case_id", "kind", "channel", "author", "author_id", "body", "at", "created_at",
                     "created_by"),
    "note": ("id", "entity", "record_id", "body", "pinned", "created_at", "created_by"),
    "record_tag": ("id", "tag_id", "entity", "record_id"),
}  # fmt: skip
"""The columns that are filled, by table, parents before children."""


@dataclass(frozen=True)
class Customer:
    """A contact that later parts may give deals and cases to."""

    id: int
    name: str
    company_id: int | None
    company: str
    owner_id: int
    spoken: str
    """The key of the texts that are right for them: "pt", "es" or "en"."""


@dataclass
class Scene:
    """The office that the rows belong to."""

    rng: Random
    today: date
    now: datetime
    zone: ZoneInfo
    users: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    pipelines: list[int] = field(default_factory=list)
    stages: list[list[tuple[int, str]]] = field(default_factory=list)
    """(id, outcome) of the stages of each pipeline."""
    products: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        """When the office began to use the program."""
        return self.at(self.today.replace(year=self.today.year - YEARS, day=min(self.today.day, 28)), "09:00")

    def at(self, day: date, hour: str) -> datetime:
        """The instant of a wall time in the office's zone."""
        return self.instant(datetime.combine(day, time.fromisoformat(hour)))

    def instant(self, wall: datetime) -> datetime:
        """The instant of a naive wall time in the office's zone."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def minutes(self, offset: float) -> datetime:
        """The instant so many minutes from now, to the minute."""
        return (self.now + timedelta(minutes=offset)).replace(second=0, microsecond=0)


class Ids:
    """Ids as one computer would have given them at moments of the past, so that older records have smaller ids.

    Args:
        device: one number for each stream of records, so that two streams never give the same id.
    """

    def __init__(self, device: int) -> None:
        self.device = device
        self._next = 0

    def move_to(self, moment: datetime) -> None:
        """Go on from a later moment."""
        self._next = max(self._next, first_id_at(moment, self.device))

    def next(self) -> int:
        """One new id."""
        self._next += 1
        return self._next


class Happened(Protocol):
    """Who must know when rows came; see ``dated.Past``."""

    still: set[int]

    def add(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """These rows were inserted."""


class Rows:
    """Rows by table until they are written."""

    def __init__(self, uow: UnitOfWork, past: Happened) -> None:
        self.uow, self.past = uow, past
        self.by_table: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}

    def add(self, name: str, /, **values: Any) -> int:
        """Add one row by column names; the rest stays empty. Returns its id."""
        row = tuple(values.pop(column, None) for column in COLUMNS[name])
        if values:
            raise KeyError(f"{name}: {sorted(values)}")
        self.by_table[name].append(row)
        return int(row[0])

    def write(self) -> None:
        """Insert what has been gathered."""
        for name, rows in self.by_table.items():
            if rows:
                self.uow.insert_many(name, COLUMNS[name], rows)
                self.past.add(name, rows)
                rows.clear()
