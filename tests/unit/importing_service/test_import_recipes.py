"""Recipes: the plan that was accepted once is there when a file of the same layout comes again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm_desktop.core import paths
from crm_desktop.db.database import Database
from crm_desktop.importing import readers, recipes
from crm_desktop.importing.guess import guess_plan

TableFile = Callable[..., Path]
MARCH = [
    ["Nome", "E-mail", "Situação"],
    ["Ana Souza", "ana@sol.example", "Namorando"],
    ["Bia Reis", "bia@sol.example", ""],
]


def test_an_accepted_plan_is_recognised(sqlite_database: Database, table_file: TableFile) -> None:
    path = table_file(MARCH, "março.csv")
    guess = guess_plan(sqlite_database, path, "contact")
    plan = guess.plan.with_column(2, target="lifecycle", values={"namorando": "qualified"}).with_(mode="skip")
    recipes.save(guess.file, plan)
    april = table_file([["situacao", "NOME", "E-Mail"], ["Lead", "Rui Paz", "rui@paz.example"], ["Lead", "Eva", "e@x.example"]],
                       "abril.csv")  # fmt: skip
    found = recipes.match(readers.inspect(april))
    assert found is not None and found.name == "março"
    assert [(one.column, one.header, one.target) for one in found.plan.columns] == [
        (0, "situacao", "lifecycle"), (1, "NOME", "name"), (2, "E-Mail", "email")]  # fmt: skip
    assert found.plan.columns[0].values == {"namorando": "qualified"}
    assert (found.plan.mode, found.plan.rows) == ("skip", 2)


def test_other_columns_are_another_layout(sqlite_database: Database, table_file: TableFile) -> None:
    guess = guess_plan(sqlite_database, table_file(MARCH), "contact")
    recipes.save(guess.file, guess.plan)
    assert recipes.match(readers.inspect(table_file([["Nome", "E-mail"], ["Ana", "a@x.example"]], "b.csv"))) is None
    assert recipes.match(readers.inspect(table_file(MARCH, "c.xlsx"))) is None


def test_saving_again_replaces_and_counts(sqlite_database: Database, table_file: TableFile) -> None:
    guess = guess_plan(sqlite_database, table_file(MARCH), "contact")
    recipes.save(guess.file, guess.plan, name="Planilha do balcão")
    recipes.save(guess.file, guess.plan.with_(mode="create"))
    [only] = recipes.every()
    assert (only.name, only.plan.mode, only.used) == ("Planilha do balcão", "create", 2)
    recipes.forget(only.fingerprint)
    assert recipes.every() == []


def test_damaged_recipes_are_passed_over(sqlite_database: Database, table_file: TableFile) -> None:
    guess = guess_plan(sqlite_database, table_file(MARCH), "contact")
    recipe = recipes.save(guess.file, guess.plan)
    (paths.recipes_folder() / f"{recipe.fingerprint}.json").write_text("{", encoding="utf-8")
    assert recipes.every() == []
    assert recipes.match(guess.file) is None
