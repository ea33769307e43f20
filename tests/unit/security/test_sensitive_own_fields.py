"""Own fields of the office that are sensitive: seen, found, told and written by who may, on files and on servers."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, field_service, history, merging, queries, service
from crm_desktop.security import service as people_service
from crm_desktop.security.access import access_of
from crm_desktop.security.postgres.state import lock_state
from tests.helpers.locked import LockedOffice

BLIND = ("sales", "service", "marketing", "readonly")
SEEING = ("owner", "admin", "manager")


def office_fields(uow: object) -> dict[str, int]:
    """A sensitive and a plain own field of contacts, and a contact with both."""
    custom.create_custom_field(uow, "contact", "Salary", Kind.TEXT, sensitive=True)  # type: ignore[arg-type]
    custom.create_custom_field(uow, "contact", "Hobby", Kind.TEXT)  # type: ignore[arg-type]
    return {}


@pytest.fixture
def contact(locked_office: LockedOffice) -> int:
    with write(locked_office.root, "Fields", actor=locked_office.actor("owner")) as uow:
        office_fields(uow)
    with write(locked_office.root, "Records", actor=locked_office.actor("owner")) as uow:
        given = {"name": "Ida Blum", "owner_id": locked_office.people["sales"]}
        return service.create_record(uow, "contact", given | {"custom.salary": "9900", "custom.hobby": "chess"})


def stored(office: LockedOffice, identity: int) -> object:
    return office.ask("SELECT custom FROM contact WHERE id = %s", identity)


@pytest.mark.parametrize("key", BLIND)
def test_who_may_not_see_them_has_no_way_to_them(locked_office: LockedOffice, contact: int, key: str) -> None:
    office = locked_office
    for statement in (
        "SELECT custom FROM contact", "SELECT * FROM contact", "SELECT c FROM contact c", "SELECT custom->>'salary' FROM contact",
        "SELECT 1 FROM contact WHERE custom->>'salary' LIKE '9%%'", "UPDATE contact SET last_name = custom::text",
        "UPDATE contact SET last_name = last_name RETURNING custom", "SELECT count(custom) FROM contact",
    ):  # fmt: skip
        office.refused(key, statement)
    assert office.asked(key, "SELECT crm_own_fields('contact', id) FROM contact") == [({"hobby": "chess"},)]
    assert "9900" not in str(office.asked(key, "SELECT data FROM change_seen"))
    database = office.open(key)
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", contact)
        assert record.values["custom.hobby"] == "chess" and "custom.salary" not in record.values
        hobby = where("custom.hobby", "eq", "chess")
        assert list(queries.find_ids(database, connection, "contact", filter=hobby)) == [contact]
        with pytest.raises(UserError):
            queries.find_ids(database, connection, "contact", filter=where("custom.salary", "eq", "9900"))
        names = {one.name for one in custom.fields_of(database, "contact")}
        assert "custom.hobby" in names and "custom.salary" not in names
        assert [one.name for one in custom.custom_fields(database, "contact")] == ["custom.hobby"]


@pytest.mark.parametrize("key", SEEING)
def test_who_may_sees_them(locked_office: LockedOffice, contact: int, key: str) -> None:
    office = locked_office
    assert office.asked(key, "SELECT custom->>'salary' FROM contact") == [("9900",)]
    database = office.open(key)
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", contact).values["custom.salary"] == "9900"


def test_what_others_write_leaves_them_as_they_are(locked_office: LockedOffice, contact: int) -> None:
    office = locked_office
    office.asked("sales", 'UPDATE contact SET custom = \'{"salary": "1", "hobby": "golf"}\' WHERE id = %s', contact)
    assert stored(office, contact) == {"salary": "9900", "hobby": "golf"}
    office.asked("sales", "UPDATE contact SET custom = NULL WHERE id = %s", contact)
    assert stored(office, contact) == {"salary": "9900"}
    with office.writing("sales") as uow:
        service.update_record(uow, "contact", contact, {"custom.hobby": "music"})
    assert stored(office, contact) == {"salary": "9900", "hobby": "music"}
    history.undo(office.open("sales"), uow.change_set_id, actor=office.actor("sales"))
    assert stored(office, contact) == {"salary": "9900"}
    new = "INSERT INTO contact (id, name, lifecycle, language, custom, created_at) VALUES (5, 'x', 'lead', 'en', %s, now())"
    office.asked("sales", new, '{"salary": "1", "hobby": "x"}')
    assert stored(office, 5) == {"hobby": "x"}
    with office.writing("manager") as uow:
        service.update_record(uow, "contact", contact, {"custom.salary": "7700"})
    assert "7700" not in str(office.asked("sales", "SELECT data FROM change_seen"))
    assert "7700" in str(office.asked("manager", "SELECT data FROM change_seen"))


def test_they_come_back_with_a_record_and_go_along_with_a_merge(locked_office: LockedOffice, contact: int) -> None:
    office = locked_office
    with office.writing("sales") as uow:
        service.delete_records(uow, "contact", [contact])
    assert "9900" not in str(office.asked("sales", "SELECT data FROM change_seen"))
    history.undo(office.open("sales"), uow.change_set_id, actor=office.actor("sales"))
    assert stored(office, contact) == {"salary": "9900", "hobby": "chess"}
    with office.writing("sales") as uow:
        other = service.create_record(uow, "contact", {"name": "Ida Blume", "owner_id": office.people["sales"]})
    merging.merge(office.open("sales"), office.actor("sales"), "contact", other, [contact])
    assert stored(office, other) == {"salary": "9900", "hobby": "chess"}
    assert "9900" not in str(office.asked("sales", "SELECT loser_values FROM merge_log"))


def test_of_several_that_are_merged_each_gives_what_the_others_have_not(
    locked_office: LockedOffice, contact: int
) -> None:
    office = locked_office
    with write(office.root, "More", actor=office.actor("owner")) as uow:
        custom.create_custom_field(uow, "contact", "Bonus", Kind.TEXT, sensitive=True)
    mine = {"owner_id": office.people["sales"]}
    with write(office.root, "Records", actor=office.actor("owner")) as uow:
        second = service.create_record(
            uow, "contact", {"name": "Ida B.", "custom.salary": "1", "custom.bonus": "500"} | mine
        )
        winner = service.create_record(uow, "contact", {"name": "Ida Blume"} | mine)
    merging.merge(office.open("sales"), office.actor("sales"), "contact", winner, [contact, second])
    assert stored(office, winner) == {"salary": "9900", "bonus": "500", "hobby": "chess"}


def test_the_switch_counts_at_once(locked_office: LockedOffice, contact: int) -> None:
    office = locked_office
    with office.writing("admin") as uow:
        field_service.update_custom_field(uow, "contact", "custom.salary", {"sensitive": False})
    assert office.asked("sales", "SELECT custom->>'salary' FROM contact") == [("9900",)]
    database = office.open("sales")
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", contact).values["custom.salary"] == "9900"
    with office.writing("admin") as uow:
        field_service.update_custom_field(uow, "contact", "custom.salary", {"sensitive": True})
    office.refused("sales", "SELECT custom FROM contact")
    database.forget()  # as the feed does when fields change
    with database.read() as connection:
        assert "custom.salary" not in queries.get_record(database, connection, "contact", contact).values
    with office.root.read() as connection:
        assert lock_state(connection, office.schema).state == "locked"


def test_files_and_servers_with_one_login_hide_them_too(database: Database) -> None:
    with write(database, "People") as uow:
        people_service.create_user(uow, "Olga", role="owner")
        me = people_service.create_user(uow, "Bea", role="sales")
        office_fields(uow)
    actor = Actor(me, "Bea")
    with write(database, "Records") as uow:
        one = service.create_record(
            uow, "contact", {"name": "Ida", "custom.salary": "9900", "custom.hobby": "chess", "owner_id": me}
        )
        gone = service.create_record(uow, "contact", {"name": "Rui", "custom.salary": "8800", "owner_id": me})
    with write(database, "Edit") as uow:
        service.update_record(uow, "contact", one, {"custom.salary": "7700"})
        service.delete_records(uow, "contact", [gone])
    with database.read_all() as connection:
        access = access_of(connection, database.schema, me)
    database.access = access
    table, change = database.schema.table("contact"), sa.table("change", sa.column("data"))
    with database.read() as connection:
        assert connection.execute(sa.select(table.c.custom)).scalars().all() == [{"hobby": "chess"}]
        told = str(connection.execute(sa.select(change.c.data)).all())
        assert not any(one in told for one in ("9900", "8800", "7700"))
        assert "custom.salary" not in queries.get_record(database, connection, "contact", one).values
    with write(database, "Hobby", actor=actor) as uow:
        service.update_record(uow, "contact", one, {"custom.hobby": "golf"})
    database.access = replace(access, scopes=MappingProxyType({**access.scopes, ("contact", "sensitive"): "all"}))
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", one)
        assert (record.values["custom.salary"], record.values["custom.hobby"]) == ("7700", "golf")
