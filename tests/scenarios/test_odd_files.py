"""Files in every state that an office meets: nothing is lost, and one sentence says what is the matter."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop import app, features
from crm_desktop.backup.making import make_backup
from crm_desktop.core import clock, ids
from crm_desktop.core.errors import FileGone, UserError
from crm_desktop.db import places
from crm_desktop.db.database import Database
from crm_desktop.db.file_state import PagesStopped, pages_whole
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.doctor import check
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.run import run_imports
from crm_desktop.records import deleted, history, queries, service
from tests.helpers.torture_work import state_of

ANA = Actor(None, "Ana")
ROOT = Path(__file__).resolve().parents[2]


def add(database: Database, *names: str) -> None:
    with write(database, "Add", actor=ANA) as uow:
        for name in names:
            service.create_record(uow, "contact", {"name": name})


def names(database: Database) -> list[str]:
    with database.read() as connection:
        found = queries.find_ids(database, connection, "contact", sort=[("id", False)])
        return [str(row.values["name"]) for row in queries.fetch_rows(database, connection, "contact", found, ["name"])]


def fill_up(database: Database) -> None:
    """From now on the file cannot grow: the disk is full for SQLite."""

    def limit(connection: sqlite3.Connection, _record: object = None) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(database.engine, "connect", limit)
    database.engine.dispose()


# -- full disk -------------------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_during_an_import_leaves_nothing_of_it(sqlite_url: str, tmp_path: Path) -> None:
    database = app.open_database(sqlite_url)
    add(database, "Before")
    before = state_of(database)
    path = tmp_path / "in.csv"
    rows = "".join(f"Pessoa {n},p{n}@in.example,{'x' * 200}\n" for n in range(3000))
    path.write_text("Nome,E-mail,Observações\n" + rows, encoding="utf-8")
    plan = guess_plan(database, path, "contact", country="BR").plan
    fill_up(database)
    with pytest.raises(UserError, match="disk is full"):
        run_imports(database, [ImportPart(path, plan)], ANA)
    assert state_of(database) == before
    database.close()
    again = app.open_database(sqlite_url)
    assert names(again) == ["Before"] and all(one.ok for one in check(again, full=True))
    run_imports(again, [ImportPart(path, plan)], ANA)
    assert len(names(again)) == 3001
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of Unix")
def test_a_real_write_error_in_the_middle_of_a_save_is_said_and_rolled_back(sqlite_url: str) -> None:
    """The system refuses to let any file grow, as a full disk or a quota does; the log of SQLite included."""
    script = textwrap.dedent(
        """
        import resource, signal, sys
        sys.path.insert(0, sys.argv[1])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        from pathlib import Path
        from crm_desktop import app
        from crm_desktop.core.errors import UserError
        from crm_desktop.db.unit_of_work import write
        from crm_desktop.records import service
        database = app.open_database(sys.argv[2])
        with write(database, "Before") as uow:
            service.create_record(uow, "contact", {"name": "Before"})
        size = max(Path(sys.argv[2] + "-wal").stat().st_size, Path(sys.argv[2]).stat().st_size)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            with write(database, "Too much") as uow:
                for number in range(4000):
                    service.create_record(uow, "contact", {"name": f"Half {number}", "notes": "x" * 2000})
            print("saved")
        except UserError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        with write(database, "After") as uow:
            service.create_record(uow, "contact", {"name": "After"})
        database.close()
        """
    )
    command = [sys.executable, "-c", script, str(ROOT), sqlite_url]
    done = subprocess.run(command, cwd=ROOT, timeout=120, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Nothing was changed" in done.stdout and "free" in done.stdout, done.stdout
    database = app.open_database(sqlite_url)
    assert names(database) == ["Before", "After"]
    assert all(one.ok for one in check(database, full=True))
    database.close()


# -- odd contents ----------------------------------------------------------------------------------------------------


def test_an_empty_file_becomes_an_office_only_where_one_may_be_made(tmp_path: Path) -> None:
    """Zero bytes are what a failed copy leaves: nothing can be lost in it, but nobody must take it for their office."""
    path = tmp_path / "office.crm"
    path.touch()
    with pytest.raises(UserError, match="is empty"):
        app.open_database(path)
    assert path.stat().st_size == 0


def test_a_file_that_was_cut_off_is_named_and_left_as_it_is(sqlite_url: str) -> None:
    database = app.open_database(sqlite_url)
    add(database, *(f"Name {number}" for number in range(200)))
    database.close()
    path = Path(sqlite_url)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"damaged|cut off"):
        opened = app.open_database(path)
        try:
            state_of(opened)
        finally:
            opened.close()
    assert path.stat().st_size == len(whole) // 2, "nothing was written into it"


def test_a_flipped_page_is_found_by_the_check_of_the_pages(sqlite_url: str) -> None:
    database = app.open_database(sqlite_url)
    add(database, *(f"Name {number}" for number in range(300)))
    database.close()
    path = Path(sqlite_url)
    assert pages_whole(path, lambda: False) == ""
    with pytest.raises(PagesStopped):
        pages_whole(path, lambda: True)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = bytes(reversed(content[middle : middle + 4096]))
    path.write_bytes(content)
    assert pages_whole(path, lambda: False) != ""


def test_a_log_of_another_file_is_not_played_in(sqlite_url: str, tmp_path: Path) -> None:
    """A -wal of somebody else's beside the file, as after a careless copy: SQLite would play it in."""
    other = app.open_database(tmp_path / "other.crm")
    add(other, "Stranger")
    wal = (tmp_path / "other.crm-wal").read_bytes()
    other.close()
    database = app.open_database(sqlite_url)
    add(database, "Mine")
    database.close()
    log = Path(sqlite_url + "-wal")
    log.write_bytes(wal)
    before = Path(sqlite_url).read_bytes()
    with pytest.raises(UserError, match="does not belong to it"):
        app.open_database(sqlite_url)
    assert Path(sqlite_url).read_bytes() == before and log.read_bytes() == wal, "nothing was played in or thrown away"
    log.rename(tmp_path / "looked-at")
    opened = app.open_database(sqlite_url)
    assert names(opened) == ["Mine"]
    assert all(one.ok for one in check(opened, full=True))
    opened.close()


