"""What the timeline says of a record that was created, and of one that came back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.backup.bring_back import bring_back
from crm_desktop.backup.compare_rows import RowChange
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.run import run_imports
from crm_desktop.records import deleted, history, merging, service, unmerging
from ui.contacts.timeline import read_timeline
from ui.records.timeline_data import TimelineSource, Wanted, read_plain_timeline

ANA, BRUNO = Actor(None, "Ana"), Actor(None, "Bruno")


def last(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


def delete(database: Database, record: int) -> None:
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", [record])


def undo_of_deletion(database: Database, record: int, _folder: Path) -> None:
    delete(database, record)
    history.undo(database, last(database), BRUNO)


def undo_of_a_part(database: Database, record: int, _folder: Path) -> None:
    delete(database, record)
    history.undo(database, last(database), BRUNO, only=[("contact", record)])


def creation_done_again(database: Database, _record: int, _folder: Path) -> None:
    history.undo(database, last(database), BRUNO)
    history.undo(database, last(database), BRUNO)


def recently_deleted(database: Database, record: int, _folder: Path) -> None:
    delete(database, record)
    with database.read() as connection:
        found = [one for one in deleted.list_deleted(database, connection) if one.record_id == record]
    deleted.restore_deleted(database, BRUNO, found)


def unmerged(database: Database, record: int, _folder: Path) -> None:
    with write(database, "Create", actor=ANA) as uow:
        other = service.create_record(uow, "contact", {"name": "Anna"})
    merging.merge(database, ANA, "contact", other, [record])
    unmerging.unmerge(database, BRUNO, last(database))


def brought_from_a_backup(database: Database, record: int, folder: Path) -> None:
    made = make_backup(database, folder, prove=False).path
    delete(database, record)
    with browse_backup(made, database.schema) as backup:
        bring_back(backup, database, BRUNO, [RowChange("contact", record, "D")], clock.now())


def imported_again(database: Database, record: int, folder: Path) -> None:
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"email": "ana@sol.example"})
    delete(database, record)
    file = folder / "people.csv"
    file.write_text("Nome,E-mail\nAna Souza,ana@sol.example\n", encoding="utf-8")
    plan = guess_plan(database, file, "contact", country="BR").plan.with_(keys=("email",))
    [done] = run_imports(database, [ImportPart(file, plan)], BRUNO).parts
    assert done.restored == 1


@pytest.mark.parametrize("read", [read_timeline, read_plain_timeline])
@pytest.mark.parametrize(
    "way",
    [
        undo_of_deletion,
        undo_of_a_part,
        creation_done_again,
        recently_deleted,
        unmerged,
        brought_from_a_backup,
        imported_again,
    ],
)
def test_a_record_that_came_back_was_restored_and_not_created(
    database: Database, tmp_path: Path, way: Callable[[Database, int, Path], None], read: TimelineSource
) -> None:
    with write(database, "Create", actor=ANA) as uow:
        record = service.create_record(uow, "contact", {"name": "Ana Souza"})

    def told() -> list[str]:
        with database.read() as connection:
            entries = read(database, connection, Wanted("contact", record, kind="change")).entries
        return [" ".join(text for text, _role in one.runs) for one in entries]

    assert told() == ["Ana created this record"]
    way(database, record, tmp_path)
    lines = told()
    assert lines[0] == "Bruno restored this record"
    assert lines.count("Ana created this record") == 1 and "Bruno created this record" not in lines
