"""What every activity obeys, whoever writes it: instants beside wall times, and when it was done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.records.service import RuleContext

_TIMES = ("starts", "ends", "zone", "all_day")
_TIME = re.compile(r"(\d{1,2})[:h.](\d{2})")


def complete_activity(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Fill in the instants of an appointment, the day of a task with a time, the owner, and when it was done."""
    if current is None:
        if values.get("owner_id") is None:
            values["owner_id"] = context.uow.actor.user_id
        if values.get("priority") is None:
            values["priority"] = "normal"
    if values.get("due_time"):
        values["due_time"] = _checked_time(values["due_time"])
        if (values.get("due") or (current or {}).get("due")) is None:
            values["due"] = clock.today()
    if current is None or any(name in values for name in _TIMES):
        _fill_instants(values, current or {})
    _fill_done(context, values, current)


def _checked_time(text: str) -> str:
    match = _TIME.fullmatch(str(text).strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise FieldError("due_time", N_("“{text}” is not a time. Write it as 14:30."), value=text, text=str(text))
    return f"{int(match[1]):02d}:{match[2]}"


def _fill_instants(values: dict[str, Any], current: Mapping[str, Any]) -> None:
    starts = values.get("starts", current.get("starts"))
    ends = values.get("ends", current.get("ends"))
    if starts is None:
        if ends is not None:
            raise FieldError("starts", N_("An end needs a start. Give both, or a due day."))
        if current.get("starts_at") is not None:
            values |= {"starts_at": None, "ends_at": None}
        return
    zone_name = values.get("zone", current.get("zone")) or clock.local_zone_name()
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FieldError("zone", N_("There is no time zone “{name}”."), value=zone_name, name=zone_name) from error
    if ends is not None and ends < starts:
        raise FieldError("ends", N_("It ends before it starts. Choose a later end."))
    all_day = values.get("all_day", current.get("all_day"))
    if all_day:
        starts = _midnight(starts)
        last = _midnight(ends) if ends is not None else starts
        # the end of an all-day event is the day after its last one, as in iCalendar
        ends = last if last > starts else starts + timedelta(days=1)
    values |= {"starts": starts, "ends": ends, "zone": zone_name, "starts_at": to_utc(starts, zone)}
    values["ends_at"] = None if ends is None else to_utc(ends, zone)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time())


def _fill_done(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    before = current or {}
    status = values.get("status", before.get("status"))
    if status != "done":
        if before.get("done_at") is not None or values.get("done_at") is not None:
            values["done_at"] = None
    elif values.get("done_at", before.get("done_at")) is None:
        values["done_at"] = context.uow.now if current is not None else _done_when(context, values)


def _done_when(context: RuleContext, values: Mapping[str, Any]) -> datetime:
    """When something that is entered as done was done: at its own time if that has passed, else now."""
    now = context.uow.now
    candidates = [values.get("ends_at"), values.get("starts_at")]
    if values.get("due") is not None:
        hour = time.fromisoformat(values["due_time"]) if values.get("due_time") else time(12)
        candidates.append(to_utc(datetime.combine(values["due"], hour), clock.local_zone()))
    candidates.append(values.get("created_at"))
    return next((moment for moment in candidates if moment is not None and moment <= now), now)
