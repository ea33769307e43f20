"""What somebody is to be reminded of between two instants. On both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from crm_desktop.calendar import service
from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.calendar.reminders import Reminder, reminders_between
from crm_desktop.calendar.service import Scope
from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service as records

ZONE = ZoneInfo("America/Sao_Paulo")
MONDAY = datetime(2026, 3, 9, 9)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    clock.set_clock(lambda: datetime(2026, 3, 12, 13, 42, tzinfo=UTC))
    yield
    clock.set_clock(None)


@pytest.fixture
def people(database: Database) -> tuple[int, int]:
    """Ana, who is reminded, and Bruno."""
    with write(database, "People") as uow:
        ana = records.create_record(uow, "user", {"name": "Ana", "login": "ana"})
        bruno = records.create_record(uow, "user", {"name": "Bruno", "login": "bruno"})
    return ana, bruno


def plan(database: Database, owner: int | None, **values: Any) -> int:
    given = {
        "subject": "Team", "kind": "meeting", "starts": MONDAY, "ends": MONDAY + HOUR, "zone": "America/Sao_Paulo",
        "reminder_minutes": 15, "owner_id": owner,
    }  # fmt: skip
    with write(database, "Plan", actor=Actor(owner, "")) as uow:
        return service.plan_activity(uow, {**given, **values})


def task(database: Database, owner: int | None, due: date, due_time: str | None, **values: Any) -> int:
    return plan(database, owner, kind="task", starts=None, ends=None, zone=None, due=due, due_time=due_time, **values)


def due(database: Database, user: int | None, until: str, since: str = "") -> list[Reminder]:
    last = to_utc(datetime.fromisoformat(until), ZONE)
    first = to_utc(datetime.fromisoformat(since), ZONE) if since else last - DAY
    with database.read() as connection:
        return reminders_between(database, connection, first, last, user_id=user, zone=ZONE)


def starts(found: list[Reminder]) -> list[str]:
    return [one.start.strftime("%m-%d %H:%M") for one in found]


def test_an_appointment_from_its_reminder_until_it_has_long_ended(database: Database, people: tuple[int, int]) -> None:
    ana, bruno = people
    identity = plan(database, ana, place="Room 2")
    assert due(database, ana, "2026-03-09T08:44") == []
    (found,) = due(database, ana, "2026-03-09T08:45")
    assert (found.activity_id, found.recurrence_id, found.subject, found.place) == (identity, None, "Team", "Room 2")
    assert found.remind_at == found.start - timedelta(minutes=15) and not found.all_day
    assert starts([found]) == ["03-09 09:00"] and found.end - found.start == HOUR
    assert due(database, bruno, "2026-03-09T08:45") == []
    assert due(database, ana, "2026-03-10T09:59")
    assert due(database, ana, "2026-03-10T10:01") == []


def test_only_what_is_planned_and_has_a_reminder(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    plan(database, ana, reminder_minutes=None)
    plan(database, ana, status="cancelled")
    done = plan(database, ana)
    with write(database, "Done") as uow:
        service.complete_activity(uow, done)
    at_start = plan(database, ana, reminder_minutes=0)
    assert [one.activity_id for one in due(database, ana, "2026-03-09T09:00")] == [at_start]
    assert due(database, ana, "2026-03-09T08:59") == []


def test_what_belongs_to_nobody_reminds_everybody(database: Database, people: tuple[int, int]) -> None:
    identity = plan(database, None)
    for user in (*people, None):
        assert [one.activity_id for one in due(database, user, "2026-03-09T08:50")] == [identity]


def test_a_series_with_what_was_left_out_moved_and_done(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    identity = plan(database, ana, rrule="FREQ=DAILY")
    (first,) = due(database, ana, "2027-06-01T08:50", "2027-06-01T00:00")
    assert first.recurrence_id == datetime(2027, 6, 1, 9)
    whole = ["03-10 09:00", "03-11 09:00", "03-12 09:00", "03-13 09:00"]
    assert starts(due(database, ana, "2026-03-13T08:50", "2026-03-10T00:00")) == whole
    with write(database, "Exceptions") as uow:
        service.delete_activity(uow, identity, recurrence_id=MONDAY + DAY, scope=Scope.THIS)
        late = to_utc(datetime(2026, 3, 11, 15), ZONE)
        service.move_activity(
            uow, identity, late, late + HOUR, recurrence_id=MONDAY + 2 * DAY, scope=Scope.THIS
        )  # fmt: skip
        service.complete_activity(uow, identity, recurrence_id=MONDAY + 3 * DAY)
    assert starts(due(database, ana, "2026-03-13T08:50", "2026-03-10T00:00")) == ["03-11 15:00", "03-13 09:00"]


def test_the_hour_of_a_series_stays_across_daylight_saving(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    plan(database, ana, rrule="FREQ=WEEKLY", zone="Europe/Lisbon", starts=datetime(2026, 3, 23, 9), ends=None)
    assert starts(due(database, ana, "2026-03-23T06:00")) == ["03-23 06:00"]
    assert starts(due(database, ana, "2026-03-30T06:00")) == ["03-30 05:00"]


def test_whole_days_and_early_reminders(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    plan(database, ana, starts=datetime(2026, 3, 9), ends=None, all_day=True, reminder_minutes=24 * 60, subject="Fair")
    plan(database, ana, starts=datetime(2026, 5, 9, 9), ends=None, reminder_minutes=60 * 24 * 60, subject="Expiry")
    assert due(database, ana, "2026-03-07T23:59") == []
    (fair,) = due(database, ana, "2026-03-08T00:00")
    assert fair.all_day and fair.subject == "Fair"
    assert [one.subject for one in due(database, ana, "2026-03-10T09:00")] == ["Fair", "Expiry"]


def test_tasks_are_due_on_the_clock_of_who_looks(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    timed = task(database, ana, date(2026, 3, 12), "14:30")
    untimed = task(database, ana, date(2026, 3, 13), None, reminder_minutes=24 * 60)
    assert [one.activity_id for one in due(database, ana, "2026-03-12T14:14")] == [untimed]
    found = due(database, ana, "2026-03-12T14:15")
    assert [(one.activity_id, one.all_day) for one in found] == [(timed, False), (untimed, True)]
    assert starts(found) == ["03-12 14:30", "03-13 00:00"]
    assert [one.activity_id for one in due(database, ana, "2026-03-13T14:31")] == [untimed]
    with write(database, "Plan") as uow:  # from now on it is among the hours, once
        hour = to_utc(datetime(2026, 3, 12, 16), ZONE)
        service.schedule_task(uow, timed, hour, hour + HOUR)
    assert starts(due(database, ana, "2026-03-12T16:00")) == ["03-12 16:00", "03-13 00:00"]


def test_the_key_changes_with_the_time_and_not_with_the_words(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    identity = plan(database, ana, rrule="FREQ=DAILY")
    (before,) = due(database, ana, "2026-03-10T08:50", "2026-03-10T00:00")
    with write(database, "Words") as uow:
        service.edit_activity(uow, identity, {"subject": "Team, room 4"}, recurrence_id=MONDAY + DAY, scope=Scope.THIS)
    (renamed,) = due(database, ana, "2026-03-10T08:50", "2026-03-10T00:00")
    assert renamed.activity_id != identity and renamed.subject == "Team, room 4" and renamed.key == before.key
    with write(database, "Time") as uow:
        start = to_utc(datetime(2026, 3, 10, 9, 5), ZONE)
        service.move_activity(uow, renamed.activity_id, start, start + HOUR)
    (moved,) = due(database, ana, "2026-03-10T08:50", "2026-03-10T00:00")
    assert moved.key != before.key


def test_nonsense_of_an_import_does_not_stop_the_others(database: Database, people: tuple[int, int]) -> None:
    ana, _bruno = people
    good = plan(database, ana)
    plan(database, ana, reminder_minutes=10**12, starts=datetime(2028, 1, 1, 9), ends=None)
    plan(database, ana, reminder_minutes=-(10**12))
    odd = plan(database, ana, rrule="FREQ=DAILY", starts=datetime(2026, 3, 9, 8, 30), ends=None)
    with write(database, "Odd") as uow:
        uow.update("activity", odd, {"rrule": "every now and then"})
    assert [one.activity_id for one in due(database, ana, "2026-03-09T08:50")] == [odd, good]


def test_the_series_are_found_by_their_index(database: Database) -> None:
    with database.read() as connection:
        names = {one["name"] for one in sa.inspect(connection).get_indexes("activity")}
    assert "ix_activity_series" in names
