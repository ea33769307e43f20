"""The board on a real database: what it shows, and what keys, mouse and forms do to deals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from crm_desktop.sales.service import move_deal
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.records.conflict import ConflictDialog
from ui.sales.column_model import CARD
from ui.sales.deal_dialogs import LoseDialog, PipelineDialog, PostponeDialog
from ui.sales.pipeline_page import PipelinePage

Ids = dict[str, int]


def test_columns_show_their_deals_and_sums(page: PipelinePage, desk: Any) -> None:
    assert [one.stage.name for one in page.board.board.columns] == [
        "Qualification", "Needs analysis", "Proposal", "Negotiation", "Closing",
    ]  # fmt: skip
    assert desk.names("Qualification") == ["Cold room", "Freezers"]
    assert desk.names("Closing") == []
    assert desk.column("Qualification").header.words() == "Qualification, 2 deals, R$77,600"
    assert page.totals.count.text() == "6 open"
    assert page.totals.total.text() == "R$509,400"
    assert page.navigator.shown == "6 deals"  # type: ignore[attr-defined]


def test_a_card_says_what_matters_to_a_screen_reader(desk: Any) -> None:
    model = desk.column("Qualification").view.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0, 0).data(role).replace("\u00a0", " ") == (
        "Cold room, Hotel Pedra do Lume, R$64,000, closes 4/30/2026, today, 4:00 PM, Helena Prates"
    )
    assert "No next step" in model.index(1, 0).data(role)
    stalled = desk.column("Needs analysis").view.model()
    assert "stalled for 39 days" in stalled.index(1, 0).data(role)


def test_arrows_go_across_cards_and_columns(ids: Ids, desk: Any) -> None:
    desk.choose(ids["Cold room"])
    desk.press(Qt.Key.Key_Down)
    assert desk.current() == "Freezers"
    desk.press(Qt.Key.Key_Right)
    assert desk.current() == "Tunnel"
    desk.press(Qt.Key.Key_Right)
    desk.press(Qt.Key.Key_Right)
    assert desk.current() == "Central air"
    desk.press(Qt.Key.Key_Right)
    assert desk.current() == "Central air", "a column without cards cannot be entered"
    desk.press(Qt.Key.Key_Left)
    assert desk.current() == "Splits"


def test_alt_arrow_moves_to_the_next_stage_and_undo_returns_it(page: PipelinePage, ids: Ids, desk: Any) -> None:
    desk.choose(ids["Cold room"])
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert desk.names("Needs analysis")[0] == "Cold room", "the card moves at once"
    desk.settle()
    assert desk.stage_of(ids["Cold room"]) == "Needs analysis"
    assert desk.names("Needs analysis") == ["Cold room", "Chillers", "Tunnel"]
    assert desk.current() == "Cold room"
    assert "Cold room" in desk.toast().text.text()
    desk.toast().button.click()
    desk.settle()
    assert desk.stage_of(ids["Cold room"]) == "Qualification"
    assert desk.names("Qualification") == ["Cold room", "Freezers"]
    assert desk.current() == "Cold room", "the selection follows the deal"


def test_two_quick_moves_both_arrive(ids: Ids, desk: Any) -> None:
    desk.choose(ids["Cold room"])
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert desk.stage_of(ids["Cold room"]) == "Proposal"
    assert desk.names("Proposal") == ["Cold room", "Splits"]


def test_alt_up_and_down_change_the_order(ids: Ids, desk: Any) -> None:
    desk.choose(ids["Cold room"])
    desk.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert desk.names("Qualification") == ["Freezers", "Cold room"]
    desk.press(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert desk.names("Qualification") == ["Cold room", "Freezers"]


def test_w_wins_and_undo_brings_the_card_back(ids: Ids, window: Any, desk: Any) -> None:
    desk.choose(ids["Splits"])
    desk.press(Qt.Key.Key_W)
    desk.settle()
    assert desk.values(ids["Splits"])["status"] == "won"
    assert desk.values(ids["Splits"])["closed_on"] == date(2026, 3, 12)
    assert desk.names("Proposal") == []
    window.undo()
    desk.settle()
    assert desk.names("Proposal") == ["Splits"]


def test_l_asks_why_and_marks_as_lost(ids: Ids, desk: Any) -> None:
    def answer(dialog: LoseDialog) -> bool:
        dialog.finish()
        assert not dialog.problem.isHidden(), "a reason is needed"
        dialog.reasons["competitor"].click()
        dialog.rival.setText("Polar Frio")
        return True

    dialogs.answers.give(answer)
    desk.choose(ids["Splits"])
    desk.press(Qt.Key.Key_L)
    desk.settle()
    deal = desk.values(ids["Splits"])
    assert (deal["status"], deal["lost_reason"], deal["competitor"]) == ("lost", "competitor", "Polar Frio")
    assert desk.names("Proposal") == []


def test_escape_of_the_question_changes_nothing(ids: Ids, desk: Any) -> None:
    dialogs.answers.give(False)
    desk.choose(ids["Splits"])
    desk.press(Qt.Key.Key_L)
    desk.settle()
    assert desk.values(ids["Splits"])["status"] == "open"
    assert desk.names("Proposal") == ["Splits"]


def test_a_deal_can_be_postponed_and_then_is_not_stalled(page: PipelinePage, ids: Ids, desk: Any) -> None:
    def answer(dialog: PostponeDialog) -> bool:
        dialog.take(date(2026, 4, 1))
        return True

    dialogs.answers.give(answer)
    desk.choose(ids["Tunnel"])
    page.postpone()
    desk.settle()
    card = next(one for one in desk.column("Needs analysis").view.cards.cards if one.name == "Tunnel")
    assert card.stalled_days is None
    assert card.next is not None and card.next.on == date(2026, 4, 1)


def test_a_deal_can_go_to_another_pipeline(page: PipelinePage, ids: Ids, desk: Any) -> None:
    def answer(dialog: PipelineDialog) -> bool:
        dialog.pipeline.set_value(ids["other pipeline"])
        dialog.pipeline.edited.emit()
        assert dialog.stage().name == "Proposal", "the stage of the same name is offered first"
        return True

    dialogs.answers.give(answer)
    card = desk.column("Proposal").view.cards.cards[0]
    page.board.close_deal(card, "elsewhere")
    desk.settle()
    assert str(desk.values(ids["Splits"])["pipeline_id"]) == "Contracts"
    assert desk.names("Proposal") == []


def test_enter_opens_the_deal_beside_the_board_and_escape_closes_it(page: PipelinePage, ids: Ids, desk: Any) -> None:
    desk.choose(ids["Splits"])
    desk.press(Qt.Key.Key_Return)
    desk.settle()
    assert page.board.card_shown
    assert page.board.card is not None and page.board.card.record is not None
    assert page.board.card.record.title == "Splits"
    desk.choose(ids["Freezers"])
    desk.settle()
    assert page.board.card.record.title == "Freezers", "the card follows the board"
    desk.press(Qt.Key.Key_Escape)
    assert not page.board.card_shown


def test_quick_add_makes_deal_and_company(ids: Ids, qtbot: QtBot, desk: Any) -> None:
    desk.choose(ids["Splits"])
    desk.press(Qt.Key.Key_N)
    form = desk.column("Proposal").form
    assert form is not None and form.name.hasFocus()
    qtbot.keyClicks(form.name, "Vaccine room")
    desk.press(Qt.Key.Key_Return)
    qtbot.keyClicks(form.company, "Vereda Clinic")
    form.amount.setFocus()
    qtbot.keyClicks(form.amount, "22,900")
    desk.press(Qt.Key.Key_Return)
    desk.settle()
    assert desk.names("Proposal") == ["Vaccine room", "Splits"]
    card = desk.column("Proposal").view.cards.cards[0]
    assert (card.company, card.amount, card.owner) == ("Vereda Clinic", Decimal(22900), "Helena Prates")
    assert form.name.text() == "" and form.isVisible(), "ready for the next one"
    desk.press(Qt.Key.Key_Escape)
    assert not desk.column("Proposal").adding


def test_quick_add_takes_a_known_company_by_name(page: PipelinePage, ids: Ids, qtbot: QtBot, desk: Any) -> None:
    page.board.add_here()
    form = desk.column("Qualification").form
    assert form is not None
    form.submit()
    assert not form.problem.isHidden()
    qtbot.keyClicks(form.name, "Spare parts")
    qtbot.keyClicks(form.company, "hotel pedra do lume")
    form.submit()
    desk.settle()
    assert desk.column("Qualification").view.cards.cards[0].company_id == ids["Hotel Pedra do Lume"]


def test_filters_narrow_the_board(page: PipelinePage, desk: Any) -> None:
    filters = page.board.filters
    filters.stalled.click()
    desk.settle()
    assert page.totals.count.text() == "1 open"
    assert desk.names("Needs analysis") == ["Tunnel"]
    filters.stalled.click()
    filters.owner_menu().actions()[1].trigger()
    desk.settle()
    assert filters.owner.text() == "Owner: me"
    assert desk.names("Qualification") == ["Cold room"]
    filters.owner.removed.emit()
    filters.period_menu().actions()[1].trigger()
    desk.settle()
    assert desk.names("Qualification") == ["Freezers"], "its closing day has passed"
    filters.closes.removed.emit()
    filters.add_condition(where("amount", "gt", "100000"))
    desk.settle()
    assert page.totals.count.text() == "2 open"


def test_a_filter_without_hits_offers_to_show_all(page: PipelinePage, desk: Any) -> None:
    page.board.filters.add_condition(where("amount", "gt", "9000000"))
    desk.settle()
    assert page.board.state.state() == "empty"
    assert page.board.empty.title.text() == "No deal matches"
    page.board.empty.button.click()
    desk.settle()
    assert page.board.state.state() == "full"


def test_counts_on_the_chips(page: PipelinePage) -> None:
    assert page.board.filters.stalled.accessibleName() == "Stalled: 1"
    assert page.board.filters.without.accessibleName() == "Without next step: 5"


def test_changes_of_others_appear_without_losing_the_selection(office: Office, ids: Ids, desk: Any) -> None:
    desk.choose(ids["Freezers"])
    with write(office.database, "Elsewhere") as uow:
        service.update_record(uow, "deal", ids["Cold room"], {"stage_id": ids["Closing"]})
    desk.settle()
    assert desk.names("Closing") == ["Cold room"]
    assert desk.current() == "Freezers"
    assert desk.column("Qualification").view.hasFocus()


def test_a_long_column_loads_as_it_is_scrolled(office: Office, ids: Ids, qtbot: QtBot, desk: Any) -> None:
    with write(office.database, "Many") as uow:
        for number in range(120):
            service.create_record(uow, "deal", {"name": f"Deal {number}", "stage_id": ids["Closing"], "amount": 10})
    desk.settle()
    view = desk.column("Closing").view
    assert view.cards.total == 120
    assert len(view.cards.cards) < 120

    def scrolled() -> bool:
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        tasks.wait_idle(5)
        return len(view.cards.cards) == 120

    qtbot.waitUntil(scrolled, timeout=5000)
    assert len({card.id for card in view.cards.cards}) == 120


def test_the_model_is_sound(desk: Any) -> None:
    model = desk.column("Qualification").view.cards
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


@pytest.mark.parametrize("mine", [True, False])
def test_a_card_that_somebody_else_moved_meanwhile_is_asked_about(
    ids: Ids, page: PipelinePage, desk: Any, office: Office, mine: bool
) -> None:
    deal = ids["Cold room"]
    desk.choose(deal)
    card, proposal = page.board.board.current_card(), desk.column("Proposal").stage
    assert card is not None
    with write(office.database, "Elsewhere", actor=Actor(None, "Caio")) as uow:
        move_deal(uow, deal, desk.column("Negotiation").stage.id)
    asked: list[str] = []

    def answer(dialog: ConflictDialog) -> bool:
        asked.extend(one.theirs.text for one in dialog.disputed)
        dialog.take(0 if mine else 1)
        return True

    dialogs.answers.give(answer)
    page.board.move_to(card, proposal.id, None)
    desk.settle()
    assert asked == ["Negotiation"]
    assert desk.stage_of(deal) == ("Proposal" if mine else "Negotiation")
