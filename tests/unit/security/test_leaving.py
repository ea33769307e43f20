"""Who leaves hands over everything in one step; owners stay a matter of owners, and somebody stays in charge."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError, ValidationFailed
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import files_service, history, views
from crm_desktop.records import service as records
from crm_desktop.security import service
from crm_desktop.security.access import access_of


def user(database: Database, name: str, role: str) -> int:
    with write(database, "New user") as uow:
        return service.create_user(uow, name, role=role)


def sign_in(database: Database, user_id: int) -> Actor:
    with database.read_all() as connection:
        database.access = access_of(connection, database.schema, user_id)
    return Actor(user_id, "")


def test_leaving_is_one_step_that_undo_takes_back(database: Database) -> None:
    owner, ana, bea = (
        user(database, name, role) for name, role in (("Olga", "owner"), ("Ana", "sales"), ("Bea", "sales"))
    )
    with write(database, "Work", actor=Actor(ana, "Ana")) as uow:
        contact = records.create_record(uow, "contact", {"name": "Marina", "owner_id": ana})
        series = uow.insert("activity", {"subject": "Weekly", "kind": "meeting", "status": "done", "owner_id": ana,
                                         "rrule": "FREQ=WEEKLY"})  # fmt: skip
        uow.insert("activity", {"subject": "Past", "kind": "task", "status": "done", "owner_id": ana})
        shared = views.create_view(uow, {"entity": "contact", "name": "Hot", "scope": "everyone"})
        private = views.create_view(uow, {"entity": "contact", "name": "Mine", "scope": "private"})
        file = files_service.attach_bytes(uow, "contact", contact, "offer.txt", b"offer")
        files_service.check_out(uow, file)
        uow.insert("notification", {"user_id": ana, "kind": "assigned", "at": clock.now()})
    me = sign_in(database, owner)
    with database.read() as connection:
        counts = service.handover_counts(connection, database.schema, ana)
    assert counts == {"contact": 1, "company": 0, "deal": 0, "case": 0, "activity": 1, "saved_view": 1}
    with write(database, "Leave", actor=me) as uow:
        assert service.deactivate_user(uow, ana, hand_over_to=bea) == 3
        done = uow.change_set_id

    def state() -> tuple[list[int], object, int]:
        tables = Base.metadata.tables
        with database.read_all() as connection:
            owners = [
                connection.execute(sa.select(tables[name].c.owner_id).where(tables[name].c.id == one)).scalar_one()
                for name, one in (
                    ("contact", contact),
                    ("activity", series),
                    ("saved_view", shared),
                    ("saved_view", private),
                )
            ]
            held = connection.execute(sa.select(tables["attachment"].c.checked_out_by)).scalar()
            mine = tables["notification"].c.user_id == ana
            notices = connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()
        return owners, held, notices

    assert state() == ([bea, bea, bea, ana], None, 0)
    history.undo(database, done, me)
    assert state()[:2] == ([ana, ana, ana, ana], ana)


def test_nothing_goes_to_who_does_not_work_here(database: Database) -> None:
    user(database, "Olga", "owner")
    ana, gone = user(database, "Ana", "sales"), user(database, "Gil", "sales")
    with write(database, "Leave") as uow:
        service.deactivate_user(uow, gone)
    for nobody in (gone, ana, 4711):
        with pytest.raises(UserError, match="somebody who works here"), write(database, "Leave") as uow:
            service.deactivate_user(uow, ana, hand_over_to=nobody)


def test_who_manages_users_hands_over_what_belongs_to_others(database: Database) -> None:
    user(database, "Olga", "owner")
    chief, ana, bea = (user(database, name, "sales") for name in ("Chief", "Ana", "Bea"))
    with write(database, "Work") as uow:
        contact = records.create_record(uow, "contact", {"name": "Marina", "owner_id": ana})
    me = sign_in(database, chief)
    with pytest.raises(NotAllowed, match="manage people"), write(database, "Leave", actor=me) as uow:
        service.deactivate_user(uow, ana, hand_over_to=bea)
    database.access = replace(database.access, scopes={**database.access.scopes, ("", "users"): "all"})
    with write(database, "Leave", actor=me) as uow:
        assert service.deactivate_user(uow, ana, hand_over_to=bea) == 1
    with database.read() as connection:
        table = Base.metadata.tables["contact"]
        assert connection.execute(sa.select(table.c.owner_id).where(table.c.id == contact)).scalar() == bea


def test_only_owners_make_owners(database: Database) -> None:
    owner, admin = user(database, "Olga", "owner"), user(database, "Adam", "admin")
    ana = user(database, "Ana", "sales")
    me = sign_in(database, admin)
    for values in (
        {"user_id": ana, "role": "owner"},
        {"user_id": owner, "role": "sales"},
        {"user_id": owner, "active": False},
    ):
        with pytest.raises(NotAllowed, match="Only an owner"), write(database, "Edit", actor=me) as uow:
            service.update_user(uow, **values)
    with pytest.raises(NotAllowed, match="Only an owner"), write(database, "Edit", actor=me) as uow:
        uow.update_where("user", {"role": "owner"}, uow.table("user").c.id == ana)
    with write(database, "Edit", actor=me) as uow:
        service.update_user(uow, ana, role="admin")
        service.update_user(uow, owner, job_title="Founder")
    me = sign_in(database, owner)
    with write(database, "Edit", actor=me) as uow:
        service.update_user(uow, ana, role="owner")


def test_nobody_climbs_over_administrators(database: Database) -> None:
    user(database, "Olga", "owner")
    admin, ana = user(database, "Adam", "admin"), user(database, "Ana", "sales")
    me = sign_in(database, ana)
    database.access = replace(database.access, scopes={**database.access.scopes, ("", "users"): "all"})
    for values in ({"user_id": ana, "role": "admin"}, {"user_id": admin, "login": "me"}):
        with pytest.raises(NotAllowed, match="Only owners and administrators"), write(database, "Up", actor=me) as uow:
            service.update_user(uow, **values)


def test_undo_leaves_somebody_in_charge(database: Database) -> None:
    olga = user(database, "Olga", "owner")
    ana = user(database, "Ana", "sales")
    with write(database, "Promote") as uow:
        service.update_user(uow, ana, role="owner")
        promoted = uow.change_set_id
    with write(database, "Leave") as uow:
        service.deactivate_user(uow, olga)
    with pytest.raises(UserError, match="Somebody must stay"):
        history.undo(database, promoted, Actor())


def test_a_role_must_exist(database: Database) -> None:
    ana = user(database, "Ana", "sales")
    with pytest.raises(ValidationFailed, match="There is no role"), write(database, "Edit") as uow:
        service.create_user(uow, "Leo", role="wizard")
    with write(database, "Own role") as uow:
        uow.insert("role", {"key": "wizard", "name": "Wizard"})
        service.update_user(uow, ana, role="wizard")