def test_an_office_is_known_by_its_log_after_its_first_change_was_deleted_for_good(sqlite_url: str) -> None:
    """The log tells that the first change is gone, the file alone still has it: it is the same office all the same."""
    database = app.open_database(sqlite_url)
    add(database, "First")
    add(database, "Second")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.read() as connection:
        first = queries.find_ids(database, connection, "contact", sort=[("id", False)])[0]
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", [first])
    with database.read() as connection:
        gone = deleted.list_deleted(database, connection)
    deleted.delete_for_good(database, ANA, gone)
    log = Path(sqlite_url + "-wal")
    assert log.stat().st_size > 32, "the log holds what was done last"
    again = app.open_database(sqlite_url)
    assert names(again) == ["Second"]
    again.close()
    database.close()


def test_a_file_copied_without_its_log_is_whole_and_lacks_only_the_last_saves(sqlite_url: str, tmp_path: Path) -> None:
    """Somebody copies office.crm while it is open, and forgets the -wal: older, but whole; with the -wal it has all."""
    database = app.open_database(sqlite_url)
    add(database, "First")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    add(database, "Second")
    for kind in ("", "-wal"):
        shutil.copyfile(sqlite_url + kind, tmp_path / f"both.crm{kind}")
    shutil.copyfile(sqlite_url, tmp_path / "alone.crm")
    database.close()
    for name, wanted in (("alone", ["First"]), ("both", ["First", "Second"])):
        copy = app.open_database(tmp_path / f"{name}.crm")
        assert names(copy) == wanted
        assert all(one.ok for one in check(copy, full=True))
        copy.close()


