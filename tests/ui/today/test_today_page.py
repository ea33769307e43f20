"""The first page on a real database: what it shows, where it leads, what is done from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from crm_desktop.core import clock
from crm_desktop.core.access import Access
from crm_desktop.records import history
from tests.helpers.windows import settle
from tests.ui.today.conftest import NOW
from ui.today.actions import Moving
from ui.today.agenda_list import free_text
from ui.today.day_document import day_document
from ui.today.panels import ListPanel, split_hour

THURSDAY = date(2026, 3, 12)


def titles(panel: ListPanel) -> list[str]:
    return [line.title for line in panel.list.lines()]


def agenda(page: Any) -> list[str]:
    lines = page.board.agenda.agenda.lines
    return [line.event.subject if line.event else line.kind for line in lines]


def test_an_empty_office_is_welcomed(day: Any) -> None:
    page = day.open()
    assert page.state.state() == "empty"
    page.welcome.action.emit()
    page.welcome.second_action.emit()
    assert day.window.pages == [("import", {})]
    assert day.window.made == [("contact", {})]


def test_an_empty_office_offers_only_what_one_may_do(day: Any) -> None:
    day.office.database.access = Access(1, "readonly", scopes={("contact", "read"): "all"})
    page = day.open()
    assert page.state.state() == "empty"
    assert page.welcome.button.isHidden() and page.welcome.second.isHidden()
    assert "Bring" not in page.welcome.text.text()
    day.office.database.access = Access(1, "sales", scopes={("contact", "read"): "all", ("contact", "create"): "all"})
    page.reload()
    settle()
    assert page.welcome.button.isHidden(), "no right to import"
    assert not page.welcome.second.isHidden()


def test_the_agenda_has_now_and_free_hours(day: Any) -> None:
    day.event("Team", "08:30", "09:00")
    day.event("Visit", "11:00", "12:00", kind="visit", place="Rua 1")
    day.event("Offer", "14:00", "17:30")
    page = day.open()
    assert agenda(page) == ["Team", "now", "Visit", "free", "Offer"]
    lines = page.board.agenda.agenda.lines
    assert lines[0].past and not lines[2].past
    assert free_text(lines[3]).replace("\u00a0", " ") == "Free from 12:00 PM to 2:00 PM"
    assert page.header.count.text() == "Thursday, March 12, 2026"


def test_the_line_of_now_moves_with_the_clock(day: Any) -> None:
    day.event("Visit", "11:00", "12:00")
    page = day.open()
    assert agenda(page)[:2] == ["now", "Visit"]
    clock.set_clock(lambda: NOW.astimezone(UTC) + timedelta(hours=2))
    page._on_minute()
    day.settle()
    assert agenda(page)[:2] == ["Visit", "now"]


def test_a_free_hour_is_planned_by_a_click(day: Any) -> None:
    day.event("Visit", "11:00", "12:00")
    page = day.open()
    view = page.board.agenda
    free = next(row for row, line in enumerate(view.agenda.lines) if line.kind == "free")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.agenda.index(free)).center())
    entity, values = day.window.made[0]
    assert entity == "activity"
    assert (values["starts"], values["ends"]) == (datetime(2026, 3, 12, 12), datetime(2026, 3, 12, 13))


def test_an_appointment_opens_its_form_and_space_ticks_it_off(day: Any) -> None:
    visit = day.event("Visit", "11:00", "12:00")
    page = day.open()
    view = page.board.agenda
    view.setCurrentIndex(view.agenda.index(agenda(page).index("Visit")))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert day.forms == [visit]
    QTest.keyClick(view, Qt.Key.Key_Space)
    day.settle()
    assert day.row(visit)["status"] == "done"


def test_tasks_are_late_or_due_and_only_mine(day: Any) -> None:
    day.task("Contract", -3)
    day.task("Plan", -1)
    day.task("Confirm", 0, at="12:00")
    day.task("Early", 0, at="09:00")
    day.task("Tomorrow", 1)
    day.task("Davi's", -1, owner="Davi Moreno")
    page = day.open()
    assert titles(page.board.overdue) == ["Contract", "Plan"]
    assert [line.badge[0] for line in page.board.overdue.list.lines()] == ["3 days", "yesterday"]
    assert titles(page.board.due) == ["Early", "Confirm"]
    assert [line.badge[1] for line in page.board.due.list.lines()] == ["warning", "neutral"]
    assert day.window.badges["today"] == "2"
    assert day.window.shown == "2 tasks overdue, 2 due today"
    page.switch()
    day.settle()
    assert titles(page.board.overdue) == ["Contract", "Plan", "Davi's"]
    assert day.window.badges["today"] == "2"


def test_a_task_is_ticked_off_and_undone(day: Any) -> None:
    task = day.task("Contract", -3)
    page = day.open()
    view = page.board.overdue.list
    box = view.delegate.check_rect(view.visualRect(view.model().index(0, 0)))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    day.settle()
    assert day.row(task)["status"] == "done"
    assert titles(page.board.overdue) == []
    assert page.board.overdue.nothing.isVisible()
    with day.office.database.read() as connection:
        last = history.last_undoable(connection, user_id=day.office.user_id)
    assert last is not None and last.title == "Complete Contract"
    history.undo(day.office.database, last.id, day.office.actor)
    day.settle()
    assert titles(page.board.overdue) == ["Contract"]


def test_all_that_is_late_moves_to_another_day(day: Any) -> None:
    tasks = [day.task(f"Task {n}", -1 - n) for n in range(9)]
    page = day.open()
    assert len(titles(page.board.overdue)) == 6
    assert page.board.overdue.more.text() == "All 9"
    page.board.overdue.more.click()
    assert day.window.pages[-1][0] == "activities"
    words = [action.text() for action in page.work.days_menu(page._all_overdue(), QPoint()).actions() if action.text()]
    assert words == ["To today", "To tomorrow", "To Monday, 3/16", "To another day…"]
    page.work.days_menu(page._all_overdue(), QPoint()).actions()[1].trigger()
    day.settle()
    assert {day.row(task)["due"] for task in tasks} == {THURSDAY + timedelta(days=1)}
    assert not page.has_overdue


def test_one_task_moves_alone(day: Any) -> None:
    first, second = day.task("One", -1), day.task("Two", -1)
    page = day.open()
    page.work.days_menu(Moving(1, (first,)), QPoint()).actions()[0].trigger()
    day.settle()
    assert (day.row(first)["due"], day.row(second)["due"]) == (THURSDAY, THURSDAY - timedelta(days=1))


def test_a_task_for_today_is_written_in_one_line(day: Any) -> None:
    day.task("Confirm", 0)
    page = day.open()
    page.add()
    line = page.board.due.quick.line
    QTest.keyClicks(line, "Call Ana 14:30")
    QTest.keyClick(line, Qt.Key.Key_Return)
    day.settle()
    assert titles(page.board.due) == ["Call Ana", "Confirm"]
    assert page.board.due.list.lines()[0].badge[0] == "2:30\u00a0PM"
    assert line.text() == ""
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not page.board.due.quick.isVisible()


@pytest.mark.parametrize(
    ("text", "subject", "at"),
    [
        ("Call Ana 14:30", "Call Ana", time(14, 30)),
        ("9h visit", "visit", time(9)),
        ("  Send   10 samples ", "Send 10 samples", None),
        ("Room 25:00", "Room 25:00", None),
        ("Version 1:99", "Version 1:99", None),
        ("14h30 Ligar", "Ligar", time(14, 30)),
    ],
)
def test_hours_in_new_tasks(text: str, subject: str, at: time | None) -> None:
    assert split_hour(text) == (subject, at)


def test_stalled_deals_offer_their_next_step(day: Any) -> None:
    deal = day.deal("Cold room", "97000", days=90)
    day.deal("Fresh", "1000")
    page = day.open()
    assert titles(page.board.stalled) == ["Cold room"]
    line = page.board.stalled.list.lines()[0]
    assert "97,000" in line.trailing[0]
    assert line.trailing_sub[0].startswith("stalled for 90 days")
    page.board.stalled.list.button_clicked.emit(deal)
    entity, values = day.window.made[0]
    assert (entity, values["links"]) == ("activity", [("deal", deal, "Cold room")])
    page.board.stalled.head.link.activated.emit()
    name, params = day.window.pages[-1]
    assert name == "pipeline" and "stalled_days" in str(params["filter"])


def test_cases_at_risk_lead_to_the_case_and_the_queue(day: Any) -> None:
    late = day.case("Leaking", 9, priority="urgent")
    day.case("Fine", 0)
    page = day.open()
    assert titles(page.board.cases) == ["Leaking"]
    assert page.board.cases.list.lines()[0].trailing == ("−8:00", "danger", "ph.warning")
    page.board.cases.list.opened.emit(late)
    assert day.window.opened == [("case", late)]
    page.open_queue()
    assert day.window.pages[-1] == ("cases", {"scope": "mine", "state": "at_risk"})
    assert day.window.badges["cases"] == "1"


def test_figures_lead_to_the_records_behind_them(day: Any) -> None:
    day.deal("Cold room", "97000")
    page = day.open()
    values = {figure.key: figure.value for figure in page.strip.first._figures}
    assert values["pipeline"].replace("\u00a0", "") == "R$97,000"
    page.strip.activated.emit("pipeline")
    name, params = day.window.pages[-1]
    assert name == "pipeline"
    assert "open" in str(params["filter"])
    page.strip.activated.emit("first_response")
    assert day.window.pages[-1][0] == "cases"


def test_what_changes_elsewhere_is_seen_at_once_and_badges_while_hidden(day: Any) -> None:
    day.task("One", -1)
    page = day.open()
    day.task("Two", -2)
    day.settle()
    assert titles(page.board.overdue) == ["Two", "One"]
    page.hide()
    day.task("Three", -3)
    day.settle()
    assert day.window.badges["today"] == "3"


def test_the_team_sees_whose_appointment_it_is(day: Any) -> None:
    day.event("Mine", "11:00", "12:00")
    day.event("Davi's", "13:00", "14:00", owner="Davi Moreno")
    page = day.open(mode="team")
    owners = {line.event.subject: line.owner for line in page.board.agenda.agenda.lines if line.event}
    assert owners == {"Mine": "Helena Prates", "Davi's": "Davi Moreno"}
    assert "free" not in agenda(page)


@pytest.mark.parametrize(("width", "columns"), [(1232, 3), (816, 2), (560, 1)])
def test_columns_follow_the_width(day: Any, width: int, columns: int) -> None:
    day.event("Visit", "11:00", "12:00")
    page = day.open(width=width)
    panels = [page.board.agenda_panel, page.board.overdue, page.board.stalled]
    assert len({panel.mapTo(page, QPoint(0, 0)).x() for panel in panels}) == columns
    assert all(panel.mapTo(page, panel.rect().topRight()).x() <= page.width() for panel in panels)


def test_the_day_on_paper_says_what_the_page_says(day: Any) -> None:
    day.task("Contract", -3)
    day.event("Visit", "11:00", "12:00")
    page = day.open()
    document = day_document(day.office, page._read.data, team=False)
    text = str(document.blocks)
    assert "Contract" in text and "Visit" in text
    assert document.title == "Thursday, March 12, 2026"
