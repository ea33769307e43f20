"""The Today page in numbers: each figure is the sum of the records behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.contacts.next_birthdays import birthdays
from crm_desktop.core import clock
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.queries import TodayData, badges, leads_filter, today
from crm_desktop.records import queries as records
from crm_desktop.records import service

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)


def set_day(days: float) -> None:
    moment = NOW + timedelta(days=days)
    clock.set_clock(lambda: moment)


@pytest.fixture
def helena(database: Database) -> Actor:
    set_day(0)
    with write(database, N_("Users")) as uow:
        return Actor(service.create_record(uow, "user", {"name": "Helena", "login": "helena"}), "Helena")


def make(database: Database, entity: str, actor: Actor | None = None, **values: Any) -> int:
    with write(database, N_("New"), actor=actor or Actor()) as uow:
        owner = {"owner_id": actor.user_id} if actor else {}
        return service.create_record(uow, entity, {**owner, **values})


def read(database: Database, actor: Actor, **options: Any) -> TodayData:
    with database.read() as connection:
        return today(database, connection, actor.user_id, **options)


def behind(database: Database, actor: Actor, entity: str, filter: Any) -> list[int]:
    with database.read() as connection:
        return sorted(records.find_ids(database, connection, entity, filter=filter, user_id=actor.user_id))


def test_money_figures_lead_to_their_deals(database: Database, helena: Actor) -> None:
    won = [
        make(database, "deal", helena, name="A", amount=100, status="won", closed_on=date(2026, 3, 2)),
        make(database, "deal", helena, name="B", amount=50, status="won", closed_on=date(2026, 3, 12)),
    ]
    make(database, "deal", helena, name="C", amount=70, status="won", closed_on=date(2026, 2, 20))
    make(database, "deal", name="D", amount=999, status="won", closed_on=date(2026, 3, 3))
    open_deal = make(database, "deal", helena, name="E", amount=1000, probability=25, expected_close="2026-04-15")
    data = read(database, helena)
    figures = {figure.name: figure for figure in data.figures}
    assert (figures["won"].value, figures["won"].previous, figures["won"].count) == (150, 70, 2)
    assert figures["won"].series == (0, 0, 0, 0, 70, 0, 100, 50)
    assert behind(database, helena, "deal", figures["won"].filter) == sorted(won)
    assert (figures["forecast"].value, figures["pipeline"].value) == (250, 1000)
    assert figures["forecast"].series == (0, 250, 0, 0, 0, 0)
    assert behind(database, helena, "deal", figures["forecast"].filter) == [open_deal]
    everybody = {figure.name: figure for figure in read(database, helena, mine=False).figures}
    assert everybody["won"].value == Decimal(1149)


def test_tasks_agenda_and_birthdays(database: Database, helena: Actor) -> None:
    late = make(database, "activity", helena, subject="Send contract", due="2026-03-10")
    now = make(database, "activity", helena, subject="Confirm team", due="2026-03-12", due_time="15:00")
    make(database, "activity", helena, subject="Later", due="2026-03-13")
    make(database, "activity", helena, subject="Done", due="2026-03-10", status="done")
    free = make(database, "activity", subject="Nobody's", due="2026-03-11")
    other = make(database, "user", name="Caio", login="caio")
    make(database, "activity", subject="Somebody else's", due="2026-03-10", owner_id=other)
    make(database, "activity", helena, subject="Visit", kind="visit", starts="2026-03-12 11:00")
    make(database, "activity", helena, subject="Tomorrow", kind="visit", starts="2026-03-13 11:00")
    make(database, "contact", helena, name="Tereza", birthday="1980-03-12")
    data = read(database, helena)
    assert [task.id for task in data.overdue] == [late, free]
    assert [task.id for task in data.due_today] == [now]
    assert data.overdue_count == 2
    assert behind(database, helena, "activity", data.overdue_filter) == sorted([late, free])
    assert [event.subject for event in data.agenda] == ["Visit"]
    assert [(one.name, one.age) for one in data.birthdays] == [("Tereza", 46)]


def test_stalled_deals_and_cases_at_risk(database: Database, helena: Actor) -> None:
    old = make(database, "deal", helena, name="Old", amount=10)
    set_day(3)
    newer = make(database, "deal", helena, name="Newer", amount=20)
    set_day(20)
    make(database, "deal", helena, name="Fresh")
    with write(database, N_("New case"), actor=helena) as uow:
        case_id = cases.create_case(uow, {"subject": "Warm", "priority": "urgent"})
    set_day(20 + 2 / 24)
    data = read(database, helena)
    assert [card.id for card in data.stalled] == [old, newer]
    assert [card.stalled_days for card in data.stalled] == [20, 17]
    assert behind(database, helena, "deal", data.stalled_filter) == sorted([old, newer])
    assert next(figure for figure in data.figures if figure.name == "pipeline").second == 2
    assert [(row.id, row.clock.state) for row in data.at_risk] == [(case_id, "overdue")]
    assert data.at_risk_count == 1
    response = next(figure for figure in data.figures if figure.name == "first_response")
    assert (response.value, response.count) == (Decimal(0), 1)
    assert behind(database, helena, "case", response.filter) == [case_id]
    with database.read() as connection:
        assert badges(connection, helena.user_id).cases == 1


def test_leads_nobody_spoke_to(database: Database, helena: Actor) -> None:
    mine = make(database, "contact", helena, name="Mine")
    free = make(database, "contact", name="Nobody's")
    make(database, "contact", helena, name="Customer", lifecycle="customer")
    spoken = make(database, "contact", helena, name="Spoken to")
    with write(database, N_("Call"), actor=helena) as uow:
        service.create_record(uow, "activity", {"subject": "Call", "status": "done"},
                              children={"links": [{"entity": "contact", "record_id": spoken}]})  # fmt: skip
    with database.read() as connection:
        assert badges(connection, helena.user_id).leads == 2
    assert behind(database, helena, "contact", leads_filter()) == sorted([mine, free])


def test_birthdays_of_leap_years(database: Database) -> None:
    make(database, "contact", name="Leap", birthday="1992-02-29")
    make(database, "contact", name="Plain", birthday="1990-03-02")
    with database.read() as connection:
        assert [(one.name, one.on) for one in birthdays(connection, date(2026, 2, 28), days=4)] == [
            ("Leap", date(2026, 3, 1)), ("Plain", date(2026, 3, 2)),
        ]  # fmt: skip
        assert [one.on for one in birthdays(connection, date(2028, 2, 28), days=2)] == [date(2028, 2, 29)]


def test_an_empty_office_shows_nothing_and_does_not_fail(database: Database, helena: Actor) -> None:
    data = read(database, helena)
    assert [figure.value for figure in data.figures] == [0, 0, 0, None]
    assert (data.agenda, data.overdue, data.stalled, data.at_risk) == ((), (), (), ())
