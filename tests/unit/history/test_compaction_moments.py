"""Letting old history go ends, however fine the moments are that are in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from crm_desktop.db.database import Database
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import compaction, service
from crm_desktop.records.retention import EVERYTHING, Policy

ANA = Actor(None, "Ana")


def test_change_sets_of_one_moment_that_is_finer_than_a_millisecond_are_passed_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "STEP", 12)
    monkeypatch.setattr(compaction, "_REST", 0.0)
    made: list[int] = []
    for _set in range(3):  # each larger than a step
        with write(database, "New", actor=ANA) as uow:
            made += [service.create_record(uow, "contact", {"name": f"Stays {number}"}) for number in range(30)]
        with write(database, "Edit", actor=ANA) as uow:
            for one in made[-30:]:
                service.update_record(uow, "contact", one, {"city": "Lapa"})
    with database.begin() as connection:  # as a tool of the server's administrator leaves it
        moment = datetime.now(UTC).replace(microsecond=123_456) - timedelta(days=2000)
        connection.execute(change_set.update().values(at=moment))
    steps = 0
    next_sets = compaction._next_sets

    def count(*arguments: object) -> object:
        nonlocal steps
        steps += 1
        assert steps < 100, "the same change sets come again and again"
        return next_sets(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "_next_sets", count)
    compaction.compact(database, Policy(deleted_days=None, years=1, then=EVERYTHING), ANA)
    with database.read() as connection:
        left = connection.execute(sa.select(change.c.id).where(change.c.record_id.in_(made), change.c.op == "U")).all()
    assert not left
