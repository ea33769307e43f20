"""Repetition rules (RFC 5545 RRULE): read, check, write, and build from an editor's choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545 names of the days; the place is Python's weekday number."""

MAX_INTERVAL = 999
MAX_COUNT = 9999

_PART = re.compile(r"^\s*([A-Za-z-]+)\s*=\s*(.*?)\s*$")
_WEEKDAY = re.compile(r"^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")


class Frequency(StrEnum):
    """How often a rule comes round. Rules by the hour or faster have no place in an office calendar."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class DayOfWeek(NamedTuple):
    """A weekday (0 is Monday) and which one of the month or year: 1 the first, -1 the last, 0 every."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One repetition rule. An ``until`` that is a date means the end of that day on the event's own clock."""

    freq: Frequency
    interval: int = 1
    days: tuple[DayOfWeek, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    count: int | None = None
    until: date | datetime | None = None
    week_start: int = 0

    def __str__(self) -> str:
        return format_rule(self)


class _Range(NamedTuple):
    """Which numbers a part may hold, and the field of :class:`Rule` that keeps them."""

    field: str
    low: int
    high: int
    negative: bool = False


_NUMBERS = {
    "BYMONTHDAY": _Range("month_days", 1, 31, True),
    "BYMONTH": _Range("months", 1, 12),
    "BYYEARDAY": _Range("year_days", 1, 366, True),
    "BYWEEKNO": _Range("weeks", 1, 53, True),
    "BYSETPOS": _Range("positions", 1, 366, True),
    "BYHOUR": _Range("hours", 0, 23),
    "BYMINUTE": _Range("minutes", 0, 59),
    "BYSECOND": _Range("seconds", 0, 59),
}


def parse_rule(text: str) -> Rule:
    """Read an RRULE value, with or without its ``RRULE:`` name, as strictly as real files allow.

    Lower case, blanks, an empty last part and parts beginning with ``X-`` are accepted.
    Raises :class:`UserError` for a rule that cannot be kept.
    """
    parts = _split(text)
    frequency = parts.pop("FREQ", "").upper()
    if frequency not in Frequency.__members__:
        raise UserError(
            N_("Events can repeat daily, weekly, monthly or yearly. Change the repetition “{rule}”."), rule=text
        )
    rule = Rule(Frequency(frequency))
    for name, value in parts.items():
        reader = _READERS.get(name)
        if reader is not None:
            rule = reader(rule, value, text)
        elif name in _NUMBERS:
            allowed = _NUMBERS[name]
            rule = replace(rule, **{allowed.field: _numbers(value, allowed, text)})  # type: ignore[arg-type]
        elif not name.startswith("X-"):
            raise _unreadable(text)
    return validate_rule(rule)


def format_rule(rule: Rule) -> str:
    """The rule as an RRULE value, parts in a fixed order, e.g. ``FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260630``."""
    parts = [f"FREQ={rule.freq.value}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    for name, allowed in _NUMBERS.items():
        values = getattr(rule, allowed.field)
        if values:
            parts.append(f"{name}={','.join(map(str, values))}")
    if rule.days:
        parts.append("BYDAY=" + ",".join(f"{day.nth or ''}{WEEKDAYS[day.weekday]}" for day in rule.days))
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={_format_until(rule.until)}")
    return ";".join(parts)


def format_for_file(rule: Rule, zone: tzinfo, *, all_day: bool) -> str:
    """The rule for an iCalendar file, where UNTIL is UTC for an event with a time and a date for one without."""
    until = rule.until
    if until is not None:
        if all_day:
            until = until_wall(until, zone).date()
        elif not (isinstance(until, datetime) and until.tzinfo):
            until = until_wall(until, zone).replace(tzinfo=zone).astimezone(UTC)
    return format_rule(replace(rule, until=until))


def until_wall(until: date | datetime, zone: tzinfo) -> datetime:
    """The last moment that ``until`` allows, as wall time of the event's zone."""
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    return until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until


def validate_rule(rule: Rule) -> Rule:
    """Give the rule back, or raise :class:`UserError` saying what to change."""
    if not 1 <= rule.interval <= MAX_INTERVAL:
        raise UserError(N_("Choose a repetition interval from 1 to {most}."), most=MAX_INTERVAL)
    if rule.count is not None and not 1 <= rule.count <= MAX_COUNT:
        raise UserError(N_("Choose a number of repetitions from 1 to {most}."), most=MAX_COUNT)
    if rule.count is not None and rule.until is not None:
        raise UserError(N_("A repetition ends after a number of times or on a date, not both. Choose one."))
    if any(day.nth for day in rule.days) and rule.freq in (Frequency.DAILY, Frequency.WEEKLY):
        raise UserError(N_("“The second Tuesday” needs a monthly or yearly repetition. Choose one of these."))
    longest = 31 if not rule.months else max(29 if m == 2 else 30 if m in (4, 6, 9, 11) else 31 for m in rule.months)
    if rule.month_days and all(abs(day) > longest for day in rule.month_days):
        raise UserError(N_("These months never have a day {day}. Choose another day."), day=rule.month_days[0])
    return rule


def build_rule(
    freq: Frequency,
    start: date,
    *,
    interval: int = 1,
    weekdays: Iterable[int] = (),
    nth: int = 0,
    last_day: bool = False,
    until: date | None = None,
    count: int | None = None,
    week_start: int = 0,
) -> Rule:
    """Build a rule from what a person picks in an editor.

    Args:
        start: the day of the first occurrence; the rule always meets it or a later day.
        weekdays: for a weekly rule, the weekday numbers; the start's own day where none is given.
        nth: for a monthly or yearly rule, which of the start's weekday: 1 to 5, or -1 for the last; 0 repeats by
            day number.
        last_day: for a monthly rule, the last day of every month.
        until: the last day that may hold an occurrence.

    Raises :class:`UserError` where the choices contradict each other.
    """
    if until is not None and until < start:
        raise UserError(N_("The repetition ends before it starts. Choose a later end date."))
    rule = Rule(freq, interval=interval, until=until, count=count, week_start=0)
    if freq is Frequency.WEEKLY:
        chosen = sorted(set(weekdays)) or [start.weekday()]
        # Only a rule that leaves out weeks depends on the day on which a week begins.
        first = week_start if interval > 1 else 0
        rule = replace(rule, days=tuple(DayOfWeek(day) for day in chosen), week_start=first)
    elif freq is Frequency.MONTHLY:
        if last_day:
            rule = replace(rule, month_days=(-1,))
        elif nth:
            rule = replace(rule, days=(DayOfWeek(start.weekday(), nth),))
        else:
            rule = replace(rule, month_days=(start.day,))
    elif freq is Frequency.YEARLY:
        rule = replace(rule, months=(start.month,))
        if nth:
            rule = replace(rule, days=(DayOfWeek(start.weekday(), nth),))
        else:
            rule = replace(rule, month_days=(start.day,))
    return validate_rule(rule)


def nth_of_month(day: date) -> int:
    """Which one of its weekday in the month a day is: 1 to 5."""
    return (day.day - 1) // 7 + 1


def is_last_of_month(day: date) -> bool:
    """Whether the day is the last one of its weekday in the month."""
    return (day + timedelta(days=7)).month != day.month


def _split(text: str) -> dict[str, str]:
    value = text.strip()
    if value[:5].upper() == "RRULE":
        value = value.partition(":")[2]
    parts: dict[str, str] = {}
    for piece in value.split(";"):
        if not piece.strip():
            continue
        match = _PART.match(piece)
        if match is None:
            raise _unreadable(text)
        parts.setdefault(match[1].upper(), match[2])
    return parts


def _numbers(value: str, allowed: _Range, text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(sorted({int(piece) for piece in value.split(",") if piece.strip()}))
    except ValueError:
        raise _unreadable(text) from None
    for number in numbers:
        size = abs(number) if allowed.negative else number
        if not allowed.low <= size <= allowed.high:
            raise _unreadable(text)
    return numbers


def _read_interval(rule: Rule, value: str, text: str) -> Rule:
    return replace(rule, interval=_number(value, text))


def _read_count(rule: Rule, value: str, text: str) -> Rule:
    return replace(rule, count=_number(value, text))


def _read_days(rule: Rule, value: str, text: str) -> Rule:
    days = set()
    for piece in value.upper().split(","):
        match = _WEEKDAY.match(piece.replace(" ", ""))
        if match is None or (match[1] and not 1 <= abs(int(match[1])) <= 53):
            raise _unreadable(text)
        days.add(DayOfWeek(WEEKDAYS.index(match[2]), int(match[1] or 0)))
    return replace(rule, days=tuple(sorted(days)))


def _read_week_start(rule: Rule, value: str, text: str) -> Rule:
    if value.upper() not in WEEKDAYS:
        raise _unreadable(text)
    return replace(rule, week_start=WEEKDAYS.index(value.upper()))


def _read_until(rule: Rule, value: str, text: str) -> Rule:
    try:
        if "T" not in value.upper():
            return replace(rule, until=datetime.strptime(value, "%Y%m%d").date())
        moment = datetime.strptime(value.upper().rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        raise _unreadable(text) from None
    return replace(rule, until=moment.replace(tzinfo=UTC) if value.upper().endswith("Z") else moment)


_READERS: dict[str, Callable[[Rule, str, str], Rule]] = {
    "INTERVAL": _read_interval,
    "COUNT": _read_count,
    "BYDAY": _read_days,
    "WKST": _read_week_start,
    "UNTIL": _read_until,
}


def _number(value: str, text: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise _unreadable(text) from None


def _format_until(until: date | datetime) -> str:
    if not isinstance(until, datetime):
        return until.strftime("%Y%m%d")
    if until.tzinfo:
        return until.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return until.strftime("%Y%m%dT%H%M%S")


def _unreadable(text: str) -> UserError:
    return UserError(N_("The repetition “{rule}” cannot be read. Set it again in the event."), rule=text)
