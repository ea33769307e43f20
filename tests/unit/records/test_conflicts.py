"""Two people edit the same record: what differs merges, what collides is asked."""

from __future__ import annotations

import pytest

from crm_desktop.core.errors import EditConflict
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service


def values(database: Database, record_id: int) -> dict[str, object]:
    with database.read() as connection:
        return dict(queries.get_record(database, connection, "contact", record_id).values)


@pytest.fixture
def contact(database: Database) -> int:
    """Marina, with e-mail, phone and address."""
    with write(database, "Create") as uow:
        return service.create_record(
            uow, "contact",
            {"name": "Marina", "email": "marina@example.com", "mobile": "+5541955500142", "city": "Curitiba"},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "theirs", "mine"),
    [
        ("email", "theirs@example.com", "mine@example.com"),
        ("mobile", "+5541955500777", "+5541955500888"),
        ("city", "Lisboa", "Porto"),
        ("job_title", "Buyer", "Owner"),
    ],
)
def test_the_same_field_is_asked(database: Database, contact: int, field: str, theirs: str, mine: str) -> None:
    shown = values(database, contact)
    with write(database, "Theirs") as uow:
        service.update_record(uow, "contact", contact, {field: theirs})
    with pytest.raises(EditConflict) as caught, write(database, "Mine") as uow:
        service.update_record(uow, "contact", contact, {field: mine}, base=shown)
    assert caught.value.fields == {field: (shown[field], mine, theirs)}
    assert values(database, contact)[field] == theirs


def test_different_fields_merge(database: Database, contact: int) -> None:
    shown = values(database, contact)
    with write(database, "Theirs") as uow:
        service.update_record(uow, "contact", contact, {"email": "theirs@example.com", "city": "Lisboa"})
    with write(database, "Mine") as uow:
        service.update_record(uow, "contact", contact, {"mobile": "+5541955500888"}, base=shown)
    now = values(database, contact)
    assert (now["email"], now["city"], now["mobile"]) == ("theirs@example.com", "Lisboa", "+5541955500888")


def test_the_same_change_twice_is_no_conflict(database: Database, contact: int) -> None:
    shown = values(database, contact)
    for _person in range(2):
        with write(database, "Same") as uow:
            service.update_record(uow, "contact", contact, {"email": "new@example.com"}, base=shown)
    assert values(database, contact)["email"] == "new@example.com"
