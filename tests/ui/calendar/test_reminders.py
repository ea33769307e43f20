"""Reminders in a real main window: shown, opened, put off, dismissed, remembered, switched off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu

from crm_desktop import app
from crm_desktop.calendar import service
from crm_desktop.calendar.reminders import Reminder
from crm_desktop.core import clock
from crm_desktop.core.i18n import set_language
from crm_desktop.core.settings import settings_store
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from tests.helpers.windows import settle
from ui import features
from ui.app import make_application
from ui.calendar.calendar_page import CalendarPage
from ui.calendar.reminder_panel import ReminderLine, when_text
from ui.calendar.reminders import HANDLED, MOST_HANDLED, Handled
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.framework.retranslate import switch_language
from ui.main_window import MainWindow
from ui.settings.appearance import AppearanceTab

ZONE = ZoneInfo("America/Sao_Paulo")
HOUR = timedelta(hours=1)


class Day:
    """A window on an office, and a clock that the test moves. It begins on 12 March 2026 at 10:42."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.windows: list[MainWindow] = []
        self.at("10:42")

    def at(self, hour: str, day: int = 12) -> None:
        wall = datetime.fromisoformat(f"2026-03-{day:02d}T{hour}")
        clock.set_clock(lambda: wall.replace(tzinfo=ZONE).astimezone(UTC))

    def open(self) -> MainWindow:
        opened = app.open_office(self.path)
        office = Office(opened.database, opened.actor, write, name="Office")
        window = MainWindow(office, features.PAGES, features.RECORDS)
        window.backup_keeper._timer.stop()
        window.resize(1280, 800)
        window.show()
        window.open_page("contacts")
        self.windows.append(window)
        return window

    def close(self, window: MainWindow) -> None:
        settle()
        self.windows.remove(window)
        window.status_keeper.stop()
        window.close()
        window.deleteLater()
        settle()
        window.office.close()

    def plan(self, window: MainWindow, start: str, subject: str = "Team", **values: Any) -> int:
        begin = datetime.fromisoformat(f"2026-03-12T{start}")
        given = {
            "subject": subject, "kind": "meeting", "starts": begin, "ends": begin + HOUR, "zone": "America/Sao_Paulo",
            "reminder_minutes": 15, "place": "Room 2",
        }  # fmt: skip
        with write(window.office.database, "Plan", actor=window.office.actor) as uow:
            return service.plan_activity(uow, {**given, **values})


@pytest.fixture
def day(qapp: QApplication, sqlite_url: str) -> Iterator[Day]:
    make_application()
    dialogs.answers.reset(strict=True)
    one = Day(sqlite_url)
    yield one
    for window in list(one.windows):
        one.close(window)
    dialogs.answers.reset()


def look(window: MainWindow) -> list[ReminderLine]:
    """What is shown after the keeper looked."""
    window.reminder_keeper.look()
    settle()
    return shown(window)


def shown(window: MainWindow) -> list[ReminderLine]:
    panel = window.reminder_keeper.panel
    return panel.lines() if panel is not None and panel.isVisible() else []


def subjects(lines: list[ReminderLine]) -> list[str]:
    return [line.title.text() for line in lines]


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


def put_off(line: ReminderLine, choice: int) -> list[str]:
    """Choose in the menu of "Remind again"; returns its words."""
    click(line.again_button)
    menu = next(one for one in line.findChildren(QMenu) if one.isVisible())
    words = [action.text() for action in menu.actions()]
    menu.actions()[choice].trigger()
    menu.close()
    settle()
    return words


def test_a_reminder_comes_when_it_is_due_and_says_what_when_and_where(day: Day) -> None:
    window = day.open()
    day.plan(window, "11:00")
    assert look(window) == []
    day.at("10:45")
    (line,) = look(window)
    assert line.title.text() == "Team" and line.place.text() == "Room 2"
    assert line.when.text().startswith("in 15 minutes · 11:00")
    assert line.accessibleName().startswith("Meeting; Team; in 15 minutes")
    assert [button.text() for button in line.buttons()] == ["Open", "Remind again", "Dismiss"]
    assert all(button.accessibleName().startswith(f"{button.text()}: Team") for button in line.buttons())
    day.at("11:05")
    (same,) = look(window)
    assert same is line and line.when.text().startswith("started 5 minutes ago")
    panel = window.reminder_keeper.panel
    assert panel is not None and panel.accessibleName() == "Reminders"
    corner = panel.geometry().bottomRight()
    assert window.width() - corner.x() < 40 and 60 < window.height() - corner.y() < 124, "above the foot of a page"


def test_it_looks_by_itself_and_again_when_an_activity_changes(day: Day, qtbot: Any) -> None:
    window = day.open()
    identity = day.plan(window, "10:50")
    qtbot.waitUntil(lambda: subjects(shown(window)) == ["Team"], timeout=5000)
    assert window.reminder_keeper._timer.isActive() and window.reminder_keeper._timer.interval() == 30_000
    with write(window.office.database, "Done", actor=window.office.actor) as uow:
        service.complete_activity(uow, identity)
    qtbot.waitUntil(lambda: not shown(window), timeout=5000)


