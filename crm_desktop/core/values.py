"""Values of fields from whatever people type or spreadsheets hold."""

from __future__ import annotations

import gettext
import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from typing import Any

from crm_desktop.core import formats, i18n
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.phones import normalize_phone
from crm_desktop.core.taxids import check_tax_id
from crm_desktop.core.text import fold
from crm_desktop.core.values_dates import DateRules, date_parser, datetime_parser
from crm_desktop.core.values_numbers import integer_parser, number_parser
from crm_desktop.core.values_text import parse_country, parse_currency, parse_email, parse_timezone, parse_url

Parser = Callable[[Any], Any]

EMPTY_WORDS = frozenset(
    {"-", "--", "---", "–", "—", "n/a", "na", "#n/a", "n.a.", "n/d", "nd", "s/d", "s/n", "null", "none", "nan", "nat",
     "#ref!", "#value!", "#div/0!", "-/-", "?", "..."}
)  # fmt: skip
"""What people and programs write into a cell that is empty. Text fields keep these words."""
_KEEPS_WORDS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.CHOICES, Kind.JSON})

_TRUE = frozenset(
    "1 yes y true t on x ✓ ✔ ☑ sim s verdadeiro v si verdadero cierto ja oui ok checked active ativo activo".split()
)
_FALSE = frozenset("0 no n false f off nao falso nein non ✗ ✘ ☐ unchecked inactive inativo inactivo".split())
_NOT_BOOL = N_("“{text}” is neither yes nor no. Write yes or no.")
_NOT_CHOICE = N_("“{text}” is not one of the values of this field: {known}.")
_NOT_LINK = N_("“{text}” is not a record that can be linked. Choose one from the list.")
_NOT_JSON = N_("“{text}” is not valid JSON: {error}")
_TOO_LONG = N_("This text has {count} characters; at most {limit} fit. Shorten it.")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]|_x000[dD]_")


