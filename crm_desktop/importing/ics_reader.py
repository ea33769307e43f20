"""iCalendar (RFC 5545) and vCalendar as a table: one row per event, to-do or journal entry."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.importing import table
from crm_desktop.importing.contentlines import Property, file_encoding, read_properties
from crm_desktop.importing.ics_zones import Zones
from crm_desktop.importing.sniff import nothing_inside
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess, ReadOptions, Row, SheetGuess
from crm_desktop.records.record_ids import read_record_id

_COLUMNS = (
    ("Entry Type", "choice"),
    ("Summary", "text"),
    ("Start", "datetime"),
    ("End", "datetime"),
    ("All Day", "bool"),
    ("Time Zone", "text"),
    ("TZID", "text"),
    ("Duration", "text"),
    ("Location", "text"),
    ("Description", "long_text"),
    ("RRULE", "text"),
    ("EXRULE", "text"),
    ("EXDATE", "text"),
    ("RDATE", "text"),
    ("RECURRENCE-ID", "datetime"),
    ("Range", "text"),
    ("Status", "choice"),
    ("Priority", "integer"),
    ("Class", "choice"),
    ("Transparency", "choice"),
    ("Categories", "text"),
    ("URL", "url"),
    ("Organizer", "email"),
    ("Organizer Name", "person"),
    ("Attendees", "text"),
    ("Reminder Minutes", "integer"),
    ("Due", "datetime"),
    ("Completed", "datetime"),
    ("Percent Complete", "integer"),
    ("Latitude", "decimal"),
    ("Longitude", "decimal"),
    ("UID", "id"),
    ("Record ID", "id"),
    ("Owner", "person"),
    ("Sequence", "integer"),
    ("Created", "datetime"),
    ("Last Modified", "datetime"),
    ("Attachment", "url"),
    ("Other Details", "long_text"),
)
_LOOKED_AT = 200
"""Different values of a column that are kept; more ids than that are taken to be all different."""
_ENTRIES = {"VEVENT": "event", "VTODO": "to-do", "VJOURNAL": "journal"}
_TEXTS = {
    "SUMMARY": "Summary",
    "LOCATION": "Location",
    "DESCRIPTION": "Description",
    "STATUS": "Status",
    "CLASS": "Class",
    "TRANSP": "Transparency",
    "URL": "URL",
    "UID": "UID",
    "DURATION": "Duration",
}
_OTHER = {
    "CONTACT": "Contact",
    "COMMENT": "Comment",
    "RESOURCES": "Resources",
    "RELATED-TO": "Related",
    "CONFERENCE": "Conference",
    "X-GOOGLE-CONFERENCE": "Conference",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL": "Conference",
    "REQUEST-STATUS": "Request status",
}
_OURS = {"X-CRM-DESKTOP-KIND": "Entry Type", "X-CRM-DESKTOP-STATUS": "Status", "X-CRM-DESKTOP-OWNER": "Owner",
         "X-CRM-DESKTOP-ID": "Record ID"}  # fmt: skip
"""What an export of this program adds."""
_NUMBERS = {"PRIORITY": "Priority", "PERCENT-COMPLETE": "Percent Complete", "SEQUENCE": "Sequence"}
_TIMES = {
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "COMPLETED": "Completed",
    "RECURRENCE-ID": "RECURRENCE-ID",
    "CREATED": "Created",
    "DCREATED": "Created",
    "LAST-MODIFIED": "Last Modified",
}
_STAMP = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z)?)?", re.IGNORECASE)
_DURATION = re.compile(
    r"^([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.IGNORECASE
)


def inspect(path: Path, encoding: str = "") -> FileGuess:
    """The entries of a calendar as one table.

    Times are local wall times where there is a zone, and aware in UTC where the file says Z.
    """
    used: Counter[str] = Counter()
    samples: dict[str, list[Any]] = defaultdict(list)
    total = 0
    for entry in _entries(path, encoding):
        total += 1
        for header, value in entry.items():
            used[header] += 1
            if len(samples[header]) < _LOOKED_AT and value not in samples[header]:
                samples[header].append(value)
    if not total:
        raise nothing_inside(path)
    why = (Evidence(N_("The format says what this is")),)
    present = [(header, kind) for header, kind in _COLUMNS if used[header]]
    columns = tuple(
        ColumnGuess(
            index,
            header,
            kind,
            1.0,
            why,
            original=header,
            date_order="ymd" if kind == "datetime" else None,
            filled=used[header],
            distinct=used[header] if kind == "id" and len(samples[header]) >= _LOOKED_AT else len(samples[header]),
            total=total,
            samples=tuple(samples[header][:5]),
        )
        for index, (header, kind) in enumerate(present)
    )
    evidence = (Evidence(N_("{n} entries of a calendar"), {"n": total}),)
    sheet = SheetGuess(
        path.stem,
        total,
        columns,
        0,
        0,
        0,
        source_columns=tuple(range(len(columns))),
        confidence=1.0,
        header_confidence=1.0,
        evidence=evidence,
    )
    return FileGuess(str(path), table.ICS, (sheet,), encoding=file_encoding(path, encoding), evidence=evidence)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    """One row per entry, with the columns that :func:`inspect` found; numbered from 1."""
    headers = inspect(path, options.encoding).best.headers
    chosen = [headers[i] for i in options.columns] if options.columns else list(headers)
    for number, entry in enumerate(_entries(path, options.encoding), 1):
        yield number, [entry.get(header) for header in chosen]


def _entries(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    zones = Zones(list(read_properties(path, encoding)))
    stack: list[str] = []
    entry: dict[str, Any] = {}
    for prop in read_properties(path, encoding):
        marker = prop.value.strip().upper()
        if prop.name == "BEGIN":
            stack.append(marker)
            if marker in _ENTRIES:
                entry = {"Entry Type": _ENTRIES[marker]}
        elif prop.name == "END":
            if marker in stack:
                while stack.pop() != marker:
                    pass
            if marker in _ENTRIES and len(entry) > 1:
                yield _complete(entry)
                entry = {}
        elif stack and stack[-1] == "VALARM" and entry:
            _take_alarm(entry, prop)
        elif stack and stack[-1] in _ENTRIES:
            _take(entry, prop, zones)
    if len(entry) > 1:
        yield _complete(entry)


def _take(entry: dict[str, Any], prop: Property, zones: Zones) -> None:
    name = prop.name
    if name in _TIMES:
        _take_time(entry, prop, zones)
    elif name in _TEXTS:
        # a UID that an export made of the record's id tells nothing more than that id
        if (value := prop.text()) and not (name == "UID" and read_record_id(value)):
            if name == "DESCRIPTION" and entry.get("Description"):
                _join(entry, "Description", value, "\n\n")
            else:
                entry.setdefault(_TEXTS[name], value)
    elif name in _OURS:
        entry[_OURS[name]] = prop.text()
    elif name in _NUMBERS:
        number = re.match(r"\s*(\d{1,9})", prop.value)
        if number:
            entry.setdefault(_NUMBERS[name], int(number[1]))
    elif name in ("RRULE", "EXRULE"):
        entry.setdefault(name, re.sub(r"\s+", "", prop.value).upper())
    elif name in ("EXDATE", "RDATE"):
        _join(entry, name, ",".join(part.strip() for part in prop.value.split(",") if part.strip()), ",")
    elif name == "CATEGORIES":
        _join(entry, "Categories", ", ".join(part for part in prop.components(",") if part), ", ")
    elif name == "ORGANIZER":
        entry.setdefault("Organizer", _address(prop.text()))
        if prop.param("CN"):
            entry.setdefault("Organizer Name", prop.param("CN"))
    elif name == "ATTENDEE":
        address, person = _address(prop.text()), prop.param("CN")
        _join(entry, "Attendees", f"{person} <{address}>" if person and person != address else address, "; ")
    elif name == "GEO":
        numbers = re.findall(r"-?\d+(?:\.\d+)?", prop.value)
        if len(numbers) >= 2:
            entry["Latitude"], entry["Longitude"] = float(numbers[0]), float(numbers[1])
    elif name == "ATTACH" and prop.data is None:
        _join(entry, "Attachment", prop.text(), "\n")
    elif name in _OTHER:
        _join(entry, "Other Details", f"{_OTHER[name]}: {prop.text()}" if prop.text() else "", "\n")
    elif name == "X-ALT-DESC":
        entry.setdefault("_html", prop.text())


def _take_time(entry: dict[str, Any], prop: Property, zones: Zones) -> None:
    name = _TIMES[prop.name]
    value = parse_stamp(prop.value)
    if value is None:
        return
    if prop.name == "RECURRENCE-ID" and prop.param("RANGE"):
        entry["Range"] = prop.param("RANGE").upper()
    zone = prop.param("TZID").replace("\\,", ",")
    if isinstance(value, datetime) and value.tzinfo is None and zone:
        if prop.name in ("DTSTART", "DUE") and "TZID" not in entry:
            entry["TZID"] = zone
            known = zones.iana(zone, value)
            if known:
                entry["Time Zone"] = known
        elif zone != entry.get("TZID"):
            value = zones.convert(value, zone, entry.get("Time Zone", ""))
    entry.setdefault(name, value)


def _complete(entry: dict[str, Any]) -> dict[str, Any]:
    """Fill the end from the duration, and say which entries last all day."""
    html = entry.pop("_html", None)
    if html:
        entry.setdefault("Description", html)
    start, end = entry.get("Start"), entry.get("End")
    if start is not None:
        entry["All Day"] = not isinstance(start, datetime)
        length = parse_duration(entry.get("Duration", ""))
        if end is None and length is not None:
            try:
                entry["End"] = start + length
            except OverflowError:
                pass
    return entry


def _take_alarm(entry: dict[str, Any], prop: Property) -> None:
    if prop.name == "TRIGGER" and prop.param("RELATED").upper() != "END":
        length = parse_duration(prop.value)
        if length is not None:
            entry.setdefault("Reminder Minutes", round(-length.total_seconds() / 60))


def _join(entry: dict[str, Any], name: str, value: str, separator: str) -> None:
    if value:
        entry[name] = f"{entry[name]}{separator}{value}" if entry.get(name) else value


def _address(text: str) -> str:
    return re.sub(r"(?i)^\s*mailto:\s*", "", text).strip()


def parse_stamp(text: str) -> date | datetime | None:
    """A DATE or DATE-TIME value; aware in UTC where it ends in Z."""
    match = _STAMP.match(text.strip())
    if not match:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None:
            return day
        moment = datetime(day.year, day.month, day.day, int(match[4]) % 24, int(match[5]), min(59, int(match[6] or 0)))
        moment += timedelta(days=int(match[4]) // 24)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if match[7] else moment


def parse_duration(text: str) -> timedelta | None:
    """An RFC 5545 DURATION such as "PT1H30M" or "-P1D"."""
    match = _DURATION.match(text.strip())
    if not match or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] == "-" else length
