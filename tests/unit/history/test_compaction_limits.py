"""How long the history is kept: numbers beyond the calendar, and a run that is stopped in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import compaction, deleted, expired, files_service, retention, service
from crm_desktop.records.office_service import save_settings
from crm_desktop.records.retention import Policy
from tests.helpers.years import NOW, at, standing_clock

OLGA = Actor(None, "Olga")


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with standing_clock(monkeypatch):
        yield


def delete_somebody(database: Database, name: str, *, file: bool = False) -> None:
    with write(database, "Create", actor=OLGA) as uow:
        record = service.create_record(uow, "contact", {"name": name})
        if file:
            files_service.attach_bytes(uow, "contact", record, f"{name}.pdf", f"%PDF-1.4 of {name}".encode())
    with write(database, "Delete", actor=OLGA) as uow:
        service.delete_records(uow, "contact", [record])


def test_files_of_what_went_go_also_where_it_was_stopped(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went stays gone, its files with it: nobody else knows any more that they may go."""
    monkeypatch.setattr(expired, "TOGETHER", 1)
    at(NOW - timedelta(days=300))
    for name in ("Ana", "Bea"):
        delete_somebody(database, name, file=True)
    at(NOW)

    class Stopping(Progress):
        def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
            if done:
                self.cancel()
            super().update(done, total, message)

    with pytest.raises(Cancelled):
        compaction.compact(database, Policy(deleted_days=90), OLGA, progress=Stopping())
    with database.read() as connection:
        told = retention.accounts(connection)[0]
        assert (told.records, told.files) == (1, 1)
        assert connection.execute(sa.text("SELECT count(*) FROM blob")).scalar_one() == 1


def test_files_of_a_run_that_was_killed_go_with_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(NOW - timedelta(days=300))
    delete_somebody(database, "Ana", file=True)
    at(NOW)
    with monkeypatch.context() as killed:
        killed.setattr(compaction, "_let_files_go", lambda _run, _digests: None)
        compaction.compact(database, Policy(deleted_days=90), OLGA)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM blob")).scalar_one() == 1
    compaction.compact(database, Policy(deleted_days=90), OLGA)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM blob")).scalar_one() == 0
        newest, killed_run = retention.accounts(connection)
        assert (newest.files, killed_run.records) == (1, 1)
        assert not any("pending" in (one.params or {}) for one in (newest, killed_run))


@pytest.mark.parametrize(("days", "years"), [(3_000_000, None), (None, 3_000), (99_999_999_999, 99_999_999_999)])
def test_a_slip_of_the_keyboard_does_not_reach_beyond_the_calendar(
    sqlite_database: Database, days: int | None, years: int | None
) -> None:
    """Such numbers are refused; where an earlier version kept one, it counts as for ever."""
    delete_somebody(sqlite_database, "Ana")
    wanted = Policy(deleted_days=days, years=years)
    with pytest.raises(UserError, match="100 years at most"), write(sqlite_database, "Keep") as uow:
        retention.save_policy(uow, wanted)
    with write(sqlite_database, "Keep") as uow:
        save_settings(uow, {retention.DELETED_DAYS: days, retention.YEARS: years})
    with sqlite_database.read() as connection:
        kept = retention.read_policy(connection)
        found = compaction.preview(sqlite_database, connection, kept)
        assert found.nothing and kept.years is None and kept.deleted_before(NOW) in (None, NOW - timedelta(days=90))
        assert [one.title for one in deleted.list_deleted(sqlite_database, connection)] == ["Ana"]
