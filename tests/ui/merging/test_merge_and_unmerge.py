"""Merging from lists and cards with real keys and clicks, and taking it apart from the card."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, service
from tests.ui.records.conftest import Desk
from ui.framework import dialogs
from ui.records.merge_dialog import MergeDialog, open_merge
from ui.records.timeline_data import Wanted
from ui.records.unmerge_dialog import UnmergeDialog, open_unmerge, unmerge_record
from ui.widgets.buttons import Button
from ui.widgets.toast import Toast


def twin_of(desk: Desk, name: str, **values: Any) -> int:
    with write(desk.database, "Twin", actor=Actor(desk.helena, "Helena")) as uow:
        made = service.create_record(uow, "contact", {"name": name, **values})
        attach_service.add_note(uow, "contact", made, "Seen at the fair")
    desk.settle()
    return made


def toasts(desk: Desk) -> list[str]:
    return [one.text.text() for one in desk.window.findChildren(Toast) if not one.isHidden()]


def working(desk: Desk, work: Any) -> Any:
    """An answer that shows the dialog, works it and accepts where ``work`` says so."""

    def answer(dialog: Any) -> bool:
        dialog.show()
        QApplication.processEvents()
        accepted = work(dialog) is not False
        dialog.hide()
        desk.window.activateWindow()
        return accepted

    return answer


def test_checked_contacts_are_merged_as_chosen_and_undone(desk: Desk) -> None:
    twin = twin_of(desk, "Marina M. Queirós", email="m@trigo.example", job_title="Sócia", city="Lapa")
    page = desk.open()
    marina = desk.find("Marina Queirós")
    before = desk.record(marina).values

    def choose(dialog: MergeDialog) -> None:
        assert dialog.windowTitle() == "Merge 2 contacts" and dialog.merge.text() == "Merge 2 contacts"
        assert {"name", "email", "job_title", "addresses"} <= set(dialog._rows)
        assert "lifecycle" in dialog._rows and "source" not in dialog._rows
        dialog.heads[marina].setChecked(True)
        column = dialog.choice.ids.index(twin)
        QTest.mouseClick(dialog.cells_of("name")[column], Qt.MouseButton.LeftButton)
        other = dialog.cells_of("name")[1 - column]
        dialog.cells_of("name")[column].setFocus()
        QTest.keyClick(dialog.cells_of("name")[column], Qt.Key.Key_Down)
        moved = dialog.focusWidget()
        assert moved is not None and moved is not other and not moved.isChecked() or moved.side.text == "Marina M."
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Up)
        assert dialog.focusWidget() is dialog.cells_of("name")[column]

    dialogs.answers.give(working(desk, choose))
    command = next(one for one, _button in page.bulk.commands if one.key == "merge")
    command.run(page, desk.office, desk.window, [marina, twin])
    desk.settle()
    values = desk.record(marina).values
    assert values["name"] == "Marina M. Queirós" and values["job_title"] == "Sócia"
    assert values["email"] == before["email"] and values["email2"] == "m@trigo.example"
    assert toasts(desk) == ["2 contacts merged into Marina M. Queirós"]
    assert page.record_id if hasattr(page, "record_id") else True
    page.table.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert desk.record(marina).values["name"] == "Marina Queirós"
    assert desk.record(twin).values["name"] == "Marina M. Queirós"


def test_whole_columns_and_equal_fields(desk: Desk) -> None:
    twin = twin_of(desk, "Marina M. Queirós", job_title="Sócia e compras", department="Compras")
    marina = desk.find("Marina Queirós")
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"job_title": "Sócia"}))
    page = desk.open()

    def look(dialog: MergeDialog) -> bool:
        dialog.heads[marina].setChecked(True)
        column = dialog.choice.ids.index(twin)
        rows = set(dialog._rows)
        dialog.everything.setChecked(True)
        assert set(dialog._rows) > rows
        dialog.longest.click()
        assert dialog.cells_of("job_title")[column].isChecked()
        dialog.blanks.click()
        assert dialog.cells_of("job_title")[1 - column].isChecked()
        assert dialog.cells_of("department")[column].isChecked()
        dialog.choice.take_all(twin)
        assert dialog.choice.values()["name"] == "Marina M. Queirós"
        assert all(button.accessibleName() or button.text() for button in dialog.findChildren(Button))
        return False

    dialogs.answers.give(working(desk, look))
    open_merge(page, desk.office, desk.window, "contact", [marina, twin])
    desk.settle()
    assert desk.record(twin).values["name"] == "Marina M. Queirós", "nothing was merged"


def test_a_merge_is_taken_apart_from_the_card_with_a_choice_where_it_was_edited(desk: Desk) -> None:
    twin = twin_of(desk, "Marina M. Queirós", job_title="Sócia")
    marina = desk.find("Marina Queirós")
    page = desk.open()
    dialogs.answers.give(working(desk, lambda dialog: dialog.heads[marina].setChecked(True)))
    open_merge(page, desk.office, desk.window, "contact", [marina, twin])
    desk.settle()
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"job_title": "Diretora"}))
    desk.as_caio(lambda uow: attach_service.add_note(uow, "contact", marina, "Later"))
    record = desk.record(marina)
    assert [one.title for one in record.merged] == ["Marina M. Queirós"]
    command = next(one for one in page.card.kit.commands if one.key == "unmerge")
    assert (
        command.when is not None and command.when(record) and not command.when(desk.record(desk.find("Zélia Duarte")))
    )
    page.table.show_record(marina)
    page.card.set_record(marina)
    page.card.show_tab("details")
    desk.settle()
    assert page.card.details.merged.isVisibleTo(page.card.details)

    def choose(dialog: UnmergeDialog) -> None:
        keep, back = dialog.options["job_title"]
        assert keep.side.text == "Diretora" and back.side.text == "" and keep.isChecked()
        back.click()
        (key,) = dialog.owners
        assert key == "note.record_id"
        dialog.owners[key].set_value(twin)

    dialogs.answers.give(working(desk, choose))
    unmerge_record(page, desk.office, desk.window, record)
    desk.settle()
    assert desk.record(marina).values["job_title"] is None
    assert desk.record(twin).values["job_title"] == "Sócia"
    with desk.database.read() as connection:
        notes = [row["body"] for row in attach_service.notes_of(connection, twin)]
    assert sorted(notes) == ["Later", "Seen at the fair"]
    assert toasts(desk) == ["Marina M. Queirós is back"]
    (toast,) = [one for one in desk.window.findChildren(Toast) if not one.isHidden()]
    again = next(one for one in toast.findChildren(Button) if one.text() == "Merge again")
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    desk.settle()
    assert [one.title for one in desk.record(marina).merged] == ["Marina M. Queirós"]


def test_taking_apart_is_what_the_keys_take_back_first(desk: Desk) -> None:
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    twin = twin_of(desk, "Marina M. Queirós")
    marina, zelia = desk.find("Marina Queirós"), desk.find("Zélia Duarte")
    page = desk.open()
    dialogs.answers.give(working(desk, lambda dialog: dialog.heads[marina].setChecked(True)))
    open_merge(page, desk.office, desk.window, "contact", [marina, twin])
    desk.settle()
    desk.office.write(page, "Edit", lambda uow: service.update_record(uow, "contact", zelia, {"job_title": "Sócia"}))
    desk.settle()

    def stands() -> tuple[list[str], Any]:
        return [one.title for one in desk.record(marina).merged], desk.record(zelia).values["job_title"]

    def press(keys: Any) -> tuple[list[str], Any]:
        page.table.setFocus()
        QTest.keyClick(desk.window, Qt.Key.Key_Z, keys)
        desk.settle()
        return stands()

    dialogs.answers.give(working(desk, lambda _dialog: True))
    unmerge_record(page, desk.office, desk.window, desk.record(marina))
    desk.settle()
    apart, merged = ([], "Sócia"), (["Marina M. Queirós"], "Sócia")
    assert stands() == apart
    assert press(ctrl | shift) == apart, "there is nothing to do again"
    assert press(ctrl) == merged
    assert toasts(desk)[-1] == "Undone: Took Marina Queirós apart again"
    assert press(ctrl | shift) == apart
    assert toasts(desk)[-1] == "Redone: Took Marina Queirós apart again"
    assert press(ctrl) == merged
    assert toasts(desk)[-1] == "Undone: Took Marina Queirós apart again"
    assert press(ctrl) == (["Marina M. Queirós"], None), "the older edit"
    assert press(ctrl) == ([], None), "the merge itself"
    assert [press(ctrl | shift) for _step in range(3)] == [(["Marina M. Queirós"], None), merged, apart]


def test_what_was_merged_on_top_is_named(desk: Desk) -> None:
    twin = twin_of(desk, "Marina M. Queirós")
    marina, zelia = desk.find("Marina Queirós"), desk.find("Zélia Duarte")
    page = desk.open()
    for winner, loser in ((marina, twin), (zelia, marina)):
        dialogs.answers.give(working(desk, lambda dialog, winner=winner: dialog.heads[winner].setChecked(True)))
        open_merge(page, desk.office, desk.window, "contact", [winner, loser])
        desk.settle()
    first = next(one for one in desk.record(zelia).merged if one.loser_id == twin)

    def first_says(dialog: UnmergeDialog) -> bool:
        assert [title for _set, title in dialog.plan.first_apart] == ["Merged 2 contacts into Zélia Duarte"]
        return True

    def then_says(dialog: UnmergeDialog) -> bool:
        assert [one.title for one in dialog.plan.losers] == ["Marina Queirós"] and not dialog.plan.first_apart
        return True

    dialogs.answers.give(working(desk, first_says), working(desk, then_says))
    open_unmerge(page, desk.office, desk.window, first.change_set_id)
    desk.settle()
    assert desk.record(marina).values["name"] == "Marina Queirós"
    assert [one.title for one in desk.record(marina).merged] == ["Marina M. Queirós"]


def test_the_timeline_tells_the_merge_and_what_the_other_said(desk: Desk) -> None:
    twin = twin_of(desk, "Marina M. Queirós", nickname="Nina")
    marina = desk.find("Marina Queirós")
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"nickname": "Mari"}))
    page = desk.open()
    dialogs.answers.give(working(desk, lambda dialog: dialog.heads[marina].setChecked(True)))
    open_merge(page, desk.office, desk.window, "contact", [marina, twin])
    desk.settle()
    wanted = Wanted("contact", marina, kind="change")
    with desk.database.read() as connection:
        entries = page.card.kit.timeline(desk.database, connection, wanted).entries
    told = next(one for one in entries if any("Merged 2 contacts" in text for text, _role in one.runs))
    assert "Marina M. Queirós said Nickname: Nina" in told.body
