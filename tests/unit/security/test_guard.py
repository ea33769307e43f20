"""What the program refuses to write, on both engines: by action and scope, for child rows, powers and sensitive fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
import sqlalchemy as sa

from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.exporting.export import export_records
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, bulk_edit, history, merging, queries, views
from crm_desktop.records import service as records
from crm_desktop.records.unseen import unseen_emails
from crm_desktop.security import service
from crm_desktop.security.access import access_of


class Office:
    """Bea and Rui in one team, Zoe in none, each with a contact and a deal; ``as_`` signs one of them in."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with write(database, "People") as uow:
            team = service.create_team(uow, "Sul")
            self.boss = service.create_user(uow, "Olga", role="owner")
            self.users = {
                "bea": service.create_user(uow, "Bea", team_id=team),
                "rui": service.create_user(uow, "Rui", team_id=team),
                "zoe": service.create_user(uow, "Zoe"),
            }
        self.contacts, self.deals = dict[str, int](), dict[str, int]()
        for name, identity in self.users.items():
            with write(database, "Records", actor=Actor(identity, name)) as uow:
                values = {"name": f"Contact of {name}", "owner_id": identity, "email": f"{name}@example.org"}
                self.contacts[name] = records.create_record(uow, "contact", values)
                self.deals[name] = records.create_record(uow, "deal", {"name": f"Deal {name}", "owner_id": identity})

    def as_(self, name: str, **rights: str) -> Access:
        """Sign in, with other rights than the role's: ``contact_edit="own"``, or a power ``views="all"``."""
        with self.database.read_all() as connection:
            access = access_of(connection, self.database.schema, self.users[name])
        changed = {
            (name.partition("_")[0], name.partition("_")[2]) if "_" in name else ("", name): scope
            for name, scope in rights.items()
        }
        access = replace(access, scopes=MappingProxyType({**access.scopes, **changed}))
        self.database.access = access
        return access

    @contextmanager
    def writing(self, name: str, kind: str = "edit") -> Iterator[UnitOfWork]:
        with write(self.database, "Try", actor=Actor(self.users[name], name), kind=kind) as uow:
            yield uow


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


SCOPED = {
    "none": {"bea": False, "rui": False, "zoe": False}, "own": {"bea": True, "rui": False, "zoe": False},
    "team": {"bea": True, "rui": True, "zoe": False}, "all": {"bea": True, "rui": True, "zoe": True},
}  # fmt: skip
WRITES: dict[str, Callable[[UnitOfWork, int], object]] = {
    "edit": lambda uow, one: records.update_record(uow, "contact", one, {"job_title": "Buyer"}),
    "delete": lambda uow, one: records.delete_records(uow, "contact", [one]),
}


@pytest.mark.parametrize("scope", SCOPED)
def test_edits_and_deletes_reach_as_far_as_the_scope(office: Office, scope: str) -> None:
    for action, work in WRITES.items():
        for owner, allowed in SCOPED[scope].items():
            office.as_("bea", **{f"contact_{action}": scope, "contact_read": "all"})
            if allowed:
                with pytest.raises(ZeroDivisionError), office.writing("bea") as uow:
                    work(uow, office.contacts[owner])
                    raise ZeroDivisionError  # only tried
                continue
            with pytest.raises(NotAllowed) as caught, office.writing("bea") as uow:
                work(uow, office.contacts[owner])
            assert caught.value.action == action
            if scope != "none":
                assert str(caught.value).startswith(f"“Contact of {owner}” belongs to {owner.title()}; you may")


def test_the_sentence_names_the_owner_and_whom_to_ask(office: Office) -> None:
    office.as_("bea", contact_edit="own")
    with pytest.raises(NotAllowed) as caught, office.writing("bea") as uow:
        uow.update("contact", office.contacts["zoe"], {"job_title": "x"})
    assert str(caught.value) == (
        "“Contact of zoe” belongs to Zoe; you may change only your own contacts. Ask Zoe or an administrator."
    )


