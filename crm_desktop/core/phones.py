"""Phone numbers: E.164 for storing, the national way for reading, several in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _, translate

_E164 = re.compile(r"\+[1-9]\d{6,14}\Z")
_LEAD = re.compile(r"^\s*(?:tel|callto|sms|whatsapp|wa)\s*:\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}\Z")
_EXTENSION = re.compile(
    r"[\s,;(]*(?<![^\W\d_])(?:ramal|rml|extensi[oó]n|extn?|interno|int|x|anexo|#)[\s.:]*(\d{1,6})\)?\s*\Z",
    re.IGNORECASE,
)
_VANITY = re.compile(r"[\d+() .-]*\d[ .-][A-Z]{3,}[A-Z\d .-]*\Z")
_TYPES = ("mobile", "fixed_line", "toll_free", "shared_cost", "premium_rate", "voip", "uan", "personal_number", "pager")
_MIN_DIGITS = 6
_WHOLE_DIGITS = 9
"""A number with fewer digits that no plan knows is most likely one without its area code."""


def is_e164(value: str) -> bool:
    """Whether a stored phone is a complete international number; others are kept as they were typed."""
    return bool(_E164.match(value))


def phone_digits(value: str) -> str:
    """The digits of a stored phone without its extension, for searching by the last ones."""
    if value.startswith("+") and value[1:].isdecimal():
        return value[1:]
    return re.sub(r"\D+", "", value.partition(";ext=")[0])


@dataclass(frozen=True)
class _Plan:
    """The numbering plan of one country as two patterns over bare digits, made from phonenumbers' own data."""

    code: str
    general: re.Pattern[str]
    national: re.Pattern[str]
    trunk: str
    transform: re.Pattern[str] | None


@lru_cache(maxsize=256)
def _plan(country: str) -> _Plan | None:
    from phonenumbers import PhoneMetadata  # lazy: heavy, 25 ms that the start does not need

    data = PhoneMetadata.metadata_for_region(country)
    if data is None or data.country_code is None:
        return None
    kinds = (getattr(data, name) for name in _TYPES)
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    general = data.general_desc.national_number_pattern if data.general_desc else ""
    return _Plan(
        code=str(data.country_code),
        general=re.compile(rf"(?:{general})\Z"),
        national=re.compile(rf"(?=(?:{general})\Z)(?:{'|'.join(patterns)})\Z"),
        trunk=data.national_prefix or "",
        transform=re.compile(data.national_prefix_for_parsing) if data.national_prefix_for_parsing else None,
    )


