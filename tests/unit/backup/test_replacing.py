"""A backup takes the place of the present file in one step, or nothing happens; the copy made before is the way back."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from crm_desktop.backup import replacing, running, runs
from crm_desktop.backup.catalogue import known_backups
from crm_desktop.backup.compare import compare
from crm_desktop.backup.in_place import restore_in_place
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.backup.runs import Run
from crm_desktop.backup.schedule import Plan
from crm_desktop.backup.seeing import side_by_side
from crm_desktop.backup.way_back import way_back
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.ids import generator
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.backup_certificate import CERTIFICATE
from crm_desktop.records import history
from crm_desktop.records import service as records
from crm_desktop.reporting.document import Document, Organisation
from crm_desktop.reporting.registry import ReportContext, run_report
from tests.helpers.locked import LockedOffice

EVA = Actor(None, "Eva")


def add(database: Database, name: str) -> int:
    with write(database, "Person", actor=EVA) as uow:
        return records.create_record(uow, "contact", {"name": name})


def whole(database: Database) -> str:
    """Everything but the note of the restore itself."""
    with database.read_all() as connection:
        lines = logical_dump(connection, database.schema).splitlines()
    return "\n".join(line for line in lines if '"office_setting"' not in line)


def opened(path: Path, schema: Schema) -> Database:
    return Database(path, schema)


def test_over_the_present_file_and_back_again(sqlite_database: Database, tmp_path: Path, schema: Schema) -> None:
    database, path = sqlite_database, sqlite_database.path
    assert path is not None
    add(database, "Íris")
    then = whole(database)
    info = make_backup(database, tmp_path / "kept", password="x")
    add(database, "Otávio")
    now = whole(database)
    ready = replacing.prepare(database, info.path, EVA, password="x")
    assert whole(database) == now, "nothing is changed before the office is closed"
    assert known_backups(database)[0].proven and known_backups(database)[0].path == ready.copy
    database.close()
    replacing.carry_out(ready)
    restored = opened(path, schema)
    assert whole(restored) == then
    with restored.read_all() as connection:
        back = way_back(connection)
        assert history.recent(connection)[0].title == "Restored from a backup"
    assert back is not None and back.exists and back.copy == ready.copy and back.by == "Eva"
    again = replacing.prepare(restored, back.copy, EVA)
    restored.close()
    replacing.carry_out(again)
    as_before = opened(path, schema)
    assert whole(as_before) == now
    as_before.close()
    assert [one.name for one in path.parent.iterdir() if ".restoring" in one.name or one.name.endswith("-wal")] == []


def certificate(database: Database, run: Run) -> Document:
    with database.read() as connection:
        context = ReportContext(
            connection, SimpleNamespace(id=0, name="Eva"), Organisation("Office"), clock.today(), database
        )
        return run_report(CERTIFICATE, context, {"backup": run.id})


def test_the_copy_before_a_restore_has_a_certificate_in_the_restored_office(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    database, path = sqlite_database, sqlite_database.path
    assert path is not None
    add(database, "Íris")
    info = make_backup(database, tmp_path / "kept")
    plan = Plan(places=(str(tmp_path / "kept"),))
    assert running.run_backup(database, plan, user_name="Ivo") is not None
    ready = replacing.prepare(database, info.path, EVA)
    database.close()
    replacing.carry_out(ready)
    restored = opened(path, schema)
    with restored.read() as connection:
        kept, older = runs.recent(connection)
    assert (kept.kind, kept.path, kept.user_name, kept.state) == ("restore", ready.copy, "Eva", "proven")
    assert (older.kind, older.user_name) == ("hand", "Ivo"), "what the office knew of its backups goes on"
    facts = {str(row.values[0]): str(row.values[1]) for row in certificate(restored, kept).tables[0].rows}
    assert facts["SHA-256 of the file"] == hashlib.sha256(Path(ready.copy).read_bytes()).hexdigest()
    sums = next(one for one in certificate(restored, kept).tables if one.name == "Tables")
    assert sums.rows and all(len(str(row.values[2])) == 64 for row in sums.rows), "whole checksums"
    restored.close()


def test_other_windows_are_noticed_and_told(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept", prove=False)
    with write(sqlite_database, "Colleague", kind="system") as uow:
        rui = uow.insert("user", {"name": "Rui", "login": "rui", "role": "sales", "active": True})
    presence = {"id": generator.next(), "user_id": rui, "origin": "w2", "entity": "contact", "record_id": 1,
                "editing": False, "seen_at": clock.now()}  # fmt: skip
    with sqlite_database.begin() as connection:
        connection.execute(replacing.Base.metadata.tables["presence"].insert().values(presence))
    with pytest.raises(UserError, match="Rui"):
        replacing.prepare(sqlite_database, info.path, EVA)
    ready = replacing.prepare(sqlite_database, info.path, EVA, origin="w2")
    assert sqlite_database.path is not None
    before = sqlite_database.path.read_bytes()
    other = Database(sqlite_database.path, sqlite_database.schema)
    sqlite_database.close()
    with other.read_all() as connection:
        connection.exec_driver_sql("SELECT 1 FROM contact").all()
        with pytest.raises(UserError, match="open in another window"):
            replacing.carry_out(ready)
    other.close()
    assert sqlite_database.path.read_bytes()[100:200] == before[100:200] and not ready.partial.exists()


def test_the_note_of_a_restore_is_no_difference(sqlite_database: Database, tmp_path: Path, schema: Schema) -> None:
    """What an office says of the restore it comes from does not stand among what changed since, and does not go."""
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept", prove=False)
    add(sqlite_database, "Otávio")
    ready = replacing.prepare(sqlite_database, info.path, EVA)
    sqlite_database.close()
    replacing.carry_out(ready)
    restored = opened(path, schema)
    with browse_backup(info.path, schema) as backup, side_by_side(backup, restored) as pair:
        assert compare(pair).differences == ()
    restored.close()


def test_what_was_changed_meanwhile_is_not_lost(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept", prove=False)
    ready = replacing.prepare(sqlite_database, info.path, EVA)
    add(sqlite_database, "Late")
    now = whole(sqlite_database)
    sqlite_database.close()
    with pytest.raises(UserError, match="was changed while"):
        replacing.carry_out(ready)
    assert sqlite_database.path is not None
    again = opened(sqlite_database.path, sqlite_database.schema)
    assert whole(again) == now and not ready.partial.exists()
    again.close()


class CancelledAfter(Progress):
    """Cancelled by its user after some reports."""

    def __init__(self, reports: int) -> None:
        super().__init__()
        self.reports = reports

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        self.reports -= 1
        if self.reports < 0:
            self.cancel()
        super().update(done, total, message)


def test_stopped_or_failed_nothing_is_left(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(sqlite_database, "Íris")
    info, now = make_backup(sqlite_database, tmp_path / "kept", prove=False), whole(sqlite_database)
    assert sqlite_database.path is not None
    for reports in (0, 3, 6):
        with pytest.raises(Cancelled):
            replacing.prepare(sqlite_database, info.path, EVA, progress=CancelledAfter(reports))
        assert not list(sqlite_database.path.parent.glob("*.restoring*"))
    ready = replacing.prepare(sqlite_database, info.path, EVA)
    sqlite_database.close()

    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(UserError, match="full"):
            replacing.carry_out(ready)
    again = opened(sqlite_database.path, sqlite_database.schema)
    assert whole(again) == now and not ready.partial.exists()
    again.close()


def test_a_file_of_an_earlier_release_is_brought_to_this_one(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept", prove=False)
    with browse_backup(info.path, schema) as backup:
        with backup.read_all() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM stage").scalar_one() >= 0
        assert backup.path is not None
        with closing(sqlite3.connect(backup.path)) as raw:
            triggers = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert "history_contact_insert" in triggers


def test_a_server_is_restored_in_its_place_and_undone(locked_office: LockedOffice, tmp_path: Path) -> None:
    owner = locked_office.open("owner")
    actor = locked_office.actor("owner")
    with locked_office.writing("owner") as uow:
        person = records.create_record(uow, "contact", {"name": "Íris"})
    info, then = make_backup(owner, tmp_path, prove=False), whole(owner)
    with locked_office.writing("owner") as uow:
        records.update_record(uow, "contact", person, {"name": "Other"})
        records.create_record(uow, "company", {"name": "New"})
    now = whole(owner)
    with browse_backup(info.path, owner.schema) as backup:
        done = restore_in_place(backup, owner, actor, info.created, folder=tmp_path / "before")
    assert whole(owner) == then and done.removed == 1
    with owner.read() as connection:
        [kept] = runs.recent(connection)
    assert kept.kind == "restore" and kept.user_name == actor.name and certificate(owner, kept).tables
    for key in ("sales", "owner"):
        assert locked_office.asked(key, "SELECT session_user")[0][0] == locked_office.logins[key]
    assert done.change_set is not None
    history.undo(owner, done.change_set, actor)
    assert whole(owner) == now
