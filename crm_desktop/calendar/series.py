"""Editing a series: ending it before an occurrence, going on from one, and moving all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

from crm_desktop.calendar.occurrences import as_wall, completed, wall_starts
from crm_desktop.calendar.recurrence import DayOfWeek, Frequency, Rule, is_last_of_month, nth_of_month

_SECOND = timedelta(seconds=1)


def ended_before(rule: Rule, wall: datetime, *, all_day: bool = False) -> Rule:
    """The rule without the occurrence at ``wall`` and all later ones, ready for "this and following"."""
    last = (wall - timedelta(days=1)).date() if all_day else wall - _SECOND
    return replace(rule, count=None, until=last)


def continued_from(rule: Rule, start: datetime, wall: datetime, zone: tzinfo) -> Rule:
    """The rule of a new series that goes on from the occurrence at ``wall``; a count becomes what is left of it."""
    full = completed(rule, start)
    if full.count is None:
        return full
    before = sum(1 for _ in wall_starts(full, start, zone, start, wall - _SECOND))
    return replace(full, count=max(1, full.count - before))


def is_first(rule: Rule, start: datetime, wall: datetime, zone: tzinfo) -> bool:
    """Whether no occurrence comes before the one at ``wall``, so that "this and following" means all."""
    return next(iter(wall_starts(rule, start, zone, start, wall - _SECOND)), None) is None if wall > start else True


def moved_rule(rule: Rule, old: datetime, new: datetime) -> Rule:
    """The rule after its occurrence at ``old`` was moved to ``new``: Mondays become Tuesdays, the 10th the 12th.

    A date on which the rule ends is moved along, so that the series keeps its length.
    """
    days = (new.date() - old.date()).days
    if not days:
        return rule
    full = _moved_end(completed(rule, old), timedelta(days=days))
    if full.freq is Frequency.DAILY:
        return full
    if full.freq is Frequency.WEEKLY:
        weekdays = sorted((day.weekday + days) % 7 for day in full.days)
        return replace(full, days=tuple(DayOfWeek(weekday) for weekday in weekdays))
    return _moved_in_month(full, old.date(), new.date())


def moved_exceptions(exdates: Iterable[datetime | date], zone: tzinfo, old: datetime, new: datetime) -> list[datetime]:
    """Exceptions after the whole series moved from ``old`` to ``new``."""
    return [as_wall(value, zone) + (new - old) for value in exdates]


def _moved_in_month(rule: Rule, old: date, new: date) -> Rule:
    if rule.freq is Frequency.YEARLY and rule.months == (old.month,):
        rule = replace(rule, months=(new.month,))
    if len(rule.days) == 1 and rule.days[0].nth and not rule.month_days:
        nth = -1 if rule.days[0].nth < 0 and is_last_of_month(new) else nth_of_month(new)
        return replace(rule, days=(DayOfWeek(new.weekday(), nth),))
    if len(rule.month_days) == 1 and not rule.days:
        last = rule.month_days[0] < 0 and (new + timedelta(days=1)).day == 1
        return rule if last else replace(rule, month_days=(new.day,))
    if old.day in rule.month_days and not rule.days:
        month_days = {day for day in rule.month_days if day != old.day} | {new.day}
        return replace(rule, month_days=tuple(sorted(month_days)))
    return rule


def _moved_end(rule: Rule, by: timedelta) -> Rule:
    return rule if rule.until is None else replace(rule, until=rule.until + by)
