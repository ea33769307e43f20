"""Working in the hours with the mouse and with the keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop.core import i18n
from ui.calendar.canvas import skipped_minutes
from ui.calendar.grid import task_mime
from ui.calendar.items import CalendarItem, at
from ui.calendar.week import WeekView

ZONE = ZoneInfo("America/Sao_Paulo")
SUNDAY = date(2026, 3, 8)
LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier


def event(key: str, day: int, first: int, last: int, **more: Any) -> CalendarItem:
    return CalendarItem(
        key, key.title(), "", at(date(2026, 3, day), first, ZONE), at(date(2026, 3, day), last, ZONE), **more
    )


def all_day(key: str, first: int, last: int) -> CalendarItem:
    return CalendarItem(
        key, key, "", at(date(2026, 3, first), 0, ZONE), at(date(2026, 3, last), 1440, ZONE), all_day=True
    )


@pytest.fixture
def view(qtbot: QtBot) -> WeekView:
    view = WeekView(ZONE)
    qtbot.addWidget(view)
    view.set_days([SUNDAY + timedelta(days=n) for n in range(7)])
    view.set_items(
        [
            event("visit", 12, 660, 720),
            event("call", 12, 570, 600),
            event("fixed", 11, 660, 720, editable=False),
            event("early", 13, 480, 510),
            all_day("fair", 9, 10),
        ]
    )
    view.resize(976, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def place(view: WeekView, key: str, from_bottom: int | None = None) -> QPoint:
    rect = next(placed.rect for placed in view.grid.places() if placed.item.key == key)
    return QPoint(rect.center().x(), rect.bottom() - from_bottom if from_bottom is not None else rect.top() + 8)


def spot(view: WeekView, column: int, minute: int) -> QPoint:
    left, width = view.grid.grid_columns().span(column)
    return QPoint(left + width // 2, view.grid.y_of(minute))


def drag(view: WeekView, start: QPoint, *stops: QPoint, let_go: bool = True) -> None:
    QTest.mousePress(view.grid, LEFT, pos=start)
    for stop in stops:
        QTest.mouseMove(view.grid, stop)
    if let_go:
        QTest.mouseRelease(view.grid, LEFT, pos=stops[-1])


def held(view: WeekView, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """Press a key while the modifiers stay down."""
    QApplication.sendEvent(view.grid, QKeyEvent(QEvent.Type.KeyPress, key, modifiers))


def local(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%d %H:%M")


def caught(signal: Any, action: Callable[[], None]) -> list[tuple[Any, ...]]:
    seen: list[tuple[Any, ...]] = []
    signal.connect(lambda *values: seen.append(values))
    action()
    return seen


def test_it_opens_at_the_start_of_the_working_day(view: WeekView) -> None:
    top = view.scroller.verticalScrollBar().value()
    assert 7 * 60 <= view.grid.minute_at(top, 1) < 8 * 60


def test_drawing_in_the_empty_hours_asks_for_an_event(view: WeekView) -> None:
    seen = caught(
        view.create_requested,
        lambda: drag(view, spot(view, 5, 781), spot(view, 5, 800), spot(view, 5, 872)),
    )
    assert [(local(start), local(end), whole) for start, end, whole in seen] == [("13 13:00", "13 14:30", False)]


def test_moving_to_another_day_and_hour_snaps_to_quarters(view: WeekView) -> None:
    def act() -> None:
        start = place(view, "visit")
        across = spot(view, 1, 0).x() - spot(view, 4, 0).x()
        drag(view, start, start + QPoint(20, 20), start + QPoint(across, view.grid.y_of(128)))

    seen = caught(view.moved, act)
    assert [(key, local(start), local(end)) for key, start, end in seen] == [("visit", "09 13:15", "09 14:15")]
    shown = next(item for item in view.grid.items if item.key == "visit")
    assert local(shown.start) == "09 13:15"


def test_pulling_the_lower_edge_stretches(view: WeekView) -> None:
    start = place(view, "visit", from_bottom=2)
    seen = caught(view.resized, lambda: drag(view, start, start + QPoint(0, 12), start + QPoint(0, view.grid.y_of(45))))
    assert [(key, local(begin), local(end)) for key, begin, end in seen] == [("visit", "12 11:00", "12 12:45")]


def test_escape_gives_a_move_up(view: WeekView) -> None:
    def act() -> None:
        start = place(view, "visit")
        drag(view, start, start + QPoint(0, 60), start + QPoint(0, 90), let_go=False)
        QTest.keyClick(view.grid, Qt.Key.Key_Escape)
        QTest.mouseRelease(view.grid, LEFT, pos=start + QPoint(0, 90))

    assert caught(view.moved, act) == []


def test_what_may_not_be_edited_stays(view: WeekView) -> None:
    start = place(view, "fixed")
    assert caught(view.moved, lambda: drag(view, start, start + QPoint(0, 60), start + QPoint(0, 90))) == []
    assert view.grid.selected_key == "fixed"


def test_a_double_click_opens_or_begins(view: WeekView) -> None:
    assert caught(view.opened, lambda: QTest.mouseDClick(view.grid, LEFT, pos=place(view, "call"))) == [("call",)]
    empty = spot(view, 2, 610)
    QTest.mouseClick(view.grid, LEFT, pos=empty)
    seen = caught(view.create_requested, lambda: QTest.mouseDClick(view.grid, LEFT, pos=empty))
    assert [(local(start), local(end)) for start, end, _whole in seen] == [("10 10:00", "10 11:00")]


def test_arrows_walk_through_events_and_free_hours(view: WeekView) -> None:
    view.select("call")
    grid = view.grid
    grid.setFocus()
    walked = []
    for _ in range(4):
        QTest.keyClick(grid, Qt.Key.Key_Down)
        walked.append((grid.selected_key, grid.cursor_minute))
    assert walked == [(None, 600), (None, 630), ("visit", 660), (None, 720)]
    for _ in range(4):
        QTest.keyClick(grid, Qt.Key.Key_Up)
    assert grid.selected_key == "call"
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.selected_key is None and grid.cursor_day == 5
    assert caught(view.left, lambda: [QTest.keyClick(grid, Qt.Key.Key_Right) for _ in range(2)]) == [(1,)]


def test_keys_move_and_stretch_and_send_once(view: WeekView) -> None:
    view.select("visit")
    grid = view.grid

    def move() -> None:
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
            held(view, key, ALT)
        QTest.keyRelease(grid, Qt.Key.Key_Alt)

    assert [(local(start), local(end)) for _key, start, end in caught(view.moved, move)] == [("13 11:30", "13 12:30")]

    def stretch() -> None:
        for _ in range(2):
            held(view, Qt.Key.Key_Down, ALT | Qt.KeyboardModifier.ShiftModifier)
        QTest.keyRelease(grid, Qt.Key.Key_Alt)

    assert [local(end) for _key, _start, end in caught(view.resized, stretch)] == ["13 13:00"]


def test_keys_open_delete_and_create(view: WeekView) -> None:
    view.select("visit")
    assert caught(view.opened, lambda: QTest.keyClick(view.grid, Qt.Key.Key_Return)) == [("visit",)]
    assert caught(view.delete_requested, lambda: QTest.keyClick(view.grid, Qt.Key.Key_Delete)) == [("visit",)]
    seen = caught(view.create_requested, lambda: QTest.keyClick(view.grid, "n"))
    assert local(seen[0][0]) == "12 11:00" and view.typed_text == ""
    caught(view.create_requested, lambda: QTest.keyClick(view.grid, "b"))
    assert view.typed_text == "b"


def test_the_screen_reader_hears_the_chosen_event(view: WeekView) -> None:
    view.select("visit")
    said = view.grid.accessibleDescription()
    assert "Visit" in said and "Thursday" in said and "11:00" in said
    assert "March 8" in view.grid.accessibleName()
    view.grid.select(None)
    assert "Free" in view.grid.accessibleDescription()


def test_a_task_dropped_on_an_hour(view: WeekView) -> None:
    data = task_mime(42, "Send contract")
    point = QPointF(spot(view, 5, 795))
    seen = caught(view.task_dropped, lambda: view.grid.dropEvent(_drop(point, data)))
    assert [(key, local(start), local(end)) for key, start, end in seen] == [(42, "13 13:00", "13 14:00")]


def _drop(point: QPointF, data: QMimeData) -> QDropEvent:
    return QDropEvent(point, Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier)


def test_whole_days_can_be_opened_and_moved(view: WeekView) -> None:
    bar, rect = view.all_day.bars()[0]
    assert (bar.first, bar.last) == (1, 2)

    def move() -> None:
        QTest.mousePress(view.all_day, LEFT, pos=rect.center())
        QTest.mouseMove(view.all_day, rect.center() + QPoint(290, 0))
        QTest.mouseRelease(view.all_day, LEFT, pos=rect.center() + QPoint(290, 0))

    seen = caught(view.moved, move)
    assert [(local(start), local(end)) for _key, start, end in seen] == [("11 00:00", "13 00:00")]
    assert caught(view.opened, lambda: QTest.mouseDClick(view.all_day, LEFT, pos=rect.center())) == [("fair",)]
    view.all_day.selected_key = "fair"
    seen = caught(view.moved, lambda: QTest.keyClick(view.all_day, Qt.Key.Key_Left, ALT))
    assert local(seen[0][1]) == "08 00:00"


def test_columns_of_all_strips_line_up_and_nothing_is_clipped(view: WeekView) -> None:
    strip, grid = view.header.strip_columns(), view.grid.grid_columns()
    assert strip.edges == grid.edges and strip.gutter == grid.gutter
    for placed in view.grid.places():
        assert view.grid.rect().contains(placed.rect)


def test_right_to_left_mirrors(view: WeekView, qapp: QApplication) -> None:
    before = place(view, "visit").x()
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qapp.processEvents()
    assert place(view, "visit").x() != before
    assert view.grid.grid_columns().span(0)[0] > view.grid.grid_columns().span(6)[0]
    view.grab()


def test_hours_are_written_as_the_language_does(view: WeekView) -> None:
    wide = view.grid.grid_columns().gutter
    i18n.set_language("pt_BR")
    view.set_days(view.days)
    assert view.grid.grid_columns().gutter <= wide


def test_the_hour_that_summer_time_skips_is_marked() -> None:
    assert skipped_minutes(date(2026, 3, 29), ZoneInfo("Europe/Lisbon")) == [(60, 120)]
    assert skipped_minutes(date(2018, 11, 4), ZONE) == [(0, 60)]
    assert skipped_minutes(date(2011, 12, 30), ZoneInfo("Pacific/Apia")) == [(0, 1440)]
    assert skipped_minutes(date(2026, 3, 12), ZONE) == []
