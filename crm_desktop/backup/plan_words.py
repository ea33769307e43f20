"""The plan of the backups in words: which days, which times, which places."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from crm_desktop.backup.schedule import EVERY_DAY, Plan, zone_of
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _

_WORK_DAYS = (0, 1, 2, 3, 4)


def joined(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("{first} and {last}").format(first=", ".join(parts[:-1]), last=parts[-1])


def days_text(days: tuple[int, ...]) -> str:
    """On which days."""
    if set(days) == set(EVERY_DAY):
        return _("Every day")
    if set(days) == set(_WORK_DAYS):
        return _("Monday to Friday")
    names = formats.weekday_names()
    return joined([str(names[day]) for day in sorted(set(days))]).capitalize()


def place_name(name: str) -> str:
    """What a place of a plan is called."""
    return str(Path(name)) if name else _("this computer")


def city_of(zone: str) -> str:
    """How people name a zone: "America/Sao_Paulo" is Sao Paulo."""
    return zone.rpartition("/")[2].replace("_", " ")


def is_elsewhere(plan: Plan) -> bool:
    """Whether the clock of the plan is not that of this computer just now."""
    now = clock.now()
    return now.astimezone(zone_of(plan)).utcoffset() != now.astimezone(clock.local_zone()).utcoffset()


def times_text(plan: Plan) -> str:
    """At which times: by the clock of the plan and, where that is another one, by that of this computer."""
    when = joined([formats.format_time(one) for one in plan.all_times])
    if not is_elsewhere(plan):
        return when
    today = clock.now().astimezone(zone_of(plan)).date()
    moments = [datetime.combine(today, one, zone_of(plan)) for one in plan.all_times]
    here = joined([formats.format_time(one) for one in moments])
    return _("{times} in {city} ({here} here)").format(times=when, city=city_of(plan.zone), here=here)


def plan_words(plan: Plan) -> str:
    """The plan as a sentence or two."""
    if not plan.enabled:
        return _("No backups are made by themselves.")
    where = joined([place_name(one) for one in plan.all_places])
    text = _("{days} at {times}, to {places}.").format(days=days_text(plan.days), times=times_text(plan), places=where)
    return text + " " + _("Protected with a password.") if plan.encrypted else text
