"""The rehearsal in the window: it pages, filters, prints; what changed meanwhile is asked about; rejected rows come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from tests.helpers.rows import rows_of
from ui.framework import dialogs
from ui.importing.differing import DifferingRows
from ui.importing.rehearsal_rows import CREATED, DUPLICATES, PAGE, REJECTED, UNCHANGED, UPDATED
from ui.records.print_window import PrintWindow
from ui.records.undoing import UndoObstacles

MakeFile = Callable[[str, str], Path]


def crowd(count: int) -> str:
    lines = [f"Pessoa {n},p{n}@x.example,{'Recife' if n % 2 else 'Natal'}" for n in range(count)]
    return "\n".join(["Name,E-mail,City", *lines]) + "\n"


def id_of(desk: Any, name: str) -> int:
    return int(next(row["id"] for row in rows_of(desk.office.database, "contact") if row["name"] == name))


def test_every_row_is_there_however_far_one_scrolls(desk: Any, text_file: MakeFile) -> None:
    """Only the pages that come into view are read."""
    desk.open(text_file("many.csv", crowd(3000)))
    desk.go_to("rehearsal")
    step = desk.page.rehearsal
    model = step.table.model_rows
    assert model.rowCount() == 3000 and len(model.rows()) == PAGE
    assert desk.page.footer.go_on.text() == "Write 3,000 rows"
    step.table.scrollToBottom()
    step.table.set_current_row(2999)
    desk.settle()
    assert step.table.current().title == "Pessoa 2999"
    assert "Pessoa 2999" in step.row.title.text()
    assert len(model.rows()) < 3000
    assert model.index(2999, 0).data() == "3,001"


def test_rows_are_found_by_typing(desk: Any, text_file: MakeFile) -> None:
    desk.open(text_file("many.csv", crowd(600)))
    desk.go_to("rehearsal")
    view = desk.page.rehearsal.found
    view.search.setFocus()
    QTest.keyClicks(view.search, "pessoa 59")
    desk.qtbot.waitUntil(lambda: view.shown == 11, timeout=10_000)
    desk.settle()
    assert view.heading.text() == "11 new" and view.about.text() == "of 600"
    QTest.keyClick(view.search, Qt.Key.Key_Down)
    assert view.table.hasFocus()
    view.search.clear()
    desk.qtbot.waitUntil(lambda: view.shown == 600, timeout=10_000)


def test_what_a_row_is_the_same_as_is_named(desk: Any, people: Path, text_file: MakeFile) -> None:
    desk.open(people)
    desk.go_to("result")
    twice = people.read_text(encoding="utf-8") + "Marina Queirós;;marina@trigo.example;;;;\n"
    desk.open(text_file("clientes_2.csv", twice))
    desk.page.session.change(keys=("email",))
    desk.go_to("rehearsal")
    step = desk.page.rehearsal
    step.cards[UNCHANGED].click()
    desk.settle()
    row = step.table.model_rows.row(0)
    assert (row.column, row.reason) == ("E-mail", "In the database as Marina Queirós")
    step.cards[DUPLICATES].click()
    desk.settle()
    assert step.table.model_rows.row(0).reason == "The same as row 2 of the file"
    assert step.row.open.isVisible(), "the record that it matches can be opened"
    assert step.cards[CREATED].accessibleName() == "New: 0"


def test_somebody_works_meanwhile(desk: Any, people: Path, text_file: MakeFile) -> None:
    """Writing names the row and who changed it, writes nothing, and rehearses again when asked."""
    desk.open(people)
    desk.go_to("result")
    changed = people.read_text(encoding="utf-8").replace("Colombo", "Pinhais")
    desk.open(text_file("clientes_2.csv", changed))
    desk.go_to("rehearsal")
    database = desk.office.database
    silvia = id_of(desk, "Sílvia Amarante")
    with write(database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", silvia, {"city": "Araucária"})
    seen: list[str] = []

    def again(dialog: Any) -> bool:
        assert isinstance(dialog, DifferingRows)
        seen.extend(str(dialog.model.index(0, column).data()) for column in range(3))
        dialog.again.click()
        return True

    dialogs.answers.give(again)
    desk.go_on()
    desk.settle()
    assert seen[:2] == ["4", "Sílvia Amarante"] and seen[2].startswith("Was changed by Rui at")
    assert desk.page.current.key == "rehearsal"
    assert desk.records("contact", "city")[2] == ("Araucária",), "nothing was written"
    shown = desk.page.rehearsal.table.model_rows.row(0)
    assert shown.diffs["city"].old == "Araucária"
    with write(database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", silvia, {"city": "Campo Largo"})

    def anyway(dialog: Any) -> bool:
        dialog.anyway.click()
        return True

    dialogs.answers.give(anyway)
    desk.go_on()
    desk.settle()
    assert desk.page.current.key == "result"
    assert desk.records("contact", "city")[2] == ("Pinhais",)


def test_rejected_rows_are_corrected_and_imported_like_their_file(
    desk: Any, text_file: MakeFile, tmp_path: Path
) -> None:
    """Also when the file is gone: they are saved from the list of imports, corrected, and recognised."""
    people = "Name,E-mail,Wohnort\nAna Prado,ana@prado.example,Natal\nRui Serra,rui(at)serra,Recife\nBia,bia(at)bia,\n"
    source = text_file("leden.csv", people)
    desk.open(source)
    desk.go_to("columns")
    for column, name in enumerate(("name", "email", "city")):
        desk.page.session.set_target(column, name)
    desk.page.session.change(keys=("email",))
    desk.settle()
    desk.go_to("rehearsal")
    assert desk.page.rehearsal.cards[REJECTED].accessibleName() == "Rejected: 2"
    desk.go_to("result")
    assert desk.count("contact") == 1
    source.unlink()
    desk.go_on()
    recent = desk.page.file.recent
    desk.settle()
    target = tmp_path / "again.xlsx"
    dialogs.answers.give(str(target))
    recent.rejects.click()
    desk.settle()
    book = openpyxl.load_workbook(target)
    sheet = book.active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == ["Name", "E-mail", "Wohnort", "Row", "Reason"]
    assert rows[1][:4] == ["Rui Serra", "rui(at)serra", "Recife", 3] and rows[1][4].startswith("E-mail: ")
    sheet["B2"] = "rui@serra.example"
    book.save(target)
    desk.open(target)
    plan = desk.page.session.draft.plan
    assert [one.target for one in plan.columns] == ["name", "email", "city", None, None]
    assert plan.keys == ("email",), "the plan of the import that rejected them"
    desk.go_to("rehearsal")
    desk.page.rehearsal.cards[REJECTED].click()
    desk.settle()
    assert [row.row for row in desk.page.rehearsal.table.model_rows.rows()] == [3], "its own row numbers"
    desk.go_to("result")
    assert desk.records("contact", "name", "email", "city")[1] == ("Rui Serra", "rui@serra.example", "Recife")


def test_the_rehearsal_is_printed_and_saved_whole(desk: Any, text_file: MakeFile, tmp_path: Path) -> None:
    desk.open(text_file("many.csv", crowd(450)))
    desk.go_to("rehearsal")
    target = tmp_path / "rehearsal.xlsx"
    dialogs.answers.give(str(target))
    desk.page.save_import()
    desk.settle()
    lines = list(openpyxl.load_workbook(target, read_only=True)["New"].iter_rows(values_only=True))
    assert len({line[1] for line in lines[1:]}) == 450
    desk.page.print_import()
    desk.settle()
    window = desk.page.window().findChild(PrintWindow)
    assert window is not None and window.pages.page_count() > 3
    window.close()


def test_undo_names_what_stands_in_the_way(desk: Any, people: Path) -> None:
    desk.open(people)
    desk.go_to("result")
    marina = id_of(desk, "Marina Queirós")
    with write(desk.office.database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", marina, {"job_title": "Dona"})
    seen: list[str] = []

    def work(dialog: Any) -> bool:
        assert isinstance(dialog, UndoObstacles)
        seen.extend(str(dialog.model.index(0, column).data()) for column in range(3))
        dialog.safe.click()
        return True

    dialogs.answers.give(work)
    desk.page.result.undo.click()
    desk.settle()
    assert seen[0] == "Marina Queirós" and "Rui" in seen[2]
    assert [row[0] for row in desk.records("contact", "name")] == ["Marina Queirós"]
    assert desk.page.result.result.updated == 0 and UPDATED