def test_many_are_changed_all_or_none(office: Office) -> None:
    office.as_("bea", contact_edit="own", contact_bulk="all")
    ids = list(office.contacts.values())
    with (
        pytest.raises(NotAllowed, match=r"2 of these contacts belong to others \(Rui, Zoe\)"),
        office.writing("bea") as uow,
    ):
        uow.update_where("contact", {"job_title": "x"}, uow.table("contact").c.id.in_(ids))
    with pytest.raises(NotAllowed, match="2 of these"), office.writing("bea") as uow:
        uow.update_many("contact", ["job_title"], [("x", one) for one in ids])
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        rows = queries.fetch_rows(office.database, connection, "contact", ids, ["job_title"])
        assert all(row.values["job_title"] is None for row in rows)


def test_records_are_made_and_handed_over_within_the_scope(office: Office) -> None:
    office.as_("bea", contact_create="own")
    with office.writing("bea") as uow:
        records.create_record(uow, "contact", {"name": "Mine", "owner_id": office.users["bea"], "email": "m@x.org"})
        records.create_record(uow, "contact", {"name": "Nobody's"})
    with pytest.raises(NotAllowed, match="not to Zoe"), office.writing("bea") as uow:
        records.create_record(uow, "contact", {"name": "Hers", "owner_id": office.users["zoe"]})
    with office.writing("bea") as uow:  # handing over is part of editing
        records.update_record(uow, "contact", office.contacts["bea"], {"owner_id": office.users["rui"]})
    office.as_("bea", contact_create="none")
    with pytest.raises(NotAllowed, match="may not add contacts"), office.writing("bea") as uow:
        records.create_record(uow, "contact", {"name": "None"})


def test_what_hangs_on_a_record_follows_it(office: Office) -> None:
    office.as_("bea", contact_edit="own")
    mine, hers = office.contacts["bea"], office.contacts["zoe"]
    with office.writing("bea") as uow:
        records.update_record(uow, "contact", mine, {"email": "new@example.org"})
        attach_service.tag_records(uow, "contact", [mine], "vip")
    for work in (
        lambda uow: uow.insert("address", {"owner_id": hers, "label": "work", "is_primary": True, "city": "Natal"}),
        lambda uow: uow.delete_where("contact_point", uow.table("contact_point").c.owner_id == hers),
        lambda uow: attach_service.tag_records(uow, "contact", [hers], "vip"),
        lambda uow: uow.update_where("address", {"owner_id": hers}, uow.table("address").c.owner_id == mine),
    ):
        with pytest.raises(NotAllowed, match="belongs to Zoe"), office.writing("bea") as uow:
            uow.insert("address", {"owner_id": mine, "label": "work", "is_primary": True, "city": "Natal"})
            work(uow)
    with office.writing("bea") as uow:  # words are for everybody who reads
        attach_service.add_note(uow, "contact", hers, "Called her")


def test_notes_belong_to_who_wrote_them(office: Office) -> None:
    with office.writing("zoe") as uow:
        note = attach_service.add_note(uow, "contact", office.contacts["bea"], "By Zoe")
    office.as_("bea")
    with pytest.raises(NotAllowed, match="was written by Zoe"), office.writing("bea") as uow:
        attach_service.update_note(uow, note, body="By Bea")
    with pytest.raises(NotAllowed, match="was written by Zoe"), office.writing("bea") as uow:
        attach_service.delete_note(uow, note)
    with office.writing("bea") as uow:  # who may edit the record arranges what hangs on it
        attach_service.update_note(uow, note, pinned=True)
    with office.writing("bea") as uow:  # what hangs on a deleted record goes with it
        records.delete_records(uow, "contact", [office.contacts["bea"]])


def test_nothing_is_added_to_what_one_does_not_see(office: Office) -> None:
    office.as_("bea", deal_read="own", deal_edit="all")
    with pytest.raises(NotAllowed, match="may not see this record"), office.writing("bea") as uow:
        attach_service.add_note(uow, "deal", office.deals["zoe"], "Hm")
    with pytest.raises(NotAllowed, match="may not see this record"), office.writing("bea") as uow:
        uow.update("deal", office.deals["zoe"], {"name": "Mine now"})


