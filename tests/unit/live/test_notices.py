"""What colleagues are told, on both engines: by whom, of what, once, and taken back with what it told of."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.core.events import NoticesChanged
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, bulk_edit, history, notice_list, service
from crm_desktop.records.mentions import mention
from crm_desktop.records.notice_list import Notice
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security import service as security

Office = dict[str, int]


@pytest.fixture
def office(database: Database) -> Office:
    """Bea and Caio, who work here."""
    with write(database, "People") as uow:
        ensure_default_pipeline(uow)
        return {
            name: service.create_record(
                uow, "user", {"name": name, "login": name.lower(), "active": True, "role": role}
            )
            for name, role in (("Bea", "manager"), ("Caio", "sales"), ("Dora", "owner"))
        }


def as_user(database: Database, office: Office, name: str, **options: Any) -> Any:
    return write(database, "Work", actor=Actor(office[name], name), **options)


def told(database: Database, office: Office, name: str, **options: Any) -> list[Notice]:
    with database.read() as connection:
        return notice_list.notices(database, connection, office[name], **options)


def test_who_is_given_a_record_is_told_and_nobody_else(database: Database, office: Office) -> None:
    heard: list[NoticesChanged] = []
    database.events.subscribe(NoticesChanged, heard.append)
    with as_user(database, office, "Bea") as uow:
        made = service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Caio"]})
        service.create_record(uow, "contact", {"name": "Mine", "owner_id": office["Bea"]})
    (one,) = told(database, office, "Caio")
    assert (one.kind, one.entity, one.record_id, one.title, one.by) == ("given", "contact", made, "Marina", "Bea")
    assert not one.read and not told(database, office, "Bea") and not told(database, office, "Dora")
    assert [event.users for event in heard] == [frozenset({office["Caio"]})]


def test_forty_at_once_are_told_as_one(database: Database, office: Office) -> None:
    with as_user(database, office, "Caio") as uow:
        ids = [service.create_record(uow, "contact", {"name": f"P {n}"}) for n in range(40)]
    with as_user(database, office, "Bea") as uow:
        bulk_edit.update_records(uow, "contact", ids, {"owner_id": office["Caio"]})
    (one,) = told(database, office, "Caio")
    assert (one.kind, one.count, one.record_id, one.by) == ("given", 40, None, "Bea")


def test_who_loses_a_record_learns_who_has_it_now(database: Database, office: Office) -> None:
    with as_user(database, office, "Caio") as uow:
        made = service.create_record(uow, "company", {"name": "Vale Azul", "owner_id": office["Caio"]})
    with as_user(database, office, "Bea") as uow:
        service.update_record(uow, "company", made, {"owner_id": office["Dora"]})
    (one,) = told(database, office, "Caio")
    assert (one.kind, one.title, one.by, one.about) == ("taken", "Vale Azul", "Bea", "Dora")
    with database.read() as connection:
        assert notice_list.why_gone(database, connection, "company", made, office["Caio"]).owner == "Dora"
    (given,) = told(database, office, "Dora")
    assert given.kind == "given" and given.record_id == made


def test_undo_takes_the_notice_back_and_redo_gives_it_again(database: Database, office: Office) -> None:
    with as_user(database, office, "Bea") as uow:
        made = service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Bea"]})
    with as_user(database, office, "Bea") as uow:
        service.update_record(uow, "contact", made, {"owner_id": office["Caio"]})
        given = uow.change_set_id
    assert told(database, office, "Caio")
    undone = history.undo(database, given, Actor(office["Bea"], "Bea"))
    assert not told(database, office, "Caio") and not told(database, office, "Bea")
    assert undone is not None


def test_a_record_that_was_given_on_is_not_told_any_more(database: Database, office: Office) -> None:
    with as_user(database, office, "Bea") as uow:
        made = service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Caio"]})
    with as_user(database, office, "Caio") as uow:
        service.update_record(uow, "contact", made, {"owner_id": office["Dora"]})
    assert not told(database, office, "Caio")
    assert [one.by for one in told(database, office, "Dora")] == ["Caio"]


def test_a_note_that_names_me_is_told_once(database: Database, office: Office) -> None:
    with as_user(database, office, "Caio") as uow:
        made = service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Caio"]})
    with as_user(database, office, "Bea") as uow:
        attach_service.add_note(uow, "contact", made, f"Look, {mention('Caio', office['Caio'])}")
        attach_service.add_note(uow, "contact", made, "Without a name")
    found = told(database, office, "Caio")
    assert sorted(one.kind for one in found) == ["mention", "note"]
    assert [one.kind for one in told(database, office, "Caio", without={"note"})] == ["mention"]
    notice_list.mark_read(database, office["Caio"], [one.key for one in found if one.kind == "mention"])
    assert {one.kind: one.read for one in told(database, office, "Caio")} == {"mention": True, "note": False}
    notice_list.mark_all_read(database, office["Caio"])
    assert all(one.read for one in told(database, office, "Caio"))
    notice_list.mark_read(database, office["Caio"], [found[0].key], read=False)
    assert [one.key for one in told(database, office, "Caio") if not one.read] == [found[0].key]


def test_messages_and_reopening_of_my_case_are_told(database: Database, office: Office) -> None:
    with as_user(database, office, "Caio") as uow:
        made = cases.create_case(uow, {"subject": "Leak", "owner_id": office["Caio"]})
    with as_user(database, office, "Bea") as uow:
        cases.add_message(uow, made, "in", "It leaks again")
    assert [one.kind for one in told(database, office, "Caio")] == ["message"]
    notice_list.mark_all_read(database, office["Caio"])
    with as_user(database, office, "Caio") as uow:
        service.update_record(uow, "case", made, {"status": "solved", "solution": "Done"})
    with as_user(database, office, "Bea") as uow:
        service.update_record(uow, "case", made, {"status": "open"})
    assert [one.kind for one in told(database, office, "Caio") if not one.read] == ["reopened"]


def test_a_handover_is_told_by_record_type(database: Database, office: Office) -> None:
    with as_user(database, office, "Caio") as uow:
        for number in range(3):
            service.create_record(uow, "contact", {"name": f"C {number}", "owner_id": office["Caio"]})
        service.create_record(uow, "company", {"name": "One", "owner_id": office["Caio"]})
    with as_user(database, office, "Dora") as uow:
        security.deactivate_user(uow, office["Caio"], hand_over_to=office["Bea"])
    assert sorted((one.entity, one.count) for one in told(database, office, "Bea")) == [("company", 1), ("contact", 3)]
    assert not told(database, office, "Caio")  # who left is told nothing


def test_what_nobody_did_is_told_to_nobody(database: Database, office: Office) -> None:
    with write(database, "Program") as uow:
        service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Caio"]})
    assert not told(database, office, "Caio")


def test_a_deleted_record_takes_its_notices_along(database: Database, office: Office) -> None:
    with as_user(database, office, "Bea") as uow:
        made = service.create_record(uow, "contact", {"name": "Marina", "owner_id": office["Caio"]})
    with as_user(database, office, "Dora") as uow:
        service.delete_records(uow, "contact", [made])
    assert not told(database, office, "Caio")
    with database.read() as connection:
        gone = notice_list.why_gone(database, connection, "contact", made, office["Caio"])
    assert gone.deleted and gone.by == "Dora"


def test_on_a_locked_server_a_notice_goes_to_its_user_only_and_is_taken_back(locked_office: Any) -> None:
    office = locked_office
    with office.writing("manager") as uow:
        made = service.create_record(uow, "deal", {"name": "Cold room", "owner_id": office.people["manager"]})
    with office.writing("manager") as uow:
        service.update_record(uow, "deal", made, {"owner_id": office.people["sales"]})
        given = uow.change_set_id

    def told_on_server(key: str) -> list[Notice]:
        database = office.open(key)
        with database.read() as connection:
            return notice_list.notices(database, connection, office.people[key])

    (one,) = told_on_server("sales")
    assert (one.kind, one.record_id, one.title) == ("given", made, "Cold room")
    for other in ("mate", "stranger", "readonly"):
        rows = office.connect(other).execute("SELECT * FROM notification").fetchall()
        assert rows == [], other
    notice_list.mark_read(office.open("sales"), office.people["sales"], [one.key])
    assert [each.read for each in told_on_server("sales")] == [True]
    history.undo(office.open("manager"), given, office.actor("manager"))
    assert not told_on_server("sales")
    assert office.connect("owner").execute("SELECT count(*) FROM notification").fetchall() == [(0,)]
