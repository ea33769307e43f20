"""All tables of a workbook or an archive: which come in, what they hold, and that they find each other."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.parts import guess_parts
from crm_desktop.importing.run import run_imports
from crm_desktop.records.history import undo
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")
MONTHS = ("Janeiro", "Fevereiro", "Março", "Abril", "Maio", "Junho", "Julho", "Agosto", "Setembro", "Outubro",
          "Novembro", "Dezembro")  # fmt: skip


def _book(path: Path, sheets: dict[str, list[tuple[object, ...]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """What an office keeps in one workbook: what to do, lists of values, sums, and three tables of records."""
    return _book(tmp_path / "escritorio.xlsx", {
        "Instruções": [("Leia isto antes de preencher a planilha, por favor.",), ("Uma linha por cliente.",)],
        "Contatos": [("Nome", "E-mail", "Empresa"), ("Ana Souza", "ana@sol.example", "Padaria Sol"),
                     ("Rui Lima", "rui@lima.example", "Oficina Lima")],
        "Empresas": [("Empresa", "Site", "Cidade"), ("Padaria Sol", "https://sol.example", "Curitiba"),
                     ("Oficina Lima", "https://lima.example", "Londrina")],
        "Negócios": [("Negócio", "Valor", "Contato", "Empresa"), ("Forno novo", 12000, "Ana Souza", "Padaria Sol"),
                     ("Elevador", 8000, "Rui Lima", "Oficina Lima")],
        "Categorias": [("Categoria",), ("Ouro",), ("Prata",), ("Bronze",)],
        "Resumo": [("Cidade", "Total"), ("Curitiba", 12000), ("Londrina", 8000)],
    })  # fmt: skip


def test_records_come_in_and_the_rest_stays_out(database: Database, office: Path) -> None:
    guessed = guess_parts(database, office, country="BR")
    taken = {one.name: one.guess.plan.entity for one in guessed.tables if one.chosen}
    assert taken == {"Contatos": "contact", "Empresas": "company", "Negócios": "deal"}
    assert all(one.reason is not None for one in guessed.tables if not one.chosen), "what stays out says why"


def test_a_workbook_in_one_change(database: Database, office: Path) -> None:
    done = run_imports(database, guess_parts(database, office, country="BR").parts(), ACTOR)
    assert done.balanced
    assert [(one.plan.entity, one.created, one.parents) for one in done.parts] == [
        ("contact", 2, {}), ("company", 2, {}), ("deal", 2, {}),
    ]  # fmt: skip
    companies = {row["id"]: row["name"] for row in rows_of(database, "company")}
    people = {row["id"]: (row["name"], companies[row["company_id"]]) for row in rows_of(database, "contact")}
    assert {row["name"]: people[row["contact_id"]] for row in rows_of(database, "deal")} == {
        "Forno novo": ("Ana Souza", "Padaria Sol"), "Elevador": ("Rui Lima", "Oficina Lima"),
    }  # fmt: skip
    assert done.change_set is not None
    undo(database, done.change_set, ACTOR)
    assert all(rows_of(database, name) == [] for name in ("contact", "company", "deal"))


def test_only_the_best_table(database: Database, office: Path) -> None:
    parts = guess_parts(database, office, country="BR").parts(only_best=True)
    assert len(parts) == 1


def test_twelve_months_are_one_kind_of_table(database: Database, tmp_path: Path) -> None:
    sheets: dict[str, list[tuple[object, ...]]] = {
        month: [("Nome", "E-mail", "Fone", "Obs"), *((f"Cliente {n:02}-{i}", f"c{n}.{i}@ano.example", f"(41) 95550-{n:02}{i:02}", "")
                for i in range(3 + n % 4))]
        for n, month in enumerate(MONTHS)
    }  # fmt: skip
    sheets["Dezembro"].append(("Cliente 00-0", "c0.0@ano.example", "(41) 95550-0000", "voltou"))
    guessed = guess_parts(database, _book(tmp_path / "ano.xlsx", sheets), country="BR")
    assert [one.like for one in guessed.tables] == [-1] + [0] * 11
    assert len({tuple(c.target for c in one.guess.plan.columns) for one in guessed.tables}) == 1
    done = run_imports(database, guessed.parts(), ACTOR)
    rows = sum(len(one) - 1 for one in sheets.values())
    assert done.balanced and done.total("rows_read") == rows
    assert done.total("created") == rows - 1 == len(rows_of(database, "contact"))
    assert done.parts[-1].updated == 1, "who comes again in December is the same client"


def test_files_of_an_archive_point_to_each_other_by_id(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    files = {
        "Contact.csv": "Id,AccountId,LastName,FirstName,Email\n"
        "003A1,001A3,Lima,Rui,rui@lima.example\n003A2,001A1,Souza,Ana,ana@sol.example\n",
        "Account.csv": "Id,Name,BillingCity,Phone,Website\n001A1,Padaria Sol,Curitiba,41 3333-0001,https://sol.example\n"
        "001A2,Oficina Lima,Londrina,41 3333-0002,https://lima.example\n"
        "001A3,Oficina Lima,Natal,84 3333-0003,https://outra.example\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    guessed = guess_parts(database, path, country="BR")
    assert {one.name: one.guess.plan.entity for one in guessed.tables} == {
        "Contact.csv": "contact",
        "Account.csv": "company",
    }
    done = run_imports(database, guessed.parts(), ACTOR)
    assert done.balanced and [one.created for one in done.parts] == [2, 3]
    city = {row["owner_id"]: row["city"] for row in rows_of(database, "address")}
    linked = {row["name"]: city[row["company_id"]] for row in rows_of(database, "contact")}
    assert linked == {"Rui Lima": "Natal", "Ana Souza": "Curitiba"}, "of two companies of one name the right one"
    again = run_imports(database, guess_parts(database, path, country="BR").parts(), ACTOR)
    assert [(one.created, one.unchanged) for one in again.parts] == [(0, 2), (0, 3)]
