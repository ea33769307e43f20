"""Rules read, written, built and said in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_desktop.calendar.recurrence import (
    DayOfWeek,
    Frequency,
    Rule,
    build_rule,
    format_for_file,
    format_rule,
    is_last_of_month,
    nth_of_month,
    parse_rule,
)
from crm_desktop.calendar.recurrence_words import describe_rule
from crm_desktop.core.errors import UserError

TUESDAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("RRULE:FREQ=DAILY", "FREQ=DAILY"),
        ("freq=weekly;byday=we,mo;interval=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"),
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU ;", "FREQ=WEEKLY;BYDAY=MO,TU"),
        (
            "RRULE;X-EVOLUTION-ENDDATE=20031212T160000Z:FREQ=WEEKLY;COUNT=3;INTERVAL=2;",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=3",
        ),
        ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("FREQ=MONTHLY;BYDAY=+2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2"),
        ("FREQ=DAILY;UNTIL=20260630", "FREQ=DAILY;UNTIL=20260630"),
        ("FREQ=DAILY;UNTIL=20260630T120000Z", "FREQ=DAILY;UNTIL=20260630T120000Z"),
        ("FREQ=DAILY;UNTIL=20260630T120000;WKST=SU", "FREQ=DAILY;WKST=SU;UNTIL=20260630T120000"),
    ],
)
def test_what_programs_write_is_read_and_written_plainly(text: str, written: str) -> None:
    rule = parse_rule(text)
    assert format_rule(rule) == written
    assert parse_rule(written) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=SOMETIMES",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20260101",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ=DAILY;UNTIL=20261301",
        "FREQ DAILY",
    ],
)
def test_rules_that_cannot_be_kept_say_what_to_do(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_rule(text)
    assert str(caught.value).endswith(".") and "{" not in str(caught.value)


def test_choices_of_an_editor_become_rules() -> None:
    assert str(build_rule(Frequency.DAILY, TUESDAY, interval=3, count=5)) == "FREQ=DAILY;INTERVAL=3;COUNT=5"
    weekly = build_rule(Frequency.WEEKLY, TUESDAY, weekdays=[2, 0], until=date(2026, 6, 30))
    assert str(weekly) == "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260630"
    assert str(build_rule(Frequency.WEEKLY, TUESDAY)) == "FREQ=WEEKLY;BYDAY=TU"
    assert str(build_rule(Frequency.MONTHLY, TUESDAY)) == "FREQ=MONTHLY;BYMONTHDAY=10"
    assert str(build_rule(Frequency.MONTHLY, TUESDAY, nth=nth_of_month(TUESDAY))) == "FREQ=MONTHLY;BYDAY=2TU"
    assert str(build_rule(Frequency.MONTHLY, TUESDAY, nth=-1)) == "FREQ=MONTHLY;BYDAY=-1TU"
    assert str(build_rule(Frequency.MONTHLY, TUESDAY, last_day=True)) == "FREQ=MONTHLY;BYMONTHDAY=-1"
    assert str(build_rule(Frequency.YEARLY, TUESDAY)) == "FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=3"
    assert str(build_rule(Frequency.YEARLY, TUESDAY, nth=2)) == "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU"


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(UserError, match="later end date"):
        build_rule(Frequency.DAILY, TUESDAY, until=date(2026, 3, 9))


def test_which_weekday_of_the_month() -> None:
    assert [nth_of_month(date(2026, 3, day)) for day in (1, 7, 8, 29, 31)] == [1, 1, 2, 5, 5]
    assert is_last_of_month(date(2026, 3, 31)) and not is_last_of_month(date(2026, 3, 24))


def test_the_end_in_a_file_is_utc_for_a_time_and_a_date_for_a_day() -> None:
    rule = parse_rule("FREQ=DAILY;UNTIL=20260630")
    lisbon = ZoneInfo("Europe/Lisbon")
    assert format_for_file(rule, lisbon, all_day=False) == "FREQ=DAILY;UNTIL=20260630T225959Z"
    assert format_for_file(rule, lisbon, all_day=True) == "FREQ=DAILY;UNTIL=20260630"
    instant = Rule(Frequency.DAILY, until=datetime(2026, 6, 29, 23, 30, tzinfo=UTC))
    assert format_for_file(instant, lisbon, all_day=True) == "FREQ=DAILY;UNTIL=20260630"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "Every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "Every 3 days, 5 times"),
        ("FREQ=WEEKLY", "Every week on Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260630", "Every week on Monday and Wednesday until June 30, 2026"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "Every 2 weeks on Saturday"),
        ("FREQ=MONTHLY", "Every month on day 10"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "Every month on days 1 and 15"),
        ("FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day of the month"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Every month on the last working day"),
        ("FREQ=YEARLY", "Every year on March 10"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=3SU", "Every year on the third Sunday in March"),
        ("FREQ=YEARLY;COUNT=1", "Every year on March 10, 1 time"),
    ],
)
def test_rules_in_words(rule: str, words: str) -> None:
    assert describe_rule(rule, TUESDAY) == words


def test_an_end_by_instant_is_told_as_the_day_of_the_zone() -> None:
    rule = parse_rule("FREQ=WEEKLY;UNTIL=20260701T020000Z")
    assert describe_rule(rule, TUESDAY, ZoneInfo("America/Sao_Paulo")).endswith("June 30, 2026")
    assert rule.days == () and DayOfWeek(1) == (1, 0)
