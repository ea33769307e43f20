"""Ids of other programs: rows find their record by them, whatever else changed; our own ids are never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_imports
from crm_desktop.records import history, merging, service, unmerging
from crm_desktop.records.record_ids import PROGRAM, write_record_id
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
ACTOR = Actor(None, "Test")
SALESFORCE = [
    ["Id", "Name", "Email", "Account Name"],
    ["003A1", "Ana Souza", "ana@sol.example", "Sol"],
    ["003A2", "Bruno Costa", "bruno@sol.example", "Sol"],
]


def numbers(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count


def external(database: Database) -> list[tuple[str, str, str]]:
    names = {row["id"]: row["name"] for name in ("contact", "company") for row in rows_of(database, name)}
    return sorted((names[row["record_id"]], row["source"], row["value"]) for row in rows_of(database, "external_id"))


def test_a_renamed_person_is_found_by_the_id_of_the_other_program(database: Database, import_table: Import) -> None:
    assert numbers(import_table(SALESFORCE, "contact", program="salesforce")) == (2, 0, 0, 0, 0)
    assert external(database) == [("Ana Souza", "salesforce", "003A1"), ("Bruno Costa", "salesforce", "003A2")]
    before = {row["name"]: row["id"] for row in rows_of(database, "contact")}
    later = [SALESFORCE[0], ["003A1", "Ana Lima", "ana.lima@sol.example", "Sol"], SALESFORCE[2]]
    result = import_table(later, "contact", program="salesforce")
    assert numbers(result) == (0, 1, 1, 0, 0)
    assert {row["name"]: row["id"] for row in rows_of(database, "contact")} == {
        "Ana Lima": before["Ana Souza"], "Bruno Costa": before["Bruno Costa"],
    }  # fmt: skip


def test_a_record_found_by_its_email_learns_its_id(database: Database, import_table: Import) -> None:
    import_table([["Name", "Email"], ["Ana Souza", "ana@sol.example"]], "contact")
    result = import_table(SALESFORCE, "contact", program="salesforce")
    assert numbers(result) == (1, 1, 0, 0, 0)
    assert [(c.field, c.new) for c in result.samples[0].changes if c.field == "external_id"] == [
        ("external_id", "003A1")
    ]
    assert external(database) == [("Ana Souza", "salesforce", "003A1"), ("Bruno Costa", "salesforce", "003A2")]
    assert numbers(import_table(SALESFORCE, "contact", program="salesforce")) == (0, 0, 2, 0, 0)


def test_the_same_id_in_two_programs_is_two_people(database: Database, import_table: Import) -> None:
    import_table([["ID", "Name"], [1, "Ana Souza"], [2, "Bruno Costa"]], "contact", program="erp")
    result = import_table([["ID", "Name"], [1, "Carla Dias"], [2, "Davi Melo"]], "contact", program="shop")
    assert numbers(result) == (2, 0, 0, 0, 0)
    assert len(rows_of(database, "contact")) == 4


def test_ids_of_unknown_programs_need_a_likeness(database: Database, import_table: Import) -> None:
    import_table([["ID", "Name"], [1, "Ana Souza"], [2, "Bruno Costa"]], "contact")
    result = import_table([["ID", "Name"], [1, "Ana Maria Souza"], [2, "Davi Melo"]], "contact")
    assert numbers(result) == (1, 1, 0, 0, 0)
    assert sorted(row["name"] for row in rows_of(database, "contact")) == [
        "Ana Maria Souza",
        "Bruno Costa",
        "Davi Melo",
    ]


def test_two_ids_of_one_program_are_two_people_with_one_email(database: Database, import_table: Import) -> None:
    rows = [["Id", "Name", "Email"], ["A1", "Ana Souza", "casa@sol.example"], ["A2", "Beto Souza", "casa@sol.example"]]
    assert numbers(import_table(rows, "contact", program="x")) == (2, 0, 0, 0, 0)
    assert numbers(import_table(rows, "contact", program="x")) == (0, 0, 2, 0, 0)


def test_our_own_ids_match_and_are_not_stored(database: Database, import_table: Import) -> None:
    with write(database, "Ana", actor=ACTOR) as uow:
        ana = service.create_record(uow, "contact", {"name": "Ana Souza"})
    rows = [["Record ID", "Name"], [write_record_id(ana), "Ana Lima"], [write_record_id(ana + 4096), "Zé Ninguém"]]
    result = import_table(rows, "contact")
    assert numbers(result) == (1, 1, 0, 0, 0)
    assert [(p.row, p.column, p.value) for p in result.cell_problems] == [(3, "Record ID", write_record_id(ana + 4096))]
    assert "no record here" in str(result.cell_problems[0].reason)
    assert [row["name"] for row in rows_of(database, "contact") if row["id"] == ana] == ["Ana Lima"]
    assert external(database) == [("Zé Ninguém", PROGRAM, write_record_id(ana + 4096))]


def test_undo_of_an_import_takes_the_ids_away(database: Database, import_table: Import) -> None:
    result = import_table(SALESFORCE, "contact", program="salesforce")
    assert result.change_set is not None
    history.undo(database, result.change_set, ACTOR)
    assert rows_of(database, "external_id") == []


def test_ids_move_with_a_merge_and_back(database: Database, import_table: Import) -> None:
    import_table(SALESFORCE, "contact", program="salesforce")
    ids = {row["name"]: row["id"] for row in rows_of(database, "contact")}
    merging.merge(database, ACTOR, "contact", ids["Ana Souza"], [ids["Bruno Costa"]], {})
    assert external(database) == [("Ana Souza", "salesforce", "003A1"), ("Ana Souza", "salesforce", "003A2")]
    later: list[list[Any]] = [SALESFORCE[0], ["003A2", "Ana Souza", "ana@sol.example", "Sol"]]
    assert numbers(import_table(later, "contact", program="salesforce"))[0] == 0
    log = rows_of(database, "merge_log")[0]
    unmerging.unmerge(database, ACTOR, log["merge_set_id"])
    assert external(database) == [("Ana Souza", "salesforce", "003A1"), ("Bruno Costa", "salesforce", "003A2")]


ACCOUNTS = [["Id", "Account Name", "City"], ["001A", "Sol", "Recife"], ["001B", "Lua", "Natal"]]


def linked(database: Database) -> dict[str, str | None]:
    names = {row["id"]: row["name"] for row in rows_of(database, "company")}
    return {row["name"]: names.get(row["company_id"]) for row in rows_of(database, "contact")}


def test_links_find_companies_of_an_earlier_import_by_their_id(database: Database, import_table: Import) -> None:
    import_table(ACCOUNTS, "company", program="salesforce")
    people = [["Id", "Name", "AccountId"], ["003A", "Ana Souza", "001B"], ["003B", "Bob Reis", "001X"]]
    result = import_table(people, "contact", program="salesforce")
    assert numbers(result) == (2, 0, 0, 0, 0)
    assert linked(database) == {"Ana Souza": "Lua", "Bob Reis": None}
    assert [(p.row, p.column, p.value) for p in result.cell_problems] == [(3, "AccountId", "001X")]
    assert "has come in yet" in str(result.cell_problems[0].reason)
    assert {row["name"]: row["notes"] for row in rows_of(database, "contact")}["Bob Reis"] == "AccountId: 001X"


def test_links_of_the_same_import_find_earlier_parts(database: Database, table_file: Callable[..., Path]) -> None:
    people = [["Id", "Name", "AccountId"], ["003A", "Ana Souza", "001B"]]
    parts = []
    for rows, entity, name in ((people, "contact", "c.csv"), (ACCOUNTS, "company", "a.csv")):
        path = table_file(rows, name)
        parts.append(ImportPart(path, guess_plan(database, path, entity).plan.with_(program="x")))
    results = run_imports(database, parts, ACTOR)
    assert results.balanced
    assert linked(database) == {"Ana Souza": "Lua"}


def test_ids_of_another_program_link_nothing(database: Database, import_table: Import) -> None:
    import_table([["Id", "Account Name"], ["1", "Sol"]], "company", program="erp")
    result = import_table([["Name", "AccountId"], ["Ana Souza", "1"]], "contact", program="shop")
    assert linked(database) == {"Ana Souza": None}
    assert result.problem_count == 1


def test_companies_made_for_links_keep_the_id_they_were_named_by(database: Database, import_table: Import) -> None:
    people = [["Name", "Account Name", "AccountId"], ["Ana Souza", "Sol", "001A"], ["Bob Reis", "Sol", "001A"]]
    assert import_table(people, "contact", program="salesforce").parents == {"company": 1}
    assert external(database) == [("Sol", "salesforce", "001A")]
    assert rows_of(database, "company")[0]["number"] is None
    assert numbers(import_table(ACCOUNTS, "company", program="salesforce")) == (1, 1, 0, 0, 0)


def test_namesakes_are_told_apart_by_city_or_mail_or_not_at_all(database: Database, import_table: Import) -> None:
    with write(database, "Two", actor=ACTOR) as uow:
        for city, mail in (("Recife", "oi@sol-norte.test"), ("Natal", "oi@sol-sul.test")):
            service.create_record(uow, "company", {"name": "Sol", "city": city, "email": mail})
    people = [
        ["Name", "Company", "City", "Email"],
        ["Ana Souza", "Sol", "Recife", ""],
        ["Bob Reis", "SOL", "", "bob@sol-sul.test"],
        ["Cai Melo", "Sol", "Olinda", "cai@gmail.com"],
        ["Davi Lima", "Sol", "Recife", "davi@sol-sul.test"],
    ]
    result = import_table(people, "contact")
    assert result.parents == {}
    places = {row["owner_id"]: row["city"] for row in rows_of(database, "address")}
    found = {row["name"]: places.get(row["company_id"]) for row in rows_of(database, "contact")}
    assert found == {"Ana Souza": "Recife", "Bob Reis": "Natal", "Cai Melo": None, "Davi Lima": None}
    assert [(p.row, p.column) for p in result.cell_problems] == [(4, "Company"), (5, "Company")]
    assert str(result.cell_problems[0].reason).startswith("2 Companies are called “Sol”")
