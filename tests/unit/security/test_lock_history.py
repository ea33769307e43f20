"""The history in a locked database: nobody alters it, nobody reads more of it than of the records, nobody signs for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm_desktop.db.unit_of_work import write
from crm_desktop.records import attach_service, service
from crm_desktop.records.change_search import Asked, list_changes, who_changed
from tests.helpers.locked import LockedOffice

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def change_set(office: LockedOffice, key: str, number: int) -> None:
    """Open a change set by hand, as one's own."""
    office.asked(
        key,
        "INSERT INTO change_set (id, title, kind, user_id, at) VALUES (%s, 'Mine', 'edit', crm_me(), now())",
        number,
    )


def seen(office: LockedOffice, key: str, **where: Any) -> list[Any]:
    condition = " AND ".join(f"{name} = %s" for name in where) or "true"
    return office.asked(
        key, f"SELECT table_name, op, data FROM change_seen WHERE {condition} ORDER BY id", *where.values()
    )


def test_history_follows_the_record(locked_office: LockedOffice) -> None:
    """What was done with a record is read by who reads the record; of a deleted one, by who would have."""
    office = locked_office
    with write(office.root, "Deals") as uow:
        mine, theirs = (
            service.create_record(uow, "deal", {"name": f"Of {key}", "owner_id": office.people[key]})
            for key in ("sales", "stranger")
        )
        note = attach_service.add_note(uow, "deal", theirs, "Between us")
    with write(office.root, "Edit") as uow:
        service.update_record(uow, "deal", theirs, {"name": "Now"})
        service.update_record(uow, "deal", mine, {"name": "Also now"})
    assert len(seen(office, "sales", record_id=mine)) == 2
    assert seen(office, "sales", record_id=theirs) == [] == seen(office, "sales", record_id=note)
    assert len(seen(office, "stranger", record_id=theirs)) == 2 and len(seen(office, "stranger", record_id=note)) == 1
    with write(office.root, "Delete") as uow:
        service.delete_records(uow, "deal", [mine, theirs])
    assert [row[1] for row in seen(office, "sales", table_name="deal", op="D")] == ["D"]
    assert len(seen(office, "manager", table_name="deal", op="D")) == 2
    assert office.asked("sales", "SELECT count(*) FROM change_set WHERE title = 'Delete'") == [(1,)]
    office.refused("manager", "SELECT count(*) FROM change")


def test_sensitive_values_are_not_in_it(locked_office: LockedOffice) -> None:
    office = locked_office
    with write(office.root, "Contact") as uow:
        contact = service.create_record(uow, "contact", {"first_name": "Ida", "tax_id": "536-90-4399"})
    with write(office.root, "Only the number") as uow:
        service.update_record(uow, "contact", contact, {"tax_id": "219-09-9999"})
    with write(office.root, "Both") as uow:
        service.update_record(uow, "contact", contact, {"tax_id": "536-90-4399", "first_name": "Eva"})
    assert [set(row[2]) & {"tax_id", "first_name"} for row in seen(office, "sales", record_id=contact, op="U")] == [
        {"first_name"}
    ]
    assert len(seen(office, "manager", record_id=contact, op="U")) == 2


def test_nobody_signs_for_a_colleague(locked_office: LockedOffice) -> None:
    """Neither by naming them in a change set nor by writing into one of theirs."""
    office = locked_office
    people = office.people
    office.asked(
        "sales", "INSERT INTO change_set (id, title, kind, user_id, user_name, at) VALUES (8, 'x', 'edit', %s, 'Boss', now())",
        people["admin"],
    )  # fmt: skip
    assert office.ask("SELECT user_name FROM change_set WHERE id = 8 AND user_id = %s", people["sales"]) == "Sales"
    assert office.asked(
        "sales", "UPDATE change_set SET user_id = %s, user_name = 'Boss', at = 'epoch' WHERE id = 8", people["admin"]
    )
    assert (
        office.ask("SELECT user_id FROM change_set WHERE id = 8 AND at > now() - interval '1 hour'") == people["sales"]
    )
    change_set(office, "mate", 7)
    with write(office.root, "Deal") as uow:
        deal = service.create_record(uow, "deal", {"name": "Of sales", "owner_id": people["sales"]})
    for other in ("7", "12345"):
        connection = office.connect("sales", autocommit=False)
        connection.execute("SELECT set_config('crm.change_set', %s, true)", (other,))
        try:
            connection.execute("UPDATE deal SET name = 'x' WHERE id = %s", (deal,))
        except Exception as error:
            assert getattr(error, "sqlstate", "") == "CRM05"
        else:
            raise AssertionError("wrote into a change set of somebody else")
        connection.rollback()
    assert office.asked("sales", "UPDATE change_set SET title = 'y' WHERE id = 7") == [0]
    assert office.asked("sales", "DELETE FROM change_set WHERE id = 7") == [0]


