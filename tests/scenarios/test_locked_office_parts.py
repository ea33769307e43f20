"""Parts of the program in a locked office that read or write more than one person sees: they work, and stay right."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop import doctor
from crm_desktop.backup.making import make_backup
from crm_desktop.calendar import service as calendar
from crm_desktop.contacts.queries import timeline
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.filters import EVERYTHING
from crm_desktop.core.jobs import Progress
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.dedupe import lookup
from crm_desktop.dedupe.scan import scan
from crm_desktop.insight import last_contact, quality
from crm_desktop.insight.erasure import erase_person
from crm_desktop.insight.queries import today
from crm_desktop.records import deleted, history, merging, queries, service
from crm_desktop.records.aggregates import column_totals
from crm_desktop.records.grouping import Grouping, read_groups
from crm_desktop.reporting.document import Organisation
from crm_desktop.reporting.registry import ReportContext, run_report
from crm_desktop.reports import REPORTS
from tests.helpers.locked import LockedOffice

SECRET = {"tax_id": "11144477735", "gender": "f"}


def a_contact(office: LockedOffice, owner: str, name: str = "Zoraide Velha", **values: Any) -> int:
    """A customer of somebody, with what only few may see."""
    with write(office.root, "Before", actor=Actor(office.people[owner], owner)) as uow:
        given = {"name": name, "owner_id": office.people[owner], **SECRET, **values}
        children = {"identifiers": [{"kind": "passport", "value": "AB123456", "country": "BR"}]}
        return service.create_record(uow, "contact", given, children=children, country="BR")


def whole(office: LockedOffice, contact: int) -> tuple[Any, ...]:
    """What few may see of a customer, as it is stored."""
    numbers = "(SELECT string_agg(value, ' ') FROM identifier i WHERE i.owner_id = c.id)"
    return tuple(
        office.ask(f"SELECT {one} FROM contact c WHERE id = %s", contact) for one in ("tax_id", "gender", numbers)
    )


@pytest.mark.parametrize("key", ["sales", "service", "readonly", "manager"])
def test_everything_can_be_looked_at(key: str, locked_office: LockedOffice) -> None:
    """Each report, the timeline, groups, totals, today, changes, the Trash: nobody meets an error."""
    contact = a_contact(locked_office, "sales")
    database, user_id = locked_office.open(key), locked_office.people[key]
    with database.read() as connection:
        context = ReportContext(
            connection, SimpleNamespace(id=user_id, name=key), Organisation("Office", ""), clock.today(), database
        )
        for spec in REPORTS:
            given = {one.name: contact for one in spec.parameters if one.kind == "record"}
            try:
                assert run_report(spec, context, given).title
            except UserError as error:
                assert "right" not in str(error), (spec.name, str(error))
                assert "may not" in str(error) or given or spec.name == "backup-certificate", (spec.name, str(error))
        assert timeline(database, connection, "contact", contact).items
        assert timeline(database, connection, "contact", contact, text="velha") is not None
        today(database, connection, user_id)
        history.recent(connection)
        deleted.list_deleted(database, connection)
        read_groups(database, connection, "contact", Grouping("lifecycle"), filter=EVERYTHING)
        column_totals(database, connection, "deal", ["amount"])
        assert lookup.candidates(database, connection, "contact", {"name": "Zoraide Velha"})
        shown = history.record_history(database, connection, "contact", contact)
        assert not {"tax_id", "gender"} & {one.name for entry in shown for one in entry.fields} or key == "manager"


def test_what_follows_from_unseen_records_is_right(locked_office: LockedOffice) -> None:
    """A customer's last contact counts what its colleague did in a deal that the person who writes does not see."""
    contact = a_contact(locked_office, "sales")
    later, earlier = datetime(2026, 3, 5, 12, tzinfo=UTC), datetime(2026, 2, 1, 9, tzinfo=UTC)
    with write(locked_office.root, "Deal", actor=Actor(locked_office.people["stranger"], "Stranger")) as uow:
        mine = {"owner_id": locked_office.people["stranger"]}
        deal = service.create_record(uow, "deal", {"name": "Hidden", "contact_id": contact, **mine})
        done = {"subject": "Visit", "kind": "visit", "status": "done", "done_at": later, **mine}
        calendar.plan_activity(uow, done, links=[("deal", deal)])
    with locked_office.writing("sales") as uow:
        mine = {"owner_id": locked_office.people["sales"]}
        done = {"subject": "Call", "kind": "call", "status": "done", "done_at": earlier, **mine}
        call = calendar.plan_activity(uow, done, links=[("contact", contact)])
    assert locked_office.ask("SELECT last_activity_at FROM contact WHERE id = %s", contact) == later
    assert_follows(locked_office.root)
    with locked_office.writing("sales") as uow:
        service.delete_records(uow, "activity", [call])
    assert_follows(locked_office.root)


