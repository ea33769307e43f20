"""Cases: protocol numbers, statuses and clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set_clock(lambda: NOW)


def at(hours: float) -> datetime:
    """Set the clock some hours after noon."""
    moment = NOW + hours * HOUR
    clock.set_clock(lambda: moment)
    return moment


def make(database: Database, **values: Any) -> int:
    with write(database, N_("New case")) as uow:
        return cases.create_case(uow, {"subject": "Counter does not cool", **values})


def read(database: Database, case_id: int) -> dict[str, Any]:
    with database.read() as connection:
        return dict(queries.get_record(database, connection, "case", case_id).values)


def change(database: Database, case_id: int, status: str) -> dict[str, Any]:
    with write(database, N_("Change status")) as uow:
        cases.change_status(uow, case_id, status)
    return read(database, case_id)


def test_protocol_numbers_have_no_gaps_and_start_again_each_year(database: Database) -> None:
    assert read(database, make(database))["number"] == "2026-000001"
    with pytest.raises(RuntimeError), write(database, N_("New case")) as uow:
        cases.create_case(uow, {"subject": "Never saved"})
        raise RuntimeError
    assert read(database, make(database))["number"] == "2026-000002"
    clock.set_clock(lambda: datetime(2027, 1, 1, 2, 59, tzinfo=UTC))  # still 2026 in São Paulo
    assert read(database, make(database))["number"] == "2026-000003"
    clock.set_clock(lambda: datetime(2027, 1, 1, 3, 0, tzinfo=UTC))
    assert read(database, make(database))["number"] == "2027-000001"


def test_numbers_that_came_from_a_file_are_not_drawn_again(database: Database) -> None:
    assert read(database, make(database, number="2026-000041"))["number"] == "2026-000041"
    assert read(database, make(database, number="TCK-7"))["number"] == "TCK-7"
    assert read(database, make(database))["number"] == "2026-000042"
    with pytest.raises(UserError, match="already"):
        make(database, number="TCK-7")


def test_deadlines_follow_the_priority(database: Database) -> None:
    case_id = make(database, priority="high")
    case = read(database, case_id)
    assert (case["respond_due"], case["resolve_due"]) == (NOW + 4 * HOUR, NOW + 24 * HOUR)
    with write(database, N_("Edit case")) as uow:
        service.update_record(uow, "case", case_id, {"priority": "urgent"})
    case = read(database, case_id)
    assert (case["respond_due"], case["resolve_due"]) == (NOW + HOUR, NOW + 8 * HOUR)


def test_the_office_sets_its_own_deadlines(database: Database) -> None:
    with write(database, N_("Settings")) as uow:
        value = {"normal": {"respond": 2, "resolve": 0}}
        uow.insert("office_setting", {"key": "case_deadlines", "value": value})
    case = read(database, make(database))
    assert (case["respond_due"], case["resolve_due"]) == (NOW + 2 * HOUR, None)


def test_only_allowed_changes_of_status(database: Database) -> None:
    case_id = make(database)
    change(database, case_id, "solved")
    with pytest.raises(ValidationFailed) as caught:
        change(database, case_id, "waiting")
    assert isinstance(caught.value.errors[0], FieldError)
    assert caught.value.errors[0].field == "status"
    assert "In progress, Closed" in str(caught.value)


def test_the_clock_stands_still_while_the_customer_is_waited_for(database: Database) -> None:
    case_id = make(database)
    at(2)
    assert change(database, case_id, "waiting")["waiting_since"] == NOW + 2 * HOUR
    at(7)
    case = change(database, case_id, "open")
    assert case["waiting_since"] is None
    assert (case["respond_due"], case["resolve_due"]) == (NOW + 13 * HOUR, NOW + 77 * HOUR)
    with write(database, N_("Edit case")) as uow:
        service.update_record(uow, "case", case_id, {"priority": "high"})
    assert read(database, case_id)["resolve_due"] == NOW + 29 * HOUR


def test_solved_closed_and_reopened(database: Database) -> None:
    case_id = make(database)
    solved_at = at(10)
    assert change(database, case_id, "solved")["solved_at"] == solved_at
    closed_at = at(20)
    case = change(database, case_id, "closed")
    assert (case["solved_at"], case["closed_at"]) == (solved_at, closed_at)
    at(30)
    case = change(database, case_id, "open")
    assert (case["solved_at"], case["closed_at"], case["reopened"]) == (None, None, 1)
    assert case["resolve_due"] == NOW + 92 * HOUR


def test_the_first_answer_stops_the_first_clock(database: Database) -> None:
    with write(database, N_("New case"), actor=Actor(None, "Renata")) as uow:
        contact = service.create_record(uow, "contact", {"name": "Marina Queirós"})
        case_id = cases.create_case(
            uow, {"subject": "Warm", "contact_id": contact, "channel": "phone"}, message="It is warm"
        )
    with write(database, N_("Note"), actor=Actor(None, "Renata")) as uow:
        cases.add_message(uow, case_id, "internal", "Same lot as 388")
    assert read(database, case_id)["responded_at"] is None
    answered = at(0.5)
    with write(database, N_("Answer"), actor=Actor(None, "Renata")) as uow:
        cases.add_message(uow, case_id, "out", "Send a photo", channel="email", then="waiting")
    case = read(database, case_id)
    assert (case["responded_at"], case["status"], case["waiting_since"]) == (answered, "waiting", answered)
    at(3)
    with write(database, N_("Message")) as uow:
        cases.add_message(uow, case_id, "in", "Here it is", channel="email")
    assert read(database, case_id)["status"] == "open"
    with database.read() as connection:
        messages = queries.get_record(database, connection, "case", case_id).children["messages"]
    said = [(m["kind"], m["channel"], m["author"]) for m in messages]
    assert said == [
        ("in", "phone", "Marina Queirós"),
        ("internal", None, "Renata"),
        ("out", "email", "Renata"),
        ("in", "email", "Marina Queirós"),
    ]


def test_an_empty_message_is_refused(database: Database) -> None:
    case_id = make(database)
    with pytest.raises(FieldError, match="Write something"), write(database, N_("Answer")) as uow:
        cases.add_message(uow, case_id, "out", "   ")


def test_a_case_that_comes_closed_has_no_deadlines(database: Database) -> None:
    case = read(database, make(database, status="closed", solved_at="2025-11-02 10:00"))
    assert (case["respond_due"], case["resolve_due"]) == (None, None)
    assert case["closed_at"] == case["solved_at"]


def test_numbers_within_one_unit_of_work_follow_each_other(database: Database) -> None:
    make(database)
    with write(database, N_("Import")) as uow:
        for subject, number in (("a", None), ("b", "2026-000010"), ("c", None), ("d", "2026-000004"), ("e", None)):
            cases.create_case(uow, {"subject": subject, "number": number})
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "case", sort=[("subject", False)])
        rows = queries.fetch_rows(database, connection, "case", ids, ["number"])
    numbers = [row.values["number"][-2:] for row in rows]
    assert numbers == ["02", "10", "11", "01", "04", "12"]
    assert read(database, make(database))["number"] == "2026-000013"
