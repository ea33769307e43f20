"""A clock that was set back, or was wrong for a while: nothing goes because of it, and nobody is kept out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.backup import catalogue, overview, places, replacing, running, runs, schedule, tidying
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.backup.schedule import Plan
from crm_desktop.core.errors import UserError
from crm_desktop.core.ids import generator
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import compaction, history, presence, service
from crm_desktop.records.retention import Policy
from tests.helpers.years import NOW, at, standing_clock

ANA = Actor(None, "Ana")


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with standing_clock(monkeypatch):
        yield


def ago(days: int) -> None:
    at(NOW - timedelta(days=days))


def make(database: Database, name: str) -> int:
    with write(database, "Create", actor=ANA) as uow:
        return service.create_record(uow, "contact", {"name": name})


def delete(database: Database, record: int) -> int:
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", [record])
        return uow.change_set_id


def titles(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.exec_driver_sql("SELECT name FROM contact").scalars())


def test_what_was_deleted_while_the_clock_was_wrong_can_be_restored_as_long_as_anything(database: Database) -> None:
    """Deleted today with the clock a year back: it is not a year old."""
    ago(400)
    old = make(database, "Deleted Long Ago")
    ago(300)
    delete(database, old)
    ago(2)
    young = make(database, "Deleted Today")
    ago(365)
    number = delete(database, young)
    at(NOW)
    with database.read() as connection:
        assert compaction.preview(database, connection, Policy()).records == {"contact": 1}
    compaction.compact(database, Policy(), ANA)
    history.undo(database, number, ANA)
    assert titles(database) == {"Deleted Today"}


def test_a_day_in_the_far_future_does_not_keep_everything_for_ever(database: Database) -> None:
    ago(400)
    old = make(database, "Deleted Long Ago")
    ago(-3000)
    make(database, "Of A Day To Come")
    ago(300)
    delete(database, old)
    at(NOW)
    with database.read() as connection:
        assert compaction.preview(database, connection, Policy()).records == {"contact": 1}


def test_change_sets_keep_the_order_in_which_they_were_made(database: Database) -> None:
    one = make(database, "First")
    ago(30)
    with write(database, "Second", actor=ANA) as uow:
        service.update_record(uow, "contact", one, {"name": "Second"})
    ago(60)
    with write(database, "Third", actor=ANA) as uow:
        service.update_record(uow, "contact", one, {"name": "Third"})
        number = uow.change_set_id
    at(NOW)
    history.undo(database, number, ANA)
    assert titles(database) == {"Second"}


def test_backups_of_days_to_come_take_nobodys_place_and_stay() -> None:
    """The clock stood in 2031 for a month; then it was set right."""

    def made(days: int) -> BackupInfo:
        moment = NOW + timedelta(days=days)
        return BackupInfo(f"/a/{days}", "x", moment, 1, False, moment, automatic=True, kind="daily")

    wrong = [made(1800 + day) for day in range(30)]
    right = [made(-day) for day in range(20)]
    gone = {one.path for one in schedule.superfluous([*wrong, *right])}
    assert gone == {one.path for one in schedule.superfluous(right)}
    assert {f"/a/{-day}" for day in range(7)}.isdisjoint(gone)


def test_a_window_of_a_day_to_come_keeps_nobody_out(sqlite_database: Database) -> None:
    """A window that was killed while the clock was wrong: its row is neither somebody here, nor in the way of a restore."""
    database = sqlite_database
    record = make(database, "Íris")
    with write(database, "Colleague", kind="system") as uow:
        rui = uow.insert("user", {"name": "Rui", "login": "rui", "role": "sales", "active": True})
        uow.insert("user", {"name": "Eva", "login": "eva", "role": "owner", "active": True})
    ago(-100)
    presence.announce(database, rui, "w2", {("contact", record): True}, {})
    with pytest.raises(UserError, match="Rui"):
        replacing.refuse_others(database, "w1")
    at(NOW)
    replacing.refuse_others(database, "w1")
    with database.read() as connection:
        assert presence.others(database, connection, generator.next(), [record]) == []
    presence.announce(database, rui, "w3", {("contact", record): True}, {})
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM presence").scalar() == 1, "the old row went"


def planned(database: Database, folder: Path) -> str:
    """Make what the plan wants at noon; the path of the backup, "" where none was due."""
    plan = Plan(True, times=(time(12),), places=(str(folder),), zone="UTC")
    made = running.make_due(database, plan, "Ana", Progress())
    return made.info.path if made is not None else ""


def test_a_clock_that_was_set_back_does_not_stop_the_backups_of_the_days_it_goes_through_again(
    sqlite_database: Database, tmp_path: Path
) -> None:
    for hour in range(6):
        at(NOW + timedelta(days=hour, hours=hour))
        assert planned(sqlite_database, tmp_path)
    for day in range(6):
        at(NOW + timedelta(days=day - 40, hours=1))
        assert planned(sqlite_database, tmp_path)
    for day in range(4):  # these days had theirs, and somebody worked since
        at(NOW + timedelta(days=day, minutes=20))
        make(sqlite_database, f"Of Day {day}")
        path = planned(sqlite_database, tmp_path)
        assert path and Path(path).exists(), f"day {day}: the newest one is not thrown away for one of later that day"
        assert not planned(sqlite_database, tmp_path), "one a day"


def test_a_backup_of_days_to_come_does_not_hide_how_old_the_others_are(database: Database, tmp_path: Path) -> None:
    path = running.run_backup(database, Plan(), folders=[tmp_path]).info.path  # type: ignore[union-attr]
    late = runs.claim(database, "daily", "Ana")
    assert late is not None
    table = Base.metadata.tables["backup_run"]
    with database.begin() as connection:
        to_come = runs.now_of(connection) + timedelta(days=1800)
        values = {"state": "proven", "proven_at": to_come, "started_at": to_come}
        connection.execute(table.update().where(table.c.id == late).values(values))
    with database.read() as connection:
        found = overview.last_proven(connection)
    assert found is not None and found.path == path
    newest = overview.read_overview(database).newest_proven
    assert newest is not None and newest.info.path == path
    identity = runs.claim(database, "daily", "Ana")
    assert identity is not None
    runs.fail(database, identity, "The disk is full.")
    with database.begin() as connection:
        now = runs.now_of(connection)
        connection.execute(table.update().where(table.c.id == identity).values(started_at=now + timedelta(minutes=5)))
    trouble = overview.read_overview(database).trouble
    assert trouble is not None and trouble.run is not None and trouble.run.problem == "The disk is full."
    with database.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.id != late))
    with database.read() as connection:
        assert overview.last_proven(connection) is not None, "better than nothing"


def test_old_history_does_not_go_on_the_word_of_a_backup_of_days_to_come(
    sqlite_database: Database, tmp_path: Path
) -> None:
    at(NOW + timedelta(days=1800))
    assert planned(sqlite_database, tmp_path)
    at(NOW)
    assert tidying._proven_lately(sqlite_database) is None
    assert planned(sqlite_database, tmp_path) == tidying._proven_lately(sqlite_database)


def test_a_stick_with_a_backup_of_days_to_come_still_gets_what_it_missed(
    sqlite_database: Database, tmp_path: Path
) -> None:
    here, stick = tmp_path / "here", tmp_path / "stick"
    here.mkdir()
    stick.mkdir()
    plan = Plan(True, times=(time(12),), places=(str(here), str(stick)), zone="UTC")
    at(NOW + timedelta(days=1800))
    assert running.make_due(sqlite_database, plan, "Ana", Progress()) is not None
    away = stick.rename(tmp_path / "away")
    at(NOW)
    missed = planned(sqlite_database, here)
    away.rename(stick)
    late = places.late_for(sqlite_database, places.look(str(stick)), plan)
    assert [one.path for one in late] == [missed]
    assert catalogue.last_proven(sqlite_database) == NOW
