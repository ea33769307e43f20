"""The page of the calendar on a real database: what people see, draw, move, tick off and delete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from crm_desktop.calendar import queries, service
from crm_desktop.calendar.service import Scope
from crm_desktop.core import i18n
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history
from crm_desktop.records import service as records
from tests.helpers.windows import settle
from ui.calendar import activity_dialogs
from ui.calendar.activity_editor import ActivityEditor
from ui.calendar.calendar_page import CalendarPage
from ui.calendar.items import at
from ui.framework import dialogs, tasks
from ui.framework.office import Office

ZONE = ZoneInfo("America/Sao_Paulo")
TODAY = date(2026, 3, 12)


class Window:
    """The window around the page: remembers where it was sent."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, int]] = []
        self.shown = ""

    def open_page(self, name: str, **params: Any) -> None:
        """Not needed here."""

    def open_record(self, entity: str, record_id: int, *, new_window: bool = False) -> None:
        self.opened.append((entity, record_id))

    def back(self) -> None:
        """Not needed here."""

    def set_shown(self, text: str) -> None:
        self.shown = text


@pytest.fixture
def people(sqlite_database: Database) -> dict[str, int]:
    with write(sqlite_database, "People") as uow:
        return {
            name: records.create_record(uow, "user", {"name": name, "login": name.split()[0].lower()})
            for name in ("Helena Prates", "Caio Bittar")
        }


@pytest.fixture
def office(sqlite_database: Database, people: dict[str, int]) -> Iterator[Office]:
    office = Office(sqlite_database, Actor(people["Helena Prates"], "Helena Prates", "test"), write)
    dialogs.answers.reset(strict=True)
    yield office
    tasks.shutdown()
    dialogs.answers.reset()


@pytest.fixture
def page(qtbot: QtBot, office: Office) -> CalendarPage:
    plan(office, "Visit", 12, 11, kind="visit")
    plan(office, "Team", 9, 9, rrule="FREQ=WEEKLY;BYDAY=MO,TH")
    page = CalendarPage(office, Window())
    qtbot.addWidget(page)
    page.resize(1232, 800)
    page.show()
    page.activated(mode="week", day=TODAY)
    settle()
    return page


def plan(office: Office, subject: str, day: int, hour: int, **values: Any) -> int:
    starts = datetime(2026, 3, day, hour)
    known = {"subject": subject, "kind": "meeting", "starts": starts, "ends": starts + timedelta(hours=1), **values}
    with office.unit_of_work("Plan") as uow:
        return service.plan_activity(uow, known)


def shown(page: CalendarPage) -> list[str]:
    days = page.week.days
    items = [item for item in page.week.grid.items if days[0] <= item.first_day <= days[-1]]
    return sorted(f"{item.start:%d %H:%M} {item.title}" for item in items)


def key_of(page: CalendarPage, text: str) -> Any:
    return next(item.key for item in page.week.grid.items if f"{item.start:%d} {item.title}" == text)


def test_the_week_shows_events_and_series(page: CalendarPage) -> None:
    assert shown(page) == ["09 09:00 Team", "12 09:00 Team", "12 11:00 Visit"]
    assert page.range.text() == "March 8 – 14, 2026"
    assert page.navigator.shown == "3 events"  # type: ignore[attr-defined]


def test_stepping_and_today(page: CalendarPage) -> None:
    page.ahead_button.click()
    settle()
    assert shown(page) == ["16 09:00 Team", "19 09:00 Team"]
    page.segments.changed.emit("month")
    page.go_back()
    settle()
    assert page.range.text() == "February 2026" and page.month.month == date(2026, 2, 1)
    page.go_today()
    page.set_mode("agenda")
    settle()
    assert page.agenda.list.items.lines[0].day == TODAY
    page.show_work_week()
    assert [day.weekday() for day in page.week.days] == [0, 1, 2, 3, 4]


def test_a_new_event_is_drawn_and_written(page: CalendarPage, office: Office) -> None:
    def fill(editor: ActivityEditor) -> bool:
        assert editor.when.times() == (datetime(2026, 3, 13, 14), datetime(2026, 3, 13, 15, 30))
        editor.subject.setText("Call Marina")
        editor.kind.set_value("call")
        return True

    dialogs.answers.give(fill)
    page.week.create_requested.emit(at(date(2026, 3, 13), 840, ZONE), at(date(2026, 3, 13), 930, ZONE), False)
    settle()
    assert "13 14:00 Call Marina" in shown(page)
    item = next(item for item in page.week.grid.items if item.title == "Call Marina")
    assert item.icon == "ph.phone" and page.week.grid.selected_key == item.key


