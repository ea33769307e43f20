"""Lists of records as people use them: finding, sorting, filtering, choosing columns, keeping views."""

from __future__ import annotations

import sys
from array import array

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from crm_desktop.core.filters import Condition, where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from ui.framework import dialogs
from ui.records.choosers import ColumnsPopup, SortPopup
from ui.records.filter_popup import ConditionPopup
from ui.records.list_diff import place_of, plan_change
from ui.records.list_model import RecordModel
from ui.records.shown import TAGS


def test_a_list_opens_with_everybody_in_order(desk) -> None:
    page = desk.open()
    names = ["Ícaro Bandeira", "Marina Queirós", "Otávio Lins", "Sílvia Amarante", "Zélia Duarte"]
    assert desk.names(page) == names
    assert page.header.count.text() == "5"
    assert desk.window.status.shown.text() == "5 contacts"
    assert page.card.record is not None and page.card.record.title == "Ícaro Bandeira"


def test_a_click_on_the_header_sorts_and_another_one_turns_it_round(desk) -> None:
    page = desk.open()
    column = page.model.column_of("city")
    page.table.header.sectionClicked.emit(column)
    desk.settle()
    assert [row.values["city"] for row in map(page.model.row_values, range(3))] == ["Colombo", "Curitiba", "Curitiba"]
    page.table.header.sectionClicked.emit(column)
    desk.settle()
    assert page.model.row_values(0).values["city"] == "Ponta Grossa"
    assert page.model.row_values(4).values["city"] is None


def test_a_filter_narrows_the_list_and_says_of_how_many(desk) -> None:
    page = desk.open()
    page.filters.add_condition(where("@tag", "has_tag", ["cliente"]))
    desk.settle()
    assert desk.names(page) == ["Ícaro Bandeira", "Marina Queirós"]
    assert page.header.count.text() == "2 of 5"
    assert page.filters.words() == "Tag: cliente"


def test_a_filter_by_a_record_says_its_name(desk) -> None:
    page = desk.open()
    page.filters.add_condition(where("company_id", "eq", desk.find("Hotel Pedra do Lume", "company")))
    desk.settle()
    assert page.filters.words() == "Company: Hotel Pedra do Lume"
    assert desk.names(page) == ["Otávio Lins"]


def test_the_popup_of_a_filter_refuses_an_empty_value(desk) -> None:
    page = desk.open()
    made: list[Condition] = []
    popup = ConditionPopup(desk.office, desk.database.schema.entity("contact").field("city"))
    popup.applied.connect(made.append)
    popup.show()
    popup._apply()
    assert not made and not popup._problem.isHidden()
    popup._editors[0].setText("Colombo")
    popup._apply()
    assert made == [Condition("city", "contains", "Colombo")]
    assert page is not None


@pytest.mark.parametrize("name", ["birthday", "owner_id", "company_id", "lifecycle", "do_not_contact", "open_amount"])
def test_every_comparison_of_every_kind_has_its_editor(desk, name: str) -> None:
    page = desk.open()
    field = next(one for one in page._fields if one.name == name)
    popup = ConditionPopup(desk.office, field)
    for index in range(popup.operator.count()):
        popup.operator.setCurrentIndex(index)
        popup._rebuild()
        assert all(hasattr(editor, "value") for editor in popup._editors)
    popup.close()


def test_typing_finds_in_the_list_without_accents(desk) -> None:
    page = desk.open()
    page.search.setText("silvia")
    page.search_now()
    desk.settle()
    assert desk.names(page) == ["Sílvia Amarante"]
    page.search.setText("nobody like that")
    page.search_now()
    desk.settle()
    assert page.state.state() == "empty"
    assert page.empty.title.text() == "Nothing matches"
    page.empty.action.emit()
    desk.settle()
    assert page.state.state() == "full" and page.model.rowCount() == 5


def test_slash_goes_to_the_search_line(desk) -> None:
    page = desk.open()
    page.table.setFocus()
    QTest.keyClicks(page.table, "/")
    assert page.search.hasFocus()


def test_leads_are_only_those_who_are_not_customers(desk) -> None:
    page = desk.open("leads")
    assert sorted(desk.names(page)) == ["Otávio Lins", "Sílvia Amarante", "Zélia Duarte"]


