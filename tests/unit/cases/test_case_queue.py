"""The queue, the clocks and the conversation of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.cases import queries
from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import N_
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set_clock(lambda: NOW)


def at(hours: float) -> None:
    moment = NOW + hours * HOUR
    clock.set_clock(lambda: moment)


@pytest.fixture
def helena(database: Database) -> Actor:
    with write(database, N_("New user")) as uow:
        return Actor(service.create_record(uow, "user", {"name": "Helena", "login": "helena"}), "Helena")


def make(database: Database, subject: str, actor: Actor | None = None, **values: Any) -> int:
    with write(database, N_("New case"), actor=actor or Actor()) as uow:
        return cases.create_case(uow, {"subject": subject, **values})


def say(database: Database, case_id: int, kind: str, body: str = "Hello", **options: Any) -> None:
    with write(database, N_("Message"), actor=Actor(None, "Renata")) as uow:
        cases.add_message(uow, case_id, kind, body, **options)


def subjects(database: Database, **options: Any) -> list[str]:
    with database.read() as connection:
        return [row.subject for row in queries.queue(database, connection, **options)]


def test_the_next_deadline_comes_first(database: Database, helena: Actor) -> None:
    make(database, "Low", helena, priority="low")
    make(database, "Urgent", priority="urgent")
    paused = make(database, "Paused", helena, priority="urgent")
    answered = make(database, "Answered", helena, priority="high")
    say(database, paused, "out", then="waiting")
    say(database, answered, "out")
    with write(database, N_("Close")) as uow:
        cases.change_status(uow, make_closed := cases.create_case(uow, {"subject": "Over"}), "closed")
    assert make_closed
    assert subjects(database) == ["Urgent", "Low", "Answered", "Paused"]
    assert subjects(database, scope="unassigned") == ["Urgent"]
    assert subjects(database, scope="mine", user_id=helena.user_id) == ["Low", "Answered", "Paused"]
    assert subjects(database, state="waiting") == ["Paused"]
    at(0.9)
    assert subjects(database, state="at_risk") == ["Urgent"]
    assert subjects(database, state="overdue") == []
    at(1.5)
    with database.read() as connection:
        first = queries.queue(database, connection)[0]
        counted = queries.counts(connection, helena.user_id)
    assert (first.clock.kind, first.clock.state, first.clock.remaining) == ("respond", "overdue", -0.5 * HOUR)
    assert (counted.open, counted.mine, counted.unassigned, counted.overdue, counted.my_risk) == (4, 3, 1, 1, 0)


def test_three_clocks(database: Database) -> None:
    case_id = make(database, "Counter", priority="high")  # answer in 4 hours, solve in 24
    at(1)
    say(database, case_id, "out")
    at(2)
    say(database, case_id, "in")
    at(5.5)
    with database.read() as connection:
        first, following, solution = queries.case_clocks(connection, case_id)
        row = queries.queue(database, connection)[0]
    assert (first.state, first.elapsed, first.target) == ("met", HOUR, 4 * HOUR)
    assert (following.state, following.remaining) == ("risk", 0.5 * HOUR)
    assert (solution.state, solution.remaining) == ("running", 18.5 * HOUR)
    assert solution.share == pytest.approx(5.5 / 24)
    assert row.clock.kind == "next_response"
    with write(database, N_("Wait")) as uow:
        cases.change_status(uow, case_id, "waiting")
    at(30)
    with database.read() as connection:
        clocks = queries.case_clocks(connection, case_id)
    assert [one.state for one in clocks] == ["met", "paused", "paused"]
    assert clocks[2].remaining == 18.5 * HOUR
    say(database, case_id, "in")
    at(40)
    with database.read() as connection:
        assert queries.case_clocks(connection, case_id)[2].remaining == 8.5 * HOUR
    with write(database, N_("Solve")) as uow:
        cases.change_status(uow, case_id, "solved", solution="Relay replaced")
    with database.read() as connection:
        clocks = queries.case_clocks(connection, case_id)
    assert [one.state for one in clocks] == ["met", "none", "met"]
    assert clocks[2].elapsed == 15.5 * HOUR


def test_the_conversation_tells_everything_in_order(database: Database, helena: Actor) -> None:
    with write(database, N_("New case"), actor=helena) as uow:
        contact = service.create_record(uow, "contact", {"name": "Marina"})
        values = {"subject": "Counter", "contact_id": contact, "channel": "phone"}
        case_id = cases.create_case(uow, values, message="It is warm")
    at(1)
    say(database, case_id, "out", "Send a photo", channel="email", then="waiting")
    at(2)
    with write(database, N_("Assign"), actor=helena) as uow:
        cases.assign_case(uow, case_id, None)
        service.create_record(uow, "activity", {"subject": "Called her", "kind": "call", "status": "done"},
                              children={"links": [{"entity": "case", "record_id": case_id}]})  # fmt: skip
    with database.read() as connection:
        entries = queries.conversation(database, connection, case_id)
    told = [(one.kind, one.author, one.body or f"{one.old}>{one.new}") for one in entries]
    assert told[:2] == [("opened", "Helena", ">"), ("in", "Marina", "It is warm")]
    assert set(told[2:4]) == {("out", "Renata", "Send a photo"), ("status", "Renata", "new>waiting")}
    assert set(told[4:]) == {("owner", "Helena", "Helena>"), ("activity", "Helena", "Called her")}


def test_first_responses_in_time(database: Database, helena: Actor) -> None:
    in_time, late, never, pending = (make(database, name, helena, priority="urgent") for name in "abcd")
    at(0.5)
    say(database, in_time, "out")
    at(2)
    say(database, late, "out")
    with write(database, N_("Edit case")) as uow:
        service.update_record(uow, "case", pending, {"respond_due": NOW + 9 * HOUR})
    today = (date(2026, 3, 12), date(2026, 3, 12))
    before = (date(2026, 3, 1), date(2026, 3, 11))
    with database.read() as connection:
        assert queries.first_responses(connection, [before, today]) == [(0, 0), (1, 3)]
        assert queries.first_responses(connection, [today], owner_id=1) == [(0, 0)]
    assert never


def test_a_protocol_number_is_found_as_it_is_written(database: Database, helena: Actor) -> None:
    make(database, "Cooling", helena)
    wanted = make(database, "Leaking", helena)
    with database.read() as connection:
        number = service_number(connection, wanted)
        assert number == "2026-000002"
        for text in (number, "000002", "2026-0000"):
            assert wanted in {hit.id for hit in search.find(connection, database.schema, text)}, text
            found = queries.queue(database, connection, filter=where("@text", "search", text))
            assert wanted in {row.id for row in found}, text
        assert [hit.id for hit in search.find(connection, database.schema, number)] == [wanted]


def service_number(connection: Any, case_id: int) -> str:
    table = Base.metadata.tables["case_file"]
    return str(connection.execute(table.select().where(table.c.id == case_id)).mappings().one()["number"])