def test_it_reads_off_the_thread_of_the_window(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    window = day.open()
    settle()
    begun = []
    run_read = tasks.run_read
    monkeypatch.setattr(tasks, "run_read", lambda *args, **more: (begun.append(args[1]), run_read(*args, **more)))
    window.reminder_keeper.look()
    assert begun == [window.reminder_keeper._read]
    settle()


def test_it_alerts_once_and_leaves_the_keyboard_where_it_is(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    window = day.open()
    alerts: list[object] = []
    monkeypatch.setattr(QApplication, "alert", lambda one, *_more: alerts.append(one))
    window.activateWindow()
    settle()
    window.top.search.setFocus()
    typing = QApplication.focusWidget()
    assert typing is not None
    day.plan(window, "10:50")
    day.plan(window, "10:55", "Second")
    first, _second = look(window)
    assert alerts == [window] and QApplication.focusWidget() is typing
    look(window)
    assert alerts == [window]
    click(first.dismiss_button)
    assert QApplication.focusWidget() is typing and subjects(shown(window)) == ["Second"]


def test_the_keyboard_reaches_every_button_and_finds_back(day: Day) -> None:
    window = day.open()
    window.activateWindow()
    settle()
    window.top.search.setFocus()
    typing = QApplication.focusWidget()
    day.plan(window, "10:50")
    day.plan(window, "10:55", "Second")
    first, second = look(window)
    window.go_to_reminders()
    assert QApplication.focusWidget() is first.open_button
    visited = []
    for _step in range(6):
        visited.append(QApplication.focusWidget())
        QTest.keyClick(visited[-1], Qt.Key.Key_Tab)
    assert visited == [*first.buttons(), *second.buttons()]
    first.dismiss_button.setFocus()
    QTest.keyClick(first.dismiss_button, Qt.Key.Key_Space)
    settle()
    assert QApplication.focusWidget() is second.dismiss_button
    QTest.keyClick(second.dismiss_button, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is typing and shown(window) == [second]
    window.go_to_reminders()
    QTest.keyClick(second.dismiss_button, Qt.Key.Key_Space)
    settle()
    assert QApplication.focusWidget() is typing and not shown(window)


def test_what_was_dismissed_stays_away_also_after_a_restart(day: Day) -> None:
    window = day.open()
    for minute in ("50", "51", "52"):
        day.plan(window, f"10:{minute}", minute)
    panel_lines = look(window)
    assert subjects(panel_lines) == ["50", "51", "52"]
    click(panel_lines[0].dismiss_button)
    assert subjects(look(window)) == ["51", "52"]
    day.close(window)
    window = day.open()
    assert subjects(look(window)) == ["51", "52"]
    panel = window.reminder_keeper.panel
    assert panel is not None
    click(panel.all_button)
    assert look(window) == []
    day.close(window)
    assert look(day.open()) == []


def test_what_was_put_off_comes_again_also_after_a_restart(day: Day) -> None:
    window = day.open()
    day.plan(window, "10:50")
    (line,) = look(window)
    assert put_off(line, 1) == ["In 5 minutes", "In 15 minutes", "In 1 hour"]
    day.at("10:56")
    assert look(window) == []
    day.close(window)
    window = day.open()
    assert look(window) == []
    day.at("10:57")
    assert subjects(look(window)) == ["Team"]


def test_a_moved_appointment_reminds_again(day: Day) -> None:
    window = day.open()
    identity = day.plan(window, "10:50")
    (line,) = look(window)
    click(line.dismiss_button)
    with write(window.office.database, "Move", actor=window.office.actor) as uow:
        start = datetime(2026, 3, 12, 10, 55, tzinfo=ZONE)
        service.move_activity(uow, identity, start, start + HOUR)
    assert subjects(look(window)) == ["Team"]


def test_what_came_due_while_the_program_was_closed(day: Day) -> None:
    window = day.open()
    day.plan(window, "11:00")
    assert look(window) == []
    day.close(window)
    day.at("11:59", day=13)
    window = day.open()
    (line,) = look(window)
    assert line.when.text().startswith("yesterday")
    day.at("12:01", day=13)
    assert look(window) == []


def test_open_goes_to_the_occurrence_in_the_calendar(day: Day) -> None:
    window = day.open()
    identity = day.plan(window, "10:50", rrule="FREQ=DAILY")
    opened: list[tuple[Any, Any, Any]] = []

    def answer(dialog: QDialog) -> bool:
        draft = dialog.draft  # type: ignore[attr-defined]
        opened.append((draft.activity_id, draft.recurrence_id, draft.values["starts"]))
        return False

    day.at("10:40", day=14)
    lines = look(window)
    assert [line.reminder.start.day for line in lines] == [13, 14]
    dialogs.answers.give(answer)
    click(lines[1].open_button)
    page = window.current_page
    assert isinstance(page, CalendarPage) and page.day == datetime(2026, 3, 14).date()
    when = datetime(2026, 3, 14, 10, 50)
    assert opened == [(identity, when, when)]


def test_the_switch_turns_them_off_and_on(day: Day, qtbot: Any) -> None:
    window = day.open()
    day.plan(window, "10:50")
    assert look(window)
    tab = AppearanceTab()
    qtbot.addWidget(tab)
    assert tab.reminders.isChecked() and tab.reminders.accessibleName()
    tab.reminders.click()
    qtbot.waitUntil(lambda: not shown(window), timeout=2000)
    assert settings.REMINDERS.get() is False and look(window) == []
    tab.reminders.click()
    qtbot.waitUntil(lambda: len(shown(window)) == 1, timeout=2000)


def test_a_copy_to_look_at_reminds_of_nothing(day: Day) -> None:
    window = day.open()
    day.plan(window, "10:50")
    settle()
    copy = Database(day.path, window.office.database.schema, read_only=True)
    office = Office(copy, Actor(window.office.user_id, ""), write, name="Copy")
    other = window.another(office)
    other.show()
    other.reminder_keeper.look()
    settle()
    assert other.reminder_keeper.panel is None and not other.reminder_keeper._timer.isActive()
    other.status_keeper.stop()
    other.close()
    other.deleteLater()
    settle()
    office.close()


def test_nothing_is_read_once_the_window_is_closed(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    window = day.open()
    day.plan(window, "10:50")
    keeper = window.reminder_keeper
    keeper.look()
    window.close()
    assert not keeper._busy and not keeper._timer.isActive() and not keeper._soon.isActive()
    assert shown(window) == []
    begun: list[object] = []
    monkeypatch.setattr(tasks, "run_read", lambda *args, **_more: begun.append(args))
    keeper.look()
    settings.REMINDERS.set(False)
    assert begun == [] and not keeper._soon.isActive()
    keeper.stop()


def test_a_window_that_was_never_closed_does_not_listen_when_it_is_gone(day: Day) -> None:
    window = day.open()
    settle()
    other = window.another(window.office)
    other.status_keeper.stop()
    keeper = other.reminder_keeper
    other.deleteLater()
    settle()
    settings.REMINDERS.set(False)
    settings.REMINDERS.set(True)
    assert keeper._on_setting not in settings_store()._listeners


def test_its_words_follow_the_language(day: Day) -> None:
    window = day.open()
    day.plan(window, "11:00")
    day.at("10:45")
    (line,) = look(window)
    try:
        switch_language(make_application(), "pt_BR")
        panel = window.reminder_keeper.panel
        assert panel is not None and panel.header.title.text() == "Lembretes"
        assert line.when.text().startswith("em 15 minutos")
        assert [button.text() for button in line.buttons()] == ["Abrir", "Lembrar de novo", "Dispensar"]
    finally:
        set_language("en")
        switch_language(make_application(), "en")


@pytest.mark.parametrize(
    ("minutes", "length", "expected"),
    [
        (15, 60, "in 15 minutes · "),
        (1, 60, "in 1 minute · "),
        (0, 60, "now · "),
        (150, 60, "in 2 hours · "),
        (24 * 60, 60, "tomorrow, "),
        (-1, 60, "started 1 minute ago · "),
        (-180, 600, "started 3 hours ago · "),
        (-20, 0, "was due 20 minutes ago · "),
        (-24 * 60, 0, "yesterday, "),
    ],
)
def test_how_far_away_it_is(minutes: int, length: int, expected: str) -> None:
    now = clock.now()
    start = (now + timedelta(minutes=minutes)).astimezone(ZONE)
    one = Reminder("k", 1, None, "x", "meeting", "", start, start + timedelta(minutes=length), False, start)
    assert when_text(one, now).startswith(expected)


def test_whole_days_are_named_by_their_day() -> None:
    first = datetime(2026, 3, 11, tzinfo=ZONE)
    long = Reminder("k", 1, None, "x", "meeting", "", first, first + timedelta(days=3), True, first)
    texts = [when_text(long, first + timedelta(days=days, hours=10)) for days in (-1, 0, 2, 3)]
    assert texts == ["tomorrow", "today", "today", "yesterday"]


def test_what_was_handled_is_bounded_and_survives_a_hand_in_the_file(day: Day) -> None:
    window = day.open()
    handled, now = Handled(window.office.database, 7), clock.now()

    def some(first: int, count: int) -> list[Reminder]:
        start = now.astimezone(ZONE)
        return [
            Reminder(str(n), n, None, "", "task", "", start, start, False, start) for n in range(first, first + count)
        ]

    HANDLED.set(["nonsense", [1, 2, 3, 4, 5], ["a", 7, "k", "soon", "later"]])
    assert handled.again_at() == {}
    handled.put(some(0, MOST_HANDLED), None, now)
    handled.put(some(MOST_HANDLED, 10), now + HOUR, now)
    known = handled.again_at()
    assert (
        len(HANDLED.get()) == MOST_HANDLED
        and "0" not in known
        and known[str(MOST_HANDLED)] == now.replace(microsecond=0) + HOUR
    )
    assert Handled(window.office.database, 8).again_at() == {}
    handled.put(some(5000, 1), None, now + timedelta(days=3))
    assert list(handled.again_at()) == ["5000"]
    assert "calendar.reminders_handled" not in settings_store().wrong_values()
