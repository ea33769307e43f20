"""What a region's numbers and dates look like, read once from Babel's CLDR data into plain strings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

DEFAULTS = {"pt_BR": ("pt_BR", "BR"), "es": ("es_ES", "ES"), "en": ("en_US", "US")}
"""The region and the country that belong to each language until somebody chooses others."""


@dataclass(frozen=True)
class Shape:
    """How one region writes numbers, dates and times.

    Attributes:
        words: the Babel locale of month and weekday names, in the language of the program.
        region: the Babel locale of the numbers.
        territory: ISO 3166 alpha-2 of the region.
        date, day_month: ``%``-free templates with ``{d}``, ``{m}`` and ``{y}``.
        date_order: "dmy", "mdy" or "ymd".
        decimal, group: the separators; ``swap`` turns Python's "1,234.5" into the region's.
        money_prefix: whether the currency stands before the amount; ``money_space`` what is between them.
        percent: what follows a percentage.
        clock24: whether hours count to 24; ``am`` and ``pm`` are used otherwise.
        first_weekday: 0 is Monday.
        weekdays, weekdays_short, months, months_short: names, Monday and January first.
    """

    words: Any
    region: Any
    territory: str
    date: str
    day_month: str
    date_order: str
    decimal: str
    group: str
    swap: dict[int, str]
    money_prefix: bool
    money_space: str
    percent: str
    clock24: bool
    hour_padded: bool
    am: str
    pm: str
    first_weekday: int
    weekdays: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    months: tuple[str, ...]
    months_short: tuple[str, ...]


@lru_cache(maxsize=16)
def shape_of(language: str, region: str) -> Shape:
    """The shape for a language of the program and a region such as "en_GB"; "" is the language's own region.

    Raises:
        ValueError: Babel does not know the region.
    """
    from babel.core import Locale, UnknownLocaleError  # lazy: heavy, 40 ms that the start does not need

    default_region, default_country = DEFAULTS.get(language, DEFAULTS["en"])
    try:
        place = Locale.parse(region or default_region)
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from error
    home = Locale.parse(default_region)
    words = place if place.language == home.language else home
    symbols = place.number_symbols.get("latn") or place.number_symbols
    decimal, group = symbols["decimal"], symbols["group"].replace("\u202f", "\u00a0")
    money = place.currency_formats["standard"].pattern.split(";")[0]
    time = place.time_formats["short"].pattern
    periods = words.day_periods["format"]["abbreviated"]
    order, full, short = _date_templates(place)
    return Shape(
        words=words,
        region=place,
        territory=place.territory or default_country,
        date=full,
        day_month=short,
        date_order=order,
        decimal=decimal,
        group=group,
        swap={ord(","): group, ord("."): decimal},
        money_prefix=money.startswith("¤"),
        money_space="\u00a0" if re.search(r"¤\s|\s¤", money) else "",
        percent="\u00a0%" if re.search(r"\s%", place.percent_formats[None].pattern) else "%",
        clock24="H" in time,
        hour_padded="HH" in time or "hh" in time,
        am=periods["am"],
        pm=periods["pm"],
        first_weekday=place.first_week_day,
        weekdays=_names(words.days["format"]["wide"], range(7)),
        weekdays_short=_names(words.days["format"]["abbreviated"], range(7)),
        months=_names(words.months["format"]["wide"], range(1, 13)),
        months_short=_names(words.months["format"]["abbreviated"], range(1, 13)),
    )


def _names(names: Any, keys: range) -> tuple[str, ...]:
    return tuple(names[key] for key in keys)


def _date_templates(place: Any) -> tuple[str, str, str]:
    """The order of a numeric date, its template and the one without a year. Day-first dates are padded."""
    pattern = place.datetime_skeletons["yMd"].pattern
    order = "".join(dict.fromkeys(c.lower() for c in pattern if c in "yMd"))
    padded = ":02}" if order != "mdy" else "}"

    def template(text: str) -> str:
        text = re.sub(r"y+", "{y:04}", re.sub(r"M+", "{m" + padded, text))
        return re.sub(r"(?<!{)d+", "{d" + padded, text)

    return order, template(pattern), template(place.datetime_skeletons["Md"].pattern)


@lru_cache(maxsize=256)
def currency_symbol(currency: str, language: str, region: str) -> str:
    """The symbol of a currency as the region writes it: "R$", "US$", "€"; its code where it has none."""
    from babel.numbers import get_currency_symbol  # lazy: heavy

    return str(get_currency_symbol(currency, shape_of(language, region).region))


@lru_cache(maxsize=256)
def currency_places(currency: str) -> int:
    """How many decimals a currency has: 2 for most, 0 for the yen."""
    from babel.numbers import get_currency_precision  # lazy: heavy

    return int(get_currency_precision(currency))


@lru_cache(maxsize=64)
def currency_of(territory: str) -> str:
    """The currency of a country, "USD" where it is unknown."""
    from babel.numbers import get_territory_currencies  # lazy: heavy

    found = get_territory_currencies(territory)
    return str(found[0]) if found else "USD"
