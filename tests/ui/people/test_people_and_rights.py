"""Settings, People and rights: people, hand-over, teams, the table of rights, and what somebody may do."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.records import queries as records
from crm_desktop.security import queries, roles
from tests.helpers.rights_desk import RightsDesk
from tests.helpers.windows import settle
from ui.framework import dialogs


def scope(desk: RightsDesk, role: str, entity: str, action: str) -> str:
    with desk.database.read() as connection:
        return roles.rights_of_role(connection, desk.database.schema, role).scopes[entity, action]


def choose(people: Any, name: str) -> None:
    people.table.set_current_row(next(n for n, one in enumerate(people.model.rows()) if one.name == name))


def test_people_are_listed_and_one_is_added(owner_desk: RightsDesk) -> None:
    people = owner_desk.tab()
    assert [one.name for one in people.model.rows()] == ["Ana", "Olga", "Rita", "Zoe"]
    assert people.person().name == "Olga"  # oneself first
    assert not people.panel.disable.isEnabled() and "owner" in people.panel.disable.toolTip()

    def write(dialog: Any) -> bool:
        QTest.keyClicks(dialog.name, "Ivo Leal")
        assert dialog.login.placeholderText() == "ivo.leal"
        dialog.role.set_value("service")
        dialog.role.edited.emit()
        assert "cases" in dialog.role_words.text()
        dialog.team.set_value(dialog.team.itemData(1))
        QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
        settle()
        return dialog.result() == dialog.DialogCode.Accepted

    dialogs.answers.give(write)
    QTest.mouseClick(people.add, Qt.MouseButton.LeftButton)
    settle()
    assert people.person().name == "Ivo Leal"
    made = owner_desk.user("Ivo Leal")
    assert (made.login, made.role, made.team) == ("ivo.leal", "service", "Sul")


def test_a_login_that_somebody_has_is_refused_at_its_line(owner_desk: RightsDesk) -> None:
    people = owner_desk.tab()

    def write(dialog: Any) -> bool:
        QTest.keyClicks(dialog.name, "Another")
        QTest.keyClicks(dialog.login, "ana")
        dialog.save.click()
        settle()
        assert dialog.problem.isVisibleTo(dialog) and "ana" in dialog.problem.text() and dialog.save.isEnabled()
        assert dialog.name.text() == "Another"
        return False

    dialogs.answers.give(write)
    people.add_person()
    assert len(people.model.rows()) == 4


def test_who_leaves_hands_over_in_one_undoable_step(owner_desk: RightsDesk) -> None:
    people = owner_desk.tab()
    choose(people, "Ana")

    def hand_over(dialog: Any) -> bool:
        counts = dialog.counts
        assert (counts["contact"], counts["company"], counts["deal"], counts["case"]) == (2, 0, 1, 1)
        dialog.to.set_value(owner_desk.people["Zoe"])
        dialog.to.edited.emit()
        assert dialog.ok.text() == f"Disable and hand {sum(counts.values())} records over"
        assert [one.text() for one in dialog.arrows] == ["Zoe"] * sum(1 for one in counts.values() if one)
        return True

    dialogs.answers.give(hand_over)
    QTest.mouseClick(people.panel.disable, Qt.MouseButton.LeftButton)
    settle()
    assert not owner_desk.user("Ana").active
    owner = lambda: str(record(owner_desk, "contact", "Marina").values["owner_id"])  # noqa: E731
    assert owner() == "Zoe"
    owner_desk.window.undo()
    settle()
    assert owner_desk.user("Ana").active and owner() == "Ana"


def record(desk: RightsDesk, entity: str, name: str) -> Any:
    with desk.database.read() as connection:
        return records.get_record(desk.database, connection, entity, desk.ids[name])


def test_nobody_may_get_the_records_and_they_come_back(owner_desk: RightsDesk) -> None:
    people = owner_desk.tab()
    choose(people, "Ana")

    def nobody(dialog: Any) -> bool:
        dialog.to.set_value(0)
        dialog.to.edited.emit()
        assert dialog.receiver() is None and dialog.ok.text() == "Disable"
        return True

    dialogs.answers.give(nobody)
    people.disable_person()
    settle()
    assert not owner_desk.user("Ana").active
    assert str(record(owner_desk, "contact", "Marina").values["owner_id"]) == "Ana"
    choose(people, "Ana")
    people.panel.reactivate.click()
    settle()
    assert owner_desk.user("Ana").active


def test_one_person_alone_sees_one_button(owner_desk: RightsDesk) -> None:
    owner_desk.elsewhere(lambda uow: uow.delete_where("user", uow.table("user").c.name != "Olga"))
    people = owner_desk.tab()
    assert people.state.state() == "empty" and people.empty.button.text() == "Add a colleague"
    assert people.side.isHidden()


def test_members_are_ticked(owner_desk: RightsDesk) -> None:
    teams = owner_desk.tab("teams")
    assert teams.name.text() == "Sul"
    row = next(n for n, line in enumerate(teams.members.lines()) if line.title == "Zoe")
    assert teams.members.lines()[row].checked is False
    teams.members.setCurrentIndex(teams.members.model().index(row, 0))
    QTest.keyClick(teams.members, Qt.Key.Key_Space)
    settle()
    assert owner_desk.user("Zoe").team == "Sul" and owner_desk.user("Ana").team == "Sul"
    teams.name.setText("Região Sul")
    teams.name.editingFinished.emit()
    settle()
    assert [line.title for line in teams.list.lines()] == ["Região Sul"]


def test_the_matrix_is_worked_with_the_keyboard(owner_desk: RightsDesk) -> None:
    section = owner_desk.tab("roles")
    section.show_role("sales")
    matrix = section.matrix
    matrix.setFocus()
    row = next(n for n, one in enumerate(matrix.model_.entities) if one.name == "deal")
    matrix.setCurrentIndex(matrix.model_.index(row, 1))
    cell = matrix.currentIndex()
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Deals, See: Team"
    QTest.keyClick(matrix, Qt.Key.Key_A)  # all
    settle()
    assert scope(owner_desk, "sales", "deal", "read") == "all"
    cell = matrix.model_.index(row, 1)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Deals, See: All (changed by the office; it was: Team)"
    )  # fmt: skip
    assert section.reset.isEnabled()
    QTest.keyClick(matrix, Qt.Key.Key_Delete)  # the default again
    settle()
    assert scope(owner_desk, "sales", "deal", "read") == "team" and not section.reset.isEnabled()
    QTest.keyClick(matrix, Qt.Key.Key_Right)
    QTest.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.currentIndex().column() == 3
    QTest.keyClick(matrix, Qt.Key.Key_Space)  # own, then team: the next wider one
    settle()
    assert scope(owner_desk, "sales", "deal", "edit") == "team"
    QTest.keyClick(matrix, Qt.Key.Key_Left)
    QTest.keyClick(matrix, Qt.Key.Key_Left)
    QTest.keyClick(matrix, Qt.Key.Key_Left)
    assert matrix.currentIndex().column() == 1  # the names of the types are no cells


def test_what_one_may_change_one_must_see(owner_desk: RightsDesk) -> None:
    section = owner_desk.tab("roles")
    section.show_role("service")
    section.set_right("deal", "edit", "all")
    settle()
    assert scope(owner_desk, "service", "deal", "edit") == "all" == scope(owner_desk, "service", "deal", "read")
    section.reset_role()
    settle()
    assert scope(owner_desk, "service", "deal", "edit") == "none"


def test_a_cell_has_a_menu_of_its_scopes(owner_desk: RightsDesk) -> None:
    section = owner_desk.tab("roles")
    section.show_role("readonly")
    matrix = section.matrix
    menu = matrix.menu(matrix.model_.index(0, 3))
    assert menu.actions()[0].text().startswith("All –") and menu.actions()[3].isChecked()
    menu.actions()[2].trigger()  # own
    settle()
    assert scope(owner_desk, "readonly", matrix.model_.entities[0].name, "edit") == "own"
    assert matrix.menu(matrix.model_.index(0, 3)).actions()[-1].text() == "Default: None"


def test_powers_and_roles_of_the_office(owner_desk: RightsDesk) -> None:
    section = owner_desk.tab("roles")
    section.show_role("sales")
    QTest.mouseClick(section.powers.switches["import"], Qt.MouseButton.LeftButton)
    settle()
    assert scope(owner_desk, "sales", "", "import") == "all"
    dialogs.answers.give("Estágio")
    section.copy.click()
    settle()
    assert section.role is not None and section.role.own and section.title.text() == "Estágio"
    assert scope(owner_desk, "estagio", "", "import") == "all"
    assert section.reset.isHidden() and not section.delete.isHidden()
    section.delete.click()
    settle()
    with owner_desk.database.read() as connection:
        assert "estagio" not in {one.key for one in roles.roles(connection)}
    section.show_role("owner")
    assert not section.leads.isHidden() and not section.powers.switches["import"].isEnabled()
    before = section.matrix.model_.scope(section.matrix.model_.index(0, 1))
    QTest.keyClick(section.matrix, Qt.Key.Key_N)
    settle()
    assert section.matrix.model_.scope(section.matrix.model_.index(0, 1)) == before == "all"


def test_what_somebody_may_do_in_sentences(owner_desk: RightsDesk) -> None:
    people = owner_desk.tab()
    choose(people, "Ana")
    owner_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "case", "create", "none"))
    people.panel.rights.click()
    settle()
    tab = owner_desk.window.current_page.stack.currentWidget()  # type: ignore[union-attr]
    section = tab.section("effective")
    assert section.name.text() == "Ana" and tab.stack.currentWidget() is section
    texts = [one.text() for one in section.findChildren(type(section.why))]
    assert "Sees all cases, changes own ones." in texts
    assert "Changed by your office: Add (was: All)" in texts
    assert not section.matrix.model_.editable


def test_others_see_their_own_rights_only(sales_desk: RightsDesk) -> None:
    page = sales_desk.open("settings", tab="people")
    tab = page.stack.currentWidget()
    assert tab.sections.isHidden() and list(tab._made) == ["effective"]
    section = tab.section("effective")
    assert section.name.text() == "Ana" and section.person.isHidden()
    words = [page.tabs.tabText(n) for n in range(page.tabs.count())]
    assert "My rights" in words and not {"Office", "Pipelines", "Duplicates", "Fields and forms"} & set(words)


def test_last_seen_comes_from_what_somebody_changed(owner_desk: RightsDesk) -> None:
    with owner_desk.database.read() as connection:
        assert queries.last_active(connection) == {}
    owner_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "deal", "read", "all"))
    with owner_desk.database.read() as connection:
        assert set(queries.last_active(connection)) == {owner_desk.people["Olga"]}
