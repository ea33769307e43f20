"""Where events go: overlaps, bars across days, columns, pages of a month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import i18n
from ui.calendar.items import CalendarItem, at, on_day, shifted, span_on, spoken, time_range
from ui.calendar.layout import CASCADE, column_edges, columns, lay_out, month_grid, pack_bars, week_start

LISBON = ZoneInfo("Europe/Lisbon")
SUNDAY_OF_CHANGE = date(2026, 3, 29)


def item(start: datetime, end: datetime, **more: object) -> CalendarItem:
    return CalendarItem("x", "Title", "", start, end, **more)  # type: ignore[arg-type]


def test_one_alone_takes_the_whole_column() -> None:
    assert [(slot.left, slot.width) for slot in lay_out([(540, 600), (600, 660)])] == [(0, 1), (0, 1)]


def test_two_share_the_width() -> None:
    slots = lay_out([(540, 630), (570, 660)])
    assert [(slot.left, slot.width) for slot in slots] == [(0, 0.5), (0.5, 0.5)]


def test_three_cascade_and_the_last_keeps_to_the_edge() -> None:
    slots = lay_out([(810, 900), (840, 960), (870, 960)])
    assert [slot.lane for slot in slots] == [0, 1, 2]
    assert slots[0].width == pytest.approx(CASCADE / 3)
    assert slots[2].left + slots[2].width == pytest.approx(1)


def test_what_has_nothing_to_its_right_reaches_to_the_edge() -> None:
    slots = lay_out([(540, 600), (540, 560), (570, 600)])
    assert slots[0].width == 0.5
    assert (slots[2].left, slots[2].width) == (0.5, 0.5)


@given(st.lists(st.tuples(st.integers(0, 1400), st.integers(15, 300)).map(lambda p: (p[0], p[0] + p[1])), max_size=25))
def test_every_event_stays_inside_and_none_hides_another_wholly(spans: list[tuple[int, int]]) -> None:
    slots = lay_out(spans)
    for index, slot in enumerate(slots):
        assert 0 <= slot.left < 1 and slot.width > 0 and slot.left + slot.width <= 1.0001
        for other in range(index):
            overlap = spans[index][0] < spans[other][1] and spans[other][0] < spans[index][1]
            assert not overlap or slots[other].left != slot.left


def test_bars_of_several_days_lie_on_top_and_fill_the_gaps() -> None:
    first = date(2026, 3, 8)
    ranges = [
        (date(2026, 3, 12), date(2026, 3, 12)),
        (date(2026, 3, 11), date(2026, 3, 18)),
        (date(2026, 3, 9), date(2026, 3, 10)),
        (date(2026, 3, 20), date(2026, 3, 21)),
    ]
    bars = {bar.index: bar for bar in pack_bars(ranges, first, 7)}
    assert set(bars) == {0, 1, 2}
    assert (bars[1].row, bars[1].first, bars[1].last, bars[1].ends) == (0, 3, 6, False)
    assert bars[2].row == 0 and bars[0].row == 1


def test_weekends_are_narrower_unless_alone() -> None:
    assert column_edges([6, 0, 1, 2, 3, 4, 5], 920) == [0, 80, 232, 384, 536, 688, 840, 920]
    assert column_edges([5, 6], 100) == [0, 50, 100]


def test_columns_mirror() -> None:
    days = [date(2026, 3, 9) + timedelta(days=n) for n in range(5)]
    plain, mirror = columns(days, 56, 556), columns(days, 56, 556, mirrored=True)
    assert plain.span(0) == (56, 100) and mirror.span(0) == (400, 100)
    assert plain.index_at(57) == 0 and mirror.index_at(450) == 0 and mirror.index_at(3) == 4


def test_pages_of_a_month() -> None:
    assert week_start(date(2026, 3, 12), 6) == date(2026, 3, 8)
    assert month_grid(date(2026, 3, 12), 6)[0] == date(2026, 3, 1) and len(month_grid(date(2026, 3, 1), 6)) == 5
    assert len(month_grid(date(2026, 3, 1), 0)) == 6 and len(month_grid(date(2026, 2, 1), 6)) == 4


def test_an_event_over_the_change_of_the_clock_is_drawn_by_the_clock() -> None:
    night = item(at(SUNDAY_OF_CHANGE, 0, LISBON), at(SUNDAY_OF_CHANGE, 3 * 60, LISBON))
    assert night.end.timestamp() - night.start.timestamp() == 2 * 3600
    assert span_on(night, SUNDAY_OF_CHANGE) == (0, 180)
    assert at(SUNDAY_OF_CHANGE, 90, LISBON).hour == 2
    back = date(2026, 10, 25)
    twice = item(at(back, 90, LISBON), at(back, 90, LISBON) + timedelta(0))
    assert span_on(twice, back) == (90, 105)


def test_moving_over_the_change_keeps_the_hours_of_the_clock() -> None:
    saturday = SUNDAY_OF_CHANGE - timedelta(days=1)
    moved = shifted(item(at(saturday, 540, LISBON), at(saturday, 600, LISBON)), at(SUNDAY_OF_CHANGE, 540, LISBON))
    assert (moved.start.hour, moved.end.hour, moved.end.day) == (9, 10, 29)
    long = item(at(saturday, 0, LISBON), at(SUNDAY_OF_CHANGE, 0, LISBON), all_day=True)
    assert shifted(long, at(SUNDAY_OF_CHANGE, 0, LISBON)).last_day == SUNDAY_OF_CHANGE


def test_an_event_to_midnight_touches_one_day_and_one_past_midnight_two() -> None:
    day = date(2026, 3, 12)
    assert item(at(day, 1320, LISBON), at(day, 1440, LISBON)).last_day == day
    late = item(at(day, 1320, LISBON), at(day, 1500, LISBON))
    assert span_on(late, day) == (1320, 1440) and span_on(late, day + timedelta(days=1)) == (0, 60)
    assert on_day([late], day + timedelta(days=1)) == [late]
    assert not late.is_bar


def test_times_follow_the_locale() -> None:
    start, end = at(date(2026, 3, 12), 600, LISBON), at(date(2026, 3, 12), 810, LISBON)
    assert time_range(start, end).replace("\u00a0", " ") == "10:00 AM – 1:30 PM"
    i18n.set_language("pt_BR")
    assert time_range(start, end) == "10:00 – 13:30"
    assert "12 de março de 2026" in spoken(item(start, end))
