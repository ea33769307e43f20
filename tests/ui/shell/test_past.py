"""The office as it was: a day is chosen by keyboard, and lists, cards, board and reports show that day and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.core import clock
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service as records
from crm_desktop.reporting.document import KeyFigures
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.sales.stages import read_plan
from tests.helpers.windows import settle, wait_for
from ui import features
from ui.app import make_application
from ui.framework import dialogs
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.shell import past
from ui.widgets.buttons import Button
from ui.widgets.toast import Toast

FIRST, LATER, NOW = date(2026, 1, 10), date(2026, 3, 2), date(2026, 6, 15)


def on(day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    clock.set_clock(lambda: moment)


def tell_story(path: Path) -> dict[str, int]:
    """Ana was a lead in January and somebody else's customer in March; a deal of 700 became one of 9,000."""
    database = app.open_database(path)
    on(FIRST)
    with write(database, "First") as uow:
        ensure_default_pipeline(uow)
        stage = next(one for one in read_plan(uow.connection).stages.values() if one.outcome == "open").id
        ana = records.create_record(uow, "contact", {"name": "Ana Prado", "job_title": "Baker"})
        gone = records.create_record(uow, "contact", {"name": "Bento Reis"})
        deal = records.create_record(
            uow,
            "deal",
            {"name": "Ovens", "amount": Decimal(700), "stage_id": stage, "expected_close": date(2026, 2, 1)},
        )
    on(LATER)
    with write(database, "Later") as uow:
        records.update_record(uow, "contact", ana, {"name": "Ana Lobo", "job_title": "Owner"})
        records.delete_records(uow, "contact", [gone])
        records.update_record(uow, "deal", deal, {"amount": Decimal(9_000)})
        records.create_record(uow, "contact", {"name": "Clara Nunes"})
    database.close()
    return {"ana": ana, "gone": gone, "deal": deal}


@pytest.fixture
def story(tmp_path: Path) -> dict[str, int]:
    return tell_story(tmp_path / "office.crm")


@pytest.fixture
def window(qapp: object, tmp_path: Path, story: dict[str, int]) -> Iterator[MainWindow]:
    make_application()
    dialogs.answers.reset(strict=True)
    on(NOW)
    opened = app.open_office(tmp_path / "office.crm")
    office = features.prepare(Office(opened.database, opened.actor, write, name="Padaria"))
    shown = MainWindow(office, features.PAGES, features.RECORDS)
    shown.resize(1280, 800)
    shown.show()
    yield shown
    settle()
    for one in [*others(shown), shown]:
        one.status_keeper.stop()
        one.close()
    settle()
    office.close()
    dialogs.answers.reset()


def others(window: MainWindow) -> list[MainWindow]:
    found = (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one is not window)
    return [one for one in found if one.isVisible()]


def travel(window: MainWindow, day: date) -> MainWindow:
    past.show_day(window, day)
    wait_for(lambda: bool(others(window)), "the window of the past did not open")
    settle()
    return others(window)[0]


def names(window: MainWindow) -> list[str]:
    page: Any = window.current_page

    def shown() -> list[str]:
        model = page.model
        cells = (
            model.index(row, column).data() for row in range(model.rowCount()) for column in range(model.columnCount())
        )
        return [str(cell) for cell in cells if cell]

    wait_for(lambda: any(" " in one for one in shown()), "no rows")
    return shown()


def test_a_list_and_a_card_show_the_day(window: MainWindow, story: dict[str, int]) -> None:
    window.open_page("contacts")
    settle()
    other = travel(window, date(2026, 1, 31))
    assert other.page_name == "contacts"
    assert any("Ana Prado" in name for name in names(other))
    assert any("Bento Reis" in name for name in names(other))
    assert not any("Clara" in name for name in names(other))
    assert "31" in other.browsed_line.accessibleName()
    other.open_record("contact", story["gone"])
    settle()
    page: Any = other.current_page
    wait_for(
        lambda: page.card.record is not None and page.card.record.id == story["gone"], "the card of a deleted person"
    )


def test_reports_count_what_was(window: MainWindow) -> None:
    window.open_page("reports", report="pipeline")
    settle()

    def total(one: MainWindow) -> Any:
        page: Any = one.current_page
        wait_for(lambda: page.document is not None, "no report")
        return next(block for block in page.document.blocks if isinstance(block, KeyFigures)).figures[
            0
        ].value, page.document.as_of

    assert total(window)[0] == 9_000
    other = travel(window, date(2026, 1, 31))
    value, as_of = total(other)
    assert value == 700
    assert as_of.astimezone(clock.local_zone()).date() == date(2026, 1, 31), "what is printed says of which day it is"
    page: Any = other.current_page
    told = {one.name for one in window.current_page.reports} - {one.name for one in page.reports}  # type: ignore[attr-defined]
    assert told == {"data-quality", "backup-certificate"}, "what was found out about today only is left out"


def test_nothing_can_be_changed_and_another_day_takes_its_place(window: MainWindow) -> None:
    window.open_page("contacts")
    settle()
    other = travel(window, date(2026, 1, 31))
    assert not other.office.access.may("contact", "edit")
    assert not other.office.access.may("contact", "create")
    past.show_day(other, date(2026, 3, 2))
    wait_for(lambda: len(others(window)) == 1 and others(window)[0] is not other, "the first stayed")
    assert any("Clara" in name for name in names(others(window)[0]))


def test_a_page_that_is_not_of_that_day_gives_way_to_one_that_is(window: MainWindow) -> None:
    window.open_page("backup")
    settle()
    other = travel(window, date(2026, 1, 31))
    assert other.page_name == "today" and other.current_page is not None and other.current_page.isVisible()
    assert not [one for one in other.findChildren(Toast) if one.isVisible()], "nobody is told of a page not asked for"


def test_the_day_is_chosen_by_keyboard(window: MainWindow) -> None:
    dialog = past.DayDialog(window, datetime(2026, 1, 10, 15, tzinfo=UTC))
    dialog.show()
    settle()
    texts = [button.text() for button in dialog.findChildren(Button)]
    assert "End of the last quarter" in texts
    assert "End of 2025" not in texts, "before the history begins"
    dialog.resize(dialog.minimumSizeHint().width(), dialog.height())
    settle()
    assert all(button.geometry().bottom() < dialog.near.height() for button in dialog.near.findChildren(Button))
    for typed, allowed in (("2026-03-31", True), ("2026-06-15", False), ("2026-01-09", False), ("soon", False)):
        dialog.editor.selectAll()
        QTest.keyClicks(dialog.editor, typed)
        assert dialog.show_button.isEnabled() is allowed, typed
    dialog.editor.selectAll()
    QTest.keyClicks(dialog.editor, "2026-03-31")
    QTest.keyClick(dialog.editor, Qt.Key.Key_Return)
    assert dialog.result() == past.DayDialog.DialogCode.Accepted
    assert dialog.day() == date(2026, 3, 31)
