"""The doctor finds what is wrong, says so, and mends what follows from the data."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_desktop.core import i18n
from crm_desktop.db import triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.doctor import check, repair
from crm_desktop.records import history, service
from crm_desktop.records.files_service import attach_bytes
from tests.helpers.offices import OpenFilled, sample_office


@pytest.fixture
def patient(filled_database: OpenFilled) -> Database:
    return filled_database(sample_office(60))[0]


def ill(database: Database, *, full: bool = False) -> dict[str, str]:
    return {finding.check: finding.detail for finding in check(database, full=full) if not finding.ok}


def operate(database: Database, *statements: str) -> None:
    """Change the database behind everybody's back: without the history."""
    with database.begin() as connection:
        triggers.drop(connection, "history_")
        for statement in statements:
            connection.exec_driver_sql(statement)
        triggers.install(connection, database.schema)


def test_a_fresh_office_is_healthy(patient: Database) -> None:
    findings = check(patient, full=True)
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) == 11
    assert not any("rights" in one.detail for one in findings), "only a locked server has any"


def test_after_edits_deletes_and_undo_it_is_still_healthy(patient: Database) -> None:
    with patient.read() as connection:
        ids = list(connection.execute(sa.select(Base.metadata.tables["contact"].c.id).limit(5)).scalars())
    with write(patient, "Edit") as uow:
        values = {"name": "Zélia Mudada", "mobile": "41 95550-9999", "city": "Lapa"}
        service.update_record(uow, "contact", ids[0], values)
        attach_bytes(uow, "contact", ids[0], "nota.txt", b"texto")
    with write(patient, "Delete") as uow:
        service.delete_records(uow, "contact", ids[1:4])
        number = uow.change_set_id
    history.undo(patient, number, Actor())
    assert ill(patient, full=True) == {}


def test_missing_and_changed_triggers_are_found_and_put_back(patient: Database) -> None:
    with patient.begin() as connection:
        on = "" if patient.sqlite else ' ON "contact"'
        connection.exec_driver_sql(f'DROP TRIGGER "history_contact_update"{on}')
    found = ill(patient)
    assert "history_contact_update is missing" in found["triggers"]
    repair(patient)
    assert ill(patient) == {}


def test_an_index_that_lost_records_is_found_and_made_anew(patient: Database) -> None:
    with patient.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_text WHERE entity = 'contact'")
        connection.exec_driver_sql("UPDATE search_text SET title = 'nothing' WHERE entity = 'product'")
    assert "contact: 60 missing" in ill(patient)["search"]
    assert "product: 24 different" in ill(patient)["search"]
    repair(patient)
    assert ill(patient) == {}


def test_a_change_behind_the_history_is_found(patient: Database) -> None:
    with write(patient, "Edit") as uow:
        deal_id = uow.connection.execute(sa.select(Base.metadata.tables["deal"].c.id).limit(1)).scalar_one()
        service.update_record(uow, "deal", deal_id, {"next_step": "Ligar"})
    operate(patient, f"UPDATE deal SET next_step = 'outra coisa' WHERE id = {deal_id}")
    assert "deal: 1 with other values than their last edit" in ill(patient)["history"]


def test_rows_that_came_or_went_behind_the_history_are_found(patient: Database) -> None:
    operate(
        patient,
        "INSERT INTO tag(id, name, key, created_at) SELECT 5, 'x', 'x', max(created_at) FROM tag",
        "DELETE FROM note WHERE id = (SELECT max(id) FROM note)",
    )
    found = ill(patient)["history"]
    assert "tag: 1 without a beginning" in found
    assert "note: 1 missing that nobody deleted" in found


def test_ids_that_point_nowhere_are_found(patient: Database) -> None:
    operate(patient, "UPDATE note SET record_id = 77 WHERE id = (SELECT max(id) FROM note)",
            "UPDATE contact_point SET owner_id = 78 WHERE id = (SELECT max(id) FROM contact_point)")  # fmt: skip
    found = ill(patient)["links"]
    assert "note.record_id: 1 lost" in found
    assert "contact_point.owner_id: 1 lost" in found


def test_damaged_files_and_wrong_sort_keys_are_found(patient: Database) -> None:
    blank = "x'00'" if patient.sqlite else r"'\x00'::bytea"
    operate(patient, f"UPDATE blob SET content = {blank} WHERE id = (SELECT min(id) FROM blob)",
            "UPDATE contact SET sort_name = 'zzz' WHERE id = (SELECT min(id) FROM contact)")  # fmt: skip
    found = ill(patient)
    assert "files" in found
    assert "contact.sort_name: 1 different" in found["sort_keys"]


def test_a_timeline_that_went_wrong_is_found(patient: Database) -> None:
    operate(patient, "UPDATE activity_link SET activity_at = (SELECT min(created_at) FROM contact) "
                     "WHERE id = (SELECT max(id) FROM activity_link)")  # fmt: skip
    assert "activity_link: 1 different" in ill(patient)["timeline"]


def test_an_amount_that_is_no_number_is_found(filled_office: OpenFilled) -> None:
    database, _made = filled_office(sample_office(20))
    operate(database, "UPDATE deal SET amount = 'viel' WHERE id = (SELECT min(id) FROM deal)")
    assert "deal.amount: 1 different" in ill(database)["amounts"]


def test_it_speaks_the_language_in_use(sqlite_database: Database) -> None:
    i18n.set_language("pt_BR")
    findings = check(sqlite_database)
    assert all(finding.ok and finding.detail for finding in findings)