def assert_follows(root: Database) -> None:
    """The columns that follow from others are what somebody would make of them who sees everything."""
    with root.read() as connection:
        for entity in ("deal", "contact", "company"):
            table = root.schema.table(entity)
            stored = {
                identity: at for identity, at in connection.execute(sa.select(table.c.id, table.c.last_activity_at))
            }
            wanted = last_contact._latest(connection, entity, list(stored))
            assert {identity: at for identity, at in stored.items() if at is not None} == wanted
        link, activity = Base.metadata.tables["activity_link"], root.schema.table("activity")
        at = sa.func.coalesce(activity.c.done_at, activity.c.created_at)
        wrong = sa.select(link.c.id).join(activity, activity.c.id == link.c.activity_id).where(link.c.activity_at != at)
        assert connection.execute(wrong).all() == []


def test_undo_brings_back_what_one_does_not_see(locked_office: LockedOffice) -> None:
    contact = a_contact(locked_office, "sales")
    before = whole(locked_office, contact)
    assert before == ("11144477735", "f", "AB123456")
    database, actor = locked_office.open("sales"), locked_office.actor("sales")
    with write(database, "Delete", actor=actor) as uow:
        service.delete_records(uow, "contact", [contact])
    with database.read() as connection:
        row = history.last_undoable(connection, user_id=actor.user_id)
    assert row is not None
    history.undo(database, row.id, actor)
    assert whole(locked_office, contact) == before


def test_a_merge_keeps_what_one_does_not_see(locked_office: LockedOffice) -> None:
    bare = a_contact(locked_office, "sales", "Ana Quiterino", tax_id=None, gender=None)
    full = a_contact(locked_office, "sales", "Ana Quiterino", email="ana@quiterino.example")
    database = locked_office.open("sales")
    with write(locked_office.root, "Deal", actor=Actor(locked_office.people["stranger"], "Stranger")) as uow:
        hidden = {"name": "Hidden", "contact_id": full, "owner_id": locked_office.people["stranger"]}
        deal = service.create_record(uow, "deal", hidden)
        visit = calendar.plan_activity(
            uow, {"subject": "Visit", "owner_id": hidden["owner_id"]}, links=[("contact", full)]
        )
    result = merging.merge(database, locked_office.actor("sales"), "contact", bare, [full])
    assert result is not None
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", bare)
    assert record.values["email"] == "ana@quiterino.example"
    assert whole(locked_office, bare) == ("11144477735", "f", "AB123456")
    assert locked_office.ask("SELECT contact_id FROM deal WHERE id = %s", deal) == bare
    assert locked_office.ask("SELECT record_id FROM activity_link WHERE activity_id = %s", visit) == bare


def test_a_large_change_is_found_and_taken_back(locked_office: LockedOffice) -> None:
    """More than a few records at once: arrays instead of COPY, the index at the end, and undo."""
    database, actor = locked_office.open("manager"), locked_office.actor("manager")
    ids = list(range(5_000_000, 5_001_200))
    with write(database, "Many", actor=actor, kind="import", bulk=True) as uow:
        names = [f"Lote {number}" for number in range(len(ids))]
        columns = ("id", "name", "sort_name", "lifecycle", "owner_id", "created_at", "created_by", "custom")
        rows = [
            (
                one,
                name,
                name.lower(),
                "lead",
                actor.user_id,
                uow.now,
                actor.user_id,
                {"list": [1, "a"]} if one % 2 else None,
            )
            for one, name in zip(ids, names, strict=True)
        ]
        uow.insert_family("contact", ids, [("contact", columns, [list(column) for column in zip(*rows, strict=True)])])
    assert (
        locked_office.ask("SELECT count(*) FROM search_text WHERE title LIKE 'Lote %%' AND vector IS NOT NULL") == 1200
    )
    assert locked_office.ask("SELECT custom->'list'->>1 FROM contact WHERE id = 5000001") == "a"
    with database.read() as connection:
        row = history.last_undoable(connection, user_id=actor.user_id)
    assert row is not None
    history.undo(database, row.id, actor)
    assert locked_office.ask("SELECT count(*) FROM contact WHERE id >= 5000000 AND id < 5001200") == 0
    assert locked_office.ask("SELECT count(*) FROM search_text WHERE title LIKE 'Lote %%'") == 0


