"""The record's own history: values before and after, one brought back, the record as it was then."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from tests.ui.records.conftest import Desk
from ui.framework import dialogs
from ui.records.history_tab import HistoryTab, ThenDialog


def history_of(desk: Desk) -> tuple[int, HistoryTab]:
    """A contact that was edited three times, shown with its history."""
    with desk.database.read() as connection:
        identity = int(queries.find_ids(desk.database, connection, "contact", limit=1)[0])
    edits: tuple[dict[str, Any], ...] = ({"job_title": "Baker"}, {"job_title": "Owner"}, {"city": "Lisboa"})
    for values in edits:
        with write(desk.database, "Edit contact", actor=Actor(desk.caio, "Caio")) as uow:
            service.update_record(uow, "contact", identity, values)
    desk.window.open_record("contact", identity)
    desk.settle()
    card = desk.window.current_page.card
    card.show_tab("history")
    desk.settle()
    found = card.views["history"]
    assert isinstance(found, HistoryTab)
    return identity, found


def value(desk: Desk, identity: int, name: str) -> Any:
    with desk.database.read() as connection:
        return queries.get_record(desk.database, connection, "contact", identity).values[name]


def at(tab: HistoryTab, before: str, after: str) -> int:
    """The line with these values."""
    for row in range(tab.model.rowCount()):
        shown = [tab.model.data(tab.model.index(row, column)) for column in (2, 3)]
        if shown == [before, after]:
            return row
    raise AssertionError(
        [[tab.model.data(tab.model.index(r, c)) for c in range(5)] for r in range(tab.model.rowCount())]
    )


def test_a_value_is_brought_back_with_the_keyboard_and_undone(desk: Desk) -> None:
    identity, tab = history_of(desk)
    tab.table.setFocus()
    tab.table.set_current_row(at(tab, "Baker", "Owner"))
    assert tab.back_button.isEnabled()
    QTest.keyClick(tab.table, Qt.Key.Key_Return)
    desk.settle()
    assert value(desk, identity, "job_title") == "Baker"
    desk.window.undo()
    desk.settle()
    assert value(desk, identity, "job_title") == "Owner"


def test_the_record_as_it_was_then(desk: Desk) -> None:
    _identity, tab = history_of(desk)
    tab.table.set_current_row(
        next(r for r in range(tab.model.rowCount()) if tab.model.data(tab.model.index(r, 3)) == "Baker")
    )
    seen: list[str] = []

    def look(dialog: ThenDialog) -> bool:
        seen.extend(text for _part, _label, text in dialog.lines)
        return False

    dialogs.answers.give(look)
    QTest.mouseClick(tab.then_button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert "Baker" in seen and "Owner" not in seen and "Lisboa" not in seen


def test_the_whole_change_is_shown_on_its_page(desk: Desk) -> None:
    _identity, tab = history_of(desk)
    tab.table.set_current_row(at(tab, "Baker", "Owner"))
    line = tab.current
    assert line is not None
    QTest.mouseClick(tab.change_button, Qt.MouseButton.LeftButton)
    desk.settle()
    page: Any = desk.window.current_page
    assert page.current.set.id == line.past.change_set_id
