"""Lifecycle, consents and primary contact points."""

from __future__ import annotations

import pytest

from crm_desktop.contacts import service as contacts
from crm_desktop.contacts.consents import record_consent
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service


def test_the_lifecycle_only_advances(database: Database) -> None:
    with write(database, N_("New")) as uow:
        ids = [service.create_record(uow, "contact", {"name": state, "lifecycle": state})
               for state in ("lead", "qualified", "customer", "former")]  # fmt: skip
    with write(database, N_("Qualify")) as uow:
        assert contacts.advance_lifecycle(uow, ids, "customer") == 2
        with pytest.raises(FieldError, match="no lifecycle"):
            contacts.advance_lifecycle(uow, ids, "friend")
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "contact", ids, ["lifecycle"])
    assert [row.values["lifecycle"] for row in rows] == ["customer", "customer", "customer", "former"]


def test_another_phone_becomes_the_first(database: Database) -> None:
    with write(database, N_("New")) as uow:
        values = {"name": "Marina", "mobile": "+5541955500142", "email": "m@t.example"}
        contact = service.create_record(uow, "contact", values)
        points = [{"kind": "phone", "label": "mobile", "value": "+5541955500199"}]
        new = uow.insert("contact_point", {"owner_id": contact, "is_primary": False, **points[0]})
        contacts.set_primary_point(uow, new)
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", contact)
    assert (record.values["mobile"], record.values["email"]) == ("+5541955500199", "m@t.example")
    assert sorted((p["kind"], p["is_primary"]) for p in record.children["points"]) == [
        ("email", True), ("phone", False), ("phone", True),
    ]  # fmt: skip


def test_consents_and_employers_are_remembered(database: Database) -> None:
    with write(database, N_("New")) as uow:
        company = service.create_record(uow, "company", {"name": "Trigo"})
        contact = service.create_record(uow, "contact", {"name": "Marina"})
        record_consent(uow, contact, "marketing", "email", "given", source="Form")
        record_consent(uow, contact, "marketing", "email", "withdrawn", source="phone")
        assert contacts.move_people(uow, [contact], company) == 1
        assert contacts.move_people(uow, [contact], company) == 0
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", contact)
    assert [c["state"] for c in record.children["consents"]] == ["given", "withdrawn"]
    assert str(record.values["company_id"]) == "Trigo"
