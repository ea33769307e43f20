"""The board on a real database: what it shows, and what keys, mouse and forms do to deals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from crm_desktop.core.filters import where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries as records
from crm_desktop.records import service
from ui.framework import dialogs, tasks
from ui.framework.commands import find_command
from ui.framework.office import Office
from ui.sales.column import Column
from ui.sales.column_model import CARD
from ui.sales.deal_dialogs import LoseDialog, PipelineDialog, PostponeDialog
from ui.sales.pipeline_page import PipelinePage
from ui.widgets.toast import Toast

Ids = dict[str, int]


def values(office: Office, deal_id: int) -> dict[str, Any]:
    """A deal as the database has it."""
    with office.database.read() as connection:
        return dict(records.get_record(office.database, connection, "deal", deal_id).values)


def stage_of(office: Office, deal_id: int) -> str:
    return str(values(office, deal_id)["stage_id"])


def column(page: PipelinePage, name: str) -> Column:
    return next(one for one in page.board.board.columns if one.stage.name == name)


def names(page: PipelinePage, stage: str) -> list[str]:
    return [card.name for card in column(page, stage).view.cards.cards]


def settle(qtbot: QtBot, page: PipelinePage) -> None:
    """Wait until everything is written and the board was read again."""
    for _round in range(4):
        assert tasks.wait_idle(5)
        qtbot.wait(50)
    assert tasks.wait_idle(5)


def choose(page: PipelinePage, deal_id: int) -> QWidget:
    """Make a card current and give its column the keys."""
    assert page.board.board.choose_deal(deal_id, focus=True)
    view = page.board.board.current_column()
    assert view is not None
    view.view.setFocus()
    return view.view


def press(page: PipelinePage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget() or page
    QTest.keyClick(focus, key, modifier)


def toast(page: PipelinePage) -> str:
    found = page.window().findChildren(Toast, "toast", Qt.FindChildOption.FindDirectChildrenOnly)
    return found[-1].text.text() if found else ""


def test_columns_show_their_deals_and_sums(page: PipelinePage) -> None:
    assert [one.stage.name for one in page.board.board.columns] == [
        "Qualification", "Needs analysis", "Proposal", "Negotiation", "Closing",
    ]  # fmt: skip
    assert names(page, "Qualification") == ["Cold room", "Freezers"]
    assert names(page, "Closing") == []
    assert column(page, "Qualification").header.words() == "Qualification, 2 deals, R$77,600"
    assert page.totals.count.text() == "6 open"
    assert page.totals.total.text() == "R$509,400"
    assert page.navigator.shown == "6 deals"  # type: ignore[attr-defined]


def test_a_card_says_what_matters_to_a_screen_reader(page: PipelinePage) -> None:
    model = column(page, "Qualification").view.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0, 0).data(role).replace("\u00a0", " ") == (
        "Cold room, Hotel Pedra do Lume, R$64,000, closes 4/30/2026, today, 4:00 PM, Helena Prates"
    )
    assert "No next step" in model.index(1, 0).data(role)
    stalled = column(page, "Needs analysis").view.model()
    assert "stalled for 39 days" in stalled.index(1, 0).data(role)


def test_arrows_go_across_cards_and_columns(page: PipelinePage, ids: Ids) -> None:
    choose(page, ids["Cold room"])
    press(page, Qt.Key.Key_Down)
    assert current(page) == "Freezers"
    press(page, Qt.Key.Key_Right)
    assert current(page) == "Tunnel"
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_Right)
    assert current(page) == "Central air"
    press(page, Qt.Key.Key_Right)
    assert current(page) == "Central air", "a column without cards cannot be entered"
    press(page, Qt.Key.Key_Left)
    assert current(page) == "Splits"


def current(page: PipelinePage) -> str:
    card = page.board.board.current_card()
    assert card is not None
    return card.name


def test_alt_arrow_moves_to_the_next_stage_and_undo_returns_it(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot
) -> None:
    choose(page, ids["Cold room"])
    press(page, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(page, "Needs analysis")[0] == "Cold room", "the card moves at once"
    settle(qtbot, page)
    assert stage_of(office, ids["Cold room"]) == "Needs analysis"
    assert names(page, "Needs analysis") == ["Cold room", "Chillers", "Tunnel"]
    assert current(page) == "Cold room"
    assert "Cold room" in toast(page)
    page.window().findChildren(Toast, "toast")[-1].button.click()
    settle(qtbot, page)
    assert stage_of(office, ids["Cold room"]) == "Qualification"
    assert names(page, "Qualification") == ["Cold room", "Freezers"]
    assert current(page) == "Cold room", "the selection follows the deal"


def test_two_quick_moves_both_arrive(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    choose(page, ids["Cold room"])
    press(page, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    press(page, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, page)
    assert stage_of(office, ids["Cold room"]) == "Proposal"
    assert names(page, "Proposal") == ["Cold room", "Splits"]


def test_alt_up_and_down_change_the_order(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    choose(page, ids["Cold room"])
    press(page, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, page)
    assert names(page, "Qualification") == ["Freezers", "Cold room"]
    press(page, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, page)
    assert names(page, "Qualification") == ["Cold room", "Freezers"]


def test_w_wins_and_undo_brings_the_card_back(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot, window: Any
) -> None:
    choose(page, ids["Splits"])
    press(page, Qt.Key.Key_W)
    settle(qtbot, page)
    assert values(office, ids["Splits"])["status"] == "won"
    assert values(office, ids["Splits"])["closed_on"] == date(2026, 3, 12)
    assert names(page, "Proposal") == []
    window.undo()
    settle(qtbot, page)
    assert names(page, "Proposal") == ["Splits"]


def test_l_asks_why_and_marks_as_lost(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    def answer(dialog: LoseDialog) -> bool:
        dialog.finish()
        assert not dialog.problem.isHidden(), "a reason is needed"
        dialog.reasons["competitor"].click()
        dialog.rival.setText("Polar Frio")
        return True

    dialogs.answers.give(answer)
    choose(page, ids["Splits"])
    press(page, Qt.Key.Key_L)
    settle(qtbot, page)
    deal = values(office, ids["Splits"])
    assert (deal["status"], deal["lost_reason"], deal["competitor"]) == ("lost", "competitor", "Polar Frio")
    assert names(page, "Proposal") == []


def test_escape_of_the_question_changes_nothing(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    dialogs.answers.give(False)
    choose(page, ids["Splits"])
    press(page, Qt.Key.Key_L)
    settle(qtbot, page)
    assert values(office, ids["Splits"])["status"] == "open"
    assert names(page, "Proposal") == ["Splits"]


def test_a_deal_can_be_postponed_and_then_is_not_stalled(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    def answer(dialog: PostponeDialog) -> bool:
        dialog.take(date(2026, 4, 1))
        return True

    dialogs.answers.give(answer)
    choose(page, ids["Tunnel"])
    page.postpone()
    settle(qtbot, page)
    card = next(one for one in column(page, "Needs analysis").view.cards.cards if one.name == "Tunnel")
    assert card.stalled_days is None
    assert card.next is not None and card.next.on == date(2026, 4, 1)


def test_a_deal_can_go_to_another_pipeline(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    def answer(dialog: PipelineDialog) -> bool:
        dialog.pipeline.set_value(ids["other pipeline"])
        dialog.pipeline.edited.emit()
        assert dialog.stage().name == "Proposal", "the stage of the same name is offered first"
        return True

    dialogs.answers.give(answer)
    card = column(page, "Proposal").view.cards.cards[0]
    page.board.close_deal(card, "elsewhere")
    settle(qtbot, page)
    assert str(values(office, ids["Splits"])["pipeline_id"]) == "Contracts"
    assert names(page, "Proposal") == []


def test_enter_opens_the_deal_beside_the_board_and_escape_closes_it(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    choose(page, ids["Splits"])
    press(page, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert page.board.card_shown
    assert page.board.card is not None and page.board.card.record is not None
    assert page.board.card.record.title == "Splits"
    choose(page, ids["Freezers"])
    settle(qtbot, page)
    assert page.board.card.record.title == "Freezers", "the card follows the board"
    press(page, Qt.Key.Key_Escape)
    assert not page.board.card_shown


def test_quick_add_makes_deal_and_company(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    choose(page, ids["Splits"])
    press(page, Qt.Key.Key_N)
    form = column(page, "Proposal").form
    assert form is not None and form.name.hasFocus()
    qtbot.keyClicks(form.name, "Vaccine room")
    press(page, Qt.Key.Key_Return)
    qtbot.keyClicks(form.company, "Vereda Clinic")
    form.amount.setFocus()
    qtbot.keyClicks(form.amount, "22,900")
    press(page, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert names(page, "Proposal") == ["Vaccine room", "Splits"]
    card = column(page, "Proposal").view.cards.cards[0]
    assert (card.company, card.amount, card.owner) == ("Vereda Clinic", Decimal(22900), "Helena Prates")
    assert form.name.text() == "" and form.isVisible(), "ready for the next one"
    press(page, Qt.Key.Key_Escape)
    assert not column(page, "Proposal").adding


def test_quick_add_takes_a_known_company_by_name(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    page.board.add_here()
    form = column(page, "Qualification").form
    assert form is not None
    form.submit()
    assert not form.problem.isHidden()
    qtbot.keyClicks(form.name, "Spare parts")
    qtbot.keyClicks(form.company, "hotel pedra do lume")
    form.submit()
    settle(qtbot, page)
    assert column(page, "Qualification").view.cards.cards[0].company_id == ids["Hotel Pedra do Lume"]


def test_filters_narrow_the_board(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    filters = page.board.filters
    filters.stalled.click()
    settle(qtbot, page)
    assert page.totals.count.text() == "1 open"
    assert names(page, "Needs analysis") == ["Tunnel"]
    filters.stalled.click()
    filters.owner_menu().actions()[1].trigger()
    settle(qtbot, page)
    assert filters.owner.text() == "Owner: me"
    assert names(page, "Qualification") == ["Cold room"]
    filters.owner.removed.emit()
    filters.period_menu().actions()[1].trigger()
    settle(qtbot, page)
    assert names(page, "Qualification") == ["Freezers"], "its closing day has passed"
    filters.closes.removed.emit()
    filters.add_condition(where("amount", "gt", "100000"))
    settle(qtbot, page)
    assert page.totals.count.text() == "2 open"


def test_a_filter_without_hits_offers_to_show_all(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    page.board.filters.add_condition(where("amount", "gt", "9000000"))
    settle(qtbot, page)
    assert page.board.state.state() == "empty"
    assert page.board.empty.title.text() == "No deal matches"
    page.board.empty.button.click()
    settle(qtbot, page)
    assert page.board.state.state() == "full"


def test_counts_on_the_chips(page: PipelinePage) -> None:
    assert page.board.filters.stalled.accessibleName() == "Stalled: 1"
    assert page.board.filters.without.accessibleName() == "Without next step: 5"


def test_changes_of_others_appear_without_losing_the_selection(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot
) -> None:
    choose(page, ids["Freezers"])
    with write(office.database, "Elsewhere") as uow:
        service.update_record(uow, "deal", ids["Cold room"], {"stage_id": ids["Closing"]})
    settle(qtbot, page)
    assert names(page, "Closing") == ["Cold room"]
    assert current(page) == "Freezers"
    assert column(page, "Qualification").view.hasFocus()


def test_a_long_column_loads_as_it_is_scrolled(page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot) -> None:
    with write(office.database, "Many") as uow:
        for number in range(120):
            service.create_record(uow, "deal", {"name": f"Deal {number}", "stage_id": ids["Closing"], "amount": 10})
    settle(qtbot, page)
    view = column(page, "Closing").view
    assert view.cards.total == 120
    assert len(view.cards.cards) < 120

    def scrolled() -> bool:
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        tasks.wait_idle(5)
        return len(view.cards.cards) == 120

    qtbot.waitUntil(scrolled, timeout=5000)
    assert len({card.id for card in view.cards.cards}) == 120


def test_the_model_is_sound(page: PipelinePage, ids: Ids) -> None:
    model = column(page, "Qualification").view.cards
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    first, second = model.cards
    model.set_slot(1)
    assert model.index(1).data(CARD) is None
    assert model.card_at(2) == second
    model.set_slot(2)
    model.set_cards([second, first], 2)
    assert [model.index(row).data(CARD).name for row in range(2)] == ["Freezers", "Cold room"]
    model.take(first.id)
    model.put(first, 0)
    assert isinstance(model, QAbstractItemModel)


# -- the mouse ---------------------------------------------------------------------------------------------------------


class Hand:
    """Drags a card with the mouse. The window system's part of it, which no test platform has, is played here.

    ``steps`` are (widget, spot) to go over; the card is let go on the last one, after ``look`` was called.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: Callable[[], list[tuple[QWidget, QPoint]]] = list
        self.look: Callable[[], None] = lambda: None
        self.pictures: list[tuple[int, int]] = []
        monkeypatch.setattr(QDrag, "exec", lambda drag, *_actions: self._fly(drag))

    def drag(self, view: QWidget, spot: QPoint) -> None:
        """Press on a spot and move until the drag begins."""
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        for distance in (4, 12, 20, 28):
            QTest.mouseMove(view, spot + QPoint(distance, 0))

    def _fly(self, drag: QDrag) -> Qt.DropAction:
        self.pictures.append((drag.pixmap().width(), drag.pixmap().height()))
        move, data, left, none = (
            Qt.DropAction.MoveAction, drag.mimeData(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.processEvents()
        over: QWidget | None = None
        for widget, spot in self.steps():
            if widget is not over:
                if over is not None:
                    QApplication.sendEvent(over, QDragLeaveEvent())
                QApplication.sendEvent(widget, QDragEnterEvent(spot, move, data, left, none))
                over = widget
            QApplication.sendEvent(widget, QDragMoveEvent(spot, move, data, left, none))
            QApplication.processEvents()
        self.look()
        if over is not None:
            QApplication.sendEvent(over, QDropEvent(spot, move, data, left, none))
        return move


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def card_spot(column: Column, row: int, y: int) -> QPoint:
    """A spot of a card, seen from its column."""
    rect = column.view.visualRect(column.view.model().index(row, 0))
    return column.view.viewport().mapTo(column, QPoint(rect.center().x(), rect.top() + y))


def test_a_card_is_dragged_to_a_place_in_another_column(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot, hand: Hand
) -> None:
    source, target = column(page, "Proposal"), column(page, "Qualification")
    seen: dict[str, Any] = {}

    def look() -> None:
        seen["plus"] = target.header.plus
        seen["slot"] = target.view.cards.slot
        seen["strip"] = page.board.board.strip.isVisible()
        seen["ghost"] = source.view.cards.ghost

    hand.steps = lambda: [
        (source, QPoint(30, 200)),
        (target, card_spot(target, 0, 90)),
        (target, card_spot(target, 1, 10)),
    ]
    hand.look = look
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    assert seen["plus"] is not None and seen["plus"].name == "Splits"
    assert (seen["slot"], seen["strip"], seen["ghost"]) == (1, True, ids["Splits"])
    assert hand.pictures[0][0] > source.view.viewport().width() - 16, "the turned card with its shadow"
    settle(qtbot, page)
    assert not page.board.board.strip.isVisible()
    assert names(page, "Qualification") == ["Cold room", "Splits", "Freezers"]
    assert stage_of(office, ids["Splits"]) == "Qualification"
    assert current(page) == "Splits"


@pytest.mark.parametrize("zone", ["won", "lost"])
def test_a_card_is_dropped_on_the_strip(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot, hand: Hand, zone: str
) -> None:
    def answer(dialog: LoseDialog) -> bool:
        dialog.choose("price")
        return True

    if zone == "lost":
        dialogs.answers.give(answer)
    source = column(page, "Proposal")
    hand.steps = lambda: [(source, QPoint(30, 300)), (page.board.board.strip.zones[zone], QPoint(20, 20))]
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    settle(qtbot, page)
    assert values(office, ids["Splits"])["status"] == zone
    assert names(page, "Proposal") == []


def test_dropping_a_card_where_it_was_changes_nothing(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot, hand: Hand
) -> None:
    before = values(office, ids["Splits"])["position"]
    source = column(page, "Proposal")
    hand.steps = lambda: [(source, card_spot(source, 0, 100))]
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    settle(qtbot, page)
    assert values(office, ids["Splits"])["position"] == before
    assert names(page, "Proposal") == ["Splits"]


def test_nothing_is_read_while_a_card_is_in_the_air(
    page: PipelinePage, office: Office, ids: Ids, qtbot: QtBot, hand: Hand
) -> None:
    source, target = column(page, "Proposal"), column(page, "Closing")

    def look() -> None:
        with write(office.database, "Elsewhere") as uow:
            service.update_record(uow, "deal", ids["Freezers"], {"stage_id": ids["Closing"]})
        settle(qtbot, page)
        assert target.view.cards.slot == 0
        assert names(page, "Closing") == []

    hand.steps = lambda: [(target, QPoint(40, 200))]
    hand.look = look
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    settle(qtbot, page)
    assert sorted(names(page, "Closing")) == ["Freezers", "Splits"]


# -- the whole page ----------------------------------------------------------------------------------------------------


def test_every_control_has_a_name(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    page.board.open_deal(ids["Splits"])
    page.board.add_here()
    settle(qtbot, page)
    nameless = [
        f"{type(one).__name__} {one.objectName()}"
        for one in page.findChildren(QWidget)
        if isinstance(one, QAbstractButton | QLineEdit) and one.isVisible()
        if not (one.accessibleName() or getattr(one, "text", str)())
        if not one.objectName().startswith(("qt_", "Scroll")) and not isinstance(one.parent(), QTabBar | QLineEdit)
    ]
    assert nameless == []
    assert column(page, "Proposal").view.accessibleName() == "Proposal, 1 deal, R$54,300"


def test_the_list_shows_the_same_deals_with_their_sum(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    page.set_mode("list")
    settle(qtbot, page)
    assert page.list is not None
    assert len(page.list.model.ids) == 6
    assert page.totals.count.text() == "6 deals"
    assert page.totals.total.text() == "R$509,400"
    page.set_pipeline(ids["other pipeline"])
    settle(qtbot, page)
    assert len(page.list.model.ids) == 0


def test_a_record_opened_from_elsewhere_stands_beside_the_list(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    page.activated(record_id=ids["Tunnel"])
    settle(qtbot, page)
    assert page.mode == "list" and page.list is not None
    assert page.list.card.record is not None and page.list.card.record.title == "Tunnel"


def test_the_forecast_leads_to_the_deals_of_a_month(page: PipelinePage, ids: Ids, qtbot: QtBot) -> None:
    page.set_mode("forecast")
    settle(qtbot, page)
    assert page.forecast is not None
    april = page.forecast.rows[1]
    assert april.title() == "April 2026"
    assert april.month.open.count == 3
    QTest.mouseClick(april, Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert page.mode == "list" and page.list is not None
    assert sorted(page.list.model.ids) == sorted(ids[name] for name in ("Cold room", "Splits", "Central air"))


def test_an_empty_pipeline_says_what_it_is_for(page: PipelinePage, ids: Ids, qtbot: QtBot, window: Any) -> None:
    page.set_pipeline(ids["other pipeline"])
    settle(qtbot, page)
    assert page.board.state.state() == "empty"
    page.board.empty.button.click()
    assert window.created[-1][0] == "deal"
    page.board.empty.second.click()
    assert page.board.state.state() == "full"


@pytest.mark.logs_errors("background work failed")
def test_a_broken_read_says_so_and_can_be_tried_again(
    page: PipelinePage, office: Office, sqlite_database: Database, qtbot: QtBot
) -> None:
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE deal RENAME TO deal_away")
    page.board.reload()
    settle(qtbot, page)
    assert page.board.state.state() == "error"
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE deal_away RENAME TO deal")
    page.board.state.error.button.click()
    settle(qtbot, page)
    assert page.board.state.state() == "full"


def test_commands_follow_the_selection(page: PipelinePage, ids: Ids) -> None:
    choose(page, ids["Splits"])
    assert find_command(page, "pipeline.win").enabled
    page.mode = "list"
    assert not find_command(page, "pipeline.win").enabled