def test_a_change_set_with_changes_stays(locked_office: LockedOffice) -> None:
    office = locked_office
    with write(office.root, "Deal") as uow:
        deal = service.create_record(uow, "deal", {"name": "Of sales", "owner_id": office.people["sales"]})
    change_set(office, "sales", 6)
    connection = office.connect("sales", autocommit=False)
    connection.execute("SELECT set_config('crm.change_set', '6', true)")
    connection.execute("UPDATE deal SET name = 'x' WHERE id = %s", (deal,))
    connection.commit()
    office.refused("sales", "DELETE FROM change_set WHERE id = 6")
    assert office.asked("sales", "UPDATE change_set SET last_change = 0 WHERE id = 6") == [1]
    assert office.ask("SELECT last_change > 0 FROM change_set WHERE id = 6")
    assert office.ask("SELECT touched FROM change_set WHERE id = 6") == {"deal": 1}
    office.asked("sales", """UPDATE change_set SET touched = '{"note": 1}' WHERE id = 6""")
    assert office.ask("SELECT touched FROM change_set WHERE id = 6") == {"deal": 1}
    assert office.asked("readonly", "SELECT crm_set_touched(6, 0)") == [(None,)]
    connection.execute("SELECT set_config('crm.change_set', '6', true)")
    try:
        connection.execute("UPDATE deal SET name = 'y' WHERE id = %s", (deal,))
    except Exception as error:
        assert getattr(error, "sqlstate", "") == "CRM05"
    else:
        raise AssertionError("wrote into a closed change set")
    assert office.ask("SELECT user_name FROM change WHERE change_set_id = 6") == office.logins["sales"]


def test_a_change_past_the_program_is_told_as_such(locked_office: LockedOffice) -> None:
    office = locked_office
    with write(office.root, "Deal") as uow:
        deal = service.create_record(uow, "deal", {"name": "Of sales", "owner_id": office.people["sales"]})
    office.asked("sales", "UPDATE deal SET name = 'By hand' WHERE id = %s", deal)
    statement = "SELECT user_name FROM change WHERE record_id = %s AND change_set_id IS NULL AND at IS NOT NULL"
    assert office.ask(statement, deal) == office.logins["sales"]


def test_words_of_a_colleague_stay(locked_office: LockedOffice) -> None:
    """Who may edit the record moves a note; what it says is changed by who wrote it."""
    office = locked_office
    with write(office.root, "Deals", actor=office.actor("mate")) as uow:
        one, two = (
            service.create_record(uow, "deal", {"name": "x", "owner_id": office.people["sales"]}) for _time in range(2)
        )
        note = attach_service.add_note(uow, "deal", one, "As I said")
    office.refused("sales", "UPDATE note SET body = 'As you never said' WHERE id = %s", note)
    office.refused("sales", "UPDATE note SET created_by = crm_me() WHERE id = %s", note)
    assert office.asked("sales", "DELETE FROM note WHERE id = %s", note) == [0]
    assert office.asked("sales", "UPDATE note SET record_id = %s WHERE id = %s", two, note) == [1]
    assert office.asked("mate", "UPDATE note SET body = 'As I said before' WHERE id = %s", note) == [1]
    assert office.asked("readonly", "UPDATE note SET pinned = true WHERE id = %s", note) == [0]


def test_changes_are_found_by_who_may_and_count_what_they_touched(locked_office: LockedOffice) -> None:
    office = locked_office
    with office.writing("sales") as uow:
        service.create_record(uow, "deal", {"name": "Of sales"})
        made = uow.change_set_id
    assert office.ask("SELECT touched->'deal' FROM change_set WHERE id = %s", made) == 1
    for key, asked in (
        ("owner", Asked(entity="deal")), ("owner", Asked(entity="deal", text="test", since=EPOCH)),
        ("sales", Asked(entity="deal", only_mine=True, user_id=office.people["sales"])),
    ):  # fmt: skip
        database = office.open(key)
        with database.read() as connection:
            found = list_changes(database, connection, asked)
            assert [one.set.id for one in found] == [made] and found[0].rows == 1
            assert list_changes(database, connection, replace(asked, entity="product")) == []
            assert key != "owner" or "Sales" in who_changed(connection)
