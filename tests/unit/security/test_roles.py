"""Roles of the office, their rights, who can see a record, and what somebody who leaves hands over."""

from __future__ import annotations

import pytest

from crm_desktop.core.access import SCOPES
from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history
from crm_desktop.records import service as records
from crm_desktop.security import queries, roles, service, sight
from crm_desktop.security.access import access_of


def rights(database: Database, role: str) -> roles.RoleRights:
    with database.read() as connection:
        return roles.rights_of_role(connection, database.schema, role)


def test_a_right_is_changed_and_goes_back(database: Database) -> None:
    with write(database, "Rights") as uow:
        assert roles.set_right(uow, "sales", "deal", "delete", "none") == {}
    now = rights(database, "sales")
    assert now.scopes["deal", "delete"] == "none" and now.changed("deal", "delete") and not now.changed("deal", "edit")
    with write(database, "Rights") as uow:
        roles.set_right(uow, "sales", "deal", "delete", "own")  # the default again: no row is left
        roles.set_right(uow, "sales", "", "import", "all")
    assert [key for key in rights(database, "sales").defaults if rights(database, "sales").changed(*key)] == [
        ("", "import")
    ]
    with write(database, "Rights") as uow:
        roles.reset_rights(uow, "sales")
    assert not rights(database, "sales").any_changed


def test_nobody_may_change_what_they_cannot_see(database: Database) -> None:
    with write(database, "Rights") as uow:
        assert roles.set_right(uow, "sales", "deal", "edit", "all") == {"read": "all"}
        also = roles.set_right(uow, "sales", "contact", "read", "own")
    assert also == {"edit": "own"}  # delete, export and bulk were no wider
    found = rights(database, "sales").scopes
    reach = SCOPES.index
    for (entity, action), scope in found.items():
        if entity and action in ("edit", "delete", "export", "bulk"):
            assert reach(scope) <= reach(found[entity, "read"]), (entity, action)


def test_owners_and_administrators_stay_as_they_are(database: Database) -> None:
    with pytest.raises(UserError, match="may do everything"), write(database, "Rights") as uow:
        roles.set_right(uow, "admin", "deal", "read", "none")


def test_a_role_of_the_office(database: Database) -> None:
    with write(database, "Role") as uow:
        key = roles.create_role(uow, "Estágio de vendas", copy_of="sales")
        intern = service.create_user(uow, "Ivo Leal", role=key)
    assert key == "estagio_de_vendas"
    assert rights(database, key).scopes["deal", "edit"] == "own" and not rights(database, key).any_changed
    with write(database, "Role") as uow:
        roles.set_right(uow, key, "deal", "delete", "none")
    with database.read() as connection:
        access = access_of(connection, database.schema, intern)
        found = {one.key: one for one in roles.roles(connection)}
    assert access.scope("deal", "edit") == "own" and not access.may("deal", "delete")
    assert found[key].people == 1 and found[key].own and found["owner"].leads
    with pytest.raises(UserError, match="already"), write(database, "Role") as uow:
        roles.create_role(uow, "estagio de Vendas", copy_of="readonly")
    with pytest.raises(UserError, match="Ivo Leal"), write(database, "Role") as uow:
        roles.delete_role(uow, key)
    with write(database, "Role") as uow:
        service.update_user(uow, intern, role="readonly")
        roles.delete_role(uow, key)
    with database.read() as connection:
        assert key not in {one.key for one in roles.roles(connection)}
    assert set(rights(database, key).scopes.values()) == {"none"}


def test_who_can_see_a_record_and_why(database: Database) -> None:
    with write(database, "People") as uow:
        south = service.create_team(uow, "Sul")
        olga = service.create_user(uow, "Olga", role="owner")
        ana = service.create_user(uow, "Ana", team_id=south)
        bea = service.create_user(uow, "Bea", team_id=south)
        zoe = service.create_user(uow, "Zoe")
        rui = service.create_user(uow, "Rui", role="service")
        mia = service.create_user(uow, "Mia", role="marketing")
        gone = service.create_user(uow, "Gil", role="manager")
        service.deactivate_user(uow, gone)
        deal = records.create_record(uow, "deal", {"name": "Padaria", "owner_id": ana})
    with database.read() as connection:
        found = sight.who_can_see(connection, database.schema, "deal", deal)
    by_id = {one.user.id: one for one in found.people}
    assert found.owner_id == ana and found.people[0].user.id == ana and gone not in by_id
    assert {one: by_id[one].reason for one in by_id} == {
        olga: "leads", ana: "owner", bea: "team", zoe: "other", rui: "other", mia: "all",
    }  # fmt: skip
    assert by_id[ana].may >= {"read", "edit", "delete"} and by_id[bea].may == {"read"}
    assert not by_id[zoe].sees and by_id[mia].may == {"read"} and by_id[olga].may == set(sight.ACTIONS)
    for one in by_id.values():  # the same as what the rights themselves say
        with database.read() as connection:
            access = access_of(connection, database.schema, one.user.id)
        assert one.sees == access.covers("deal", "read", ana)


def test_what_a_leaver_hands_over_is_counted_first(database: Database) -> None:
    with write(database, "People") as uow:
        service.create_user(uow, "Olga", role="owner")
        ana, bea = service.create_user(uow, "Ana"), service.create_user(uow, "Bea")
        for name in ("Um", "Dois"):
            records.create_record(uow, "contact", {"name": name, "owner_id": ana})
        records.create_record(uow, "deal", {"name": "Open", "owner_id": ana})
        records.create_record(uow, "deal", {"name": "Won", "status": "won", "owner_id": ana})
    with database.read() as connection:
        counts = service.handover_counts(connection, database.schema, ana)
    assert counts == {"contact": 2, "company": 0, "deal": 1, "case": 0, "activity": 0, "saved_view": 0}
    with write(database, "Disable") as uow:
        assert service.deactivate_user(uow, ana, hand_over_to=bea) == 3
        change_set = uow.change_set_id
    with database.read() as connection:
        assert service.handover_counts(connection, database.schema, bea)["contact"] == 2
    history.undo(database, change_set, Actor(None, ""))
    with database.read() as connection:
        assert service.handover_counts(connection, database.schema, ana) == counts
        assert {one.name for one in queries.active_users(connection)} == {"Olga", "Ana", "Bea"}
