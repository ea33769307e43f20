"""Every control of a list is reached by Tab, and says what it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QTabBar, QTableView, QWidget

from ui.framework.commands import commands_of
from ui.records.label_dialog import LabelDialog


def walk(window: QWidget, start: QWidget, most: int = 160) -> list[QWidget]:
    """The widgets that Tab comes to, from ``start`` on, until it is back there."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [start]
    for _step in range(most):
        current = window.focusWidget()
        assert current is not None
        QTest.keyClick(current, Qt.Key.Key_Tab)
        current = window.focusWidget()
        if current is None or current in seen:
            break
        seen.append(current)
    return seen


def controls(root: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QTabBar, QTableView)
    found = [
        one for one in root.findChildren(QWidget) if isinstance(one, kinds) and one.isVisible() and one.isEnabled()
    ]
    return [one for one in found if one.focusPolicy() & Qt.FocusPolicy.TabFocus]


def test_tab_reaches_every_control_of_a_list_and_each_has_a_name(desk) -> None:
    page = desk.open()
    page.show_totals(True, {"name": "count"})
    desk.settle()
    left = page.splitter.widget(0)
    reached = walk(desk.window, page.search)
    missing = [one for one in controls(left) if one not in reached and not isinstance(one.parent(), QLineEdit)]
    assert not missing, [(type(one).__name__, one.accessibleName()) for one in missing]
    nameless = [one for one in controls(left) if not (one.accessibleName() or getattr(one, "text", lambda: "")())]
    assert not nameless, nameless
    order = [one for one in reached if one in (page.search, page.print_button, page.views.bar, page.filters.add,
                                               page.filters.group, page.filters.columns, page.filters.sort, page.table)]  # fmt: skip
    assert order == [page.search, page.print_button, page.views.bar, page.filters.add, page.filters.group,
                     page.filters.columns, page.filters.sort, page.table]  # fmt: skip


def test_the_bar_of_checked_records_is_reached_too(desk) -> None:
    page = desk.open()
    page.table.setFocus()
    page.table.set_current_row(0)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    desk.settle()
    reached = walk(desk.window, page.bulk.clear)
    missing = [one for one in controls(page.bulk) if one not in reached]
    assert not missing and all(one.accessibleName() for one in controls(page.bulk))


def test_the_foot_is_worked_with_arrows_and_enter(desk) -> None:
    page = desk.open()
    page.toggle_totals()
    desk.settle()
    cell = page.foot.cell("name")
    cell.setFocus()
    QTest.keyClick(cell, Qt.Key.Key_Right)
    other = QApplication.focusWidget() or desk.window.focusWidget()
    assert other is page.foot.cell(page.model.fields[1].name)
    texts = [action.text() for action in page.foot.menu_of(page.foot.cell("open_amount")).actions()]
    assert texts == ["No total", "Sum", "Average", "Minimum", "Maximum", "Filled"]


def test_every_command_of_a_list_says_what_it_does_and_no_shortcut_is_given_twice(desk) -> None:
    page = desk.open()
    found = [one for one in commands_of(page) if one.spec.shortcut]
    shortcuts = [one.spec.shortcut for one in found]
    assert len(shortcuts) == len(set(shortcuts)) and all(one.text for one in commands_of(page))


def test_the_window_of_labels_is_worked_by_keyboard(desk) -> None:
    page = desk.open()
    dialog = LabelDialog(page, desk.office, "contact", list(page.model.ids))
    dialog.show()
    desk.settle()
    reached = walk(dialog, dialog.sheet, 40)
    for one in (dialog.start, dialog.template, dialog.insert, dialog.which, dialog.or_main, dialog.by_postcode,
                dialog.bold_first, dialog.outline, dialog.picture, dialog.preview):  # fmt: skip
        assert one in reached, one
        assert one.accessibleName() or one.text()
    dialog.close()
