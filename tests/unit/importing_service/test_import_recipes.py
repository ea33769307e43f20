"""Recipes: the plan that was accepted once is there when a file of the same layout comes again, for the whole office."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from crm_desktop.core import i18n, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import readers, recipe_files, recipes
from crm_desktop.importing.guess import PlanGuess, guess_plan
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipe_match import fit_recipe, match, near
from crm_desktop.importing.recipes import Recipe, Seen
from crm_desktop.importing.run import run_import
from crm_desktop.importing.table import ReadOptions
from crm_desktop.records import history

TableFile = Callable[..., Path]
ACTOR = Actor(None, "Ana")
MARCH = [
    ["Nome", "E-mail", "Situação"],
    ["Ana Souza", "ana@sol.example", "Namorando"],
    ["Bia Reis", "bia@sol.example", ""],
]


def save(database: Database, guess: PlanGuess, plan: ImportPlan | None = None, name: str = "", **given: Any) -> Recipe:
    """Save the plan of one table as a recipe."""
    with write(database, N_("Save recipe"), actor=ACTOR) as uow:
        return recipes.save(uow, [Seen(guess.file, plan or guess.plan, ReadOptions(**given))], name=name)


def test_an_accepted_plan_is_recognised(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH, "março.csv"), "contact")
    plan = guess.plan.with_column(2, target="lifecycle", values={"namorando": "qualified"}, date_order="mdy")
    plan = plan.with_(
        mode="skip", deleted="leave", overwrite_blanks=True, defaults={"source": "import", "job_title": "{Nome}"}
    )
    save(database, guess, plan)
    april = table_file([["situacao", "NOME", "E-Mail"], ["Lead", "Rui Paz", "rui@paz.example"], ["Lead", "Eva", "e@x.example"]],
                       "abril.csv")  # fmt: skip
    found = match(database, readers.inspect(april))
    assert found is not None and found.name == "março" and found.exact
    assert [(one.column, one.header, one.target) for one in found.plan.columns] == [
        (0, "situacao", "lifecycle"), (1, "NOME", "name"), (2, "E-Mail", "email")]  # fmt: skip
    assert found.plan.columns[0].values == {"namorando": "qualified"}
    assert found.plan.columns[0].date_order == "mdy"
    assert (found.plan.mode, found.plan.rows, found.plan.deleted) == ("skip", 2, "leave")
    assert found.plan.overwrite_blanks and found.plan.defaults["job_title"] == "{NOME}"


def test_all_of_the_office_see_what_one_saved(database: Database, table_file: TableFile, database_url: str) -> None:
    guess = guess_plan(database, table_file(MARCH, "março.csv"), "contact")
    save(database, guess, name="Balcão")
    other = Database(database_url, database.schema)
    try:
        [recipe] = recipes.every(other)
        assert (recipe.name, recipe.file_name, recipe.entities) == ("Balcão", "março.csv", ("contact",))
        assert match(other, guess.file) is not None
    finally:
        other.close()


def test_other_columns_are_another_layout_but_near(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    save(database, guess)
    fewer = readers.inspect(table_file([["Nome", "E-mail"], ["Ana", "a@x.example"]], "b.csv"))
    assert match(database, fewer) is None
    [like] = near(database, fewer)
    assert (like.missing, like.new, like.exact) == (("Situação",), (), False)
    assert [one.target for one in like.plan.columns] == ["name", "email"]
    more = readers.inspect(table_file([[*row, str(i)] for i, row in enumerate(MARCH)], "c.csv"))
    [like] = near(database, more)
    assert like.new == ("0",) and like.plan.columns[3].target is None
    book = readers.inspect(table_file(MARCH, "c.xlsx"))
    assert match(database, book) is None
    assert near(database, book)[0].other_kind
    assert near(database, readers.inspect(table_file([["Produto", "Preço"], ["Sal", 2]], "d.csv"))) == []


def test_saving_again_replaces_by_name_and_uses_are_counted(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    first = save(database, guess, name="Planilha do balcão")
    save(database, guess, guess.plan.with_(mode="create"))
    with write(database, N_("Used"), kind="system") as uow:
        recipes.count_use(uow, first.id)
    [only] = recipes.every(database)
    assert (only.name, only.plan.mode, only.used) == ("Planilha do balcão", "create", 1)
    save(database, guess, guess.plan.with_(mode="update"), name="Só mudanças")
    found = match(database, guess.file)
    assert found is not None and found.name == "Só mudanças", "the one that was saved or used last"


def test_renamed_copied_forgotten_and_brought_back(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    recipe = save(database, guess, name="Balcão")
    with write(database, N_("Copy"), actor=ACTOR) as uow:
        recipes.duplicate(uow, recipe.id, recipes.free_name(["Balcão"], "balcão"))
        with pytest.raises(UserError, match="already"):
            recipes.rename(uow, recipe.id, "BALCAO (2)")
        recipes.rename(uow, recipe.id, "Loja")
    assert [one.name for one in recipes.every(database)] == ["balcão (2)", "Loja"]
    with write(database, N_("Delete recipe {name}"), params={"name": "Loja"}, actor=ACTOR) as uow:
        recipes.forget(uow, [recipe.id])
    assert [one.name for one in recipes.every(database)] == ["balcão (2)"]
    history.undo(database, uow.change_set_id, ACTOR)
    assert [one.name for one in recipes.every(database)] == ["balcão (2)", "Loja"]
    again = recipes.every(database)[1]
    assert again.plan == recipe.plan


def test_columns_of_the_same_name_and_without_a_name(database: Database, table_file: TableFile) -> None:
    rows = [["Nome", "Fone", "Fone", ""], ["Ana", "(41) 3555-0101", "(41) 95550-0142", "x"], ["Bia", "", "", "y"]]
    guess = guess_plan(database, table_file(rows, "a.csv"), "contact")
    save(database, guess, guess.plan.with_column(3, target="notes"))
    found = match(database, readers.inspect(table_file(rows, "b.csv")))
    assert found is not None and found.plan.columns[3].target == "notes"


def test_the_file_of_rejected_rows_is_known_by_its_recipe(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    save(database, guess)
    for language in ("en", "pt_BR", "es"):
        i18n.set_language(language)
        rejects = [[*MARCH[0], i18n._("Row"), i18n._("Reason")], [*MARCH[1], 2, "x"]]
        i18n.set_language("en")
        found = match(database, readers.inspect(table_file(rejects, "rejected.xlsx")))
        assert found is not None and found.exact
        assert [one.target for one in found.plan.columns][3:] == [None, None]
    only = [[*MARCH[0], "Reason"], [*MARCH[1], "x"]]
    assert match(database, readers.inspect(table_file(only, "rejected.csv"))) is None


def test_added_columns_and_the_reading_belong_to_a_recipe(database: Database, tmp_path: Path) -> None:
    march = tmp_path / "março.csv"
    march.write_text("Relatório;;\nLoja 1;;\nNome;Sobrenome;E-mail\nANA;SOUZA;ana@sol.example\nBIA;REIS;bia@sol.example\n",
                     encoding="utf-8")  # fmt: skip
    options = ReadOptions(header_row=2, added=(("Nome completo", 'proper(join(" ", [Nome], [Sobrenome]))'),))
    guess = guess_plan(database, march, "contact", options=options)
    targets = {"Nome": None, "Sobrenome": None, "Nome completo": "name", "E-mail": "email"}
    plan = guess.plan
    for one in plan.columns:
        plan = plan.with_column(one.column, target=targets[one.header], transform="")
    with write(database, N_("Save recipe"), actor=ACTOR) as uow:
        recipes.save(uow, [Seen(guess.file, plan.with_(keys=("email",)), options)], name="ERP")
    april = tmp_path / "abril.csv"
    april.write_text("E-MAIL;SOBRENOME;Nome\nrui@paz.example;PAZ;RUI\n", encoding="utf-8")
    found = match(database, readers.inspect(april))
    assert found is not None
    result = run_import(database, april, found.plan, ACTOR)
    assert result.created == 1
    with database.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM contact").scalars().all()
    assert names == ["Rui Paz"]


def test_a_recipe_of_several_tables(database: Database, tmp_path: Path) -> None:
    def book(name: str, sheets: dict[str, list[list[str]]]) -> Path:
        with xlsxwriter.Workbook(str(tmp_path / name)) as made:
            for title, rows in sheets.items():
                sheet = made.add_worksheet(title)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return tmp_path / name

    people, firms = MARCH, [["Empresa", "CNPJ"], ["Sol", "11.222.333/0001-81"], ["Lua", ""]]
    march = book("março.xlsx", {"Pessoas": people, "Empresas": firms})
    first = guess_plan(database, march, "contact", options=ReadOptions(sheet="Pessoas"))
    second = guess_plan(database, march, "company", options=ReadOptions(sheet="Empresas"))
    with write(database, N_("Save recipe"), actor=ACTOR) as uow:
        recipes.save(uow, [Seen(first.file, first.plan), Seen(second.file, second.plan)], name="Tudo")
    april = readers.inspect(book("abril.xlsx", {"Capa": [["Olá"]], "Empresas": firms, "Pessoas": people}))
    found = match(database, april)
    assert found is not None
    assert [(april.sheets[part.place].name, part.plan.entity) for part in found.parts] == [
        ("Empresas", "company"), ("Pessoas", "contact")]  # fmt: skip
    assert match(database, readers.inspect(book("maio.xlsx", {"Pessoas": people}))) is None


def test_recipes_travel_as_files(database: Database, table_file: TableFile, tmp_path: Path) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    recipe = save(database, guess, guess.plan.with_(mode="skip"), name="Balcão")
    target = tmp_path / "balcao.crmrecipe"
    recipe_files.export_recipe(recipe, target)
    content = json.loads(target.read_text(encoding="utf-8"))
    assert (content["program"], content["version"], content["name"]) == ("CRM Desktop", 1, "Balcão")
    with write(database, N_("Delete recipe {name}"), params={"name": "x"}) as uow:
        recipes.forget(uow, [recipe.id])
    back = recipe_files.import_recipe(database, target, ACTOR)
    assert (back.name, back.plan, back.fingerprint) == (recipe.name, recipe.plan, recipe.fingerprint)
    assert len(recipes.every(database)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.update(version=9, program_version="3.0"), "newer version of the program (3.0)"),
        (lambda c: c["parts"][0]["plan"].update(entity="spaceship"), "“spaceship”"),
        (lambda c: c["parts"][0]["plan"]["columns"][1].update(target="shoe_size"), "the column “E-mail” to the field “shoe_size”"),
        (lambda c: c["parts"][0]["plan"].update(keys=["shoe_size"]), "the field “shoe_size”"),
        (lambda c: c["parts"][0]["plan"].update(mode="burn"), "“burn”"),
        (lambda c: c["parts"][0].update(given={"added": [["Idade", "[Anos] * 1"]]}), "not a recipe"),
        (lambda c: c.update(parts=[]), "not a recipe"), (lambda c: c.update(parts="x"), "not a recipe"),
        (lambda c: c["parts"][0].pop("plan"), "not a recipe"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_recipe_is_said(
    database: Database, table_file: TableFile, tmp_path: Path, change: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    target = tmp_path / "x.crmrecipe"
    recipe_files.export_recipe(save(database, guess), target)
    content = json.loads(target.read_text(encoding="utf-8"))
    change(content)
    target.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        recipe_files.read_recipe(database, target)
    assert sentence in str(caught.value)


def test_recipes_of_this_computer_are_taken_over_once(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    old = {
        "version": 1,
        "fingerprint": "x",
        "name": "Antiga",
        "file_name": "m.csv",
        "used": 3,
        "plan": guess.plan.as_dict(),
    }
    folder = paths.recipes_folder()
    (folder / "x.json").write_text(json.dumps(old), encoding="utf-8")
    (folder / "bad.json").write_text("{", encoding="utf-8")
    assert recipe_files.take_over(database, ACTOR) == 1
    assert recipe_files.take_over(database, ACTOR) == 0
    found = match(database, guess.file)
    assert found is not None and found.name == "Antiga"


def test_damaged_recipes_are_passed_over(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    recipe = save(database, guess)
    with write(database, N_("Damage")) as uow:
        uow.update("import_recipe", recipe.id, {"content": {"version": 1, "parts": [{"plan": 3}]}})
    assert recipes.every(database) == []
    assert match(database, guess.file) is None


def test_a_recipe_is_fitted_to_a_file_that_someone_chose_it_for(database: Database, table_file: TableFile) -> None:
    guess = guess_plan(database, table_file(MARCH), "contact")
    recipe = save(database, guess)
    other = readers.inspect(table_file([["Nome", "Cidade", "Idade", "X"], ["Ana", "Lapa", 3, 4]], "o.xlsx"))
    fitted = fit_recipe(recipe, other)
    assert set(fitted.missing) == {"E-mail", "Situação"} and "E-mail" in fitted.needed
    assert set(fitted.new) == {"Cidade", "Idade", "X"} and fitted.other_kind
    with pytest.raises(UserError, match="no sheet"):
        fit_recipe(recipe, other, "Nirgends")