@lru_cache(maxsize=1)
def _main_countries() -> dict[str, str]:
    """Calling codes to the main country that uses each."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # lazy: heavy

    return {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions[0] != "001"}


def _fast(bare: str, country: str) -> str:
    """The E.164 form of bare digits (with or without "+"), or "" where the careful way must decide."""
    if bare[0] == "+":
        return _fast_international(bare[1:])
    if bare[:2] == "00":
        return _fast_international(bare[2:])
    plan = _plan(country)
    if plan is None:
        return ""
    national = bare
    if plan.trunk and bare.startswith(plan.trunk) and not plan.national.match(bare):
        prefix = plan.transform.match(bare) if plan.transform else None
        if prefix and prefix.end() != len(plan.trunk):
            return ""  # a carrier code follows, as in Colombia
        national = bare[len(plan.trunk) :]
    if plan.national.match(national):
        # A prefix that phonenumbers would rewrite ("0 351 15 ..." in Argentina) is not for the fast way.
        found = plan.transform.match(national) if plan.transform else None
        return f"+{plan.code}{national}" if not found or not found.end() else ""
    if bare.startswith(plan.code) and plan.code != plan.trunk and not plan.general.match(bare):
        return _fast_international(bare)
    return ""


def _fast_international(digits: str) -> str:
    countries = _main_countries()
    for size in (2, 1, 3):
        country = countries.get(digits[:size])
        if country:
            plan, national = _plan(country), digits[size:]
            if plan and plan.national.match(national):
                found = plan.transform.match(national) if plan.transform else None
                return f"+{digits}" if not found or not found.end() else ""
            return ""
    return ""


@lru_cache(maxsize=10_000)
def _careful(text: str, country: str) -> str:
    """What phonenumbers makes of a text: E.164, or "" where it is no complete number."""
    from phonenumbers import (  # lazy: heavy
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_possible_number,
        is_valid_number,
        parse,
    )

    stripped = text.lstrip(" (")
    if stripped.startswith("00"):
        text = "+" + stripped[2:]
    international = text.lstrip(" (").startswith("+")
    try:
        number = parse(text, country or None)
    except NumberParseException:
        return ""
    if number.extension:
        return ""
    if is_valid_number(number) or (international and is_possible_number(number)):
        return str(format_number(number, PhoneNumberFormat.E164))
    return ""


def to_e164(text: str, country: str) -> str:
    """The E.164 form of a phone text without words in it, or "" where it is no complete number."""
    # A chain of replace is three times faster than translate.
    bare = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "").replace(".", "")
    if bare.isascii() and (bare.isdigit() or (bare[:1] == "+" and bare[1:].isdigit())):
        return _fast(bare, country) or _careful(text, country)
    if _VANITY.match(text) or not any(c.isalpha() for c in text):
        return _careful(text, country)
    return ""


@lru_cache(maxsize=32_768)
def normalize_phone(text: str | int | float, country: str) -> str:
    """A phone as it is stored: E.164 (an extension follows as ";ext=12"), or as typed where that cannot be made.

    Args:
        text: any spelling; numbers of a spreadsheet too.
        country: alpha-2 of the country that a number without "+" belongs to.

    Raises:
        FieldError: there are fewer than six digits, the text is no phone but a page of one, or a spreadsheet left only the first of them.
    """
    if isinstance(text, str) and len(text) > _LONGEST:
        raise FieldError("", _TOO_LONG, value=text, text=text[:60])
    typed = text if isinstance(text, str) else _spreadsheet_text(text)
    if found := to_e164(typed, country):
        return found
    typed = _spreadsheet_text(typed)
    if found := to_e164(typed, country):
        return found
    typed = _LEAD.sub("", typed)
    extension = _EXTENSION.search(typed)
    if extension and (found := to_e164(typed[: extension.start()].strip(), country)):
        return f"{found};ext={extension[1]}"
    if found := to_e164(typed, country):
        return found
    if sum(c.isdigit() for c in typed) < _MIN_DIGITS:
        raise FieldError("", _TOO_SHORT, value=text, text=typed)
    return typed


_LONGEST = 400
"""Characters of a cell with phones: a dozen of them with words beside. What follows would take minutes over a long text."""
_TOO_LONG = N_("“{text}…” is too long to be a phone number.")
_SHOWN_DIGITS = 6
"""So many digits of a long number a spreadsheet shows at the most; programs that write all of them leave out zeros only."""
_ROUNDED = N_("“{text}” is a phone number of which a spreadsheet kept the first digits only. Write it as text.")
_TOO_SHORT = N_("“{text}” is too short to be a phone number. Write it with its area code.")


def _spreadsheet_text(value: str | int | float) -> str:
    """The text of a cell: 11987654321.0 and "1.1987654321E10" are whole numbers, runs of blanks are one.

    Raises:
        FieldError: "1,19877E+10": what the spreadsheet showed in place of the last digits is not known.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value if isinstance(value, str) else str(value)
    if text.isdigit():
        return text
    text = " ".join(text.split())
    if text.endswith(".0") and text[:-2].isdigit():
        return text[:-2]
    if _SCIENTIFIC.match(text):
        number = Decimal(text.replace(",", "."))
        digits = number.as_tuple().digits
        if len(digits) <= _SHOWN_DIGITS and len(digits) <= number.adjusted():
            raise FieldError("", _ROUNDED, value=value, text=text)
        return str(int(number))
    return text


def format_phone(phone: str | None, country: str = "") -> str:
    """A stored phone as read in ``country``: national there, international from elsewhere, others as typed."""
    number, _mark, extension = (phone or "").partition(";ext=")
    if not is_e164(number):
        return phone or ""
    text = _formatted(number, country)
    return _("{number} ext. {extension}").format(number=text, extension=extension) if extension else text


@lru_cache(maxsize=65536)
def _formatted(number: str, country: str) -> str:
    from phonenumbers import PhoneNumber, PhoneNumberFormat, format_number, parse, region_code_for_number  # lazy: heavy

    size = next((size for size in (2, 1, 3) if number[1 : 1 + size] in _main_countries()), 0)
    code, rest = number[1 : 1 + size], number[1 + size :]
    # Put together by hand it is twice as fast; only a leading zero (Italy) needs the parser's care.
    parsed = PhoneNumber(int(code), int(rest)) if size and rest[:1] != "0" else parse(number)
    home = region_code_for_number(parsed) == country
    return str(format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL))


