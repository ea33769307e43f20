"""Rows that speak of several records: people, their companies and their deals come out of one table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing import run
from crm_desktop.importing.parts import TableGuess, guess_parts
from crm_desktop.importing.plan import SKIP, ImportPart
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.importing.run import run_imports
from crm_desktop.records.history import undo
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")
TableFile = Callable[..., Path]
PEOPLE = [
    ["First Name", "Last Name", "E-mail", "Phone", "Company name", "Company phone", "Company website", "Company city"],
    ["Ana", "Souza", "ana@sol.example", "41 95550-0101", "Padaria Sol", "", "https://sol.example", "Curitiba"],
    ["Rui", "Lima", "rui@lima.example", "41 95550-0102", "Oficina Lima", "41 3333-0002", "", "Londrina"],
    ["Caio", "Dias", "caio@sol.example", "41 95550-0103", "PADARIA SOL", "41 3333-0001", "https://outro.example", ""],
    ["Bia", "Reis", "bia@livre.example", "41 95550-0104", "", "", "", ""],
    ["Eva", "Melo", "eva@sol.example", "41 95550-0105", "Padaria Sol", "", "https://sol.example", "Curitiba"],
]


def _table(database: Database, path: Path) -> TableGuess:
    return guess_parts(database, path, country="BR").tables[0]


def _run(database: Database, path: Path, *, dry_run: bool = False) -> ImportResults:
    done = run_imports(database, guess_parts(database, path, country="BR").parts(), ACTOR, dry_run=dry_run)
    assert done.balanced
    return done


def _part(done: ImportResults, entity: str) -> ImportResult:
    return next(one for one in done.parts if one.plan.entity == entity)


def test_columns_are_shared_out_by_what_they_name(database: Database, table_file: TableFile) -> None:
    table = _table(database, table_file(PEOPLE))
    assert [one.plan.entity for one in table.plans] == ["contact", "company"]
    person, company = ({c.header: c.target for c in one.plan.columns if c.target} for one in table.plans)
    assert person == {
        "First Name": "first_name", "Last Name": "last_name", "E-mail": "email", "Phone": "phone",
        "Company name": "company_id",
    }  # fmt: skip
    assert company == {
        "Company name": "name", "Company phone": "phone", "Company website": "website", "Company city": "city",
    }  # fmt: skip


def test_a_name_alone_is_a_link_and_no_part(database: Database, table_file: TableFile) -> None:
    rows = [[row[0], row[2], row[4]] for row in PEOPLE]
    assert _table(database, table_file(rows)).further == ()


def test_rows_that_name_the_same_company_are_one(database: Database, table_file: TableFile) -> None:
    done = _run(database, table_file(PEOPLE))
    people, companies = _part(done, "contact"), _part(done, "company")
    assert (people.created, people.parents) == (5, {})
    assert (companies.rows_read, companies.created, companies.folded, companies.duplicates) == (4, 2, 2, 0)
    assert companies.passed_over == 1, "the row without a company is not counted"
    named = {row["id"]: row for row in rows_of(database, "company")}
    assert sorted(row["name"] for row in named.values()) == ["Oficina Lima", "Padaria Sol"]
    points = {(named[row["owner_id"]]["name"], row["kind"]): row["value"] for row in rows_of(database, "contact_point")
              if row["owner_id"] in named}  # fmt: skip
    assert points["Padaria Sol", "phone"] == "+554133330001", "a later row fills what the first left open"
    linked = {row["name"]: named[row["company_id"]]["name"] if row["company_id"] else None for row in rows_of(database, "contact")}  # fmt: skip
    assert linked == {"Ana Souza": "Padaria Sol", "Rui Lima": "Oficina Lima", "Caio Dias": "Padaria Sol",
                      "Bia Reis": None, "Eva Melo": "Padaria Sol"}  # fmt: skip


def test_what_contradicts_the_first_row_is_told_and_kept(database: Database, table_file: TableFile) -> None:
    companies = _part(_run(database, table_file(PEOPLE)), "company")
    assert [(one.row, one.column, one.value) for one in companies.cell_problems] == [
        (4, "Company website", "https://outro.example")
    ]
    assert "sol.example" in str(companies.cell_problems[0].reason)
    sol = next(row for row in rows_of(database, "company") if row["name"] == "Padaria Sol")
    assert "https://outro.example" in sol["notes"], "nothing is lost: the text is in the remarks"


def test_undo_takes_all_parts_back(database: Database, table_file: TableFile) -> None:
    done = _run(database, table_file(PEOPLE))
    assert done.change_set is not None
    assert {(row["entity"], row["rows"]) for row in rows_of(database, "import_batch")} == {
        ("contact", 5), ("company", 4)
    }  # fmt: skip
    undo(database, done.change_set, ACTOR)
    assert rows_of(database, "contact") == [] and rows_of(database, "company") == []


def test_the_same_file_again_changes_nothing(database: Database, table_file: TableFile) -> None:
    path = table_file(PEOPLE)
    _run(database, path)
    again = _run(database, path)
    people, companies = _part(again, "contact"), _part(again, "company")
    assert (people.created, people.updated, people.unchanged) == (0, 0, 5)
    assert (companies.created, companies.folded, len(rows_of(database, "company"))) == (0, 2, 2)


def test_rows_in_other_batches_fold_too(database: Database, table_file: TableFile, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(run, "BATCH", 1)
    done = _run(database, table_file(PEOPLE))
    companies = _part(done, "company")
    assert (companies.rows_read, companies.created, companies.folded) == (4, 2, 2)
    assert [(one.row, one.value) for one in companies.cell_problems] == [(4, "https://outro.example")]
    sol = next(row for row in rows_of(database, "company") if row["name"] == "Padaria Sol")
    assert "https://outro.example" in sol["notes"]
    phones = [row["value"] for row in rows_of(database, "contact_point") if row["owner_id"] == sol["id"] and row["kind"] == "phone"]  # fmt: skip
    assert phones == ["+554133330001"]
    assert sum(row["company_id"] == sol["id"] for row in rows_of(database, "contact")) == 3


def test_branches_with_other_tax_numbers_are_other_companies(database: Database, table_file: TableFile) -> None:
    rows = [
        ["Name", "E-mail", "Empresa", "CNPJ da empresa"],
        ["Ana Souza", "ana@a.example", "Banco Azul", "11.222.333/0001-81"],
        ["Rui Lima", "rui@a.example", "Banco Azul", "11.222.333/0002-62"],
        ["Eva Melo", "eva@a.example", "Banco Azul", "11.222.333/0002-62"],
    ]
    done = _run(database, table_file(rows))
    assert _part(done, "company").created == 2
    branch = {row["id"]: row["tax_id"] for row in rows_of(database, "company")}
    linked = {row["name"]: branch[row["company_id"]] for row in rows_of(database, "contact")}
    assert linked["Ana Souza"] != linked["Rui Lima"] == linked["Eva Melo"], "a row knows its own company"


def test_a_deal_its_person_and_its_company_in_one_row(database: Database, table_file: TableFile) -> None:
    rows = [
        ["Deal - Title", "Deal - Value", "Deal - Expected close date", "Person - Name", "Person - Email",
         "Organization - Name", "Organization - Address"],
        ["Forno novo", 12000, "2026-03-10", "Ana Souza", "ana@sol.example", "Padaria Sol", "Rua do Sol, 10"],
        ["Vitrine", 8000, "2026-04-11", "Ana Souza", "ana@sol.example", "Padaria Sol", "Rua do Sol, 10"],
        ["Elevador", 30000, "2026-05-12", "Rui Lima", "rui@lima.example", "Oficina Lima", "Rua da Serra, 2"],
    ]  # fmt: skip
    done = _run(database, table_file(rows))
    counted = {one.plan.entity: (one.created, one.folded, one.duplicates, one.parents) for one in done.parts}
    assert counted == {"deal": (3, 0, 0, {}), "contact": (2, 1, 0, {}), "company": (2, 1, 0, {})}
    companies = {row["id"]: row["name"] for row in rows_of(database, "company")}
    people = {row["id"]: (row["name"], companies[row["company_id"]]) for row in rows_of(database, "contact")}
    deals = {
        row["name"]: (people[row["contact_id"]], companies[row["company_id"]]) for row in rows_of(database, "deal")
    }
    assert deals == {
        "Forno novo": (("Ana Souza", "Padaria Sol"), "Padaria Sol"),
        "Vitrine": (("Ana Souza", "Padaria Sol"), "Padaria Sol"),
        "Elevador": (("Rui Lima", "Oficina Lima"), "Oficina Lima"),
    }


def test_bare_columns_belong_to_what_a_row_is(database: Database, table_file: TableFile) -> None:
    rows = [
        ["Company", "City", "Website", "Contact name", "Contact e-mail", "Contact phone"],
        ["Padaria Sol", "Curitiba", "https://sol.example", "Ana Souza", "ana@sol.example", "41 95550-0101"],
        ["Padaria Sol", "Curitiba", "https://sol.example", "Caio Dias", "caio@sol.example", "41 95550-0103"],
        ["Oficina Lima", "Londrina", "https://lima.example", "Rui Lima", "rui@lima.example", "41 95550-0102"],
    ]
    table = _table(database, table_file(rows))
    assert [one.plan.entity for one in table.plans] == ["company", "contact"]
    done = _run(database, table_file(rows))
    assert [(one.created, one.folded, one.duplicates) for one in done.parts] == [(2, 1, 0), (3, 0, 0)]


def test_companies_that_are_left_alone_are_still_linked(database: Database, table_file: TableFile) -> None:
    _run(database, table_file([["Company", "City"], ["Padaria Sol", "Natal"]], "companies.csv"))
    parts = [ImportPart(one.path, one.plan.with_(mode=SKIP) if one.plan.entity == "company" else one.plan)
             for one in guess_parts(database, table_file(PEOPLE), country="BR").parts()]  # fmt: skip
    done = run_imports(database, parts, ACTOR)
    companies = _part(done, "company")
    assert (companies.created, companies.duplicates, companies.folded) == (1, 1, 2)
    sol = next(row for row in rows_of(database, "company") if row["name"] == "Padaria Sol")
    assert sum(row["company_id"] == sol["id"] for row in rows_of(database, "contact")) == 3


def test_a_rehearsal_gives_the_same_numbers_and_keeps_nothing(database: Database, table_file: TableFile) -> None:
    path = table_file(PEOPLE)
    tried = _run(database, path, dry_run=True)
    assert rows_of(database, "company") == []
    done = _run(database, path)
    assert [(a.created, a.folded, a.passed_over) for a in tried.parts] == [
        (b.created, b.folded, b.passed_over) for b in done.parts
    ]


def test_people_and_companies_row_by_row(database: Database, table_file: TableFile) -> None:
    rows = [
        ["Nome", "Tipo de pessoa", "CPF/CNPJ", "E-mail", "Cidade"],
        ["Ana Souza", "Física", "529.982.247-25", "ana@sol.example", "Curitiba"],
        ["Padaria Sol Ltda", "Jurídica", "11.222.333/0001-81", "contato@sol.example", "Curitiba"],
        ["Rui Lima", "", "111.444.777-35", "rui@lima.example", "Londrina"],
        ["Oficina Lima ME", "Jurídica", "11.444.777/0001-61", "oficina@lima.example", "Londrina"],
    ]
    done = _run(database, table_file(rows))
    assert (_part(done, "contact").created, _part(done, "company").created) == (2, 2)
    assert done.total("rows_read") == 4, "every row is in one of the two"
    assert {row["name"] for row in rows_of(database, "contact")} == {"Ana Souza", "Rui Lima"}
    assert {row["name"] for row in rows_of(database, "company")} == {"Padaria Sol Ltda", "Oficina Lima ME"}


def test_a_flag_tells_the_companies_and_people_find_theirs(database: Database, table_file: TableFile) -> None:
    rows = [
        ["Name", "Is a company", "Related company", "Email", "City"],
        ["Roger Martins", 0, "Aurora Shelves", "roger@aurora.example", "Redwood"],
        ["Aurora Shelves", 1, "", "info@aurora.example", "San José"],
        ["Yvan Holiday", 0, "House Sales", "yvan@house.example", "Redwood"],
        ["House Sales", 1, "", "info@house.example", "Redwood"],
    ]
    done = _run(database, table_file(rows))
    assert [(one.plan.entity, one.created, one.parents) for one in done.parts] == [
        ("contact", 2, {}),
        ("company", 2, {}),
    ]
    companies = {row["id"]: row["name"] for row in rows_of(database, "company")}
    assert {row["name"]: companies[row["company_id"]] for row in rows_of(database, "contact")} == {
        "Roger Martins": "Aurora Shelves", "Yvan Holiday": "House Sales",
    }  # fmt: skip
