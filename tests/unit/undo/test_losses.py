"""Who leads the office is told when a large share of a record type is gone at once."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.access import EVERYTHING
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import deleted, history, service
from crm_desktop.records.losses import note_outside_losses
from crm_desktop.records.notice_list import Notice, notices
from crm_desktop.security import roles
from crm_desktop.security import service as people
from crm_desktop.security.access import access_of
from tests.helpers.locked import LockedOffice


def told(database: Database, user: int) -> list[Notice]:
    with database.read() as connection:
        return [one for one in notices(database, connection, user) if one.kind == "vanished"]


def test_a_mass_deletion_is_told_to_the_others_who_lead_and_taken_back_with_undo(database: Database) -> None:
    with write(database, "People") as uow:
        owner = people.create_user(uow, "Olga", role="owner")
        admin = people.create_user(uow, "Adam", role="admin")
        seller = people.create_user(uow, "Selma", role="sales")
        ids = [service.create_record(uow, "contact", {"name": f"Contact {n}"}) for n in range(60)]
    adam, selma = Actor(admin, "Adam"), Actor(seller, "Selma")
    with write(database, "Few", actor=selma) as uow:
        service.delete_records(uow, "contact", ids[:10])
    assert not told(database, owner)
    with write(database, "Many", actor=selma) as uow:
        service.delete_records(uow, "contact", ids[10:40])
        many = uow.change_set_id
    for one in (owner, admin):
        [notice] = told(database, one)
        assert (notice.entity, notice.count, notice.title, notice.by) == ("contact", 30, "60", "Selma")
        assert notice.change_set_id == many
    assert not told(database, seller)
    history.undo(database, many, adam)
    assert not told(database, owner) and not told(database, admin)
    with write(database, "An owner's own", actor=Actor(owner, "Olga")) as uow:
        service.delete_records(uow, "contact", ids[10:40])
    assert not told(database, owner) and len(told(database, admin)) == 1


def test_what_something_outside_the_program_deletes_is_told_once_and_comes_back(database: Database) -> None:
    with write(database, "People") as uow:
        owner = people.create_user(uow, "Olga", role="owner")
        seller = people.create_user(uow, "Selma", role="sales")
        ids = [service.create_record(uow, "contact", {"name": f"Contact {n}"}) for n in range(60)]
    assert note_outside_losses(database, owner) == 0

    def remove(first: int, last: int) -> None:
        with database.engine.begin() as connection:
            for one in ids[first:last]:
                connection.exec_driver_sql(f"DELETE FROM contact WHERE id = {one}")

    remove(0, 10)
    assert note_outside_losses(database, owner) == 0
    remove(10, 40)
    assert note_outside_losses(database, owner) == 1
    assert note_outside_losses(database, owner) == 0
    [notice] = told(database, owner)
    assert (notice.entity, notice.count, notice.title, notice.by, notice.change_set_id) == (
        "contact",
        40,
        "67",
        "",
        None,
    )
    with database.read() as connection:
        gone = deleted.list_deleted(database, connection)
        database.access = access_of(connection, database.schema, seller)
    assert len(gone) == 40 and note_outside_losses(database, seller) == 0
    database.access = EVERYTHING
    assert deleted.restore_deleted(database, Actor(owner, "Olga"), gone) == 40


def test_a_locked_server_tells_too_and_by_the_share_of_all(locked_office: LockedOffice) -> None:
    office = locked_office
    with write(office.root, "Records", actor=office.actor("owner")) as uow:
        for name, count in (("sales", 30), ("owner", 90)):
            for number in range(count):
                service.create_record(uow, "deal", {"name": f"{name} {number}", "owner_id": office.people[name]})
    with office.root.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE deal")
    with write(office.root, "Rights", actor=office.actor("owner")) as uow:
        roles.set_right(uow, "sales", "deal", "read", "own")
        roles.set_right(uow, "sales", "deal", "delete", "own")
    seller = office.open("sales")
    deal = seller.schema.table("deal")
    with seller.read() as connection:
        mine = list(connection.execute(sa.select(deal.c.id)).scalars())
    assert len(mine) == 30
    with write(seller, "Some", actor=office.actor("sales")) as uow:
        service.delete_records(uow, "deal", mine[:21])
    assert not told(office.root, office.people["owner"])
    with write(office.open("manager"), "Many", actor=office.actor("manager")) as uow:
        service.delete_records(uow, "deal", mine[21:])
        owned = sa.select(deal.c.id).where(deal.c.owner_id == office.people["owner"]).limit(40)
        service.delete_records(uow, "deal", list(uow.connection.execute(owned).scalars()))
    owner = office.open("owner")
    [notice] = told(owner, office.people["owner"])
    assert (notice.entity, notice.count, notice.by) == ("deal", 49, "Manager")
    with office.root.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM deal")
    assert note_outside_losses(owner, office.people["owner"]) == 1
    assert {one.by for one in told(owner, office.people["owner"])} == {"Manager", ""}
