"""Values as duplicates see them: names, companies, addresses, phones and e-mails without what differs by habit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from crm_desktop.core.names import split_name
from crm_desktop.core.names_words import PARTICLES, TITLES
from crm_desktop.core.phones import phone_digits
from crm_desktop.core.text import fold
from crm_desktop.dedupe.words import (
    DIRECTIONS,
    LEGAL_FORMS,
    NICKNAMES,
    PLACEHOLDERS,
    ROLES,
    SAME_SUFFIX,
    STREET_KINDS,
    SUFFIXES,
    UNITS,
)

_QUOTES = re.compile("['’‘`´ʼ\"“”]+")
_SPLIT = re.compile(r"[^\w]+")
_NUMBER = re.compile(r"\d+[a-z]?\Z")
_LETTERS = re.compile(r"\b((?:[a-z][ .]+){1,4}[a-z])\b(?=[ .,)]|$)")


class PersonName(NamedTuple):
    """A person's name in folded words."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    suffix: str


class CompanyName(NamedTuple):
    """A company's name without its legal form: words in their order, all of it in one piece, its numbers."""

    words: tuple[str, ...]
    compact: str
    text: str
    numbers: frozenset[str]


class Place(NamedTuple):
    """An address in comparable parts; each may be empty."""

    number: str
    street: str
    postcode: str
    city: str
    region: str


def plain(text: Any) -> str:
    """Folded, without quotes; other punctuation is a blank."""
    return " ".join(word for word in _SPLIT.split(_QUOTES.sub("", fold(str(text))).replace("_", " ")) if word)


@lru_cache(maxsize=131_072)
def _is_placeholder(text: str) -> bool:
    words = text.split()
    return not words or all(word in PLACEHOLDERS for word in words) or len(set(text.replace(" ", ""))) == 1


@lru_cache(maxsize=131_072)
def _words(text: str) -> tuple[str, ...]:
    folded = plain(text)
    return () if _is_placeholder(folded) else tuple(folded.split())


def person_name(first: Any, last: Any, whole: Any = "", suffix: Any = "") -> PersonName | None:
    """A name from its parts, or from the whole where the parts are not known; None where there is none.

    Particles ("da", "de la"), titles and placeholders ("ND", "Test") are left out.
    """
    if not first and not last:
        if not whole or _is_placeholder(plain(whole)):
            return None
        parts = split_name(str(whole))
        first, last, suffix = parts.first, parts.last, parts.suffix
    given = [word for word in _words(str(first or "")) if word not in TITLES]
    family = [word for word in _words(str(last or "")) if word not in PARTICLES] or list(_words(str(last or "")))
    end = plain(suffix) if suffix else ""
    while len(family) > 1 and family[-1] in SUFFIXES:
        end = end or family[-1]
        family.pop()
    if not given and not family:
        return None
    return PersonName(tuple(given), tuple(family), SAME_SUFFIX.get(end, end) if end in SUFFIXES else "")


def _together(found: re.Match[str]) -> str:
    return re.sub(r"[ .]+", "", found[1])


@lru_cache(maxsize=131_072)
def company_name(text: Any) -> CompanyName | None:
    """A company's name; None where there is none. Single letters in a row are written together: "N. V." as "nv"."""
    folded = _QUOTES.sub("", fold(str(text or ""))).replace("s/a", "sa").replace("&", " ")
    folded = _LETTERS.sub(_together, " ".join(folded.split()))
    words = [word for word in _SPLIT.split(folded.replace("_", " ")) if word]
    if not words or _is_placeholder(" ".join(words)):
        return None
    kept = [word for word in words if word not in LEGAL_FORMS and not (len(word) == 1 and word.isalpha())] or words
    numbers = frozenset(word for word in kept if word.isdigit())
    return CompanyName(tuple(kept), "".join(kept), " ".join(kept), numbers)


@lru_cache(maxsize=131_072)
def street(text: Any) -> tuple[str, str]:
    """(house number, name of the street in folded words without its kind and direction) of one line of an address."""
    words = plain(text).split()
    if not words:
        return "", ""
    number = ""
    at = -1
    if words[0][0].isdigit() and _NUMBER.match(words[0]):
        number, at = words[0], 0
    else:
        for position, word in enumerate(words):
            if word in UNITS and position and (position + 1 < len(words) and words[position + 1][0].isdigit()):
                break
            if _NUMBER.match(word) and position:
                number, at = word, position
    rest = [word for position, word in enumerate(words) if position != at]
    bare = [word for word in rest if word not in STREET_KINDS and word not in DIRECTIONS and word not in PARTICLES]
    return number, " ".join(bare or rest)


def place(
    line: Any = "", complement: Any = "", city: Any = "", region: Any = "", postcode: Any = "", number: Any = ""
) -> Place | None:
    """An address; None where nothing of it is known. ``complement`` counts where there is no street."""
    found, name = street(str(line or complement or ""))
    code = plain(postcode).replace(" ", "") if postcode else ""
    town = plain(city) if city else ""
    area = plain(region) if region else ""
    if not (name or code or town or area):
        return None
    return Place((plain(number) if number else "") or found, name, code, town, area)


def phone_key(value: Any) -> str:
    """The last eight digits of a phone, by which the same line in any spelling is found; "" where it is too short."""
    bare = phone_digits(str(value))
    return bare[-8:] if len(bare) >= 7 and len(set(bare)) > 1 else ""


def email_key(value: Any) -> str:
    """An e-mail as its box sees it: small letters, without "+tag", without dots at Gmail; "" where it is none."""
    text = str(value or "").strip().lower()
    box, at, domain = text.partition("@")
    if not at or not box or "." not in domain:
        return ""
    box = box.partition("+")[0] or box
    if domain in ("gmail.com", "googlemail.com"):
        box, domain = box.replace(".", ""), "gmail.com"
    return f"{box}@{domain}"


def is_shared_box(email: str) -> bool:
    """Whether an e-mail is one that several people read: "info@", "vendas@"."""
    return email.partition("@")[0].rstrip("0123456789") in ROLES


def host(value: Any) -> str:
    """The domain of a web address without "www."."""
    text = str(value or "").strip().lower().partition("://")[2] or str(value or "").strip().lower()
    name = text.partition("/")[0].partition("?")[0].removeprefix("www.")
    return name if "." in name else ""


def code(value: Any) -> str:
    """Letters and digits of a number somebody was given; "" where it is empty or nothing but one sign."""
    text = re.sub(r"[^a-z0-9]+", "", fold(str(value or "")))
    return text if len(text) > 3 and len(set(text)) > 1 else ""


def each(value: Any) -> Iterable[Any]:
    """The values of a field that may hold several."""
    if value is None or value == "":
        return ()
    return value if isinstance(value, list | tuple | set | frozenset) else (value,)


def share_nickname(x: str, y: str) -> bool:
    """Whether two given names may be one: "bill" and "william", "ze" and "jose"."""
    mine, theirs = NICKNAMES.get(x), NICKNAMES.get(y)
    return bool(mine and theirs and mine & theirs)
