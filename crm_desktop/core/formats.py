"""Values as people read them, in the language and region in use. Fast enough for every cell of a list."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from crm_desktop.core import clock, i18n, regions
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import _
from crm_desktop.core.phones import format_phone
from crm_desktop.core.regions import Shape, shape_of
from crm_desktop.core.taxids import format_tax_id, tax_id_type

Amount = Decimal | int | float

_region = ""
_currency = ""
_country = ""
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(7))
_NBSP = "\u00a0"


def shape() -> Shape:
    """How the region in use writes numbers and dates."""
    return shape_of(i18n.language(), _region)


def set_region(locale_code: str) -> None:
    """Write numbers and dates as in "en_GB", "pt_PT", "es_MX" ...; "" goes back to the language's own region.

    Raises:
        ValueError: the region is unknown; the old one stays.
    """
    global _region
    shape_of(i18n.language(), locale_code)
    _region = locale_code


def region() -> str:
    """The region in use, e.g. "pt_BR"."""
    return _region or regions.DEFAULTS.get(i18n.language(), regions.DEFAULTS["en"])[0]


def set_default_country(code: str) -> None:
    """The country (alpha-2) of phones and tax numbers written without one; "" follows the region."""
    global _country
    _country = code.upper()


def default_country() -> str:
    """The country of phones and tax numbers written without one: "BR", "ES", "US" ..."""
    return _country or region_country()


def region_country() -> str:
    """The country of the region in use, whatever office is open."""
    if not _region:
        return regions.DEFAULTS.get(i18n.language(), regions.DEFAULTS["en"])[1]
    return shape().territory


def set_default_currency(code: str) -> None:
    """The currency of amounts that name none; "" follows the country."""
    global _currency
    _currency = code.upper()


def default_currency() -> str:
    """The currency of amounts that name none: "BRL", "EUR", "USD" ..."""
    return _currency or regions.currency_of(default_country())


def first_weekday() -> int:
    """The day on which a week starts: 0 is Monday, 6 Sunday."""
    return shape().first_weekday


def uses_24h() -> bool:
    """Whether hours count to 24."""
    return shape().clock24


def month_name(month: int, short: bool = False) -> str:
    """The name of a month, 1–12: "março", "mar."."""
    return (shape().months_short if short else shape().months)[month - 1]


def weekday_names(short: bool = False) -> tuple[str, ...]:
    """The names of the weekdays, Monday first: "segunda-feira", or "seg."."""
    return shape().weekdays_short if short else shape().weekdays


def _wall(moment: datetime) -> datetime:
    """Wall time: an aware moment in the local zone, a naive one as it is."""
    return moment if moment.tzinfo is None else moment.astimezone(clock.local_zone())


def format_date(day: date | None, style: str = "short") -> str:
    """A date. Styles: "short" 10/03/2026, "day_month" 10/03, "weekday" ter., 10/03, "medium" 10 de mar. de 2026,
    "long" 10 de março de 2026, "full" with the weekday, "month" março de 2026, "iso".

    A datetime is taken in the local zone first.
    """
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = _wall(day).date()
    if style == "short":
        return shape().date.format(d=day.day, m=day.month, y=day.year)
    if style == "iso":
        return day.isoformat()
    if style == "day_month":
        return shape().day_month.format(d=day.day, m=day.month)
    if style == "weekday":
        return f"{shape().weekdays_short[day.weekday()]}, {format_date(day, 'day_month')}"
    return _long_date(day, style, i18n.language(), _region)


@lru_cache(maxsize=2048)
def _long_date(day: date, style: str, language: str, region_code: str) -> str:
    from babel.dates import format_date as babel_date  # lazy: heavy
    from babel.dates import format_skeleton

    words = shape_of(language, region_code).words
    if style == "month":
        return str(format_skeleton("yMMMM", datetime(day.year, day.month, 1), locale=words))
    if style not in ("medium", "long", "full"):
        raise ValueError(f"unknown date style {style!r}")
    return str(babel_date(day, style, locale=words))


def format_time(moment: datetime | time | None, *, seconds: bool = False) -> str:
    """A time of day: "09:48" or "9:48 AM". A datetime is taken in the local zone first."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        moment = _wall(moment)
    form = shape()
    tail = f":{moment.minute:02}:{moment.second:02}" if seconds else f":{moment.minute:02}"
    if form.clock24:
        return f"{moment.hour:02}{tail}" if form.hour_padded else f"{moment.hour}{tail}"
    return f"{moment.hour % 12 or 12}{tail}{_NBSP}{form.am if moment.hour < 12 else form.pm}"


def format_datetime(moment: datetime | None, style: str = "short", *, seconds: bool = False) -> str:
    """Date and time: an aware instant in the local zone, a naive wall time as it is."""
    if moment is None:
        return ""
    moment = _wall(moment)
    return f"{format_date(moment.date(), style)}, {format_time(moment, seconds=seconds)}"


def format_relative(moment: datetime | date | None, now: datetime | None = None, *, with_time: bool = False) -> str:
    """How long ago or ahead, as in lists: "today, 09:48", "yesterday", "Tue, 3/10", then the date.

    Args:
        moment: an instant, a wall time or a date.
        now: the instant to compare with; the clock's where none is given.
        with_time: add the time to every day, not only to today.
    """
    if moment is None:
        return ""
    when = ""
    if isinstance(moment, datetime):
        moment = _wall(moment)
        when, moment = format_time(moment), moment.date()
    distance = (moment - _wall(now or clock.now()).date()).days
    if distance == 0:
        return _("today, {time}").format(time=when) if when else _("today")
    if distance in (-1, 1):
        text = _("yesterday") if distance < 0 else _("tomorrow")
    else:
        text = format_date(moment, "weekday" if -6 < distance < 6 else "short")
    return f"{text}, {when}" if with_time and when else text


