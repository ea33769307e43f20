"""Change sets are found whatever is asked, stretch by stretch, and the same as by looking at every one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change_set
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import change_search, history, service
from crm_desktop.records.change_search import Asked, Change, find_changes, list_changes, who_changed

BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
PEOPLE = (Actor(None, "Bea"), Actor(None, "Caio"), Actor(None, ""))


@pytest.fixture
def office(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Twenty-four change sets of three people, two record types and three kinds; stretches of four."""
    for name in ("_STRETCH", "_WORDY", "_APART"):
        monkeypatch.setattr(change_search, name, 4)
    for turn in range(24):
        entity, kind = ("contact", "company")[turn % 3 == 0], ("edit", "edit", "import", "bulk", "edit")[turn % 5]
        title = "Add {name}" if turn % 2 else "Make it"
        params = {"name": f"Nº {turn}"} if turn % 2 else None
        with (
            clock.standing_at(BEGIN + timedelta(hours=(turn * 7) % 24 // 2)),  # a clock that was set back now and then
            write(database, title, actor=PEOPLE[turn % 3], kind=kind, params=params) as uow,
        ):
            service.create_record(uow, entity, {"name": f"Somebody {turn}"})
    yield database


def test_what_was_undone_by_parts_is_found_among_what_was_undone(sqlite_database: Database) -> None:
    with write(sqlite_database, "Two") as uow:
        first, _second = (service.create_record(uow, "contact", {"name": name}) for name in ("Ana", "Bea"))
        made = uow.change_set_id
    history.undo(sqlite_database, made, Actor(None, ""), only=[("contact", first)])
    with sqlite_database.read() as connection:
        found = list_changes(sqlite_database, connection, Asked(kind="undo"))
    assert [one.set.kind for one in found] == ["part"]


def expected(every: list[Change], asked: Asked, entities: dict[int, str]) -> set[int]:
    return {
        one.set.id
        for one in every
        if (asked.user_name is None or one.set.user_name == asked.user_name)
        and (not asked.entity or entities[one.set.id] == asked.entity)
        and (not asked.kind or one.set.kind == asked.kind)
        and (asked.since is None or one.set.at >= asked.since)
        and (asked.until is None or one.set.at < asked.until)
        and all(word in f"{one.set.title} {one.set.user_name}".lower() for word in asked.text.split())
    }


def test_every_question_finds_what_looking_at_each_finds(office: Database) -> None:
    with office.read() as connection:
        every = list_changes(office, connection, limit=1000)
        assert len(every) >= 24 and [one.set.id for one in every] == sorted((one.set.id for one in every), reverse=True)
        entities = {}
        for name in ("contact", "company"):
            entities |= {one.set.id: name for one in list_changes(office, connection, Asked(entity=name), limit=1000)}
        mine = [one for one in every if one.set.user_name or one.set.title.startswith(("Add", "Make"))]
        assert [entities[one.set.id] for one in reversed(mine)][:6] == ["company", "contact", "contact"] * 2
        for who, entity, kind, period, text in product(
            (None, "Bea"), ("", "company"), ("", "import", "edit"), (False, True), ("", "add bea", "nº 9", "nowhere")
        ):
            since, until = (BEGIN + timedelta(hours=3), BEGIN + timedelta(hours=9)) if period else (None, None)
            asked = Asked(user_name=who, entity=entity, kind=kind, since=since, until=until, text=text)
            found, place, steps = list[int](), None, 0
            while steps == 0 or place is not None:
                part = find_changes(office, connection, asked, limit=3, after=place, patience=0)
                found += [one.set.id for one in part.changes]
                place, steps = part.place, steps + 1
                assert len(part.changes) <= 3 and steps < 60
            assert len(found) == len(set(found))
            assert set(found) == expected(every, asked, {one.set.id: "" for one in every} | entities)


def test_a_search_comes_back_soon_and_goes_on_where_it_stopped(office: Database) -> None:
    asked = Asked(text="nº 13")
    with office.read() as connection:
        first = find_changes(office, connection, asked, patience=0)
        assert not first.changes and first.place is not None
        rest = find_changes(office, connection, asked, after=first.place)
        assert rest.place is None and rest.changes[-1].set.title == "Add Nº 13"


def test_how_many_rows_is_counted_once_and_older_sets_are_looked_through(office: Database) -> None:
    with write(office, "With a phone", actor=PEOPLE[0]) as uow:
        service.create_record(uow, "contact", {"name": "Ana", "mobile": "+5541955500142"})
        made = uow.change_set_id
    with office.read() as connection:
        told = connection.execute(sa.select(change_set.c.touched).where(change_set.c.id == made)).scalar()
        assert told is not None and told["contact"] == 1 and told["contact_point"] == 1
        assert find_changes(office, connection, limit=1).changes[0].rows == sum(told.values())
        before = [one.set.id for one in list_changes(office, connection, Asked(entity="contact"), limit=1000)]
    with office.begin() as connection:
        connection.execute(change_set.update().values(touched=sa.null()))
    with office.read() as connection:
        assert [one.set.id for one in list_changes(office, connection, Asked(entity="contact"), limit=1000)] == before


def test_who_changed_names_each_person_once(office: Database) -> None:
    with office.read() as connection:
        assert {"Bea", "Caio"} <= set(who_changed(connection)) and "" not in who_changed(connection)
        assert len(who_changed(connection)) == len(set(who_changed(connection)))


@pytest.mark.parametrize(
    "text", ["joao", "ZÉ acao", "edit joão", "bea joao", 'edit: joão "zé"', "undo edit acao", "undone", "nº 7 joao"]
)
def test_words_are_found_whatever_their_accents_and_where_they_stand(office: Database, text: str) -> None:
    bea = PEOPLE[0]
    for number, name in enumerate(('João "Zé" \\ Ação', "Nº 7 João", "Nobody\nElse 😀 Ana")):
        with write(office, "Edit: {name}", actor=bea, params={"name": name, "n": number}) as uow:
            service.create_record(uow, "contact", {"name": name})
    with office.read() as connection:
        first = history.recent(connection, limit=3)[-1]
    history.undo(office, first.id, bea)
    with office.read() as connection:
        every = list_changes(office, connection, limit=1000)
        found = list_changes(office, connection, Asked(text=text), limit=1000)
    words = fold(text).split()
    wanted = [one.set.id for one in every if all(w in fold(f"{one.set.title} {one.set.user_name}") for w in words)]
    assert [one.set.id for one in found] == wanted and (wanted or text == "undone")
