"""What somebody is to be reminded of: appointments, occurrences of series and tasks that have a reminder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_desktop.calendar import queries
from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.calendar.queries import Event
from crm_desktop.core import clock
from crm_desktop.db.database import Database

LOOK_AHEAD = timedelta(days=370)
"""No reminder comes longer than this before its event."""
LOOK_BACK = timedelta(days=32)
"""What began longer ago needs no reminder, even where it still goes on."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(milliseconds=1)
_TASK_COLUMNS = ("id", "subject", "kind", "due", "due_time", "place", "reminder_minutes")


@dataclass(frozen=True)
class Reminder:
    """One thing to remind of.

    ``key`` names it for good: it stays the same when only the words of the activity change and is another one when
    its time or the time of its reminder does, so that a moved appointment reminds again. ``all_day`` is also a task
    of a day without an hour.
    """

    key: str
    activity_id: int
    recurrence_id: datetime | None
    subject: str
    kind: str
    place: str
    start: datetime
    end: datetime
    all_day: bool
    remind_at: datetime


def reminders_between(
    database: Database, connection: sa.Connection, since: datetime, until: datetime, *, user_id: int | None,
    zone: ZoneInfo | None = None,
) -> list[Reminder]:  # fmt: skip
    """What a person is to be reminded of by ``until`` and that had not ended before ``since``, by start.

    Only what is planned counts. What belongs to nobody reminds everybody, as it is in everybody's calendar.

    Args:
        since: aware; an event that ended before it is left out, however late its reminder is.
        until: aware; a reminder that comes due after it is left out.
        user_id: who is reminded.
        zone: the zone of that person: tasks and whole days are on its clock, and times come in it.
    """
    view = zone or clock.local_zone()
    found = [*_events(database, connection, since, until, user_id, view)]
    found += _tasks(database, connection, since, until, user_id, view)
    return sorted(found, key=lambda one: (one.start.astimezone(UTC), one.subject, one.activity_id))


def _events(
    database: Database, connection: sa.Connection, since: datetime, until: datetime, user_id: int | None, view: ZoneInfo
) -> Iterator[Reminder]:
    table = database.schema.table("activity")
    columns = [table.c[name] for name in (*queries.EVENT_COLUMNS, "reminder_minutes")]
    wanted = sa.and_(_wanted(table, user_id), table.c.starts_at.is_not(None))
    # A whole day begins at another instant for somebody in another zone, hence the day on either side. What is far
    # ahead is read only where its reminder is as early: nearly none is.
    soon = sa.or_(table.c.starts_at <= until + 2 * _DAY, table.c.reminder_minutes > _DAY // _MINUTE)
    single = sa.select(*columns).where(
        wanted, soon, table.c.rrule.is_(None), sa.func.coalesce(table.c.ends_at, table.c.starts_at) >= since - _DAY,
        table.c.starts_at.between(since - LOOK_BACK, until + LOOK_AHEAD + _DAY),
    )  # fmt: skip
    series = sa.select(*columns).where(
        wanted, table.c.rrule.is_not(None), table.c.starts_at < until + LOOK_AHEAD + _DAY
    )
    alone = [dict(row) for row in connection.execute(single).mappings()]
    repeating = [dict(row) for row in connection.execute(series).mappings()]
    taken = queries.taken_occurrences(connection, table, [row["id"] for row in repeating])
    for row in (*alone, *repeating):
        before = _before(row)
        for event in queries.expand(row, taken.get(row["id"], ()), view, since, until + before + _INSTANT):
            yield _of_event(event, row, before)


def _tasks(
    database: Database, connection: sa.Connection, since: datetime, until: datetime, user_id: int | None, view: ZoneInfo
) -> Iterator[Reminder]:
    """Tasks with a day; those that have an hour in the calendar are among the events."""
    table = database.schema.table("activity")
    first, last = (since - _DAY).astimezone(view).date(), (until + LOOK_AHEAD).astimezone(view).date()
    statement = sa.select(*(table.c[name] for name in _TASK_COLUMNS)).where(
        _wanted(table, user_id), table.c.starts_at.is_(None), table.c.due.between(first, last)
    )
    for row in map(dict, connection.execute(statement).mappings()):
        hour = queries.parse_time(row["due_time"])
        start = to_utc(datetime.combine(row["due"], hour or time()), view).astimezone(view)
        end = start if hour else to_utc(datetime.combine(row["due"] + _DAY, time()), view).astimezone(view)
        before = _before(row)
        if end >= since and start - before <= until:
            yield Reminder(
                key=_key(row["id"], start, before), activity_id=row["id"], recurrence_id=None,
                subject=row["subject"] or "", kind=row["kind"], place=row["place"] or "", start=start, end=end,
                all_day=hour is None, remind_at=start - before,
            )  # fmt: skip


def _wanted(table: sa.Table, user_id: int | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.reminder_minutes.is_not(None),
        table.c.status == "planned",
        queries.owned_by(table, [] if user_id is None else [user_id]),
    )


def _before(row: Mapping[str, Any]) -> timedelta:
    minutes = max(-(10**6), min(10**6, row["reminder_minutes"]))  # what an import brought may be any number
    return min(timedelta(minutes=minutes), LOOK_AHEAD)


def _of_event(event: Event, row: Mapping[str, Any], before: timedelta) -> Reminder:
    return Reminder(
        # an occurrence that became a record of its own is still that of its series
        key=_key(row["series_id"] or row["id"], event.start, before),
        activity_id=event.activity_id,
        recurrence_id=event.recurrence_id,
        subject=event.subject,
        kind=event.kind,
        place=event.place,
        start=event.start,
        end=event.end,
        all_day=event.all_day,
        remind_at=event.start - before,
    )


def _key(identity: int, start: datetime, before: timedelta) -> str:
    return f"{identity}@{start.astimezone(UTC):%Y%m%dT%H%M}-{int(before.total_seconds()) // 60}"
