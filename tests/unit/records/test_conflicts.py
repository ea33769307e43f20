"""Two people change the same thing: it is noticed wherever it is changed, and different things go together by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_desktop.calendar import queries as activities
from crm_desktop.calendar import service as calendar
from crm_desktop.core.errors import EditConflict, RecordGone, UserError
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, queries, service
from crm_desktop.sales.service import ensure_default_pipeline, move_deal, quick_add_deal

ANA, CAIO = Actor(None, "Ana"), Actor(None, "Caio")
ZONE = ZoneInfo("America/Sao_Paulo")


def test_a_note_changed_by_two_is_not_overwritten_silently(database: Database) -> None:
    with write(database, "x", actor=ANA) as uow:
        contact = service.create_record(uow, "contact", {"name": "Ana"})
        note = attach_service.add_note(uow, "contact", contact, "first")
    with write(database, "x", actor=CAIO) as uow:
        attach_service.update_note(uow, note, body="theirs", seen="first")
    with pytest.raises(EditConflict) as caught, write(database, "x", actor=ANA) as uow:
        attach_service.update_note(uow, note, body="mine", seen="first")
    assert caught.value.fields == {"body": ("first", "mine", "theirs")}
    with write(database, "x", actor=ANA) as uow:
        attach_service.update_note(uow, note, pinned=True)  # something else of it goes together
        attach_service.update_note(uow, note, body="mine", seen="theirs")
    with write(database, "x", actor=CAIO) as uow:
        attach_service.delete_note(uow, note)
    with pytest.raises(RecordGone), write(database, "x", actor=ANA) as uow:
        attach_service.update_note(uow, note, body="again", seen="mine")


def test_a_deal_moved_by_two_is_asked_about(database: Database) -> None:
    with write(database, "x", actor=ANA) as uow:
        pipeline = ensure_default_pipeline(uow)
        deal = quick_add_deal(uow, "Cold room")
    with database.read() as connection:
        stages = list(queries.find_ids(database, connection, "stage", sort=[("position", False)]))
        seen = queries.get_record(database, connection, "deal", deal).values["stage_id"].id
    assert pipeline
    others = [one for one in stages if one != seen]
    with write(database, "x", actor=CAIO) as uow:
        move_deal(uow, deal, others[0], seen=seen)
    with pytest.raises(EditConflict), write(database, "x", actor=ANA) as uow:
        move_deal(uow, deal, others[1], seen=seen)
    with write(database, "x", actor=ANA) as uow:
        move_deal(uow, deal, others[0], seen=seen)  # both wanted the same


def test_an_event_moved_by_two_is_asked_about(database: Database) -> None:
    start = datetime(2026, 3, 12, 10, tzinfo=ZONE)
    hour = timedelta(hours=1)
    values = {"subject": "Visit", "kind": "meeting", "starts": start.replace(tzinfo=None),
              "ends": (start + hour).replace(tzinfo=None), "zone": "America/Sao_Paulo"}  # fmt: skip
    with write(database, "x", actor=ANA) as uow:
        event = calendar.plan_activity(uow, values)
    seen = (start, start + hour)
    with write(database, "x", actor=CAIO) as uow:
        calendar.move_activity(uow, event, start + hour, start + 2 * hour, seen=seen)
    with pytest.raises(EditConflict), write(database, "x", actor=ANA) as uow:
        calendar.move_activity(uow, event, start - hour, start, seen=seen)
    with write(database, "x", actor=ANA) as uow:
        service.update_record(uow, "activity", event, {"place": "Here"}, base={"place": None})  # goes together


def test_whole_days_and_series_moved_by_two_are_asked_about(database: Database) -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    start = datetime(2026, 3, 12, tzinfo=ZONE)
    whole = {"subject": "Fair", "kind": "meeting", "starts": start.replace(tzinfo=None), "all_day": True,
             "ends": (start + day).replace(tzinfo=None), "zone": "America/Sao_Paulo"}  # fmt: skip
    weekly = whole | {"subject": "Round", "starts": datetime(2026, 3, 12, 10), "ends": datetime(2026, 3, 12, 11),
                      "all_day": False, "rrule": "FREQ=WEEKLY;COUNT=5"}  # fmt: skip
    with write(database, "x", actor=ANA) as uow:
        fair, series = calendar.plan_activity(uow, whole), calendar.plan_activity(uow, weekly)

    def shown(activity: int, number: int = 0) -> tuple[datetime, datetime]:
        with database.read() as connection:
            found = activities.events_in_window(database, connection, start - 30 * day, start + 60 * day, zone=ZONE)
        one = [event for event in found if event.activity_id == activity][number]
        return one.start, one.end

    seen = shown(fair)
    with write(database, "x", actor=CAIO) as uow:
        calendar.move_activity(uow, fair, seen[0] + day, seen[1] + day, seen=seen)
    with pytest.raises(EditConflict), write(database, "x", actor=ANA) as uow:
        calendar.move_activity(uow, fair, seen[0] - day, seen[1] - day, seen=seen)
    assert shown(fair)[0].date() == (start + day).date()
    second = shown(series, 1)
    at = second[0].replace(tzinfo=None)
    with write(database, "x", actor=CAIO) as uow:
        calendar.move_activity(
            uow, series, second[0] + hour, second[1] + hour, recurrence_id=at, scope=calendar.Scope.THIS, seen=second
        )
    for scope in calendar.Scope:
        with pytest.raises(UserError, match="repeating"), write(database, "x", actor=ANA) as uow:
            calendar.move_activity(
                uow, series, second[0] - hour, second[1] - hour, recurrence_id=at, scope=scope, seen=second
            )
    third = shown(series, 1)  # the one that stands alone is a record of its own
    at = third[0].replace(tzinfo=None)
    with write(database, "x", actor=ANA) as uow:
        calendar.move_activity(
            uow, series, third[0] - hour, third[1] - hour, recurrence_id=at, scope=calendar.Scope.ALL, seen=third
        )
    assert shown(series, 0)[0].hour == 9
