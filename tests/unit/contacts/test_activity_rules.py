"""Times of activities: wall time, instants, done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_desktop.core import clock
from crm_desktop.core.errors import ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import NOBODY, Actor, write
from crm_desktop.records import queries, service

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set_clock(lambda: NOW)


def make(database: Database, actor: Actor = NOBODY, **values: Any) -> int:
    with write(database, N_("New activity"), actor=actor) as uow:
        return service.create_record(uow, "activity", {"subject": "Visit", **values})


def read(database: Database, activity_id: int) -> dict[str, Any]:
    with database.read() as connection:
        return dict(queries.get_record(database, connection, "activity", activity_id).values)


def test_an_appointment_has_instants(database: Database) -> None:
    activity_id = make(database, kind="visit", starts="2026-03-20 11:00", ends="2026-03-20 12:00")
    visit = read(database, activity_id)
    assert visit["zone"] == "America/Sao_Paulo"
    assert visit["starts_at"] == datetime(2026, 3, 20, 14, tzinfo=UTC)
    assert visit["ends_at"] == datetime(2026, 3, 20, 15, tzinfo=UTC)
    with write(database, N_("Edit activity")) as uow:
        service.update_record(uow, "activity", activity_id, {"zone": "Europe/Lisbon"})
    assert read(database, activity_id)["starts_at"] == datetime(2026, 3, 20, 11, tzinfo=UTC)


def test_all_day_means_whole_days(database: Database) -> None:
    fair = read(database, make(database, starts="2026-03-20 09:00", all_day=True))
    assert (fair["starts"], fair["ends"]) == (datetime(2026, 3, 20), datetime(2026, 3, 21))


def test_an_end_before_the_start_is_refused(database: Database) -> None:
    with pytest.raises(ValidationFailed, match="ends before it starts"):
        make(database, starts="2026-03-20 11:00", ends="2026-03-20 10:00")
    with pytest.raises(ValidationFailed, match="is not a time"):
        make(database, due="2026-03-20", due_time="noon")


def test_done_is_remembered_and_forgotten(database: Database) -> None:
    activity_id = make(database, due="2026-03-12", due_time="9:30")
    assert read(database, activity_id)["due_time"] == "09:30"
    with write(database, N_("Done")) as uow:
        service.update_record(uow, "activity", activity_id, {"status": "done"})
    assert read(database, activity_id)["done_at"] == NOW
    with write(database, N_("Not done")) as uow:
        service.update_record(uow, "activity", activity_id, {"status": "planned"})
    assert read(database, activity_id)["done_at"] is None


def test_what_is_entered_as_done_was_done_at_its_own_time(database: Database) -> None:
    past = read(database, make(database, kind="call", status="done", starts="2026-03-10 10:00"))
    assert past["done_at"] == datetime(2026, 3, 10, 13, tzinfo=UTC)
    task = read(database, make(database, status="done", due="2025-12-01"))
    assert task["done_at"] == datetime(2025, 12, 1, 15, tzinfo=UTC)
    assert read(database, make(database, status="done"))["done_at"] == NOW


def test_who_writes_owns(database: Database) -> None:
    with write(database, N_("New user")) as uow:
        user = service.create_record(uow, "user", {"name": "Helena", "login": "helena"})
    activity = read(database, make(database, Actor(user, "Helena"), due_time="14:00"))
    assert (activity["owner_id"].id, activity["due"]) == (user, date(2026, 3, 12))
