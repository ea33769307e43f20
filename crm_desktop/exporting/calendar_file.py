"""iCalendar (RFC 5545): appointments with their series and reminders, tasks with their due day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.jobs import Progress
from crm_desktop.exporting.source import RecordSource
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.reporting.vcard import escaped, folded

RECORD_ID = "X-CRM-DESKTOP-ID"
"""The property with the id of the record, by which an import finds it again."""
_PRIORITIES = {"high": 2, "normal": 5, "low": 9}
_HOUR = timedelta(hours=1)


def write_calendar(source: RecordSource, ids: Sequence[int], path: Path, progress: Progress) -> int:
    """Write activities as a calendar. Returns how many entries it has: all but those without any time stay to-dos."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CRM Desktop//EN", "CALSCALE:GREGORIAN"]
        for name, first, last in _zones(source):
            lines += zone_lines(name, first, last)
        _put(file, lines)
        uids = _Uids(source)
        for part in source.parts(ids, progress):
            owners = part.titles.get("user", {})
            for identity in part.ids:
                row = part.rows[identity]
                tags = part.tags.get(identity, ())
                _put(file, entry_lines(row, uids.of(row), tags, owners.get(row.get("owner_id") or 0, "")))
                count += 1
        _put(file, ["END:VCALENDAR"])
    return count


def _put(file: IO[str], lines: Sequence[str]) -> None:
    file.write("".join(folded(line) for line in lines))


class _Uids:
    """The calendar ids of activities: an occurrence that was moved has that of its series."""

    def __init__(self, source: RecordSource) -> None:
        self._source, self._series = source, dict[int, str]()

    def of(self, row: Mapping[str, Any]) -> str:
        """The id of an activity."""
        series = row.get("series_id")
        if series is None or row.get("recurrence_id") is None:
            return str(row.get("uid") or write_record_id(row["id"]))
        if series not in self._series:
            table = self._source.database.schema.table(self._source.spec)
            found = self._source.connection.execute(sa.select(table.c.uid).where(table.c.id == series)).scalar()
            self._series[series] = found or write_record_id(series)
        return self._series[series]


def entry_lines(row: Mapping[str, Any], uid: str, tags: Sequence[str], owner: str) -> list[str]:
    """One activity as an event, or as a to-do where it has no time of its own."""
    event = row.get("starts") is not None
    name = "VEVENT" if event else "VTODO"
    stamp = row.get("updated_at") or row["created_at"]
    lines = [f"BEGIN:{name}", f"UID:{escaped(uid)}", f"{RECORD_ID}:{write_record_id(row['id'])}", f"DTSTAMP:{_utc(stamp)}",
             f"CREATED:{_utc(row['created_at'])}", f"SUMMARY:{escaped(str(row['subject']))}"]  # fmt: skip
    lines += _event_times(row) if event else _task_times(row)
    if row.get("rrule"):
        lines.append(f"RRULE:{row['rrule']}")
    lines += [_moment("EXDATE", moment, row) for moment in _exceptions(row)]
    if row.get("recurrence_id") is not None and row.get("series_id") is not None:
        lines.append(_moment("RECURRENCE-ID", row["recurrence_id"], row))
    for prop, field in (("LOCATION", "place"), ("DESCRIPTION", "description")):
        if row.get(field):
            lines.append(f"{prop}:{escaped(str(row[field]))}")
    lines.append(f"STATUS:{_status(str(row['status']), event)}")
    # what a calendar has no word for: a call that was made, who it belongs to
    lines += [f"X-CRM-DESKTOP-KIND:{row['kind']}", f"X-CRM-DESKTOP-STATUS:{row['status']}"]
    if row.get("priority"):
        lines.append(f"PRIORITY:{_PRIORITIES.get(str(row['priority']), 5)}")
    if tags:
        lines.append("CATEGORIES:" + ",".join(escaped(one) for one in tags))
    if owner:
        lines.append(f"X-CRM-DESKTOP-OWNER:{escaped(owner)}")
    if row.get("reminder_minutes") is not None:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(str(row['subject']))}",
                  f"TRIGGER:-PT{int(row['reminder_minutes'])}M", "END:VALARM"]  # fmt: skip
    return [*lines, f"END:{name}"]


