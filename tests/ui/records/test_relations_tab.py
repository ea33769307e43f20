"""The tab "Relations": lists and picture of who is around, the small forms, the menu, and the People tab of a company."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from crm_desktop.contacts import relations_queries as reads
from crm_desktop.contacts import relations_service as relations
from crm_desktop.records import service
from ui.framework import dialogs


@pytest.fixture
def circle(desk) -> Any:
    """Marina works for two companies and once did for a third; Ícaro is her husband."""
    marina = desk.find("Marina Queirós")
    with desk.office.unit_of_work("Circle") as uow:
        relations.add_affiliation(uow, marina, desk.find("Cervejaria Lobo Manso", "company"), role="Partner")
        relations.add_affiliation(
            uow, marina, desk.find("Hotel Pedra do Lume", "company"), role="Cook", until=date(2015, 5, 1)
        )
        relations.add_relationship(uow, ("contact", marina), ("contact", desk.find("Ícaro Bandeira")), "spouse")
    desk.settle()
    return desk


def tab_of(desk: Any, name: str = "Marina Queirós", page: str = "contacts") -> Any:
    entity = "contact" if page == "contacts" else "company"
    card = desk.open(page, record_id=desk.find(name, entity)).card
    card.show_tab("relations")
    desk.settle()
    return card.views["relations"]


def rows(tab: Any, group: str) -> list[tuple[str, str]]:
    return [(line.title, line.subtitle) for line in tab.lists[group].lines()]


def around(desk: Any, name: str = "Marina Queirós") -> reads.Surroundings:
    with desk.database.read() as connection:
        return reads.around(connection, "contact", desk.find(name))


def test_everybody_around_a_person_is_listed_and_drawn(circle) -> None:
    tab = tab_of(circle)
    assert rows(tab, "places") == [
        ("Panificadora Trigo Lilás", ""), ("Cervejaria Lobo Manso", "Partner"),
        ("Hotel Pedra do Lume", "Cook · until 5/1/2015"),
    ]  # fmt: skip
    assert [line.title_color for line in tab.lists["places"].lines()] == ["text", "text", "text-muted"]
    assert rows(tab, "family") == [("Ícaro Bandeira", "Spouse or partner")]
    assert tab.titles["branches"].isHidden()
    assert "Partner: Cervejaria Lobo Manso" in tab.graph.accessibleName()
    assert {(node.title, node.former) for node in tab.graph.nodes} >= {
        ("Ícaro Bandeira", False),
        ("Hotel Pedra do Lume", True),
    }
    card = circle.window.current_page.card
    assert {one.text: one.badge for one in card.tabs._tabs}["Relations"] == "4"


def test_the_picture_is_walked_with_arrows_and_opens_by_enter_and_click(circle) -> None:
    graph = tab_of(circle).graph
    opened: list[Any] = []
    graph.opened.disconnect()
    graph.opened.connect(lambda entity, record_id: opened.append((entity, record_id)))
    graph.setFocus()
    seen = set()
    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Home,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_Left,
    ):
        QTest.keyClick(graph, key)
        seen.add(graph.current)
    assert seen == {-1, 0, 1, 2, 3}, "every node is reached from the middle"
    QTest.keyClick(graph, Qt.Key.Key_Return)
    node = graph.nodes[graph.current]
    assert opened == [(node.entity, node.record_id)] and node.title in graph.accessibleDescription()
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=graph.place(0).toPoint())
    assert opened[1] == (graph.nodes[0].entity, graph.nodes[0].record_id)
    assert graph.node_at(QPointF(2, 2)) == -1
    for count in (0, 1, 2, 9, 10, 24, 40):
        graph.set_nodes("contact", "Marina", [graph.nodes[0]] * count if graph.nodes else [])
        assert not graph.grab().isNull() and len(graph.nodes) <= 24
        graph.nodes = [node]


def test_a_company_is_added_by_the_form(circle) -> None:
    tab = tab_of(circle)
    mercado = circle.find("Mercado Três Cajueiros", "company")

    def fill(dialog: Any) -> bool:
        dialog.finish()
        assert "choose from the list" in dialog.problem.text()
        dialog.editors["other"].set_value(mercado, "Mercado Três Cajueiros")
        dialog.editors["role"].setText("Adviser")
        dialog.editors["since"].setText("3/1/2020")
        QTest.keyClick(dialog.editors["since"], Qt.Key.Key_Return)
        circle.settle()
        return True

    dialogs.answers.give(fill)
    tab.add_place.click()
    circle.settle()
    assert ("Mercado Três Cajueiros", "Adviser · since 3/1/2020") in rows(tab, "places")


def test_a_refused_save_says_why_and_keeps_the_form(circle) -> None:
    tab = tab_of(circle)

    def fill(dialog: Any) -> bool:
        dialog.editors["other"].set_value(circle.find("Cervejaria Lobo Manso", "company"), "Cervejaria Lobo Manso")
        dialog.editors["role"].setText("partner")
        dialog.finish()
        circle.settle()
        assert "already" in dialog.problem.text() and dialog.result() == 0
        return False

    dialogs.answers.give(fill)
    tab.new_place()
    assert len(around(circle).places) == 3


def test_a_relationship_is_added_from_the_other_side(circle) -> None:
    tab = tab_of(circle)
    bakery = circle.find("Panificadora Trigo Lilás", "company")

    def fill(dialog: Any) -> bool:
        dialog._types[bakery] = "company"
        dialog.picker.set_value(bakery, "Panificadora Trigo Lilás")
        dialog.picker.edited.emit()
        words = [dialog.kind.itemText(row) for row in range(dialog.kind.count())]
        assert "Accountant of" in words and "Spouse or partner" not in words
        dialog.kind.setCurrentIndex(words.index("Accountant of"))
        dialog.finish()
        circle.settle()
        return True

    dialogs.answers.give(fill)
    tab.add_tie.click()
    circle.settle()
    assert rows(tab, "work") == [("Panificadora Trigo Lilás", "Accountant of")]
    with circle.database.read() as connection:
        found = reads.around(connection, "company", bakery)
    assert [(one.title, one.word) for one in found.ties] == [("Marina Queirós", "Accountant")]


def test_keys_and_menu_edit_move_and_remove(circle) -> None:
    tab = tab_of(circle)
    places = tab.lists["places"]
    places.setFocus()
    places.set_current_key(places.lines()[1].key)

    def rename(dialog: Any) -> bool:
        dialog.editors["role"].setText("Owner")
        dialog.finish()
        circle.settle()
        return True

    dialogs.answers.give(rename)
    QTest.keyClick(places, Qt.Key.Key_F2)
    circle.settle()
    assert rows(tab, "places")[1] == ("Cervejaria Lobo Manso", "Owner")
    menu = tab.menu_of(places.lines()[1].key, places)
    actions = {action.text(): action for action in menu.actions()}
    actions["Make it the main company"].trigger()
    circle.settle()
    assert [line.title for line in places.lines()][:2] == ["Cervejaria Lobo Manso", "Panificadora Trigo Lilás"]
    assert circle.record(circle.find("Marina Queirós")).values["job_title"] == "Owner"
    family = tab.lists["family"]
    family.setFocus()
    family.set_current_key(family.lines()[0].key)
    QTest.keyClick(family, Qt.Key.Key_Delete)
    circle.settle()
    assert around(circle).ties == () and family.isHidden()
    circle.window.undo()
    circle.settle()
    assert rows(tab, "family") == [("Ícaro Bandeira", "Spouse or partner")]


def test_the_main_company_gets_its_beginning_but_is_not_removed_here(circle) -> None:
    tab = tab_of(circle)
    key = tab.lists["places"].lines()[0].key
    assert "Remove" not in {action.text() for action in tab.menu_of(key, tab).actions()}

    def fill(dialog: Any) -> bool:
        dialog.editors["since"].setText("2/1/2019")
        dialog.editors["role"].setText("Buyer")
        dialog.finish()
        circle.settle()
        return True

    dialogs.answers.give(fill)
    tab.edit(key)
    circle.settle()
    assert rows(tab, "places")[0] == ("Panificadora Trigo Lilás", "Buyer · since 2/1/2019")


def test_a_company_shows_its_people_branches_and_former_people(circle) -> None:
    brewery = circle.find("Cervejaria Lobo Manso", "company")
    with circle.office.unit_of_work("Branches") as uow:
        branch = service.create_record(uow, "company", {"name": "Bar", "parent_id": brewery, "city": "Colombo"})
        service.create_record(uow, "contact", {"name": "Nina", "company_id": branch})
        relations.add_affiliation(uow, circle.find("Zélia Duarte"), brewery, role="Brewer", until=date(2020, 1, 1))
    tab = tab_of(circle, "Cervejaria Lobo Manso", "companies")
    assert rows(tab, "people") == [
        ("Ícaro Bandeira", ""),
        ("Marina Queirós", "Partner"),
        ("Zélia Duarte", "Brewer · until 1/1/2020"),
    ]
    assert rows(tab, "branches") == [("Bar", "Colombo · 1 person")]
    card = circle.window.current_page.card
    key = next(key for key in card.views if key.startswith("related-contact"))
    people = card.views[key]
    card.show_tab(key)
    circle.settle()
    shown = {line.title: (line.subtitle, line.title_color) for line in people.list.lines()}
    assert shown["Marina Queirós"] == ("Partner", "text")
    assert shown["Zélia Duarte"] == ("Brewer · Former · until 1/1/2020", "text-muted")
    assert "Nina" not in shown
    people.wider.click()
    circle.settle()
    assert {line.title: line.subtitle for line in people.list.lines()}["Nina"] == "Bar"


def test_nobody_around_says_what_the_tab_is_for(circle) -> None:
    tab = tab_of(circle, "Zélia Duarte")
    assert tab.state.state() == "empty" and tab.state.empty.button.text() == "Company…"
