"""A clock that was set back, or was wrong for a while: nothing goes because of it, and nobody is kept out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crm_desktop.backup import replacing, schedule
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.ids import generator
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import compaction, history, presence, service
from crm_desktop.records.retention import Policy

ANA = Actor(None, "Ana")
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(compaction, "_REST", 0.0)
    at(NOW)
    yield
    clock.set_clock(None)


def at(moment: datetime) -> None:
    clock.set_clock(lambda: moment)


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
