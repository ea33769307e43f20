"""The window offers what whoever is signed in may do, says why where they may not, and follows changes at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from crm_desktop.calendar import service as calendar
from crm_desktop.core import clock
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service as records
from crm_desktop.security import roles, service
from tests.helpers.rights_desk import RightsDesk
from tests.helpers.windows import settle
from ui.framework import dialogs
from ui.framework.may import can, may, why_not
from ui.records.export_run import may_export_everything
from ui.security.who_sees import WhoSeesDialog
from ui.widgets.toast import Toast


def toast(desk: RightsDesk) -> str:
    return " ".join(one.text.text() for one in desk.window.findChildren(Toast) if one.isVisible())


def entries(menu: QMenu) -> list[str]:
    return [one.text().partition("\t")[0] for one in menu.actions() if one.text()]


def show(desk: RightsDesk, entity: str, page: str, name: str) -> Any:
    shown = desk.open(page, record_id=desk.ids[name])
    settle()
    return shown


def test_pages_that_one_may_not_see_are_not_in_the_rail(
    sales_desk: RightsDesk,
) -> None:
    rail = sales_desk.window.rail
    assert {"contacts", "pipeline", "cases", "settings"} <= set(rail.offered())
    assert not {"import", "backup"} & set(rail.offered())
    assert not {"import", "backup"} & {one.name for one in sales_desk.window.palette_pages()}
    sales_desk.open("contacts")
    sales_desk.window.open_page("import")
    assert sales_desk.window.page_name == "contacts" and "may not import" in toast(sales_desk)


def test_the_owner_sees_everything(owner_desk: RightsDesk) -> None:
    assert {"import", "backup", "deleted", "quality"} <= set(owner_desk.window.rail.offered())
    assert may_export_everything(owner_desk.office)
    page = show(owner_desk, "contact", "contacts", "Otávio")
    assert page.card.rights.line.isHidden() and page.bulk.delete.isEnabled()
    assert {"Edit all fields…", "Who can see this?", "Delete"} <= set(entries(page.card.buttons.menu()))


def test_a_reader_is_offered_nothing_that_writes(reader_desk: RightsDesk) -> None:
    window = reader_desk.window
    assert not window.top.new.main.isEnabled() and "not add anything" in window.top.new.main.toolTip()
    page = show(reader_desk, "contact", "contacts", "Marina")
    card = page.card
    assert not card.rights.line.isHidden() and not any(one.fact.editable for one in card.facts._cells.values())
    offered = entries(card.buttons.menu())
    assert not {"Edit all fields…", "Attach files…", "Delete", "Merge with…"} & set(offered)
    assert "Who can see this?" in offered
    assert all(button.isHidden() for button, _action in card.buttons._buttons)
    page.model.check_all(True)
    settle()
    for button in (page.bulk.edit, page.bulk.assign, page.bulk.tag, page.bulk.export, page.bulk.delete):
        assert not button.isEnabled() and "Your role may not" in button.toolTip()
    assert not page.bulk_form.save_button.isEnabled()
    row = page.model.row_of(reader_desk.ids["Marina"])
    page.table.setCurrentIndex(page.model.index(row, 1))
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    assert "may not change" in toast(reader_desk)
    window.create_record("contact")
    assert "may not add" in toast(reader_desk)


def test_own_and_other_records_of_sales(sales_desk: RightsDesk) -> None:
    page = show(sales_desk, "contact", "contacts", "Marina")
    assert page.card.rights.line.isHidden() and not page.card.rights.locked
    mine = page.model.row_of(sales_desk.ids["Marina"])
    other = page.model.row_of(sales_desk.ids["Otávio"])
    assert page.model.may_edit(mine) and not page.model.may_edit(other)
    flags = page.model.flags(page.model.index(other, 1))
    assert not flags & Qt.ItemFlag.ItemIsEditable
    page = show(sales_desk, "contact", "contacts", "Otávio")
    settle()
    assert (
        page.card.rights.locked
        and page.card.rights.line.text.text() == "Only Zoe and Olga may change this."
        or ("Zoe" in page.card.rights.line.text.text() and "Olga" in page.card.rights.line.text.text())
    )
    page.card.edit()
    assert "belongs to another team" in toast(sales_desk)
    page.card.delete()
    assert "only your own contacts" in toast(sales_desk)
    assert not any(one.fact.editable for one in page.card.facts._cells.values())


def test_cards_of_others_stay_where_they_are_on_the_board(sales_desk: RightsDesk) -> None:
    sales_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "deal", "read", "all"))
    page = sales_desk.open("pipeline")
    board = page.board.board
    column, row = board.where_is(sales_desk.ids["Câmara fria"])
    column.view.choose_row(row)
    theirs = column.view.current_card()
    assert not column.view.movable(theirs) and column.view.movable(_card(board, sales_desk.ids["Forno"]))
    board.choose_deal(theirs.id, focus=True)
    page.move_on()
    settle()
    assert board.where_is(theirs.id)[0].stage.id == theirs.stage_id
    assert "only your own deals" in toast(sales_desk)
    board.choose_deal(sales_desk.ids["Forno"], focus=True)
    before = _card(board, sales_desk.ids["Forno"]).stage_id
    page.move_on()
    settle()
    assert _card(board, sales_desk.ids["Forno"]).stage_id != before


def _card(board: Any, deal_id: int) -> Any:
    column, row = board.where_is(deal_id)
    return column.view.cards.card_at(row)


def test_what_one_made_and_nobody_owns_is_ones_own_on_board_and_calendar(sales_desk: RightsDesk) -> None:
    ana = Actor(sales_desk.people["Ana"], "Ana", "here")
    with write(sales_desk.database, "Own", actor=ana) as uow:
        stage = uow.connection.execute(
            sa.select(uow.table("stage").c.id).order_by(uow.table("stage").c.position)
        ).scalar()
        deal = records.create_record(uow, "deal", {"name": "Nobody's", "stage_id": stage, "owner_id": None})
        start = clock.now().astimezone(clock.local_zone()).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        visit = {"kind": "meeting", "subject": "Visit", "starts": start, "ends": start + timedelta(minutes=30)}
        activity = calendar.plan_activity(uow, {**visit, "owner_id": None})
    board = sales_desk.open("pipeline", mode="board").board.board
    column, _row = board.where_is(deal)
    assert column.view.movable(_card(board, deal))
    page = sales_desk.open("calendar", mode="week")
    assert next(one for one in page._items if one.key[0] == activity).editable


def test_a_case_of_somebody_else_is_read_only(sales_desk: RightsDesk) -> None:
    page = show(sales_desk, "case", "cases", "Vazamento")
    card = page.card
    assert card.lock.isHidden() and card._written.isVisible()
    card.set_case(sales_desk.ids["Ruído"])
    settle()
    assert not card.lock.isHidden() and not card._written.isVisible()
    assert not card.header.status.isEnabled() and card.header.solve.isHidden()
    assert "Edit all fields…" not in entries(card.menu())


def test_changed_rights_are_followed_at_once(sales_desk: RightsDesk) -> None:
    window, office = sales_desk.window, sales_desk.office
    page = show(sales_desk, "contact", "contacts", "Otávio")
    assert page.card.rights.locked and not can(office, "import")
    sales_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "contact", "edit", "all"))
    settle()
    assert may(office, "contact", "edit") and not page.card.rights.locked and page.card.rights.line.isHidden()
    sales_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "", "import", "all"))
    assert "import" in window.rail.offered()
    tabs = page.card.tabs
    assert "Deals" in [tabs.tabText(n) for n in range(tabs.count())]
    sales_desk.open("pipeline")
    sales_desk.elsewhere(lambda uow: roles.set_right(uow, "sales", "deal", "read", "none"))
    settle()
    assert "Deals" not in [tabs.tabText(n) for n in range(tabs.count())]
    assert "pipeline" not in window.rail.offered() and window.page_name == "today"


def test_another_role_opens_what_belongs_to_it(sales_desk: RightsDesk) -> None:
    page = sales_desk.open("settings")
    assert page.tabs.count() < 5
    sales_desk.elsewhere(lambda uow: service.update_user(uow, sales_desk.people["Ana"], role="admin"))
    settle()
    words = [page.tabs.tabText(n) for n in range(page.tabs.count())]
    assert {"Office", "People and rights", "Fields and forms"} <= set(words)
    assert "backup" in sales_desk.window.rail.offered()


def test_who_can_see_a_record_and_why(sales_desk: RightsDesk) -> None:
    page = show(sales_desk, "contact", "contacts", "Otávio")
    seen: list[WhoSeesDialog] = []

    def look(dialog: WhoSeesDialog) -> bool:
        settle()
        seen.append(dialog)
        assert dialog.rows[0] == ("Zoe", "sees, changes, deletes", "It is theirs")
        rows = {name: (may_do, why) for name, may_do, why in dialog.rows}
        assert rows["Olga"] == ("sees, changes, deletes", "Office owner: sees everything")
        assert rows["Ana"] == ("only sees", "Sales: sees all of them")
        assert "4 of 4 people see it. It belongs to Zoe." in dialog.summary.text()
        return True

    dialogs.answers.give(look)
    page.show_sight()
    assert seen
    commands = {one.id for one in sales_desk.window._palette_commands() if one.visible}
    assert "list.who_sees" in commands and "list.export" in commands


def test_why_something_is_refused(reader_desk: RightsDesk) -> None:
    office = reader_desk.office
    assert why_not(office, "contact", "read") == ""
    assert why_not(office, "contact", "edit") == "Your role may not change contacts."
    assert why_not(office, "", "backup") == "Your role may not make or restore backups."
    assert not may_export_everything(office)


def offered(desk: RightsDesk) -> set[str]:
    return {one.text for one in desk.window._palette_commands() if one.visible and one.enabled}


def test_the_search_leads_to_people_and_rights(owner_desk: RightsDesk) -> None:
    assert "People and rights" in offered(owner_desk) and "My rights" not in offered(owner_desk)
    owner_desk.window.show_people()
    settle()
    assert owner_desk.window.page_name == "settings"


def test_the_search_leads_to_ones_own_rights(sales_desk: RightsDesk) -> None:
    assert "My rights" in offered(sales_desk) and "People and rights" not in offered(sales_desk)
