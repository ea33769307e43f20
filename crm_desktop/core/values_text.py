"""E-mails, web addresses, countries, currencies and time zones of any spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import available_timezones

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold

_EMAIL = re.compile(
    r"(?!.{65,}@)[A-Za-z0-9_%+'-]+(?:\.[A-Za-z0-9_%+'-]+)*@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])\Z"
)
_EMAIL_LIKE = re.compile(r"[^\s;,|<>()\[\]\"'/]+@[^\s;,|<>()\[\]\"'/]+")
_NOT_EMAIL = N_("“{text}” is not an e-mail address. Write it like ana@example.com.")
_NOT_URL = N_("“{text}” is not a web address. Write it like www.example.com.")
_NOT_COUNTRY = N_("“{text}” is not a country that we know. Write its name or its two letters, such as BR.")
_NOT_CURRENCY = N_("“{text}” is not a currency that we know. Write its three letters, such as BRL.")
_NOT_ZONE = N_("“{text}” is not a time zone. Write it like America/Sao_Paulo.")


def parse_email(raw: Any) -> str:
    """One e-mail address, its domain in lower case. Only the syntax is looked at.

    Raises:
        FieldError: it is none.
    """
    found = _EMAIL.match(raw) if type(raw) is str else None
    if found:
        domain = found[1]
        return raw if domain.islower() else raw[: found.start(1)] + domain.lower()
    text = str(raw).strip().strip("\u200b\ufeff;,")
    inner = re.search(r"<([^<>]*@[^<>]*)>\Z", text)
    bare = (inner[1] if inner else text).strip(" <>\"'")
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].partition("?")[0]
    if found := _EMAIL.match(bare):
        return bare[: found.start(1)] + found[1].lower()
    return _careful_email(bare, text)


def _careful_email(bare: str, text: str) -> str:
    """Addresses in other alphabets and quoted ones, by email-validator."""
    if "@" in bare:
        from email_validator import EmailNotValidError, validate_email  # lazy: heavy

        try:
            return str(validate_email(bare, check_deliverability=False).normalized)
        except EmailNotValidError:
            pass
    raise FieldError("", _NOT_EMAIL, value=text, text=text)


_LONGEST = 2_000
"""Characters of a cell with e-mails: more than fifty of them."""


def split_emails(cell: Any) -> list[str]:
    """Every address of one cell: "Ana <ana@a.com>; bob@b.com" gives two. Names beside them are left out.

    Raises:
        FieldError: a part with "@" in it is no address, or no part has one.
    """
    text = str(cell or "").strip()
    if not text:
        return []
    searched = "@" in text and len(text) <= _LONGEST  # over a page of text the pattern takes minutes
    found = _EMAIL_LIKE.findall(text.replace("mailto:", " ")) if searched else []
    if len(found) < 2:
        return [parse_email(text)]
    return list(dict.fromkeys(parse_email(part.strip(".:")) for part in found))


_HOST = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]\.?\Z|localhost\Z|\d{1,3}(?:\.\d{1,3}){3}\Z"
)


def parse_url(raw: Any) -> str:
    """A web address with its scheme; "https" where none was written.

    Raises:
        FieldError: it is none.
    """
    text = str(raw).strip().strip("<>\"'")
    if re.search(r"\s", text):
        raise FieldError("", _NOT_URL, value=raw, text=text)
    whole = text if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) else "https://" + text.removeprefix("//")
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme.lower() not in ("http", "https", "ftp") or "@" in parts.netloc or not _HOST.match(host):
        raise FieldError("", _NOT_URL, value=raw, text=text)
    netloc = f"{host}:{port}" if port else host
    path = "" if parts.path == "/" and not parts.query else parts.path
    return urlunsplit((parts.scheme.lower(), netloc, path, parts.query, parts.fragment))


_COUNTRY_NAMES = {
    "eua": "US", "e.u.a": "US", "ee.uu": "US", "ee uu": "US", "eeuu": "US", "usa": "US", "u.s.a": "US", "u.s": "US",
    "united states of america": "US", "estados unidos da america": "US", "estados unidos de america": "US",
    "uk": "GB", "england": "GB", "inglaterra": "GB", "great britain": "GB", "gra-bretanha": "GB",
    "gran bretana": "GB", "scotland": "GB", "escocia": "GB", "wales": "GB", "holland": "NL", "holanda": "NL",
    "russia": "RU", "czech republic": "CZ", "republica tcheca": "CZ", "republica checa": "CZ", "korea": "KR",
    "coreia": "KR", "corea": "KR", "turkey": "TR", "turquia": "TR", "ivory coast": "CI", "brasil": "BR",
    "republica argentina": "AR", "reino de espana": "ES", "deutschland": "DE", "macedonia": "MK",
}  # fmt: skip


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Folded names and codes of every country in the three languages, to alpha-2."""
    from babel.core import Locale, get_global  # lazy: heavy

    found: dict[str, str] = {}
    for name in ("en", "pt_BR", "pt_PT", "es", "es_MX"):
        for code, label in Locale.parse(name).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES:
                found.setdefault(fold(label), code)
                found[code.lower()] = code
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
            found.setdefault(alias.lower(), codes[0])
    return found | _COUNTRY_NAMES


