"""Text to number, money, date, time and yes/no, the way a whole column writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from crm_desktop.core.text import fold

YES = frozenset(
    "yes y true t sim s si verdadero verdadeiro ativo activo active on x checked 1 v ok ✓ ✔ ☑ cierto".split()
)
NO = frozenset("no n false f nao falso inativo inactivo inactive off unchecked 0 ✗ ✘ ☐".split())

_MONTH_NAMES = (
    ("jan", "january", "janeiro", "ene", "enero", "janvier", "januar"),
    ("feb", "february", "fev", "fevereiro", "febrero", "fevrier", "februar"),
    ("mar", "march", "marco", "marzo", "mars", "marz"),
    ("apr", "april", "abr", "abril", "avr", "avril"),
    ("may", "mai", "maio", "mayo"),
    ("jun", "june", "junho", "junio", "juin", "juni"),
    ("jul", "july", "julho", "julio", "juillet", "juli"),
    ("aug", "august", "ago", "agosto", "aout"),
    ("sep", "sept", "september", "set", "setembro", "septiembre", "setiembre", "septembre"),
    ("oct", "october", "out", "outubro", "octubre", "octobre", "okt", "oktober"),
    ("nov", "november", "novembro", "noviembre", "novembre"),
    ("dec", "december", "dez", "dezembro", "dic", "diciembre", "decembre", "dezember"),
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun|seg|ter|qua|qui|sex|sab|dom|lun|mar|mie|jue|vie|domingo|sabado"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?"
    r"|lunes|martes|miercoles|jueves|viernes)\.?,?\s+(?=\d|[a-z])"
)
_CLOCK = (
    r"(?P<h>\d{1,2})(?:[:h.](?P<mi>\d{2}))(?:[:.m](?P<s>\d{2})(?:[.,]\d{1,9})?)?s?"
    r"\s*(?P<ap>[ap]\.?\s?m\.?)?\s*(?P<z>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)
_TIME = re.compile(rf"^(?:{_CLOCK}|(?P<h2>\d{{1,2}})\s*(?P<ap2>[ap]\.?m\.?|h))$", re.IGNORECASE)
_TAIL = rf"(?:(?:\s*[t,]\s*|\s+(?:as |a las )?|\s*-\s+){_CLOCK})?$"
_NUMERIC_DATE = re.compile(
    rf"^(?P<a>\d{{1,4}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{1,4}}){_TAIL}", re.IGNORECASE
)
_COMPACT = re.compile(
    r"^(?P<y>(?:18|19|20|21)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:[t ]?(?P<hms>\d{6}|\d{4})z?)?$", re.IGNORECASE
)
_DAY_MONTH = re.compile(
    rf"^(?P<d>\d{{1,2}})(?:st|nd|rd|th|o|a|\.)?[-/ .]*(?:de |of )?\s*(?P<m>[a-z]{{3,10}})"
    rf"\.?[-/ .,]*(?:de |del )?\s*(?P<y>\d{{4}}|\d{{2}}){_TAIL}"
)
_MONTH_DAY = re.compile(
    rf"^(?P<m>[a-z]{{3,10}})\.?[-/ .]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/ .,]+(?P<y>\d{{4}}|\d{{2}}){_TAIL}"
)
_YEAR_MONTH = re.compile(rf"^(?P<y>\d{{4}})[-/ .]+(?P<m>[a-z]{{3,10}})[-/ .]+(?P<d>\d{{1,2}}){_TAIL}")
_SERIAL = re.compile(r"^[1-6]\d{4}(?:\.\d+)?$")
_EXCEL_EPOCH = date(1899, 12, 30)

_SIGNS = re.compile(r"^[(\-+−–]|[)\-−]$")
_GROUPED = {
    ".": re.compile(r"^\d{1,3}(?:[,\s'’  ]\d{3})+(?:\.\d+)?$|^\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?$|^\d*\.?\d+$|^\d+\.$"),
    ",": re.compile(r"^\d{1,3}(?:[.\s'’  ]\d{3})+(?:,\d+)?$|^\d*,?\d+$|^\d+,$"),
}
_NOT_DIGIT = {".": re.compile(r"[^\d.]"), ",": re.compile(r"[^\d,]")}
_EXPONENT = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}$")
CURRENCIES = {
    "R$": "BRL",
    "US$": "USD",
    "U$": "USD",
    "U$S": "USD",
    "AR$": "ARS",
    "MX$": "MXN",
    "A$": "AUD",
    "C$": "CAD",
    "S/": "PEN",
    "$": "",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "BRL": "BRL",
    "USD": "USD",
    "EUR": "EUR",
    "GBP": "GBP",
    "ARS": "ARS",
    "MXN": "MXN",
    "CLP": "CLP",
    "COP": "COP",
    "PEN": "PEN",
    "UYU": "UYU",
    "CHF": "CHF",
    "AUD": "AUD",
    "CAD": "CAD",
    "JPY": "JPY",
}
_SYMBOLS = "|".join(re.escape(s) for s in sorted(CURRENCIES, key=len, reverse=True))
_MONEY = re.compile(
    rf"^(?P<neg>[-(−–]?)\s*(?P<cur>{_SYMBOLS})?\s*(?P<num>[-+−]?\d[\d.,'’\s]*|[-+−]?[.,]\d+)\s*(?P<mul>k|mil|m|mi|mn|mm|mio|b|bi|bn)?\s*(?P<cur2>{_SYMBOLS})?\)?(?P<neg2>[-−]?)$",
    re.IGNORECASE,
)
_MULTIPLIERS = {
    "k": 1000,
    "mil": 1000,
    "m": 10**6,
    "mi": 10**6,
    "mn": 10**6,
    "mm": 10**6,
    "mio": 10**6,
    "b": 10**9,
    "bi": 10**9,
    "bn": 10**9,
}


def parse_number(text: str, decimal: str = ".") -> Decimal | None:
    """A number with thousands grouped or not; ``decimal`` is "." or ",". None where it is not a number."""
    body = text.strip()
    if not body or len(body) > 60:
        return None
    if _EXPONENT.match(body):
        return Decimal(body.replace(",", "."))
    negative = body[0] in "(-−–" or body[-1] in "-−"
    body = _SIGNS.sub("", _SIGNS.sub("", body)).strip()
    if not body or not _GROUPED[decimal].match(body):
        return None
    plain = _NOT_DIGIT[decimal].sub("", body).replace(",", ".")
    if plain in ("", "."):
        return None
    value = Decimal(plain)
    return -value if negative else value


def parse_money(text: str, decimal: str = ".") -> tuple[Decimal, str] | None:
    """An amount and its ISO currency ("" where the text has none or only "$"); takes K, M, mil, mi, bn suffixes."""
    match = _MONEY.match(text.strip())
    if not match:
        return None
    amount = parse_number(match["num"].strip(), decimal)
    if amount is None:
        return None
    if match["neg"] or match["neg2"]:
        amount = -abs(amount)
    if match["mul"]:
        amount *= _MULTIPLIERS[match["mul"].lower()]
    symbol = (match["cur"] or match["cur2"] or "").upper()
    return amount, CURRENCIES.get(symbol, "")


def parse_percent(text: str, decimal: str = ".") -> Decimal | None:
    """The number before (or after) a percent sign: "12,5 %" gives 12.5."""
    body = text.strip()
    if "%" not in body:
        return None
    return parse_number(body.strip("% "), decimal)


def parse_bool(text: str) -> bool | None:
    """Yes or no in English, Portuguese or Spanish."""
    folded = fold(text.strip())
    return True if folded in YES else False if folded in NO else None


def parse_time(text: str) -> time | None:
    """A time of day: "09:05", "9:05 PM", "14h30"."""
    match = _TIME.match(text.strip())
    if not match:
        return None
    if match["h2"]:
        return _clock(int(match["h2"]), 0, 0, match["ap2"] if match["ap2"] != "h" else None)
    return _clock(int(match["h"]), int(match["mi"]), int(match["s"] or 0), match["ap"])


def parse_date(
    text: str, order: str = "dmy", *, pivot: int | None = None, serials: bool = False
) -> date | datetime | None:
    """A date, or a datetime where the text has a time.

    Args:
        text: any of the usual ways, with month names in English, Portuguese or Spanish.
        order: "dmy", "mdy" or "ymd" for numeric dates that do not begin with a four-digit year.
        pivot: last two-digit year that is 20xx; by default ten years from now.
        serials: take five digits as the number of a day as Excel counts them (``ColumnGuess.excel_serials``).
    """
    body = text.strip()
    if serials and _SERIAL.match(body):
        return from_excel_serial(float(body))
    if not 6 <= len(body) <= 48 or not any(c.isdigit() for c in body):
        return None
    return _parse_date(fold(body), order, pivot)


@lru_cache(maxsize=20_000)
def _parse_date(body: str, order: str, pivot: int | None) -> date | datetime | None:
    if match := _COMPACT.match(body):
        return _compact(match)
    if match := _NUMERIC_DATE.match(body):
        return _numeric(match, order, pivot)
    body = _WEEKDAY.sub("", body)
    match = _DAY_MONTH.match(body) or _MONTH_DAY.match(body) or _YEAR_MONTH.match(body)
    if not match or match["m"] not in MONTHS:
        numeric = _NUMERIC_DATE.match(body)
        return _numeric(numeric, order, pivot) if numeric else None
    return _build(_year(match["y"], pivot), MONTHS[match["m"]], int(match["d"]), match)


def from_excel_serial(value: float, base1904: bool = False) -> date | datetime | None:
    """The date of an Excel serial number; None outside 1900–2199 (ECMA-376 part 1, 18.17.4.1)."""
    if base1904:
        value += 1462
    if not 1 <= value < 109_575:
        return None
    moment = datetime(_EXCEL_EPOCH.year, _EXCEL_EPOCH.month, _EXCEL_EPOCH.day) + timedelta(days=float(value))
    return moment.date() if value == int(value) else moment.replace(microsecond=0)


def is_excel_serial(text: str) -> bool:
    """Whether a text may be a day as Excel counts it, between 1927 and 2091."""
    return bool(_SERIAL.match(text.strip()))


def has_month_name(text: str) -> bool:
    """Whether one of the words is the name of a month."""
    return any(word in MONTHS for word in re.findall(r"[a-z]{3,10}", fold(text)))


@dataclass(frozen=True)
class OrderVotes:
    """How many dates of a column can only be read one way. ``two_digit``: years of two digits."""

    dmy: int = 0
    mdy: int = 0
    ymd: int = 0
    open: int = 0
    two_digit: int = 0

    @property
    def order(self) -> str | None:
        """The order that the column proves; None where every date can be read both ways."""
        best = max((self.dmy, "dmy"), (self.mdy, "mdy"), (self.ymd, "ymd"))
        return best[1] if best[0] else None


def vote_order(texts: Iterable[str]) -> OrderVotes:
    """Count over a whole column which order of day, month and year its numeric dates allow."""
    votes = {"dmy": 0, "mdy": 0, "ymd": 0, "open": 0, "two_digit": 0}
    for text in texts:
        body = text.strip()
        if _COMPACT.match(body):
            votes["ymd"] += 1
            continue
        match = _NUMERIC_DATE.match(body)
        if not match:
            continue
        first, second, third = match["a"], match["b"], match["c"]
        if len(first) == 4 or int(first) > 31:
            votes["ymd"] += 1
        elif int(first) > 12 >= int(second):
            ambiguous_year = len(third) == 2 and int(third) <= 31
            votes["open" if ambiguous_year and match["sep"] == "-" else "dmy"] += 1
        elif int(second) > 12 >= int(first):
            votes["mdy"] += 1
        else:
            votes["open"] += 1
        if len(third) <= 2 and len(first) <= 2:
            votes["two_digit"] += 1
    return OrderVotes(**votes)


def vote_decimal(texts: Iterable[str]) -> tuple[int, int, int]:
    """Over a whole column: cells that need "." as the decimal mark, that need ",", and that leave it open."""
    point = comma = open_ = 0
    for text in texts:
        body = re.sub(r"[^\d.,]", "", text)
        dots, commas = body.count("."), body.count(",")
        if dots and commas:
            if body.rfind(".") > body.rfind(","):
                point += 1
            else:
                comma += 1
        elif dots > 1:
            comma += 1
        elif commas > 1:
            point += 1
        elif dots or commas:
            mark = "." if dots else ","
            whole, _, part = body.partition(mark)
            if len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
                open_ += 1
            elif dots:
                point += 1
            else:
                comma += 1
    return point, comma, open_


def _clock(hour: int, minute: int, second: int, half: str | None) -> time | None:
    if half:
        if not 1 <= hour <= 12 and not (hour == 0 or hour > 12):
            return None
        if half.lower().startswith("p"):
            hour = hour + 12 if hour < 12 else hour
        elif hour == 12:
            hour = 0
    if hour == 24 and minute == second == 0:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)


def _compact(match: re.Match[str]) -> date | datetime | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    if not match["hms"]:
        return day
    clock = match["hms"].ljust(6, "0")
    moment = _clock(int(clock[:2]), int(clock[2:4]), int(clock[4:]), None)
    return datetime.combine(day, moment) if moment else None


def _numeric(match: re.Match[str], order: str, pivot: int | None) -> date | datetime | None:
    first, second, third = match["a"], match["b"], match["c"]
    if len(first) == 3 or len(third) == 3 or len(third) == 1 and len(first) != 4:
        return None
    if len(first) == 4:
        if len(third) > 2:
            return None
        year, month, day = int(first), int(second), int(third)
        if month > 12 >= day:
            month, day = day, month
        return _build(year, month, day, match)
    if match["sep"] == " " and len(third) != 4:
        return None
    if order == "ymd" and len(third) == 2:
        return _build(_year(first, pivot), int(second), int(third), match)
    day, month = (int(second), int(first)) if order == "mdy" else (int(first), int(second))
    return _build(_year(third, pivot), month, day, match)


def _year(text: str, pivot: int | None) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    last = pivot if pivot is not None else (datetime.now(UTC).year + 10) % 100
    return 2000 + year if year <= last else 1900 + year


def _build(year: int, month: int, day: int, match: re.Match[str]) -> date | datetime | None:
    try:
        when = date(year, month, day)
    except ValueError:
        return None
    if not match["h"]:
        return when
    moment = _clock(int(match["h"]), int(match["mi"]), int(match["s"] or 0), match["ap"])
    if moment is None:
        return None
    zone = match["z"]
    if not zone:
        return datetime.combine(when, moment)
    return datetime.combine(when, moment, tzinfo=_zone(zone))


def _zone(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return timezone(-offset if text[0] == "-" else offset) if offset < timedelta(hours=24) else UTC
