"""Large tables as of a moment: read in two parts, completed beside who reads, stopped at any time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.filters import where
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.past import rows, search
from crm_desktop.db.past.database import AsOf, open_as_of
from crm_desktop.db.search import find
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, queries, service
from tests.helpers.past import after


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a table of 20,000 rows is to an office, one of three rows is here."""
    monkeypatch.setattr(rows, "WHOLE", 2)
    monkeypatch.setattr(rows, "FEW", 0)


@contextmanager
def looking_back(database: Database, moment: datetime) -> Iterator[AsOf]:
    past = open_as_of(database, moment)
    try:
        yield past
    finally:
        past.close()


def people(database: Database, *names: str) -> list[int]:
    with write(database, "People") as uow:
        return [service.create_record(uow, "contact", {"name": name}) for name in names]


def titles(database: Database, text: str) -> list[str]:
    with database.read() as connection:
        found = find(connection, database.schema, text)
        chosen = queries.find_ids(database, connection, "contact", filter=where("@text", "search", text))
        assert sorted(hit.id for hit in found) == sorted(chosen)
        return sorted(hit.title for hit in found)


def test_words_are_found_as_they_were(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """With accents, sensitive fields, numbers and short beginnings, whether the index is complete or not."""
    formats.set_default_country("BR")
    ids = people(database, "José Conceição", "Ana-Lúcia Ávila", "Zoë O'Neil", "Bea Nobody")
    with write(database, "Details") as uow:
        service.update_record(
            uow, "contact", ids[0], {"tax_id": "52998224725", "email": "joca@padaria.example", "notes": "Gosta de café"}
        )
    moment = after()
    with write(database, "Later") as uow:
        for one in ids[:3]:
            service.update_record(uow, "contact", one, {"name": "Somebody Else", "tax_id": None, "notes": None})
        service.delete_records(uow, "contact", [ids[2]])
    monkeypatch.setattr(search, "PORTION", {True: 1, False: 1})
    expected = {
        "conceicao": ["José Conceição"], "jo": ["José Conceição"], "j c": ["José Conceição"], "lúcia": ["Ana-Lúcia Ávila"],
        "avi": ["Ana-Lúcia Ávila"], "neil": ["Zoë O'Neil"], "zoe o": ["Zoë O'Neil"], "nob": ["Bea Nobody"],
        "529.982.247-25": ["José Conceição"], "joca padaria": ["José Conceição"], "CAFÉ": ["José Conceição"],
        "somebody": [], "else": [], "ana conceicao": [],
    }  # fmt: skip
    for completed in (False, True):
        with looking_back(database, moment) as past:
            if completed:
                past.complete()
            assert {text: titles(past, text) for text in expected} == expected
            with write(database, "Meanwhile") as uow:  # what was told apart already, and what was not touched so far
                service.update_record(uow, "contact", ids[0], {"name": f"Maria {completed}"})
                service.update_record(uow, "contact", ids[3], {"name": f"Nelson {completed}"})
            assert titles(past, "nelson") == titles(past, "maria") == []
            assert titles(past, "conceicao") == ["José Conceição"]
            assert titles(past, "nobody") == ["Bea Nobody"]
        with write(database, "Back") as uow:
            service.update_record(uow, "contact", ids[3], {"name": "Bea Nobody"})


def test_lists_are_in_order_whatever_part_a_row_is_in(database: Database) -> None:
    ids = people(database, *(f"Person {letter}" for letter in "gcaebfd"))
    moment = after()
    with write(database, "Later") as uow:
        for one, name in zip(ids[::2], ("Aa", "Zz", "Mm", "Bb"), strict=True):
            service.update_record(uow, "contact", one, {"name": name})
    people(database, "Person aa", "Person zz")
    for complete in (False, True):
        with looking_back(database, moment) as past, past.read() as connection:
            if complete:
                past.complete()
            for down in (False, True):
                found = queries.find_ids(past, connection, "contact", sort=[("name", down)])
                names = [queries.titles(past.schema, connection, "contact", [one])[one] for one in found]
                assert names == sorted((f"Person {letter}" for letter in "abcdefg"), reverse=down)
                assert list(found[:3]) == list(
                    queries.find_ids(past, connection, "contact", sort=[("name", down)], limit=3)
                )


def test_who_edited_last_is_told_as_of_then(database: Database) -> None:
    one, other, gone = people(database, "Ana", "Bea", "Cid")
    with write(database, "First", actor=Actor(7, "Seven")) as uow:
        service.update_record(uow, "contact", one, {"job_title": "Cook"})
        service.update_record(uow, "contact", gone, {"job_title": "Cook"})
    moment = after()
    with write(database, "Second", actor=Actor(8, "Eight")) as uow:
        service.update_record(uow, "contact", one, {"job_title": "Boss"})
        service.update_record(uow, "contact", other, {"job_title": "Boss"})
        service.delete_records(uow, "contact", [gone])
    with looking_back(database, moment) as past, past.read() as connection:
        found = {}
        table = sa.table("contact", *(sa.column(name) for name in ("id", "updated_by", "updated_at")))
        for row in connection.execute(sa.select(table).order_by(table.c.updated_at)):
            found[row.id] = (row.updated_by, row.updated_at is not None)
    assert found == {one: (7, True), other: (None, False), gone: (7, True)}


def test_last_contact_stays_as_it_was_whatever_is_undone_and_done_again(database: Database) -> None:
    """What was told apart already may come back: it counts for records that nobody touched."""
    (one,) = people(database, "Ana")
    moment = after()
    links = [{"entity": "contact", "record_id": one, "role": "about"}]
    values = {"subject": "Talk", "kind": "call", "status": "done"}
    with write(database, "Call") as uow:
        service.create_record(uow, "activity", values, children={"links": links})
    actor = Actor(None, "x")

    def last(read: Database) -> object:
        with read.read() as connection:
            return queries.get_record(read, connection, "contact", one).values["last_activity_at"]

    def undo_newest() -> None:
        with database.read() as connection:
            newest = history.recent(connection, limit=1)[0].id
        history.undo(database, newest, actor)

    undo_newest()
    with looking_back(database, moment) as past:
        assert last(past) is None
        undo_newest()
        assert last(database) is not None
        assert last(past) is None
        undo_newest()
        assert last(past) is None


def test_opening_is_stopped_at_any_time(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is left behind, and the next try works."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ids = people(database, "Ana", "Bea", "Cid")
    moment = after()
    with write(database, "Later") as uow:
        service.delete_records(uow, "contact", ids)
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        open_as_of(database, moment, stopped)
    seen: list[Any] = []
    later = Progress(lambda state: (seen.append(state), later.cancel()), interval=0)
    with pytest.raises(Cancelled):
        open_as_of(database, moment, later)
    assert seen and not list(tmp_path.glob("crm-as-of-*"))
    with looking_back(database, moment) as past, past.read() as connection:
        assert queries.count(past, connection, "contact") == 3


def test_completing_stops_when_the_window_is_closed(database: Database) -> None:
    people(database, "Ana")
    moment = after()
    people(database, "Bea")
    past = open_as_of(database, moment)
    past.close()
    past.complete()
