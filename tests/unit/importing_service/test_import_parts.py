"""Imports of several parts: one change set, what others link to first, and every part accounts for its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.run import run_imports
from crm_desktop.importing.table import ReadOptions
from crm_desktop.records.history import undo
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")


def _workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        people = book.add_worksheet("Contatos")
        for number, row in enumerate((
            ("Nome", "E-mail", "Empresa"), ("Ana Souza", "ana@padaria.example", "Padaria Sol Ltda"),
            ("Rui Lima", "rui@oficina.example", "Oficina Lima"), ("Bia", "bia@nova.example", "Nova Mercearia"),
        )):  # fmt: skip
            people.write_row(number, 0, row)
        companies = book.add_worksheet("Empresas")
        for number, row in enumerate((
            ("Empresa", "Site", "Cidade"), ("Padaria Sol Ltda", "https://sol.example", "Curitiba"),
            ("Oficina Lima", "https://lima.example", "Londrina"),
        )):  # fmt: skip
            companies.write_row(number, 0, row)
    return path


def _parts(database: Database, path: Path) -> list[ImportPart]:
    return [
        ImportPart(path, guess_plan(database, path, entity, options=ReadOptions(sheet=sheet), country="BR").plan)
        for sheet, entity in (("Contatos", "contact"), ("Empresas", "company"))
    ]


def test_two_sheets_are_one_change(database: Database, tmp_path: Path) -> None:
    parts = _parts(database, _workbook(tmp_path / "escritorio.xlsx"))
    done = run_imports(database, parts, ACTOR)
    people, companies = done.parts
    assert done.balanced
    assert (people.created, companies.created) == (3, 2), "each sheet counts its own records"
    assert people.parents == {"company": 1}, "only the company that has no row of its own is made by the link"
    named = {row["id"]: row["name"] for row in rows_of(database, "company")}
    assert sorted(named.values()) == ["Nova Mercearia", "Oficina Lima", "Padaria Sol Ltda"]
    linked = {row["name"]: named[row["company_id"]] for row in rows_of(database, "contact")}
    assert linked == {"Ana Souza": "Padaria Sol Ltda", "Rui Lima": "Oficina Lima", "Bia": "Nova Mercearia"}
    assert done.change_set is not None
    assert {row["part"] for row in rows_of(database, "import_batch")} == {"Contatos", "Empresas"}
    undo(database, done.change_set, ACTOR)
    assert rows_of(database, "contact") == [] and rows_of(database, "company") == []


def test_the_same_sheets_again_change_nothing(database: Database, tmp_path: Path) -> None:
    parts = _parts(database, _workbook(tmp_path / "escritorio.xlsx"))
    run_imports(database, parts, ACTOR)
    again = run_imports(database, parts, ACTOR)
    assert again.balanced
    assert [(one.created, one.updated, one.unchanged) for one in again.parts] == [(0, 0, 3), (0, 0, 2)]


def test_a_part_that_cannot_be_read_keeps_the_other_out(
    database: Database, tmp_path: Path, table_file: Callable[..., Path]
) -> None:
    path = _workbook(tmp_path / "escritorio.xlsx")
    parts = _parts(database, path)
    gone = table_file([["Empresa", "Cidade"], ["Sumida", "Natal"]], "gone.csv")
    broken = ImportPart(gone, guess_plan(database, gone, "company").plan)
    gone.unlink()
    with pytest.raises(UserError):
        run_imports(database, [*parts, broken], ACTOR)
    assert rows_of(database, "contact") == [] and rows_of(database, "company") == []
