"""The stretches of days that the calendar shows, how to step over them, and what to call them."""

from __future__ import annotations

from datetime import date, timedelta

from crm_desktop.core.formats import first_weekday, format_date, month_name
from crm_desktop.core.i18n import _
from ui.calendar.agenda import AGENDA_DAYS
from ui.calendar.items import WEEKEND
from ui.calendar.layout import month_grid, week_start

MODES = ("day", "work_week", "week", "month", "agenda")


def days_of(mode: str, day: date) -> list[date]:
    """The days that a view of a day shows."""
    if mode == "day":
        return [day]
    if mode == "agenda":
        return [day + timedelta(days=index) for index in range(AGENDA_DAYS)]
    if mode == "month":
        weeks = month_grid(day, first_weekday())
        return [weeks[0] + timedelta(days=index) for index in range(7 * len(weeks))]
    start = week_start(day, first_weekday())
    days = [start + timedelta(days=index) for index in range(7)]
    return [one for one in days if one.weekday() not in WEEKEND] if mode == "work_week" else days


def stepped(mode: str, day: date, way: int) -> date:
    """The day to show after a step back (-1) or ahead (1)."""
    if mode == "day":
        return day + timedelta(days=way)
    if mode == "agenda":
        return day + timedelta(days=way * AGENDA_DAYS)
    if mode == "month":
        count = day.year * 12 + day.month - 1 + way
        first = date(count // 12, count % 12 + 1, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return min(first + timedelta(days=day.day - 1), last)
    return day + timedelta(days=7 * way)


def range_text(mode: str, day: date, *, short: bool = False) -> str:
    """The name of what is shown: "March 8 – 14, 2026", "March 2026"; in short where there is little room."""
    days = days_of(mode, day)
    if short:
        return _short_range(mode, days)
    if mode == "day":
        return format_date(day, "full")
    if mode == "month":
        return format_date(day, "month")
    first, last = days[0], days[-1]
    if (first.year, first.month) == (last.year, last.month):
        return _("{month} {first} – {last}, {year}").format(
            month=month_name(first.month), first=first.day, last=last.day, year=first.year
        )
    return _("{first} – {last}").format(first=format_date(first, "medium"), last=format_date(last, "medium"))


def _short_range(mode: str, days: list[date]) -> str:
    if mode == "month":
        middle = days[len(days) // 2]
        return _("{month} {year}").format(month=month_name(middle.month, short=True), year=middle.year)
    first, last = (format_date(one, "day_month") for one in (days[0], days[-1]))
    return first if len(days) == 1 else _("{first} – {last}").format(first=first, last=last)
