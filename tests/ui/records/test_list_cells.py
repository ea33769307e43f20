"""Editing in the cells of a list by keyboard, and the clipboard of a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from ui.framework import dialogs
from ui.records.list_page import ListPage


def go_to(page: ListPage, name: str, row: int = 0) -> None:
    """Put the cell cursor on a cell, as the arrow keys do."""
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(row, page.model.column_of(name)))
    page.table.cell_cursor = True


def keys(page: ListPage, *pressed: str | Qt.Key) -> None:
    """Press keys where the focus is."""
    for one in pressed:
        for key in one if isinstance(one, str) else [one]:
            QTest.keyClick(page.window().focusWidget() or page.table, key)


def cities(desk, page: ListPage) -> list[str | None]:
    return [desk.record(one).values["city"] for one in page.model.ids]


def test_typing_edits_enter_goes_down_tab_to_the_next_cell_and_escape_back(desk) -> None:
    page = desk.open()
    page.set_columns(["name", "job_title", "open_amount", "city"])
    desk.settle()
    go_to(page, "job_title")
    keys(page, "Chefe", Qt.Key.Key_Return)
    desk.settle()
    assert page.table.currentIndex().row() == 1 and page.table.currentIndex().column() == 2
    assert desk.record(page.model.id_at(0)).values["job_title"] == "Chefe"
    keys(page, "Dona", Qt.Key.Key_Tab)
    assert page.model.field_at(page.table.currentIndex().column()).name == "city", "what is computed is passed over"
    keys(page, "Lapa", Qt.Key.Key_Tab)
    assert (page.table.currentIndex().row(), page.table.currentIndex().column()) == (2, 1), "on to the next row"
    keys(page, Qt.Key.Key_Backtab)
    assert page.model.field_at(page.table.currentIndex().column()).name == "city"
    keys(page, "Nowhere", Qt.Key.Key_Escape)
    desk.settle()
    assert desk.record(page.model.id_at(1)).values["job_title"] == "Dona"
    assert cities(desk, page)[1:3] == ["Lapa", "Ponta Grossa"]


def test_what_cannot_be_saved_waits_in_its_cell(desk) -> None:
    page = desk.open()
    page.set_columns(["name", "birthday", "city"])
    desk.settle()
    go_to(page, "birthday")
    keys(page, Qt.Key.Key_F2, "31/02/1980", Qt.Key.Key_Return)
    index = page.model.index(0, 2)
    page.table.setFocus()  # the editor loses the focus and goes
    desk.settle()
    assert page.table.draft_at(index) == "31/02/1980"
    go_to(page, "birthday")
    keys(page, Qt.Key.Key_F2)
    editor = page.window().focusWidget()
    assert editor.text() == "31/02/1980"
    editor.selectAll()
    keys(page, "2/3/1980", Qt.Key.Key_Return)
    desk.settle()
    assert page.table.draft_at(index) is None
    assert str(desk.record(page.model.id_at(0)).values["birthday"])[:4] == "1980"


def test_rows_are_copied_with_headers_and_a_column_is_pasted_as_one_change(desk) -> None:
    page = desk.open()
    page.set_columns(["name", "city"])
    desk.settle()
    page.model.checked = set(list(page.model.ids)[:2])
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == "Name\tCity\nÍcaro Bandeira\tCuritiba\nMarina Queirós\tCuritiba"
    page.model.check_all(False)
    desk.settle()
    clipboard.setText("City\nBraga\nAveiro\n")
    before = cities(desk, page)
    go_to(page, "city", 1)
    dialogs.answers.give("paste")
    QTest.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert dialogs.answers.asked[-1].title == "Paste 2 values?"
    assert cities(desk, page) == [before[0], "Braga", "Aveiro", *before[3:]]
    desk.window.undo()
    desk.settle()
    assert cities(desk, page) == before


def test_one_value_goes_into_all_that_are_checked_and_a_computed_column_refuses(desk) -> None:
    page = desk.open()
    page.set_columns(["name", "city", "open_amount"])
    desk.settle()
    page.model.checked = set(page.model.ids)
    QGuiApplication.clipboard().setText("Lisboa")
    go_to(page, "city")
    dialogs.answers.give("paste")
    page.paste_rows()
    desk.settle()
    assert set(cities(desk, page)) == {"Lisboa"}
    go_to(page, "open_amount")
    page.paste_rows()
    desk.settle()
    assert set(cities(desk, page)) == {"Lisboa"}


def test_a_cell_that_a_colleague_changes_while_the_question_stands_is_asked_about_again(desk, monkeypatch) -> None:
    page = desk.open()
    page.set_columns(["name", "city"])
    desk.settle()
    first = page.model.id_at(0)
    QGuiApplication.clipboard().setText("Braga")
    page.model.checked = {first}
    go_to(page, "city")
    asked = []

    def ask(owner, title, text, buttons, *, details=""):
        asked.append((text, details))
        if len(asked) == 1:  # the question stands, and Caio saves
            with write(desk.database, "Elsewhere", actor=Actor(desk.caio, "Caio", "other")) as uow:
                service.update_record(uow, "contact", first, {"city": "Recife"})
        return "paste"

    monkeypatch.setattr(dialogs, "ask", ask)
    page.paste_rows()
    desk.settle()
    assert len(asked) == 2 and "Recife → Braga" in asked[1][1]
    assert asked[1][0].startswith("Somebody else changed some of these cells meanwhile")
    assert desk.record(first).values["city"] == "Braga"