def test_powers(office: Office) -> None:
    office.as_("bea")
    for name, values in (
        ("office_setting", {"key": "x", "value": 1}), ("team", {"name": "Norte"}),
        ("role_right", {"role": "sales", "entity": "deal", "action": "read", "scope": "all"}),
        ("custom_field", {"entity": "contact", "key": "k", "label": "K", "kind": "text"}),
        ("import_batch", {"file_name": "a.csv", "entity": "contact", "state": "done"}),
        ("erasure", {"entity": "contact", "record_id": 1, "reason": "r", "asked_by": "a"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed, match=r"may not|Only the owner"), office.writing("bea") as uow:
            uow.insert(name, values)
    with pytest.raises(NotAllowed, match="manage people"), office.writing("bea") as uow:
        uow.update("user", office.users["bea"], {"role": "owner"})
    office.as_("bea", settings="all")
    with office.writing("bea") as uow:
        uow.insert("office_setting", {"key": "x", "value": 1})


def test_shared_views_of_others(office: Office) -> None:
    with office.writing("zoe") as uow:
        view = views.create_view(uow, {"entity": "contact", "name": "Hot", "scope": "everyone"})
    office.as_("bea")
    with pytest.raises(NotAllowed, match="belongs to Zoe"), office.writing("bea") as uow:
        uow.update("saved_view", view, {"name": "Cold"})
    office.as_("bea", views="all")
    with office.writing("bea") as uow:
        uow.update("saved_view", view, {"name": "Cold"})


def test_sensitive_fields_are_not_written(office: Office) -> None:
    office.as_("bea", contact_edit="all")
    mine = office.contacts["bea"]
    for work in (
        lambda uow: uow.update("contact", mine, {"tax_id": "1"}),
        lambda uow: uow.insert("identifier", {"owner_id": mine, "kind": "other", "value": "1"}),
        lambda uow: uow.delete_where("identifier", uow.table("identifier").c.owner_id == mine),
    ):
        with pytest.raises(NotAllowed, match="sensitive"), office.writing("bea") as uow:
            work(uow)


def test_bulk_is_more_than_one(office: Office) -> None:
    ids = list(office.contacts.values())
    office.as_("bea", contact_edit="all", contact_delete="all", contact_bulk="none")
    for work in (
        lambda uow: bulk_edit.update_records(uow, "contact", ids, {"job_title": "x"}),
        lambda uow: records.delete_records(uow, "contact", ids),
        lambda uow: attach_service.tag_records(uow, "contact", ids, "vip"),
    ):
        with pytest.raises(NotAllowed, match="many contacts at once"), office.writing("bea") as uow:
            work(uow)
    with office.writing("bea") as uow:
        assert bulk_edit.update_records(uow, "contact", ids[:1], {"job_title": "x"}) == 1
    office.as_("bea", contact_edit="all", contact_bulk="own")
    with pytest.raises(NotAllowed, match="2 of these contacts"), office.writing("bea") as uow:
        bulk_edit.update_records(uow, "contact", ids, {"job_title": "y"})


def test_undo_needs_the_rights_for_what_it_does(office: Office) -> None:
    with office.writing("zoe") as uow:
        records.update_record(uow, "contact", office.contacts["zoe"], {"job_title": "Buyer"})
        by_zoe = uow.change_set_id
    me = Actor(office.users["bea"], "Bea")
    office.as_("bea", contact_edit="all")
    with pytest.raises(NotAllowed, match="undo what others changed"):
        history.undo(office.database, by_zoe, me)
    office.as_("bea", contact_edit="own", history="all")
    with pytest.raises(NotAllowed, match="belongs to Zoe"):
        history.undo(office.database, by_zoe, me)
    office.as_("bea", contact_edit="all", history="all")
    history.undo(office.database, by_zoe, me)
    office.as_("bea", contact_delete="own")  # one's own deletion comes back, with all that hung on it
    with office.writing("bea") as uow:
        records.delete_records(uow, "contact", [office.contacts["bea"]])
        gone = uow.change_set_id
    history.undo(office.database, gone, me)
    with office.database.read() as connection:
        record = queries.get_record(office.database, connection, "contact", office.contacts["bea"])
    assert record.values["email"] == "bea@example.org"


def test_a_merge_takes_along_what_others_own_and_comes_apart_again(office: Office) -> None:
    with office.writing("zoe") as uow:
        attach_service.add_note(uow, "contact", office.contacts["rui"], "By Zoe")
        records.update_record(uow, "deal", office.deals["zoe"], {"contact_id": office.contacts["rui"]})
    me = Actor(office.users["bea"], "Bea")
    office.as_("bea", contact_edit="team", contact_delete="own")
    with pytest.raises(NotAllowed, match="belongs to Rui; you may delete only your own"):
        merging.merge(office.database, me, "contact", office.contacts["bea"], [office.contacts["rui"]])
    office.as_("bea", contact_edit="team", contact_delete="team")
    merging.merge(office.database, me, "contact", office.contacts["bea"], [office.contacts["rui"]])
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        moved = queries.get_record(office.database, connection, "deal", office.deals["zoe"]).values["contact_id"]
        last = history.last_undoable(connection, user_id=me.user_id)
    assert moved.id == office.contacts["bea"] and last is not None
    office.as_("bea", contact_edit="team", contact_delete="team")
    history.undo(office.database, last.id, me)
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        back = queries.get_record(office.database, connection, "deal", office.deals["zoe"]).values["contact_id"]
        assert back.id == office.contacts["rui"] and len(attach_service.notes_of(connection, back.id)) == 1


def test_a_form_without_the_hidden_rows_does_not_remove_them(office: Office) -> None:
    mine = office.contacts["bea"]
    with write(office.database, "Number") as uow:
        uow.insert("identifier", {"owner_id": mine, "kind": "other", "value": "1"})
    office.as_("bea")
    with office.writing("bea") as uow:
        records.update_record(uow, "contact", mine, {"job_title": "x"}, children={"identifiers": []})
    with office.database.read() as connection:
        assert queries.get_record(office.database, connection, "contact", mine).children["identifiers"] == []
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        assert len(queries.get_record(office.database, connection, "contact", mine).children["identifiers"]) == 1


def test_an_import_needs_its_power(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name;Job title\nAna Lima;Buyer\n", encoding="utf-8")
    plan = guess_plan(office.database, file).plan
    me = Actor(office.users["bea"], "Bea")
    office.as_("bea")
    with pytest.raises(NotAllowed, match="may not import"):
        run_import(office.database, file, plan, me)
    office.as_("bea", **{"import": "all"})
    assert run_import(office.database, file, plan, me).created == 1
    file.write_text("Name;Job title\nRui Prado;Buyer\n", encoding="utf-8")
    office.as_("bea", **{"import": "all", "contact_create": "none"})
    done = run_import(office.database, file, plan, me)
    assert (done.created, done.rejected_count) == (0, 1)


def test_an_import_rejects_the_rows_that_are_not_allowed_and_takes_the_others(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = ("Name;E-mail;Job title", "Contact of bea;bea@example.org;Buyer", "Contact of rui;rui@example.org;Buyer",
            "Contact of zoe;ZOE@example.org;Buyer", "Ida Blum;ida@example.org;Buyer")  # fmt: skip
    file.write_text("\n".join(rows), encoding="utf-8")
    plan = guess_plan(office.database, file).plan
    plan = plan.with_(keys=("email",))
    office.as_("bea", contact_read="team", contact_edit="own", **{"import": "all"})
    done = run_import(office.database, file, plan, Actor(office.users["bea"], "Bea"))
    assert (done.created, done.updated, done.rejected_count) == (1, 1, 2)
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        titles = {
            name: queries.get_record(office.database, connection, "contact", identity).values["job_title"]
            for name, identity in office.contacts.items()
        }
    assert titles == {"bea": "Buyer", "rui": None, "zoe": None}


def test_the_email_of_a_customer_whom_one_does_not_see_is_told_without_names(office: Office) -> None:
    office.as_("bea", contact_read="own")
    with office.database.read_all() as connection:
        found = unseen_emails(office.database, connection, ["bea@example.org", "zoe@example.org", "new@example.org"])
    assert found == {"zoe@example.org"}


def test_what_one_made_oneself_one_takes_back(office: Office) -> None:
    """Without the right to delete; not where a colleague went on with it."""
    me = Actor(office.users["bea"], "Bea")
    office.as_("bea", contact_delete="none", deal_delete="none")
    made = []
    for name in ("Ida Blum", "Rui Prado"):
        with office.writing("bea") as uow:
            made.append(
                (records.create_record(uow, "contact", {"name": name, "email": "x@example.org"}), uow.change_set_id)
            )
    with pytest.raises(NotAllowed), office.writing("bea") as uow:
        records.delete_records(uow, "contact", [made[0][0]])
    office.database.access = EVERYTHING
    with office.writing("zoe") as uow:
        records.update_record(uow, "contact", made[1][0], {"job_title": "Buyer"})
    office.as_("bea", contact_delete="none")
    history.undo(office.database, made[0][1], me)
    with pytest.raises(NotAllowed):
        history.undo(office.database, made[1][1], me, choice="all")
    office.database.access = EVERYTHING
    with office.database.read() as connection:
        left = set(queries.find_ids(office.database, connection, "contact"))
    assert made[0][0] not in left and made[1][0] in left


def test_a_series_leaves_the_appointments_of_colleagues_where_they_are(office: Office) -> None:
    start = datetime(2026, 3, 2, 9)
    given = {"kind": "meeting", "zone": "Europe/Lisbon", "starts": start, "ends": start + timedelta(hours=1)}
    with office.writing("bea") as uow:
        mine = given | {"subject": "Weekly", "rrule": "FREQ=WEEKLY", "owner_id": office.users["bea"]}
        series = records.create_record(uow, "activity", mine)
        own = {
            name: uow.insert("activity", given | {"subject": name, "series_id": series, "status": "planned",
                "all_day": False, "recurrence_id": start, "owner_id": office.users[name]}) for name in ("bea", "zoe")
        }  # fmt: skip
    office.as_("bea", activity_delete="own", activity_edit="own")
    with office.writing("bea") as uow:
        records.delete_records(uow, "activity", [series])
    table = sa.table("activity", sa.column("id"), sa.column("series_id"))
    rows = sa.select(table.c.id, table.c.series_id).order_by(table.c.id)
    with office.database.read_all() as connection:
        assert connection.execute(rows).all() == [(own["zoe"], None)]
    history.undo(office.database, uow.change_set_id, Actor(office.users["bea"], "Bea"))
    with office.database.read_all() as connection:
        assert connection.execute(rows).all() == [(series, None), (own["bea"], series), (own["zoe"], series)]


def test_exports_hold_what_the_right_covers_and_say_what_not(office: Office, tmp_path: Path) -> None:
    office.as_("bea", contact_read="all", contact_export="own")
    done = export_records(office.database, "contact", tmp_path / "c.json")
    assert (done.records, done.left_out) == (1, 2)
    assert "Contact of bea" in (tmp_path / "c.json").read_text() and "zoe" not in (tmp_path / "c.json").read_text()
    office.as_("bea", contact_export="none")
    with pytest.raises(NotAllowed, match="may not export contacts"):
        export_records(office.database, "contact", tmp_path / "d.json")
    assert not (tmp_path / "d.json").exists()


def test_backups_are_whole_whoever_is_signed_in(office: Office, tmp_path: Path) -> None:
    office.as_("bea", contact_read="own")
    with pytest.raises(NotAllowed, match="may not make or restore backups"):
        make_backup(office.database, tmp_path)
    info = make_backup(office.database, tmp_path, automatic=True, prove=False)
    with browse_backup(info.path, office.database.schema) as copy, copy.read() as connection:
        assert queries.count(copy, connection, "contact") == 3
