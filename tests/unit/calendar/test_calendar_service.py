"""Activities planned, moved, changed and deleted; series as one, as a part and as a whole. On both engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_desktop.calendar import queries, service
from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.calendar.service import Scope
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError, ValidationFailed
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork, write
from crm_desktop.records import service as records

ZONE = ZoneInfo("America/Sao_Paulo")
MONDAY = datetime(2026, 3, 9, 9)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    clock.set_clock(lambda: datetime(2026, 3, 12, 13, 42, tzinfo=UTC))
    yield
    clock.set_clock(None)


@contextmanager
def work(database: Database) -> Iterator[UnitOfWork]:
    with write(database, "Test") as uow:
        yield uow


def plan(database: Database, **values: Any) -> int:
    given = {"subject": "Team", "kind": "meeting", "starts": MONDAY, "ends": MONDAY + HOUR, "zone": "America/Sao_Paulo"}
    with work(database) as uow:
        return service.plan_activity(uow, {**given, **values})


def starts(database: Database, first: str = "2026-03-01", last: str = "2026-04-12") -> list[str]:
    begin, end = (to_utc(datetime.fromisoformat(day), ZONE) for day in (first, last))
    with database.read() as connection:
        found = queries.events_in_window(database, connection, begin, end, zone=ZONE)
    return [event.start.strftime("%m-%d %H:%M") for event in found]


def row(database: Database, identity: int) -> Any:
    with database.read() as connection:
        return queries.get_activity(database, connection, identity)


WEEKLY = ["03-09 09:00", "03-16 09:00", "03-23 09:00", "03-30 09:00", "04-06 09:00"]


def test_an_appointment_gets_its_zone_its_end_and_its_instants(database: Database) -> None:
    identity = plan(database, ends=None, zone=None)
    stored = row(database, identity)
    assert stored["zone"] == "America/Sao_Paulo" and stored["ends"] == MONDAY + HOUR
    assert stored["starts_at"] == datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert starts(database) == ["03-09 09:00"]


def test_an_end_before_the_start_is_refused_at_its_field(database: Database) -> None:
    with pytest.raises(ValidationFailed) as caught:
        plan(database, ends=MONDAY - HOUR)
    assert caught.value.errors[0].field == "ends"


def test_a_repetition_that_cannot_be_kept_is_refused(database: Database) -> None:
    with pytest.raises(UserError):
        plan(database, rrule="FREQ=HOURLY")
    with pytest.raises(UserError, match="start"):
        plan(database, rrule="FREQ=DAILY", starts=None, ends=None)
    identity = plan(database)
    with pytest.raises(UserError), work(database) as uow:
        service.edit_activity(uow, identity, {"rrule": "every day"})


def test_a_whole_day_runs_to_the_day_after_and_is_a_day_in_every_zone(database: Database) -> None:
    identity = plan(database, all_day=True, starts=datetime(2026, 3, 11, 15), ends=datetime(2026, 3, 18))
    stored = row(database, identity)
    assert (stored["starts"], stored["ends"]) == (datetime(2026, 3, 11), datetime(2026, 3, 18))
    kathmandu = ZoneInfo("Asia/Kathmandu")
    day = to_utc(datetime(2026, 3, 11), kathmandu)
    with database.read() as connection:
        found = queries.events_in_window(database, connection, day, day + timedelta(days=1), zone=kathmandu)
        before = queries.events_in_window(database, connection, day - timedelta(days=1), day, zone=kathmandu)
    assert [event.start for event in found] == [datetime(2026, 3, 11, tzinfo=kathmandu)]
    assert before == []


def test_a_series_is_expanded_on_its_own_clock_and_shown_on_mine(database: Database) -> None:
    plan(database, rrule="FREQ=WEEKLY;BYDAY=MO", zone="Europe/Lisbon")
    assert starts(database) == ["03-09 06:00", "03-16 06:00", "03-23 06:00", "03-30 05:00", "04-06 05:00"]


def test_a_series_begins_on_a_day_of_its_rule(database: Database) -> None:
    identity = plan(database, rrule="FREQ=WEEKLY;BYDAY=WE")
    assert row(database, identity)["starts"] == datetime(2026, 3, 11, 9)


def test_one_occurrence_is_moved_and_comes_back_by_undoing_its_record(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY")
    wall = datetime(2026, 3, 16, 9)
    with work(database) as uow:
        moved = service.move_activity(
            uow, series, datetime(2026, 3, 17, 14, tzinfo=ZONE), datetime(2026, 3, 17, 16, tzinfo=ZONE),
            recurrence_id=wall, scope=Scope.THIS,
        )  # fmt: skip
    assert starts(database) == ["03-09 09:00", "03-17 14:00", "03-23 09:00", "03-30 09:00", "04-06 09:00"]
    own = row(database, moved)
    assert (own["series_id"], own["recurrence_id"], own["rrule"]) == (series, wall, None)
    with work(database) as uow:
        service.delete_activity(uow, moved)
    assert starts(database) == ["03-09 09:00", "03-23 09:00", "03-30 09:00", "04-06 09:00"]


def test_all_occurrences_are_moved_with_their_exceptions(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY;BYDAY=MO;COUNT=5")
    with work(database) as uow:
        service.delete_activity(uow, series, recurrence_id=datetime(2026, 3, 23, 9), scope=Scope.THIS)
        service.edit_activity(
            uow, series, {"subject": "Special"}, recurrence_id=datetime(2026, 3, 30, 9), scope=Scope.THIS
        )
    assert starts(database) == ["03-09 09:00", "03-16 09:00", "03-30 09:00", "04-06 09:00"]
    with work(database) as uow:
        service.move_activity(
            uow, series, datetime(2026, 3, 17, 10, tzinfo=ZONE), datetime(2026, 3, 17, 11, tzinfo=ZONE),
            recurrence_id=datetime(2026, 3, 16, 9), scope=Scope.ALL,
        )  # fmt: skip
    assert starts(database) == ["03-10 10:00", "03-17 10:00", "03-30 09:00", "04-07 10:00"]
    assert row(database, series)["rrule"] == "FREQ=WEEKLY;BYDAY=TU;COUNT=5"


def test_this_and_following_makes_two_series(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY;COUNT=5", place="Room 1")
    with work(database) as uow:
        service.edit_activity(
            uow, series, {"subject": "Special"}, recurrence_id=datetime(2026, 4, 6, 9), scope=Scope.THIS
        )
        new = service.edit_activity(
            uow, series, {"starts": datetime(2026, 3, 23, 15), "ends": datetime(2026, 3, 23, 17), "subject": "Board"},
            recurrence_id=datetime(2026, 3, 23, 9), scope=Scope.FOLLOWING,
        )  # fmt: skip
    assert new != series
    assert starts(database) == ["03-09 09:00", "03-16 09:00", "03-23 15:00", "03-30 15:00", "04-06 09:00"]
    assert row(database, new)["rrule"] == "FREQ=WEEKLY;COUNT=3;BYDAY=MO".replace("COUNT=3;BYDAY=MO", "BYDAY=MO;COUNT=3")
    assert row(database, new)["place"] == "Room 1" and row(database, new)["subject"] == "Board"
    assert row(database, series)["subject"] == "Team"


def test_this_and_following_from_the_first_is_all(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY")
    with work(database) as uow:
        same = service.edit_activity(uow, series, {"subject": "Board"}, recurrence_id=MONDAY, scope=Scope.FOLLOWING)
    assert same == series and starts(database) == WEEKLY


def test_deleting_the_rest_of_a_series_takes_its_later_exceptions_along(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY")
    with work(database) as uow:
        service.edit_activity(uow, series, {"place": "x"}, recurrence_id=datetime(2026, 4, 6, 9), scope=Scope.THIS)
        service.delete_activity(uow, series, recurrence_id=datetime(2026, 3, 23, 9), scope=Scope.FOLLOWING)
    assert starts(database) == WEEKLY[:2]
    with work(database) as uow:
        service.delete_activity(uow, series)
    assert starts(database) == []


def test_a_new_rule_from_one_occurrence_on(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY")
    with work(database) as uow:
        service.edit_activity(
            uow, series, {"rrule": "FREQ=WEEKLY;BYDAY=MO,TH"}, recurrence_id=datetime(2026, 3, 30, 9),
            scope=Scope.FOLLOWING,
        )  # fmt: skip
    assert starts(database)[3:] == ["03-30 09:00", "04-02 09:00", "04-06 09:00", "04-09 09:00"]
    with work(database) as uow:
        service.edit_activity(uow, series, {"rrule": None}, recurrence_id=datetime(2026, 3, 16, 9), scope=Scope.ALL)
    assert starts(database)[0] == "03-16 09:00" and len(starts(database)) == 5


def test_ticking_off_one_occurrence_leaves_the_others_open(database: Database) -> None:
    series = plan(database, rrule="FREQ=WEEKLY")
    with work(database) as uow:
        service.complete_activity(uow, series, recurrence_id=datetime(2026, 3, 16, 9), outcome="reached")
    with database.read() as connection:
        window = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        found = queries.events_in_window(database, connection, *window, zone=ZONE)
    assert [event.done for event in found] == [False, True, False, False]
    assert all(event.recurring for event in found)


def test_done_is_remembered_and_can_be_taken_back(database: Database) -> None:
    identity = plan(database)
    with work(database) as uow:
        service.complete_activity(uow, identity)
    assert row(database, identity)["done_at"] == datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
    with work(database) as uow:
        service.complete_activity(uow, identity, done=False)
    assert row(database, identity)["done_at"] is None


def test_what_an_activity_belongs_to_is_named_and_copied_with_a_detached_occurrence(database: Database) -> None:
    with work(database) as uow:
        contact = records.create_record(uow, "contact", {"first_name": "Marina", "last_name": "Queirós"})
        company = records.create_record(uow, "company", {"name": "Trigo Lilás"})
        series = service.plan_activity(
            uow, {"subject": "Call", "kind": "call", "starts": MONDAY, "rrule": "FREQ=DAILY;COUNT=3"},
            links=[("contact", contact), ("company", company)],
        )  # fmt: skip
        service.complete_activity(uow, series, recurrence_id=datetime(2026, 3, 10, 9))
    window = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    with database.read() as connection:
        found = queries.events_in_window(database, connection, *window, zone=ZONE, record_id=company)
    assert [[link.entity for link in event.links] for event in found] == [["contact", "company"]] * 3
    assert found[0].links[1].title == "Trigo Lilás"
    with work(database) as uow:
        assert service.set_links(uow, series, [("company", company)])
        assert not service.set_links(uow, series, [("company", company)])


def test_people_see_their_own_and_what_is_nobodys(database: Database) -> None:
    with work(database) as uow:
        ana = records.create_record(uow, "user", {"name": "Ana", "login": "ana"})
        caio = records.create_record(uow, "user", {"name": "Caio", "login": "caio"})
    plan(database, subject="a", owner_id=ana)
    plan(database, subject="b", owner_id=caio)
    plan(database, subject="c", owner_id=None)
    plan(database, subject="d", owner_id=ana, status="cancelled")
    with database.read() as connection:
        window = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        found = queries.events_in_window(database, connection, *window, zone=ZONE, owners={ana})
        assert [event.subject for event in found] == ["a", "c"]
        assert {member.name for member in queries.members(database, connection)} >= {"Ana", "Caio"}


def test_tasks_are_due_by_day_and_hour_until_they_have_an_hour_in_the_calendar(database: Database) -> None:
    def task(subject: str, due: date | None, due_time: str | None = None) -> int:
        with work(database) as uow:
            return service.plan_activity(uow, {"subject": subject, "kind": "task", "due": due, "due_time": due_time})

    task("none", None)
    task("noon", date(2026, 3, 12), "12:00")
    task("late", date(2026, 3, 9))
    today = task("today", date(2026, 3, 12))
    task("next month", date(2026, 4, 20))

    def due() -> list[str]:
        with database.read() as connection:
            return [one.subject for one in queries.tasks_due(database, connection, until=date(2026, 3, 19))]

    assert due() == ["late", "noon", "today", "none"]
    with database.read() as connection:
        assert queries.count_overdue(database, connection) == 1
    with work(database) as uow:
        start = datetime(2026, 3, 13, 13, tzinfo=ZONE)
        service.schedule_task(uow, today, start, start + HOUR)
    assert due() == ["late", "noon", "none"] and starts(database) == ["03-13 13:00"]
    clock.set_clock(lambda: datetime(2026, 3, 14, 12, tzinfo=UTC))
    assert "today" in due()
    with work(database) as uow:
        service.complete_activity(uow, today)
    assert "today" not in due()


def test_a_rule_nobody_can_read_does_not_empty_the_calendar(database: Database) -> None:
    identity = plan(database, rrule="FREQ=WEEKLY")
    with work(database) as uow:
        uow.update("activity", identity, {"rrule": "FREQ=SECONDLY"})
    assert starts(database) == ["03-09 09:00"]