def _event_times(row: Mapping[str, Any]) -> list[str]:
    lines = [_moment("DTSTART", row["starts"], row)]
    if row.get("ends") is not None:
        lines.append(_moment("DTEND", row["ends"], row))
    return lines


def _task_times(row: Mapping[str, Any]) -> list[str]:
    lines = []
    if row.get("due") is not None:
        if row.get("due_time"):
            hour, _colon, minute = str(row["due_time"]).partition(":")
            lines.append(f"DUE:{row['due']:%Y%m%d}T{int(hour):02d}{int(minute):02d}00")
        else:
            lines.append(f"DUE;VALUE=DATE:{row['due']:%Y%m%d}")
    if row.get("done_at") is not None:
        lines.append(f"COMPLETED:{_utc(row['done_at'])}")
    return lines


def _moment(name: str, moment: datetime, row: Mapping[str, Any]) -> str:
    """A wall time in the zone of the activity; a day where it lasts all day."""
    if row.get("all_day"):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    zone = str(row.get("zone") or "")
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}" if zone else f"{name}:{moment:%Y%m%dT%H%M%S}"


def _exceptions(row: Mapping[str, Any]) -> list[datetime]:
    found = []
    for text in row.get("exdates") or ():
        moment = datetime.fromisoformat(text)
        found.append(moment)
    return found


def _status(status: str, event: bool) -> str:
    if status == "cancelled":
        return "CANCELLED"
    if event:
        return "CONFIRMED"
    return "COMPLETED" if status == "done" else "NEEDS-ACTION"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _zones(source: RecordSource) -> Iterator[tuple[str, int, int]]:
    """The zones that appointments stand in, with the first and last year."""
    table = source.database.schema.table(source.spec)
    statement = sa.select(table.c.zone, sa.func.min(table.c.starts), sa.func.max(table.c.ends)).where(
        table.c.zone.is_not(None), table.c.starts.is_not(None)
    )
    this_year = clock.today().year
    for zone, first, last in source.connection.execute(statement.group_by(table.c.zone)):
        start = first.year if isinstance(first, datetime) else int(str(first)[:4])
        end = (last.year if isinstance(last, datetime) else int(str(last)[:4])) if last else start
        yield str(zone), max(start - 1, 1970), min(max(end, this_year) + 5, 2100)


@lru_cache(maxsize=64)
def zone_lines(name: str, first: int, last: int) -> tuple[str, ...]:
    """A VTIMEZONE with every change of the clock in some years; nothing for unknown zones."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ()
    start = datetime(first, 1, 1, tzinfo=UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *_observance(start, zone, start - _HOUR)]
    moment = start
    while moment.year <= last:
        following = moment + timedelta(days=7)
        if moment.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = moment, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                middle = middle.replace(second=0, microsecond=0)
                if middle in (low, high):
                    break
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            lines += _observance(high, zone, low)
        moment = following
    return (*lines, "END:VTIMEZONE")


def _observance(at: datetime, zone: ZoneInfo, before: datetime) -> list[str]:
    after, old = at.astimezone(zone), before.astimezone(zone)
    kind = "DAYLIGHT" if after.dst() else "STANDARD"
    wall = (at + (old.utcoffset() or timedelta())).strftime("%Y%m%dT%H%M%S")
    return [f"BEGIN:{kind}", f"DTSTART:{wall}", f"TZOFFSETFROM:{_offset(old)}", f"TZOFFSETTO:{_offset(after)}",
            f"TZNAME:{after.tzname()}", f"END:{kind}"]  # fmt: skip


def _offset(moment: datetime) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
