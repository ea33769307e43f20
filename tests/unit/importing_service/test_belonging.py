"""Appointments dropped on a record belong to it; dropped again, nothing is doubled."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import history, service

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y
BEGIN:VEVENT
UID:visit-1@mail.example
DTSTART;TZID=America/Sao_Paulo:20261124T140000
DTEND;TZID=America/Sao_Paulo:20261124T150000
SUMMARY:Visita à obra
END:VEVENT
BEGIN:VEVENT
UID:visit-2@mail.example
DTSTART;VALUE=DATE:20261125
SUMMARY:Entrega
END:VEVENT
END:VCALENDAR
"""


def links(database: Database) -> list[tuple[str, int]]:
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    statement = sa.select(activity.c.subject, link.c.record_id).join(link, link.c.activity_id == activity.c.id)
    with database.read() as connection:
        return sorted((subject, record) for subject, record in connection.execute(statement))


def test_dropped_appointments_belong_to_the_record(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "invite.ics"
    path.write_text(ICS.replace("\n", "\r\n"), encoding="utf-8")
    with write(database, "Add") as uow:
        person = service.create_record(uow, "contact", {"name": "Lúcia"})
        other = service.create_record(uow, "contact", {"name": "Otto"})
    plan = guess_plan(database, path, "activity").plan
    result = run_import(database, path, plan, Actor(), belongs_to=("contact", person))
    assert (result.created, result.rejected_count) == (2, 0)
    assert links(database) == [("Entrega", person), ("Visita à obra", person)]
    again = run_import(
        database, path, guess_plan(database, path, "activity").plan, Actor(), belongs_to=("contact", person)
    )
    assert (again.created, len(links(database))) == (0, 2)
    assert result.change_set is not None
    history.undo(database, result.change_set, Actor())
    assert links(database) == []
    run_import(database, path, plan, Actor())
    run_import(database, path, plan, Actor(), belongs_to=("contact", other))  # those that are here already
    assert links(database) == [("Entrega", other), ("Visita à obra", other)]
