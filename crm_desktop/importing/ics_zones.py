"""The time zones of a calendar file as IANA names: by name, by Windows name, or by the rules the file gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from crm_desktop.importing.contentlines import Property

_LIKELY = (
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Bogota",
    "America/Lima",
    "America/Caracas",
    "America/Santiago",
    "America/Montevideo",
    "America/Asuncion",
    "America/La_Paz",
    "America/Manaus",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Berlin",
    "Europe/Athens",
    "Europe/Moscow",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Pacific/Auckland",
)


@dataclass
class _Rules:
    """What a VTIMEZONE says: seconds from UTC in standard and in daylight time, and when daylight time begins."""

    standard: int | None = None
    daylight: int | None = None
    month: int = 0


class Zones:
    """The zones that a file defines, asked by TZID."""

    def __init__(self, properties: list[Property]) -> None:
        self._rules: dict[str, _Rules] = {}
        self._found: dict[tuple[str, int], str] = {}
        self._collect(properties)

    def iana(self, tzid: str, when: datetime) -> str:
        """The IANA name of a zone of the file at a time; "" where nothing fits."""
        key = (tzid, when.year)
        if key not in self._found:
            self._found[key] = _by_name(tzid) or self._by_rules(tzid, when.year)
        return self._found[key]

    def convert(self, when: datetime, tzid: str, target: str) -> datetime:
        """A wall time of one zone as wall time of another; unchanged where either is unknown."""
        source = self.iana(tzid, when)
        if not source or not target or source == target:
            return when
        try:
            return when.replace(tzinfo=ZoneInfo(source)).astimezone(ZoneInfo(target)).replace(tzinfo=None)
        except (OverflowError, ValueError):
            return when

    def _collect(self, properties: list[Property]) -> None:
        stack: list[str] = []
        current, tzid = _Rules(), ""
        for prop in properties:
            if prop.name == "BEGIN":
                stack.append(prop.value.strip().upper())
                if stack[-1] == "VTIMEZONE":
                    current, tzid = _Rules(), ""
            elif prop.name == "END" and stack:
                if stack.pop() == "VTIMEZONE" and tzid:
                    self._rules[tzid] = current
            elif stack and stack[-1] == "VTIMEZONE" and prop.name == "TZID":
                tzid = prop.text()
            elif stack and stack[-1] in ("STANDARD", "DAYLIGHT"):
                _learn(current, stack[-1], prop)

    def _by_rules(self, tzid: str, year: int) -> str:
        rules = self._rules.get(tzid)
        if rules is None or rules.standard is None:
            return ""
        daylight = rules.standard if rules.daylight is None else rules.daylight
        # months in the middle of both halves of the year tell north from south
        summer_in_july = not 8 <= rules.month <= 12
        january, july = (rules.standard, daylight) if summer_in_july else (daylight, rules.standard)
        return _with_offsets(january, july, max(1971, min(2037, year)))


def _learn(rules: _Rules, part: str, prop: Property) -> None:
    if prop.name == "TZOFFSETTO":
        seconds = _offset(prop.value)
        if seconds is not None and part == "STANDARD":
            rules.standard = seconds
        elif seconds is not None:
            rules.daylight = seconds
    elif part == "DAYLIGHT" and prop.name == "RRULE":
        month = re.search(r"BYMONTH=(\d{1,2})", prop.value, re.IGNORECASE)
        rules.month = int(month[1]) if month else rules.month
    elif part == "DAYLIGHT" and prop.name == "DTSTART" and not rules.month and re.match(r"\d{6}", prop.value):
        rules.month = int(prop.value[4:6])


def _offset(text: str) -> int | None:
    match = re.match(r"\s*([+-])(\d\d):?(\d\d)", text)
    if not match:
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return -seconds if match[1] == "-" else seconds


@lru_cache(maxsize=500)
def _by_name(tzid: str) -> str:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # lazy: heavy

    names = available_timezones()
    if tzid in names:
        return tzid
    if tzid in WINDOWS_TO_OLSON:
        return str(WINDOWS_TO_OLSON[tzid])
    # "/softwarestudio.org/Tzfile/America/Chicago", "/mozilla.org/20050126_1/Europe/Berlin"
    parts = tzid.strip("/").split("/")
    for start in range(1, len(parts)):
        tail = "/".join(parts[start:])
        if tail in names and "/" in tail:
            return tail
    folded = tzid.casefold()
    return next((name for name in names if name.casefold() == folded), "")


@lru_cache(maxsize=200)
def _with_offsets(january: int, july: int, year: int) -> str:
    for name in (
        *_LIKELY,
        *sorted(n for n in available_timezones() if "/" in n and not n.startswith(("Etc/", "posix/", "right/"))),
    ):
        zone = ZoneInfo(name)
        found = [datetime(year, month, 15, 12, tzinfo=UTC).astimezone(zone).utcoffset() for month in (1, 7)]
        if found == [timedelta(seconds=january), timedelta(seconds=july)]:
            return name
    return ""
