"""Reports of customers, cases and activities against what the test put in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import reports
from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, service
from crm_desktop.records import queries as records
from crm_desktop.reporting import output
from crm_desktop.reporting.document import Document, KeyFigures, ListLink, Organisation
from crm_desktop.reporting.registry import ReportContext, find_report, run_report

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
Run = Callable[..., Document]


class Helena:
    id = 1
    name = "Helena Prates"


def set_day(days: float) -> None:
    moment = NOW + timedelta(days=days)
    clock.set_clock(lambda: moment)


@pytest.fixture
def run(database: Database) -> Run:
    set_day(0)

    def go(name: str, **values: Any) -> Document:
        with database.read() as connection:
            context = ReportContext(connection, Helena(), Organisation("Clima"), clock.today(), database)
            return run_report(find_report(reports.REPORTS, name), context, values)

    return go


@pytest.fixture
def caio(database: Database) -> Actor:
    set_day(0)
    with write(database, N_("Users")) as uow:
        return Actor(service.create_record(uow, "user", {"name": "Caio", "login": "caio"}), "Caio")


def make(database: Database, entity: str, actor: Actor | None = None, links: Any = (), **values: Any) -> int:
    with write(database, N_("New"), actor=actor or Actor()) as uow:
        children = {"links": [{"entity": kind, "record_id": one} for kind, one in links]} if links else None
        return service.create_record(uow, entity, values, children=children)


def figures(document: Document) -> dict[str, Any]:
    block = next(block for block in document.blocks if isinstance(block, KeyFigures))
    return {figure.label: figure.value for figure in block.figures}


def rows(document: Document, table: int = 0) -> list[tuple[Any, ...]]:
    return [row.values for row in document.tables[table].all_rows]


def count_behind(database: Database, link: Any) -> int:
    assert isinstance(link, ListLink)
    with database.read() as connection:
        return records.count(database, connection, link.entity, filter=link.filter)  # type: ignore[arg-type]


def test_activities_by_person(database: Database, run: Run, caio: Actor) -> None:
    for _n in range(3):
        make(database, "activity", caio, subject="Call", kind="call", status="done")
    make(database, "activity", caio, subject="Visit", kind="visit", status="done", starts="2026-03-02 09:00")
    make(database, "activity", caio, subject="Old", kind="call", status="done", starts="2026-02-02 09:00")
    make(database, "activity", caio, subject="Late", due="2026-03-01")
    make(database, "activity", subject="Nobody's", kind="call", status="done")
    document = run("activities", list=True)
    assert rows(document) == [("Caio", 3, 1, 4, 1), ("Nobody", 1, 0, 1, 0)]
    assert figures(document) == {"Done": 5, "People": 2, "Overdue now": 1}
    assert [count_behind(database, row.link) for row in document.tables[0].rows] == [4, 1]
    assert len(rows(document, 1)) == 5
    assert figures(run("activities", kind="visit"))["Done"] == 1
    assert figures(run("activities", period="2026-02-01..2026-02-28"))["Done"] == 1


def test_cases_by_status_and_age(database: Database, run: Run, caio: Actor) -> None:
    for day, status in ((-40, "open"), (-10, "waiting"), (-2, "new"), (0, "new"), (-5, "solved")):
        set_day(day)
        with write(database, N_("New case"), actor=caio) as uow:
            case_id = cases.create_case(uow, {"subject": f"Case {day}"})
            cases.add_message(uow, case_id, "out", "We look at it")
            if status != "new":
                cases.change_status(uow, case_id, status)
    set_day(0)
    document = run("cases")
    by_status = {row[0]: row[1:] for row in rows(document)}
    assert by_status["In progress"] == (1, 1, 0, 0, 1, 3)  # the answer took new cases in progress
    assert by_status["Waiting for the customer"] == (0, 0, 0, 1, 0, 1)
    assert figures(document) == {
        "Open": 4, "Overdue": 1, "Solved in the period": 1, "Solved in time": 100, "First response in time": 100,
    }  # fmt: skip
    assert len(rows(document, 1)) == 4
    assert [row.mark for row in document.tables[1].all_rows].count("overdue") == 1
    for row in document.tables[0].rows:
        assert count_behind(database, row.link) == row.values[-1]


def test_customer_lists(database: Database, run: Run, caio: Actor) -> None:
    company = make(database, "company", name="Trigo Lilás", city="Curitiba", kind="customer")
    make(database, "contact", name="Marina", company_id=company, mobile="+55 41 95550-0142", email="m@t.example")
    rosa = make(database, "contact", name="Álvaro", owner_id=caio.user_id, lifecycle="customer")
    make(database, "deal", name="Cold room", contact_id=rosa, amount=70)
    make(database, "activity", caio, [("contact", rosa)], subject="Call", status="done", starts="2026-01-05 09:00")
    document = run("customers")
    assert [row[0] for row in rows(document)] == ["Álvaro", "Marina"]
    assert rows(document)[1][1:5] == ("Trigo Lilás", None, "+55 41 95550-0142", "m@t.example")
    assert rows(document)[0][-1] == 70
    assert [row[0] for row in rows(run("customers", owner=caio.user_id))] == ["Álvaro"]
    assert [row[0] for row in rows(run("customers", silent=60))] == ["Álvaro"]
    assert [row[:2] for row in rows(run("customers", of="company", state="customer"))] == [("Trigo Lilás", "Curitiba")]
    with pytest.raises(FieldError, match="other list"):
        run("customers", of="company", state="lead")


def test_the_card_of_a_customer(database: Database, run: Run, caio: Actor, tmp_path: Path) -> None:
    company = make(database, "company", caio, name="Trigo Lilás", city="Curitiba", notes="Pays late")
    contact = make(database, "contact", caio, name="Marina", company_id=company, mobile="+55 41 95550-0142")
    make(database, "deal", caio, name="Cold room", contact_id=contact, amount=70)
    make(database, "deal", caio, name="Freezer", contact_id=contact, amount=30, status="won")
    with write(database, N_("Note"), actor=caio) as uow:
        attach_service.add_note(uow, "contact", contact, "Never call before nine")
        cases.create_case(uow, {"subject": "Counter", "contact_id": contact})
    document = run("customer", contact=contact)
    assert document.title == "Marina"
    assert figures(document) == {"Open": 70, "Bought so far": 30, "Open deals": 1, "Open cases": 1}
    facts = dict(rows(document))
    assert (facts["Company"], facts["Mobile"]) == ("Trigo Lilás", "+55 41 95550-0142")
    assert {row[0] for row in rows(document, 1)} == {"Cold room", "Freezer"}
    assert rows(document, 2)[0][:2] == ("2026-000001", "Counter")
    assert any("Never call before nine" in row[2] for row in rows(document, 3))
    whole = run("customer", company=company, roll_up=True)
    assert any("Never call before nine" in row[2] for row in rows(whole, -1))
    output.write_document(whole, tmp_path / "card.pdf")
    output.write_document(whole, tmp_path / "card.xlsx")


def test_new_contacts_by_source(database: Database, run: Run) -> None:
    for day, source in ((-60, "event"), (-30, "event"), (-1, "referral"), (0, None)):
        set_day(day)
        make(database, "contact", name=f"Contact {day}", source=source, lifecycle="customer" if day == -30 else "lead")
    set_day(0)
    document = run("new-contacts")
    assert rows(document) == [
        ("Event or fair", 1, 1, 0, 2, 1), ("Referral", 0, 0, 1, 1, 0), ("Not given", 0, 0, 1, 1, 0),
    ]  # fmt: skip
    assert figures(document) == {"New contacts": 4, "Customers by now": 1}
    assert [count_behind(database, row.link) for row in document.tables[0].rows] == [2, 1, 1]
    assert figures(run("new-contacts", period="2026-03-01..2026-03-31"))["New contacts"] == 2


def test_every_report_is_listed_with_the_time_of_its_data(run: Run) -> None:
    assert {spec.name for spec in reports.REPORTS} == {
        "pipeline", "forecast", "slip", "sales", "customers", "customer", "new-contacts", "cases", "activities",
        "data-quality", "erasures", "by-field", "backup-certificate",
    }  # fmt: skip
    assert run("forecast").as_of == NOW
