"""Whoever may not see sensitive fields is told that some were changed, and nothing more."""

from __future__ import annotations

from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import changes, custom, record_past, service
from crm_desktop.security import service as people
from crm_desktop.security.access import access_of


def test_an_edit_of_nothing_but_hidden_fields_says_so(database: Database) -> None:
    olga = Actor(None, "Olga")
    with write(database, "Office", actor=olga) as uow:
        people.create_user(uow, "Olga", role="owner")
        seller = people.create_user(uow, "Bea", role="sales")
        custom.create_custom_field(uow, "contact", "Salary", Kind.TEXT, sensitive=True)
        contact = service.create_record(uow, "contact", {"name": "Ida", "owner_id": seller})
    made = []
    for values in ({"gender": "f"}, {"custom.salary": "9900"}, {"gender": "m", "job_title": "Buyer"}):
        with write(database, "Edit", actor=olga) as uow:
            service.update_record(uow, "contact", contact, values)
            made.append(uow.change_set_id)

    def told() -> list[tuple[bool, list[str]]]:
        with database.read() as connection:
            rows = [row for one in made for row in changes.change_rows(database, connection, one)]
            of_record = record_past.record_rows(database, connection, "contact", contact)
        assert [one.row.hidden for one in of_record if one.row.op == "U"] == [one.hidden for one in reversed(rows)]
        return [(one.hidden, [told.name for told in one.fields]) for one in rows]

    assert not any(hidden for hidden, _names in told())
    with database.read_all() as connection:
        database.access = access_of(connection, database.schema, seller)
    assert told() == [(True, []), (True, []), (False, ["job_title"])]
