"""What the calendar's views show: plain data, whatever record it comes from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from crm_desktop.calendar.occurrences import to_utc, to_wall
from crm_desktop.core.formats import format_date, format_time
from crm_desktop.core.i18n import _

DAY_MINUTES = 24 * 60
SNAP = 15
"""Minutes that times drawn with the mouse are rounded to."""

WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """One appointment or all-day event as it is drawn.

    ``start`` and ``end`` are aware and in the zone of the view; an all-day event goes from midnight to the midnight
    after its last day. ``color_index`` is the hue (1 to 8) of its type, ``hue_person`` that of its person (0: none).
    """

    key: Hashable
    title: str
    subtitle: str
    start: datetime
    end: datetime
    all_day: bool = False
    kind: str = ""
    hue_person: int = 0
    done: bool = False
    recurring: bool = False
    editable: bool = True
    color_index: int = 8
    icon: str = ""

    @property
    def first_day(self) -> date:
        """The first day it touches."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day it touches; an end at midnight does not touch the day that begins."""
        last = self.end.replace(tzinfo=None) - timedelta(microseconds=1)
        return max(last.date(), self.first_day)

    @property
    def is_bar(self) -> bool:
        """Whether it is drawn across days rather than among the hours."""
        return self.all_day or self.end.astimezone(UTC) - self.start.astimezone(UTC) >= timedelta(hours=24)


def minutes(moment: datetime) -> int:
    """The minute of the day that the clock shows."""
    return moment.hour * 60 + moment.minute


def at(day: date, minute: int, zone: tzinfo) -> datetime:
    """The aware time at a minute of a day, which may be 24:00 or more; a minute the clock skips moves forward."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return to_utc(wall, zone).astimezone(zone)


def shifted(item: CalendarItem, start: datetime) -> CalendarItem:
    """The item begun at another time. It keeps its length on the clock."""
    zone = start.tzinfo
    assert zone is not None
    length = to_wall(item.end, zone) - to_wall(item.start, zone)
    end = to_utc(to_wall(start, zone) + max(length, timedelta(0)), zone).astimezone(zone)
    return replace(item, start=start, end=max(end, start))


def span_on(item: CalendarItem, day: date) -> tuple[int, int] | None:
    """The minutes of a day that an item covers, or None where it does not touch the day.

    Of an item that seems to end before it begins, because the clock was set back in it, a quarter hour is shown.
    """
    if not item.first_day <= day <= item.last_day:
        return None
    first = minutes(item.start) if item.first_day == day else 0
    if item.end.date() == day:
        last = minutes(item.end)
    else:
        last = DAY_MINUTES
    return first, max(last, min(first + SNAP, DAY_MINUTES))


def time_range(start: datetime, end: datetime) -> str:
    """From when to when, e.g. "10:00 – 11:30"."""
    if start == end:
        return format_time(start.timetz().replace(tzinfo=None))
    return f"{clock_text(start)} – {clock_text(end)}"


def clock_text(moment: datetime) -> str:
    """The time of day as the clock of its own zone shows it."""
    return format_time(moment.time())


def hour_text(hour: int) -> str:
    """The label of an hour of the grid."""
    return format_time(time(hour % 24))


def spoken(item: CalendarItem) -> str:
    """Everything about an item in one line, for tooltips and screen readers."""
    if item.all_day:
        days = format_date(item.first_day, "full")
        if item.last_day != item.first_day:
            days = _("{first} to {last}").format(first=days, last=format_date(item.last_day, "full"))
        when = _("{days}, all day").format(days=days)
    else:
        when = f"{format_date(item.first_day, 'full')}, {time_range(item.start, item.end)}"
    parts = [item.title, item.subtitle, when]
    if item.kind:
        parts.append(item.kind)
    if item.recurring:
        parts.append(_("repeats"))
    if item.done:
        parts.append(_("done"))
    return "; ".join(part for part in parts if part)


def in_order(items: Iterable[CalendarItem]) -> list[CalendarItem]:
    """Items as they are read: by start, the longer first."""
    return sorted(items, key=lambda item: (item.start.astimezone(UTC), -item.end.timestamp(), item.title))


def on_day(items: Sequence[CalendarItem], day: date) -> list[CalendarItem]:
    """The items that touch a day: those across days first, then by time."""
    touching = [item for item in items if item.first_day <= day <= item.last_day]
    return [*in_order(one for one in touching if one.is_bar), *in_order(one for one in touching if not one.is_bar)]
