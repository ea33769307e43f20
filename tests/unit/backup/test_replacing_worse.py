"""Restoring where things are not as they should be: an older backup, a plan with a password, a present file that is broken."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crm_desktop import doctor
from crm_desktop.backup import passwords, replacing
from crm_desktop.backup.container import read_header
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.backup.schedule import Plan, save_plan
from crm_desktop.backup.way_back import way_back
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries
from crm_desktop.records import service as records
from tests.helpers import old_offices

EVA = Actor(None, "Eva")


def names(database: Database) -> set[str]:
    with database.read_all() as connection:
        ids = queries.find_ids(database, connection, "contact")
        return set(queries.titles(database.schema, connection, "contact", ids).values())


def add(database: Database, name: str) -> None:
    with write(database, "Person", actor=EVA) as uow:
        records.create_record(uow, "contact", {"name": name})


def test_a_backup_of_an_older_version_is_brought_to_this_one_and_checked(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    assert sqlite_database.path is not None
    old_offices.build(str(tmp_path / "old.crm"), "0003")
    old = Database(tmp_path / "old.crm", schema)
    info = make_backup(old, tmp_path / "kept")
    old.close()
    assert info.proven and read_header(Path(info.path)).revision == "0003"
    add(sqlite_database, "Today")
    ready = replacing.prepare(sqlite_database, info.path, EVA, examine=doctor.problems)
    sqlite_database.close()
    replacing.carry_out(ready)
    restored = Database(sqlite_database.path, schema)
    with restored.read_all() as connection:
        back = way_back(connection)
        assert migrate.revision(connection) == migrate.head(schema)
    assert back is not None and back.exists and back.upgraded and back.problems == ()
    assert old_offices.NEW_NAME in names(restored) and "Today" not in names(restored)
    assert doctor.problems(restored) == []
    restored.close()


def test_what_the_checks_find_after_an_upgrade_is_kept_with_the_office(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    old_offices.build(str(tmp_path / "old.crm"), "0005")
    with closing(sqlite3.connect(tmp_path / "old.crm")) as raw:
        raw.execute("DELETE FROM change WHERE op = 'I' AND table_name = 'company'")
        raw.commit()
    old = Database(tmp_path / "old.crm", schema)
    info = make_backup(old, tmp_path / "kept")
    old.close()
    ready = replacing.prepare(sqlite_database, info.path, EVA, examine=lambda _db, _progress: ["Something is amiss."])
    prepared = Database(ready.partial, schema)
    with prepared.read_all() as connection:
        back = way_back(connection)
    prepared.close()
    replacing.drop(ready.partial)
    assert back is not None and back.upgraded and back.problems == ("Something is amiss.",)


def test_the_copy_before_a_restore_is_protected_as_the_plan_wants(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept", prove=False)
    ready = replacing.prepare(sqlite_database, info.path, EVA)
    replacing.drop(ready.partial)
    assert not read_header(Path(ready.copy)).encrypted, "a plan without a password makes one without"
    with write(sqlite_database, "Plan", actor=EVA) as uow:
        save_plan(uow, Plan(enabled=True, encrypted=True))
    passwords.tell(sqlite_database, "correct horse")
    try:
        ready = replacing.prepare(sqlite_database, info.path, EVA)
    finally:
        passwords.forget(sqlite_database)
    replacing.drop(ready.partial)
    assert read_header(Path(ready.copy)).encrypted
    with browse_backup(ready.copy, schema, password="correct horse") as copy:
        assert names(copy) == {"Íris"}


def test_a_broken_present_file_is_kept_aside(sqlite_database: Database, tmp_path: Path, schema: Schema) -> None:
    database, path = sqlite_database, sqlite_database.path
    assert path is not None
    add(database, "Íris")
    info = make_backup(database, tmp_path / "kept")
    with write(database, "Many", actor=EVA) as uow:
        for number in range(300):
            records.create_record(uow, "contact", {"name": f"Person {number}"})
    database.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")
        size = raw.execute("PRAGMA page_size").fetchone()[0]
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contact'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    broken = path.read_bytes()
    present = Database(path, schema)
    with pytest.raises(replacing.PresentDamaged):
        replacing.prepare(present, info.path, EVA)
    assert not list(path.parent.glob("*.restoring*"))
    ready = replacing.prepare(present, info.path, EVA, aside=True)
    present.close()
    replacing.carry_out(ready)
    assert ready.aside is not None and ready.aside.read_bytes()[100:] == broken[100:]
    assert ready.aside.parent == path.parent and "damaged" in ready.aside.name
    restored = Database(path, schema)
    assert names(restored) == {"Íris"}
    with restored.read_all() as connection:
        back = way_back(connection)
    restored.close()
    assert back is not None and not back.exists and back.aside == str(ready.aside)
    assert not path.with_name(path.name + "-wal").exists() or not path.with_name(path.name + "-wal").stat().st_size


def test_the_log_of_a_broken_file_is_not_played_into_the_new_one(
    sqlite_database: Database, tmp_path: Path, schema: Schema
) -> None:
    path = sqlite_database.path
    assert path is not None
    add(sqlite_database, "Íris")
    info = make_backup(sqlite_database, tmp_path / "kept")
    ready = replacing.prepare(sqlite_database, info.path, EVA, aside=True)
    sqlite_database.close()
    path.write_bytes(b"nothing that SQLite knows" * 1000)
    path.with_name(path.name + "-wal").write_bytes(b"an old log")
    replacing.carry_out(ready)
    assert ready.aside is not None
    assert ready.aside.with_name(ready.aside.name + "-wal").read_bytes() == b"an old log"
    restored = Database(path, schema)
    assert names(restored) == {"Íris"}
    restored.close()
