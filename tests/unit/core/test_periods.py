"""Periods by name resolve to the days a person means."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import i18n, periods
from crm_desktop.core.errors import UserError

TODAY = date(2026, 3, 12)  # a Thursday


@pytest.fixture(autouse=True)
def english():
    i18n.set_language("en")
    yield
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("today", (2026, 3, 12), (2026, 3, 12)),
        ("yesterday", (2026, 3, 11), (2026, 3, 11)),
        ("tomorrow", (2026, 3, 13), (2026, 3, 13)),
        ("this_month", (2026, 3, 1), (2026, 3, 31)),
        ("last_month", (2026, 2, 1), (2026, 2, 28)),
        ("next_month", (2026, 4, 1), (2026, 4, 30)),
        ("this_quarter", (2026, 1, 1), (2026, 3, 31)),
        ("last_quarter", (2025, 10, 1), (2025, 12, 31)),
        ("this_year", (2026, 1, 1), (2026, 12, 31)),
        ("last_year", (2025, 1, 1), (2025, 12, 31)),
        ("last_7_days", (2026, 3, 6), (2026, 3, 12)),
        ("last_30_days", (2026, 2, 11), (2026, 3, 12)),
        ("last_90_days", (2025, 12, 13), (2026, 3, 12)),
        ("last_12_months", (2025, 3, 13), (2026, 3, 12)),
    ],
)
def test_named_periods(key, start, end):
    assert periods.resolve(key, TODAY) == (date(*start), date(*end))


def test_weeks_start_where_the_region_starts_them():
    assert periods.resolve("this_week", TODAY) == (date(2026, 3, 8), date(2026, 3, 14))  # Sunday in the US
    i18n.set_language("es")
    assert periods.resolve("this_week", TODAY) == (date(2026, 3, 9), date(2026, 3, 15))  # Monday in Spain
    assert periods.resolve("last_week", TODAY) == (date(2026, 3, 2), date(2026, 3, 8))


def test_two_dates_in_every_spelling():
    expected = (date(2026, 1, 1), date(2026, 3, 31))
    assert periods.resolve("2026-01-01..2026-03-31") == expected
    assert periods.resolve(["2026-01-01", "2026-03-31"]) == expected
    assert periods.resolve(expected) == expected
    assert periods.resolve(["2026-01-01", None]) == (date(2026, 1, 1), date.max)
    assert periods.resolve("..2026-03-31") == (date.min, date(2026, 3, 31))


@pytest.mark.parametrize("value", ["soon", "2026-01-01..x", "2026-03-31..2026-01-01", ["2026-01-01"]])
def test_what_is_no_period_is_said(value):
    with pytest.raises(UserError):
        periods.resolve(value, TODAY)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from([key for key in periods.PERIODS if key != "all"]))
def test_previous_is_adjacent(today, key):
    span = periods.resolve(key, today)
    assert span[0] <= span[1]
    before = periods.previous(span)
    assert before[1] == span[0] - timedelta(days=1)
    assert before[0] <= before[1]


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_previous_of_a_named_block_is_the_last_block(today):
    for unit in ("month", "quarter", "year", "week"):
        assert periods.previous(periods.resolve(f"this_{unit}", today)) == periods.resolve(f"last_{unit}", today)


def test_labels():
    assert periods.label("this_month") == "This month"
    assert periods.label("2026-01-01..2026-03-31") == "1/1/2026 – 3/31/2026"
    assert periods.label("2026-01-01..") == "since 1/1/2026"
    assert periods.label("2026-01-01..2026-01-01") == "1/1/2026"
