"""Real iCalendar files expand to what two other programs agreed on."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from crm_desktop.calendar.occurrences import as_wall, occurrences
from crm_desktop.calendar.recurrence import parse_rule

ROOT = os.environ.get("CRM_REAL_DATA", "")
FOLDER = Path(ROOT) / "calendar" / "open"
TRUTH = FOLDER / "_EXPECTED_occurrences.json"
pytestmark = [
    pytest.mark.skipif(not ROOT or not TRUTH.exists(), reason="CRM_REAL_DATA is not set"),
    pytest.mark.filterwarnings("ignore:Timezone"),
]

# Edits that carry on to all later occurrences become a series of their own here, which is the importer's work.
NOT_EXPANSION = {"rie_issue_75_range_parameter.ics"}


def _agreed() -> list[str]:
    if not ROOT or not TRUTH.exists():
        return []
    truth = json.loads(TRUTH.read_text())
    return [name for name, data in truth.items() if data.get("agreed_by_two_implementations")]


@pytest.mark.parametrize("name", _agreed())
def test_expansion_equals_the_truth(name: str) -> None:
    if name in NOT_EXPANSION:
        pytest.skip("changes a whole tail of the series")
    truth = json.loads(TRUTH.read_text())[name]
    first, last = date.fromisoformat(truth["window_from"]), date.fromisoformat(truth["window_to_exclusive"])
    found = sorted(_expand(FOLDER / name, first, last), key=str)
    expected = sorted(([*row[:4]] for row in truth["occurrences"]), key=str)
    assert found == expected


def _expand(path: Path, first: date, last: date) -> list[list[Any]]:
    events = defaultdict(list)
    for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
        if event.get("DTSTART") is not None:
            events[str(event.get("UID", ""))].append(event)
    rows = []
    for uid, versions in events.items():
        left_out = [day for event in versions for day in _times(event.get("EXDATE"))]
        # An occurrence that was both moved and left out is left out: both programs say so.
        versions = [
            one for one in versions if one.get("RECURRENCE-ID") is None or one["RECURRENCE-ID"].dt not in left_out
        ]
        moved = [event for event in versions if event.get("RECURRENCE-ID") is not None]
        for event in versions:
            others = [one["RECURRENCE-ID"].dt for one in moved] if event not in moved else []
            rows += _rows(uid, event, others, first, last)
    return rows


def _rows(uid: str, event: Any, moved: list[Any], first: date, last: date) -> list[list[Any]]:
    start = event["DTSTART"].dt
    all_day = not isinstance(start, datetime)
    zone: tzinfo = (None if all_day else start.tzinfo) or UTC
    end = event["DTEND"].dt if event.get("DTEND") is not None else None
    if end is None and event.get("DURATION") is not None:
        end = start + event["DURATION"].dt
    rule = event.get("RRULE")
    found = occurrences(
        start if all_day else as_wall(start, zone),
        end if all_day or end is None else as_wall(end, zone),
        zone,
        parse_rule((rule[0] if isinstance(rule, list) else rule).to_ical().decode()) if rule is not None else None,
        [*_times(event.get("EXDATE")), *moved],
        all_day,
        datetime.combine(first, datetime.min.time(), UTC) - timedelta(days=1),
        datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1),
    )
    rows: list[list[Any]] = []
    for item in found:
        if all_day:
            if first <= item.start_local.date() < last or first < item.end_local.date() <= last:
                rows.append([uid, item.start_local.date().isoformat(), item.end_local.date().isoformat(), None])
        elif first <= item.start_local.date() < last:
            instant = item.start_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append([uid, item.start_local.isoformat(), item.end_local.isoformat(), instant])
    return rows


def _times(value: Any) -> list[Any]:
    if value is None:
        return []
    return [one.dt for part in (value if isinstance(value, list) else [value]) for one in part.dts]


def test_exchange_ends_an_all_day_series_by_an_instant() -> None:
    """Exchange writes UNTIL as 23:00 UTC for a day in London in summer: the last Thursday is the 17th."""
    text = (FOLDER / "rie_issue_28_rrule_with_UTC_endinginZ.ics").read_text()
    rule = parse_rule(next(line for line in text.splitlines() if line.startswith("RRULE:FREQ=WEEKLY;UNTIL=20200916")))
    found = occurrences(
        date(2020, 4, 2),
        date(2020, 4, 3),
        ZoneInfo("Europe/London"),
        rule,
        [],
        True,
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2021, 1, 1, tzinfo=UTC),
    )
    assert found[-1].start_local == datetime(2020, 9, 17)
