"""What one saved field costs: each statement is a trip to the office server and back."""

from __future__ import annotations

from sqlalchemy import event

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service

MOST = 8


def test_a_saved_field_takes_few_statements(database: Database) -> None:
    with write(database, "Create") as uow:
        contact = service.create_record(uow, "contact", {"name": "Marina Queirós"})
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    with write(database, "Edit") as uow:
        service.update_record(uow, "contact", contact, {"job_title": "Partner"})
    said = [text for text in said if not text.startswith("BEGIN")]
    assert len(said) <= MOST, said
