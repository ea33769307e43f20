"""Users and teams."""

from __future__ import annotations

import pytest

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries as records
from crm_desktop.records import service as record_service
from crm_desktop.security import queries, service


def test_the_first_user_owns_the_office(database: Database) -> None:
    with write(database, N_("First user")) as uow:
        first = service.ensure_first_user(uow, "Helena Prates")
        assert service.ensure_first_user(uow, "Somebody Else") == first
    with database.read() as connection:
        [helena] = queries.active_users(connection)
    assert (helena.name, helena.login, helena.role) == ("Helena Prates", "helena.prates", "owner")


def test_logins_are_made_and_never_shared(database: Database) -> None:
    with write(database, N_("New user")) as uow:
        service.create_user(uow, "João da Silva")
        service.create_user(uow, "Joao Silva", role="service")
        with pytest.raises(FieldError, match="Somebody else signs in"):
            service.create_user(uow, "Another", login="Joao.Silva")
    with database.read() as connection:
        assert [one.login for one in queries.users(connection)] == ["joao.silva", "joao.silva2"]


def test_somebody_must_stay_in_charge(database: Database) -> None:
    with write(database, N_("Users")) as uow:
        owner = service.ensure_first_user(uow, "Helena")
    with pytest.raises(UserError, match="Somebody must stay"), write(database, N_("Edit user")) as uow:
        service.update_user(uow, owner, role="sales")
    with pytest.raises(UserError, match="Somebody must stay"), write(database, N_("Edit user")) as uow:
        service.deactivate_user(uow, owner)
    with write(database, N_("Edit user")) as uow:
        service.update_user(uow, owner, job_title="Director")
        service.create_user(uow, "Caio", role="admin")
        service.update_user(uow, owner, role="sales")


def test_work_is_handed_over(database: Database) -> None:
    with write(database, N_("Users")) as uow:
        owner = service.ensure_first_user(uow, "Helena")
        caio = service.create_user(uow, "Caio")
        contact = record_service.create_record(uow, "contact", {"name": "Marina", "owner_id": caio})
        won = record_service.create_record(uow, "deal", {"name": "Won", "status": "won", "owner_id": caio})
        deal = record_service.create_record(uow, "deal", {"name": "Open", "owner_id": caio})
    with write(database, N_("Deactivate user")) as uow:
        assert service.deactivate_user(uow, caio, hand_over_to=owner) == 2
    with database.read() as connection:
        owners = {
            one: str(records.get_record(database, connection, entity, one).values["owner_id"])
            for entity, one in (("contact", contact), ("deal", won), ("deal", deal))
        }
        assert owners == {contact: "Helena", won: "Caio", deal: "Helena"}
        assert [one.name for one in queries.active_users(connection)] == ["Helena"]
        assert [one.name for one in queries.users(connection)] == ["Helena", "Caio"]


def test_teams_have_members(database: Database) -> None:
    with write(database, N_("Teams")) as uow:
        a, b, c = (service.create_user(uow, name) for name in ("Ana", "Bia", "Cai"))
        team = service.create_team(uow, "Service")
        service.set_members(uow, team, [a, b])
    with write(database, N_("Teams")) as uow:
        service.set_members(uow, team, [b, c])
        service.update_team(uow, team, name="Support")
    with database.read() as connection:
        [row] = queries.teams(connection)
        members = {one.name for one in queries.users(connection) if one.team_id == team}
    assert (row.name, row.members, members) == ("Support", 2, {"Bia", "Cai"})
    with write(database, N_("Teams")) as uow:
        service.delete_team(uow, team)
    with database.read() as connection:
        assert [one.team_id for one in queries.users(connection)] == [None, None, None]
