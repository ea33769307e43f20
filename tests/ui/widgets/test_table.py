"""The table: sorting, checking, keys, columns, and a model that keeps Qt's rules."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from tests.ui.widgets.gallery import PEOPLE, people_model, people_table
from ui.theme.theme import apply_theme, px, theme
from ui.widgets.roles import Role
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel

ASC, DESC = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def table(qtbot) -> DataTable:
    made = people_table()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def names(table: DataTable) -> list[str]:
    return [table.model().index(row, 1).data() for row in range(table.model().rowCount())]


def click_header(qtbot, table: DataTable, column: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    x = table.header.sectionViewportPosition(column) + 20
    qtbot.mouseClick(table.header.viewport(), Qt.MouseButton.LeftButton, keys, QPoint(x, 10))


def test_the_model_keeps_the_rules_of_qt(qtbot) -> None:
    model = people_model()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort_by([(1, DESC)])
    model.set_rows(PEOPLE[:3])
    model.setData(model.index(0, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    model.set_rows([])
    assert tester.model() is model


def test_rows_are_as_high_as_designed_at_every_text_size(table: DataTable, qapp: QApplication) -> None:
    assert table.rowHeight(0) == 32 and table.header.height() == 32
    table.set_row_height(26)
    assert table.rowHeight(0) == 26
    apply_theme(qapp, "light", 2.0)
    assert table.rowHeight(0) == px(26) == 52


def test_a_click_on_a_header_sorts_and_another_turns_it_round(table: DataTable, qtbot) -> None:
    click_header(qtbot, table, 1)
    assert names(table) == sorted(names(table))
    click_header(qtbot, table, 1)
    assert names(table) == sorted(names(table), reverse=True)


def test_shift_sorts_by_several_columns(table: DataTable, qtbot) -> None:
    click_header(qtbot, table, 3)
    click_header(qtbot, table, 1, Qt.KeyboardModifier.ShiftModifier)
    cities = [table.model().index(row, 3).data() for row in range(len(PEOPLE))]
    assert cities == sorted(cities)
    curitiba = [name for name, city in zip(names(table), cities, strict=True) if city == "Curitiba"]
    assert curitiba == sorted(curitiba)
    assert table.header.sorts == [(3, ASC), (1, ASC)]


def test_empty_values_come_last_whichever_way(table: DataTable) -> None:
    model = table.model()
    for order in (ASC, DESC):
        model.sort_by([(4, order)])
        assert [model.index(row, 4).data() for row in (8, 9)] == ["–", "–"]


def test_the_current_row_stays_the_same_person_when_sorting(table: DataTable) -> None:
    table.set_current_row(2)
    name = table.currentIndex().siblingAtColumn(1).data()
    table.model().sort_by([(1, DESC)])
    assert table.currentIndex().siblingAtColumn(1).data() == name


def test_space_control_click_and_shift_check_rows(table: DataTable, qtbot) -> None:
    model = table.model()
    table.setFocus()
    table.set_current_row(1)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert model.checked == {"Ícaro Bandeira"}

    def click(row: int, keys) -> None:
        spot = table.visualRect(model.index(row, 2)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, spot)

    click(3, Qt.KeyboardModifier.ControlModifier)
    click(5, Qt.KeyboardModifier.ShiftModifier)
    assert len(model.checked) == 4
    assert table.current_row() == 1
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert table.current_row() == 2


def test_a_click_in_the_box_checks_without_opening(table: DataTable, qtbot) -> None:
    opened = []
    table.current_row_changed.connect(opened.append)
    spot = table.visualRect(table.model().index(4, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert table.model().checked == {"Sílvia Amarante"}
    assert opened == []


def test_the_box_in_the_header_checks_all_and_none(table: DataTable, qtbot) -> None:
    across = Qt.Orientation.Horizontal
    model = table.model()
    click_header(qtbot, table, 0)
    assert len(model.checked) == len(PEOPLE)
    model.setData(model.index(0, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    state = model.headerData(0, across, Qt.ItemDataRole.CheckStateRole)
    assert state == Qt.CheckState.PartiallyChecked
    click_header(qtbot, table, 0)
    click_header(qtbot, table, 0)
    assert model.checked == set()
    assert table.header.sorts == [(5, DESC)]


def test_enter_and_double_click_open_a_row(table: DataTable, qtbot) -> None:
    opened: list[str] = []
    table.row_activated.connect(lambda index: opened.append(index.siblingAtColumn(1).data()))
    table.setFocus()
    table.set_current_row(1)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    spot = table.visualRect(table.model().index(2, 2)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert opened == ["Ícaro Bandeira", "Otávio Lins"]


def test_the_current_row_has_an_accent_edge_and_fill(table: DataTable) -> None:
    table.set_current_row(2)
    QApplication.processEvents()
    image = table.viewport().grab().toImage()
    y = table.visualRect(table.model().index(2, 1)).center().y()
    assert image.pixelColor(1, y) == theme().color("accent")
    assert image.pixelColor(400, y - 12) == theme().color("accent-soft")


def test_columns_can_be_hidden_from_the_menu(table: DataTable) -> None:
    menu = table.header.column_menu(table)
    titles = [action.text() for action in menu.actions()]
    assert titles == ["Nome", "Empresa", "Cidade", "Aberto (R$)", "Contato"]
    menu.actions()[2].setChecked(False)
    assert table.isColumnHidden(3)


def test_a_row_that_is_still_fetched_shows_grey_bars(qtbot) -> None:
    class Loading(ListTableModel):
        def data(self, index, role=Qt.ItemDataRole.DisplayRole):
            return True if role == Role.LOADING else super().data(index, role)

        def column_roles(self, section):
            return None

    table = DataTable("Loading")
    qtbot.addWidget(table)
    table.setModel(Loading([Column("a", "A", str, 300)], [1, 2, 3]))
    table.resize(320, 160)
    table.show()
    image = table.viewport().grab().toImage()
    row = [image.pixelColor(x, 15) for x in range(16, 120)]
    assert theme().color("hover") in row


def test_checks_of_rows_that_left_are_forgotten(table: DataTable) -> None:
    model = table.model()
    table.check_rows(0, 9)
    model.set_rows(PEOPLE[:2])
    assert model.checked == {PEOPLE[0][0], PEOPLE[1][0]}
