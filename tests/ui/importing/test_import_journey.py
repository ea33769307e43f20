"""From a file to records and back, through the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service
from ui.framework import dialogs
from ui.importing.columns_table import FIELD
from ui.importing.field_popup import FindPopup
from ui.importing.rehearsal_rows import CREATED, REJECTED, UPDATED

MakeFile = Callable[[str, str], Path]


def test_a_file_becomes_contacts_and_can_be_taken_back(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """The whole way by the main button; undo on the last page leaves nothing."""
    desk.open(people)
    assert "clientes.csv" in desk.page.header.title.text()
    assert "4 rows" in desk.page.header.count.text()
    desk.go_to("rehearsal")
    step = desk.page.rehearsal
    assert "Nothing has been written yet." in step.promise.strong.text()
    assert desk.count("contact") == 0
    assert step.cards[CREATED].accessibleName() == "New: 4"
    assert [row.title for row in step.table.model_rows.rows()][:2] == ["Marina Queirós", "Otávio Lins"]
    assert desk.page.footer.go_on.text() == "Write 4 rows"
    desk.go_on()
    assert desk.page.current.key == "result"
    assert "is imported" in desk.page.result.heading.text()
    rows = desk.records("contact", "name", "email", "mobile", "city")
    assert rows[0] == ("Marina Queirós", "marina@trigo.example", "+5541955500142", "Curitiba")
    assert desk.count("company") == 4
    desk.page.result.undo.click()
    desk.settle()
    assert desk.count("contact") == 0
    assert desk.count("company") == 0
    assert "undone" in desk.page.result.heading.text()
    desk.go_on()
    assert desk.page.current.key == "file"
    listed = desk.page.file.recent.model.rows()
    assert len(listed) == 1 and listed[0].undone


def test_a_second_import_shows_what_changes_cell_by_cell(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """The same people again: nothing new, one mobile changes, and the diff says so."""
    desk.open(people)
    desk.go_to("result")
    changed = people.read_text(encoding="utf-8").replace("95550-0142", "95550-0999")
    desk.open(text_file("clientes_2.csv", changed))
    desk.go_to("rehearsal")
    step = desk.page.rehearsal
    assert (step.result.created, step.result.updated, step.result.unchanged) == (0, 1, 3)
    assert step.kind == UPDATED
    row = step.table.model_rows.row(0)
    diff = row.diffs["mobile"]
    assert diff.changed and diff.old.endswith("95550-0142") and diff.new.endswith("95550-0999")
    assert not row.diffs["email"].changed
    assert step.row.title.text() == "Row 2: Marina Queirós"
    desk.go_on()
    assert desk.records("contact", "mobile")[0] == ("+5541955500999",)
    desk.page.result.undo.click()
    desk.settle()
    assert desk.records("contact", "mobile")[0] == ("+5541955500142",)
    assert desk.count("contact") == 4


def test_what_comes_back_from_recently_deleted_is_told_as_restored(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """The result counts it, and the page of changes calls it restored, not added."""
    desk.open(people)
    desk.go_to("result")
    database = desk.window.office.database
    with database.read() as connection:
        first = queries.find_ids(database, connection, "contact", limit=1)
        [title] = queries.titles(database.schema, connection, "contact", first).values()
    with write(database, "Delete", actor=desk.window.office.actor) as uow:
        service.delete_records(uow, "contact", first)
    desk.open(people)
    desk.go_to("result")
    figures = desk.page.result.figures.accessibleName()
    assert "Changed: 1 1 restored" in figures and "New: 0" in figures
    desk.window.open_page("changes")
    desk.settle()
    detail = desk.window.current_page.detail
    assert "Contacts: 1 restored" in detail.counts.text()
    rows = [[detail.model.index(row, column).data() for column in (1, 2)] for row in range(detail.model.rowCount())]
    words = {word for record, word in rows if record.startswith(title)}
    assert words == {"restored"}


def test_rejected_rows_are_told_and_saved(desk, text_file: MakeFile, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Only updating: rows without a record are handed back as a spreadsheet."""
    desk.open(text_file("novos.csv", "Name,E-mail\nAna Prado,ana@prado.example\nRui Serra,rui@serra.example\n"))
    desk.go_to("keys")
    desk.page.keys.modes["update"].click()
    desk.go_to("rehearsal")
    step = desk.page.rehearsal
    assert step.cards[REJECTED].accessibleName() == "Rejected: 2"
    assert "Nothing would be written" in desk.page.footer.text.text()
    assert not desk.page.footer.go_on.isVisible()
    assert step.table.model_rows.row(0).reason
    target = tmp_path / "rejected.xlsx"
    dialogs.answers.give(str(target))
    step.save_rejects()
    desk.settle()
    assert target.stat().st_size > 1000


