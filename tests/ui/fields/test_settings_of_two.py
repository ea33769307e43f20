"""A colleague changes the settings of the office while they are open here: nothing typed is lost, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.dedupe import settings as dedupe
from crm_desktop.records import field_service, layout, office_service, service
from crm_desktop.sales import queries as sales_queries
from crm_desktop.sales import service as sales
from crm_desktop.security import roles
from tests.helpers.windows import settle
from ui.dedupe.rules_tab import RulesTab
from ui.framework import dialogs
from ui.records.conflict import ConflictDialog
from ui.sales.pipelines_tab import PipelinesTab
from ui.security.roles_section import RolesSection
from ui.settings.fields.tab import FieldsTab
from ui.settings.office_tab import OfficeTab


@pytest.fixture
def colleague(bench: Any) -> Callable[..., Any]:
    """Writes as Caio on another computer; ``quiet``: this window has not heard of it yet."""
    with write(bench.database, "x") as uow:
        caio = service.create_record(uow, "user", {"name": "Caio", "login": "caio"})

    def act(work: Callable[[Any], Any], *, quiet: bool = False) -> None:
        bench.office.blockSignals(quiet)
        with write(bench.database, "x", actor=Actor(caio, "Caio", "there")) as uow:
            work(uow)
        settle()
        bench.office.blockSignals(False)

    return act


@pytest.fixture
def shown() -> Iterator[Callable[[QWidget], Any]]:
    """Shows a page and closes it after the test."""
    pages: list[QWidget] = []

    def show(page: QWidget) -> Any:
        pages.append(page)
        page.resize(1040, 640)
        page.show()
        page.activateWindow()
        settle()
        return page

    yield show
    for page in pages:
        page.close()
        page.deleteLater()
    settle()


def choose(side: int, *texts: str) -> None:
    """Answer the next question with mine (0) or theirs (1); it shows these texts."""

    def answer(dialog: QDialog) -> bool:
        assert isinstance(dialog, ConflictDialog) and not dialog.keep.isVisibleTo(dialog)
        one = dialog.disputed[0]
        assert (one.base.text, one.mine.text, one.theirs.text) == texts
        dialog.take(side)
        return True

    dialogs.answers.give(answer)


def type_over(line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def label(bench: Any) -> str:
    return bench.field("custom.level").label  # type: ignore[no-any-return]


def test_what_is_written_about_a_field_stays_and_goes_together_with_a_colleagues(
    bench: Any, colleague: Any, shown: Any
) -> None:
    tab = shown(FieldsTab(bench.office))
    tab.list.select("field", "custom.level")
    settle()
    type_over(tab.panel.label, "Metal")
    colleague(lambda u: field_service.update_custom_field(u, "contact", "custom.level", {"help": "Which one"}))
    assert tab.panel.label.text() == "Metal"
    tab.panel.save()
    settle()
    with bench.database.read() as connection:
        now = field_service.definition(connection, "contact", "custom.level")
    assert (now["label"], now["help"]) == ("Metal", "Which one")
    for side, wanted in ((1, "Theirs1"), (0, "Mine0")):
        before = label(bench)
        type_over(tab.panel.label, f"Mine{side}")
        new = {"label": f"Theirs{side}"}
        colleague(lambda u, new=new: field_service.update_custom_field(u, "contact", "custom.level", new))
        choose(side, before, f"Mine{side}", f"Theirs{side}")
        tab.panel.save()
        settle()
        assert label(bench) == tab.panel.label.text() == wanted


def test_a_form_that_a_colleague_arranged_too(bench: Any, colleague: Any, shown: Any) -> None:
    tab = shown(FieldsTab(bench.office))
    tab.list.select("field", "custom.why")
    tab.list.setFocus()
    before = tab.draft.layout()
    theirs = replace(before, hidden=(*before.hidden, "birthday"))
    QTest.keyClick(tab.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert tab._timer.isActive()
    colleague(lambda u: layout.save_layout(u, "contact", theirs))
    assert tab.draft.layout() != before  # what was moved is not read over
    mine = tab.draft.layout()
    tab._flush()
    settle()
    with bench.database.read() as connection:
        assert layout.read_layout(connection, "contact") == replace(mine, hidden=theirs.hidden)


def test_stages_and_names_of_pipelines(bench: Any, colleague: Any, shown: Any) -> None:
    with write(bench.database, "x") as uow:
        sales.ensure_default_pipeline(uow)
    tab = shown(PipelinesTab(bench.office))
    with bench.database.read() as connection:
        stage = sales_queries.pipelines(connection)[0].stages[0]
    line = next(one for one in tab._lines() if one.text() == stage.name)
    type_over(line, "Mine")
    colleague(lambda u: sales.update_stage(u, stage.id, name="Theirs"))
    assert line.text() == "Mine"
    choose(0, stage.name, "Mine", "Theirs")
    QTest.keyClick(line, Qt.Key.Key_Return)
    settle()
    assert {"Mine"} <= {one.text() for one in tab._lines()}
    with bench.database.read() as connection:
        assert sales_queries.pipelines(connection)[0].stages[0].name == "Mine"


def test_a_right_that_a_colleague_changed_a_moment_ago(bench: Any, colleague: Any, shown: Any) -> None:
    section = shown(RolesSection(bench.office))
    colleague(lambda u: roles.set_right(u, "sales", "deal", "delete", "all"), quiet=True)
    choose(1, "Own", "None", "All")
    section.set_right("deal", "delete", "none")
    settle()
    with bench.database.read() as connection:
        scopes = roles.rights_of_role(connection, bench.database.schema, "sales").scopes
    assert scopes["deal", "delete"] == "all" == section._found.rights["sales"].scopes["deal", "delete"]


def test_a_rule_for_duplicates_and_the_office_itself(bench: Any, colleague: Any, shown: Any) -> None:
    tab = shown(RulesTab(bench.office))
    rule = tab.chosen()
    tab.look.setValue(rule.look_from - 9)
    colleague(lambda u: dedupe.save_rule(u, replace(rule, look_from=rule.look_from - 5)))
    assert tab.look.value() == rule.look_from - 9
    choose(0, str(rule.look_from), str(rule.look_from - 9), str(rule.look_from - 5))
    QTest.mouseClick(tab.save_button, Qt.MouseButton.LeftButton)
    settle()
    with bench.database.read() as connection:
        assert dedupe.rule_for(connection, rule.entity, rule.moment).look_from == rule.look_from - 9
    page = shown(OfficeTab(bench.office))
    type_over(page.address, "Rua 1")
    colleague(lambda u: office_service.save_settings(u, {"address": "Rua 2"}))
    assert page.address.text() == "Rua 1"
    choose(1, "", "Rua 1", "Rua 2")
    page._save()
    settle()
    assert page.address.text() == "Rua 2"


def go_back(dialog: QDialog) -> bool:
    """Answer the next question with Escape."""
    assert isinstance(dialog, ConflictDialog)
    dialog.reject()
    return False


def test_escape_leaves_what_was_moved_as_it_is_until_somebody_chooses(bench: Any, colleague: Any, shown: Any) -> None:
    tab = shown(FieldsTab(bench.office))
    tab.list.select("field", "custom.why")
    tab.list.setFocus()
    before = tab.draft.layout()
    name = "custom.why"
    others = [replace(one, fields=tuple(f for f in one.fields if f != name)) for one in before.sections]
    others[0] = replace(others[0], fields=(name, *others[0].fields))
    colleague(lambda u: layout.save_layout(u, "contact", replace(before, sections=tuple(others))), quiet=True)
    QTest.keyClick(tab.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    mine = tab.draft.layout()
    dialogs.answers.give(go_back)
    tab._flush()
    settle()
    assert tab.waiting and tab.undecided.isVisible()
    colleague(lambda u: field_service.update_custom_field(u, "contact", "custom.level", {"help": "Which one"}))
    assert tab.draft.layout() == mine  # nor does anything else read it over

    def take_mine(dialog: QDialog) -> bool:
        assert isinstance(dialog, ConflictDialog)
        dialog.take(0)
        return True

    dialogs.answers.give(take_mine)
    QTest.mouseClick(tab.decide, Qt.MouseButton.LeftButton)
    settle()
    assert not tab.waiting
    with bench.database.read() as connection:
        stored = layout.read_layout(connection, "contact")
    assert stored is not None and stored.sections == mine.sections


def test_escape_leaves_the_name_of_a_stage_as_it_was_written(bench: Any, colleague: Any, shown: Any) -> None:
    with write(bench.database, "x") as uow:
        sales.ensure_default_pipeline(uow)
    tab = shown(PipelinesTab(bench.office))
    with bench.database.read() as connection:
        stage = sales_queries.pipelines(connection)[0].stages[0]
    line = next(one for one in tab._lines() if one.text() == stage.name)
    type_over(line, "Mine")
    colleague(lambda u: sales.update_stage(u, stage.id, name="Theirs"))
    dialogs.answers.give(go_back)
    QTest.keyClick(line, Qt.Key.Key_Return)
    settle()
    line = next(one for one in tab._lines() if one.text() == "Mine")
    assert line.isModified()
    QTest.keyClick(line, Qt.Key.Key_Return)
    settle()
    with bench.database.read() as connection:
        assert sales_queries.pipelines(connection)[0].stages[0].name == "Mine"
