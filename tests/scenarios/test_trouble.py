"""What goes wrong in an office: locked, read-only, full, stopped. One sentence, nothing lost, the program goes on."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crm_desktop import app, features
from crm_desktop.core.errors import Unreachable, UserError
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from tests.helpers.postgres import PostgresServer, running_server

ANA = Actor(None, "Ana")
ROOT = Path(__file__).resolve().parents[2]


def test_a_locked_file_says_so_and_loses_nothing(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sqlite_database.path
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with sqlite_database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
        connection.rollback()
    for _ in range(4):  # every pooled connection gives up soon, so that the test does not wait
        with sqlite_database.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
    with pytest.raises(UserError, match="Another program is writing"), write(sqlite_database, "x", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Ana"})
    other.execute("ROLLBACK")
    other.close()
    with write(sqlite_database, "x", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Ana"})
    with sqlite_database.read() as connection:
        assert queries.count(sqlite_database, connection, "contact") == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator may write anywhere")
def test_a_read_only_file_says_so(sqlite_url: str) -> None:
    path = Path(sqlite_url)
    path.chmod(stat.S_IRUSR)
    path.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(UserError, match=r"read-only|cannot be opened"):
            database = Database(path, features.schema())
            with write(database, "x", actor=ANA) as uow:
                service.create_record(uow, "contact", {"name": "Ana"})
    finally:
        path.parent.chmod(stat.S_IRWXU)


def test_a_file_that_became_read_only_says_so(sqlite_database: Database) -> None:
    with pytest.raises(UserError, match="read-only"), write(sqlite_database, "x", actor=ANA) as uow:
        uow.connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            service.create_record(uow, "contact", {"name": "Ana"})
        finally:
            uow.connection.exec_driver_sql("PRAGMA query_only=OFF")
    with sqlite_database.read() as connection:
        assert queries.count(sqlite_database, connection, "contact") == 0


def test_a_database_opened_to_read_refuses_to_write(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    database = Database(sqlite_url, features.schema(), read_only=True)
    with pytest.raises(UserError, match="for reading only"), write(database, "x", actor=ANA):
        pass
    with database.read() as connection:
        assert queries.count(database, connection, "contact") == 0
    database.close()


def test_a_full_disk_says_so_and_keeps_what_was_there(sqlite_database: Database) -> None:
    with write(sqlite_database, "x", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Before"})
    with sqlite_database.read() as connection:
        before = digest(connection, sqlite_database.schema)
    with pytest.raises(UserError, match="disk is full"), write(sqlite_database, "x", actor=ANA) as uow:
        pages = uow.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        uow.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for number in range(5000):
            service.create_record(uow, "contact", {"name": f"Too much {number}", "notes": "x" * 500})
    with sqlite_database.read() as connection:
        assert digest(connection, sqlite_database.schema) == before


def test_a_damaged_page_is_named(sqlite_url: str) -> None:
    database = app.open_database(sqlite_url)
    with write(database, "x", actor=ANA) as uow:
        for number in range(500):
            service.create_record(uow, "contact", {"name": f"Contact {number}", "notes": "x" * 300})
    database.close()
    path = Path(sqlite_url)
    content = bytearray(path.read_bytes())
    content[8192 : len(content) // 2] = b"\xff" * (len(content) // 2 - 8192)
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        database = app.open_database(sqlite_url)
        with database.read() as connection:
            digest(connection, database.schema)


def test_a_killed_program_leaves_whole_change_sets_only(sqlite_url: str) -> None:
    script = textwrap.dedent(
        """
        import os, sys
        sys.path.insert(0, sys.argv[1])
        from crm_desktop import app
        from crm_desktop.db.unit_of_work import write
        from crm_desktop.records import service
        database = app.open_database(sys.argv[2])
        with write(database, "Whole") as uow:
            service.create_record(uow, "contact", {"name": "Whole"})
        with write(database, "Half") as uow:
            for number in range(50):
                service.create_record(uow, "contact", {"name": f"Half {number}"})
            os._exit(9)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(ROOT), sqlite_url], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 9
    database = app.open_database(sqlite_url)
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        rows = queries.fetch_rows(database, connection, "contact", ids, ["name"])
        assert [row.values["name"] for row in rows] == ["Whole"]
        assert connection.exec_driver_sql("SELECT change_set_id FROM change_context").scalar_one() is None
    database.close()


def test_a_server_that_stops_in_the_middle_of_a_save_and_comes_back() -> None:
    with running_server() as server:
        server.create_database("stops")
        database = app.open_database(server.url("stops"))
        with write(database, "x", actor=ANA) as uow:
            service.create_record(uow, "contact", {"name": "Before"})
        with pytest.raises(Unreachable), write(database, "x", actor=ANA) as uow:
            service.create_record(uow, "contact", {"name": "Lost?"})
            with database.engine.connect() as killer:
                killer.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            service.create_record(uow, "contact", {"name": "Lost!"})
        with write(database, "x", actor=ANA) as uow:  # the next save goes through by itself
            service.create_record(uow, "contact", {"name": "After"})
        with database.read() as connection:
            ids = queries.find_ids(database, connection, "contact", sort=[("id", False)])
            rows = queries.fetch_rows(database, connection, "contact", ids, ["name"])
        assert [row.values["name"] for row in rows] == ["Before", "After"]
        database.close()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="does not answer") as caught:
        app.open_database("postgresql://ana:secret@127.0.0.1:1/crm")
    assert "secret" not in str(caught.value) + caught.value.details


def test_a_wrong_password_is_named(postgres_server: PostgresServer) -> None:
    url = make_url(postgres_server.url("postgres")).set(password="wrong-one")
    with pytest.raises(UserError, match="refused the user name or the password") as caught:
        app.open_database(url.render_as_string(hide_password=False))
    assert "wrong-one" not in str(caught.value) + caught.value.details
