"""Reads of the calendar: the events of a window with repeating ones expanded, and the tasks that are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_desktop.calendar.occurrences import Occurrence, occurrences, to_utc, zone_of
from crm_desktop.core import clock
from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.db.database import Database
from crm_desktop.records import queries as records

MOST_TASKS = 500
LONGEST = timedelta(days=370)
"""The calendar looks this far back for what still goes on, so that it reads by the index and not every old event."""

_DAY = timedelta(days=1)
EVENT_COLUMNS = (
    "id", "subject", "kind", "status", "starts", "ends", "zone", "all_day", "rrule", "exdates", "series_id",
    "recurrence_id", "owner_id", "place", "starts_at", "ends_at", "created_by",
)  # fmt: skip
"""What ``expand`` needs of an activity."""


@dataclass(frozen=True)
class LinkedRecord:
    """A record that an activity belongs to."""

    entity: str
    id: int
    title: str


@dataclass(frozen=True)
class Event:
    """One appointment, or one occurrence of a series, in the window.

    ``recurrence_id`` names the occurrence of a series (its wall time by the rule); None for what stands alone and
    for an occurrence that became a record of its own, whose ``series_id`` is set.
    """

    activity_id: int
    recurrence_id: datetime | None
    series_id: int | None
    subject: str
    kind: str
    status: str
    start: datetime
    end: datetime
    all_day: bool
    owner_id: int | None
    place: str
    links: tuple[LinkedRecord, ...] = ()
    made_by: int | None = None

    @property
    def recurring(self) -> bool:
        """Whether it belongs to a series."""
        return self.recurrence_id is not None or self.series_id is not None

    @property
    def done(self) -> bool:
        """Whether it took place and is ticked off."""
        return self.status == "done"


@dataclass(frozen=True)
class Task:
    """A task that waits to be done."""

    id: int
    subject: str
    due: date | None
    due_time: time | None
    priority: str | None
    owner_id: int | None
    links: tuple[LinkedRecord, ...] = ()


@dataclass(frozen=True)
class Member:
    """Somebody of the office, for the filter of people."""

    id: int
    name: str
    hue: int | None


def events_in_window(
    database: Database, connection: sa.Connection, start: datetime, end: datetime, *,
    zone: ZoneInfo | None = None, owners: Collection[int] | None = None, record_id: int | None = None,
) -> list[Event]:  # fmt: skip
    """The events that touch a window, by start. Cancelled ones are left out.

    Args:
        start: first instant of the window, aware.
        end: first instant after it, aware.
        zone: the zone of who looks: times come in it, and whole days begin at its midnight.
        owners: only of these people; None for everybody.
        record_id: only what belongs to this record.
    """
    view = zone or clock.local_zone()
    table = database.schema.table("activity")
    wanted = _wanted(database, table, owners, record_id)
    columns = [table.c[name] for name in EVENT_COLUMNS]
    # A whole day begins at another instant for somebody in another zone, hence the day on either side.
    last = sa.func.coalesce(table.c.ends_at, table.c.starts_at)
    single = sa.select(*columns).where(
        wanted, table.c.rrule.is_(None), last >= start - _DAY,
        table.c.starts_at.between(start - LONGEST, end + _DAY),
    )  # fmt: skip
    series = sa.select(*columns).where(wanted, table.c.rrule.is_not(None), table.c.starts_at < end + _DAY)
    repeating = [dict(row) for row in connection.execute(series).mappings()]
    taken = taken_occurrences(connection, table, [row["id"] for row in repeating])
    found: list[Event] = []
    for alone in connection.execute(single).mappings():
        found += expand(dict(alone), (), view, start, end)
    for row in repeating:
        found += expand(row, taken[row["id"]], view, start, end)
    found.sort(key=lambda event: (event.start.astimezone(UTC), event.subject))
    return _with_links(database, connection, found)


def tasks_due(
    database: Database, connection: sa.Connection, *, until: date, owners: Collection[int] | None = None,
    limit: int = MOST_TASKS,
) -> list[Task]:  # fmt: skip
    """Tasks not done that are due on a day or before, the oldest first; those without a day come last.

    A task that has an hour in the calendar is in the calendar; once that hour is past it counts as due again.
    """
    table = database.schema.table("activity")
    now = clock.now()
    open_hour = sa.or_(table.c.starts_at.is_(None), sa.func.coalesce(table.c.ends_at, table.c.starts_at) < now)
    statement = (
        sa.select(*(table.c[name] for name in ("id", "subject", "due", "due_time", "priority", "owner_id", "starts")))
        .where(table.c.kind == "task", table.c.status == "planned", table.c.rrule.is_(None), open_hour)
        .where(sa.or_(table.c.due <= until, table.c.due.is_(None)))
        .order_by(table.c.due.is_(None), table.c.due, table.c.due_time.is_(None), table.c.due_time, table.c.id)
        .limit(limit)
    )
    if owners is not None:
        statement = statement.where(owned_by(table, owners))
    rows = connection.execute(statement).mappings().all()
    links = links_of(database, connection, [row["id"] for row in rows])
    return [
        Task(
            id=row["id"], subject=row["subject"] or "", due=row["due"] or (row["starts"] and row["starts"].date()),
            due_time=parse_time(row["due_time"]), priority=row["priority"], owner_id=row["owner_id"],
            links=links.get(row["id"], ()),
        )
        for row in rows
    ]  # fmt: skip


def count_overdue(database: Database, connection: sa.Connection, *, owners: Collection[int] | None = None) -> int:
    """How many tasks are past their day."""
    table = database.schema.table("activity")
    statement = sa.select(sa.func.count()).where(
        table.c.kind == "task", table.c.status == "planned", table.c.due < clock.today()
    )
    if owners is not None:
        statement = statement.where(owned_by(table, owners))
    return int(connection.execute(statement).scalar_one())


def members(database: Database, connection: sa.Connection) -> list[Member]:
    """The people of the office who work, by name."""
    table = database.schema.table("user")
    rows = connection.execute(
        sa.select(table.c.id, table.c.name, table.c.hue).where(table.c.active.is_(True)).order_by(table.c.name)
    )
    return [Member(row.id, row.name, row.hue) for row in rows]


def get_activity(database: Database, connection: sa.Connection, activity_id: int) -> Mapping[str, Any]:
    """Every stored value of an activity; RecordGone where it is not there any more."""
    table = database.schema.table("activity")
    row = connection.execute(sa.select(table).where(table.c.id == activity_id)).mappings().first()
    if row is None:
        raise RecordGone("activity", activity_id)
    return dict(row)


def length_of(row: Mapping[str, Any]) -> timedelta:
    """How long an activity takes by the clock; nothing where it has no end."""
    length: timedelta = row["ends"] - row["starts"] if row["ends"] and row["starts"] else timedelta(0)
    return length


def occurrence_at(row: Mapping[str, Any], recurrence_id: datetime | None) -> tuple[datetime | None, datetime | None]:
    """The wall times of an activity, or of one occurrence of its series."""
    if recurrence_id is None:
        return row["starts"], row["ends"]
    return recurrence_id, recurrence_id + length_of(row)


def links_of(
    database: Database, connection: sa.Connection, activity_ids: Sequence[int]
) -> dict[int, tuple[LinkedRecord, ...]]:
    """What activities belong to, with titles, in the order they were linked."""
    table = sa.Table("activity_link", database.schema.table("activity").metadata)
    rows: list[tuple[int, str, int]] = []
    for first in range(0, len(activity_ids), 500):
        part = list(activity_ids[first : first + 500])
        statement = sa.select(table.c.activity_id, table.c.entity, table.c.record_id)
        found = connection.execute(statement.where(table.c.activity_id.in_(part)).order_by(table.c.id))
        rows += [(row[0], row[1], row[2]) for row in found]
    by_entity: dict[str, set[int]] = defaultdict(set)
    for _activity, entity, record_id in rows:
        by_entity[entity].add(record_id)
    names = {
        entity: records.titles(database.schema, connection, entity, ids)
        for entity, ids in by_entity.items()
        if entity in database.schema.entities
    }
    result: dict[int, list[LinkedRecord]] = defaultdict(list)
    for activity, entity, record_id in rows:
        title = names.get(entity, {}).get(record_id)
        if title is not None:
            result[activity].append(LinkedRecord(entity, record_id, title))
    return {activity: tuple(linked) for activity, linked in result.items()}


def read_exdates(stored: Iterable[str] | None) -> list[datetime | date]:
    """Exceptions as they are stored: ISO wall times, or days."""
    return [datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text) for text in stored or ()]


def parse_time(text: str | None) -> time | None:
    """A time of day as tasks store it ("14:30"); None for anything else."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