def format_integer(number: int | None) -> str:
    """A whole number with its groups: "1.234"."""
    return "" if number is None else f"{number:,}".replace(",", shape().group)


def format_number(number: Amount | None, decimals: int | None = None) -> str:
    """A number with ``decimals`` places, or with as many as it has (at most six) where none are given."""
    if number is None:
        return ""
    if decimals is not None:
        number = _exact(number).quantize(_STEPS[decimals], ROUND_HALF_UP)
        return f"{number:,.{decimals}f}".translate(shape().swap)
    text = f"{_exact(number).quantize(_STEPS[6], ROUND_HALF_UP):,.6f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).translate(shape().swap)


def _exact(number: Amount) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def format_percent(percent: Amount | None, decimals: int | None = None) -> str:
    """A percentage between 0 and 100: "12,5%"."""
    return "" if percent is None else format_number(percent, decimals) + shape().percent


def format_money(amount: Amount | None, currency: str | None = None, cents: bool = True) -> str:
    """An amount with its currency: "R$ 1.234,56"; without ``cents`` rounded to whole units."""
    if amount is None:
        return ""
    code = currency or default_currency()
    places = regions.currency_places(code) if cents else 0
    value = _exact(amount).quantize(_STEPS[places], ROUND_HALF_UP)
    form = shape()
    digits = f"{abs(value):,.{places}f}".translate(form.swap)
    sign = "-" if value < 0 else ""
    symbol = regions.currency_symbol(code, i18n.language(), _region)
    if form.money_prefix:
        space = form.money_space or (_NBSP if symbol[-1].isalpha() else "")
        return f"{sign}{symbol}{space}{digits}"
    return f"{sign}{digits}{form.money_space}{symbol}"


def format_compact(number: Amount | None, decimals: int = 1) -> str:
    """A large number in short: "100 mil", "1.2M"."""
    if number is None:
        return ""
    return _compact(_exact(number), decimals, i18n.language(), _region)


@lru_cache(maxsize=2048)
def _compact(number: Decimal, decimals: int, language: str, region_code: str) -> str:
    from babel.numbers import format_compact_decimal  # lazy: heavy

    form = shape_of(language, region_code)
    return str(format_compact_decimal(number, locale=form.region, fraction_digits=decimals))


def format_duration(seconds: float | None) -> str:
    """A length of time in its two largest units: "45 s", "1 h 20 min", "2 d 3 h"."""
    if seconds is None:
        return ""
    sign, left = ("-" if seconds < 0 else ""), round(abs(seconds))
    if left >= 3600:
        left = (left + 30) // 60 * 60
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{format_integer(count)} {unit}")
    return sign + " ".join(parts[:2]) if parts else "0 s"


def format_size(size: int | None) -> str:
    """A number of bytes: "512 B", "1,2 MB" (thousands, as file managers count)."""
    if size is None:
        return ""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(amount) < 999.5 or unit == "TB":
            break
        amount /= 1000
    places = 0 if unit == "B" or abs(amount) >= 99.95 else 1
    return f"{format_number(amount, places)}{_NBSP}{unit}"


def format_bool(value: bool | None) -> str:
    """Yes or No."""
    return "" if value is None else _("Yes") if value else _("No")


def country_name(code: str | None) -> str:
    """The name of a country in the language of the program; the code itself where it is unknown."""
    return str(shape().words.territories.get(code, code)) if code else ""


def _choices(field: Field, value: Any) -> str:
    keys = value if isinstance(value, list | tuple) else [value]
    labels = (field.choice_label(key) for key in keys)
    return ", ".join(label if field.custom else _(label) for label in labels)


_BY_KIND: dict[Kind, Callable[[Any], str]] = {
    Kind.INTEGER: format_integer,
    Kind.NUMBER: format_number,
    Kind.PERCENT: format_percent,
    Kind.DATE: format_date,
    Kind.DATETIME: format_datetime,
    Kind.LOCAL_DATETIME: format_datetime,
    Kind.BOOL: format_bool,
    Kind.COUNTRY: country_name,
    Kind.PHONE: lambda value: format_phone(value, default_country()),
    Kind.TAX_ID: lambda value: format_tax_id(value, tax_id_type(value, default_country())),
    Kind.JSON: lambda value: json.dumps(value, ensure_ascii=False),
}


def format_value(field: Field, value: Any, *, currency: str | None = None) -> str:
    """A field's value as lists and cards show it; "" for None. Links are handed in as their text already."""
    if value is None or value == "":
        return ""
    if field.kind is Kind.MONEY:
        return format_money(value, currency)
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return _choices(field, value)
    formatter = _BY_KIND.get(field.kind)
    return formatter(value) if formatter else str(value)


def edit_text(field: Field, value: Any) -> str:
    """A field's value as an editor starts with it: every decimal, no currency, nothing rounded away."""
    if isinstance(value, Decimal | float) and field.kind in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT):
        places = max(-int(_exact(value).normalize().as_tuple().exponent), 0)
        return format_number(value, max(2, min(places, 6)) if field.kind is Kind.MONEY else None)
    if isinstance(value, datetime) and (value.second or value.microsecond):
        return format_datetime(value, seconds=True)
    return format_value(field, value)
