"""Recipes and columns that are worked out, as a person uses them in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core.i18n import N_
from crm_desktop.importing import recipes
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.recipes import Seen
from ui.framework import dialogs
from ui.importing.added_column import AddedColumnDialog
from ui.importing.recipe_manager import RecipeManager
from ui.widgets.labels import Label
from ui.widgets.toast import Toast

MakeFile = Callable[[str, str], Path]
NAMES = """Nome;Sobrenome;E-mail;Fone
ANA;DE SOUZA;ana@sol.example;(41) 95550-0101
BIA;REIS;bia@sol.example;(41) 95550-0102
"""


def headers(desk) -> list[str]:  # type: ignore[no-untyped-def]
    return [one.header for one in desk.page.session.draft.columns()]


def add_joined(dialog: AddedColumnDialog) -> bool:
    """Join the first two columns, as a person does who never saw a formula."""
    form = dialog.form
    assert [one.value() for one in form.columns[:2]] == ["Nome", "Sobrenome"]
    assert [dialog.model.row(i)["new"] for i in range(2)] == ["ANA DE SOUZA", "BIA REIS"]
    dialog.name.setFocus()
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "Inteiro")
    dialog.ok.click()
    return dialog.result() == 1


def test_a_column_is_added_changed_and_removed(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("nomes.csv", NAMES))
    desk.go_to("columns")
    dialogs.answers.give(add_joined)
    desk.page.columns.add.click()
    desk.settle()
    assert headers(desk) == ["Nome", "Sobrenome", "E-mail", "Fone", "Inteiro"]
    step, box = desk.page.columns, desk.page.columns.details.added
    assert step.model.column_at(step.table.current_row()) == 4, "the new column is the current one"
    assert box.isVisible() and box.formula.text() == 'join(" ", [Nome], [Sobrenome])'

    def as_a_name(dialog: AddedColumnDialog) -> bool:
        dialog.choose_way("expression")
        form = dialog.form
        assert form.formula is not None
        form.formula.setFocus()
        form.formula.selectAll()
        QTest.keyClicks(form.formula, "proper(join(")
        dialog.try_it()
        assert "Character" in dialog.problem.text()
        dialog.ok.click()
        assert dialog.result() == 0, "what is wrong is not taken"
        form.formula.setPlainText('proper(join(" ", [Nome], [Sobrenome]))')
        dialog.try_it()
        assert not dialog.problem.text() and dialog.model.row(0)["new"] == "Ana de Souza"
        dialog.ok.click()
        return dialog.result() == 1

    dialogs.answers.give(as_a_name)
    box.edit.click()
    desk.settle()
    session = desk.page.session
    session.set_targets({0: None, 1: None, 4: "name"})
    desk.settle()
    desk.go_to("result")
    assert sorted(desk.records("contact", "name")) == [("Ana de Souza",), ("Bia Reis",)]


def test_a_column_that_is_removed_comes_back_by_undo(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("nomes.csv", NAMES))
    desk.go_to("columns")
    dialogs.answers.give(add_joined)
    desk.page.columns.add.click()
    desk.settle()
    desk.page.columns.details.added.remove.click()
    desk.settle()
    assert headers(desk) == ["Nome", "Sobrenome", "E-mail", "Fone"]
    assert desk.page.session.draft.target(2).name == "email"
    toast = desk.page.window().findChildren(Toast, "toast", Qt.FindChildOption.FindDirectChildrenOnly)[-1]
    assert "Inteiro" in toast.text.text()
    toast.button.click()
    desk.settle()
    assert headers(desk) == ["Nome", "Sobrenome", "E-mail", "Fone", "Inteiro"]
    assert desk.page.columns.details.added.formula.text() == 'join(" ", [Nome], [Sobrenome])'


def test_undo_of_a_removed_column_leaves_another_file_alone(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("nomes.csv", NAMES))
    desk.go_to("columns")
    dialogs.answers.give(add_joined)
    desk.page.columns.add.click()
    desk.settle()
    desk.page.columns.details.added.remove.click()
    desk.settle()
    toast = desk.page.window().findChildren(Toast, "toast", Qt.FindChildOption.FindDirectChildrenOnly)[-1]
    desk.page.session.close_file()
    desk.open(text_file("outro.csv", NAMES.replace("ANA", "EVA")))
    toast.button.click()
    desk.settle()
    assert headers(desk) == ["Nome", "Sobrenome", "E-mail", "Fone"]


@pytest.mark.parametrize(
    ("way", "formula"),
    [("split", 'first_word([Nome])'), ("case", "proper([Nome])"), ("digits", "digits([Nome])"), ("constant", '"Feira"'),
     ("replace", 'replace([Nome], "A", "")')],
)  # fmt: skip
def test_every_way_writes_its_formula(desk, way: str, formula: str) -> None:  # type: ignore[no-untyped-def]
    dialog = AddedColumnDialog(desk.page, ["Nome", "X"], [(2, ["Ana Souza", "1"])])
    dialog.show()
    row = ["join", "split", "case", "constant", "replace", "digits", "expression"].index(way)
    dialog.ways.setFocus()
    for _times in range(row):
        QTest.keyClick(dialog.ways, Qt.Key.Key_Down)
    if dialog.form.text is not None:
        dialog.form.text.setFocus()
        QTest.keyClicks(dialog.form.text, "Feira" if way == "constant" else "A")
    assert dialog.formula() == formula
    dialog.ok.click()
    assert dialog.added[1] == formula and dialog.added[0] not in ("", "Nome")
    again = AddedColumnDialog(desk.page, ["Nome", "X"], [], name="N", formula=formula)
    assert again.form.kind == way and again.formula() == formula
    dialog.deleteLater()
    again.deleteLater()


def test_recipes_keep_added_columns_and_know_the_file(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("nomes.csv", NAMES))
    desk.go_to("columns")
    dialogs.answers.give(add_joined)
    desk.page.columns.add.click()
    desk.settle()
    desk.page.session.set_targets({0: None, 1: None, 4: "name"})
    desk.settle()
    dialogs.answers.give("Nomes")
    desk.page.footer.save_recipe.click()
    desk.settle()
    desk.page.session.close_file()
    desk.open(text_file("abril.csv", NAMES.replace("ANA", "EVA")))
    draft = desk.page.session.draft
    assert draft.recipe is not None and draft.recipe.name == "Nomes"
    assert headers(desk)[-1] == "Inteiro" and draft.target(4).name == "name" and draft.target(0) is None


def test_a_file_like_a_recipe_is_offered_it_and_asks_about_the_new_column(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("nomes.csv", NAMES))
    desk.go_to("columns")
    desk.page.session.set_target(3, None)
    desk.settle()
    dialogs.answers.give("Nomes")
    desk.page.footer.save_recipe.click()
    desk.settle()
    desk.page.session.close_file()
    lines = NAMES.splitlines()
    desk.open(text_file("abril.csv", "\n".join([f"{lines[0]};Zyx", f"{lines[1]};q7", f"{lines[2]};w"])))
    file = desk.page.file
    assert file.known_holder.isVisible() and file.like.isVisible()
    assert "Nomes" in file.known.strong.text() and "is new" in file.known.text.text()
    file.like.click()
    desk.settle()
    draft = desk.page.session.draft
    assert draft.recipe is not None and draft.target(3) is None
    assert draft.state(4) in ("undecided", "check"), "the new column is asked about"
    assert [draft.state(i) for i in range(4)] == ["recognised", "recognised", "recognised", "out"], "and no other"


def manager(desk, path: Path) -> RecipeManager:  # type: ignore[no-untyped-def]
    """The manager over two recipes, shown."""
    database = desk.office.database
    guess = guess_plan(database, path, "contact")
    with desk.office.unit_of_work(N_("Save recipe")) as uow:
        recipes.save(uow, [Seen(guess.file, guess.plan)], name="Balcão")
        recipes.save(uow, [Seen(guess.file, guess.plan.with_(mode="skip"))], name="Feira")
    one = RecipeManager(desk.page, desk.office, lambda: recipes.every(database), "Use for a file…")
    one.show()
    desk.settle()
    return one


def test_the_manager_renames_copies_deletes_and_brings_back(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    shown = manager(desk, text_file("nomes.csv", NAMES))

    def names() -> list[str]:
        return [shown.model.row(i).name for i in range(shown.model.rowCount())]

    assert names() == ["Balcão", "Feira"]
    told = " ".join(label.text() for label in shown.about.findChildren(Label))
    assert "E-mail → E-mail" in told and "New ones are added, known ones are changed." in told
    shown.table.setFocus()
    dialogs.answers.give("Loja")
    QTest.keyClick(shown, Qt.Key.Key_F2)
    desk.settle()
    assert names() == ["Feira", "Loja"]
    assert shown.current().name == "Loja"
    QTest.keyClick(shown, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert names() == ["Feira", "Loja", "Loja (2)"]
    QTest.keyClick(shown, Qt.Key.Key_Delete)
    desk.settle()
    assert names() == ["Feira", "Loja"]
    shown.window().findChild(object, "toast").button.click()
    desk.settle()
    assert names() == ["Feira", "Loja", "Loja (2)"]
    shown.close()


def test_the_manager_sends_and_fetches_recipes(desk, text_file: MakeFile, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shown = manager(desk, text_file("nomes.csv", NAMES))
    target = tmp_path / "balcao.crmrecipe"
    dialogs.answers.give(str(target))
    shown.export.click()
    desk.settle()
    assert target.is_file()
    shown.delete.click()
    desk.settle()
    dialogs.answers.give(str(target))
    shown.fetch.click()
    desk.settle()
    assert shown.current().name == "Balcão"
    target.write_text("{}", encoding="utf-8")
    dialogs.answers.give(str(target), None)
    shown.fetch.click()
    desk.settle()
    assert dialogs.answers.asked[-1].text == "balcao.crmrecipe is not a recipe of an import."
    shown.use.click()
    assert shown.chosen is not None and shown.result() == 1