def phone_doubt(phone: str | None, country: str) -> str:
    """Why a stored phone is no complete number of any country, as a sentence; "" where it is one.

    Such numbers are kept as they were typed: an old one without area code is better than none.
    """
    number = (phone or "").partition(";ext=")[0]
    if not number or is_e164(number):
        return ""
    from phonenumbers import (  # lazy: heavy
        NumberParseException,
        ValidationResult,
        is_possible_number_with_reason,
        parse,
    )

    if any(c.isalpha() for c in number):
        return translate(_NO_NUMBER)
    try:
        reason = is_possible_number_with_reason(parse(number, country or None))
    except NumberParseException:
        return translate(_COUNTRY)
    digits = phone_digits(number)
    local = not number.startswith("+") and len(digits) < _WHOLE_DIGITS and reason == ValidationResult.IS_POSSIBLE
    if local or reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return translate(_SHORT)
    if reason == ValidationResult.TOO_LONG:
        return translate(_LONG)
    return translate(_COUNTRY if reason == ValidationResult.INVALID_COUNTRY_CODE else _NOWHERE)


_SHORT = N_("Digits are missing, perhaps the area code. It is kept as you wrote it.")
_LONG = N_("It has more digits than a phone number. It is kept as you wrote it.")
_COUNTRY = N_("No country has this code. It is kept as you wrote it.")
_NOWHERE = N_("No phone begins like this. It is kept as you wrote it.")
_NO_NUMBER = N_("This is not only a number. It is kept as you wrote it.")


_SEPARATOR = re.compile(r"[;,|/\n\r]|\s(?:e|y|ou|o|or|and)\s", re.IGNORECASE)
_RUN = re.compile(r"[+(]?\(?\d[\d\s().\-\u00a0]*\d")
_EDGES = " \t:;,.-–()[]"


def split_phones(cell: Any, country: str) -> list[tuple[str, str]]:
    """The phones of one cell with the words beside each: "95550-0163 Rosa / 3333-4444" gives two.

    A number without area code takes that of the number before it; four digits alone replace its last four.
    Every number is as :func:`normalize_phone` gives it; an extension goes to the words.
    """
    if cell is None or cell == "" or isinstance(cell, str) and len(cell) > _LONGEST:
        return []
    text = _LEAD.sub("", cell.strip() if isinstance(cell, str) else _spreadsheet_text(cell))
    whole = to_e164(_spreadsheet_text(text), country)
    if whole:
        return [(whole, "")]
    found: list[tuple[str, str]] = []
    waiting = ""
    for digits, words in _pieces(text):
        if not digits:
            if found:
                found[-1] = (found[-1][0], f"{found[-1][1]} {words}".strip())
            else:
                waiting = f"{waiting} {words}".strip()
            continue
        number = _complete(digits, found[-1][0] if found else "", country)
        found.append((number, f"{waiting} {words}".strip()))
        waiting = ""
    return found


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(digits, words) of each part between separators; digits are empty where a part holds no phone."""
    parts = [part for part in _SEPARATOR.split(text) if part.strip()]
    joined: list[str] = []
    for part in parts:
        # "11/3333-4444": a lone area code belongs to what follows.
        if joined and re.fullmatch(r"\s*\(?0?\d{2,3}\)?\s*", joined[-1]) and len(joined) == 1:
            joined[-1] = f"{joined[-1].strip()} {part.strip()}"
        else:
            joined.append(part)
    for position, part in enumerate(joined):
        extension = _EXTENSION.search(part)
        tail = part[extension.start() :].strip(_EDGES) if extension else ""
        body = part[: extension.start()] if extension else part
        least = 4 if position else _MIN_DIGITS
        runs = [run for run in _RUN.finditer(body) if sum(c.isdigit() for c in run[0]) >= least]
        if not runs:
            yield "", part.strip(_EDGES)
        for index, run in enumerate(runs):
            start = runs[index - 1].end() if index else 0
            end = len(body) if index == len(runs) - 1 else run.end()
            words = [body[start : run.start()], body[run.end() : end], tail if index == len(runs) - 1 else ""]
            yield run[0].strip(), " ".join(filter(None, (word.strip(_EDGES) for word in words)))


def _complete(digits: str, before: str, country: str) -> str:
    """A number, with the area code of the one before it where it lacks its own."""
    number = to_e164(digits, country)
    bare = re.sub(r"\D+", "", digits)
    if number or not before:
        return number or digits
    if not is_e164(before):
        return digits if len(bare) >= _MIN_DIGITS else before[: -len(bare)] + bare
    if len(bare) < _MIN_DIGITS:
        return before[: -len(bare)] + bare
    plan = _plan(country)
    if plan and before.startswith("+" + plan.code):
        national = before[1 + len(plan.code) :]
        for size in (2, 3, 4):
            if plan.national.match(national[:size] + bare):
                return f"+{plan.code}{national[:size]}{bare}"
    return digits
