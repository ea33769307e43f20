"""Postal addresses as each country writes them: for cards, labels, letters and envelopes.

The orders are those of the postal operators, as the Universal Postal Union collects them in its standard S42 and Google's
libaddressinput publishes them; ``street`` holds the way and the number, ``street2`` the complement.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crm_desktop.core.formats import country_name, default_country

_BEFORE_TOWN = "street\nstreet2\ndistrict\n"
_CONTINENT = _BEFORE_TOWN + "postcode city"
_WITH_REGION = _CONTINENT + "\nregion"
_LAYOUTS = {
    "AR": _WITH_REGION,
    "AT": _CONTINENT,
    "AU": _BEFORE_TOWN + "city region postcode",
    "BE": _CONTINENT,
    "BO": _WITH_REGION,
    "BR": "street, street2\ndistrict\npostcode city - region",
    "CA": _BEFORE_TOWN + "city region postcode",
    "CH": _CONTINENT,
    "CL": _WITH_REGION,
    "CO": _BEFORE_TOWN + "postcode city, region",
    "CZ": _CONTINENT,
    "DE": "district\nstreet\nstreet2\npostcode city",
    "DK": _CONTINENT,
    "EC": _BEFORE_TOWN + "postcode\ncity, region",
    "ES": _BEFORE_TOWN + "postcode city\nregion",
    "FI": _CONTINENT,
    "FR": "street2\nstreet\ndistrict\npostcode city",
    "GB": "street2\nstreet\ndistrict\ncity\npostcode",
    "GR": _CONTINENT,
    "IE": _BEFORE_TOWN + "city\nregion\npostcode",
    "IT": _BEFORE_TOWN + "postcode city region",
    "LU": _CONTINENT,
    "MX": "street, street2\ndistrict\npostcode city, region",
    "NL": _CONTINENT,
    "NO": _CONTINENT,
    "NZ": _BEFORE_TOWN + "city postcode",
    "PE": _BEFORE_TOWN + "city postcode\nregion",
    "PL": _CONTINENT,
    "PT": _CONTINENT,
    "PY": _WITH_REGION,
    "SE": _CONTINENT,
    "US": _BEFORE_TOWN + "city, region postcode",
    "UY": _BEFORE_TOWN + "postcode city\nregion",
    "VE": _BEFORE_TOWN + "city postcode, region",
}
"""Lines of parts by country; what stands between two parts is written only where both are there."""
_GENERIC = _BEFORE_TOWN + "postcode city\nregion"
_WITHOUT_REGION = frozenset({"AT", "BE", "CH", "CZ", "DE", "DK", "FI", "FR", "GB", "GR", "LU", "NL", "NO", "NZ", "PL", "PT", "SE"})  # fmt: skip
"""Where the post needs no region; it is written only where there is no town."""
_POSTCODES = {
    "BR": (r"(\d{5})(\d{3})", r"\1-\2"),
    "CA": (r"([A-Z]\d[A-Z])(\d[A-Z]\d)", r"\1 \2"),
    "CZ": (r"(\d{3})(\d{2})", r"\1 \2"),
    "GB": (r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", r"\1 \2"),
    "GR": (r"(\d{3})(\d{2})", r"\1 \2"),
    "JP": (r"(\d{3})(\d{4})", r"\1-\2"),
    "NL": (r"(\d{4})([A-Z]{2})", r"\1 \2"),
    "PL": (r"(\d{2})(\d{3})", r"\1-\2"),
    "PT": (r"(\d{4})(\d{3})", r"\1-\2"),
    "SE": (r"(\d{3})(\d{2})", r"\1 \2"),
    "SK": (r"(\d{3})(\d{2})", r"\1 \2"),
    "US": (r"(\d{5})(\d{4})", r"\1-\2"),
}
"""The shape of a postcode without its marks, and how it is written."""
_PART = re.compile(r"street2|street|district|city|region|postcode")


def format_address(
    street: str | None = "", street2: str | None = "", district: str | None = "", city: str | None = "",
    region: str | None = "", postcode: str | None = "", country: str | None = "", office_country: str | None = "",
) -> list[str]:  # fmt: skip
    """The lines of an address in the order of its country; empty parts leave no gaps and no marks behind.

    Args:
        country: alpha-2; without one the address is of the office's country.
        office_country: alpha-2; that of the program's settings where empty. The country is written, in capitals, as the
            last line of an address abroad only.

    Returns:
        The lines from the street on, without the name of whom it is for; empty where nothing is known.
    """
    home = (office_country or default_country()).upper()
    code = (country or home).upper()
    parts = {
        "street": _one_line(street), "street2": _one_line(street2), "district": _one_line(district), "city": _one_line(city),
        "region": _one_line(region), "postcode": format_postcode(postcode, code),
    }  # fmt: skip
    if parts["city"] and (code in _WITHOUT_REGION or parts["region"].casefold() == parts["city"].casefold()):
        parts["region"] = ""
    lines = [line for layout in _layout(code) if (line := _line(layout, parts))]
    if code in _WITHOUT_REGION and parts["region"]:
        lines.append(parts["region"])
    if country and code != home:
        lines.append(country_name(code).upper())
    return lines


def format_postcode(postcode: str | None, country: str) -> str:
    """A postcode with the marks of its country: "80250104" of Brazil is "80250-104"; others as they are."""
    text = _one_line(postcode)
    pattern, written = _POSTCODES.get(country.upper(), ("", ""))
    if not pattern:
        return text
    found = re.fullmatch(pattern, re.sub(r"[\s.-]+", "", text).upper())
    return found.expand(written) if found else text


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


@lru_cache(maxsize=64)
def _layout(code: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The lines of a country, each as (mark before, part) pairs."""
    lines = []
    for line in _LAYOUTS.get(code, _GENERIC).split("\n"):
        found = list(_PART.finditer(line))
        ends = [0, *(part.end() for part in found)]
        lines.append(tuple((line[end : part.start()], part[0]) for end, part in zip(ends, found, strict=False)))
    return tuple(lines)


def _line(layout: tuple[tuple[str, str], ...], parts: dict[str, str]) -> str:
    line = ""
    for mark, name in layout:
        if parts[name]:
            line += (mark if line else "") + parts[name]
    return line
