"""Dates and times of any spelling: 15/03/2024, 2024-03-15, "16 Apr, 2021 00:02", "15/abr/24", "tomorrow", +3d."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.regions import shape_of
from crm_desktop.core.text import fold

_LANGUAGES = ("en", "pt_BR", "es")
_EPOCHS = {"1900": datetime(1899, 12, 30), "1904": datetime(1904, 1, 1)}
_UNIX = {"unix": 1, "unix_ms": 1000}
_C_STYLE = re.compile(r"([a-z]{3,9}) (\d{1,2}) (\d{1,2}:\d{2}(?::\d{2})?) (?:(z|utc|gmt|[+-]\d{4}) )?(\d{4})\Z")
_MONTH_OF_YEAR = re.compile(r"([a-z]{3,10})\.?[-/]'?(\d{2})\Z")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_NO_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})\Z")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})\Z")
_COMPACT = re.compile(r"(\d{8})(?:t?(\d{2})(\d{2})(\d{2})?)?(?=z|[+-]\d|\s|\Z)")
_CLOCK = re.compile(
    r"(?:\bt|\s|,|^|(?<=\d)t)\s*(?:as |a las |at |@ ?)?(\d{1,2})(?:\s?[:h]\s?(\d{2})|\s?(?:h(?:s|rs?|oras)?\b))?"
    r"(?:\s?[:m]\s?(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:s\b|min\b|hs?\b)?\s*(a\.?\s?m\.?|p\.?\s?m\.?)?"
    r"\s*(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?\Z"
)
_SHIFT = re.compile(r"([+-]?)\s*(\d{1,4})\s*([a-z]+)\Z")
_TODAY = {
    "today": 0, "hoje": 0, "hoy": 0, "tomorrow": 1, "amanha": 1, "manana": 1, "yesterday": -1, "ontem": -1, "ayer": -1,
    "depois de amanha": 2, "pasado manana": 2, "anteontem": -2, "anteayer": -2, "now": 0, "agora": 0, "ahora": 0,
}  # fmt: skip
_UNITS = {
    "d": 1, "day": 1, "days": 1, "dia": 1, "dias": 1, "w": 7, "week": 7, "weeks": 7, "s": 7, "sem": 7, "semana": 7,
    "semanas": 7, "m": 30, "month": 30, "months": 30, "mes": 30, "meses": 30, "y": 365, "a": 365, "year": 365,
    "years": 365, "ano": 365, "anos": 365,
}  # fmt: skip
_FILLERS = frozenset({"de", "del", "of", "the", "do", "da", "dia", "el", "o"})
_NOT_A_DATE = N_("“{text}” is not a date. Write it like {example}.")
_NOT_A_TIME = N_("“{text}” is not a date and time. Write it like {example}.")


@dataclass(frozen=True)
class DateRules:
    """How dates are read.

    Attributes:
        order: "dmy", "mdy" or "ymd" for what could be several; a date that fits only another order is read so.
        pivot: two-digit years above it belong to the last century; None puts it twenty years from now.
        serial: "1900" or "1904" where numbers are days of a spreadsheet, "unix" or "unix_ms" where they are seconds or
            milliseconds since 1970; "" where they are neither.
        words: whether "today", "+3d" and "monday" are understood.
        zone: the zone of times written without one; None is the computer's.
        this_year: the year of dates without one, filled by :meth:`settled`.
    """

    order: str = "dmy"
    pivot: int | None = None
    serial: str = ""
    words: bool = True
    zone: tzinfo | None = None
    this_year: int = 0

    def settled(self) -> DateRules:
        """The rules with the clock asked once, not at every cell."""
        year = clock.today().year
        return replace(self, this_year=year, pivot=(year + 20) % 100 if self.pivot is None else self.pivot)


def not_a_date(raw: Any, *, with_time: bool = False) -> FieldError:
    """The error that shows how a date is written here."""
    sample = datetime(2024, 2, 28, 14, 30)
    example = formats.format_datetime(sample) if with_time else formats.format_date(sample.date())
    message = _NOT_A_TIME if with_time else _NOT_A_DATE
    return FieldError("", message, value=raw, text=str(raw).strip(), example=example)


def date_parser(rules: DateRules) -> Callable[[Any], date]:
    """A fast parser of dates in one column; times that follow a date are left out."""
    rules = rules.settled()
    day_at, month_at = ((0, 3) if rules.order == "dmy" else (3, 0)) if rules.order != "ymd" else (-1, -1)

    def parse(raw: Any) -> date:
        if type(raw) is str and len(raw) == 10:
            try:
                if raw[4] == "-" and raw[0] != "0":
                    return date.fromisoformat(raw)
                if day_at >= 0 and raw[6] != "0" and raw[2] == raw[5] and raw[2] in "/-.":
                    return date(int(raw[6:]), int(raw[month_at : month_at + 2]), int(raw[day_at : day_at + 2]))
            except ValueError:
                pass  # the careful way decides
        elif type(raw) is str and (numeric := _NUMERIC.fullmatch(raw)):
            try:
                return _numeric(numeric, rules)
            except ValueError:
                raise not_a_date(raw) from None
        found = _read(raw, rules)
        if found is None:
            raise not_a_date(raw)
        return found[0]

    return parse


def datetime_parser(rules: DateRules, *, local: bool) -> Callable[[Any], datetime]:
    """A parser of moments: naive wall times where ``local``, else aware ones in UTC."""

    rules = rules.settled()
    only_day = date_parser(rules)
    home = rules.zone or clock.local_zone()

    def parse(raw: Any) -> datetime:
        found = _usual_moment(raw, only_day) or _read(raw, rules)
        if found is None:
            raise not_a_date(raw, with_time=True)
        day, hour, zone = found
        moment = datetime.combine(day, hour or time(0))
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        try:
            if local:
                return moment if zone is None else moment.replace(tzinfo=zone).astimezone(home).replace(tzinfo=None)
            return moment.replace(tzinfo=zone or home).astimezone(UTC)
        except OverflowError:
            raise not_a_date(raw, with_time=True) from None

    return parse


Reading = tuple[date, time | None, tzinfo | None]


def _usual_moment(raw: Any, only_day: Callable[[Any], date]) -> Reading | None:
    """The fast way for "2024-03-15T10:20:00Z" and "15/03/2024 10:20"; None for all else."""
    if type(raw) is not str or not 15 <= len(raw) <= 32:
        return None
    try:
        if raw[4] == "-" and raw[0] != "0":
            moment = datetime.fromisoformat(raw)
            return moment.date(), moment.time(), moment.tzinfo
        if raw[10] == " " and len(raw) <= 19 and ":" in raw:
            hour = raw[11:] if raw[12] != ":" else f"0{raw[11:]}"
            return only_day(raw[:10]), time.fromisoformat(hour), None
    except (ValueError, FieldError):
        pass  # the careful way decides
    return None


def _read(raw: Any, rules: DateRules) -> Reading | None:
    """(day, time, zone) of anything, or None."""
    if isinstance(raw, datetime):
        return raw.date(), raw.time(), raw.tzinfo
    if isinstance(raw, date):
        return raw, None, None
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if rules.serial in _UNIX:
            return _since_1970(raw, rules)
        if rules.serial and 0 < raw < 2_958_466:
            moment = _EPOCHS[rules.serial] + timedelta(seconds=round(raw * 86400))
            return moment.date(), moment.time(), None
        raw = str(int(raw)) if isinstance(raw, int) or raw.is_integer() else ""
    try:
        return _read_text(" ".join(fold(str(raw)).split()), rules)
    except (ValueError, OverflowError):
        return None


def _since_1970(raw: float, rules: DateRules) -> Reading:
    moment = datetime.fromtimestamp(raw / _UNIX[rules.serial], UTC)
    return moment.date(), moment.time(), UTC


def _read_text(text: str, rules: DateRules) -> Reading | None:
    if not text:
        return None
    if rules.serial in _UNIX and re.fullmatch(r"\d{8,14}(?:\.\d+)?", text):
        return _since_1970(float(text), rules)
    if rules.serial and re.fullmatch(r"\d{4,6}(?:\.\d+)?", text):
        return _read(float(text), rules)
    if compact := _COMPACT.match(text):
        return _compact(text, compact, rules)
    for pattern, reader in ((_ISO, _iso), (_NUMERIC, _numeric)):
        if found := pattern.match(text):
            return _with_clock(reader(found, rules), text[found.end() :])
    if rules.words and (day := _words(text)):
        return day, None, None
    if found := _NO_YEAR.match(text):
        return _ordered(int(found[1]), int(found[2]), rules.this_year, rules), None, None
    if found := _MONTH_YEAR.match(text):
        return date(int(found[2]), int(found[1]), 1), None, None
    if not rules.words and (found := _MONTH_OF_YEAR.match(text)) and found[1] in _month_names():
        return _sane(_century(int(found[2]), rules), _month_names()[found[1]], 1), None, None
    if found := _C_STYLE.match(text):
        text = f"{found[2]} {found[1]} {found[5]} {found[3]} {found[4] or ''}".strip()
    head, _comma, rest = text.partition(" ")
    if rest and _weekday(head) is not None and not _month_only(rest):
        found_rest = _read_text(rest, rules)
        if found_rest:
            return found_rest
    return _named_month(text, rules)


def _iso(found: re.Match[str], _rules: DateRules) -> date:
    return _sane(int(found[1]), int(found[3]), int(found[4]))


def _numeric(found: re.Match[str], rules: DateRules) -> date:
    first, second, last = int(found[1]), int(found[3]), int(found[4])
    if rules.order == "ymd" and len(found[4]) == 2:
        try:
            return _sane(_century(first, rules), second, last)
        except ValueError:
            pass
    year = last if len(found[4]) == 4 else _century(last, rules)
    return _ordered(first, second, year, rules)


def _ordered(first: int, second: int, year: int, rules: DateRules) -> date:
    """Day and month in the order of the rules, or in the only order that is possible."""
    day, month = (second, first) if rules.order == "mdy" else (first, second)
    if month > 12 >= day:
        day, month = month, day
    return _sane(year, month, day)


def _sane(year: int, month: int, day: int) -> date:
    if year < 1000:
        raise ValueError("a year before 1000 is a slip of the pen")
    return date(year, month, day)


def _century(year: int, rules: DateRules) -> int:
    century = rules.this_year // 100 * 100
    return century + year if year <= (rules.pivot or 0) else century - 100 + year


def _compact(text: str, found: re.Match[str], rules: DateRules) -> Reading | None:
    digits = found[1]
    try:
        day = _sane(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if not 1800 <= day.year <= 2200:
            raise ValueError
    except ValueError:
        day = _ordered(int(digits[:2]), int(digits[2:4]), int(digits[4:]), rules)
    if not found[2]:
        return _with_clock(day, text[8:])
    zone = text[found.end() :].strip()
    return day, time(int(found[2]), int(found[3]), int(found[4] or 0)), _zone(zone) if zone else None


def _with_clock(day: date, tail: str) -> Reading | None:
    """A day with the time that follows it; None where something else follows."""
    tail = tail.strip(" ,;-()")
    if not tail:
        return day, None, None
    found = _CLOCK.match(tail)
    if not found or not (found[2] or found[5] or "h" in tail):
        return None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5][0] == "p" else 0)
    if hour == 24 and minute == second == 0:
        day, hour = day + timedelta(days=1), 0
    micro = int((found[4] or "0")[:6].ljust(6, "0"))
    return day, time(hour, minute, second, micro), _zone(found[6]) if found[6] else None


def _zone(text: str) -> tzinfo:
    if text in ("z", "utc", "gmt"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if text[0] == "-" else shift)


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    """Every month name in three languages, folded, and every beginning of three letters or more."""
    found = {}
    for language in _LANGUAGES:
        for number, name in enumerate(shape_of(language, "").months, 1):
            folded = fold(name)
            found.update({folded[:size]: number for size in range(3, len(folded) + 1)})
    return found


@lru_cache(maxsize=1)
def _weekday_names() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in _LANGUAGES:
        shape = shape_of(language, "")
        for number, (name, short) in enumerate(zip(shape.weekdays, shape.weekdays_short, strict=True)):
            folded = fold(name)
            found.update(dict.fromkeys((folded, folded.partition("-")[0], fold(short).strip(".")), number))
    return found


def _weekday(word: str) -> int | None:
    return _weekday_names().get(word.strip(" ,."))


def _month_only(text: str) -> bool:
    """Whether a text is only a year, so that the word before it was a month ("mar 2024")."""
    return bool(re.fullmatch(r"\d{4}|\d{1,2}", text))


def _words(text: str) -> date | None:
    """Words of forms: today, +3d, monday."""
    today = clock.today()
    if text in _TODAY:
        return today + timedelta(days=_TODAY[text])
    weekday = _weekday(text)
    if weekday is not None and len(text) > 2:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    bare = re.sub(r"^(?:in|em|en|daqui a|dentro de)\s+", "+", text)
    found = _SHIFT.match(bare)
    if not found or not found[1] or found[3] not in _UNITS:
        return None
    days, count = _UNITS[found[3]], int(found[2]) * (-1 if found[1] == "-" else 1)
    if days < 30:
        return today + timedelta(days=days * count)
    total = today.year * 12 + today.month - 1 + count * (1 if days == 30 else 12)
    for day in (today.day, 30, 29, 28):
        try:
            return date(total // 12, total % 12 + 1, min(day, today.day))
        except ValueError:
            continue
    return None


_TOKENS = re.compile(r"(\d+)(?:st|nd|rd|th|º|o|ª)?(?![\w:])|([^\W\d_]+)|(.)")


def _named_month(text: str, rules: DateRules) -> Reading | None:
    """A date with a month in words: "15 de abril de 2024", "March 5th, 2024 3 pm", "abr/24"."""
    tail = re.search(r"(?:,|\s|t)\s*(?:as |a las |at |@ ?)?\d{1,2}(?:\s?[:h]|\s?[ap]\.?\s?m).*\Z", text)
    head = text[: tail.start()] if tail else text
    month, numbers = 0, []
    for number, word, other in (found.groups() for found in _TOKENS.finditer(head)):
        if number:
            numbers.append(number)
        elif word:
            if word in _FILLERS or (not month and _weekday(word) is not None and word not in _month_names()):
                continue
            if month or word not in _month_names():
                if _weekday(word) is None:
                    return None
                continue
            month = _month_names()[word]
        elif other not in " ,./-'’":
            return None
    if not month or not 1 <= len(numbers) <= 2:
        return None
    day = _day_of_month(month, numbers, rules)
    return _with_clock(day, tail[0]) if tail else (day, None, None)


def _day_of_month(month: int, numbers: list[str], rules: DateRules) -> date:
    """The date of a month and one or two numbers: "15", "2024", "15 2024", "2024 15", "15 24"."""
    if len(numbers) == 1:
        number = numbers[0]
        if len(number) == 4:
            return _sane(int(number), month, 1)
        if int(number) > 31:
            return _sane(_century(int(number), rules), month, 1)
        return _sane(rules.this_year, month, int(number))
    first, second = numbers
    if len(first) == 4:
        return _sane(int(first), month, int(second))
    year = int(second) if len(second) == 4 else _century(int(second), rules) if len(second) == 2 else 0
    return _sane(year, month, int(first))
