"""The worklist of duplicates: searching, deciding one by one, many at once, the rules; with the keyboard too."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from crm_desktop.dedupe import settings, worklist
from crm_desktop.dedupe.rules import SCAN, Comparison, default_rule
from crm_desktop.records import queries
from tests.helpers.windows import settle
from ui.dedupe.duplicates_page import DuplicatesPage
from ui.dedupe.found import common_parts
from ui.dedupe.rules_tab import RulesTab
from ui.dedupe.searching import SearchKeeper
from ui.framework import dialogs, tasks
from ui.main_window import MainWindow
from ui.records.duplicate_commands import find_duplicates
from ui.widgets.toast import Toast


@pytest.fixture
def page(window: MainWindow) -> DuplicatesPage:
    """The page after a search."""
    window.open_page("duplicates")
    settle()
    found = window.current_page
    assert isinstance(found, DuplicatesPage)
    assert found.states.state() == "empty"
    QTest.mouseClick(found.search_button, Qt.MouseButton.LeftButton)
    settle()
    return found


def _titles(page: DuplicatesPage) -> list[set[str]]:
    return [set(card.shown.titles) for card in page.cards]


def _toast(window: MainWindow) -> str:
    [shown] = [one for one in window.findChildren(Toast) if one.isVisible()]
    return shown.text.text()


def _contacts(page: DuplicatesPage) -> int:
    with page.office.database.read() as connection:
        return queries.count(page.office.database, connection, "contact")


def test_a_search_shows_groups_with_reasons_best_first(page: DuplicatesPage) -> None:
    assert page.states.state() == "full"
    assert {"Marina Queirós", "Marina Queiroz"} in _titles(page)[:2]
    assert {"Otávio Lins", "Otavio Lins"} in _titles(page)[:2]
    marina = next(card for card in page.cards if "Marina Queiroz" in card.shown.titles)
    assert {"same phone", "same e-mail"} <= {text for text, _for in marina.shown.reasons}
    assert any(text.startswith("similar name 0.9") for text, _for in marina.shown.reasons)
    scores = [card.shown.group.score for card in page.cards]
    assert scores == sorted(scores, reverse=True) and scores[0] >= 90
    assert "records" in page.line.note.text()


def test_the_levels_part_the_list(page: DuplicatesPage) -> None:
    page.level.set_value("same")
    page.level.changed.emit("same")
    settle()
    assert len(page.cards) == 2
    page.level.set_value("look")
    page.level.changed.emit("look")
    settle()
    assert all(card.shown.group.score < 90 for card in page.cards)


def test_not_a_duplicate_is_remembered_undone_and_listed(page: DuplicatesPage, window: MainWindow) -> None:
    before = len(page.cards)
    card = page.cards[0]
    names = set(card.shown.titles)
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_N)
    settle()
    assert len(page.cards) == before - 1 and names not in _titles(page)
    window.undo_keeper.undo()
    settle()
    assert names in _titles(page)
    page._keep_apart(page.cards[_titles(page).index(names)])
    settle()

    def take_back(dialog: Any) -> bool:
        settle()
        assert {dialog.model.row(0).first_title, dialog.model.row(0).second_title} == names
        QTest.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
        settle()
        assert dialog.states.state() == "empty"
        return True

    dialogs.answers.give(take_back)
    page.show_apart()
    settle()
    assert names in _titles(page)


def test_many_are_merged_in_one_step_and_undone_in_one(page: DuplicatesPage, window: MainWindow) -> None:
    before = _contacts(page)
    QTest.mouseClick(page.bar.check, Qt.MouseButton.LeftButton)
    assert len(page.checked()) == 2
    dialogs.answers.give("yes")
    QTest.mouseClick(page.bar.merge, Qt.MouseButton.LeftButton)
    settle()
    assert "4 records become 2" in dialogs.answers.asked[-1].text
    assert _contacts(page) == before - 2
    assert not any("Marina" in title for titles in _titles(page) for title in titles)
    window.undo_keeper.undo()
    settle()
    assert _contacts(page) == before and _toast(window) == "Undone: Merged 2 groups of duplicates"
    window.undo_keeper.redo()
    settle()
    assert _contacts(page) == before - 2 and _toast(window) == "Redone: Merged 2 groups of duplicates"
    assert "Redoing: Merged 2 groups of duplicates" in [job.title for job in tasks.jobs().all()]
    window.undo_keeper.undo()
    settle()
    assert _contacts(page) == before and _toast(window) == "Undone: Merged 2 groups of duplicates"


def test_keys_skip_check_and_walk(page: DuplicatesPage) -> None:
    first, second = page.cards[0], page.cards[1]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Space)
    assert first.check.isChecked() and page.bar.merge.isVisible()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert page.window().focusWidget() is second
    count = len(page.cards)
    QTest.keyClick(second, Qt.Key.Key_S)
    assert len(page.cards) == count - 1 and second not in page.cards


def test_merge_opens_the_dialog_and_the_list_goes_on(page: DuplicatesPage) -> None:
    before = _contacts(page)
    names = set(page.cards[0].shown.titles)
    dialogs.answers.give(True)
    QTest.mouseClick(page.cards[0].merge, Qt.MouseButton.LeftButton)
    settle()
    assert _contacts(page) == before - 1
    assert names not in _titles(page)
    assert page.isVisible()
    assert page.area.verticalScrollBar().value() == 0, "the group that is now the first is the one that is seen"


def test_from_a_list_only_the_groups_of_the_chosen_records(
    page: DuplicatesPage, window: MainWindow, twice: dict[str, int]
) -> None:
    find_duplicates("contact").run(window, page.office, window, [twice["otavio"]])
    settle()
    assert _titles(page) == [{"Otávio Lins", "Otavio Lins"}]
    assert page.only.isVisible() and page.only.text() == "Of 1 record"
    QTest.mouseClick(page.only, Qt.MouseButton.LeftButton)
    settle()
    assert len(page.cards) == 3 and not page.only.isVisible()


def test_how_often_is_kept_and_what_was_missed_is_caught_up(page: DuplicatesPage, window: MainWindow) -> None:
    page.line.schedule.set_value("daily")
    page.line.schedule.edited.emit()
    settle()
    database = page.office.database
    with database.read() as connection:
        assert settings.schedule(connection) == "daily"
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM duplicate_pair")
    keeper = SearchKeeper(page.office, window)
    keeper.look()
    settle()
    with database.read() as connection:
        assert worklist.last_scan(connection, "contact") is not None
        assert worklist.last_scan(connection, "company") is not None


def test_rules_are_tried_saved_and_put_back(window: MainWindow) -> None:
    window.open_page("settings", tab="duplicates")
    settle()
    tab = window.current_page.findChild(RulesTab)
    assert tab is not None and not tab.save_button.isEnabled()
    while len(tab.rows) > 1:
        tab.remove(tab.rows[-1])
    assert [row.comparison() for row in tab.rows] == [Comparison("name", "person")]
    tab.look.setValue(40)
    QTest.mouseClick(tab.try_button, Qt.MouseButton.LeftButton)
    settle()
    assert tab.outcome.text().startswith("This rule finds 3 pairs")
    assert tab.samples.count() == 3
    QTest.mouseClick(tab.save_button, Qt.MouseButton.LeftButton)
    settle()
    with tab.office.database.read() as connection:
        assert settings.rule_for(connection, "contact", SCAN).comparisons == (Comparison("name", "person"),)
    QTest.mouseClick(tab.reset_button, Qt.MouseButton.LeftButton)
    settle()
    with tab.office.database.read() as connection:
        assert settings.rule_for(connection, "contact", SCAN) == default_rule("contact", SCAN)
    assert len(tab.rows) == len(default_rule("contact", SCAN).comparisons)
    for row in list(tab.rows):
        tab.remove(row)
    assert tab.problem.isVisible() and not tab.try_button.isEnabled()


def test_every_control_has_a_name(page: DuplicatesPage) -> None:
    nameless = [
        widget for card in page.cards for widget in (card, card.check, card.merge, card.apart, card.skip)
        if not (widget.accessibleName() or getattr(widget, "text", lambda: "")())
    ]  # fmt: skip
    assert nameless == []
    assert all(label.text() or label.accessibleName() for label in page.line.findChildren(QLabel))


def test_marks_stand_where_the_texts_agree() -> None:
    assert common_parts("Marina Queirós", "Marina Queiroz") == [(0, 13)]
    assert common_parts("41 95550", "") == []


def test_the_keys_act_as_soon_as_the_page_is_opened(page: DuplicatesPage, window: MainWindow) -> None:
    window.open_page("contacts")
    settle()
    window.open_page("duplicates")
    settle()
    assert window.focusWidget() is page.cards[0]
