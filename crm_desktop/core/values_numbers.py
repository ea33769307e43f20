"""Numbers and amounts of any spelling: "R$ 1.234,56", "1,234.56", "(1.200,00)", "$342.09K", "1 234,5"."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold

LIMIT = Decimal(10) ** 14
"""Amounts are kept as 64-bit ten-thousandths; this leaves room for sums."""
_QUANTUM = Decimal("0.0001")
_BLANKS = re.compile(r"[\s'’`´]")
_SIGNS = str.maketrans("−–‐‑", "----")
_GROUPED = re.compile(r"\d{1,3}(?:[\s'’`´]\d{3})+(?![\d\s'’`´])|\d+")
_CURRENCY = (
    r"(?:[A-Za-z]{0,3}[$€£¥₹₲₡₱]|\b(?:BRL|EUR|USD|GBP|MXN|ARS|CLP|COP|PEN|UYU|CHF|CAD|AUD|JPY|CNY|PYG|BOB)\b|"
    r"\b(?:reais|real|euros?|d[oó]lar(?:es)?|dollars?|pesos?|libras?|pounds?)\b)"
)
_MONEY_MARKS = re.compile(_CURRENCY, re.IGNORECASE)
_SCALES = {
    "k": 3, "mil": 3, "thousand": 3, "m": 6, "mi": 6, "mm": 6, "mn": 6, "milhao": 6, "milhoes": 6, "million": 6,
    "millions": 6, "millon": 6, "millones": 6, "b": 9, "bi": 9, "bn": 9, "bilhao": 9, "bilhoes": 9, "billion": 9,
    "d": 0, "c": 0, "cr": 0, "dr": 0, "db": 0,
}  # fmt: skip
_NUMBER = re.compile(r"([(\-+]*)\s*([\d.,\s'’`´]*\d[.,]?)\s*(-?)\)?\s*([^\W\d_]*)\.?\s*(-?)\)?\Z")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}\Z")


def parse_number(raw: Any, decimal: str | None = None) -> Decimal:
    """The number that a text, int, float or Decimal says, rounded half up to four places.

    Args:
        raw: the value; a text may carry a currency, a sign on either side, brackets, a scale such as K or "mil".
        decimal: the decimal separator, "," or "."; where it is None "1.234" is read as the region writes it.

    Raises:
        FieldError: it is not a number, or too large.
    """
    if isinstance(raw, Decimal):
        number = raw
    elif isinstance(raw, int):
        number = Decimal(raw)
    elif isinstance(raw, float):
        number = Decimal(repr(raw))
    else:
        number = _from_text(str(raw), decimal)
    if not number.is_finite():
        raise not_a_number(raw)
    if abs(number) >= LIMIT:
        raise FieldError("", _TOO_LARGE, value=raw, text=str(raw).strip())
    exponent = number.as_tuple().exponent
    return number.quantize(_QUANTUM, ROUND_HALF_UP) if isinstance(exponent, int) and exponent < -4 else number


def not_a_number(raw: Any) -> FieldError:
    """The error that shows how a number is written here."""
    return FieldError("", _NOT_A_NUMBER, value=raw, text=str(raw).strip(), example=formats.format_number(1234.5, 2))


_NOT_A_NUMBER = N_("“{text}” is not a number. Write it like {example}.")
_NOT_WHOLE = N_("“{text}” is not a whole number. Leave out what stands after the {decimal}.")
_TOO_LARGE = N_("“{text}” is too large. Check the number of digits.")


def _from_text(text: str, decimal: str | None) -> Decimal:
    if _SCIENTIFIC.match(text.strip()):
        return Decimal(text.strip().replace(",", "."))
    bare = _MONEY_MARKS.sub(" ", text.translate(_SIGNS)).replace("%", " ").strip()
    found = _NUMBER.match(bare)
    if not found:
        raise not_a_number(text)
    lead, digits, minus, scale, last = found.groups()
    if lead.count("-") + lead.count("(") + bool(minus) + bool(last) > 1 or ("(" in lead) != bare.endswith(")"):
        raise not_a_number(text)
    power = _SCALES.get(fold(scale)) if scale else 0
    if power is None:
        raise not_a_number(text)
    number = Decimal(_plain(digits.strip(), decimal, text)).scaleb(power)
    negative = "-" in lead or "(" in lead or minus or last or (fold(scale) in ("d", "dr", "db"))
    return -number if negative else number


def _plain(digits: str, decimal: str | None, text: str) -> str:
    """The digits as Python writes a number."""
    if _BLANKS.search(digits):
        whole, separator, _rest = re.match(r"([\d\s'’`´]*)([.,]?)(.*)\Z", digits, re.DOTALL).groups()  # type: ignore[union-attr]
        if not _GROUPED.fullmatch(whole.strip()):
            raise not_a_number(text)
        digits = _BLANKS.sub("", digits)
        decimal = separator or decimal  # blanks group, so the only mark is the decimal one
    commas, dots = digits.count(","), digits.count(".")
    if not commas and not dots:
        return digits
    if commas and dots:
        mark = "," if digits.rfind(",") > digits.rfind(".") else "."
        if digits.count(mark) > 1:
            raise not_a_number(text)
    else:
        mark = _single_mark(digits, "," if commas else ".", commas + dots, decimal)
    group = "." if mark == "," else ","
    whole, _mark, fraction = digits.partition(mark)
    if group in whole and not re.fullmatch(r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}", whole):
        raise not_a_number(text)
    if not (fraction == "" or fraction.isdigit()):
        raise not_a_number(text)
    return f"{whole.replace(group, '') or '0'}.{fraction or '0'}"


def _single_mark(digits: str, present: str, count: int, decimal: str | None) -> str:
    """The decimal mark of a number with only one kind of mark in it."""
    other = "," if present == "." else "."
    if count > 1:
        return other
    before, _mark, after = digits.partition(present)
    ambiguous = len(after) == 3 and 1 <= len(before) <= 3 and before != "0"
    if not ambiguous:
        return present
    expected = decimal or formats.shape().decimal
    return present if present == expected else other


def number_parser(decimal: str | None) -> Callable[[Any], Decimal]:
    """A fast parser of numbers and amounts in one column, with the decimal separator fixed (or the region's)."""
    mark = decimal or formats.shape().decimal
    group = "." if mark == "," else ","
    usual = re.compile(
        rf"(?:R\$|US\$|€|£|\$)?\s*(-?(?:[1-9]\d{{0,2}}(?:\{group}\d{{3}})+|\d+)(?:\{mark}\d{{1,4}})?)(?:\s*€)?\Z"
    ).match

    def parse(raw: Any) -> Decimal:
        if type(raw) is str and len(raw) < 24:
            found = usual(raw)
            if found:
                number = Decimal(found[1].replace(group, "").replace(mark, "."))
                if -LIMIT < number < LIMIT:
                    return number
        return parse_number(raw, decimal)

    return parse


def integer_parser(decimal: str | None) -> Callable[[Any], int]:
    """A parser of whole numbers."""

    def parse(raw: Any) -> int:
        if type(raw) is int:
            return raw
        if type(raw) is str and raw.isdecimal() and len(raw) < 15:
            return int(raw)
        if isinstance(raw, float) and math.isnan(raw):
            raise not_a_number(raw)
        number = parse_number(raw, decimal)
        if number != number.to_integral_value():
            raise FieldError("", _NOT_WHOLE, value=raw, text=str(raw).strip(), decimal=formats.shape().decimal)
        return int(number)

    return parse
