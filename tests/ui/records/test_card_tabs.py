"""Tabs of a card that do not all fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.records.card_tabs import CardTabs
from ui.widgets.tabs import Tab

NAMES = ("Timeline", "Details", "Deals", "Cases", "Activities", "Relations", "Consent", "Files")


@pytest.fixture
def tabs(qtbot: QtBot) -> CardTabs:
    result = CardTabs(padding=16, gap=0)
    result.set_tabs([Tab(name.lower(), name) for name in NAMES])
    qtbot.addWidget(result)
    result.resize(380, 40)
    result.show()
    return result


def test_what_does_not_fit_is_behind_the_button(tabs: CardTabs) -> None:
    hidden = [one.text for one in tabs.hidden_tabs()]
    assert hidden and hidden == list(NAMES[-len(hidden) :])
    assert tabs._more is not None and tabs._more.isVisible()
    assert tabs._more.text() == f"+{len(hidden)}" and tabs._more.accessibleName() == f"{len(hidden)} more tabs"
    last = max(tabs.tabRect(i).right() for i in range(tabs.count()) if tabs.isTabVisible(i))
    assert last < tabs._more.x()
    tabs.resize(2000, 40)
    assert not tabs.hidden_tabs() and not tabs._more.isVisible()


def test_a_hidden_tab_is_chosen_from_the_menu(tabs: CardTabs) -> None:
    sent: list[str] = []
    tabs.changed.connect(sent.append)
    tabs.set_badge("files", "4")
    action = tabs.more_menu().actions()[-1]
    assert action.text() == "Files  (4)"
    action.trigger()
    assert sent == ["files"] and tabs.current_key() == "files"
    assert "Files" not in [one.text for one in tabs.hidden_tabs()]


def test_the_arrow_keys_reach_every_tab(tabs: CardTabs, qtbot: QtBot) -> None:
    tabs.setFocus()
    seen = [tabs.current_key()]
    for _step in range(len(NAMES) - 1):
        qtbot.keyClick(tabs, Qt.Key.Key_Right)
        seen.append(tabs.current_key())
    assert seen == [name.lower() for name in NAMES]


def test_a_tab_that_the_program_goes_to_is_seen_and_marked(tabs: CardTabs) -> None:
    assert "Relations" in [one.text for one in tabs.hidden_tabs()]
    tabs.set_current("relations")
    assert "Relations" not in [one.text for one in tabs.hidden_tabs()] and tabs.current_key() == "relations"
    assert tabs._more is not None and tabs.tabRect(tabs.currentIndex()).right() < tabs._more.x()


def test_a_tab_from_behind_the_button_stands_beside_the_others(tabs: CardTabs) -> None:
    next(one for one in tabs.more_menu().actions() if one.text() == "Files").trigger()
    tabs.set_current("files")  # the card says it once more, before Qt has placed the tabs
    seen = [tabs.tabRect(index) for index in range(tabs.count()) if tabs.isTabVisible(index)]
    assert [one.left() for one in seen[1:]] == [one.right() + 1 for one in seen[:-1]]
    assert tabs._more is not None and seen[-1].right() < tabs._more.x()
