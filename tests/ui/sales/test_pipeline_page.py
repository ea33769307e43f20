"""The page of the pipeline as a whole: list, forecast, states, print, names for screen readers."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QTabBar, QWidget

from crm_desktop.db.database import Database
from ui.framework.commands import find_command
from ui.framework.office import Office
from ui.records.record_dialog import RecordDialog
from ui.sales.deal_form import new_deal
from ui.sales.pipeline_page import PipelinePage

Ids = dict[str, int]


def test_every_control_has_a_name(page: PipelinePage, ids: Ids, desk: Any) -> None:
    page.board.open_deal(ids["Splits"])
    page.board.add_here()
    desk.settle()
    nameless = [
        f"{type(one).__name__} {one.objectName()}"
        for one in page.findChildren(QWidget)
        if isinstance(one, QAbstractButton | QLineEdit) and one.isVisible()
        if not (one.accessibleName() or getattr(one, "text", str)())
        if not one.objectName().startswith(("qt_", "Scroll")) and not isinstance(one.parent(), QTabBar | QLineEdit)
    ]
    assert nameless == []
    assert desk.column("Proposal").view.accessibleName() == "Proposal, 1 deal, R$54,300"


def test_the_list_shows_the_same_deals_with_their_sum(page: PipelinePage, ids: Ids, desk: Any) -> None:
    page.set_mode("list")
    desk.settle()
    assert page.list is not None
    assert len(page.list.model.ids) == 6
    assert page.totals.count.text() == "6 deals"
    assert page.totals.total.text() == "R$509,400"
    page.set_pipeline(ids["other pipeline"])
    desk.settle()
    assert len(page.list.model.ids) == 0


def test_a_record_opened_from_elsewhere_stands_beside_the_list(page: PipelinePage, ids: Ids, desk: Any) -> None:
    page.activated(record_id=ids["Tunnel"])
    desk.settle()
    assert page.mode == "list" and page.list is not None
    assert page.list.card.record is not None and page.list.card.record.title == "Tunnel"


def test_the_forecast_leads_to_the_deals_of_a_month(page: PipelinePage, ids: Ids, desk: Any) -> None:
    page.set_mode("forecast")
    desk.settle()
    assert page.forecast is not None
    april = page.forecast.rows[1]
    assert april.title() == "April 2026"
    assert april.month.open.count == 3
    QTest.mouseClick(april, Qt.MouseButton.LeftButton)
    desk.settle()
    assert page.mode == "list" and page.list is not None
    assert sorted(page.list.model.ids) == sorted(ids[name] for name in ("Cold room", "Splits", "Central air"))


def test_an_empty_pipeline_says_what_it_is_for(page: PipelinePage, ids: Ids, window: Any, desk: Any) -> None:
    page.set_pipeline(ids["other pipeline"])
    desk.settle()
    assert page.board.state.state() == "empty"
    page.board.empty.button.click()
    assert window.created[-1][0] == "deal"
    page.board.empty.second.click()
    assert page.board.state.state() == "full"


@pytest.mark.logs_errors("background work failed")
def test_a_broken_read_says_so_and_can_be_tried_again(page: PipelinePage, sqlite_database: Database, desk: Any) -> None:
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE deal RENAME TO deal_away")
    page.board.reload()
    desk.settle()
    assert page.board.state.state() == "error"
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE deal_away RENAME TO deal")
    page.board.state.error.button.click()
    desk.settle()
    assert page.board.state.state() == "full"


def test_print_opens_the_report_of_what_is_shown(page: PipelinePage, ids: Ids, window: Any, desk: Any) -> None:
    page.board.filters.owner_menu().actions()[1].trigger()
    desk.settle()
    desk.choose(ids["Cold room"])
    desk.press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    name, params = window.pages[-1]
    assert (name, params["report"]) == ("reports", "pipeline")
    assert params["values"] == {"pipeline": ids["pipeline"], "closes": "all", "owner": ids["Helena Prates"]}


def test_commands_follow_the_selection(page: PipelinePage, ids: Ids, desk: Any) -> None:
    desk.choose(ids["Splits"])
    assert find_command(page, "pipeline.win").enabled
    page.mode = "list"
    assert not find_command(page, "pipeline.win").enabled


def test_a_filter_from_elsewhere_covers_every_pipeline(page: PipelinePage, ids: Ids, desk: Any) -> None:
    page.activated(filter=["amount", "gt", "100000"])
    desk.settle()
    assert page.list is not None
    assert page.chooser.toolTip() == "All pipelines"
    assert sorted(page.list.model.ids) == sorted([ids["Chillers"], ids["Central air"]])
    assert page.totals.count.text() == "2 deals"
    page.activated()
    desk.settle()
    assert page.mode == "board", "the rail leads back to what the person chose"
    page.activated(filter=["pipeline_id", "eq", ids["other pipeline"]])
    desk.settle()
    assert page.chooser.toolTip() == "Contracts"
    assert list(page.list.model.ids) == []
    page.set_mode("board")
    desk.settle()
    assert page.board.pipeline is not None and page.board.pipeline.name == "Contracts"


def test_the_form_of_a_new_deal_knows_where_it_goes(
    page: PipelinePage, ids: Ids, desk: Any, office: Office, window: Any
) -> None:
    window.current_page = page
    page.set_pipeline(ids["other pipeline"])
    desk.settle()
    new_deal(office, window, page, {"company_id": (ids["Mercado Bom Cesto"], "Mercado Bom Cesto")})
    desk.settle()
    dialog = page.findChild(RecordDialog)
    assert dialog is not None
    assert dialog.form.rows["pipeline_id"].editor.value() == ids["other pipeline"]
    assert dialog.form.rows["stage_id"].editor.value() == ids["other Qualification"]
    dialog.form.rows["name"].editor.setText("Yearly service")
    dialog.save()
    desk.settle()
    assert desk.names("Qualification") == ["Yearly service"]
    assert desk.current() == "Yearly service"
