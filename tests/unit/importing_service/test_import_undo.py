"""Undoing imports: created, changed and restored records, their parts, and what others did to them since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.past import past_imports, plan_of, rejects_of
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.result import ImportResults
from crm_desktop.importing.run import run_imports
from crm_desktop.records import attach_service, changes, history, service, undo_plan
from crm_desktop.records.undo_words import obstacles
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")
TableFile = Callable[..., Path]


def data(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def named(database: Database, table: str, name: str) -> int:
    return int(next(row["id"] for row in rows_of(database, table) if row["name"] == name))


@pytest.fixture
def imported(database: Database, table_file: TableFile) -> tuple[ImportResults, str]:
    """An import of two parts that creates, updates, restores and adds phones, tags and links; and the data before it."""
    first = [["Nome", "E-mail", "Celular", "Cidade"], ["Ana Souza", "ana@sol.example", "41 99111-2222", "Curitiba"],
             ["Rui Lima", "rui@lima.example", "", "Recife"], ["Bia Reis", "bia@reis.example", "", "Natal"]]  # fmt: skip
    path = table_file(first, "first.csv")
    run_imports(database, [ImportPart(path, guess_plan(database, path, "contact", country="BR").plan)], ACTOR)
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", [named(database, "contact", "Bia Reis")])
    before = data(database)
    people = [["Nome", "E-mail", "Celular", "Cidade", "Empresa", "Tags"],
              ["Ana Souza", "ana@sol.example", "41 99111-9999", "Londrina", "Padaria Sol", "vip"],
              ["Rui Lima", "rui@lima.example", "41 99111-3333", "Recife", "Oficina Lima", ""],
              ["Bia Reis", "bia@reis.example", "", "Olinda", "", ""],
              ["Caio Dias", "caio@dias.example", "", "Natal", "Padaria Sol", "novo"]]  # fmt: skip
    companies = [["Empresa", "Site", "Cidade"], ["Padaria Sol", "https://sol.example", "Curitiba"]]
    parts = []
    for rows, name, entity in ((people, "people.csv", "contact"), (companies, "companies.csv", "company")):
        path = table_file(rows, name)
        plan = guess_plan(database, path, entity, country="BR").plan
        parts.append(ImportPart(path, plan.with_(keys=("email",)) if entity == "contact" else plan))
    return run_imports(database, parts, ACTOR), before


def test_created_changed_and_restored_records_go_back(database: Database, imported: tuple[ImportResults, str]) -> None:
    done, before = imported
    people, companies = done.parts
    assert (people.created, people.updated, people.restored) == (1, 3, 1)
    assert (companies.created, people.parents) == (1, {"company": 1})
    after = data(database)
    assert done.change_set is not None
    history.undo(database, done.change_set, ACTOR)
    assert data(database) == before, "nothing of it is left"
    with database.read() as connection:
        undone = next(row for row in history.recent(connection) if row.undoes == done.change_set)
    history.undo(database, undone.id, ACTOR)
    assert data(database) == after, "redo brings all of it again"


def test_what_came_back_is_told_as_restored(database: Database, imported: tuple[ImportResults, str]) -> None:
    done, _before = imported
    assert done.change_set is not None
    with database.read() as connection:
        [people] = [
            one
            for one in changes.change_details(database, connection, done.change_set).tables
            if one.entity == "contact"
        ]
        rows = changes.change_rows(database, connection, done.change_set, table="contact")
        contacts = {one.title: one.came_back for one in rows if one.op == "I"}
    assert (people.added, people.restored, people.removed) == (1, 1, 0)
    assert contacts == {"Bia Reis": True, "Caio Dias": False}


def test_later_edits_are_named_and_stay_unless_forced(database: Database, imported: tuple[ImportResults, str]) -> None:
    done, _before = imported
    ana, caio = named(database, "contact", "Ana Souza"), named(database, "contact", "Caio Dias")
    with write(database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", ana, {"city": "Maringá"})
        attach_service.add_note(uow, "contact", caio, "Called him")
    assert done.change_set is not None
    with database.read() as connection:
        plan = undo_plan.plan_undo(database, connection, done.change_set)
        found = {one.title: one for one in obstacles(database, connection, plan)}
    assert plan.blocked_count >= 2 and plan.possible_count > 0
    assert "Caio Dias" in found
    edited = next(one for one in found.values() if one.who == "Rui" and one.fields)
    assert edited.fields == ("City",) and edited.record_id == ana
    history.undo(database, done.change_set, ACTOR)
    left = {row["name"] for row in rows_of(database, "contact")}
    assert left == {"Ana Souza", "Rui Lima", "Caio Dias"}, "the new record that somebody wrote a note on stays"
    cities = {row["owner_id"]: row["city"] for row in rows_of(database, "address")}
    assert cities[ana] == "Maringá"
    mobiles = [
        row["value"] for row in rows_of(database, "contact_point") if row["owner_id"] == ana and row["kind"] == "phone"
    ]
    assert mobiles == ["+5541991112222"], "what nobody touched goes back"


def test_forced_all_of_it_goes_back(database: Database, imported: tuple[ImportResults, str]) -> None:
    done, before = imported
    with write(database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", named(database, "contact", "Ana Souza"), {"city": "Maringá"})
        attach_service.add_note(uow, "contact", named(database, "contact", "Caio Dias"), "Called him")
    assert done.change_set is not None
    history.undo(database, done.change_set, ACTOR, choice="all")
    assert {row["name"] for row in rows_of(database, "contact")} == {"Ana Souza", "Rui Lima"}
    assert data(database) == before


def test_the_list_of_imports_knows_them_also_when_undone(
    database: Database, imported: tuple[ImportResults, str]
) -> None:
    done, _before = imported
    with database.read() as connection:
        companies, people = past_imports(connection)[:2]
    assert (people.file, people.number("created"), people.number("updated"), people.number("restored")) == (
        "people.csv", 1, 3, 1)  # fmt: skip
    assert (companies.entity, companies.number("rows"), companies.undone) == ("company", 1, False)
    assert done.change_set is not None
    history.undo(database, done.change_set, ACTOR)
    with database.read() as connection:
        listed = {one.file: one for one in past_imports(connection)}
        people = listed["people.csv"]
        assert people.undone and people.number("updated") == 3
        plan = plan_of(connection, people)
        assert plan is not None and plan == done.parts[0].plan, "it can be done again with the same settings"
        assert rejects_of(connection, people) == []