def _wanted(
    database: Database, table: sa.Table, owners: Collection[int] | None, record_id: int | None
) -> sa.ColumnElement[bool]:
    wanted: sa.ColumnElement[bool] = sa.and_(table.c.starts_at.is_not(None), table.c.status != "cancelled")
    if owners is not None:
        wanted &= owned_by(table, owners)
    if record_id is not None:
        link = sa.Table("activity_link", table.metadata)
        wanted &= table.c.id.in_(sa.select(link.c.activity_id).where(link.c.record_id == record_id))
    return wanted


def owned_by(table: sa.Table, owners: Collection[int]) -> sa.ColumnElement[bool]:
    """What belongs to some people; what belongs to nobody is everybody's."""
    return sa.or_(table.c.owner_id.in_(list(owners)), table.c.owner_id.is_(None))


def taken_occurrences(connection: sa.Connection, table: sa.Table, series: Sequence[int]) -> dict[int, list[datetime]]:
    """The occurrences of series that became records of their own, cancelled ones too."""
    taken: dict[int, list[datetime]] = defaultdict(list)
    for first in range(0, len(series), 500):
        part = list(series[first : first + 500])
        statement = sa.select(table.c.series_id, table.c.recurrence_id).where(
            table.c.series_id.in_(part), table.c.recurrence_id.is_not(None)
        )
        for series_id, wall in connection.execute(statement):
            taken[series_id].append(wall)
    return taken