_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@lru_cache(maxsize=4096)
def parse_country(raw: Any) -> str:
    """The alpha-2 code of a country by its name in English, Portuguese or Spanish, or by its two or three letters.

    Raises:
        FieldError: no such country.
    """
    text = str(raw).strip()
    key = " ".join(fold(text).split()).strip(".,;")
    names = _countries()
    found = names.get(key) or names.get(key.replace(".", ""))
    if not found:
        inner = re.match(r"(.+?)\s*[(\[-]\s*([a-z]{2,3})\s*[)\]]?\Z", key)  # "Brasil (BR)"
        found = names.get(inner[1]) if inner else None
    if not found:
        raise FieldError("", _NOT_COUNTRY, value=raw, text=text)
    return found


_SYMBOLS = {
    "r$": "BRL", "€": "EUR", "$": "", "us$": "USD", "u$s": "USD", "usd$": "USD", "£": "GBP", "mx$": "MXN",
    "ar$": "ARS", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "¥": "JPY", "₲": "PYG", "s/": "PEN", "s/.": "PEN",
    "real": "BRL", "reais": "BRL", "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "dolar": "USD",
    "dolares": "USD", "libra": "GBP", "libras": "GBP", "pound": "GBP", "pounds": "GBP",
}  # fmt: skip


@lru_cache(maxsize=1)
def _currencies() -> dict[str, str]:
    from babel.core import Locale  # lazy: heavy
    from babel.numbers import list_currencies

    found: dict[str, str] = {code.lower(): code for code in list_currencies()}
    for name in ("en", "pt_BR", "es"):
        for code, label in Locale.parse(name).currencies.items():
            found.setdefault(fold(label), code)
    return found | {key: code for key, code in _SYMBOLS.items() if code}


@lru_cache(maxsize=1024)
def parse_currency(raw: Any, default: str = "USD") -> str:
    """The ISO 4217 code of a currency by code, symbol or name; a bare "$" is ``default``.

    Raises:
        FieldError: no such currency.
    """
    text = str(raw).strip()
    if text == "$":
        return default
    found = _currencies().get(" ".join(fold(text).split()))
    if not found:
        raise FieldError("", _NOT_CURRENCY, value=raw, text=text)
    return found


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Folded zone names, and city names that only one zone has."""
    zones = sorted(available_timezones())
    found: dict[str, str] = {}
    for zone in zones:
        city = zone.rpartition("/")[2].lower()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/")):
            found.setdefault(city, zone)
    return found | {zone.lower(): zone for zone in zones}


@lru_cache(maxsize=1024)
def parse_timezone(raw: Any) -> str:
    """The IANA name of a time zone by that name, its city, its Windows name or a shift such as "UTC-3".

    Raises:
        FieldError: no such zone.
    """
    text = str(raw).strip()
    found = _zones().get(fold(text).replace(" ", "_"))
    if found:
        return found
    shift = re.fullmatch(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?00)?", text.lower())
    if shift and int(shift[2]) <= 12:
        return f"Etc/GMT{'-' if shift[1] == '+' else '+'}{int(shift[2])}"  # POSIX counts the other way
    from babel.core import get_global  # lazy: heavy

    windows = get_global("windows_zone_mapping").get(text)
    if not windows:
        raise FieldError("", _NOT_ZONE, value=raw, text=text)
    return str(windows)
