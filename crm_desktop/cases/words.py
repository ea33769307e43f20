"""The clocks and choices of cases in words."""

from __future__ import annotations

import math
from datetime import timedelta

from crm_desktop.cases.case import CHANNELS, PRIORITIES, STATUSES
from crm_desktop.cases.clocks import Clock
from crm_desktop.core.fields import Choice
from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import N_, _, translate

CLOCK_NAMES = {"respond": N_("First response"), "next_response": N_("Next response"), "resolve": N_("Solution")}
_LONG = timedelta(hours=24)


def span_text(span: timedelta) -> str:
    """A length of time as a clock shows it: "0:38", "9:16", from a day on "2 d 3 h"; "−0:12" where it is negative."""
    sign, length = ("−", -span) if span < timedelta() else ("", span)
    # what is left counts down and what is over counts up: neither says 0:00 before its time
    minutes = math.floor(length / timedelta(minutes=1)) if sign else math.ceil(length / timedelta(minutes=1))
    minutes = max(minutes, 1) if sign else minutes
    if minutes * 60 < _LONG.total_seconds():
        return f"{sign}{minutes // 60}:{minutes % 60:02}"
    hours = minutes // 60
    text = f"{format_integer(hours // 24)} d"
    return f"{sign}{text} {hours % 24} h" if hours % 24 else f"{sign}{text}"


def clock_name(kind: str) -> str:
    """The name of a clock."""
    return translate(CLOCK_NAMES[kind])


def clock_text(clock: Clock) -> str:
    """The large figure of a clock: what is left, what it took, or "paused"; "–" where there is none."""
    if clock.state == "none":
        return "–"
    if clock.state == "paused":
        return _("paused")
    if clock.state in ("met", "missed"):
        return span_text(clock.elapsed)
    return span_text(clock.remaining if clock.remaining is not None else timedelta())


def clock_note(clock: Clock) -> str:
    """What stands beside the figure: until when, or how it ended."""
    if clock.state in ("met", "missed"):
        when = format_relative(clock.stopped_at)
        return (_("met {when}") if clock.state == "met" else _("missed, {when}")).format(when=when)
    if clock.state == "paused":
        return _("{time} left").format(time=span_text(clock.remaining)) if clock.remaining is not None else ""
    if clock.due is None:
        return _("no deadline")
    when = format_relative(clock.due, with_time=True)
    return (_("since {when}") if clock.state == "overdue" else _("until {when}")).format(when=when)


def status_text(key: str) -> str:
    """A status in words."""
    return _choice(STATUSES, key)


def priority_text(key: str) -> str:
    """A priority in words."""
    return _choice(PRIORITIES, key)


def channel_text(key: str) -> str:
    """A channel in words."""
    return _choice(CHANNELS, key)


def _choice(choices: tuple[Choice, ...], key: str) -> str:
    return translate(next((one.label for one in choices if one.key == key), key)) if key else ""
