"""From a repetition rule to the times it means: expansion on the wall clock of the event's zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import rrule as dateutil_rrule

from crm_desktop.calendar.recurrence import DayOfWeek, Frequency, Rule, parse_rule, until_wall
from crm_desktop.core import clock

MOST_OCCURRENCES = 10_000
"""No window gives more occurrences of one event than this."""

_FREQUENCIES = {
    Frequency.DAILY: dateutil_rrule.DAILY,
    Frequency.WEEKLY: dateutil_rrule.WEEKLY,
    Frequency.MONTHLY: dateutil_rrule.MONTHLY,
    Frequency.YEARLY: dateutil_rrule.YEARLY,
}
_DAY = timedelta(days=1)
_FAR = datetime(9580, 1, 1)
"""From here to the end of dates the Gregorian calendar goes round once (400 years)."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes place.

    ``recurrence_id`` is the wall-clock start that the rule gave it, which names it for exceptions; it stays the
    same when the occurrence is moved.
    """

    start_utc: datetime
    end_utc: datetime
    start_local: datetime
    end_local: datetime
    recurrence_id: datetime
    all_day: bool = False


def to_utc(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall-clock time.

    A time that the clock skips moves forward by the gap; of a time that comes twice it is the first
    (RFC 5545, section 3.3.5).
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def to_wall(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock of a zone shows at an instant, without the zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of an event; the computer's own where it names none or one that nobody knows."""
    try:
        return ZoneInfo(name) if name else clock.local_zone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return clock.local_zone()


def occurrences(
    start_local: datetime | date,
    end_local: datetime | date | None,
    zone: tzinfo,
    rrule: str | Rule | None,
    exdates: Iterable[datetime | date],
    all_day: bool,
    window_start_utc: datetime,
    window_end_utc: datetime,
    *,
    rdates: Iterable[datetime | date] = (),
    limit: int = MOST_OCCURRENCES,
) -> list[Occurrence]:
    """The occurrences of one event that touch a window, by time.

    The end keeps its place on the clock: a shift from 22:00 to 06:00 ends at 06:00 in every night of the year.
    (RFC 5545 would keep the exact number of hours; people plan by the clock.)

    Args:
        start_local: wall time of the first occurrence, naive; a date where ``all_day``.
        end_local: its end; for an all-day event the day after the last one, as in iCalendar. None means no length.
        zone: the event's zone; for an all-day event the zone of the person who looks.
        rrule: the rule or its text; None for an event that takes place once.
        exdates: starts left out. A date leaves out its whole day; an aware time is read in the zone.
        window_start_utc: first instant of the window, aware.
        window_end_utc: first instant after the window, aware.
        rdates: more starts, beside the rule.
        limit: the most that are given.
    """
    start = as_wall(start_local, zone)
    length = max(as_wall(end_local, zone) - start, timedelta(0)) if end_local is not None else timedelta(0)
    if all_day:
        start = datetime.combine(start.date(), time())
        length = max(timedelta(days=length.days), _DAY)
    rule = parse_rule(rrule) if isinstance(rrule, str) and rrule.strip() else rrule
    left_out = _Exceptions(exdates, zone, all_day=all_day)
    first = _shifted(to_wall(window_start_utc, zone), -length - _DAY)
    last = _shifted(to_wall(window_end_utc, zone), _DAY)
    found: list[Occurrence] = []
    seen: set[datetime] = set()
    for wall in _walls(rule if isinstance(rule, Rule) else None, start, zone, rdates, first, last):
        if wall in left_out:
            continue
        item = _occurrence(wall, length, zone, all_day=all_day)
        # A day that a zone skipped whole (Apia, 30 December 2011) would double the next day's occurrence.
        if item.start_utc in seen or not _touches(item, window_start_utc, window_end_utc):
            continue
        seen.add(item.start_utc)
        found.append(item)
        if len(found) >= limit:
            break
    return sorted(found, key=lambda item: item.start_utc)