def test_a_key_of_an_unseen_record_is_told_in_words(locked_office: LockedOffice) -> None:
    with locked_office.root.begin() as connection:
        rights = "INSERT INTO role_right (id, role, entity, action, scope) VALUES (1, 'manager', 'case', 'read', 'own')"
        connection.exec_driver_sql(rights)
    with write(locked_office.root, "Case", actor=Actor(locked_office.people["stranger"], "Stranger")) as uow:
        case = service.create_record(
            uow, "case", {"subject": "Leak", "number": "2026-1", "owner_id": locked_office.people["stranger"]}
        )
    number = locked_office.ask("SELECT number FROM case_file WHERE id = %s", case)
    with pytest.raises(UserError, match="which you may not see"), locked_office.writing("manager") as uow:
        columns = ("id", "subject", "number", "priority", "status", "channel", "created_at", "created_by")
        uow.insert_many("case", columns, [(77, "Drip", number, "normal", "new", "email", uow.now, uow.actor.user_id)])


def test_work_over_all_records_is_for_who_sees_them_all(locked_office: LockedOffice, tmp_path: Path) -> None:
    a_contact(locked_office, "stranger")
    sales = locked_office.open("sales")
    for work in (
        lambda: quality.measure_now(sales),
        lambda: scan(sales, "contact"),
        lambda: make_backup(sales, tmp_path / "part", automatic=True),
    ):
        with pytest.raises(UserError, match="you see only a part"):
            work()
    assert not (tmp_path / "part").exists()
    admin = locked_office.open("admin")
    assert quality.measure_now(admin)["contact"]
    scan(admin, "contact")
    info = make_backup(admin, tmp_path / "whole", progress=Progress())
    assert Path(info.path).exists()
    bad = [one.detail for one in doctor.check(admin, full=True) if not one.ok]
    assert bad == []


def test_only_owners_erase_a_person_for_good(locked_office: LockedOffice) -> None:
    contact = a_contact(locked_office, "sales")
    told: dict[str, Any] = {"reason": "Asked", "asked_by": "Zoraide"}
    for key, sentence in (("admin", "role “Office owner”"), ("manager", "may erase")):
        with pytest.raises(UserError, match=sentence):
            erase_person(locked_office.open(key), "contact", contact, actor=locked_office.actor(key), **told)
    owner = locked_office.open("owner")
    erased = erase_person(owner, "contact", contact, actor=locked_office.actor("owner"), **told)
    assert erased.wiped
    assert locked_office.ask("SELECT count(*) FROM change WHERE record_id = %s", contact) == 0
    assert locked_office.ask("SELECT count(*) FROM contact WHERE id = %s AND name LIKE 'Zoraide%%'", contact) == 0
    with owner.read() as connection:  # the connection is the person's own again
        assert connection.exec_driver_sql("SELECT current_user = session_user").scalar_one()


def test_an_owner_repairs_and_everybody_works_on(locked_office: LockedOffice) -> None:
    contact = a_contact(locked_office, "sales")
    with pytest.raises(UserError, match="Only an owner can do this"):
        doctor.repair(locked_office.open("admin"))
    doctor.repair(locked_office.open("owner"))
    with locked_office.writing("sales") as uow:
        service.update_record(uow, "contact", contact, {"name": "Zulmira Nova"})
    with locked_office.open("sales").read() as connection:
        assert [hit.id for hit in search.find(connection, locked_office.schema, "zulmira")] == [contact]
    assert [one.detail for one in doctor.check(locked_office.open("admin"), full=True) if not one.ok] == []
