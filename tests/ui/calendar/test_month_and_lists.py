"""The month, the agenda, the day in full and the tasks."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from ui.calendar.agenda import AgendaView
from ui.calendar.day_panel import DayPanel
from ui.calendar.grid import read_task
from ui.calendar.items import CalendarItem, at
from ui.calendar.month import MonthView
from ui.calendar.people_panel import PeoplePanel, Person
from ui.calendar.tasks_panel import TaskItem, TasksPanel

ZONE = ZoneInfo("America/Sao_Paulo")
TODAY = date(2026, 3, 12)
LEFT = Qt.MouseButton.LeftButton


def event(key: str, day: int, first: int) -> CalendarItem:
    return CalendarItem(key, key, "", at(date(2026, 3, day), first, ZONE), at(date(2026, 3, day), first + 60, ZONE))


def whole(key: str, first: int, last: int) -> CalendarItem:
    return CalendarItem(
        key, key, "", at(date(2026, 3, first), 0, ZONE), at(date(2026, 3, last), 1440, ZONE), all_day=True
    )


ITEMS = [whole("stock", 11, 18), whole("fair", 9, 10), *(event(f"e{n}", 12, 480 + 60 * n) for n in range(8))]


@pytest.fixture
def month(qtbot: QtBot) -> MonthView:
    view = MonthView(ZONE)
    qtbot.addWidget(view)
    view.set_items(ITEMS)
    view.resize(976, 770)
    view.show()
    return view


def test_bars_come_first_and_the_rest_is_counted(month: MonthView) -> None:
    lines = [entry for entry in month.entries() if entry.day == TODAY and not entry.bar]
    bar = next(entry for entry in month.entries() if entry.item is not None and entry.item.key == "stock")
    assert all(entry.rect.top() > bar.rect.bottom() for entry in lines)
    shown = [entry for entry in lines if entry.item]
    assert lines[-1].more == 8 - len(shown) and lines[-1].more > 0
    assert month.cell_rect(TODAY).contains(lines[-1].rect)


@pytest.mark.parametrize("size", [(976, 770), (620, 420), (400, 330)])
def test_no_line_leaves_its_cell(month: MonthView, size: tuple[int, int]) -> None:
    month.resize(*size)
    for entry in month.entries():
        if not entry.bar:
            assert month.cell_rect(entry.day).contains(entry.rect)


def test_a_click_chooses_a_day_and_more_enters_it(month: MonthView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(month.day_chosen) as chosen:
        QTest.mouseClick(month, LEFT, pos=month.cell_rect(date(2026, 3, 20)).center())
    assert chosen.args == [date(2026, 3, 20)]
    more = next(entry for entry in month.entries() if entry.more)
    with qtbot.waitSignal(month.day_entered) as entered:
        QTest.mouseClick(month, LEFT, pos=more.rect.center())
    assert entered.args == [TODAY]


def test_arrows_walk_the_days_and_turn_the_page(month: MonthView) -> None:
    month.choose(date(2026, 3, 31))
    QTest.keyClick(month, Qt.Key.Key_Right)
    assert month.chosen == date(2026, 4, 1) and month.month == date(2026, 4, 1)
    assert "April 1" in month.accessibleDescription()
    QTest.keyClick(month, Qt.Key.Key_Up)
    assert month.chosen == date(2026, 3, 25)


def test_dragging_to_another_day_keeps_the_hour(month: MonthView, qtbot: QtBot) -> None:
    entry = next(entry for entry in month.entries() if entry.item is not None and entry.item.key == "e0")
    target = month.cell_rect(date(2026, 3, 24)).center()
    with qtbot.waitSignal(month.moved) as moved:
        QTest.mousePress(month, LEFT, pos=entry.rect.center())
        QTest.mouseMove(month, entry.rect.center() + QPoint(30, 30))
        QTest.mouseMove(month, target)
        QTest.mouseRelease(month, LEFT, pos=target)
    assert moved.args is not None
    assert moved.args[1] == at(date(2026, 3, 24), 480, ZONE)


def test_the_agenda_lists_days_under_their_names(qtbot: QtBot) -> None:
    agenda = AgendaView(ZONE)
    qtbot.addWidget(agenda)
    agenda.set_range(TODAY, 7)
    agenda.set_items([event("late", 13, 900), event("early", 13, 480), whole("stock", 11, 18), event("past", 2, 480)])
    QAbstractItemModelTester(agenda.list.items)
    texts = [agenda.list.items.index(row).data() for row in range(agenda.list.items.rowCount())]
    assert texts[0] == "Thursday, March 12, 2026"
    friday = texts.index("Friday, March 13, 2026")
    assert texts[friday + 1 : friday + 4] == ["stock", "early", "late"]
    agenda.select("late")
    with qtbot.waitSignal(agenda.opened) as opened:
        QTest.keyClick(agenda.list, Qt.Key.Key_Return)
    assert opened.args == ["late"]


def test_an_empty_agenda_says_so_and_offers_to_plan(qtbot: QtBot) -> None:
    agenda = AgendaView(ZONE)
    qtbot.addWidget(agenda)
    agenda.set_items([])
    agenda.show()
    assert agenda._title.isVisible() and "Nothing planned" in agenda._title.text()
    with qtbot.waitSignal(agenda.create_requested):
        agenda._button.click()


def test_a_day_in_full(qtbot: QtBot) -> None:
    panel = DayPanel(ZONE)
    qtbot.addWidget(panel)
    panel.show_day(TODAY, ITEMS, tasks=2)
    assert panel._count.text() == "9 events, 2 tasks"
    assert panel._weekday.text() == "Thursday, today"
    assert panel.list.items.rowCount() == 9
    panel.show()
    panel.enter()
    with qtbot.waitSignal(panel.delete_requested) as asked:
        QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert asked.args == ["stock"]


def tasks() -> list[TaskItem]:
    return [
        TaskItem(1, "Send contract", "Brewery", TODAY - timedelta(days=3)),
        TaskItem(2, "Call", "", TODAY, time(9)),
        TaskItem(3, "Confirm", "", TODAY, time(12)),
        TaskItem(4, "Plan", "", TODAY + timedelta(days=1)),
    ]


def test_tasks_say_when_they_are_due_and_count_the_late_ones(qtbot: QtBot) -> None:
    panel = TasksPanel()
    qtbot.addWidget(panel)
    panel.set_tasks(tasks())
    assert panel.header.badge.text() == "2 overdue"
    said = [task.due_text().replace("\u00a0", " ") for task in panel.tasks.tasks]
    assert said == ["3 days", "9:00 AM", "12:00 PM", "tomorrow"]
    QAbstractItemModelTester(panel.tasks)


def test_a_task_is_ticked_by_mouse_and_by_key_and_can_be_dragged(qtbot: QtBot) -> None:
    panel = TasksPanel()
    qtbot.addWidget(panel)
    panel.set_tasks(tasks())
    panel.resize(256, 400)
    panel.show()
    box = panel.list.visualRect(_index(panel.tasks, 1))
    with qtbot.waitSignal(panel.toggled) as toggled:
        QTest.mouseClick(panel.list.viewport(), LEFT, pos=QPoint(24, box.center().y()))
    assert toggled.args == [2, True]
    panel.list.setCurrentIndex(_index(panel.tasks, 2))
    with qtbot.waitSignal(panel.toggled) as toggled:
        QTest.keyClick(panel.list, Qt.Key.Key_Space)
    assert toggled.args == [3, True]
    assert read_task(panel.tasks.mimeData([_index(panel.tasks, 0)])) == (1, "Send contract")


def test_no_task_says_so(qtbot: QtBot) -> None:
    panel = TasksPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert panel._nothing.isVisible() and not panel._hint.isVisible()


def test_people_are_ticked(qtbot: QtBot) -> None:
    panel = PeoplePanel()
    qtbot.addWidget(panel)
    panel.set_people([Person(1, "Helena Prates", 1), Person(2, "Caio Bittar", 5, shown=False)])
    panel.show()
    seen: list[Any] = []
    panel.people_changed.connect(seen.append)
    QTest.mouseClick(panel.boxes[1], LEFT)
    assert seen == [{1, 2}]
    panel.set_people([Person(1, "Helena Prates", 1)])
    assert panel.boxes == []


def _index(model: QAbstractItemModel, row: int) -> QModelIndex:
    return model.index(row, 0)
