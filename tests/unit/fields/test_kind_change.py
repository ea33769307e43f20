"""A field becomes one of another kind: values are carried over, in parts, and undo brings the old ones back."""

from __future__ import annotations

from datetime import date

import pytest

from crm_desktop.core.fields import Kind
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, history, kind_change, queries, service

ANA = Actor(None, "Ana")


def filled(database: Database, kind: Kind, values: list[str]) -> list[int]:
    with write(database, "Field", actor=ANA) as uow:
        custom.create_custom_field(uow, "contact", "Size", kind)
        custom.create_custom_field(uow, "contact", "Other", Kind.TEXT)
        return [
            service.create_record(uow, "contact", {"name": "Ana", "custom.size": value, "custom.other": "stays"})
            for value in values
        ]


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def plan(database: Database, kind: Kind) -> kind_change.KindChange:
    with database.read() as connection:
        return kind_change.plan_kind(database, connection, "contact", "custom.size", kind)


def sizes(database: Database, ids: list[int]) -> list[object]:
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "contact", ids, ["custom.size", "custom.other"])
    assert {row.values["custom.other"] for row in rows} == {"stays"}
    found = {row.id: row.values["custom.size"] for row in rows}
    return [found[one] for one in ids]


def test_parts_follow_each_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind_change, "_PACE", 3)
    texts = ["12", "7", "a dozen", "12", "", "0", "12", "-4", "9", "1"]
    ids = filled(database, Kind.TEXT, texts)
    before = dump(database)
    made = plan(database, Kind.INTEGER)
    assert (made.fits, made.lost, dict(made.misfits)) == (8, 1, {"a dozen": 1})
    progress = Progress()
    with write(database, "Kind", actor=ANA) as uow:
        assert kind_change.change_kind(uow, "contact", "custom.size", made, progress) == 8
    assert sizes(database, ids) == [12, 7, None, 12, None, 0, 12, -4, 9, 1]
    assert (progress.state.done, progress.state.total) == (9, 9)
    with database.read() as connection:
        last = history.recent(connection, limit=1)[0]
    history.undo(database, last.id, ANA)
    assert dump(database) == before


def test_cancelled_halfway_nothing_is_changed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind_change, "_PACE", 2)
    ids = filled(database, Kind.TEXT, ["1", "2", "3", "4", "5"])
    before = dump(database)
    made, progress = plan(database, Kind.NUMBER), Progress()
    progress.cancel()
    with pytest.raises(Cancelled), write(database, "Kind", actor=ANA) as uow:
        kind_change.change_kind(uow, "contact", "custom.size", made, progress)
    assert dump(database) == before
    assert sizes(database, ids) == ["1", "2", "3", "4", "5"]


def test_dates_stay_dates(database: Database) -> None:
    ids = filled(database, Kind.DATE, ["2026-02-28", "2026-12-31"])
    made = plan(database, Kind.TEXT)
    with write(database, "Kind", actor=ANA) as uow:
        kind_change.change_kind(uow, "contact", "custom.size", made)
    back = plan(database, Kind.DATE)
    assert back.lost == 0
    with write(database, "Kind", actor=ANA) as uow:
        kind_change.change_kind(uow, "contact", "custom.size", back)
    assert sizes(database, ids) == [date(2026, 2, 28), date(2026, 12, 31)]
