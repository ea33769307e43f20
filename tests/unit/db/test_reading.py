"""A file that cannot be written is opened to read: whole, with its log, of an older program too; and never touched."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crm_desktop import app, cli
from crm_desktop.core import clock
from crm_desktop.core.errors import ReadOnlyFile, UserError
from crm_desktop.db import migrate
from crm_desktop.db.past.database import open_as_of
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.reading import open_for_reading, save_copy
from crm_desktop.records import service
from crm_desktop.records.moved import OfficeMoved
from crm_desktop.security import passwords
from tests.helpers import old_offices
from tests.helpers.write_protected import protect

ANA = Actor(None, "Ana")
ROOT = Path(__file__).resolve().parents[3]


def add(path: Path, name: str) -> None:
    database = app.open_database(path)
    app.enter(database)
    with write(database, "Add", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": name})
    database.close()


def names(database: object) -> list[str]:
    with database.read() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(sa.text("SELECT name FROM contact ORDER BY id")).scalars())


@pytest.fixture
def office(sqlite_url: str) -> Path:
    add(Path(sqlite_url), "Íris")
    return Path(sqlite_url)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_it_is_said_and_can_be_read_but_not_written(office: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    before = office.read_bytes()
    protect(monkeypatch, office if what == "file" else office.parent)
    with pytest.raises(ReadOnlyFile, match="can only be read"):
        app.open_database(office)
    database = open_for_reading(office)
    assert app.enter(database).database is database
    assert names(database) == ["Íris"] and database.name == office.name
    assert database.access.may("contact", "read") and not database.access.may("contact", "edit")
    with pytest.raises(UserError, match="can only be read"), write(database, "Edit", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Never"})
    with contextlib.closing(open_as_of(database, clock.now())) as past:
        assert names(past) == ["Íris"]
    scratch = database.path
    assert scratch is not None and scratch.parent != office.parent
    database.close()
    assert office.read_bytes() == before and not list(office.parent.glob("*-wal"))


def test_the_last_saves_in_its_log_are_seen(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program that was killed leaves it; the copy of the log alone cannot be opened by SQLite in its place."""
    database = app.open_database(office)
    with write(database, "Add", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Only In The Log"})
    folder = tmp_path / "stick"
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{office}{suffix}", folder / f"office.crm{suffix}")
    database.close()
    protect(monkeypatch, folder)
    reading = open_for_reading(folder / "office.crm")
    assert names(reading) == ["Íris", "Only In The Log"]
    reading.close()


def test_somebody_with_more_rights_goes_on_saving(office: Path) -> None:
    database = app.open_database(office)
    reading = open_for_reading(office)
    with write(database, "Add", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Later"})
    assert names(reading) == ["Íris"] and names(database) == ["Íris", "Later"]
    reading.close()
    database.close()


def test_one_of_an_older_program_is_read_and_stays_as_it_is(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0003")
    before = old_offices.raw_state(empty_sqlite_url)
    database = open_for_reading(Path(empty_sqlite_url))
    app.enter(database)
    assert migrate.state(database) == "current" and old_offices.NEW_NAME in names(database)
    database.close()
    assert old_offices.raw_state(empty_sqlite_url) == before
    assert not (Path(empty_sqlite_url).parent / "backups").exists(), "nothing was upgraded, so nothing was copied"


def test_a_password_is_asked_for_here_too(office: Path) -> None:
    database = app.open_database(office)
    user = app.enter(database).actor.user_id
    assert user is not None
    with write(database, "Password", kind="system") as uow:
        passwords.give_password(uow, user, "caju-verde-1987", must_change=False)
    database.close()
    reading = open_for_reading(office)
    assert passwords.asks(reading)
    with pytest.raises(passwords.SignInNeeded):
        app.sign_in(reading)
    with pytest.raises(passwords.WrongPassword):
        app.sign_in(reading, user_id=user, password="wrong")
    app.enter(reading, user_id=user, password="caju-verde-1987")
    assert reading.read_only and names(reading) == ["Íris"]
    assert passwords.asks(reading), "the window can be locked, and opened again"
    app.sign_in(reading, user_id=user, password="caju-verde-1987")
    assert not reading.access.may("contact", "edit")
    reading.close()


def test_a_copy_of_it_can_be_worked_in(office: Path, tmp_path: Path) -> None:
    reading = open_for_reading(office)
    app.enter(reading)
    target = tmp_path / "mine" / "copy.crm"
    with pytest.raises(UserError, match="not there"):
        save_copy(reading, target)
    target.parent.mkdir()
    save_copy(reading, target)
    with pytest.raises(UserError, match="there already"):
        save_copy(reading, target)
    reading.close()
    add(target, "New")
    database = app.open_database(target)
    assert names(database) == ["Íris", "New"]
    database.close()
    assert [one.name for one in target.parent.iterdir()] == ["copy.crm"]


def test_what_is_no_office_is_refused_as_ever(office: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.crm"
    shutil.copyfile(office, newer)
    database = app.open_database(newer)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '8888'")
    database.close()
    with pytest.raises(UserError, match="newer version"):
        open_for_reading(newer)
    cut = tmp_path / "cut.crm"
    cut.write_bytes(office.read_bytes()[:20_000])
    with pytest.raises(UserError, match="damaged"):
        app.enter(open_for_reading(cut))
    with pytest.raises(UserError, match="empty"):
        (tmp_path / "empty.crm").touch()
        open_for_reading(tmp_path / "empty.crm")


def test_one_that_moved_to_a_server_says_so(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(*_arguments: object) -> OfficeMoved:
        return OfficeMoved("office.crm", "postgresql://server/crm", clock.now())

    monkeypatch.setattr(app, "moved_note", moved)
    with pytest.raises(OfficeMoved) as found:
        open_for_reading(office)
    assert found.value.path == str(office), "not the scratch copy"


def test_commands_read_it_and_say_why_they_do_not_write(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protect(monkeypatch, office)
    found = CliRunner().invoke(cli.commands, ["find", "Íris", "--database", str(office)], standalone_mode=False)
    assert "Íris" in found.output and "can only be read" in found.output
    done = CliRunner().invoke(cli.commands, ["undo", "1", "--database", str(office)], standalone_mode=False)
    assert isinstance(done.exception, UserError)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of Unix")
def test_a_disk_that_is_full_when_the_program_starts_leaves_the_office_to_be_read(office: Path) -> None:
    """No file may grow by a byte: SQLite cannot even make what belongs beside the file."""
    script = textwrap.dedent(
        """
        import resource, sys
        from crm_desktop import app
        from crm_desktop.core.errors import ReadOnlyFile
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            app.open_office(sys.argv[1])
        except ReadOnlyFile as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            print(error.reason, error)
        """
    )
    before = office.read_bytes()
    command = [sys.executable, "-c", script, str(office)]
    done = subprocess.run(command, cwd=ROOT, timeout=120, check=False, capture_output=True, text=True)
    assert done.stdout.startswith("full The disk of office.crm is full"), done.stdout + done.stderr
    assert office.read_bytes() == before
    reading = open_for_reading(office, reason="full")
    assert names(reading) == ["Íris"] and reading.original is not None and reading.original.reason == "full"
    reading.close()
    add(office, "After")


def test_no_room_for_the_copy_before_an_upgrade_leaves_the_old_file_to_be_read(
    empty_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_offices.build(empty_sqlite_url, "0005")
    before = old_offices.raw_state(empty_sqlite_url)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**9, used=10**9, free=1000))
        with pytest.raises(ReadOnlyFile, match=r"copy of it is made.*are needed") as found:
            app.open_database(empty_sqlite_url)
    assert found.value.reason == "upgrade" and old_offices.raw_state(empty_sqlite_url) == before
    reading = open_for_reading(Path(empty_sqlite_url), reason="upgrade")
    assert old_offices.NEW_NAME in names(reading)
    reading.close()
    assert old_offices.raw_state(empty_sqlite_url) == before
