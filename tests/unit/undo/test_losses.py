"""Who leads the office is told when a large share of a record type is gone at once."""

from __future__ import annotations

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, service
from crm_desktop.records.notice_list import Notice, notices
from crm_desktop.security import service as people


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
