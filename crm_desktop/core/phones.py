"""Phone numbers: E.164 for storing, the national way for reading."""

from __future__ import annotations

import re
from functools import lru_cache

_E164 = re.compile(r"\+[1-9]\d{6,14}\Z")


def is_e164(value: str) -> bool:
    """Whether a stored phone is a complete international number; others are kept as they were typed."""
    return bool(_E164.match(value))


@lru_cache(maxsize=65536)
def format_phone(phone: str | None, country: str = "") -> str:
    """A stored phone as read in ``country``: national there, international from elsewhere."""
    if not phone or not is_e164(phone):
        return phone or ""
    from phonenumbers import PhoneNumberFormat, format_number, parse, region_code_for_number  # lazy: heavy

    number = parse(phone)
    home = region_code_for_number(number) == country
    return str(format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL))