def test_columns_are_chosen_and_remembered(desk) -> None:
    page = desk.open()
    popup = ColumnsPopup(page._fields, [one.name for one in page.model.fields], page)
    popup.changed.connect(page.set_columns)
    popup.set_on("job_title", True)
    popup.set_on("city", False)
    desk.settle()
    names = [name for name, _width in page.table.columns()]
    assert "job_title" in names and "city" not in names
    QTest.qWait(600)
    assert page._columns_of(None)[0][-1].name == "job_title"
    popup.close()


def test_tags_can_be_a_column(desk) -> None:
    page = desk.open()
    page.set_columns(["name", TAGS.name])
    desk.settle()
    texts = [page.model.index(row, 2).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert texts == ["cliente", "cliente", ""]


def test_several_sorts_are_chosen_in_the_popup(desk) -> None:
    page = desk.open()
    popup = SortPopup([one for one in page._fields if one is not TAGS], [("lifecycle", False)], page)
    popup.changed.connect(page._query)
    popup._put("name", True, tell=True)
    desk.settle()
    assert page.model.query.sort == [("lifecycle", False), ("name", True)]
    assert desk.names(page) == ["Marina Queirós", "Ícaro Bandeira", "Zélia Duarte", "Otávio Lins", "Sílvia Amarante"]
    popup.close()


def test_a_view_is_saved_used_renamed_and_deleted(desk) -> None:
    page = desk.open()
    page.filters.add_condition(where("city", "eq", "Curitiba"))
    desk.settle()
    assert not page.filters.save.isHidden()

    def name_it(dialog) -> bool:
        dialog.name.setText("Curitiba")
        return True

    dialogs.answers.give(name_it)
    page.filters.save_requested.emit()
    desk.settle()
    assert page.views.current().name == "Curitiba"
    assert page.filters.save.isHidden()
    page.views.choose("all")
    desk.settle()
    assert page.model.rowCount() == 5
    page.views.choose(next(one.key for one in page.views.views() if one.name == "Curitiba"))
    desk.settle()
    assert desk.names(page) == ["Ícaro Bandeira", "Marina Queirós"]
    dialogs.answers.give(lambda dialog: (dialog.name.setText("Of Curitiba"), True)[1])
    page.views.rename(page.views.current())
    desk.settle()
    assert page.views.current().name == "Of Curitiba"
    page.views.delete(page.views.current())
    desk.settle()
    assert not [one.name for one in page.views.views() if one.id]
    assert page.model.rowCount() == 5


def test_what_somebody_else_does_shows_without_losing_the_place(desk) -> None:
    page = desk.open()
    page.table.set_current_row(3)
    page.model.setData(page.model.index(1, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    desk.settle()
    silvia = page.model.id_at(3)
    desk.as_caio(lambda uow: service.update_record(uow, "contact", silvia, {"city": "Lapa"}))
    assert page.model.row_values(3).values["city"] == "Lapa"
    desk.as_caio(lambda uow: service.create_record(uow, "contact", {"name": "Aline Catanduva"}))
    assert page.table.current_id() == silvia
    assert page.model.id_at(page.table.current_row()) == silvia
    assert len(page.model.checked) == 1
    assert desk.names(page)[0] == "Aline Catanduva"
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [page.model.id_at(0)]))
    assert page.model.rowCount() == 5 and page.table.current_id() == silvia


def test_a_renamed_company_shows_in_the_list(desk) -> None:
    page = desk.open()
    company = desk.find("Cervejaria Lobo Manso", "company")
    desk.as_caio(lambda uow: service.update_record(uow, "company", company, {"name": "Cervejaria Lobo Bravo"}))
    assert str(page.model.row_values(0).values["company_id"]) == "Cervejaria Lobo Bravo"


def test_the_model_keeps_the_rules_of_qt(desk) -> None:
    fields = [desk.database.schema.entity("contact").field(name) for name in ("name", "company_id", "city")]
    model = RecordModel(desk.office, "contact", fields, desk.window)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.reload()
    desk.settle()
    assert model.rowCount() == 5
    with write(desk.database, "More") as uow:
        for number in range(150):
            service.create_record(uow, "contact", {"name": f"Person {number:03}"})
    desk.settle()
    assert model.rowCount() == 155
    desk.as_caio(lambda uow: service.update_record(uow, "contact", model.id_at(2), {"name": "Aaron First"}))
    assert model.index(0, 1).data() in ("Otávio Lins", "Aaron First")
    desk.settle()
    assert model.title_at(0) == "Aaron First"
    model.sort_by([(1, Qt.SortOrder.DescendingOrder)])
    desk.settle()
    model.index(130, 1).data()
    desk.settle()
    assert model.row_values(130) is not None
    desk.as_caio(
        lambda uow: service.delete_records(uow, "contact", [model.id_at(0), model.id_at(100), model.id_at(154)])
    )
    assert model.rowCount() == 152
    assert tester is not None


def test_rows_far_away_are_read_when_they_are_looked_at(desk) -> None:
    with write(desk.database, "More", bulk=True) as uow:
        for number in range(1200):
            service.create_record(uow, "contact", {"name": f"Person {number:04}"})
    page = desk.open()
    assert page.model.complete and page.model.rowCount() == 1205
    assert page.model.row_values(1000) is None
    page.table.set_current_row(1000)
    desk.settle()
    assert page.model.row_values(1000).values["name"].startswith("Person")


def test_changed_rows_are_found(desk) -> None:
    old, new = array("q", [1, 2, 3, 4, 5]), array("q", [5, 1, 9, 3])
    plan = plan_change(old, new)
    assert plan.removed == [3, 1] and list(plan.kept) == [5, 1, 3] and plan.inserted == [2]
    assert plan_change(old, old).empty
    assert plan_change(array("q", range(1000)), array("q", range(1000, 2000))) is None


def test_the_place_of_an_id() -> None:
    ids = array("q", [2**40 * n + 5 for n in range(70_000)])
    assert [place_of(ids, one) for one in (5, ids[65_536], ids[-1], 6)] == [0, 65_536, 69_999, -1]
    low, high = (0x0102030405060708, 0x1112131415161718)
    pair = low.to_bytes(8, sys.byteorder) + high.to_bytes(8, sys.byteorder)
    between = int.from_bytes(pair[3:11], sys.byteorder)  # stands in the bytes and is no id
    assert place_of(array("q", [low, high]), between) == -1
    assert place_of(array("q", [between, low, high]), between) == 0
    assert place_of(array("q"), 5) == -1


def test_an_error_says_what_to_do_and_can_be_tried_again(desk) -> None:
    page = desk.open()
    page.filters.add_condition(where("birthday", "eq", "not a day"))
    desk.settle()
    assert page.state.state() == "error"
    page.filters._remove(0)
    desk.settle()
    assert page.state.state() == "full"


def test_an_empty_office_says_what_the_page_is_for(desk) -> None:
    page = desk.open("products")
    assert page.state.state() == "empty"
    assert page.empty.title.text() == "No products yet"
    assert page.empty.button.text() == "New product"
    assert page.empty.second.text() == "Import a file…"


def test_a_long_list_looks_only_at_what_changed(desk, monkeypatch) -> None:
    monkeypatch.setattr("ui.records.list_model.LONG", 0)
    page = desk.open()
    reads: list[str] = []
    monkeypatch.setattr(page.model, "_read_all_again", lambda: reads.append("all"))
    marina = page.model.id_at(1)
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"city": "Lapa"}))
    assert page.model.row_values(1).values["city"] == "Lapa" and not reads
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [marina]))
    assert page.model.rowCount() == 4 and not reads
    page.filters.add_condition(where("city", "eq", "Colombo"))
    desk.settle()
    silvia = desk.find("Sílvia Amarante")
    desk.as_caio(lambda uow: service.update_record(uow, "contact", silvia, {"city": "Lapa"}))
    assert page.model.rowCount() == 0


def test_the_first_record_of_an_empty_list_shows_at_once(desk) -> None:
    page = desk.open("products")
    assert page.side.isHidden()
    made = desk.as_caio(lambda uow: service.create_record(uow, "product", {"name": "Split 12"}))
    assert page.state.state() == "full" and desk.names(page) == ["Split 12"]
    assert not page.side.isHidden()
    desk.as_caio(lambda uow: service.delete_records(uow, "product", [made]))
    assert page.state.state() == "empty" and page.side.isHidden()