def wall_starts(rule: Rule, start: datetime, zone: tzinfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The wall-clock starts of a rule from ``first`` to ``last``, both included, in order.

    The event's own start is its first occurrence even where the rule would not give it.
    """
    full = completed(rule, start)
    limit = min(until_wall(rule.until, zone), last) if rule.until is not None else last
    possible = _can_happen(replace(full, until=None, count=None), start)
    on_rule = possible and next(iter(_dateutil(replace(full, count=None), start, start)), None) == start
    if not on_rule and first <= start <= last:
        yield start
    if not possible or limit < start:
        return
    if rule.count is not None:
        count = rule.count if on_rule else rule.count - 1
        walls = iter(_dateutil(replace(full, count=count), start, limit)) if count else iter(())
    else:
        walls = iter(_dateutil(full, _advanced(full, start, first), limit))
    for wall in takewhile(lambda wall: wall <= limit, walls):
        if wall >= first and wall >= start:
            yield wall


def first_on_rule(rule: Rule, start: datetime) -> datetime:
    """The first time that a rule gives from ``start`` on; ``start`` itself where it gives none."""
    full = replace(completed(rule, start), until=None, count=None)
    if not _can_happen(full, start):
        return start
    return next(iter(_dateutil(full, start, datetime.max)), start)


def completed(rule: Rule, start: datetime | date) -> Rule:
    """The rule with the parts written out that RFC 5545 takes from the start (the weekday, the day, the month)."""
    if rule.freq is Frequency.WEEKLY and not rule.days:
        return replace(rule, days=(DayOfWeek(start.weekday()),))
    if rule.freq is Frequency.YEARLY and rule.weeks and not rule.days:
        return replace(rule, days=(DayOfWeek(start.weekday()),))
    if rule.freq in (Frequency.DAILY, Frequency.WEEKLY) or rule.days or rule.month_days or rule.year_days or rule.weeks:
        return rule
    if rule.freq is Frequency.YEARLY and not rule.months:
        return replace(rule, months=(start.month,), month_days=(start.day,))
    return replace(rule, month_days=(start.day,))


def as_wall(value: datetime | date, zone: tzinfo) -> datetime:
    """A date as its midnight, an aware time on the clock of the zone, a naive time as it is."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return to_wall(value, zone) if value.tzinfo else value


class _Exceptions:
    """The starts that are left out."""

    def __init__(self, exdates: Iterable[datetime | date], zone: tzinfo, *, all_day: bool) -> None:
        self._times: set[datetime] = set()
        self._days: set[date] = set()
        for value in exdates:
            if isinstance(value, datetime) and not all_day:
                self._times.add(as_wall(value, zone))
            else:
                self._days.add(as_wall(value, zone).date())

    def __contains__(self, wall: datetime) -> bool:
        return wall in self._times or wall.date() in self._days


def _walls(
    rule: Rule | None,
    start: datetime,
    zone: tzinfo,
    rdates: Iterable[datetime | date],
    first: datetime,
    last: datetime,
) -> Iterator[datetime]:
    for value in rdates:
        wall = as_wall(value, zone)
        if first <= wall <= last:
            yield wall
    if rule is not None:
        yield from wall_starts(rule, start, zone, first, last)
    elif first <= start <= last:
        yield start


def _occurrence(wall: datetime, length: timedelta, zone: tzinfo, *, all_day: bool) -> Occurrence:
    start_utc = to_utc(wall, zone)
    end_utc = to_utc(wall + length, zone)
    if end_utc <= start_utc:
        end_utc = start_utc + (_DAY if all_day else length)
    return Occurrence(
        start_utc=start_utc,
        end_utc=end_utc,
        start_local=wall if all_day else to_wall(start_utc, zone),
        end_local=wall + length if all_day else to_wall(end_utc, zone),
        recurrence_id=wall,
        all_day=all_day,
    )


def _touches(item: Occurrence, window_start: datetime, window_end: datetime) -> bool:
    if item.start_utc >= window_end:
        return False
    return item.end_utc > window_start or item.start_utc >= window_start


def _dateutil(rule: Rule, start: datetime, until: datetime) -> Iterable[datetime]:
    days = [dateutil_rrule.weekday(day.weekday, day.nth or None) for day in rule.days]
    # dateutil does not take a count and an end together; the caller stops a counted rule at its end.
    ending = {"until": until} if rule.count is None else {"count": rule.count}
    made: Iterable[datetime] = dateutil_rrule.rrule(
        _FREQUENCIES[rule.freq],
        dtstart=start,
        interval=rule.interval,
        wkst=rule.week_start,
        bysetpos=rule.positions or None,
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byyearday=rule.year_days or None,
        byweekno=rule.weeks or None,
        byweekday=days or None,
        byhour=rule.hours or None,
        byminute=rule.minutes or None,
        bysecond=rule.seconds or None,
        **ending,
    )
    return made


def _advanced(rule: Rule, start: datetime, first: datetime) -> datetime:
    """A start nearer to the window from which a completed rule gives the same times.

    Without it a daily meeting of twenty years costs 7,000 steps every time a week is drawn.
    """
    if first <= start:
        return start
    if rule.freq is Frequency.DAILY:
        steps = (first - start).days // rule.interval - 1
        return start + timedelta(days=steps * rule.interval) if steps > 0 else start
    if rule.freq is Frequency.WEEKLY:
        steps = (first - start).days // (7 * rule.interval) - 1
        return start + timedelta(weeks=steps * rule.interval) if steps > 0 else start
    if rule.freq is Frequency.MONTHLY:
        months = (first.year - start.year) * 12 + first.month - start.month
        steps = months // rule.interval - 1
        if steps <= 0:
            return start
        month = start.year * 12 + start.month - 1 + steps * rule.interval
        return start.replace(year=month // 12, month=month % 12 + 1, day=1)
    steps = (first.year - start.year) // rule.interval - 1
    return start.replace(year=start.year + steps * rule.interval, month=1, day=1) if steps > 0 else start


@lru_cache(maxsize=1024)
def _can_happen(rule: Rule, start: datetime) -> bool:
    """Whether a rule ever gives a day, asked of the last 400 years there are.

    The library looks until the year 9999 for the next day of a rule that has none (30 February), which would
    freeze a calendar.
    """
    if not (rule.month_days or rule.positions or rule.weeks or rule.year_days or rule.months or rule.days):
        return True
    if start >= _FAR:
        return True
    return next(iter(_dateutil(rule, _advanced(rule, start, _FAR), datetime.max)), None) is not None


def _shifted(wall: datetime, by: timedelta) -> datetime:
    try:
        return wall + by
    except OverflowError:
        return datetime.max if by > timedelta(0) else datetime.min
