"""Rows that do not come in leave nothing behind: no companies that only they name."""

from __future__ import annotations

from collections.abc import Callable

from crm_desktop import doctor
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.importing.plan import SKIP, UPDATE
from crm_desktop.importing.result import ImportResult
from tests.helpers.rows import rows_of

KNOWN = [["Nome", "E-mail", "Empresa"], ["Ana Souza", "ana@sol.example", "Padaria Sol"]]
MORE = [
    *KNOWN[:1], ["Ana Souza", "ana@sol.example", "Padaria Lua"], ["Rui Lima", "rui@nada.example", "Firma Fantasma"],
]  # fmt: skip
Import = Callable[..., ImportResult]


def _companies(database: Database) -> set[str]:
    return {row["name"] for row in rows_of(database, "company")}


def test_a_rejected_row_leaves_no_company(database: Database, import_table: Import) -> None:
    import_table(KNOWN, "contact")
    result = import_table(MORE, "contact", "more.csv", mode=UPDATE)
    assert (result.updated, result.rejected_count) == (1, 1)
    assert _companies(database) == {"Padaria Sol", "Padaria Lua"}, "the one that a changed record needs stays"
    assert result.parents == {"company": 1}
    with database.read() as connection:
        assert search.find(connection, database.schema, "Fantasma") == []
        assert search.find(connection, database.schema, "Padaria Lua")
    assert [one.detail for one in doctor.check(database, full=True) if not one.ok] == []


def test_a_row_that_is_left_alone_leaves_no_company(database: Database, import_table: Import) -> None:
    import_table(KNOWN, "contact")
    result = import_table(MORE, "contact", "more.csv", mode=SKIP)
    assert (result.created, result.duplicates) == (1, 1)
    assert _companies(database) == {"Padaria Sol", "Firma Fantasma"}


def test_the_company_of_an_activity_stays(database: Database, import_table: Import) -> None:
    rows = [["Assunto", "Data", "Empresa"], ["Ligar", "10/03/2026", "Padaria Sol"], ["", "", "Ninguém Ltda"]]
    result = import_table(rows, "activity", "tarefas.csv")
    assert "Padaria Sol" in _companies(database), result
