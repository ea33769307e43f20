"""The office's plan: when it wants a backup, who makes it, where it goes, what goes away."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.backup import (
    catalogue,
    disk,
    making,
    overview,
    place_notes,
    places,
    restoring,
    running,
    runs,
    schedule,
)
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import clock, keyrings
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history

EVA = Actor(None, "Eva")
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)  # a Wednesday
TWICE = Plan(True, times=(time(12), time(18)), zone="UTC")


@pytest.fixture(autouse=True)
def _real_clock_again() -> Iterator[None]:
    yield
    clock.set_clock(None)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The only place of a plan."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


def at(moment: datetime) -> None:
    clock.set_clock(lambda: moment)


def run_rows(database: Database) -> list[runs.Run]:
    with database.read() as connection:
        return runs.recent(connection)


def wanted(database: Database, moment: datetime) -> bool:
    with database.read() as connection:
        return runs.wanted(connection, moment)


def test_times_of_the_day_and_chosen_weekdays() -> None:
    weekdays = Plan(True, times=(time(18), time(12)), days=(0, 1, 2, 3, 4), zone="UTC")
    assert schedule.last_due(weekdays, NOON) == NOON
    assert schedule.next_due(weekdays, NOON) == NOON + timedelta(hours=6)
    sunday = NOON + timedelta(days=4)
    assert schedule.last_due(weekdays, sunday) == datetime(2026, 3, 13, 18, tzinfo=UTC)
    assert schedule.next_due(weekdays, sunday) == datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert schedule.last_due(Plan(False), NOON) is None


def test_the_plan_is_a_setting_of_the_office_with_history_and_undo(database: Database) -> None:
    plan = Plan(True, times=(time(7, 30),), days=(0, 3), places=("", "/media/stick"), encrypted=True, zone="UTC")
    with write(database, "Plan", actor=EVA) as uow:
        schedule.save_plan(uow, plan)
    assert schedule.plan_of(database) == plan
    with database.read() as connection:
        last = history.recent(connection)[0]
    history.undo(database, last.id, EVA)
    assert schedule.plan_of(database).encrypted is False


@pytest.mark.parametrize("value", [None, 7, {"times": ["late"]}, {"days": ["x"]}])
def test_a_setting_that_is_no_plan_is_none(value: Any) -> None:
    assert schedule.from_json(value) is None


def test_of_two_computers_one_makes_it_and_the_other_takes_over_where_it_is_gone(database: Database) -> None:
    due = datetime.now(UTC).replace(microsecond=0)
    first = runs.claim(database, "daily", "Eva", due)
    assert first is not None and runs.claim(database, "daily", "Ivo", due) is None and not wanted(database, due)
    with database.begin() as connection:
        table = runs._table()
        old = runs.now_of(connection) - runs.ALIVE - timedelta(seconds=1)
        connection.execute(table.update().values(seen_at=old))
    assert wanted(database, due) and run_rows(database)[0].gone(datetime.now(UTC))
    assert runs.claim(database, "daily", "Ivo", due) == first
    assert runs.claim(database, "daily", "Eva", due) is None
    assert run_rows(database)[0].user_name == "Ivo"


def test_what_failed_is_tried_again_later_and_what_worked_never(database: Database) -> None:
    due = datetime.now(UTC).replace(microsecond=0)
    identity = runs.claim(database, "daily", "Eva", due)
    assert identity is not None
    runs.fail(database, identity, "The disk is full.")
    assert not wanted(database, due) and run_rows(database)[0].problem == "The disk is full."
    with database.begin() as connection:
        old = runs.now_of(connection) - runs.AGAIN - timedelta(seconds=1)
        connection.execute(runs._table().update().values(seen_at=old))
    assert wanted(database, due) and runs.claim(database, "daily", "Eva", due) == identity
    runs.finish(database, identity, BackupInfo("/x/a", "", due, 7, False, due), {})
    assert not wanted(database, due) and run_rows(database)[0].state == "proven"


def test_what_failed_for_want_of_a_folder_is_free_for_whoever_has_one(database: Database) -> None:
    due = datetime.now(UTC).replace(microsecond=0)
    identity = runs.claim(database, "daily", "Eva", due)
    assert identity is not None
    runs.fail(database, identity, "It is not there.", nowhere=True)
    assert run_rows(database)[0].nowhere and wanted(database, due)
    assert runs.claim(database, "daily", "Ivo", due) == identity and not wanted(database, due)
    runs.fail(database, identity, "The disk is full.")
    assert not run_rows(database)[0].nowhere and not wanted(database, due)


def test_a_clock_that_is_set_neither_stops_backups_nor_repeats_them(sqlite_database: Database, kept: Path) -> None:
    plan = Plan(True, times=(time(12),), places=(str(kept),), zone="UTC")

    def look() -> bool:
        return running.make_due(sqlite_database, plan, "Eva", Progress()) is not None

    at(NOON + timedelta(hours=1))
    assert look() and not look()
    at(NOON + timedelta(days=900))
    assert look() and not look()
    at(NOON + timedelta(hours=2))
    assert look() and not look(), "by this clock that of the day was made, but before what the clock calls days to come"
    at(NOON + timedelta(days=1, hours=1))
    assert look() and not look()
    assert len(list(kept.iterdir())) == 3


def test_a_missed_backup_is_caught_up_once(sqlite_database: Database, tmp_path: Path) -> None:
    plan = Plan(True, times=(time(12), time(18)), places=(str(tmp_path),), zone="UTC")
    at(NOON + timedelta(days=5, hours=-3))
    made = running.make_due(sqlite_database, plan, "Eva", Progress())
    assert (
        made is not None
        and made.info.proven
        and run_rows(sqlite_database)[0].due_at == NOON + timedelta(days=4, hours=6)
    )
    assert running.make_due(sqlite_database, plan, "Eva", Progress()) is None


def test_who_may_not_or_sees_a_part_takes_no_part(locked_office: Any) -> None:
    plan = Plan(True, times=(time(12),), zone="UTC")
    for key in ("sales", "readonly"):
        assert running.due_now(locked_office.open(key), plan) is None
    assert running.due_now(locked_office.open("owner"), plan) is not None


def test_a_locked_server_is_backed_up_by_its_owner_and_everybody_reads_when(locked_office: Any, kept: Path) -> None:
    plan = Plan(True, times=(time(12),), places=(str(kept),), zone="UTC")
    made = running.make_due(locked_office.open("owner"), plan, "Olga", Progress())
    assert made is not None and made.info.proven and made.info.report["reports"].keys() == {
        "contacts", "pipeline", "activities",
    }  # fmt: skip
    with locked_office.open("sales").read() as connection:
        found = runs.last_proven(connection)
    assert found is not None and found.user_name == "Olga" and found.records is not None
    with pytest.raises(UserError):
        running.run_backup(locked_office.open("sales"), plan)


def test_several_places_and_one_that_comes_back(sqlite_database: Database, tmp_path: Path) -> None:
    local, stick = tmp_path / "local", tmp_path / "stick"
    local.mkdir()
    plan = Plan(True, times=(time(12),), places=(str(local), str(stick)), zone="UTC")
    at(NOON)
    assert running.due_now(sqlite_database, plan) is None  # left to a computer that sees the stick, for a while
    at(NOON + running.GRACE)
    made = running.make_due(sqlite_database, plan, "Eva", Progress())
    assert made is not None and [one.name for one in made.away] == [str(stick)] and not stick.exists()
    assert not running.is_late(sqlite_database, plan)
    stick.mkdir()
    assert running.is_late(sqlite_database, plan)
    copied = running.bring_late(sqlite_database, plan, Progress())
    assert [Path(one.path).read_bytes() for one in copied] == [Path(made.info.path).read_bytes()]
    assert not running.is_late(sqlite_database, plan)
    at(NOON + timedelta(days=1))
    again = running.make_due(sqlite_database, plan, "Eva", Progress())
    assert again is not None and len(again.copies) == 1 and len(list(stick.iterdir())) == 2


def test_where_no_place_is_there_the_computer_keeps_it(sqlite_database: Database, tmp_path: Path) -> None:
    plan = Plan(True, times=(time(12),), places=(str(tmp_path / "stick"),), zone="UTC")
    at(NOON + running.GRACE)
    made = running.make_due(sqlite_database, plan, "Eva", Progress())
    assert made is not None and Path(made.info.path).parent == places.fallback().folder
    (tmp_path / "stick").mkdir()
    assert len(running.bring_late(sqlite_database, plan, Progress())) == 1


def test_a_folder_that_had_backups_and_is_gone_is_not_made_anew(sqlite_database: Database, tmp_path: Path) -> None:
    stick, local = tmp_path / "stick", tmp_path / "local"
    for one in (stick, local):
        one.mkdir()
    plan = Plan(True, times=(time(12),), places=(str(stick), str(local)), zone="UTC")
    at(NOON)
    assert running.make_due(sqlite_database, plan, "Eva", Progress()) is not None
    assert places.lacking(sqlite_database, plan) == []
    stick.rename(tmp_path / "away")
    at(NOON + timedelta(hours=3))
    state = places.look(str(stick))
    assert (state.state, state.gone, state.since) == ("gone", True, NOON + timedelta(hours=3)) and not stick.exists()
    assert places.lacking(sqlite_database, plan) == []  # nothing was missed yet
    at(NOON + timedelta(days=1) + running.GRACE)
    made = running.make_due(sqlite_database, plan, "Eva", Progress())
    assert made is not None and Path(made.info.path).parent == local, "the other folders go on"
    assert not stick.exists() and [one.folder for one in made.away] == [stick]
    by_hand = running.run_backup(sqlite_database, plan, user_name="Eva")
    assert by_hand is not None
    [(found, count)] = places.lacking(sqlite_database, plan)
    assert (found.folder, found.since, count) == (stick, NOON + timedelta(hours=3), 2)
    (tmp_path / "away").rename(stick)
    assert running.is_late(sqlite_database, plan)
    assert len(running.bring_late(sqlite_database, plan, Progress())) == 2 and len(list(stick.iterdir())) == 3
    assert places.lacking(sqlite_database, plan) == [] and places.look(str(stick)).since is None


def test_the_only_folder_gone_is_a_missed_backup_that_is_caught_up_when_it_is_back(
    sqlite_database: Database, tmp_path: Path
) -> None:
    plan = Plan(True, times=(time(12),), zone="UTC")
    own = places.fallback().folder
    at(NOON)
    assert running.make_due(sqlite_database, plan, "Eva", Progress()) is not None
    own.rename(tmp_path / "renamed")
    at(NOON + timedelta(days=1) + running.GRACE)
    with pytest.raises(place_notes.FolderGone, match="had backups"):
        running.make_due(sqlite_database, plan, "Eva", Progress())
    assert not own.exists() and run_rows(sqlite_database)[0].nowhere
    assert [(one.folder, count) for one, count in places.lacking(sqlite_database, plan)] == [(own, 0)]
    assert running.due_now(sqlite_database, plan) is None  # one failure on the list, not one every two minutes
    (tmp_path / "renamed").rename(own)
    assert running.make_due(sqlite_database, plan, "Eva", Progress()) is not None, "at once"
    assert len(list(own.iterdir())) == 2 and run_rows(sqlite_database)[0].state == "proven"
    own.rename(tmp_path / "renamed")
    with pytest.raises(place_notes.FolderGone):
        running.run_backup(sqlite_database, plan)
    place_notes.make_anew(own)
    assert running.run_backup(sqlite_database, plan) is not None and len(list(own.iterdir())) == 1


def test_an_empty_folder_in_the_place_of_a_disk_is_not_the_disk(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    mounted = {str(share)}
    real = Path.is_mount
    monkeypatch.setattr(Path, "is_mount", lambda one: str(one) in mounted or real(one))
    plan = Plan(True, places=(str(share),), zone="UTC")
    assert running.run_backup(sqlite_database, plan) is not None
    mounted.clear()
    state = places.look(str(share))
    assert state.state == "unmounted" and not state.ready
    made = running.run_backup(sqlite_database, plan)
    assert made is not None and Path(made.info.path).parent == places.fallback().folder
    place_notes.make_anew(share)
    assert places.look(str(share)).ready


def test_a_copy_that_fails_leaves_a_proven_backup_and_says_why(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    sync = os.fsync

    def pulled(number: int) -> None:
        if "/b/" in os.readlink(f"/proc/self/fd/{number}"):
            raise OSError(errno.EIO, "pulled")
        sync(number)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    monkeypatch.setattr(os, "fsync", pulled)
    plan = Plan(True, places=(str(tmp_path / "a"), str(tmp_path / "b")), zone="UTC")
    made = running.run_backup(sqlite_database, plan)
    assert made is not None and made.info.proven and "removed" in made.problems[0]
    assert not any((tmp_path / "b").iterdir())


def test_the_plans_password_is_never_written_down(
    sqlite_database: Database, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_desktop.backup import passwords

    monkeypatch.setattr(keyrings, "read", lambda _service, _account: "")
    plan = Plan(True, places=(str(kept),), encrypted=True, zone="UTC")
    with pytest.raises(running.NeedsPassword):
        running.run_backup(sqlite_database, plan)
    assert run_rows(sqlite_database) == []
    monkeypatch.setattr(passwords, "_told", {sqlite_database.place: "Geheim-☂-77"})
    made = running.run_backup(sqlite_database, plan)
    assert made is not None and made.info.encrypted
    assert b"Geheim" not in Path(made.info.path).read_bytes()
    assert sqlite_database.path is not None and b"Geheim" not in sqlite_database.path.read_bytes()


def test_no_space_is_said_before_anything_is_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=1_000_000))
    with pytest.raises(disk.NoSpace, match="not enough free space"):
        making.make_backup(database, tmp_path / "kept")
    assert not any((tmp_path / "kept").iterdir()) and disk.size_of(database) > 100_000


def test_the_last_backup_tells_how_much_room_the_next_one_takes(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that has room for the compressed backup is not refused for the size of the database."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # all of it on one disk
    first = making.make_backup(database, tmp_path / "kept")
    plain, usage = disk.size_of(database), shutil.disk_usage(tmp_path)
    room = int(plain * 1.2) + 2 * first.size + 10_000_000
    assert room < 2 * plain + 10_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=room))
    assert making.make_backup(database, tmp_path / "kept").proven
    monkeypatch.setattr(disk, "known_backups", lambda _database: [])
    with pytest.raises(disk.NoSpace, match="not enough free space"):
        making.make_backup(database, tmp_path / "kept")


def test_cancelled_it_leaves_no_row_and_is_offered_again(sqlite_database: Database, kept: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        running.run_backup(sqlite_database, Plan(places=(str(kept),)), progress=progress)
    assert run_rows(sqlite_database) == [] and not any(kept.iterdir())


def info(path: str, days: float, *, kind: str = "daily", proven: bool = True) -> BackupInfo:
    moment = NOON - timedelta(days=days)
    return BackupInfo(path, "x", moment, 1, False, moment if proven else None, automatic=kind != "hand", kind=kind)


def test_rotation_keeps_days_weeks_months_and_what_is_not_its_own() -> None:
    daily = [info(f"/a/{day}", day) for day in range(400)]
    gone = {one.path for one in schedule.superfluous(daily)}
    assert {f"/a/{day}" for day in range(7)}.isdisjoint(gone) and "/a/8" in gone
    assert 400 - len(gone) in range(18, 24)
    others = [info("/a/h", 300, kind="hand"), info("/a/u", 200, proven=False)]
    before = [info(f"/a/m{n}", n, kind="migration") for n in range(9)]
    assert {one.path for one in schedule.superfluous(others + before)} == {f"/a/m{n}" for n in range(5, 9)}
    assert schedule.superfluous([info("/b/old", 900)]) == []  # the last proven one of its place


def test_rotation_knows_what_another_computer_made(
    sqlite_database: Database, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(True, times=(time(12),), places=(str(kept),), zone="UTC")
    for hour in range(3):
        at(NOON + timedelta(hours=hour))
        running.run_backup(sqlite_database, plan, kind="daily", due_at=NOON + timedelta(hours=hour))
        monkeypatch.setattr(catalogue, "_read", list)  # as on another computer: it remembers nothing
    assert len(list(kept.iterdir())) < 3


def test_a_restored_office_does_not_believe_that_its_backup_is_still_being_made(
    sqlite_database: Database, kept: Path, tmp_path: Path
) -> None:
    made = running.run_backup(sqlite_database, Plan(places=(str(kept),)), user_name="Eva")
    assert made is not None
    restoring.restore_backup(made.info.path, tmp_path / "drill.crm", sqlite_database.schema)
    restored = Database(tmp_path / "drill.crm", sqlite_database.schema)
    later = datetime.now(UTC) + runs.ALIVE * 2
    at(later)
    found = overview.read_overview(restored)
    assert found.trouble is None and not [row for row in found.rows if row.state in ("running", "gone")]
    restored.close()
