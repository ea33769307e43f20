"""Periods by name: "this month", "last 30 days", two dates. For filters and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _

PERIODS: dict[str, str] = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "tomorrow": N_("Tomorrow"),
    "this_week": N_("This week"),
    "last_week": N_("Last week"),
    "next_week": N_("Next week"),
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
    "next_month": N_("Next month"),
    "this_quarter": N_("This quarter"),
    "last_quarter": N_("Last quarter"),
    "next_quarter": N_("Next quarter"),
    "this_year": N_("This year"),
    "last_year": N_("Last year"),
    "next_year": N_("Next year"),
    "next_7_days": N_("Next 7 days"),
    "next_30_days": N_("Next 30 days"),
    "last_7_days": N_("Last 7 days"),
    "last_30_days": N_("Last 30 days"),
    "last_90_days": N_("Last 90 days"),
    "last_12_months": N_("Last 12 months"),
    "all": N_("All time"),
}
"""Every period and its label, in the order of menus."""

Span = tuple[date, date]
_DAY = timedelta(days=1)
EVERYTHING: Span = (date.min, date.max)


def resolve(value: str | Sequence[str | date | None], today: date | None = None) -> Span:
    """The first and the last day (inclusive) of a period.

    Args:
        value: a key of ``PERIODS``, "2026-01-01..2026-03-31" (either end may be missing),
            or two dates, ISO texts or None.
        today: the day to count from; the clock's where none is given.

    Raises:
        UserError: the value is not a period.
    """
    if isinstance(value, str):
        if value in _RESOLVERS:
            return _RESOLVERS[value](today or clock.today())
        value = value.split("..")
    if len(value) != 2:
        raise UserError(_NOT_A_PERIOD, value=" ".join(map(str, value)))
    start, end = _day(value[0]) or date.min, _day(value[1]) or date.max
    if start > end:
        raise UserError(N_("The period ends before it starts. Swap the two dates."))
    return start, end


_NOT_A_PERIOD = N_("“{value}” is not a period. Choose one of the list, or two dates such as 2026-01-01..2026-03-31.")


def _day(value: str | date | None) -> date | None:
    if value is None or isinstance(value, date):
        return value
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError as error:
        raise UserError(_NOT_A_PERIOD, value=value) from error


def label(value: str | Sequence[str | date | None]) -> str:
    """The words for a period: "Last 30 days", "01/01/2026 – 31/03/2026"."""
    if isinstance(value, str) and value in PERIODS:
        return _(PERIODS[value])
    start, end = resolve(value)
    if start == date.min and end == date.max:
        return _(PERIODS["all"])
    if start == date.min:
        return _("until {date}").format(date=formats.format_date(end))
    if end == date.max:
        return _("since {date}").format(date=formats.format_date(start))
    if start == end:
        return formats.format_date(start)
    return f"{formats.format_date(start)} – {formats.format_date(end)}"


def previous(span: Span) -> Span:
    """The period just before this one, of the same length; whole months stay whole months.

    A span of everything is its own previous one.
    """
    start, end = span
    if start == date.min or end == date.max:
        return span
    if start.day == 1 and (end + _DAY).day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        return add_months(start, -months), start - _DAY
    return start - (end - start) - _DAY, start - _DAY


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last one of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - _DAY).day))


def _week(shift: int) -> Callable[[date], Span]:
    def resolver(today: date) -> Span:
        start = today - timedelta(days=(today.weekday() - formats.first_weekday()) % 7) + timedelta(weeks=shift)
        return start, start + timedelta(days=6)

    return resolver


def _months(size: int, shift: int) -> Callable[[date], Span]:
    """A block of ``size`` months (1, 3 or 12) that divides the year, ``shift`` blocks from the current one."""

    def resolver(today: date) -> Span:
        current = date(today.year, (today.month - 1) // size * size + 1, 1)
        start = add_months(current, shift * size)
        return start, add_months(start, size) - _DAY

    return resolver


def _days(first: int, last: int) -> Callable[[date], Span]:
    return lambda today: (today + timedelta(days=first), today + timedelta(days=last))


_RESOLVERS: dict[str, Callable[[date], Span]] = {
    "today": _days(0, 0),
    "yesterday": _days(-1, -1),
    "tomorrow": _days(1, 1),
    "next_7_days": _days(0, 6),
    "next_30_days": _days(0, 29),
    "this_week": _week(0),
    "last_week": _week(-1),
    "next_week": _week(1),
    "this_month": _months(1, 0),
    "last_month": _months(1, -1),
    "next_month": _months(1, 1),
    "this_quarter": _months(3, 0),
    "last_quarter": _months(3, -1),
    "next_quarter": _months(3, 1),
    "this_year": _months(12, 0),
    "last_year": _months(12, -1),
    "next_year": _months(12, 1),
    "last_7_days": _days(-6, 0),
    "last_30_days": _days(-29, 0),
    "last_90_days": _days(-89, 0),
    "last_12_months": lambda today: (add_months(today, -12) + _DAY, today),
    "all": lambda today: EVERYTHING,
}
