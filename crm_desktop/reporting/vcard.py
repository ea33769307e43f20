"""vCard 3.0 (RFC 2426) and 4.0 (RFC 6350): people and organisations as cards that every address book reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.files import whole_file

Version = Literal["4.0", "3.0"]
_FOLD = 75
"""The longest line, in bytes, without its break."""


@dataclass(frozen=True)
class Point:
    """A phone, e-mail, web address, messenger or profile: ``label`` is mobile, work, home, fax, other or empty."""

    kind: str
    value: str
    label: str = ""
    primary: bool = False


@dataclass(frozen=True)
class Place:
    """A postal address; ``street2`` is the complement, ``country`` its name."""

    street: str = ""
    street2: str = ""
    district: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    label: str = ""
    primary: bool = False


@dataclass(frozen=True)
class Card:
    """One person, or one organisation (``organisation``)."""

    name: str
    uid: str = ""
    organisation: bool = False
    prefix: str = ""
    first: str = ""
    last: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    company_key: str = ""
    department: str = ""
    job_title: str = ""
    birthday: date | None = None
    language: str = ""
    note: str = ""
    points: Sequence[Point] = ()
    places: Sequence[Place] = ()
    categories: Sequence[str] = ()
    changed: datetime | None = None


def write_vcards(
    cards: Iterable[Card], path: Path | str, *, version: Version = "4.0", total: int = 0,
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """Write cards into one file, which appears whole or not at all. Returns how many.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    count = 0
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        for count, card in enumerate(cards, 1):
            if progress and count % 100 == 1:
                progress.update(count - 1, max(total, count))
            file.write(card_text(card, version))
    return count


def card_text(card: Card, version: Version = "4.0") -> str:
    """One card with its line breaks."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}"]
    if card.uid:
        lines.append(f"UID:{card.uid}")
    lines.append(f"FN:{escaped(card.name)}")
    if card.organisation:
        lines += ["N:;;;;", f"ORG:{escaped(card.name)}"]
        lines.append("KIND:org" if version == "4.0" else "X-ABShowAs:COMPANY")
    else:
        lines += _person(card)
    lines += [line for point in card.points for line in [_point(point, version)] if line]
    lines += [_place(place, version) for place in card.places]
    if card.birthday:
        lines.append(f"BDAY:{card.birthday:%Y%m%d}" if version == "4.0" else f"BDAY:{card.birthday.isoformat()}")
    if card.language and version == "4.0":
        lines.append(f"LANG:{escaped(card.language)}")
    if card.categories:
        lines.append("CATEGORIES:" + ",".join(escaped(one) for one in card.categories))
    if card.note:
        lines.append(f"NOTE:{escaped(card.note)}")
    if card.changed:
        lines.append(f"REV:{card.changed:%Y%m%dT%H%M%SZ}")
    lines.append("END:VCARD")
    return "".join(folded(line) for line in lines)


def _person(card: Card) -> list[str]:
    first, last = card.first, card.last
    if not first and not last:  # a name that was never taken apart: the last word is the family's
        first, _space, last = card.name.strip().rpartition(" ")
        first, last = (first, last) if first else (last, "")
    parts = (last, first, "", card.prefix, card.suffix)
    lines = ["N:" + ";".join(escaped(part) for part in parts)]
    if card.nickname:
        lines.append(f"NICKNAME:{escaped(card.nickname)}")
    if card.company or card.department:
        lines.append(
            "ORG:" + ";".join([escaped(card.company), *([escaped(card.department)] if card.department else [])])
        )
    if card.company_key:
        lines.append(f"X-CRM-DESKTOP-COMPANY:{card.company_key}")
    if card.job_title:
        lines.append(f"TITLE:{escaped(card.job_title)}")
    return lines


_PHONE_TYPES = {"mobile": "cell", "work": "work,voice", "home": "home,voice", "fax": "fax"}


def _point(point: Point, version: Version) -> str:
    if point.kind == "phone":
        kind = _PHONE_TYPES.get(point.label, "voice")
        number = point.value
        if version == "4.0":
            # the number stays text: a tel: URI would lose extensions that people wrote in words
            return f"TEL;VALUE=text{_types(kind, point.primary, version)}:{escaped(number)}"
        return f"TEL{_types(kind, point.primary, version)}:{escaped(number)}"
    place = point.label if point.label in ("work", "home") else ""
    if point.kind == "email":
        kind = place if version == "4.0" else ",".join(part for part in ("internet", place) if part)
        return f"EMAIL{_types(kind, point.primary, version)}:{escaped(point.value)}"
    if point.kind == "messenger":
        return f"IMPP{_types(place, point.primary, version)}:{_uri(point.value)}"
    if point.kind == "web":
        return f"URL{_types(place, point.primary, version)}:{point.value.strip()}"
    if point.kind == "social":  # RFC 9554; older address books know it with an X
        name = "SOCIALPROFILE" if version == "4.0" else "X-SOCIALPROFILE"
        return f"{name}{_types(place, point.primary, version)}:{_social(point.value.strip())}"
    return ""


def _place(place: Place, version: Version) -> str:
    kind = place.label if place.label in ("work", "home") else ""
    extended = ", ".join(part for part in (place.street2, place.district) if part)
    parts = ("", extended, place.street, place.city, place.region, place.postcode, place.country)
    # no part of an address is the district: where it ends the complement, a parameter says which words are it
    district = f';X-DISTRICT="{place.district}"' if place.district and '"' not in place.district else ""
    return f"ADR{_types(kind, place.primary, version)}{district}:" + ";".join(escaped(part) for part in parts)


def _types(kinds: str, primary: bool, version: Version) -> str:
    """The TYPE parameters; the main one of its kind is said as each version says it."""
    names = [kind for kind in kinds.split(",") if kind]
    if version == "4.0":
        written = f";TYPE={names[0]}" if len(names) == 1 else f';TYPE="{",".join(names)}"' if names else ""
        return written + (";PREF=1" if primary else "")
    names += ["pref"] if primary else []
    return f";TYPE={','.join(names)}" if names else ""


def _social(value: str) -> str:
    return value if "://" in value else f"https://{value}" if "." in value and " " not in value else _uri(value)


def _uri(handle: str) -> str:
    scheme, colon, _rest = handle.partition(":")
    return handle if colon and scheme.isalnum() else f"im:{handle}"


def escaped(value: str) -> str:
    """A value with what has a meaning in the format escaped."""
    text = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def folded(line: str) -> str:
    """The line in pieces of at most 75 bytes, never inside a character."""
    if len(line.encode()) <= _FOLD:
        return line + "\r\n"
    pieces, current, room = [], "", _FOLD
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append(current)
            current, room = "", _FOLD - 1
        current += char
        room -= size
    return "\r\n ".join([*pieces, current]) + "\r\n"
