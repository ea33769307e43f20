"""Rules expanded on the clock of their zone: summer time, month ends, odd zones, exceptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_desktop.calendar.occurrences import Occurrence, occurrences, to_utc, wall_starts
from crm_desktop.calendar.recurrence import DayOfWeek, Frequency, Rule, parse_rule
from tests.helpers.thorough import times

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
LISBON = ZoneInfo("Europe/Lisbon")


def expand(
    start: str,
    end: str | None,
    rule: str | None,
    zone: str,
    first: str,
    last: str,
    exdates: list[datetime | date] | None = None,
    all_day: bool = False,
) -> list[Occurrence]:
    tz = ZoneInfo(zone)
    return occurrences(
        datetime.fromisoformat(start),
        datetime.fromisoformat(end) if end else None,
        tz,
        rule,
        exdates or [],
        all_day,
        to_utc(datetime.fromisoformat(first), tz),
        to_utc(datetime.fromisoformat(last), tz),
    )


def instants(found: list[Occurrence]) -> list[str]:
    return [item.start_utc.strftime("%m-%d %H:%M") for item in found]


@pytest.mark.parametrize(
    ("zone", "first", "last", "expected"),
    [
        # Brazil went to summer time on the night to 4 November 2018 and back on the night to 17 February 2019.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-06", ["11-03 12:00", "11-04 11:00", "11-05 11:00"]),
        ("America/Sao_Paulo", "2019-02-16", "2019-02-18", ["02-16 11:00", "02-17 12:00"]),
        ("America/Sao_Paulo", "2019-11-03", "2019-11-05", ["11-03 12:00", "11-04 12:00"]),
        ("Europe/Lisbon", "2026-03-28", "2026-03-30", ["03-28 09:00", "03-29 08:00"]),
        ("Europe/Lisbon", "2026-10-24", "2026-10-26", ["10-24 08:00", "10-25 09:00"]),
        ("Europe/Madrid", "2026-03-28", "2026-03-30", ["03-28 08:00", "03-29 07:00"]),
        ("America/New_York", "2026-03-07", "2026-03-09", ["03-07 14:00", "03-08 13:00"]),
        ("Asia/Kathmandu", "2026-03-07", "2026-03-09", ["03-07 03:15", "03-08 03:15"]),
    ],
)
def test_nine_in_the_morning_stays_nine_in_the_morning(zone: str, first: str, last: str, expected: list[str]) -> None:
    found = expand("2018-01-01T09:00", "2018-01-01T10:00", "FREQ=DAILY", zone, first, last)
    assert instants(found) == expected
    assert {item.start_local.hour for item in found} == {9}
    assert {item.end_utc - item.start_utc for item in found} == {timedelta(hours=1)}


def test_a_time_that_the_clock_skips_moves_forward_and_keeps_its_name() -> None:
    found = expand(
        "2026-03-28T01:30", "2026-03-28T02:00", "FREQ=DAILY;COUNT=2", "Europe/Lisbon", "2026-03-29", "2026-03-30"
    )
    assert [(item.start_local.hour, item.start_local.minute) for item in found] == [(2, 30)]
    assert found[0].recurrence_id == datetime(2026, 3, 29, 1, 30)
    assert found[0].end_utc - found[0].start_utc == timedelta(minutes=30)


def test_midnight_that_brazil_skipped() -> None:
    found = expand(
        "2018-11-01T00:00", "2018-11-01T01:00", "FREQ=DAILY", "America/Sao_Paulo", "2018-11-04", "2018-11-05"
    )
    assert [item.start_local for item in found] == [datetime(2018, 11, 4, 1, 0)]


def test_of_a_time_that_comes_twice_it_is_the_first() -> None:
    found = expand("2026-10-20T01:30", "2026-10-20T01:45", "FREQ=DAILY", "Europe/Lisbon", "2026-10-25", "2026-10-26")
    assert instants(found) == ["10-25 00:30"]


def test_a_night_shift_ends_by_the_clock() -> None:
    found = expand(
        "2026-03-01T22:00", "2026-03-02T06:00", "FREQ=DAILY", "Europe/Madrid", "2026-03-28T12:00", "2026-03-29T12:00"
    )
    assert [(item.end_local.hour, item.end_utc - item.start_utc) for item in found] == [(6, timedelta(hours=7))]


def test_the_day_that_samoa_skipped_does_not_double_the_next() -> None:
    found = expand("2011-12-28T09:00", "2011-12-28T10:00", "FREQ=DAILY", "Pacific/Apia", "2011-12-28", "2012-01-02")
    assert [item.start_local.date().day for item in found] == [28, 29, 31, 1]
    assert [item.start_local.hour for item in found] == [9, 9, 9, 9]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY", ["01-31", "03-31", "05-31", "07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=30", ["01-31", "03-30", "04-30", "05-30", "06-30", "07-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", ["01-31", "02-27", "03-31"]),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU", ["01-31", "03-29", "05-31", "07-26"]),
    ],
)
def test_month_ends(rule: str, expected: list[str]) -> None:
    found = expand("2026-01-31T10:00", "2026-01-31T11:00", rule, "America/Sao_Paulo", "2026-01-01", "2026-08-01")
    assert [item.start_local.strftime("%m-%d") for item in found] == expected


def test_the_29th_of_february() -> None:
    found = expand("2024-02-29", None, "FREQ=YEARLY", "Europe/Madrid", "2024-01-01", "2040-01-01", all_day=True)
    assert [item.start_local.year for item in found] == [2024, 2028, 2032, 2036]


def test_until_in_utc_counts_on_the_clock_of_the_zone() -> None:
    """The last allowed instant is 30 June, 22:00 in São Paulo: an evening meeting of that day still takes place."""
    rule = "FREQ=DAILY;UNTIL=20260701T010000Z"
    found = expand("2026-06-25T21:30", "2026-06-25T22:30", rule, "America/Sao_Paulo", "2026-06-29", "2026-07-05")
    assert [item.start_local.day for item in found] == [29, 30]
    late = expand("2026-06-25T22:30", "2026-06-25T23:30", rule, "America/Sao_Paulo", "2026-06-29", "2026-07-05")
    assert [item.start_local.day for item in late] == [29]


def test_exceptions_by_time_by_day_and_in_another_zone() -> None:
    out: list[datetime | date] = [
        datetime(2026, 3, 10, 9),
        date(2026, 3, 11),
        datetime(2026, 3, 12, 12, tzinfo=UTC),
        datetime(2026, 3, 13, 8),
    ]
    found = expand(
        "2026-03-09T09:00", "2026-03-09T10:00", "FREQ=DAILY", "America/Sao_Paulo", "2026-03-09", "2026-03-15", out
    )
    assert [item.start_local.day for item in found] == [9, 13, 14]


def test_all_day_events_are_dates_also_on_the_day_of_the_change() -> None:
    found = expand("2026-03-28", "2026-03-30", "FREQ=WEEKLY", "Europe/Lisbon", "2026-03-28", "2026-04-10", all_day=True)
    assert [(item.start_local, item.end_local) for item in found] == [
        (datetime(2026, 3, 28), datetime(2026, 3, 30)),
        (datetime(2026, 4, 4), datetime(2026, 4, 6)),
    ]
    assert found[0].end_utc - found[0].start_utc == timedelta(hours=47)


def test_what_began_before_the_window_and_reaches_into_it_is_there() -> None:
    found = expand("2026-03-01", "2026-03-08", None, "Europe/Madrid", "2026-03-07", "2026-03-08", all_day=True)
    assert len(found) == 1
    assert not expand("2026-03-01", "2026-03-08", None, "Europe/Madrid", "2026-03-08", "2026-03-09", all_day=True)
    touching = expand("2026-03-08T09:00", "2026-03-08T10:00", None, "Europe/Madrid", "2026-03-08T10:00", "2026-03-09")
    assert not touching
    instant = expand("2026-03-08T10:00", None, None, "Europe/Madrid", "2026-03-08T10:00", "2026-03-09")
    assert len(instant) == 1


def test_a_start_off_its_rule_is_the_first_of_the_count() -> None:
    """Wednesday the start, Mondays the rule: the start takes place and counts."""
    found = expand(
        "2026-03-11T09:00", "2026-03-11T10:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "UTC", "2026-03-01", "2026-06-01"
    )
    assert [item.start_local.day for item in found] == [11, 16, 23]


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "FREQ=DAILY;INTERVAL=7;BYDAY=TU"])
def test_a_rule_that_never_comes_true_gives_its_start_and_an_answer_at_once(rule: str) -> None:
    found = expand("2026-03-09T09:00", "2026-03-09T10:00", rule, "UTC", "2026-01-01", "2030-01-01")
    assert [item.start_local.day for item in found] == [9]


def test_a_window_gives_no_more_than_asked_for() -> None:
    zone = ZoneInfo("UTC")
    window = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    found = occurrences(datetime(2000, 1, 1), None, zone, "FREQ=DAILY", [], False, *window, limit=50)
    assert len(found) == 50


RULES = st.builds(
    Rule,
    freq=st.sampled_from(Frequency),
    interval=st.integers(1, 5),
    days=st.sets(st.integers(0, 6), max_size=3).map(lambda days: tuple(DayOfWeek(day) for day in sorted(days))),
    month_days=st.sets(st.sampled_from([1, 15, 29, 30, 31, -1, -2]), max_size=2).map(lambda days: tuple(sorted(days))),
    months=st.sets(st.integers(1, 12), max_size=2).map(lambda months: tuple(sorted(months))),
    week_start=st.sampled_from([0, 6]),
)


@settings(max_examples=times(60, 300), deadline=None)
@given(rule=RULES, start=st.datetimes(datetime(2015, 1, 1), datetime(2020, 1, 1)), ahead=st.integers(0, 3000))
def test_a_late_window_gives_the_same_as_counting_from_the_start(rule: Rule, start: datetime, ahead: int) -> None:
    if rule.freq is Frequency.WEEKLY and rule.month_days:
        return
    start = start.replace(microsecond=0)
    first = start + timedelta(days=ahead)
    last = first + timedelta(days=400)
    slow = [wall for wall in wall_starts(rule, start, UTC, start, last) if wall >= first]
    assert list(wall_starts(rule, start, UTC, first, last)) == slow
    assert slow == sorted(set(slow))
    assert parse_rule(str(rule)) == rule if not rule.month_days or not rule.months else True