def test_a_column_is_sent_to_another_field_by_keyboard(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """Enter opens the list of fields, typing finds one, Enter takes it; it survives going back and forth."""
    desk.open(
        text_file("x.csv", "Name,Alias,E-mail\nAna Prado,Aninha,ana@prado.example\nRui Serra,Ruizinho,r@s.example\n")
    )
    desk.go_to("columns")
    table = desk.page.columns.table
    table.set_current_row(1)
    QTest.keyClick(table, Qt.Key.Key_Return)
    popup = table.findChild(FindPopup)
    assert popup is not None and popup.isVisible()
    QTest.keyClicks(popup.line, "nickn")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)
    desk.settle()
    assert desk.page.columns.model.field_text(1) == "Nickname"
    desk.page.footer.back.click()
    desk.settle()
    desk.page.types.cards["company"].click()
    desk.settle()
    desk.page.types.cards["contact"].click()
    desk.settle()
    desk.go_to("columns")
    assert desk.page.columns.model.field_text(1) == "Nickname"
    desk.go_to("result")
    assert desk.count("contact", where("nickname", "eq", "Aninha")) == 1


def test_a_click_on_the_field_opens_the_list(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """One click, as on a combo box."""
    desk.open(people)
    desk.go_to("columns")
    table = desk.page.columns.table
    where_to = table.visualRect(table.model().index(4, FIELD)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where_to)
    popup = table.findChild(FindPopup)
    assert popup is not None
    assert popup.list.results()[0].title == "Do not import"
    popup.close()


def test_what_is_missing_is_named_and_the_main_button_leads_there(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """A column that could be several fields asks for a decision before the way goes on."""
    desk.open(text_file("novos.csv", "A,B\nx1,y1\nx2,y2\n"))
    desk.go_to("columns")
    for column in range(2):
        desk.page.session.set_target(column, None)
    desk.settle()
    assert "No column goes to a field yet" in desk.page.footer.text.text()
    desk.page.footer.go_on.click()
    assert desk.page.current.key == "columns"
    popup = desk.page.columns.table.findChild(FindPopup)
    assert popup is not None
    popup.close()


def test_values_that_mean_nothing_are_given_a_meaning(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """ "VIP gold" is a customer once somebody says so."""
    desk.open(people)
    desk.go_to("values")
    step = desk.page.values
    rows = step.model.rows()
    assert rows[0].text == "VIP gold" and rows[0].state == "unknown"
    popup = step.choose(0)
    assert popup is not None
    QTest.keyClicks(popup.line, "customer")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)
    desk.settle()
    desk.go_to("result")
    assert ("Joaquim Távora", "customer") in desk.records("contact", "name", "lifecycle")


def test_a_dropped_file_starts_the_import(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Drop it anywhere on the page."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(people))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(desk.page, QDragEnterEvent(QPoint(400, 300), copy, data, left, none))
    QApplication.sendEvent(desk.page, QDropEvent(QPointF(400, 300), copy, data, left, none))
    desk.settle()
    assert "clientes.csv" in desk.page.header.title.text()
    assert desk.page.file.preview.model().rowCount() == 4


def test_the_file_is_chosen_in_a_dialog(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """The button of the drop zone asks for a file."""
    dialogs.answers.give(str(people))
    desk.page.file.drop.button.click()
    desk.settle()
    assert desk.page.footer.go_on.text() == "Continue: types"


def test_cancel_asks_only_where_something_was_decided(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Nothing decided: gone at once. Something decided: a question, and staying keeps it."""
    desk.open(people)
    desk.page.footer.cancel.click()
    assert desk.page.session.draft is None
    desk.open(people)
    desk.page.session.set_target(0, None)
    dialogs.answers.give("no")
    desk.page.footer.cancel.click()
    assert desk.page.session.draft is not None
    dialogs.answers.give("yes")
    desk.page.footer.cancel.click()
    assert desk.page.session.draft is None


def test_the_imported_list_shows_only_what_was_imported(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """The list opens narrowed to the records of this import."""
    desk.open(people)
    desk.go_to("result")
    desk.open(text_file("mais.csv", "Name,E-mail\nAna Prado,ana@prado.example\nRui Serra,rui@serra.example\n"))
    desk.go_to("result")
    desk.page.result.open.click()
    desk.settle()
    page = desk.window.current_page
    assert type(page).__name__ != "ImportPage"
    desk.qtbot.waitUntil(lambda: page.model.rowCount() == 2, timeout=5000)


def test_an_old_import_is_undone_from_the_list(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """The list names file, kind and counts; the older of two imports is undone, the newer stays."""
    desk.open(people)
    desk.go_to("result")
    desk.open(text_file("mais.csv", "Name,E-mail\nAna Prado,ana@prado.example\nRui Serra,rui@serra.example\n"))
    desk.go_to("result")
    desk.go_on()
    recent = desk.page.file.recent
    shown = [[recent.model.index(row, column).data() for column in (0, 1, 4, 5)] for row in range(2)]
    assert shown == [["mais.csv", "Contacts", "2", "2"], ["clientes.csv", "Contacts", "4", "4"]]
    recent.table.set_current_row(1)
    recent.undo.click()
    desk.settle()
    assert desk.records("contact", "name") == [("Ana Prado",), ("Rui Serra",)]
    assert [row.undone for row in recent.model.rows()] == [False, True]
    assert not recent.undo.isEnabled()


def test_a_file_is_imported_like_an_earlier_one(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """Decisions are kept with the import and hold for the next file of the same columns."""
    desk.open(people)
    desk.page.session.set_target(4, None)
    desk.go_to("result")
    desk.go_on()
    more = people.read_text(encoding="utf-8").replace("Marina", "Mariana").replace("marina@", "mariana@")
    dialogs.answers.give(str(text_file("abril.csv", more)))
    desk.page.file.recent.again.click()
    desk.settle()
    assert "abril.csv" in desk.page.header.title.text()
    assert desk.page.session.draft.planned(4).target is None
    desk.go_to("result")
    assert desk.page.result.result.created == 1


def test_rejected_rows_of_an_old_import_are_saved(desk, people: Path, text_file: MakeFile, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """From the list, days later: the file is known, the rows are read from it again."""
    desk.open(people)
    desk.go_to("result")
    mixed = (
        people.read_text(encoding="utf-8").replace("Marina Queirós", "Marina Q.") + "Novo Alguém;;novo@x.example;;;;\n"
    )
    desk.open(text_file("maio.csv", mixed))
    desk.go_to("keys")
    desk.page.keys.modes["update"].click()
    desk.go_to("result")
    desk.go_on()
    target = tmp_path / "maio rejeitados.xlsx"
    dialogs.answers.give(str(target))
    assert desk.page.file.recent.rejects.isVisible()
    desk.page.file.recent.rejects.click()
    desk.settle()
    assert target.is_file()


def test_a_recipe_knows_the_file_when_it_comes_again(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """Saved on the way, recognised by the columns next time, put aside by a click, forgotten from the list."""
    desk.open(people)
    desk.go_to("columns")
    desk.page.session.set_target(4, None)
    desk.settle()
    dialogs.answers.give("Clientes do mês")
    desk.page.footer.save_recipe.click()
    desk.go_to("result")
    desk.go_on()
    assert desk.page.file.recipes.model.row(0).name == "Clientes do mês"
    desk.open(text_file("junho.csv", people.read_text(encoding="utf-8").replace("Marina", "Mariana")))
    assert desk.page.recipes.text() == "Recipe: Clientes do mês"
    assert desk.page.file.known_holder.isVisible()
    assert desk.page.session.draft.planned(4).target is None
    desk.go_to("columns")
    assert desk.page.columns.model.index(4, 4).data() == "Left out in the recipe"
    desk.page.session.use_recipe(None)
    desk.settle()
    assert desk.page.recipes.text() == "Recipe: none"
    assert desk.page.session.draft.planned(4).target == "city"
    desk.page.cancel()
    desk.settle()
    desk.page.file.recipes.forget.click()
    desk.settle()
    assert not desk.page.file.recipes.isVisible()


def test_each_import_of_a_day_can_be_undone(desk, people: Path, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """After one undo, the button of the next result works again."""
    for path in (people, text_file("mais.csv", "Name,E-mail\nAna Prado,ana@prado.example\n")):
        desk.open(path)
        desk.go_to("result")
        desk.page.result.undo.click()
        desk.settle()
        assert desk.count("contact") == 0
        assert "undone" in desk.page.result.heading.text()
        desk.go_on()


def test_the_result_says_when_the_import_was_undone_elsewhere(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Ctrl+Z and Ctrl+Shift+Z count on the last page as its own button does."""
    desk.open(people)
    desk.go_to("result")
    result = desk.page.result
    desk.window.undo_keeper.refresh()
    desk.settle()
    desk.window.undo()
    desk.settle()
    assert desk.count("contact") == 0
    assert "undone" in result.heading.text() and result.undo.isHidden()
    assert result.sentence() == "The import is undone. Nothing of it is left."
    desk.window.redo()
    desk.settle()
    assert desk.count("contact") == 4
    assert "is imported" in result.heading.text() and not result.undo.isHidden()


def test_one_company_is_called_one(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """What is added beside the rows is counted in words that fit the number."""
    desk.open(text_file("um.csv", "Name,E-mail,Company\nAna Prado,ana@prado.example,Trigo Lilás\n"))
    desk.go_to("result")
    assert "because rows link to them: 1 company." in desk.page.result.text.text()
