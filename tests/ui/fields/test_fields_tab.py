"""Settings, "Fields and forms": arranging by mouse and keyboard, new fields, their properties, choices, hiding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget

from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, queries, service
from tests.helpers.windows import settle
from ui.framework import dialogs, tasks
from ui.records.room import keep_now
from ui.settings.fields.tab import FieldsTab


@pytest.fixture
def tab(bench: Any) -> Iterator[FieldsTab]:
    """The tab as it is opened."""
    made = FieldsTab(bench.office)
    made.resize(1040, 620)
    made.show()
    settle()
    yield made
    made.close()
    made.deleteLater()
    settle()


def go_to(tab: FieldsTab, name: str, kind: str = "field") -> None:
    tab.list.select(kind, name)
    tab.list.setFocus()
    settle()


def shown(tab: FieldsTab) -> list[str]:
    return [tab.list.form.text(row) for row in tab.list.form.rows]


def saved(tab: FieldsTab) -> None:
    tab._flush()
    settle()


def test_alt_and_arrows_move_a_field_between_sections(bench, tab) -> None:
    go_to(tab, "custom.why")
    before = tab.draft.place_of("custom.why")
    for _again in range(2):
        QTest.keyClick(tab.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert tab.draft.place_of("custom.why")[0] == before[0] - 1
    assert tab.list.current_row().key == "custom.why"
    saved(tab)
    section = bench.field("custom.why").section
    assert section == tab.draft.sections[before[0] - 1].key != "custom"
    bench.undo()
    assert bench.field("custom.why").section == "custom"
    assert tab.draft.place_of("custom.why") == before


def test_what_was_arranged_just_before_the_window_closes_is_saved(bench, tab) -> None:
    go_to(tab, "custom.why")
    for _again in range(2):
        QTest.keyClick(tab.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    keep_now(tab.window())  # as the window does when it closes
    assert tasks.wait_written(5)
    assert bench.field("custom.why").section != "custom"


def test_a_field_is_dragged_to_another_place(bench, tab) -> None:
    rows = tab.list.form.rows
    source = next(n for n, row in enumerate(rows) if row.key == "custom.points")
    target = next(n for n, row in enumerate(rows) if row.key == "job_title")
    data = tab.list.form.mimeData([tab.list.form.index(source)])
    tab.list.form.dropMimeData(data, Qt.DropAction.MoveAction, target, 0, tab.list.rootIndex())
    saved(tab)
    names = bench.fields()
    assert names.index("custom.points") + 1 == names.index("job_title")
    assert bench.field("custom.points").section == bench.field("job_title").section


def test_sections_are_made_renamed_and_removed(bench, tab) -> None:
    dialogs.answers.give("Rating")
    QTest.mouseClick(tab.section_button, Qt.MouseButton.LeftButton)
    assert tab.list.current_row().text == "Rating"
    tab.draft.drop(next(row for row in tab.list.form.rows if row.key == "custom.points"), None)
    key = tab.draft.sections[-1].key
    tab._arranged(("section", key))
    tab.section_page.title.setText("Grades")
    tab.section_page.title.editingFinished.emit()
    saved(tab)
    assert "Grades" in [one.label for one in custom.sections_of(bench.database, "contact")]
    assert bench.field("custom.points").section == key
    go_to(tab, key, "section")
    QTest.keyClick(tab.list, Qt.Key.Key_Delete)
    saved(tab)
    assert bench.field("custom.points").section != key
    assert tab.back.isEnabled()
    QTest.mouseClick(tab.back, Qt.MouseButton.LeftButton)
    settle()
    assert bench.field("custom.points").section == "custom" and not tab.back.isEnabled()


def test_a_new_field_with_choices_by_keyboard(bench, tab) -> None:
    go_to(tab, "job_title")
    QTest.keyClick(tab.list, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    if not tab.panel.is_new:  # a shortcut needs an active window
        tab.new_field()
    QTest.keyClicks(tab.panel.label, "Diet")
    tab.panel.kind.set_value(Kind.CHOICES.value)
    tab.panel.kind.edited.emit()
    QTest.mouseClick(tab.panel.choices.add_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(tab.panel.choices.rows[0].line, "Vegan")
    QTest.keyClick(tab.panel.choices.rows[0].line, Qt.Key.Key_Return)
    QTest.keyClicks(tab.panel.choices.rows[1].line, "No sugar")
    QTest.keyClick(tab.panel.choices.rows[1].line, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    tab.panel.save()
    settle()
    made = bench.field("custom.diet")
    assert made.kind is Kind.CHOICES and [one.key for one in made.choices] == ["no_sugar", "vegan"]
    assert made.section == bench.field("job_title").section
    assert tab.list.current_row().key == "custom.diet"


def test_what_is_missing_is_said(bench, tab) -> None:
    tab.new_field()
    tab.panel.save()
    assert tab.panel.problem.text() == "Give the field a name."
    tab.panel.label.setText("Diet")
    tab.panel.kind.set_value(Kind.CHOICE.value)
    tab.panel.kind.edited.emit()
    tab.panel.save()
    assert tab.panel.problem.text() == "Give at least one choice."


def test_properties_are_saved_on_the_way_out_and_undone(bench, tab) -> None:
    go_to(tab, "custom.points")
    tab.panel.label.setText("Score")
    tab.panel.help.setText("From 0 to 100")
    tab.panel.aliases.setText("pontos, puntos")
    tab.panel.required_when.put(where("custom.level", "eq", "gold"))
    go_to(tab, "custom.level")
    settle()
    one = bench.field("custom.points")
    assert (one.label, one.help, one.aliases) == ("Score", "From 0 to 100", ("pontos", "puntos"))
    assert one.required_when == where("custom.level", "eq", "gold")
    assert "Score" in shown(tab) and tab.list.current_row().key == "custom.level"
    bench.undo()
    assert bench.field("custom.points").label == "Points" and "Points" in shown(tab)


def test_a_removed_choice_asks_what_its_records_get(bench, tab) -> None:
    go_to(tab, "custom.level")
    tab.panel.choices.rows[0].line.setText("Gold!")
    tab.panel.choices.take(tab.panel.choices.rows[0])
    dialogs.answers.give("to:tin")
    tab.panel.save()
    settle()
    assert bench.value("custom.level") == "tin"
    assert "1 records" in dialogs.answers.asked[-1].text or "Gold" in dialogs.answers.asked[-1].text
    bench.undo()
    assert bench.value("custom.level") == "gold"


def test_a_declared_field_is_hidden_and_depends_on_another(bench, tab) -> None:
    go_to(tab, "birthday")
    assert not tab.panel.remove_button.isVisible()
    tab.panel.visible_when.put(where("custom.level", "filled"))
    tab.panel.save()
    saved(tab)
    assert bench.field("birthday").visible_when == where("custom.level", "filled")
    QTest.mouseClick(tab.panel.hide_button, Qt.MouseButton.LeftButton)
    saved(tab)
    assert bench.field("birthday").hidden and tab.panel.hide_button.text() == "Show"
    go_to(tab, "name")
    assert not tab.panel.hide_button.isVisible()


def test_deleting_asks_and_undo_brings_values_back(bench, tab) -> None:
    go_to(tab, "custom.points")
    dialogs.answers.give("yes")
    QTest.keyClick(tab.list, Qt.Key.Key_Delete)
    settle()
    assert "custom.points" not in bench.fields() and "Points" not in shown(tab)
    bench.undo()
    assert bench.value("custom.points") is not None and "Points" in shown(tab)


def test_a_text_becomes_a_choice(bench, tab) -> None:
    with write(bench.database, "More") as uow:
        service.create_record(uow, "contact", {"name": "Bia", "custom.why": "late"})
        service.create_record(uow, "contact", {"name": "Caio", "custom.why": " Late "})
    go_to(tab, "custom.why")

    def answer(dialog: Any) -> bool:
        dialog.kind.set_value(Kind.CHOICE.value)
        return True

    dialogs.answers.give(answer)
    tab.panel.change_kind.click()
    settle()
    one = bench.field("custom.why")
    assert one.kind is Kind.CHOICE and sorted(each.key for each in one.choices) == ["kept", "late"]
    with bench.database.read() as connection:
        found = queries.find_ids(bench.database, connection, "contact", filter=where("custom.why", "eq", "late"))
    assert len(found) == 2 and bench.value("custom.why") == "kept"


def test_values_that_do_not_fit_are_told_before(bench, tab) -> None:
    go_to(tab, "custom.why")

    def answer(dialog: Any) -> bool:
        dialog.kind.set_value(Kind.DATE.value)
        return True

    dialogs.answers.give(answer, "yes")
    tab.panel.change_kind.click()
    settle()
    assert "“kept” × 1" in dialogs.answers.asked[-1].text
    assert bench.field("custom.why").kind is Kind.DATE and bench.value("custom.why") is None
    bench.undo()
    assert bench.field("custom.why").kind is Kind.TEXT and bench.value("custom.why") == "kept"


def test_the_preview_is_the_form(bench, tab) -> None:
    tab.mode.set_value("preview")
    tab._show_mode("preview")
    form = next(one for one in tab.findChildren(QWidget) if type(one).__name__ == "RecordForm")
    assert {"name", "custom.level"} <= set(form.rows) and form.rows["custom.why"].isHidden()
    form.rows["custom.level"].editor.set_value("tin")
    form.rows["custom.level"].editor.edited.emit()
    assert not form.rows["custom.why"].isHidden()


def test_every_record_type_and_every_name(bench, tab) -> None:
    for result in tab.types.results():
        tab.show_entity(str(result.key))
        settle()
        assert tab.draft.spec.name == result.key and tab.list.form.rowCount() > 3
    tab.resize(700, 520)
    settle()
    assert tab.types_choice.isVisible() and not tab.types_panel.isVisible()
    nameless = [
        f"{type(one).__name__} {one.objectName()}"
        for one in tab.findChildren(QWidget)
        if isinstance(one, QAbstractButton | QLineEdit | QPlainTextEdit) and one.isVisible()
        if not (one.accessibleName() or getattr(one, "text", str)())
        if not one.objectName().startswith(("qt_", "Scroll"))
    ]
    assert nameless == []
    assert tab.childAt(QPoint(5, 5)) is not None


def test_a_formula_shows_its_result_and_its_mistakes(bench, tab) -> None:
    tab.new_field()
    tab.panel.label.setText("Double")
    tab.panel.kind.set_value("formula")
    tab.panel.kind.edited.emit()
    editor = tab.panel.formula
    assert editor.isVisible() and not tab.panel.choices.isVisible()
    QTest.keyClicks(editor.text, "[Poi")
    assert editor.text.completer.popup().isVisible()
    editor.text.completer.activated.emit("Points")
    editor.text.completer.popup().hide()
    QTest.keyClicks(editor.text, " * 2")
    assert editor.text.toPlainText() == "[Points] * 2"
    editor.try_it()
    settle()
    assert editor.result.text() == "For Rui Costa: 25"
    QTest.keyClicks(editor.text, " + [Nme]")
    editor.try_it()
    settle()
    assert editor.result.text() == "There is no field “Nme”." and len(editor.text.extraSelections()) == 1
    tab.panel.save()
    assert "Nme" in tab.panel.problem.text()
    editor.text.setPlainText("[Points] * 2")
    tab.panel.save()
    settle()
    assert bench.value("custom.double") == 25 and bench.field("custom.double").computed
    assert tab.list.current_row().key == "custom.double" and not tab.panel.required.isVisible()
    tab.panel.formula.text.setPlainText("[Name] & '!'")
    tab.panel.save()
    settle()
    assert bench.field("custom.double").kind is Kind.TEXT and bench.value("custom.double") == "Rui Costa!"


def test_a_roll_up_counts_linked_records(bench, tab) -> None:
    tab.show_entity("company")
    settle()
    tab.new_field()
    tab.panel.label.setText("People's points")
    tab.panel.kind.set_value("roll_up")
    tab.panel.kind.edited.emit()
    roll = tab.panel.roll_up
    roll.source.set_value("contact|company_id")
    roll.source.edited.emit()
    roll.what.set_value("sum")
    roll.what.edited.emit()
    assert roll.of.isVisible()
    roll.of.set_value("custom.points")
    roll.filter.put(where("custom.level", "eq", "gold"))
    tab.panel.save()
    settle()
    name = next(one for one in bench.fields("company") if one.startswith("custom."))
    with bench.database.read() as connection:
        values = queries.get_record(bench.database, connection, "company", bench.company).values
    assert values[name] == 12.5
    assert tab.panel.roll_up.value()["filter"] == ["custom.level", "eq", "gold"]
