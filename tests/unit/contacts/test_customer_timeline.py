"""One timeline for everything about a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.contacts.queries import TimelineItem, related_counts, timeline
from crm_desktop.core import clock
from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import generator
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, files_service, service
from crm_desktop.sales.service import move_deal, win_deal
from crm_desktop.sales.stages import read_plan

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> None:
    moment = NOW + hours * HOUR
    clock.set_clock(lambda: moment)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """A company with two people, a deal, a case, and one thing of each kind, an hour apart."""
    found: dict[str, int] = {}
    at(0)
    with write(database, N_("Set up")) as uow:
        found["caio"] = service.create_record(uow, "user", {"name": "Caio", "login": "caio"})
        company = found["company"] = service.create_record(uow, "company", {"name": "Trigo Lilás"})
        contact = found["contact"] = service.create_record(
            uow, "contact", {"name": "Marina Queirós", "company_id": company}
        )
        found["other"] = service.create_record(uow, "contact", {"name": "Rosa", "company_id": company})
    caio = Actor(found["caio"], "Caio")
    steps: list[tuple[str, Any]] = [
        ("deal", lambda uow: service.create_record(
            uow, "deal", {"name": "Cold room", "contact_id": contact, "amount": 48600})),
        ("case", lambda uow: cases.create_case(uow, {"subject": "Counter", "contact_id": contact})),
        ("note", lambda uow: attach_service.add_note(uow, "contact", contact, "Never call before nine")),
        ("file", lambda uow: files_service.attach_bytes(uow, "deal", found["deal"], "plan.pdf", b"plan")),
        ("call", lambda uow: service.create_record(
            uow, "activity", {"subject": "Measures", "kind": "call", "status": "done", "duration": 360},
            children={"links": [{"entity": "contact", "record_id": contact},
                                {"entity": "deal", "record_id": found["deal"]}]})),
        ("move", lambda uow: move_deal(
            uow, found["deal"], next(s.id for s in read_plan(uow.connection).stages.values() if s.name == "Proposal"))),
        ("message", lambda uow: cases.add_message(uow, found["case"], "internal", "Same lot as before")),
        ("phone", lambda uow: service.update_record(
            uow, "contact", contact, {"mobile": "+55 41 95550-0142", "job_title": "Partner"})),
        ("rosa", lambda uow: attach_service.add_note(uow, "contact", found["other"], "Prefers e-mail")),
        ("firm", lambda uow: attach_service.add_note(uow, "company", company, "Pays late")),
    ]  # fmt: skip
    for hour, (name, step) in enumerate(steps, 1):
        at(hour)
        with write(database, N_("Edit contact"), actor=caio) as uow:
            found[name] = step(uow)
    return found


def read(database: Database, entity: str, record_id: int, **options: Any) -> list[TimelineItem]:
    with database.read() as connection:
        return list(timeline(database, connection, entity, record_id, **options).items)


def test_everything_about_a_person_newest_first(database: Database, ids: dict[str, int]) -> None:
    items = read(database, "contact", ids["contact"])
    assert [(one.kind, (one.at - NOW) // HOUR) for one in items] == [
        ("change", 8), ("message", 7), ("change", 6), ("activity", 5), ("attachment", 4), ("note", 3), ("case", 2),
        ("deal", 1), ("change", 0),
    ]  # fmt: skip
    phone, message, move, call, file, note, case, deal, created = items
    assert [(one.name, one.old, one.new) for one in phone.data["edits"]] == [("job_title", None, "Partner")]
    assert (phone.author, phone.title) == ("Caio", "Edit contact")
    assert (message.body, message.related[0].title) == ("Same lot as before", "Counter")
    edit = move.data["edits"][0]
    assert (edit.entity, edit.name, str(edit.old), str(edit.new)) == ("deal", "stage_id", "Qualification", "Proposal")
    assert (call.title, call.data["kind"], call.data["duration"]) == ("Measures", "call", 360)
    assert [(one.entity, one.title) for one in call.related] == [("deal", "Cold room")]
    assert (file.title, file.related[0].entity) == ("plan.pdf", "deal")
    assert (note.body, note.author, note.related) == ("Never call before nine", "Caio", ())
    assert (case.data["number"], deal.data["amount"]) == ("2026-000001", Decimal(48600))
    assert created.data["created"]


def test_pages_follow_each_other_without_gaps(database: Database, ids: dict[str, int]) -> None:
    whole = read(database, "company", ids["company"], roll_up=True)
    seen: list[TimelineItem] = []
    before: Mapping[str, Any] | None = None
    while True:
        with database.read() as connection:
            page = timeline(
                database, connection, "company", ids["company"], roll_up=True, before=before, limit=3
            )  # fmt: skip
        seen += page.items
        before = page.before
        if before is None:
            break
    assert [(one.kind, one.id) for one in seen] == [(one.kind, one.id) for one in whole]
    assert len(whole) > 8


def test_the_company_and_its_people_are_rolled_up_on_demand(database: Database, ids: dict[str, int]) -> None:
    def notes(entity: str, record_id: int, roll_up: bool) -> list[str]:
        return [one.body for one in read(database, entity, record_id, kinds=["note"], roll_up=roll_up)]

    assert notes("company", ids["company"], False) == ["Pays late"]
    assert notes("company", ids["company"], True) == ["Pays late", "Prefers e-mail", "Never call before nine"]
    assert notes("contact", ids["contact"], True) == ["Pays late", "Never call before nine"]
    rolled = read(database, "company", ids["company"], kinds=["note"], roll_up=True)
    assert [one.related[0].title if one.related else "" for one in rolled] == ["", "Rosa", "Marina Queirós"]


def test_filters_by_kind_and_text(database: Database, ids: dict[str, int]) -> None:
    def kinds(**options: Any) -> list[str]:
        return [one.kind for one in read(database, "contact", ids["contact"], **options)]

    assert kinds(kinds=["note", "activity"]) == ["activity", "note"]
    assert kinds(text="measur") == ["activity"]
    assert kinds(text="NINE") == ["note"]
    assert kinds(text="proposal") == []
    assert kinds(text="partner") == ["change"]


def test_a_deal_has_a_timeline_too(database: Database, ids: dict[str, int]) -> None:
    with write(database, N_("Win deal")) as uow:
        win_deal(uow, ids["deal"])
    items = read(database, "deal", ids["deal"])
    assert [one.kind for one in items] == ["change", "change", "activity", "attachment", "change"]
    assert {"stage_id", "status", "closed_on"} <= {one.name for one in items[0].data["edits"]}
    assert items[-1].data["created"]


def test_numbers_for_the_tabs(database: Database, ids: dict[str, int]) -> None:
    with database.read() as connection:
        contact = related_counts(connection, "contact", ids["contact"])
        company = related_counts(connection, "company", ids["company"])
    assert (contact.deals, contact.open_deals, contact.cases, contact.open_cases) == (1, 1, 1, 1)
    assert (contact.activities, contact.notes, contact.attachments) == (1, 1, 0)
    assert (company.people, company.deals, company.cases, company.notes) == (2, 1, 1, 1)


def test_bulk_history_of_an_import_is_one_entry(database: Database) -> None:
    at(0)
    with write(database, N_("Import"), kind="import", bulk=True) as uow:
        company = service.create_record(uow, "company", {"name": "Big"})
        rows = [(one, NOW, f"Call {n}", "call", "done", NOW - n * HOUR, False)
                for n, one in enumerate(generator.take(120))]  # fmt: skip
        columns = ("id", "created_at", "subject", "kind", "status", "done_at", "all_day")
        uow.insert_many("activity", columns, rows)
        links = [(generator.next(), row[0], "company", company) for row in rows]
        uow.insert_many("activity_link", ("id", "activity_id", "entity", "record_id"), links)
    items = read(database, "company", company)
    assert len(items) == 50
    assert [one.title for one in items if one.kind == "activity"][:3] == ["Call 0", "Call 1", "Call 2"]
    assert sum(one.kind == "change" for one in items) == 1
