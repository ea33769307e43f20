"""A single record is found in a backup and put beside the present one, in words; parts of it come back."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from crm_desktop.backup.bring_back import bring_back
from crm_desktop.backup.compare import CHANGED, DELETED
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.look import Part, chosen_rows, compare_record, describe, find_records
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core import clock
from crm_desktop.core.fields import Kind
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, custom
from crm_desktop.records import service as records

EVA = Actor(None, "Eva")


def parts_of(backup: Database, database: Database, entity: str, record_id: int) -> list[Part]:
    with backup.read_all() as then, database.read_all() as now:
        pair = Pair(backup, then, database, now)
        found = compare_record(pair, entity, record_id)
        return [] if found is None else describe(pair, found)


def test_found_beside_the_present_and_brought_back_in_parts(database: Database, tmp_path: Path) -> None:
    with write(database, "First", actor=EVA) as uow:
        custom.create_custom_field(uow, "contact", "Shoe size", Kind.INTEGER)
        company = records.create_record(uow, "company", {"name": "Moinho Azul"})
        person = records.create_record(uow, "contact", {
            "name": "Íris Prado", "company_id": company, "email": "iris@moinho.example", "custom.shoe_size": 38,
        })  # fmt: skip
        attach_service.add_note(uow, "contact", person, "Calls on Mondays")
        gone = records.create_record(uow, "contact", {"name": "Íris Nunes"})
    info = make_backup(database, tmp_path, prove=False)
    with write(database, "Edit", actor=EVA) as uow:
        values = {"name": "Íris P.", "company_id": None, "email": None, "custom.shoe_size": 40}
        records.update_record(uow, "contact", person, values)
        uow.delete_where("note", sa.true())
        attach_service.add_note(uow, "contact", person, "New note")
        records.delete_records(uow, "contact", [gone])
    with browse_backup(info.path, database.schema) as backup:
        assert [(one.title, one.gone) for one in find_records(backup, database, "iris")] == [
            ("Íris Nunes", True), ("Íris Prado", False),
        ]  # fmt: skip
        parts = parts_of(backup, database, "contact", person)
        own = {one.label: (one.then, one.now) for one in parts[0].fields}
        assert own["Company"] == ("Moinho Azul", "") and own["Shoe size"] == ("38", "40")
        assert ("Íris Prado", "Íris P.") in own.values()
        assert {(one.group, one.op, one.title) for one in parts[1:]} >= {
            ("Notes", "D", "Calls on Mondays"), ("Notes", "I", "New note"),
        }  # fmt: skip
        assert any("iris@moinho.example" in one.title and one.op == "D" for one in parts)
        with backup.read_all() as then, database.read_all() as now:
            one = compare_record(Pair(backup, then, database, now), "contact", person)
            other = compare_record(Pair(backup, then, database, now), "contact", gone)
            assert compare_record(Pair(backup, then, database, now), "company", company) is None
        assert one is not None and other is not None
        assert (one.op, one.who, other.op) == (CHANGED, ("Eva",), DELETED)
        left = {
            ("contact", person, part.column)
            for part in parts[0].fields
            if part.now == "Íris P." or part.then == "Prado"
        }
        new = next((part.table, part.row_id, "") for part in parts if part.title == "New note")
        rows = chosen_rows(database.schema, one, parts, left | {new, ("contact", person, "custom.shoe_size")})
        bring_back(backup, database, EVA, rows, clock.now(), title=one.title)
        contact, note = Base.metadata.tables["contact"], Base.metadata.tables["note"]
        with database.read_all() as connection:
            row = connection.execute(sa.select(contact).where(contact.c.id == person)).one()
            texts = connection.execute(sa.select(note.c.body)).scalars().all()
        assert (row.name, row.company_id, row.custom["shoe_size"]) == ("Íris P.", company, 40)
        assert sorted(texts) == ["Calls on Mondays", "New note"]
