"""Cards dragged with the mouse: between columns, to a place, onto the strip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from ui.framework import dialogs
from ui.framework.office import Office
from ui.sales.column import Column
from ui.sales.deal_dialogs import LoseDialog
from ui.sales.pipeline_page import PipelinePage

Ids = dict[str, int]


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


def test_a_card_is_dragged_to_a_place_in_another_column(page: PipelinePage, ids: Ids, hand: Hand, desk: Any) -> None:
    source, target = desk.column("Proposal"), desk.column("Qualification")
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
    desk.settle()
    assert not page.board.board.strip.isVisible()
    assert desk.names("Qualification") == ["Cold room", "Splits", "Freezers"]
    assert desk.stage_of(ids["Splits"]) == "Qualification"
    assert desk.current() == "Splits"


@pytest.mark.parametrize("zone", ["won", "lost"])
def test_a_card_is_dropped_on_the_strip(page: PipelinePage, ids: Ids, hand: Hand, zone: str, desk: Any) -> None:
    def answer(dialog: LoseDialog) -> bool:
        dialog.choose("price")
        return True

    if zone == "lost":
        dialogs.answers.give(answer)
    source = desk.column("Proposal")
    hand.steps = lambda: [(source, QPoint(30, 300)), (page.board.board.strip.zones[zone], QPoint(20, 20))]
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    desk.settle()
    assert desk.values(ids["Splits"])["status"] == zone
    assert desk.names("Proposal") == []


def test_dropping_a_card_where_it_was_changes_nothing(ids: Ids, hand: Hand, desk: Any) -> None:
    before = desk.values(ids["Splits"])["position"]
    source = desk.column("Proposal")
    hand.steps = lambda: [(source, card_spot(source, 0, 100))]
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    desk.settle()
    assert desk.values(ids["Splits"])["position"] == before
    assert desk.names("Proposal") == ["Splits"]


def test_nothing_is_read_while_a_card_is_in_the_air(office: Office, ids: Ids, hand: Hand, desk: Any) -> None:
    source, target = desk.column("Proposal"), desk.column("Closing")

    def look() -> None:
        with write(office.database, "Elsewhere") as uow:
            service.update_record(uow, "deal", ids["Freezers"], {"stage_id": ids["Closing"]})
        desk.settle()
        assert target.view.cards.slot == 0
        assert desk.names("Closing") == []

    hand.steps = lambda: [(target, QPoint(40, 200))]
    hand.look = look
    hand.drag(source.view.viewport(), source.view.visualRect(source.view.model().index(0, 0)).center())
    desk.settle()
    assert sorted(desk.names("Closing")) == ["Freezers", "Splits"]
