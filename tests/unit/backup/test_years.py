"""Backups over years: what is kept when each day's rotation follows the last; and of computers at once, which makes one."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crm_desktop.backup import (
    catalogue,
    disk,
    making,
    overview,
    place_notes,
    places,
    running,
    runs,
    schedule,
    throw_away,
)
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.backup.schedule import DAILY, MONTHLY, WEEKLY, Plan
from crm_desktop.backup.sweeping import sweep_partials
from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write

BEGIN = datetime(2024, 1, 1, 18, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _real_clock_again() -> Iterator[None]:
    yield
    clock.set_clock(None)


def _made(moment: datetime) -> BackupInfo:
    return BackupInfo(f"/backups/{moment.isoformat()}", "", moment, 7, False, moment, automatic=True, kind="daily")


def _newest_of_each(moments: list[datetime], group: str, most: int) -> set[datetime]:
    """The newest of each of the last days, weeks or months in which there was a backup at all."""
    newest: dict[str, datetime] = {}
    for one in moments:
        newest[one.astimezone(clock.local_zone()).strftime(group)] = one
    return set(sorted(newest.values())[-most:])


@pytest.mark.parametrize("seed", range(2))
def test_after_years_of_rotation_the_promised_days_weeks_and_months_are_there(seed: int) -> None:
    """Each rotation sees only what the ones before it left; nothing that is wanted later may go earlier."""
    chance = Random(seed)
    there: list[BackupInfo] = []
    made: list[datetime] = []
    now = BEGIN
    for number in range(400):
        # now and then the office is closed for days or weeks
        now += timedelta(hours=chance.randrange(6, 72)) if number % 29 else timedelta(days=chance.randrange(50))
        clock.set_clock(lambda moment=now: moment)
        made = [*(one for one in made if now - one < timedelta(days=400)), now]
        there.append(_made(now))
        gone = {one.path for one in schedule.superfluous(there)}
        there = [one for one in there if one.path not in gone]
        kept = {one.created for one in there}
        for group, most in (("%Y-%m-%d", DAILY), ("%G-%V", WEEKLY), ("%Y-%m", MONTHLY)):
            assert _newest_of_each(made, group, most) <= kept, f"missing of {group} on {now}"
        assert len(there) <= DAILY + WEEKLY + MONTHLY


_COMPUTER = """
import sys, time
from pathlib import Path
from crm_desktop import features
from crm_desktop.backup import running, schedule
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
target, folder, number = sys.argv[1:]
database = Database(target, features.schema())
plan = schedule.plan_of(database)
print("ready", flush=True)
sys.stdin.readline()
made = running.make_due(database, plan, "Computer " + number, Progress())
print("made" if made is not None else "left to others", flush=True)
database.close()
"""


def test_of_computers_that_look_at_the_same_moment_one_makes_the_backup(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    now = datetime.now(UTC)
    due = (now - timedelta(minutes=30)).time().replace(second=0, microsecond=0)
    with write(database, "Plan", actor=Actor(None, "Eva")) as uow:
        schedule.save_plan(uow, Plan(True, times=(time(due.hour, due.minute),), places=(str(kept),), zone="UTC"))
    target = str(database.path) if database.sqlite else database.engine.url.render_as_string(hide_password=False)
    computers = [
        subprocess.Popen(
            [sys.executable, "-c", _COMPUTER, target.replace("postgresql+psycopg", "postgresql"), str(kept), str(number)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    for one in computers:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    for one in computers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = sorted(one.communicate(timeout=60)[0].strip() for one in computers)
    assert told == ["left to others", "left to others", "made"]
    assert len(list(kept.glob("*.crmbackup"))) == 1
    with database.read() as connection:
        (row,) = runs.recent(connection)
    assert row.state == "proven" and row.user_name.startswith("Computer")


def test_the_sample_office_leaves_no_backup_behind(sqlite_database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    throw_away.keep_beside(sqlite_database, folder)
    running.run_backup(sqlite_database, schedule.plan_of(sqlite_database))
    assert len(list((folder / "backups").iterdir())) == 1
    assert not list(places.folder_of("").glob("*.crmbackup")), "the folder of the real office has none of it"
    assert catalogue.known_backups(sqlite_database) and place_notes.was_used(folder / "backups")
    throw_away.forget(folder)
    assert not catalogue.known_backups(sqlite_database) and not place_notes.was_used(folder / "backups")


def test_unfinished_files_of_other_programs_are_not_swept_away(sqlite_database: Database, tmp_path: Path) -> None:
    """Somebody backs up to where a browser keeps what it has half loaded."""
    made = Path(running.run_backup(sqlite_database, Plan(), folders=[tmp_path]).info.path)  # type: ignore[union-attr]
    foreign, ours = tmp_path / "holiday photos.partial", made.with_suffix(".partial")
    for one in (foreign, ours):
        one.write_bytes(b"half")
    assert sweep_partials(sqlite_database, older_than=0) == [ours.name]
    assert foreign.exists() and not ours.exists()


@pytest.mark.parametrize("what", ["full", "pulled out", "bad"])
def test_a_first_place_that_fails_does_not_leave_the_office_without_a_backup(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    stick, here, third = tmp_path / "stick", tmp_path / "here", tmp_path / "third"
    for one in (stick, here, third):
        one.mkdir()
    known, free, wrote = places.look, disk.refuse_full, making.write_container

    def refuse_full(folder: Path, needed: int) -> None:
        free(folder, 10**18 if folder == stick and what == "full" else needed)

    def write_container(plain: Path, target: Path, *rest: Any) -> Any:
        if target.parent == stick and what == "pulled out":
            raise OSError(errno.EIO, "gone")
        done = wrote(plain, target, *rest)
        if target.parent == stick and what == "bad":
            target.write_bytes(target.read_bytes()[:-100] + bytes(100))
        return done

    monkeypatch.setattr(disk, "refuse_full", refuse_full)
    monkeypatch.setattr(making, "write_container", write_container)
    plan = Plan(True, places=(str(stick), str(here), str(third)))
    assert known(str(stick)).ready
    done = running.run_backup(sqlite_database, plan, kind="daily", due_at=BEGIN)
    assert done is not None and done.info.proven and Path(done.info.path).parent == here
    assert [Path(one.path).parent for one in done.copies] == [third] and len(done.problems) == 1
    with sqlite_database.read() as connection:
        last = runs.recent(connection)[0]
    assert last.state == "proven" and last.report is not None and last.report["problems"] == done.problems
    late = places.late_for(sqlite_database, known(str(stick)), plan)
    assert [Path(one.path).name for one in late] == [Path(done.info.path).name]
    assert overview.read_overview(sqlite_database).problems == tuple(done.problems)
