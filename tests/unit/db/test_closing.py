"""A closed office lets its file go: nobody reads any more, and who still reads holds it no longer than that."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.errors import OfficeClosed
from crm_desktop.db import alone
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write


def test_nobody_reads_a_closed_office(database: Database) -> None:
    with database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM contact").scalar_one()
    database.close()
    for read in (database.read, database.read_all):
        with pytest.raises(OfficeClosed), read():
            pass
    assert database.engine.pool.status().endswith("Current Checked out connections: 0")


def test_what_waits_to_be_written_is_written_while_nobody_reads_any_more(database: Database) -> None:
    database.end_reading()
    with write(database, "The last one", kind="system") as uow:
        made = uow.insert("user", {"name": "Rui", "login": "rui", "role": "sales", "active": True})
    database.close()
    again = Database(database.target, database.schema)
    with again.read_all() as connection:
        found = connection.exec_driver_sql("SELECT id FROM user_account WHERE login = 'rui'").scalar_one()
    again.close()
    assert found == made


def test_what_comes_too_late_is_written_all_the_same(database: Database) -> None:
    """One after the other, each by a connection of its own that lets the file go."""
    database.close()
    for login in ("ana", "bento", "clara"):
        with write(database, "Too late", kind="system") as uow:
            uow.insert("user", {"name": login, "login": login, "role": "sales", "active": True})
    again = Database(database.target, database.schema)
    with again.read_all() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM user_account").scalar_one() == 3
    again.close()
    if database.path is not None:
        with alone.alone(database.path):
            pass


def test_who_reads_while_it_is_closed_lets_the_file_go_at_its_end(sqlite_database: Database) -> None:
    path = sqlite_database.path
    assert path is not None and sqlite_database.access == EVERYTHING
    with sqlite_database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM contact").all()
        sqlite_database.close()
    with alone.alone(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert not path.with_name(path.name + "-wal").exists()


@pytest.mark.parametrize("access", [EVERYTHING, Access()])
def test_who_begins_just_when_it_is_closed_lets_the_file_go_too(
    sqlite_database: Database, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also who does not see everything, and reads by connections of their own."""
    path = sqlite_database.path
    assert path is not None
    sqlite_database.access = access
    monkeypatch.setattr(sqlite_database, "refuse_silence", sqlite_database.close)
    with sqlite_database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM contact").all()
    monkeypatch.setattr(alone, "WAIT_S", 0.3)
    with alone.alone(path):
        pass


def test_a_file_in_use_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who goes within the time does not stand in the way; one who stays does."""
    path = tmp_path / "office.crm"
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE contact (id INTEGER)")
    with closing(other):
        monkeypatch.setattr(alone, "WAIT_S", 0.3)
        with pytest.raises(alone.InUse), alone.alone(path):
            pass
        monkeypatch.setattr(alone, "WAIT_S", 30.0)
        timer = threading.Timer(0.5, other.close)
        timer.start()
        with alone.alone(path) as connection:
            assert connection.execute("SELECT count(*) FROM contact").fetchone() == (0,)
        timer.join()


def test_a_file_that_is_gone_is_not_made_and_not_called_open(tmp_path: Path) -> None:
    path = tmp_path / "office.crm"
    with pytest.raises(FileNotFoundError), alone.alone(path):
        pass
    assert not path.exists()
