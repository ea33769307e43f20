"""The queue of cases: what comes first, whose, which are late, and the counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.unit_of_work import write
from tests.ui.cases.conftest import NOW


def test_the_next_deadline_comes_first_and_says_how_long(desk: Any) -> None:
    desk.case("Slow", priority="low")
    desk.case("Late", hours=9, priority="urgent")
    desk.case("Soon", hours=3.5, priority="high")
    page = desk.open()
    assert desk.subjects() == ["Late", "Soon", "Slow"]
    badges = [item.badge for item in page.queue.list.queue.items]
    assert badges[0] == ("−8:00", "danger", "ph.warning")
    assert badges[1] == ("0:30", "warning", "ph.timer")
    assert badges[2] == ("1 d", "neutral", "ph.timer")
    assert page.card.data.record.title == "Late"
    assert desk.window.badges["cases"] == "2"
    assert desk.window.shown == "3 in my queue, 3 open in the team"


def test_tabs_count_whose_cases_there_are(desk: Any) -> None:
    desk.case("Mine")
    desk.case("Davi's", owner="Davi Moreno")
    free = desk.case("Nobody's")
    with write(desk.office.database, "Free") as uow:
        cases.assign_case(uow, free, None)
    page = desk.open()
    assert desk.subjects() == ["Mine"]
    page.queue.set_scope("unassigned")
    desk.settle()
    assert desk.subjects() == ["Nobody's"]
    page.queue.set_scope("all")
    desk.settle()
    assert sorted(desk.subjects()) == ["Davi's", "Mine", "Nobody's"]
    assert [tab.badge for tab in page.queue.tabs._tabs] == ["1", "1", "3"]


def test_chips_choose_what_is_late_and_what_is_closed(desk: Any) -> None:
    desk.case("Fine")
    desk.case("Late", hours=9, priority="urgent")
    done = desk.case("Done")
    with write(desk.office.database, "Solve") as uow:
        cases.change_status(uow, done, "solved")
    page = desk.open()
    page.queue.risk.click()
    desk.settle()
    assert desk.subjects() == ["Late"]
    page.queue.closed.click()
    desk.settle()
    assert desk.subjects() == ["Done"]
    assert page.queue.list.queue.items[0].badge[0] == "Solved"
    page.queue.closed.click()
    desk.settle()
    assert desk.subjects() == ["Late", "Fine"]


def test_search_ignores_accents_and_finds_numbers(desk: Any) -> None:
    desk.case("Balcão refrigerado")
    second = desk.case("Ruído")
    page = desk.open()
    page.queue.search.setText("balcao")
    desk.qtbot.wait(300)
    desk.settle()
    assert desk.subjects() == ["Balcão refrigerado"]
    page.queue.search.setText(desk.row(second)["number"])
    desk.qtbot.wait(300)
    desk.settle()
    assert desk.subjects() == ["Ruído"]
    page.queue.search.setText("nothing like it")
    desk.qtbot.wait(300)
    desk.settle()
    assert page.queue.state.state() == "empty"
    assert page.queue.state.empty.title.text() == "No case matches"


def test_a_paused_case_says_so(desk: Any) -> None:
    waiting = desk.case("Waiting")
    with write(desk.office.database, "Reply") as uow:
        cases.add_message(uow, waiting, "out", "And?", then="waiting")
    page = desk.open()
    assert page.queue.list.queue.items[0].badge == ("paused", "neutral", "ph.pause")


def test_a_filter_shows_open_and_closed_cases_and_can_be_taken_off(desk: Any) -> None:
    desk.case("Loud", priority="high")
    done = desk.case("Old and loud", priority="high", owner="Davi Moreno")
    desk.case("Quiet")
    with write(desk.office.database, "Solve") as uow:
        cases.change_status(uow, done, "solved")
    page = desk.open(filter=to_json(where("priority", "eq", "high")))
    assert sorted(desk.subjects()) == ["Loud", "Old and loud"]
    assert "Priority" in page.queue.filtered.text()
    page.queue.filtered.removed.emit()
    desk.settle()
    assert sorted(desk.subjects()) == ["Loud", "Quiet"]


def test_the_keys_walk_the_queue_and_enter_writes(desk: Any) -> None:
    desk.case("One", priority="urgent")
    desk.case("Two", priority="low")
    page = desk.open()
    page.queue.list.setFocus()
    QTest.keyClick(page.queue.list, Qt.Key.Key_Down)
    desk.settle()
    assert page.card.data.record.title == "Two"
    QTest.keyClick(page.queue.list, Qt.Key.Key_Return)
    assert page.card.reply.mode() == "out"
    page.previous_case()
    desk.settle()
    assert page.card.data.record.title == "One"


def test_a_change_elsewhere_is_seen_and_the_choice_stays(desk: Any) -> None:
    first = desk.case("First", priority="urgent")
    desk.case("Second", priority="low")
    page = desk.open()
    page.queue.list.select(first)
    with write(desk.office.database, "From outside") as uow:
        cases.create_case(uow, {"subject": "Third", "priority": "high", "owner_id": desk.people["Helena Prates"]})
    desk.settle()
    assert desk.subjects() == ["First", "Third", "Second"]
    assert page.queue.list.current_id() == first


def test_time_goes_on(desk: Any) -> None:
    desk.case("Ticking", priority="urgent")
    page = desk.open()
    assert page.queue.list.queue.items[0].badge[0] == "1:00"
    clock.set_clock(lambda: NOW + timedelta(minutes=15))
    page._on_minute()
    page.card.tick()
    desk.settle()
    assert page.queue.list.queue.items[0].badge[0] == "0:45"
    assert "0:45" in page.card.clocks.accessibleName()


def test_an_empty_queue_says_what_to_do(desk: Any) -> None:
    page = desk.open()
    assert page.queue.state.state() == "empty"
    page.queue.state.empty.action.emit()
    assert desk.window.made == [("case", {})]
