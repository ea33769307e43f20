"""Filters with alternatives: built, shown on one chip, changed and taken away, by keyboard too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core.filters import Group, any_of, where
from ui.framework import dialogs
from ui.records.filter_bar import ALTERNATIVES
from ui.records.filter_dialog import FilterDialog, alternatives_of, can_edit
from ui.records.filter_popup import ConditionPopup, FieldPopup
from ui.widgets.chips import Chip


def test_alternatives_are_built_and_narrow_the_list(desk) -> None:
    page = desk.open()

    def build(dialog: FilterDialog) -> bool:
        assert not dialog.apply.isEnabled()
        dialog.put(0, None, where("city", "eq", "Curitiba"))
        dialog.put(0, None, where("name", "starts", "M"))
        dialog.alternatives.append([])
        dialog.put(1, None, where("city", "eq", "Colombo"))
        return True

    dialogs.answers.give(build)
    page.filters._build(None)
    desk.settle()
    assert desk.names(page) == ["Marina Queirós", "Sílvia Amarante"]
    words = "(City: Curitiba and Name starts with M) or City: Colombo"
    chips = [
        chip
        for chip in page.filters.findChildren(Chip)
        if chip.accessibleName() == page.filters._chip_text(page.filters._parts[0])
    ]
    assert chips and page.filters.words().count(" or ") == 1 and page.filters.words().startswith("("), words
    assert page.filters.filter() == Group("or", (
        Group("and", (where("city", "eq", "Curitiba"), where("name", "starts", "M"))), where("city", "eq", "Colombo"),
    ))  # fmt: skip

    def shorten(dialog: FilterDialog) -> bool:
        dialog._remove(1, 0)
        return True

    dialogs.answers.give(shorten)
    chips[0].clicked.emit()
    desk.settle()
    assert desk.names(page) == ["Marina Queirós"]


def test_the_window_is_worked_by_keyboard(desk) -> None:
    page = desk.open()
    dialog = FilterDialog(
        page, desk.office, page._fields, any_of(where("city", "eq", "Lapa"), where("city", "empty")), {}
    )
    dialog.show()
    QTest.qWait(50)
    assert len(dialog.rows) == 2 and dialog.adds[1].hasFocus() or dialog.focusWidget() is dialog.adds[1]
    QTest.keyClick(dialog.adds[1], Qt.Key.Key_Space)
    popup = dialog.findChild(FieldPopup)
    assert popup is not None
    QTest.keyClicks(popup.line, "birthday")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)
    asked = dialog.findChild(ConditionPopup)
    assert asked is not None
    asked.operator.set_value("filled")
    asked._rebuild()
    asked._apply()
    assert [len(one) for one in dialog.alternatives] == [1, 2]
    assert all(button.accessibleName() for row in dialog.rows for button in row)
    dialogs.answers.give("stay")
    dialog.reject()
    assert dialog.isVisible()  # what was built is not lost by an Escape too many
    dialogs.answers.give("drop")
    dialog.reject()
    assert not dialog.isVisible()


def test_what_the_window_can_show() -> None:
    one, two = where("city", "eq", "a"), where("city", "eq", "b")
    assert can_edit(any_of(one, Group("and", (one, two)))) and not can_edit(Group("and", (one, any_of(one, two))))
    assert alternatives_of(any_of(one, Group("and", (one, two)))) == [[one], [one, two]]
    assert ALTERNATIVES.name == "@any"