def test_a_vacuum_that_was_killed_leaves_the_file_whole(sqlite_url: str) -> None:
    database = app.open_database(sqlite_url)
    add(database, *(f"Name {number}" for number in range(300)))
    before = state_of(database)
    database.close()
    script = (
        "import sqlite3, sys, os, threading, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.set_progress_handler(lambda: os._exit(9), 2000)\n"
        "c.execute('VACUUM')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, sqlite_url], timeout=60, check=False)
    assert done.returncode == 9, "it was killed in the middle"
    again = app.open_database(sqlite_url)
    assert state_of(again) == before and all(one.ok for one in check(again, full=True))
    again.close()


# -- opened twice ----------------------------------------------------------------------------------------------------


def test_two_programs_on_one_file_both_keep_what_they_save(sqlite_url: str) -> None:
    script = textwrap.dedent(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        from crm_desktop import app
        from crm_desktop.db.unit_of_work import write
        from crm_desktop.records import service
        database = app.open_database(sys.argv[2])
        for number in range(15):
            with write(database, "Other") as uow:
                service.create_record(uow, "contact", {"name": f"Other {number}"})
        database.close()
        """
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(ROOT), sqlite_url], cwd=ROOT)
    database = app.open_database(sqlite_url)
    for number in range(15):
        add(database, f"Mine {number}")
    assert other.wait(120) == 0
    assert len(names(database)) == 30
    assert all(one.ok for one in check(database, full=True))
    database.close()


# -- taken away ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move an open file")
def test_a_file_that_is_moved_away_while_open_is_not_written_to(sqlite_url: str, tmp_path: Path) -> None:
    database = app.open_database(sqlite_url)
    add(database, "Before")
    away = tmp_path / "away"
    away.mkdir()
    for one in list(Path(sqlite_url).parent.glob("office.crm*")):
        one.rename(away / one.name)
    with pytest.raises(FileGone, match="not there any more"):
        add(database, "Nowhere")
    assert not Path(sqlite_url).exists(), "no empty file was made in its place"
    for one in list(away.iterdir()):
        one.rename(Path(sqlite_url).parent / one.name)
    add(database, "After")
    assert names(database) == ["Before", "After"]
    database.close()


# -- the clock -------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_gives_no_number_twice_and_keeps_the_order(database: Database) -> None:
    real = datetime.now(UTC)
    clock.set_clock(lambda: real)
    add(database, "Today")
    clock.set_clock(lambda: real - timedelta(days=400))
    add(database, "Set Back One", "Set Back Two")
    with database.read() as connection:
        recent = history.recent(connection, limit=5)
    assert len({row.id for row in recent}) == len(recent)
    with database.read() as connection:
        newest = history.recent(connection, limit=1)[0]
    history.undo(database, newest.id, ANA)
    assert names(database) == ["Today"]
    assert all(one.ok for one in check(database, full=True))


def test_ids_go_on_upwards_where_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([2_000_000_000.0, 1_999_990_000.0, 1_000_000_000.0, 2_000_000_000.001])
    monkeypatch.setattr(ids.time, "time", lambda: next(moments))
    generator = ids.IdGenerator(device=7)
    given = [generator.next() for _ in range(4)]
    assert given == sorted(set(given))


# -- network shares --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse", "smbfs", "afpfs", "webdav", "9p"]
)
def test_shares_of_every_kind_are_refused_with_the_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path}/share {kind} rw 0 0\n")
    monkeypatch.setenv("CRM_MOUNTS", str(mounts))
    (tmp_path / "share").mkdir()
    with pytest.raises(UserError, match=r"network share.*this computer.*PostgreSQL"):
        Database(tmp_path / "share" / "office.crm", features.schema())


def test_the_mounts_of_macos_are_understood() -> None:
    text = textwrap.dedent(
        """\
        /dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
        //ana@nas._smb._tcp.local/office on /Volumes/office share (smbfs, nodev, nosuid, mounted by ana)
        nas:/x on /Volumes/nfs (nfs, asynchronous)
        """
    )
    found = places.mounts_of_macos(text)
    assert ("/Volumes/office share", "smbfs") in found and ("/Volumes/nfs", "nfs") in found and ("/", "apfs") in found


@pytest.mark.parametrize("path", ["//nas/office/crm.db", "\\\\nas\\office\\crm.db", "\\\\?\\UNC\\nas\\office\\crm.db"])
def test_names_of_windows_shares_are_known(path: str) -> None:
    assert places.is_unc(path)
    assert not places.is_unc("C:\\office\\crm.db") and not places.is_unc("\\\\?\\C:\\office\\crm.db")


def test_a_backup_onto_a_full_disk_leaves_nothing(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = app.open_database(sqlite_url)
    add(database, "Before")
    folder = tmp_path / "stick"
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(UserError, match="space"):
        make_backup(database, folder)
    assert not list(folder.glob("*")) if folder.exists() else True
    database.close()


def test_a_server_that_is_set_to_read_only_is_read_and_says_why_it_does_not_save(postgres_url: str) -> None:
    """As an administrator sets it while the disk is nearly full, or a copy that has not taken over yet."""
    database = app.open_database(postgres_url)
    app.enter(database)
    add(database, "Before")
    with database.begin() as connection:
        connection.exec_driver_sql(
            f'ALTER DATABASE "{postgres_url.rpartition("/")[2]}" SET default_transaction_read_only = on'
        )
    database.close()
    opened = app.open_office(postgres_url).database
    try:
        assert names(opened) == ["Before"]
        with pytest.raises(UserError, match="takes no changes just now"):
            add(opened, "Never")
        assert names(opened) == ["Before"]
    finally:
        opened.close()