def test_moving_one_of_a_series_asks_how_many(page: CalendarPage) -> None:
    dialogs.answers.give(Scope.THIS.value)
    page.week.moved.emit(key_of(page, "12 Team"), at(date(2026, 3, 13), 600, ZONE), at(date(2026, 3, 13), 660, ZONE))
    settle()
    assert shown(page) == ["09 09:00 Team", "12 11:00 Visit", "13 10:00 Team"]
    dialogs.answers.give("cancel")
    page.week.moved.emit(key_of(page, "09 Team"), at(date(2026, 3, 13), 700, ZONE), at(date(2026, 3, 13), 760, ZONE))
    settle()
    assert "09 09:00 Team" in shown(page)


def test_a_move_by_the_keys_is_one_change_that_can_be_undone(page: CalendarPage, office: Office) -> None:
    page.week.select(key_of(page, "12 Visit"))
    QTest.keyClick(page.week.grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle()
    assert "12 11:15 Visit" in shown(page)
    with office.database.read() as connection:
        last = history.last_undoable(connection, user_id=office.user_id)
    assert last is not None and last.title == "Move “Visit”"
    history.undo(office.database, last.id, office.actor)
    settle()
    assert "12 11:00 Visit" in shown(page)


def test_a_move_by_the_keys_just_before_the_window_closes_is_kept(page: CalendarPage, office: Office) -> None:
    page.week.select(key_of(page, "12 Visit"))
    QTest.keyClick(page.week.grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    page.close()
    assert tasks.wait_written(5)
    with office.database.read() as connection:
        last = history.last_undoable(connection, user_id=office.user_id)
    assert last is not None and last.title == "Move “Visit”"


def test_editing_this_and_following(page: CalendarPage) -> None:
    def fill(editor: ActivityEditor) -> bool:
        assert editor.repeats.words.text() == "Every week on Monday and Thursday"
        editor.subject.setText("Board")
        return True

    dialogs.answers.give(fill, Scope.FOLLOWING.value)
    page.week.opened.emit(key_of(page, "12 Team"))
    settle()
    assert shown(page) == ["09 09:00 Team", "12 09:00 Board", "12 11:00 Visit"]
    page.go_ahead()
    settle()
    assert shown(page) == ["16 09:00 Board", "19 09:00 Board"]


def test_deleting_one_of_a_series_and_one_alone(page: CalendarPage) -> None:
    dialogs.answers.give(Scope.THIS.value)
    page.week.delete_requested.emit(key_of(page, "12 Team"))
    page.week.delete_requested.emit(key_of(page, "12 Visit"))
    settle()
    assert shown(page) == ["09 09:00 Team"]


def test_the_form_deletes_too(page: CalendarPage) -> None:
    def press(editor: ActivityEditor) -> bool:
        editor.delete_button.click()
        settle()
        return False

    dialogs.answers.give(press)
    page.week.opened.emit(key_of(page, "12 Visit"))
    settle()
    assert "12 11:00 Visit" not in shown(page)


def test_what_the_form_cannot_write_stays_in_it(page: CalendarPage) -> None:
    seen: list[str] = []

    def empty(editor: ActivityEditor) -> bool:
        editor.subject.setText("  ")
        editor.save()
        seen.append(editor.problem.text())
        editor.when.last_day.setText("1/3/2026")
        editor.subject.setText("x")
        editor.save()
        seen.append(editor.problem.text())
        return False

    dialogs.answers.give(empty)
    page.new_event()
    settle()
    assert len(seen) == 2 and all(text.endswith(".") for text in seen)


def test_tasks_are_written_ticked_and_given_an_hour(page: CalendarPage, office: Office) -> None:
    def fill(editor: ActivityEditor) -> bool:
        assert not editor.when.isVisibleTo(editor) and editor.due.value() == TODAY
        editor.subject.setText("Send contract")
        return True

    dialogs.answers.give(fill)
    page.tasks.add_button.click()
    settle()
    task = page.tasks.tasks.tasks[0]
    assert task.title == "Send contract"
    page.week.task_dropped.emit(task.key, at(date(2026, 3, 13), 780, ZONE), at(date(2026, 3, 13), 840, ZONE))
    settle()
    assert "13 13:00 Send contract" in shown(page) and page.tasks.tasks.tasks == []
    plan(office, "Old", 1, 1, kind="task", starts=None, ends=None, due=date(2026, 3, 10))
    settle()
    assert page.tasks.header.badge.text() == "1 overdue"
    page.tasks.toggled.emit(page.tasks.tasks.tasks[0].key, True)
    settle()
    assert page.tasks.tasks.tasks == []


def test_people_are_filtered_and_coloured(page: CalendarPage, office: Office, people: dict[str, int]) -> None:
    plan(office, "Of Caio", 13, 8, owner_id=people["Caio Bittar"])
    settle()
    assert "13 08:00 Of Caio" in shown(page)
    assert all(item.hue_person for item in page.week.grid.items)
    caio = next(box for box in page.people.boxes if box.person.name == "Caio Bittar")
    caio.click()
    settle()
    assert "13 08:00 Of Caio" not in shown(page)


def test_the_month_shows_all_its_weeks_beside_many_people_in_a_low_window(page: CalendarPage, office: Office) -> None:
    with office.unit_of_work("People") as uow:
        for name in ("Bento", "Davi", "Iara", "Renata"):
            records.create_record(uow, "user", {"name": name, "login": name.lower()})
    page.resize(832, 700)
    page.activated(mode="week", day=TODAY)
    settle()
    assert len(page.people.boxes) == 6
    assert all(not box.visibleRegion().isEmpty() for box in page.people.boxes), "there is room for all"
    page.resize(832, 572)  # under the line over an office as it was
    settle()
    assert page.picker.height() >= page.picker.sizeHint().height()
    last = page.people.boxes[-1]
    assert page.people.boxes[0].visibleRegion().boundingRect().height() == page.people.boxes[0].height()
    assert last.visibleRegion().boundingRect().height() < last.height()
    page.activateWindow()
    page.people.boxes[-2].setFocus()
    QTest.keyClick(page.people.boxes[-2], Qt.Key.Key_Tab)
    assert last.visibleRegion().boundingRect().height() == last.height()


def test_an_event_names_what_it_belongs_to(page: CalendarPage, office: Office) -> None:
    with office.unit_of_work("Contact") as uow:
        contact = records.create_record(uow, "contact", {"first_name": "Marina", "last_name": "Queirós"})
    link = queries.LinkedRecord("contact", contact, "Marina Queirós")

    def fill(editor: ActivityEditor) -> bool:
        assert editor.chosen_links() == [("contact", contact)]
        editor.subject.setText("Call")
        return True

    dialogs.answers.give(fill)
    activity_dialogs.create_activity(office, page, {"starts": datetime(2026, 3, 13, 9)}, [link])
    settle()
    item = next(item for item in page.week.grid.items if item.title == "Call")
    assert item.subtitle == "Marina Queirós"
    assert activity_dialogs._Finder(office).find("marina")[0][:2] == (contact, "Marina Queirós")


def test_the_month_reads_the_chosen_day_in_full(page: CalendarPage) -> None:
    page.show_month()
    settle()
    assert page.side_stack.currentWidget() is page.day_panel
    assert page.day_panel.list.items.rowCount() == 2
    QTest.mouseClick(page.month, Qt.MouseButton.LeftButton, pos=page.month.cell_rect(date(2026, 3, 9)).center())
    settle()
    assert [line.item.title for line in page.day_panel.list.items.lines if line.item] == ["Team"]


def test_another_language_and_a_small_window(page: CalendarPage) -> None:
    i18n.set_language("pt_BR")
    page.retranslate()
    page.resize(700, 500)
    settle()
    assert not page.side.isVisible()
    page.grab()


def test_the_menu_of_an_event_ticks_it_off_and_goes_to_its_record(page: CalendarPage, office: Office) -> None:
    with office.unit_of_work("Contact") as uow:
        contact = records.create_record(uow, "contact", {"first_name": "Marina", "last_name": "Queirós"})
        visit = key_of(page, "12 Visit")
        service.set_links(uow, visit[0], [("contact", contact)])
    settle()
    page.week.menu_requested.emit(key_of(page, "12 Visit"), page.mapToGlobal(page.rect().center()))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    actions["Go to Marina Queirós"].trigger()
    assert page.navigator.opened == [("contact", contact)]  # type: ignore[attr-defined]
    actions["Mark as done"].trigger()
    menu.close()
    settle()
    assert next(item for item in page.week.grid.items if item.title == "Visit").done


def test_a_task_is_planned_by_the_keys(page: CalendarPage, office: Office) -> None:
    plan(office, "Send", 1, 1, kind="task", starts=None, ends=None, due=TODAY)
    settle()
    page.week.grid.cursor_day, page.week.grid.cursor_minute = 5, 15 * 60
    page.tasks.list.setCurrentIndex(page.tasks.tasks.index(0))
    QTest.keyClick(page.tasks.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert "13 15:00 Send" in shown(page)
