"""A repetition rule in words, in the language in use: "Every week on Monday and Wednesday until June 30, 2026"."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from babel import Locale
from babel.lists import format_list

from crm_desktop.calendar.occurrences import completed
from crm_desktop.calendar.recurrence import DayOfWeek, Frequency, Rule, parse_rule, until_wall
from crm_desktop.core.clock import local_zone
from crm_desktop.core.formats import format_date, month_name, weekday_names
from crm_desktop.core.i18n import _, language, ngettext, pgettext


def describe_rule(rule: Rule | str, start: datetime | date, zone: tzinfo | None = None) -> str:
    """Say a rule as a person would.

    Args:
        rule: the rule or its RRULE text.
        start: the first occurrence, which gives the parts the rule leaves out.
        zone: the event's zone, to tell the last day of a rule that ends at an instant; the local one where it is None.
    """
    given = parse_rule(rule) if isinstance(rule, str) else rule
    return _with_end(_SENTENCES[given.freq](completed(given, start)), given, zone or local_zone())


def weekday_name(weekday: int) -> str:
    """The name of a weekday (0 is Monday) inside a sentence, e.g. "Monday" or "segunda-feira"."""
    return weekday_names()[weekday]


def nth_weekday(day: DayOfWeek) -> str:
    """Which weekday of a month or year, e.g. "the second Tuesday"; just its name where it is every one."""
    name = weekday_name(day.weekday)
    # Two contexts, because in Portuguese Saturday and Sunday take another gender than the other days.
    if day.weekday < 5:
        forms = {
            1: pgettext("Monday to Friday", "the first {day}"),
            2: pgettext("Monday to Friday", "the second {day}"),
            3: pgettext("Monday to Friday", "the third {day}"),
            4: pgettext("Monday to Friday", "the fourth {day}"),
            5: pgettext("Monday to Friday", "the fifth {day}"),
            -1: pgettext("Monday to Friday", "the last {day}"),
        }
    else:
        forms = {
            1: pgettext("Saturday or Sunday", "the first {day}"),
            2: pgettext("Saturday or Sunday", "the second {day}"),
            3: pgettext("Saturday or Sunday", "the third {day}"),
            4: pgettext("Saturday or Sunday", "the fourth {day}"),
            5: pgettext("Saturday or Sunday", "the fifth {day}"),
            -1: pgettext("Saturday or Sunday", "the last {day}"),
        }
    if not day.nth:
        return name
    return forms.get(day.nth, _("{day} number {n}")).format(day=name, n=day.nth)


def _daily(rule: Rule) -> str:
    text = ngettext("Every day", "Every {n} days", rule.interval).format(n=rule.interval)
    return _in_months(_on_days(text, rule), rule)


def _weekly(rule: Rule) -> str:
    weekdays = [day.weekday for day in rule.days]
    if weekdays == [0, 1, 2, 3, 4] and rule.interval == 1:
        return _in_months(_("Every weekday"), rule)
    text = ngettext("Every week on {days}", "Every {n} weeks on {days}", rule.interval)
    days = _joined([weekday_name(weekday) for weekday in weekdays])
    return _in_months(text.format(n=rule.interval, days=days), rule)


def _monthly(rule: Rule) -> str:
    every = ngettext("Every month", "Every {n} months", rule.interval).format(n=rule.interval)
    return _in_months(_on_days(every, rule), rule)


def _yearly(rule: Rule) -> str:
    every = ngettext("Every year", "Every {n} years", rule.interval).format(n=rule.interval)
    plain = not (rule.days or rule.weeks or rule.year_days or rule.positions)
    if plain and rule.months and rule.month_days and all(day > 0 for day in rule.month_days):
        dates = [_day_and_month(month, day) for month in rule.months for day in rule.month_days]
        return _("{every} on {days}").format(every=every, days=_joined(dates))
    return _in_months(_on_days(every, rule), rule)


_SENTENCES = {
    Frequency.DAILY: _daily,
    Frequency.WEEKLY: _weekly,
    Frequency.MONTHLY: _monthly,
    Frequency.YEARLY: _yearly,
}


def _on_days(every: str, rule: Rule) -> str:
    if rule.positions and rule.days and not rule.month_days:
        return _on_positions(every, rule)
    text = every
    if rule.weeks:
        weeks = _joined([str(week) for week in rule.weeks])
        text = ngettext("{every} in week {weeks}", "{every} in weeks {weeks}", len(rule.weeks)).format(
            every=text, weeks=weeks
        )
    if rule.year_days:
        days = _joined([str(day) for day in rule.year_days])
        text = _("{every} on day {days} of the year").format(every=text, days=days)
    if rule.days:
        text = _("{every} on {days}").format(every=text, days=_joined([nth_weekday(day) for day in rule.days]))
    if rule.month_days == (-1,):
        return _("{every} on the last day of the month").format(every=text)
    if rule.month_days:
        days = _joined([str(day) for day in rule.month_days])
        text = ngettext("{every} on day {days}", "{every} on days {days}", len(rule.month_days)).format(
            every=text, days=days
        )
    return text


def _on_positions(every: str, rule: Rule) -> str:
    weekdays = {day.weekday for day in rule.days}
    if weekdays == {0, 1, 2, 3, 4} and rule.positions == (-1,):
        return _("{every} on the last working day").format(every=every)
    if weekdays == {0, 1, 2, 3, 4} and rule.positions == (1,):
        return _("{every} on the first working day").format(every=every)
    if len(weekdays) == 1:
        named = [nth_weekday(DayOfWeek(rule.days[0].weekday, position)) for position in rule.positions]
        return _("{every} on {days}").format(every=every, days=_joined(named))
    days = _joined([weekday_name(weekday) for weekday in sorted(weekdays)])
    numbers = _joined([str(position) for position in rule.positions])
    return _("{every}, number {numbers} of {days}").format(every=every, numbers=numbers, days=days)


def _in_months(text: str, rule: Rule) -> str:
    if not rule.months:
        return text
    return _("{every} in {months}").format(every=text, months=_joined([month_name(month) for month in rule.months]))


def _with_end(text: str, rule: Rule, zone: tzinfo) -> str:
    if rule.until is not None:
        last = until_wall(rule.until, zone).date()
        return _("{every} until {date}").format(every=text, date=format_date(last, "long"))
    if rule.count is not None:
        return ngettext("{every}, {n} time", "{every}, {n} times", rule.count).format(every=text, n=rule.count)
    return text


def _day_and_month(month: int, day: int) -> str:
    return _("{month} {day}").format(month=month_name(month), day=day)


def _joined(parts: list[str]) -> str:
    return str(format_list(parts, locale=Locale.parse(language())))
