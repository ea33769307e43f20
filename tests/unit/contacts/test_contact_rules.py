"""Names of contacts, whole and in parts; and activities' times."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.core.errors import ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service


def make(database: Database, **values: Any) -> int:
    with write(database, N_("New contact")) as uow:
        return service.create_record(uow, "contact", values)


def read(database: Database, contact_id: int) -> dict[str, Any]:
    with database.read() as connection:
        return dict(queries.get_record(database, connection, "contact", contact_id).values)


def test_a_whole_name_is_split(database: Database) -> None:
    contact = read(database, make(database, name="Dr. João da Silva Filho"))
    parts = [contact[part] for part in ("prefix", "first_name", "last_name", "suffix")]
    assert parts == ["Dr.", "João", "da Silva", "Filho"]
    assert contact["lifecycle"] == "lead"


def test_parts_are_joined(database: Database) -> None:
    contact_id = make(database, first_name="Marina", last_name="Queirós")
    assert read(database, contact_id)["name"] == "Marina Queirós"
    with write(database, N_("Edit contact")) as uow:
        service.update_record(uow, "contact", contact_id, {"last_name": "Queiroz"})
    contact = read(database, contact_id)
    assert (contact["name"], contact["sort_name"]) == ("Marina Queiroz", "marina queiroz")


def test_another_whole_name_gets_new_parts(database: Database) -> None:
    contact_id = make(database, first_name="Marina", last_name="Queirós")
    with write(database, N_("Edit contact")) as uow:
        service.update_record(uow, "contact", contact_id, {"name": "Rosa Lima"})
    contact = read(database, contact_id)
    assert (contact["first_name"], contact["last_name"]) == ("Rosa", "Lima")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"email": "marina@trigolilas.example"}, "marina@trigolilas.example"),
        ({"mobile": "+55 41 95550-0142"}, "+55 41 95550-0142"),
        ({"nickname": "Tuca"}, "Tuca"),
    ],
)
def test_without_a_name_something_else_stands_for_it(database: Database, values: dict[str, str], name: str) -> None:
    assert read(database, make(database, **values))["name"].replace("(", "").replace(")", "") == name


def test_without_anything_the_company_stands_for_it(database: Database) -> None:
    with write(database, N_("New company")) as uow:
        company = service.create_record(uow, "company", {"name": "Mercado Três Cajueiros"})
    assert read(database, make(database, company_id=company))["name"] == "Mercado Três Cajueiros"
    with pytest.raises(ValidationFailed, match="needed"):
        make(database, job_title="Cook")
