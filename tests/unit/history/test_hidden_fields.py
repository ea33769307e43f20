"""Whoever may not see sensitive fields is told that some were changed, and nothing more."""

from __future__ import annotations

from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import changes, custom, record_past, service
from crm_desktop.security import roles
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


def test_rights_of_roles_are_told_in_words(database: Database) -> None:
    with write(database, "Right") as uow:
        roles.set_right(uow, "sales", "deal", "delete", "none")
        first = uow.change_set_id
    with write(database, "Right") as uow:
        roles.set_right(uow, "sales", "deal", "delete", "team")
        roles.set_right(uow, "sales", "", "import", "none")
        second = uow.change_set_id
    with write(database, "Rights") as uow:
        roles.reset_rights(uow, "sales")
        third = uow.change_set_id
    with database.read() as connection:
        rows = [changes.change_rows(database, connection, one) for one in (first, second, third)]
        details = changes.change_details(database, connection, first)
    assert [one.title for one in rows[0]] == ["Sales · Deals: Delete"] and rows[0][0].part == "Rights"
    [changed] = [one for one in rows[1] if one.op == "U"]
    [scope] = changed.fields
    assert scope.field is not None and (scope.label, scope.old, scope.new) == ("Scope", "none", "team")
    assert [one.label for one in scope.field.choices if one.key == "own"] == ["Only the own ones"]
    assert {one.title for one in rows[2]} >= {"Sales · Deals: Delete"}
    assert [one.label for one in details.tables] == ["Rights"]
