"""The page of changes: filters, rows and fields, undo of all or some, what stands in the way, the list in a file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import bulk_edit, change_search, queries, service
from tests.helpers.windows import settle, wait_for
from ui.framework import dialogs
from ui.history.changes_page import ChangesPage
from ui.main_window import MainWindow
from ui.records.undoing import UndoObstacles

BEA = Actor(None, "Bea")


def contacts(window: MainWindow, count: int) -> list[int]:
    database = window.office.database
    with database.read() as connection:
        return [int(one) for one in queries.find_ids(database, connection, "contact", limit=count)]


def value(window: MainWindow, identity: int, name: str = "job_title") -> Any:
    database = window.office.database
    with database.read() as connection:
        return queries.get_record(database, connection, "contact", identity).values[name]


def edit(window: MainWindow, ids: list[int], text: str, title: str = N_("Edit contact"), actor: Actor = BEA) -> int:
    with write(window.office.database, title, actor=actor) as uow:
        bulk_edit.update_records(uow, "contact", ids, {"job_title": text})
        return uow.change_set_id


def opened(window: MainWindow) -> ChangesPage:
    window.open_page("changes")
    settle()
    page = window.current_page
    assert isinstance(page, ChangesPage)
    return page


def show(page: ChangesPage, change_set: int) -> None:
    page.table.set_current_row(page.model.find(change_set))
    settle()


def test_a_change_is_found_read_and_undone_by_keys(window: MainWindow) -> None:
    first, second = contacts(window, 2)
    before = value(window, first)
    change = edit(window, [first, second], "Pilot", "Unusual title")
    page = opened(window)
    page.search.setFocus()
    QTest.keyClicks(page.search, "unusual")
    wait_for(lambda: [one.set.title for one in page.model.rows()] == ["Unusual title"])
    settle()
    told = [line.told for line in page.detail.model.rows()]
    assert {one.new for one in told} == {"Pilot"} and before in [one.old for one in told]
    assert "Bea" in page.detail.who.text()
    QTest.keyClick(page.table, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    settle()
    assert value(window, first) == before
    wait_for(lambda: page.model.row(page.model.find(change)).set.undone_by)
    settle()
    assert window.office.actor.name in page.detail.who.text()
    assert not page.detail.undo_button.isEnabled()


def test_filters_by_person_type_kind_and_period(window: MainWindow) -> None:
    ids = contacts(window, 2)
    edit(window, ids, "Pilot")
    with write(window.office.database, "New firm", actor=Actor(None, "Caio")) as uow:
        service.create_record(uow, "company", {"name": "Padaria"})
    page = opened(window)

    def titles() -> list[str]:
        settle()
        return [one.set.title for one in page.model.rows()]

    page.who.choose("Bea")
    assert titles() == ["Edit contact"]
    page.who.choose("Caio")
    assert titles() == ["New firm"]
    page.who.choose("")
    page.period.choose("today")
    page.kind.choose("edit")
    page.entity.choose("company")
    assert titles() == ["New firm"]
    page.entity.choose("product")
    assert titles() == [] and page.states.state() == "empty"
    QTest.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert "Edit contact" in titles()


def test_only_chosen_rows_are_undone_and_the_rest_later(window: MainWindow) -> None:
    ids = contacts(window, 3)
    before = [value(window, one) for one in ids]
    change = edit(window, ids, "Pilot")
    page = opened(window)
    show(page, change)
    assert not page.detail.chosen_button.isEnabled()
    row = next(at for at, line in enumerate(page.detail.model.rows()) if line.row.record_id == ids[1])
    page.detail.table.setFocus()
    page.detail.table.set_current_row(row)
    QTest.keyClick(page.detail.table, Qt.Key.Key_Space)
    QTest.mouseClick(page.detail.chosen_button, Qt.MouseButton.LeftButton)
    settle()
    assert [value(window, one) for one in ids] == ["Pilot", before[1], "Pilot"]
    show(page, change)
    QTest.mouseClick(page.detail.undo_button, Qt.MouseButton.LeftButton)
    settle()
    assert [value(window, one) for one in ids] == before


def test_what_stands_in_the_way_is_named_and_can_be_opened(window: MainWindow) -> None:
    ids = contacts(window, 2)
    before = [value(window, one) for one in ids]
    change = edit(window, ids, "Pilot")
    edit(window, ids[:1], "Owner", actor=Actor(None, "Caio"))
    page = opened(window)
    show(page, change)
    seen: list[str] = []

    def work(dialog: UndoObstacles) -> bool:
        seen.extend(dialog.model.data(dialog.model.index(0, column)) for column in range(4))
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)
        return False

    dialogs.answers.give(work)
    QTest.mouseClick(page.detail.undo_button, Qt.MouseButton.LeftButton)
    settle()
    assert seen[1] == "Job title" and "Caio" in seen[2] and seen[3] == "goes back, too"
    assert [value(window, one) for one in ids] == ["Owner", "Pilot"]
    page = opened(window)
    show(page, change)
    dialogs.answers.give(lambda dialog: QTest.mouseClick(dialog.safe, Qt.MouseButton.LeftButton) or True)
    QTest.mouseClick(page.detail.undo_button, Qt.MouseButton.LeftButton)
    settle()
    assert [value(window, one) for one in ids] == ["Owner", before[1]]
    shown = page.model.data(page.model.index(page.model.find(change), 2))
    assert shown.endswith("1 record stayed as it was") and "1 record stayed as it was" in page.detail.who.text()


def test_the_list_is_written_into_a_file(window: MainWindow, tmp_path: Path) -> None:
    edit(window, contacts(window, 1), "Pilot", "Unusual title")
    page = opened(window)
    dialogs.answers.give(tmp_path / "changes.csv")
    page.export_list()
    settle()
    text = (tmp_path / "changes.csv").read_text(encoding="utf-8-sig")
    assert "Unusual title" in text and "Bea" in text


def test_a_search_far_back_shows_what_it_has_and_is_stopped_and_gone_on_with(
    window: MainWindow, monkeypatch: Any
) -> None:
    edit(window, contacts(window, 1), "Pilot", "Unusual title")
    for turn in range(6):
        edit(window, contacts(window, 1), f"Pilot {turn}")
    monkeypatch.setattr(change_search, "_WORDY", 2)
    monkeypatch.setattr(change_search, "PATIENCE", 0.0)
    page, gate, find = opened(window), threading.Event(), change_search.find_changes

    def find_slowly(*args: Any, **options: Any) -> change_search.Found:
        found = find(*args, **options)
        if options.get("after") is not None:
            assert gate.wait(20)
        return found

    monkeypatch.setattr(change_search, "find_changes", find_slowly)
    QTest.keyClicks(page.search, "unusual")
    wait_for(lambda: page.foot.isVisible())
    assert page.foot.button.text() == "Stop" and page.states.state() == "full"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.foot.button.text() == "Search older"
    gate.set()
    settle()
    assert page.model.rowCount() == 0 and page.foot.isVisible()
    QTest.mouseClick(page.foot.button, Qt.MouseButton.LeftButton)
    wait_for(lambda: [one.set.title for one in page.model.rows()] == ["Unusual title"])
    wait_for(lambda: not page.foot.isVisible())
    page.search.selectAll()
    QTest.keyClicks(page.search, "nothing like this")
    wait_for(lambda: page.states.state() == "empty")
    assert not page.foot.isVisible()


def test_what_others_do_meanwhile_appears_and_the_list_keeps_its_place(window: MainWindow) -> None:
    ids = contacts(window, 1)
    changes = [edit(window, ids, f"Pilot {turn}", f"Step {turn}") for turn in range(3)]
    page = opened(window)
    QTest.keyClicks(page.search, "step")
    wait_for(lambda: page.model.rowCount() == 3)
    show(page, changes[0])
    edit(window, ids, "Captain", "Step by somebody else")
    wait_for(lambda: page.model.rowCount() == 4)
    assert page.model.row(0).set.title == "Step by somebody else"
    assert page.current is not None and page.current.set.id == changes[0]
