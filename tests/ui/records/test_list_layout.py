"""Several sorts, groups, totals and views of a list, by mouse and by keyboard."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from crm_desktop.app import follow_access
from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service, views
from crm_desktop.records.grouping import Grouping
from ui.framework import dialogs
from ui.framework.commands import commands_of
from ui.records.choosers import ColumnsPopup, SortPopup
from ui.records.group_popup import GroupPopup
from ui.records.list_groups import GroupedModel


def rows(page) -> list[str]:
    """The rows of the list: titles of records, groups in brackets with their counts."""
    found = []
    for row in range(page.model.rowCount()):
        group = page.model.group_at(row)
        found.append(f"[{page.model.group_text(group)} {group.count}]" if group else page.model.title_at(row))
    return found


BY_CITY = [
    "[Colombo 1]", "Sílvia Amarante", "[Curitiba 2]", "Ícaro Bandeira", "Marina Queirós",
    "[Ponta Grossa 1]", "Otávio Lins", "[Not filled in 1]", "Zélia Duarte",
]  # fmt: skip


def test_shift_and_click_adds_a_sort_and_another_turns_it_round(desk) -> None:
    page = desk.open()
    header = page.table.header

    def click(name: str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        column = page.model.column_of(name)
        spot = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, keys, spot)
        desk.settle()

    click("city")
    click("name", Qt.KeyboardModifier.ShiftModifier)
    assert page.model.query.sort == [("city", False), ("name", False)]
    click("name", Qt.KeyboardModifier.ShiftModifier)
    assert page.model.query.sort == [("city", False), ("name", True)]
    assert desk.names(page) == ["Sílvia Amarante", "Marina Queirós", "Ícaro Bandeira", "Otávio Lins", "Zélia Duarte"]
    assert [column for column, _order in header.sorts] == [page.model.column_of(n) for n in ("city", "name")]


def test_sorts_are_reordered_and_removed_by_keyboard(desk) -> None:
    page = desk.open()
    page._query([("lifecycle", False), ("name", True)])
    desk.settle()
    page.choose_sort()
    popup = page.findChild(SortPopup)
    assert popup is not None
    second = popup._rows[1]
    second.field.setFocus()
    QTest.keyClick(second.field, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert page.model.query.sort == [("name", True), ("lifecycle", False)]
    QTest.keyClick(second.field, Qt.Key.Key_Delete, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert page.model.query.sort == [("lifecycle", False)]
    popup.close()


def test_columns_are_moved_by_keyboard(desk) -> None:
    page = desk.open()
    page.choose_columns()
    popup = page.findChild(ColumnsPopup)
    assert popup is not None
    first, second = popup.names()[:2]
    popup.list.setFocus()
    popup.list.setCurrentRow(0)
    QTest.keyClick(popup.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert [name for name, _width in page.table.columns()][:2] == [second, first]
    popup.close()


def test_a_list_is_grouped_opened_and_closed_by_keyboard(desk) -> None:
    page = desk.open()
    page.choose_group()
    popup = page.findChild(GroupPopup)
    assert popup is not None
    popup.field.set_value("city")
    popup.field.edited.emit()
    popup.close()
    desk.settle()
    assert rows(page) == BY_CITY
    assert page.header.count.text() == "5" and desk.window.status.shown.text() == "5 contacts"
    page.table.setFocus()
    page.table.set_current_row(3)
    QTest.keyClick(page.table, Qt.Key.Key_Left)
    assert page.table.current_row() == 2
    QTest.keyClick(page.table, Qt.Key.Key_Left)
    assert rows(page)[2:4] == ["[Curitiba 2]", "[Ponta Grossa 1]"]
    QTest.keyClick(page.table, Qt.Key.Key_Right)
    desk.settle()
    assert rows(page) == BY_CITY
    QTest.keyClick(page.table, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    assert rows(page) == [one for one in BY_CITY if one.startswith("[")]
    QTest.keyClick(page.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    desk.settle()
    assert rows(page) == BY_CITY
    spoken = page.model.index(2, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Group Curitiba, 2 records, open"


def test_the_box_of_a_group_checks_its_records_also_where_it_is_closed(desk) -> None:
    page = desk.open()
    page.set_grouping(Grouping("city"))
    desk.settle()
    page.close_groups()
    page.table.setFocus()
    page.table.set_current_row(1)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    desk.settle()
    names = {desk.record(one).title for one in page.chosen_ids()}
    assert names == {"Ícaro Bandeira", "Marina Queirós"}
    state = page.model.index(1, 0).data(Qt.ItemDataRole.CheckStateRole)
    assert Qt.CheckState(state) == Qt.CheckState.Checked
    page.model.check_all(True)
    desk.settle()
    assert len(page.chosen_ids()) == 5


def test_a_grouped_list_follows_what_changes_and_is_a_sound_model(desk) -> None:
    page = desk.open()
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal, page)
    page.set_grouping(Grouping("city"))
    desk.settle()
    desk.as_caio(lambda uow: service.update_record(uow, "contact", desk.find("Zélia Duarte"), {"city": "Colombo"}))
    assert rows(page)[:3] == ["[Colombo 2]", "Sílvia Amarante", "Zélia Duarte"]
    assert "[Not filled in 1]" not in rows(page)
    desk.as_caio(lambda uow: service.create_record(uow, "contact", {"name": "Nova", "city": "Aachen"}))
    assert rows(page)[:2] == ["[Aachen 1]", "Nova"]
    for group in list(page.model.groups):
        page.model.set_open(group, False)
        page.model.set_open(group, True)
    desk.settle()
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [desk.find("Otávio Lins")]))
    assert "[Ponta Grossa 1]" not in rows(page)
    page.set_grouping(None)
    desk.settle()
    assert len(desk.names(page)) == 5


def test_a_long_group_shows_its_first_page_at_once(desk, monkeypatch) -> None:
    monkeypatch.setattr("ui.records.list_groups._LONG_GROUP", 50)
    with write(desk.database, "Crowd") as uow:
        for number in range(260):
            service.create_record(uow, "contact", {"name": f"Person {number:03}", "city": "Big"})
    page = desk.open()
    desk.settle()
    model = page.model
    page.set_grouping(Grouping("city"))
    desk.settle()
    page.close_groups()
    inserted = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append(last - first + 1))
    big = next(group for group in model.groups if group.title == "Big")
    model._members.clear()
    model.set_open(big, True)
    desk.settle()
    assert inserted == [100, 160]
    assert desk.names(page)[1:4] == ["Person 000", "Person 001", "Person 002"]
    assert isinstance(model, GroupedModel)


def _deals(desk) -> None:
    with write(desk.database, "Deals") as uow:
        for name, amount, currency in (("A", 100, "BRL"), ("B", 50, "BRL"), ("C", 7, "USD")):
            values = {
                "name": name,
                "amount": Decimal(amount),
                "currency": currency,
                "contact_id": desk.find("Otávio Lins"),
            }
            service.create_record(uow, "deal", values)


def test_the_foot_adds_up_the_whole_list_or_what_is_checked(desk) -> None:
    _deals(desk)
    desk.window.open_page("pipeline")
    desk.settle()
    pipeline = desk.window.current_page
    pipeline.show_list()
    desk.settle()
    page = pipeline.list
    page.toggle_totals()
    desk.settle()
    cell = page.foot.cell("amount")
    assert "150" in cell.value and "7" in cell.value and "·" in cell.value, "currencies stand beside each other"
    row = next(row for row in range(3) if page.model.title_at(row) == "B")
    page.model.setData(page.model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    desk.settle()
    assert "50" in cell.value and "150" not in cell.value
    assert page.foot.accessibleName() == "Totals: 1 selected"
    page.model.check_all(False)
    page.foot.changed.emit("amount", "most")
    desk.settle()
    assert "100" in cell.value and cell.accessibleName().startswith("Maximum of")


def test_a_view_keeps_sorts_groups_and_totals_and_marks_what_is_not_saved(desk) -> None:
    page = desk.open()
    page.filters.add_condition(where("lifecycle", "ne", "qualified"))
    page._query([("city", False), ("name", True)])
    page.set_grouping(Grouping("city", descending=True))
    page.show_totals(True, {"name": "count"})
    desk.settle()
    assert page.views.bar.tabText(0).endswith("•")

    def name_it(dialog) -> bool:
        dialog.name.setText("By town")
        dialog.scope.set_value("everyone")
        return True

    dialogs.answers.give(name_it)
    QTest.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
                   | Qt.KeyboardModifier.ShiftModifier)  # fmt: skip
    desk.settle()
    view = page.views.current()
    assert (view.name, view.scope, view.grouping) == ("By town", "everyone", Grouping("city", "", True))
    assert view.sort == (("city", False), ("name", True)) and view.totals == {"name": "count"} and view.foot
    place = page.views.bar.currentIndex()
    assert page.filters.save.isHidden() and page.views.bar.tabText(place) == "By town"
    page.views.choose_number(0)
    desk.settle()
    assert page.foot.isHidden() and page.model.grouping is None
    QTest.keyClick(page, Qt.Key.Key_1 + place, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert page.views.current().name == "By town" and not page.foot.isHidden()
    assert rows(page)[0] == "[Ponta Grossa 1]"
    page.set_grouping(None)
    desk.settle()
    assert page.views.bar.tabText(place) == "By town •"
    page.discard_view()
    desk.settle()
    assert page.model.grouping == Grouping("city", "", True) and page.views.bar.tabText(place) == "By town"


def test_views_are_copied_moved_made_the_first_and_undone(desk) -> None:
    page = desk.open()
    for name in ("One", "Two"):
        dialogs.answers.give(lambda dialog, name=name: (dialog.name.setText(name), True)[1])
        page._save_view_as()
        desk.settle()

    def saved() -> list[str]:
        return [one.name for one in page.views.views() if one.id]

    page.views.move_view(page.views.current(), -1)
    desk.settle()
    assert saved() == ["Two", "One"]
    desk.window.undo()
    desk.settle()
    assert saved() == ["One", "Two"]
    page.views.duplicate(page.views.current())
    desk.settle()
    assert saved() == ["One", "Two", "Two (copy)"] and page.views.current().name == "Two (copy)"
    one = next(view for view in page.views.views() if view.name == "One")
    page.views.set_default(one)
    desk.settle()
    assert next(view for view in page.views.views() if view.name == "One").default


def test_a_colleagues_shared_view_can_be_used_but_not_changed(desk) -> None:
    follow_access(desk.database, desk.helena)
    desk.as_caio(lambda uow: views.create_view(uow, {"entity": "contacts", "name": "Of Caio", "scope": "everyone"}))
    desk.as_caio(lambda uow: service.update_record(uow, "user", desk.caio, {"role": "admin"}))
    page = desk.open()
    view = next(one for one in page.views.views() if one.name == "Of Caio")
    assert not view.mine and view.changeable, "Helena administers the office"
    desk.as_caio(lambda uow: service.update_record(uow, "user", desk.helena, {"role": "sales"}))
    view = next(one for one in page.views.views() if one.name == "Of Caio")
    assert not view.changeable
    able = {action.text(): action.isEnabled() for action in page.views.menu_of(view).actions() if action.text()}
    assert able["Duplicate"] and not able["Delete the view"] and not able["Rename or share…"]


def test_the_arrows_of_the_card_pass_over_the_rows_of_groups(desk) -> None:
    page = desk.open()
    page.model.set_grouping(Grouping("lifecycle"))
    desk.settle()
    page.open_groups()
    desk.settle()
    first = next(row for row in range(page.model.rowCount()) if page.model.id_at(row) is not None)
    page.table.set_current_row(first)
    seen = []
    for _step in range(len(page.model.groups) + 1):
        page.card.step_requested.emit(1)
        seen.append(page.model.id_at(page.table.current_row()))
    assert None not in seen


def test_no_two_commands_of_a_list_share_a_key(desk) -> None:
    page = desk.open()
    keys = [one.shortcut for owner in (page, desk.window) for one in commands_of(owner) if one.shortcut]
    assert sorted(keys) == sorted(set(keys))
    assert page.more_shortcuts() == [("Ctrl+1 … Ctrl+9", "Views")]