def parse_value(
    field_or_kind: Field | Kind,
    raw: Any,
    *,
    country: str | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    choices: Sequence[Choice] | None = None,
) -> Any:
    """The value that a text, number or date means for a field; None for an empty one.

    Args:
        field_or_kind: a field, whose choices and length count too, or only a kind.
        raw: what was typed or read from a spreadsheet.
        country: alpha-2 for phones and tax numbers; the default country where None.
        date_order: "dmy", "mdy" or "ymd"; the region's where None.
        decimal: "," or "."; the region's where None and where the number leaves a doubt.
        choices: instead of those of the field.

    Raises:
        FieldError: the value does not fit; the sentence says how to write it, ``field`` names the field.
    """
    if isinstance(field_or_kind, Field):
        kind, name, max_length = field_or_kind.kind, field_or_kind.name, field_or_kind.max_length
        choices = field_or_kind.choices if choices is None else choices
    else:
        kind, name, max_length = field_or_kind, "", 0
    if type(raw) is _PLAIN.get(kind):
        return raw
    if kind is Kind.DATETIME and isinstance(raw, datetime) and raw.tzinfo is UTC:
        return raw.replace(microsecond=raw.microsecond // 1000 * 1000)
    if kind in _DATED:
        parser = parser_for(kind, date_order=date_order)
    else:
        place, mark = country or formats.default_country(), decimal or formats.shape().decimal
        parser = _remembered(kind, place, mark, tuple(choices or ()), max_length)
    try:
        return parser(raw)
    except FieldError as error:
        error.field = name or error.field
        raise


_PLAIN: dict[Kind, type] = {
    Kind.BOOL: bool, Kind.INTEGER: int, Kind.LINK: int, Kind.USER: int, Kind.DATE: date, Kind.JSON: dict,
}  # fmt: skip
"""Values of these types are what the field holds already."""


@lru_cache(maxsize=1024)
def _remembered(kind: Kind, country: str, decimal: str, choices: tuple[Choice, ...], max_length: int) -> Parser:
    """A parser for single values: making one costs more than using it once."""
    return parser_for(kind, country=country, decimal=decimal, choices=choices, max_length=max_length)


def parser_for(
    kind: Kind,
    *,
    country: str | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    choices: Sequence[Choice] | None = None,
    max_length: int = 0,
    pivot: int | None = None,
    serial: str = "",
    words: bool = True,
    zone: tzinfo | None = None,
) -> Parser:
    """A fast function for one column: it takes a cell and returns the value, None for an empty cell.

    Args:
        kind: what the column holds.
        country, date_order, decimal, choices: as for :func:`parse_value`.
        max_length: of texts; 0 is any length.
        pivot: two-digit years above it belong to the last century; None puts it twenty years from now.
        serial: "1900" or "1904" where numbers in the column are days of a spreadsheet's calendar.
        words: whether a date may be "today", "+3d" or "monday".
        zone: the zone of times without one; the computer's where None.

    The function raises FieldError, with an empty ``field``.
    """
    order = date_order or (formats.shape().date_order if kind in _DATED else "dmy")
    rules = DateRules(order, pivot, serial, words, zone)
    place = country or (formats.default_country() if kind in (Kind.PHONE, Kind.TAX_ID) else "")
    parser = _parser(kind, rules, place, decimal, tuple(choices or ()), max_length)
    empty_words = frozenset() if kind in _KEEPS_WORDS else EMPTY_WORDS
    if kind is Kind.COUNTRY:
        empty_words = EMPTY_WORDS - {"na"}  # Namibia

    def parse(raw: Any) -> Any:
        if type(raw) is str:
            if not raw or raw.isspace():
                return None
            if raw[0] <= " " or raw[-1] <= " " or raw[0] == "\u00a0" or raw[-1] == "\u00a0":
                raw = raw.strip()
            if len(raw) < 8 and raw.lower() in empty_words:
                return None
        elif raw is None or (type(raw) is float and math.isnan(raw)):
            return None
        return parser(raw)

    return parse


_DATED = (Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME)


def _parser(
    kind: Kind, rules: DateRules, country: str, decimal: str | None, choices: tuple[Choice, ...], max_length: int
) -> Parser:
    if kind in (Kind.NUMBER, Kind.MONEY, Kind.PERCENT):
        return number_parser(decimal)
    if kind is Kind.INTEGER:
        return integer_parser(decimal)
    if kind is Kind.DATE:
        return date_parser(rules)
    if kind in (Kind.DATETIME, Kind.LOCAL_DATETIME):
        return datetime_parser(rules, local=kind is Kind.LOCAL_DATETIME)
    if kind is Kind.PHONE:
        return lambda raw: normalize_phone(raw, country)
    if kind is Kind.TAX_ID:
        return lambda raw: check_tax_id(raw, country)[0]
    if kind is Kind.CHOICE:
        return _choice_parser(choices)
    if kind is Kind.CHOICES:
        return _choices_parser(choices)
    if kind in (Kind.TEXT, Kind.LONG_TEXT):
        return _text_parser(max_length, several_lines=kind is Kind.LONG_TEXT)
    if kind is Kind.CURRENCY:
        return lambda raw: parse_currency(raw, formats.default_currency())
    return _SIMPLE[kind]


def parse_bool(raw: Any) -> bool:
    """Yes or no in three languages, 1 and 0, ticks and crosses.

    Raises:
        FieldError: it is neither.
    """
    if isinstance(raw, bool):
        return raw
    word = f"{raw:g}" if isinstance(raw, int | float) else fold(str(raw)).strip(" .!")
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise FieldError("", _NOT_BOOL, value=raw, text=str(raw).strip())


def _parse_link(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().isdecimal():
        return int(raw)
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    raise FieldError("", _NOT_LINK, value=raw, text=str(raw).strip())


def _parse_json(raw: Any) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError as error:
        raise FieldError("", _NOT_JSON, value=raw, text=raw[:60], error=str(error)) from None


_SIMPLE: dict[Kind, Parser] = {
    Kind.BOOL: parse_bool,
    Kind.LINK: _parse_link,
    Kind.USER: _parse_link,
    Kind.EMAIL: parse_email,
    Kind.URL: parse_url,
    Kind.COUNTRY: parse_country,
    Kind.TIMEZONE: parse_timezone,
    Kind.JSON: _parse_json,
}


def cell_text(raw: Any) -> str:
    """The text of a spreadsheet cell: 60610.0 is "60610", a date is written as the region does."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return formats.format_bool(raw)
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, datetime):
        return formats.format_datetime(raw) if raw.time() != time(0) else formats.format_date(raw.date())
    if isinstance(raw, date):
        return formats.format_date(raw)
    return str(raw)


def _text_parser(max_length: int, *, several_lines: bool) -> Parser:
    def parse(raw: Any) -> str | None:
        text = raw if type(raw) is str else cell_text(raw)
        if not text.isprintable():
            text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
            text = text.strip() if several_lines else " ".join(text.split())
        if max_length and len(text) > max_length:
            raise FieldError("", _TOO_LONG, value=raw, count=len(text), limit=max_length)
        return text or None

    return parse


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("crm_desktop", str(i18n.locale_folder()), languages=[language], fallback=True)


@lru_cache(maxsize=16_384)
def translation(message: str, language: str) -> str:
    """A source text in one language, whichever is in use."""
    return _catalogue(language).gettext(message) if message else ""


@lru_cache(maxsize=4096)
def all_translations(message: str) -> tuple[str, ...]:
    """A source text in every language of the program, English first."""
    texts = [message, *(_catalogue(language).gettext(message) for language in i18n.LANGUAGES)]
    return tuple(dict.fromkeys(texts))


def choice_key(text: str) -> str:
    """A text as labels are compared: folded, without marks, blanks as one."""
    return " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())


@lru_cache(maxsize=512)
def choice_lookup(choices: tuple[Choice, ...]) -> dict[str, str]:
    """Keys by :func:`choice_key` of every key and of every label in every language. Stored keys win, then labels."""
    found: dict[str, str] = {}
    for choice in choices:
        found.setdefault(choice_key(choice.key), choice.key)
    for choice in choices:
        for label in all_translations(choice.label):
            found.setdefault(choice_key(label), choice.key)
    return found


def _choice_parser(choices: tuple[Choice, ...]) -> Parser:
    if not choices:
        return lambda raw: cell_text(raw).strip()
    lookup = choice_lookup(choices)
    # As written first: "A+" and "A-" would be the same once their marks are gone.
    exact = {label: choice.key for choice in reversed(choices) for label in all_translations(choice.label)}
    exact.update({choice.key: choice.key for choice in choices})

    def parse(raw: Any) -> str | None:
        found = exact.get(raw) if isinstance(raw, str) else None
        if found is not None:
            return found
        text = cell_text(raw)
        found = lookup.get(choice_key(text))
        if found is None:
            if text.strip().lower() in EMPTY_WORDS:
                return None
            raise FieldError("", _NOT_CHOICE, value=raw, text=text.strip(), known=_known(choices))
        if len(exact) < 10_000 and isinstance(raw, str):
            exact[raw] = found
        return found

    return parse


def _known(choices: tuple[Choice, ...]) -> str:
    labels = [_(choice.label) for choice in choices[:12]]
    return ", ".join([*labels, "…"] if len(choices) > 12 else labels)


def _choices_parser(choices: tuple[Choice, ...]) -> Parser:
    one = _choice_parser(choices)
    lookup = choice_lookup(choices)

    def parse(raw: Any) -> list[str]:
        if isinstance(raw, str) and choice_key(raw) not in lookup:
            parts: list[Any] = re.split(r"[;|\n]", raw)
            if len(parts) == 1:
                parts = raw.split(",")
            parts = [part.strip() for part in parts if part.strip()]
        else:
            parts = list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]
        found = (one(part) for part in parts)
        return list(dict.fromkeys(key for key in found if key))

    return parse
