"""The Data quality page: it counts by itself, each number opens its records, keys work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.db.unit_of_work import write
from crm_desktop.insight import quality
from crm_desktop.records import queries, service
from crm_desktop.sales.service import ensure_default_pipeline
from tests.ui.insight.conftest import Desk
from ui.framework.settings import remember_value, remembered_value
from ui.insight.measure_card import MeasureCard
from ui.insight.quality_keeper import wipe_key
from ui.insight.quality_page import QualityPage
from ui.records.list_model import RecordModel


def card(page: QualityPage, label: str, entity: str = "contact") -> MeasureCard:
    """The card with a label."""
    return next(one for one in page.grids[entity].cards if one.text() == label)


def names(desk: Desk) -> list[str]:
    """The names in the list that is shown."""
    model = desk.window.current_page.model
    with desk.database.read() as connection:
        ids = [model.id_at(row) for row in range(model.rowCount())]
        return sorted(queries.titles(desk.database.schema, connection, "contact", ids).values())


def test_the_page_counts_by_itself_and_a_number_opens_its_records(desk: Desk) -> None:
    page = desk.open("quality")
    assert page.state.state() == "full"
    assert card(page, "Neither e-mail nor phone").card.value == "1"
    assert card(page, "Invalid phone").card.value == "1"
    assert card(page, "Invalid phone").card.share == "33%"
    assert card(page, "No owner").accessibleName() == "No owner: 1, 33%"
    QTest.mouseClick(card(page, "Invalid phone"), Qt.MouseButton.LeftButton)
    desk.settle()
    assert names(desk) == ["Otávio Lins"]
    assert "Invalid phone: Yes" in desk.window.current_page.filters.words()


def test_arrows_go_from_card_to_card_and_enter_opens(desk: Desk) -> None:
    page = desk.open("quality")
    cards = page.grids["contact"].cards
    cards[0].setFocus()
    QTest.keyClick(cards[0], Qt.Key.Key_Right)
    assert desk.window.focusWidget() is cards[1]
    QTest.keyClick(cards[1], Qt.Key.Key_Left)
    assert desk.window.focusWidget() is cards[0]
    QTest.keyClick(cards[0], Qt.Key.Key_Return)
    desk.settle()
    assert names(desk) == ["Zélia Duarte"]


def test_what_was_corrected_is_gone_after_check_now(desk: Desk) -> None:
    page = desk.open("quality")
    with write(desk.database, "Mail") as uow:
        service.update_record(uow, "contact", desk.ids["zelia"], {"email": "z@t.example"})
    page.check_now()
    desk.settle()
    found = card(page, "Neither e-mail nor phone")
    assert (found.card.value, found.card.note) == ("0", "Nothing to do")


def test_numbers_are_compared_with_those_of_a_month_ago(desk: Desk) -> None:
    today: datetime = clock.now()
    clock.set_clock(lambda: today - timedelta(days=30))
    quality.measure_now(desk.database)
    clock.set_clock(lambda: today)
    with write(desk.database, "More") as uow:
        service.create_record(uow, "contact", {"name": "Noemi"})
    page = desk.open("quality")
    desk.settle()
    found = card(page, "No owner").card
    assert found.value == "2" and found.note.startswith("1 more than on ") and found.note_color == "danger"
    assert found.line == (1, 2)


def test_deals_without_a_next_step_open_in_the_list_of_deals(desk: Desk) -> None:
    with write(desk.database, "Deals") as uow:
        ensure_default_pipeline(uow)
        for name in ("Oven", "Mixer"):
            service.create_record(uow, "deal", {"name": name, "contact_id": desk.ids["marina"]})
    page = desk.open("quality")
    assert card(page, "No next step", "deal").card.value == "2"
    card(page, "No next step", "deal").click()
    desk.settle()
    assert desk.window.rail.current() == "pipeline"
    model = desk.window.current_page.findChild(RecordModel)
    assert model is not None and model.rowCount() == 2


def test_likely_duplicates_open_their_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.open("quality")
    opened: list[str] = []
    monkeypatch.setattr(page.navigator, "open_page", lambda name, **_params: opened.append(name))
    page.strip.setFocus()
    QTest.keyClick(page.strip, Qt.Key.Key_Left)
    QTest.keyClick(page.strip, Qt.Key.Key_Return)
    assert opened == ["duplicates"]


def test_a_check_that_fails_says_so_and_can_be_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise UserError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(quality, "measure_now", fail)
        page = desk.open("quality")
        assert page.state.state() == "error"
        assert "The disk is full." in page.state.error.text.text()
    QTest.mouseClick(page.check_button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert page.state.state() == "full"


def test_the_page_is_printed_as_a_report(desk: Desk) -> None:
    page = desk.open("quality")
    assert page.print_button.isEnabled()
    QTest.mouseClick(page.print_button, Qt.MouseButton.LeftButton)
    desk.settle()
    reports = desk.window.current_page
    tables = reports.document.tables
    shown = {row.values[0]: row.values[1] for row in tables[0].all_rows}
    assert shown["Neither e-mail nor phone"] == 1


def test_in_a_quiet_moment_the_data_is_counted_once_a_day(desk: Desk) -> None:
    desk.window.quality_keeper.look()
    desk.settle()
    with desk.database.read() as connection:
        assert not quality.is_due(desk.database, connection)
        before = quality.read_quality(desk.database, connection).checked_at
    desk.window.quality_keeper.look()
    desk.settle()
    with desk.database.read() as connection:
        assert quality.read_quality(desk.database, connection).checked_at == before


def test_what_an_erasure_left_in_the_file_is_cleared_later(desk: Desk) -> None:
    key = wipe_key(desk.office)
    remember_value(key, True)
    with write(desk.database, "Delete") as uow:
        note = uow.insert("note", {"entity": "contact", "record_id": desk.ids["zelia"], "body": "Leftoverbytes"})
        uow.delete("note", [note])
        table = uow.table("note").metadata.tables["change"]
        uow.connection.execute(table.delete().where(table.c.record_id == note))
    desk.window.quality_keeper.look()
    desk.settle()
    assert not remembered_value(key, True)
    assert desk.database.path is not None
    assert b"Leftoverbytes" not in desk.database.path.read_bytes()
