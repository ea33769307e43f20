"""A day's work in an office whose server enforces the rights itself: each role with its own login, through the program."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import app
from crm_desktop.calendar import service as calendar
from crm_desktop.cases import service as cases
from crm_desktop.core.errors import UserError
from crm_desktop.core.filters import where
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.exporting.export import export_records
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, bulk_edit, deleted, files_service, history, queries, service, views
from crm_desktop.records.mentions import mention
from tests.helpers.locked import LockedOffice

ROLES = ("owner", "admin", "manager", "sales", "service", "marketing", "readonly")


class Desk:
    """One person at work: the office opened with their own login."""

    def __init__(self, office: LockedOffice, key: str) -> None:
        opened = app.open_office(office.url(key), create=False)
        self.office, self.key = office, key
        self.database: Database = opened.database
        self.actor: Actor = opened.actor
        office.opened.append(opened.database)

    def write(self, title: str = "Work", **options: Any) -> Any:
        return write(self.database, title, actor=self.actor, **options)

    def values(self, entity: str, record_id: int) -> Any:
        with self.database.read() as connection:
            return queries.get_record(self.database, connection, entity, record_id).values

    def ids(self, entity: str, **options: Any) -> list[int]:
        with self.database.read() as connection:
            return list(queries.find_ids(self.database, connection, entity, user_id=self.actor.user_id, **options))

    def hits(self, text: str) -> set[int]:
        with self.database.read() as connection:
            return {hit.id for hit in search.find(connection, self.database.schema, text)}

    def undo(self) -> None:
        with self.database.read() as connection:
            row = history.last_undoable(connection, user_id=self.actor.user_id)
        assert row is not None
        history.undo(self.database, row.id, self.actor)

    def may(self, entity: str, action: str) -> bool:
        return self.database.access.may(entity, action)


@pytest.fixture
def records(locked_office: LockedOffice) -> dict[str, int]:
    """What is there already: a customer and a deal of "stranger", whom no team shares."""
    stranger = locked_office.people["stranger"]
    with write(locked_office.root, "Before", actor=Actor(stranger, "Stranger")) as uow:
        return {
            "contact": service.create_record(
                uow, "contact",
                {"name": "Zoraide Velha", "owner_id": stranger, "email": "zo@velha.example", "tax_id": "11144477735", "gender": "f"},
                country="BR",
            ),
            "deal": service.create_record(uow, "deal", {"name": "Zebedeu contract", "owner_id": stranger}),
        }  # fmt: skip


def refused(work: Any) -> str:
    """The one sentence that a refusal says."""
    with pytest.raises(UserError) as caught:
        work()
    return str(caught.value)


@pytest.mark.parametrize("key", ROLES)
def test_a_day_of(key: str, locked_office: LockedOffice, records: dict[str, int], tmp_path: Path) -> None:
    desk = Desk(locked_office, key)
    me = locked_office.people[key]
    assert desk.database.locked and desk.actor.user_id == me
    if not desk.may("contact", "create"):
        assert "may not" in refused(lambda: make_contact(desk))
        read_only(desk, records)
        return
    contact = make_contact(desk)
    # edit, and take it back
    with desk.write() as uow:
        assert service.update_record(uow, "contact", contact, {"job_title": "Buyer", "mobile": "41 95550-0142"})
    assert desk.values("contact", contact)["job_title"] == "Buyer"
    desk.undo()
    assert desk.values("contact", contact)["job_title"] is None
    # found at once, in the search and in lists
    assert contact in desk.hits("quiterino") and contact in desk.ids(
        "contact", filter=where("@text", "search", "quiteri")
    )
    assert contact in desk.ids("contact", filter=where("owner_id", "eq", "@me"), sort=[("name", False)])
    # a note with a colleague's name, a tag, a file with its content
    with desk.write() as uow:
        note = attach_service.add_note(
            uow, "contact", contact, f"Ask {mention('Sales', locked_office.people['sales'])}"
        )
        attach_service.tag_records(uow, "contact", [contact], "vip")
        file = files_service.attach_bytes(uow, "contact", contact, "offer.txt", b"one thousand " + key.encode())
    with desk.database.read() as connection:
        assert files_service.attachment_content(connection, file)[1] == b"one thousand " + key.encode()
        assert note in [one["id"] for one in attach_service.notes_of(connection, contact)]
        assert history.record_history(desk.database, connection, "contact", contact)
    work_with_deals(desk, contact)
    work_with_activities(desk, contact)
    work_with_cases(desk, contact)
    # a view of their own
    with desk.write() as uow:
        views.create_view(uow, {"name": f"Mine {key}", "entity": "contact", "scope": "private"})
    export_and_import(desk, tmp_path)
    change_many(desk, contact)
    delete_and_restore(desk, contact)
    others(desk, records)


def make_contact(desk: Desk) -> int:
    with desk.write("New contact") as uow:
        return service.create_record(
            uow, "contact", {"name": "Ana Quiterino", "email": "ana@quiterino.example", "owner_id": desk.actor.user_id}
        )


def read_only(desk: Desk, records: dict[str, int]) -> None:
    """Sees everything that is not sensitive, and changes nothing."""
    assert records["contact"] in desk.ids("contact") and records["contact"] in desk.hits("zoraide")
    assert "tax_id" not in desk.values("contact", records["contact"])
    for work in (
        lambda uow: service.update_record(uow, "contact", records["contact"], {"name": "X"}),
        lambda uow: service.delete_records(uow, "contact", [records["contact"]]),
        lambda uow: attach_service.tag_records(uow, "contact", [records["contact"]], "new"),
    ):
        assert refused(lambda work=work: doing(desk, work))
    assert desk.values("contact", records["contact"])["name"] == "Zoraide Velha"


def doing(desk: Desk, work: Any) -> None:
    with desk.write() as uow:
        work(uow)


def work_with_deals(desk: Desk, contact: int) -> None:
    if not desk.may("deal", "create"):
        values = {"name": "No", "contact_id": contact, "owner_id": desk.actor.user_id}
        assert "may not" in refused(lambda: doing(desk, lambda uow: service.create_record(uow, "deal", values)))
        return
    with desk.write() as uow:
        deal = service.create_record(
            uow, "deal",
            {"name": "Quiterino roof", "contact_id": contact, "owner_id": desk.actor.user_id, "amount": "1000"},
        )  # fmt: skip
    assert desk.values("contact", contact)["open_amount"] == 1000
    assert deal in desk.ids("deal", filter=where("contact_id", "eq", contact))
    with desk.write() as uow:
        service.update_record(uow, "deal", deal, {"amount": "1200"})


def work_with_activities(desk: Desk, contact: int) -> None:
    done = datetime(2026, 3, 4, 12, tzinfo=UTC)
    with desk.write() as uow:
        calendar.plan_activity(
            uow, {"subject": "Call", "kind": "call", "status": "done", "done_at": done, "owner_id": desk.actor.user_id},
            links=[("contact", contact)],
        )  # fmt: skip
    assert desk.values("contact", contact)["last_activity_at"] == done


def work_with_cases(desk: Desk, contact: int) -> None:
    values = {"subject": "Leak", "contact_id": contact, "owner_id": desk.actor.user_id}
    if not desk.may("case", "create"):
        assert "may not" in refused(lambda: doing(desk, lambda uow: cases.create_case(uow, values)))
        return
    with desk.write() as uow:
        case = cases.create_case(uow, values, message="It drips")
    assert desk.values("case", case)["number"]
    with desk.write() as uow:
        cases.add_message(uow, case, "out", "We come tomorrow")


def export_and_import(desk: Desk, folder: Path) -> None:
    target = folder / "out.csv"
    if desk.may("contact", "export"):
        assert export_records(
            desk.database, "contact", target, filter=where("owner_id", "eq", desk.actor.user_id)
        ).records
        assert "Quiterino" in target.read_text(encoding="utf-8-sig")
    else:
        assert "may not export" in refused(lambda: export_records(desk.database, "contact", target))
        assert not target.exists()
    source = folder / "in.csv"
    source.write_text(
        "Name;E-mail;City\n" + "".join(f"Novo {n};n{n}@novo.example;Recife\n" for n in range(5)), encoding="utf-8"
    )
    if not desk.database.access.can("import"):
        assert refused(lambda: import_file(desk, source))
        return
    result = import_file(desk, source)
    assert (result.created, result.rejected_count) == (5, 0)
    assert len(desk.hits("novo")) == 5
    desk.undo()  # what one brought in oneself one takes back, also without the right to delete
    assert desk.hits("novo") == set()


def import_file(desk: Desk, source: Path) -> Any:
    return run_import(desk.database, source, guess_plan(desk.database, source).plan, desk.actor)


def change_many(desk: Desk, contact: int) -> None:
    if not desk.may("contact", "bulk"):
        return
    with desk.write(kind="bulk", bulk=True) as uow:
        assert bulk_edit.update_records(uow, "contact", [contact], {"department": "Roofs"}) == 1
    assert desk.values("contact", contact)["department"] == "Roofs"


def delete_and_restore(desk: Desk, contact: int) -> None:
    if not desk.may("contact", "delete"):
        assert refused(lambda: doing(desk, lambda uow: service.delete_records(uow, "contact", [contact])))
        return
    before = desk.values("contact", contact)
    with desk.write() as uow:
        assert service.delete_records(uow, "contact", [contact]) == 1
    assert contact not in desk.ids("contact") and contact not in desk.hits("quiterino")
    with desk.database.read() as connection:
        assert contact in [one.record_id for one in deleted.list_deleted(desk.database, connection)]
    desk.undo()
    after = desk.values("contact", contact)
    different = {name for name in before if before[name] != after[name]} - {"updated_at", "updated_by"}
    assert different == set()
    assert contact in desk.hits("quiterino")


def others(desk: Desk, records: dict[str, int]) -> None:
    """What belongs to somebody of no team of mine."""
    access = desk.database.access
    for entity, identity in records.items():
        owner = desk.office.people["stranger"]
        seen = access.covers(entity, "read", owner)
        assert (identity in desk.ids(entity)) is seen
        assert (identity in desk.hits("ze" if entity == "deal" else "zoraide")) is seen
        for action, work in (
            ("edit", lambda uow, e=entity, i=identity: service.update_record(uow, e, i, {"name": "Mine now"})),
            ("delete", lambda uow, e=entity, i=identity: service.delete_records(uow, e, [i])),
        ):
            if not access.covers(entity, action, owner):
                assert refused(lambda work=work: doing(desk, work))
    shown = desk.office.ask("SELECT name FROM contact WHERE id = %s", records["contact"])
    assert shown == "Zoraide Velha"
