"""Parsers of whole columns: fast where every cell is good, careful where one is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Choice, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.phones import is_e164, split_phones
from crm_desktop.core.values import Parser, cell_text, choice_key, parser_for
from crm_desktop.core.values_text import split_emails
from crm_desktop.importing.choice_words import match_choice
from crm_desktop.importing.known_headers import FRACTION
from crm_desktop.importing.new_choices import may_add, new_name
from crm_desktop.importing.plan import ColumnPlan
from crm_desktop.importing.series_rows import EXCEPTIONS, parse_exceptions
from crm_desktop.importing.table import ErrorCell, Evidence

_WITHOUT_YEAR = re.compile(r"\d{1,2}\s*[/.-]\s*(?:\d{1,2}|[^\W\d_]{3,9}\.?)\Z|\d{1,2} de [^\W\d_]{4,9}\Z")
_NO_YEAR = N_("“{text}” has no year.")
_PAST = frozenset({"birthday"})
"""Dates that are never to come."""
_FEW = frozenset({Kind.CHOICE, Kind.COUNTRY, Kind.BOOL, Kind.CURRENCY, Kind.TIMEZONE, Kind.CHOICES})
_ERROR_CELL = N_("The spreadsheet has an error in this cell: {text}")
Errors = list[tuple[int, Any, Evidence]]
"""(position, raw cell, why) of the cells that do not fit."""


def column_parser(field: Field, column: ColumnPlan, country: str) -> Parser:
    """The function that makes a value of a cell of this column."""
    kind = Kind.TEXT if field.kind in (Kind.LINK, Kind.USER) else field.kind
    parse = parser_for(
        kind, country=country or None, date_order=column.date_order, decimal=column.decimal, choices=field.choices,
        max_length=field.max_length, serial=column.serial, words=False,
        pivot=clock.today().year % 100 if field.name in _PAST else None,
    )  # fmt: skip
    if field.name in _PAST:
        parse = _in_the_past(parse)
    elif column.transform == FRACTION:
        parse = _percent_of(parse)
    if field.kind is Kind.JSON and field.name == EXCEPTIONS:
        return lambda raw: None if raw is None else parse_exceptions(raw)
    if field.name == "duration":
        parse = _also_duration(parse)
    if kind is Kind.CHOICE and field.choices:
        parse = _also_foreign(parse, field.choices)
    if column.values:
        added = frozenset(key for key, meaning in column.values.items() if may_add(field) and new_name(meaning))
        meanings = {key: new_name(value) if key in added else value for key, value in column.values.items()}
        parse = _mapped(parse, meanings, added, ids=field.kind in LINK_KINDS)
    return _remembering(parse) if kind in _FEW or kind is Kind.DATE else parse


def _in_the_past(parse: Parser) -> Parser:
    """Birthdays are never to come: "31/12/26" is of the last century, even in 2026."""
    today = clock.today()

    def parse_past(raw: Any) -> Any:
        if isinstance(raw, str) and _WITHOUT_YEAR.match(raw.strip()):
            raise FieldError("", _NO_YEAR, value=raw, text=raw.strip())
        day = parse(raw)
        if day is not None and day > today and isinstance(raw, str) and str(day.year) not in raw:
            try:
                return day.replace(year=day.year - 100)
            except ValueError:
                return day.replace(year=day.year - 100, day=28)
        return day

    return parse_past


def _percent_of(parse: Parser) -> Parser:
    def parse_fraction(raw: Any) -> Any:
        value = parse(raw)
        marked = isinstance(raw, str) and "%" in raw
        return value if value is None or marked else value * 100

    return parse_fraction


def _also_foreign(parse: Parser, choices: tuple[Choice, ...]) -> Parser:
    """A choice parser that also knows what other programs call the values."""

    def parse_choice(raw: Any) -> Any:
        try:
            return parse(raw)
        except FieldError:
            found, _own = match_choice(cell_text(raw), choices)
            if not found:
                raise
            return found

    return parse_choice


_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\Z")
_CLOCK = re.compile(r"(\d{1,3}):(\d\d)(?::(\d\d))?\Z")


def _also_duration(parse: Parser) -> Parser:
    """Seconds from "PT1H30M" (RFC 5545) and "1:30:00" too."""

    def parse_duration(raw: Any) -> Any:
        if isinstance(raw, time):
            return raw.hour * 3600 + raw.minute * 60 + raw.second
        found = _DURATION.match(raw) if isinstance(raw, str) and len(raw) > 2 else None
        if found:
            return sum(
                int(part or 0) * unit for part, unit in zip(found.groups(), (604_800, 86_400, 3600, 60, 1), strict=True)
            )
        found = _CLOCK.match(raw) if isinstance(raw, str) else None
        if found:
            return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
        return parse(raw)

    return parse_duration


def _mapped(parse: Parser, meanings: dict[str, Any], added: frozenset[str], *, ids: bool) -> Parser:
    """A parser that knows what a person said values mean; those ``added`` become choices by the name that they have."""

    def mapped(raw: Any) -> Any:
        if raw is None:
            return None
        key = choice_key(cell_text(raw))
        if key in meanings:
            meaning = meanings[key]
            if meaning in (None, "") or key in added:
                return meaning or None
            return int(meaning) if ids and str(meaning).isdecimal() else parse(meaning)
        return parse(raw)

    return _remembering(mapped)


def _remembering(parse: Parser) -> Parser:
    """The same function with a memory: columns of few different values hold them thousands of times."""
    known: dict[Any, Any] = {}
    wrong: dict[Any, tuple[str, str, Mapping[str, Any]]] = {}
    """What errors say. The errors themselves would keep the whole batch in memory, by their tracebacks."""

    def remembered(raw: Any) -> Any:
        if raw is None:
            return None
        key = (type(raw), raw)
        if key in known:
            return known[key]
        if key in wrong:
            field, message, params = wrong[key]
            raise FieldError(field, message, **params)
        try:
            value = parse(raw)
        except FieldError as error:
            if len(wrong) < 10_000:
                wrong[key] = (error.field, error.message, error.params)
            raise
        if len(known) < 10_000:
            known[key] = value
        return value

    return remembered


def parse_column(cells: Sequence[Any], parse: Parser, *, text: bool = False) -> tuple[list[Any], Errors]:
    """The values of a column, None where a cell is empty or bad, and what is wrong with the bad ones.

    Args:
        text: the column is plain text, so a trimmed text without signs that need care stays as the reader gave it.
    """
    try:
        if text:
            return [
                cell if cell is None or (type(cell) is str and cell and cell.isprintable()) else parse(cell)
                for cell in cells
            ], []
        return [None if cell is None else parse(cell) for cell in cells], []
    except (FieldError, TypeError, ValueError, AttributeError, OverflowError):
        pass
    values: list[Any] = []
    errors: Errors = []
    for position, cell in enumerate(cells):
        try:
            values.append(parse(cell))
        except FieldError as error:
            values.append(None)
            errors.append((position, cell, Evidence(error.message, error.params)))
        except (TypeError, ValueError, AttributeError, OverflowError):
            if isinstance(cell, str):
                raise
            values.append(None)
            errors.append((position, cell, _unusable(cell)))
    return values, errors


def _unusable(cell: Any) -> Evidence:
    return Evidence(N_("“{text}” does not fit here."), {"text": str(cell)[:80]})


def is_plain_text(field: Field, column: ColumnPlan) -> bool:
    """Whether the cells of a column are taken as they are, unless they hold signs that need care."""
    plain = field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.LINK, Kind.USER)
    return plain and not column.values and not field.max_length and field.name != "duration"


def without_error_cells(cells: list[Any]) -> tuple[list[Any], Errors]:
    """The cells with the errors of the spreadsheet taken out."""
    errors: Errors = []
    if ErrorCell not in set(map(type, cells)):
        return cells, errors
    for position, cell in enumerate(cells):
        if type(cell) is ErrorCell:
            errors.append((position, cell, Evidence(_ERROR_CELL, {"text": cell.text})))
    if errors:
        cells = list(cells)
        for position, _cell, _why in errors:
            cells[position] = None
    return cells, errors


def join_cells(columns: Sequence[Sequence[Any]], separator: str) -> list[Any]:
    """Several cells of each row as one text."""
    joined = []
    for row in zip(*columns, strict=True):
        parts = [cell_text(cell).strip() for cell in row if cell not in (None, "")]
        joined.append(separator.join(part for part in parts if part) or None)
    return joined


def join_date_parts(years: Sequence[Any], months: Sequence[Any], days: Sequence[Any]) -> list[Any]:
    """Dates from columns of years, months and days, as text for the date parser."""
    joined: list[Any] = []
    for year, month, day in zip(years, months, days, strict=True):
        texts = [cell_text(part).strip() if part not in (None, "") else "" for part in (year, month, day)]
        joined.append("-".join(text.zfill(2) for text in texts) if all(texts) else None)
    return joined


def join_times(days: Sequence[Any], times: Sequence[Any]) -> list[Any]:
    """Days and times of day from two columns, as one cell each."""
    joined: list[Any] = []
    for day, hour in zip(days, times, strict=True):
        if day in (None, "") or hour in (None, ""):
            joined.append(day)
        elif isinstance(day, date) and not isinstance(day, datetime) and isinstance(hour, time):
            joined.append(datetime.combine(day, hour))
        else:
            text = day.isoformat() if isinstance(day, date) else str(day)
            joined.append(f"{text} {hour.isoformat() if isinstance(hour, time) else hour}")
    return joined


_WORDY = re.compile(r"[^\W\d_]{2}")
_PREFIXES = frozenset({"", "0xx", "xx", "tel", "fone", "fax", "cel", "tel.", "cel.", "phone"})


def parse_phones(
    cells: Sequence[Any], countries: Sequence[str | None] | None, parser_of: Callable[[str], Parser], country: str,
    beside: dict[int, str] | None = None,
) -> tuple[list[Any], dict[int, list[str]], Errors]:  # fmt: skip
    """Phones of a column: the first of each cell, further ones by position, and what is wrong.

    Args:
        countries: alpha-2 for each row, where a column tells; None counts as ``country``.
        parser_of: the phone parser of a country.
        beside: takes the words that stand beside numbers ("Rosa", "ramal 22"), by position.
    """
    parse = parser_of(country)
    if countries is None:
        values, errors = parse_column(cells, parse)
    else:
        values, errors = [], []
        for position, (cell, place) in enumerate(zip(cells, countries, strict=True)):
            try:
                values.append((parser_of(place) if place and place != country else parse)(cell))
            except FieldError as error:
                values.append(None)
                errors.append((position, cell, Evidence(error.message, error.params)))
    more: dict[int, list[str]] = {}
    for position, value in enumerate(values):
        # what could not be made a number may be several in one cell
        if value is not None and value[0] != "+" and not is_e164(value) and len(value) > 12:
            place = countries[position] if countries is not None else None
            found = split_phones(value, place or country)
            if not found or len(found) == 1 and not _WORDY.search(value):
                continue
            words = ", ".join(text for _number, text in found if text not in _PREFIXES)
            if words and beside is None and len(found) == 1:
                continue  # nobody takes the words: the cell stays whole
            values[position] = found[0][0]
            if len(found) > 1:
                more[position] = [number for number, _words in found[1:]]
            if words and beside is not None:
                beside[position] = words
    return values, more, errors


_LONGEST = 1_000
"""Characters of a cell that is searched for addresses among other words."""
_MOST_ADDRESSES = 50
_ADDRESS = re.compile(r"[^\s<>()\[\],;:|/\"']+@[^\s<>()\[\],;:|/\"']+\.[^\W\d_]{2,}", re.UNICODE)


def parse_emails(
    cells: Sequence[Any], parse: Parser, beside: dict[int, str] | None = None
) -> tuple[list[Any], dict[int, list[str]], Errors]:
    """E-mails of a column: the first of each cell, further ones by position, and what is wrong.

    Args:
        beside: takes the words that stand beside addresses ("casa"), by position.
    """
    values, errors = parse_column(cells, parse)
    more: dict[int, list[str]] = {}
    remaining: Errors = []
    for position, cell, why in errors:
        try:
            found = split_emails(cell) if isinstance(cell, str) else []
        except FieldError:
            found = _addresses(cell, parse)
            words = " ".join(_ADDRESS.sub(" ", cell).replace("()", "").split()).strip(" ,;:-|/<>()") if found else ""
            if found and words and beside is None:
                found = []
            elif found and words and beside is not None:
                beside[position] = words
        if found:
            values[position], rest = found[0], found[1:]
            if rest:
                more[position] = rest
        else:
            remaining.append((position, cell, why))
    return values, more, remaining


def _addresses(cell: str, parse: Parser) -> list[str]:
    """The e-mail addresses that stand among other words."""
    found: list[str] = []
    if len(cell) > _LONGEST or not 0 < cell.count("@") <= _MOST_ADDRESSES:  # the pattern takes minutes over such texts
        return found
    for text in _ADDRESS.findall(cell):
        try:
            found.append(parse(text))
        except FieldError:
            return []
    return list(dict.fromkeys(found))
