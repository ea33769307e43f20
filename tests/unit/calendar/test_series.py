"""A series ended, continued and moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crm_desktop.calendar.occurrences import wall_starts
from crm_desktop.calendar.recurrence import parse_rule
from crm_desktop.calendar.series import continued_from, ended_before, is_first, moved_exceptions, moved_rule

START = datetime(2026, 3, 9, 9)
LAST = datetime(2027, 3, 9)


def walls(rule: str, start: datetime = START) -> list[datetime]:
    return list(wall_starts(parse_rule(rule), start, UTC, start, LAST))


@pytest.mark.parametrize(
    "text", ["FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=9", "FREQ=DAILY;UNTIL=20260330"]
)
def test_the_two_halves_of_a_split_series_are_the_whole(text: str) -> None:
    rule = parse_rule(text)
    at = walls(text)[4]
    before, after = ended_before(rule, at), continued_from(rule, START, at, UTC)
    assert walls(str(before)) + walls(str(after), at) == walls(text)
    assert not is_first(rule, START, at, UTC)
    assert is_first(rule, START, START, UTC)


def test_an_all_day_series_ends_on_the_day_before() -> None:
    ended = ended_before(parse_rule("FREQ=DAILY;COUNT=5"), datetime(2026, 3, 12), all_day=True)
    assert str(ended) == "FREQ=DAILY;UNTIL=20260311"


@pytest.mark.parametrize(
    ("rule", "old", "new", "moved"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-03-09T09:00", "2026-03-10T09:00", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("FREQ=WEEKLY", "2026-03-15T09:00", "2026-03-16T08:00", "FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-03-09T09:00", "2026-03-09T15:00", "FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=MONTHLY", "2026-03-10T09:00", "2026-03-12T09:00", "FREQ=MONTHLY;BYMONTHDAY=12"),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-03-10T09:00", "2026-03-18T09:00", "FREQ=MONTHLY;BYDAY=3WE"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-03-27T09:00", "2026-03-30T09:00", "FREQ=MONTHLY;BYDAY=-1MO"),
        ("FREQ=YEARLY", "2026-03-31T09:00", "2026-04-02T09:00", "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=4"),
        ("FREQ=DAILY;UNTIL=20260630", "2026-03-10T09:00", "2026-03-12T09:00", "FREQ=DAILY;UNTIL=20260702"),
    ],
)
def test_moving_all_moves_the_days_of_the_rule(rule: str, old: str, new: str, moved: str) -> None:
    assert str(moved_rule(parse_rule(rule), datetime.fromisoformat(old), datetime.fromisoformat(new))) == moved


def test_exceptions_move_along() -> None:
    moved = moved_exceptions(
        [datetime(2026, 3, 16, 9), date(2026, 3, 23)], UTC, START, START + timedelta(days=1, hours=2)
    )
    assert moved == [datetime(2026, 3, 17, 11), datetime(2026, 3, 24, 2)]
