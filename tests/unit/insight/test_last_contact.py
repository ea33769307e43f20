"""The last contact follows from what was done, whoever wrote it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import generator
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import NOBODY, write
from crm_desktop.records import history, queries, service

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set_clock(lambda: NOW)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    with write(database, N_("Set up")) as uow:
        company = service.create_record(uow, "company", {"name": "Panificadora Trigo"})
        contact = service.create_record(uow, "contact", {"name": "Marina Queirós", "company_id": company})
        deal = service.create_record(uow, "deal", {"name": "Cold room", "contact_id": contact})
        case = cases.create_case(uow, {"subject": "Warm", "contact_id": contact})
        other = service.create_record(uow, "company", {"name": "Other"})
    return {"company": company, "contact": contact, "deal": deal, "case": case, "other": other}


def last(database: Database, ids: dict[str, int], entity: str, key: str = "") -> datetime | None:
    with database.read() as connection:
        at: datetime | None = queries.get_record(database, connection, entity, ids[key or entity]).values[
            "last_activity_at"
        ]
    return at


def done(database: Database, record_id: int, entity: str, **values: Any) -> int:
    with write(database, N_("Log call")) as uow:
        given = {"subject": "Call", "kind": "call", "status": "done", **values}
        links = [{"entity": entity, "record_id": record_id}]
        return service.create_record(uow, "activity", given, children={"links": links})


def test_a_call_about_a_deal_counts_for_its_person_and_company(database: Database, ids: dict[str, int]) -> None:
    heard: list[RecordsChanged] = []
    database.events.subscribe(RecordsChanged, heard.append)
    done(database, ids["deal"], "deal")
    assert [last(database, ids, name) for name in ("deal", "contact", "company")] == [NOW, NOW, NOW]
    assert heard[-1].touches_record("company", ids["company"])
    assert last(database, ids, "company", "other") is None


def test_what_is_planned_does_not_count_until_it_is_done(database: Database, ids: dict[str, int]) -> None:
    call = done(database, ids["contact"], "contact", status="planned", starts="2026-03-10 10:00")
    assert last(database, ids, "contact") is None
    with write(database, N_("Done")) as uow:
        service.update_record(uow, "activity", call, {"status": "done"})
    assert last(database, ids, "contact") == datetime(2026, 3, 10, 13, tzinfo=UTC)
    with write(database, N_("Not done")) as uow:
        service.update_record(uow, "activity", call, {"status": "planned"})
    assert last(database, ids, "contact") is None


def test_messages_of_cases_count(database: Database, ids: dict[str, int]) -> None:
    with write(database, N_("Note")) as uow:
        cases.add_message(uow, ids["case"], "internal", "Look at the relay")
    assert last(database, ids, "contact") is None
    with write(database, N_("Answer")) as uow:
        cases.add_message(uow, ids["case"], "out", "We come today")
    assert [last(database, ids, name) for name in ("contact", "company")] == [NOW, NOW]


def test_deleting_undoing_and_moving_keep_it_right(database: Database, ids: dict[str, int]) -> None:
    done(database, ids["contact"], "contact", starts="2026-03-01 10:00")
    first = last(database, ids, "contact")
    call = done(database, ids["contact"], "contact")
    assert last(database, ids, "company") == NOW
    with write(database, N_("Delete")) as uow:
        service.delete_records(uow, "activity", [call])
    assert (last(database, ids, "contact"), last(database, ids, "company")) == (first, first)
    with database.read() as connection:
        newest = history.recent(connection, limit=1)[0]
    history.undo(database, newest.id, actor=NOBODY)
    assert (last(database, ids, "contact"), last(database, ids, "company")) == (NOW, NOW)
    with write(database, N_("Edit contact")) as uow:
        service.update_record(uow, "contact", ids["contact"], {"company_id": ids["other"]})
    # the deal stays with the old company, and nothing was done for it
    assert (last(database, ids, "company"), last(database, ids, "company", "other")) == (None, NOW)
    with write(database, N_("Delete contact")) as uow:
        service.delete_records(uow, "contact", [ids["contact"]])
    assert last(database, ids, "company", "other") is None


def test_activities_that_are_imported_in_bulk_count(database: Database, ids: dict[str, int]) -> None:
    day = NOW - 30 * DAY
    activities = [
        (one, NOW, "Old call", "call", "done", day + n * DAY, False) for n, one in enumerate(generator.take(20))
    ]
    links = [(generator.next(), row[0], "contact", ids["contact"]) for row in activities]
    with write(database, N_("Import"), kind="import", bulk=True) as uow:
        columns = ("id", "created_at", "subject", "kind", "status", "done_at", "all_day")
        uow.insert_many("activity", columns, activities)
        uow.insert_many("activity_link", ("id", "activity_id", "entity", "record_id"), links)
    assert last(database, ids, "company") == day + 19 * DAY


def test_it_is_not_part_of_the_history(database: Database, ids: dict[str, int]) -> None:
    done(database, ids["contact"], "contact")
    with database.read() as connection:
        fields = {one.name for entry in history.record_history(database, connection, "contact", ids["contact"])
                  for one in entry.fields}  # fmt: skip
        version = queries.get_record(database, connection, "contact", ids["contact"]).version
    assert "last_activity_at" not in fields
    assert version == 1


def test_links_know_when_their_activity_was(database: Database, ids: dict[str, int]) -> None:
    link = database.schema.data_tables[0].metadata.tables["activity_link"]
    call = done(database, ids["contact"], "contact", status="planned", starts="2026-03-10 10:00")

    def at() -> datetime | None:
        with database.read() as connection:
            return connection.execute(link.select().where(link.c.activity_id == call)).one().activity_at

    assert at() == NOW
    clock.set_clock(lambda: NOW + DAY)
    with write(database, N_("Done")) as uow:
        service.update_record(uow, "activity", call, {"status": "done"})
    assert at() == NOW + DAY