def expand(
    row: Mapping[str, Any], taken: Iterable[datetime], view: ZoneInfo, start: datetime, end: datetime
) -> list[Event]:
    """The occurrences of a stored activity that touch a window, without those that became records of their own."""
    zone: tzinfo = view if row["all_day"] else zone_of(row["zone"])
    try:
        found = occurrences(
            row["starts"], row["ends"], zone, row["rrule"], [*read_exdates(row["exdates"]), *taken],
            bool(row["all_day"]), start, end,
        )  # fmt: skip
    except UserError:
        # A rule that another program left in the file and nobody can read must not empty the calendar.
        found = occurrences(row["starts"], row["ends"], zone, None, (), bool(row["all_day"]), start, end)
    return [_event(row, one, view) for one in found]


def _event(row: Mapping[str, Any], one: Occurrence, view: ZoneInfo) -> Event:
    return Event(
        activity_id=row["id"],
        recurrence_id=one.recurrence_id if row["rrule"] else None,
        series_id=row["series_id"],
        subject=row["subject"] or "",
        kind=row["kind"],
        status=row["status"],
        start=to_utc(one.start_local, view).astimezone(view) if one.all_day else one.start_utc.astimezone(view),
        end=to_utc(one.end_local, view).astimezone(view) if one.all_day else one.end_utc.astimezone(view),
        all_day=one.all_day,
        owner_id=row["owner_id"],
        place=row["place"] or "",
        made_by=row.get("created_by"),
    )


def _with_links(database: Database, connection: sa.Connection, events: list[Event]) -> list[Event]:
    links = links_of(database, connection, list({event.activity_id for event in events}))
    if not links:
        return events
    return [
        Event(**{**event.__dict__, "links": links[event.activity_id]}) if event.activity_id in links else event
        for event in events
    ]
