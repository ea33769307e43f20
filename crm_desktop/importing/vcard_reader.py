"""vCard 2.1, 3.0 and 4.0 as a table: one row per card, columns with names that stay the same from file to file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.importing import table
from crm_desktop.importing.contentlines import Property, decode_base64, file_encoding, read_properties
from crm_desktop.importing.sniff import nothing_inside
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess, ReadOptions, Row, SheetGuess
from crm_desktop.importing.values import parse_date
from crm_desktop.records.record_ids import read_record_id, write_record_id

_SINGLE = (
    ("Full Name", "person", "full"),
    ("Name Prefix", "text", "prefix"),
    ("First Name", "person", "first"),
    ("Middle Name", "person", "middle"),
    ("Last Name", "person", "last"),
    ("Name Suffix", "text", "suffix"),
    ("Nickname", "text", ""),
    ("Phonetic First Name", "text", ""),
    ("Phonetic Last Name", "text", ""),
    ("Company", "company", ""),
    ("Company ID", "id", ""),
    ("Department", "text", ""),
    ("Job Title", "text", ""),
    ("Role", "text", ""),
    ("Is Company", "bool", ""),
    ("Birthday", "date", ""),
    ("Anniversary", "date", ""),
    ("Gender", "choice", ""),
    ("Note", "long_text", ""),
    ("Categories", "text", "list"),
    ("Spouse", "person", "full"),
    ("Manager", "person", "full"),
    ("Assistant", "person", "full"),
    ("Language", "text", ""),
    ("Time Zone", "text", ""),
    ("Latitude", "decimal", ""),
    ("Longitude", "decimal", ""),
    ("UID", "id", ""),
    ("Record ID", "id", ""),
    ("Revision", "datetime", ""),
    ("Photo", "image", ""),
    ("Photo URL", "url", ""),
    ("Other Details", "long_text", ""),
)
_MANY = {
    "Phone": (("", "phone"), (" Type", "choice")),
    "E-mail": (("", "email"), (" Type", "choice")),
    "Address": (
        (" Type", "choice"),
        (" Street", "street"),
        (" Extended", "text"),
        (" District", "text"),
        (" PO Box", "text"),
        (" City", "city"),
        (" State", "state"),
        (" Postcode", "postcode"),
        (" Country", "country"),
    ),
    "Website": (("", "url"), (" Type", "choice")),
    "Messenger": (("", "text"), (" Service", "choice")),
    "Related Person": (("", "person"), (" Type", "choice")),
}
_ORDER = ("Phone", "E-mail", "Address", "Website", "Messenger", "Related Person")
_MESSENGERS = {
    "X-AIM": "AIM",
    "X-ICQ": "ICQ",
    "X-MSN": "MSN",
    "X-YAHOO": "Yahoo",
    "X-SKYPE": "Skype",
    "X-SKYPE-USERNAME": "Skype",
    "X-JABBER": "XMPP",
    "X-GTALK": "Google Talk",
    "X-GOOGLE-TALK": "Google Talk",
    "X-QQ": "QQ",
    "X-GADUGADU": "Gadu-Gadu",
    "X-GROUPWISE": "GroupWise",
    "X-MS-IMADDRESS": "",
    "X-TELEGRAM": "Telegram",
    "X-WHATSAPP": "WhatsApp",
}
_NOISE = frozenset(
    "VERSION PRODID BEGIN END SOURCE NAME CLASS MAILER CLIENTPIDMAP XML X-ABLABEL X-ABADR X-ABUID X-ABSHOWAS KIND SORT-STRING "
    "X-EVOLUTION-FILE-AS X-MOZILLA-HTML X-WAB-GENDER X-IMAGETYPE X-IMAGEHASH X-MS-OL-DEFAULT-POSTAL-ADDRESS "
    "X-MS-OL-DESIGN X-SHARED-PHOTO-DISPLAY-PREF X-ABCROP-RECTANGLE X-ADDRESSING-GRAMMAR X-APPLE-SUBLOCALITY "
    "X-EVOLUTION-WEBDAV-ETAG X-EVOLUTION-LIST X-RADICALE-NAME".split()
)
"""What programs write for themselves or what another property says already; the rest goes to "Other Details"."""
_SECOND = frozenset({"UID", "Revision", "Language", "Latitude", "Longitude", "Photo", "Full Name"})
"""Columns whose second value says nothing new."""
_DATA_URI = re.compile(r"\Adata:[\w/.+-]*(?:;[\w=-]+)*;base64\\?,(.*)\Z", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"^_\$!<(.*)>!\$_$")
_MOST = 40
_LOOKED_AT = 200
"""Different values of a column that are kept; more ids than that are taken to be all different."""


class _Card:
    """The values of one card: single ones by column name, repeated ones as lists of tuples."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.many: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.preferred: dict[str, set[int]] = defaultdict(set)

    def put(self, name: str, value: Any) -> None:
        """Keep the first value of a column; notes and categories are joined."""
        if value in (None, ""):
            return
        if name in ("Note", "Categories") and self.values.get(name) and value not in self.values[name]:
            self.values[name] += ("\n" if name == "Note" else ", ") + value
        elif name in self.values and value != self.values[name] and name not in _SECOND:
            self.other(name, value)
        else:
            self.values.setdefault(name, value)

    def other(self, name: str, value: Any) -> None:
        """What no column is there for: a line of the column that takes everything else."""
        text = str(value).strip()
        line = f"{name}: {text}"
        before = self.values.get("Other Details", "")
        if text and line not in before:
            self.values["Other Details"] = f"{before}\n{line}" if before else line

    def add(self, name: str, item: tuple[Any, ...], preferred: bool) -> None:
        """One more phone, address and so on; the same again is left out."""
        if not any(part for part in item) or item in self.many[name]:
            return
        if len(self.many[name]) >= _MOST:
            self.other(name, ", ".join(str(part) for part in item if part))
            return
        if preferred:
            self.preferred[name].add(len(self.many[name]))
        self.many[name].append(item)

    def ordered(self, name: str) -> list[tuple[Any, ...]]:
        """The items with the preferred ones first."""
        first = self.preferred[name]
        items = self.many[name]
        return [items[i] for i in sorted(range(len(items)), key=lambda i: i not in first)]


def inspect(path: Path, encoding: str = "") -> FileGuess:
    """The cards of a file as one table."""
    counts: Counter[str] = Counter()
    used: Counter[str] = Counter()
    samples: dict[str, list[Any]] = defaultdict(list)
    total = 0
    for card in _cards(path, encoding):
        total += 1
        for name, items in card.many.items():
            counts[name] = max(counts[name], len(items))
        for header, value in _flat(card, counts).items():
            used[header] += 1
            if len(samples[header]) < _LOOKED_AT and value not in samples[header]:
                samples[header].append(value)
    if not total:
        raise nothing_inside(path)
    columns = tuple(_columns(used, counts, samples, total))
    evidence = (Evidence(N_("{n} cards of an address book"), {"n": total}),)
    sheet = SheetGuess(
        path.stem,
        total,
        columns,
        0,
        0,
        0,
        source_columns=tuple(range(len(columns))),
        confidence=1.0,
        header_confidence=1.0,
        evidence=evidence,
    )
    return FileGuess(str(path), table.VCARD, (sheet,), encoding=file_encoding(path, encoding), evidence=evidence)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    """One row per card, with the columns that :func:`inspect` found; numbered from 1."""
    headers = inspect(path, options.encoding).best.headers
    chosen = [headers[i] for i in options.columns] if options.columns else list(headers)
    counts: Counter[str] = Counter(dict.fromkeys(_MANY, _MOST))
    for number, card in enumerate(_cards(path, options.encoding), 1):
        values = _flat(card, counts)
        yield number, [values.get(header) for header in chosen]


def _columns(
    used: Counter[str], counts: Counter[str], samples: dict[str, list[Any]], total: int
) -> Iterator[ColumnGuess]:
    named = [(header, kind, detail) for header, kind, detail in _SINGLE]
    for name in _ORDER:
        for number in range(1, counts[name] + 1):
            named += [(f"{name} {number}{part}", kind, "") for part, kind in _MANY[name]]
    evidence = (Evidence(N_("The format says what this is")),)
    present = [(header, kind, detail) for header, kind, detail in named if used[header]]
    for index, (header, kind, detail) in enumerate(present):
        values = samples[header]
        texts = tuple(v for v in values if not isinstance(v, bytes))[:5]
        yield ColumnGuess(
            index,
            header,
            kind,
            1.0,
            evidence,
            detail,
            header,
            "ymd" if kind == "date" else None,
            "." if kind == "decimal" else None,
            filled=used[header],
            distinct=used[header] if kind == "id" and len(values) >= _LOOKED_AT else len(values),
            total=total,
            samples=texts,
        )


def _flat(card: _Card, counts: Counter[str]) -> dict[str, Any]:
    flat = dict(card.values)
    for name in _MANY:
        for number, item in enumerate(card.ordered(name)[: counts[name]], 1):
            for (part, _kind), value in zip(_MANY[name], item, strict=True):
                if value not in (None, ""):
                    flat[f"{name} {number}{part}"] = value
    return flat


def _cards(path: Path, encoding: str) -> Iterator[_Card]:
    properties: list[Property] = []
    depth = 0
    for prop in read_properties(path, encoding):
        marker = prop.value.strip().upper()
        if prop.name == "BEGIN" and marker == "VCARD":
            # a card inside a card (AGENT of 2.1) is a person who belongs to the outer one: the name is kept
            depth += 1
            if depth == 1:
                properties = []
        elif prop.name == "END" and marker == "VCARD":
            depth = max(0, depth - 1)
            if depth == 0 and properties:
                yield _card(properties)
                properties = []
        elif depth <= 1:
            properties.append(prop)
        elif prop.name == "FN":
            properties.append(Property("AGENT", prop.value, {"TYPE": ["agent"]}))
    if depth and properties:
        yield _card(properties)


def _card(properties: list[Property]) -> _Card:
    card = _Card()
    labels = {p.group: _LABEL.sub(r"\1", p.text()) for p in properties if p.group and p.name == "X-ABLABEL"}
    for prop in properties:
        kind = labels.get(prop.group, "") or " ".join(prop.types())
        _take(card, prop, kind)
    logo = card.values.pop("Logo", None)
    if logo:
        card.values.setdefault("Photo", logo)
    if not card.values.get("Full Name"):
        parts = [card.values.get(f"{part} Name") for part in ("First", "Middle", "Last")]
        card.put("Full Name", " ".join(part for part in parts if part) or card.values.get("Nickname"))
    return card


def _take(card: _Card, prop: Property, kind: str) -> None:
    name = prop.name
    if name == "N":
        for part, value in zip(
            ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix"), prop.components(), strict=False
        ):
            card.put(part, value.replace(",", ", ") if part.startswith("Name") else value)
    elif name == "TEL" or name == "X-MS-TEL":
        number = prop.text().removeprefix("tel:").replace(";ext=", " x")
        card.add("Phone", (number, kind), prop.preferred())
    elif name == "EMAIL":
        card.add("E-mail", (prop.text().removeprefix("mailto:"), kind), prop.preferred())
    elif name == "ADR":
        box, extended, street, city, state, code, country = (prop.components() + [""] * 7)[:7]
        district = prop.param("X-DISTRICT")
        if district and extended.endswith(district):
            extended = extended.removesuffix(district).removesuffix(", ")
        if not street and extended and not district:
            street, extended = extended, ""
        card.add("Address", (kind, street, extended, district, box, city, state, code, country), prop.preferred())
    elif name == "ORG":
        parts = [part for part in prop.components() if part]
        card.put("Company", parts[0] if parts else "")
        card.put("Department", ", ".join(parts[1:]))
    elif name == "URL":
        card.add("Website", (prop.text(), kind), prop.preferred())
    elif name in _MESSENGERS or name == "IMPP":
        scheme, colon, handle = prop.text().partition(":")
        service = _MESSENGERS.get(name) or prop.param("X-SERVICE-TYPE") or (scheme if colon else "") or kind
        card.add("Messenger", (handle if name == "IMPP" and colon else prop.text(), service), prop.preferred())
    elif name in ("BDAY", "ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY"):
        card.put("Birthday" if name == "BDAY" else "Anniversary", _day(prop.text()))
    elif name in ("PHOTO", "LOGO"):
        _take_picture(card, prop)
    elif name in ("RELATED", "X-ABRELATEDNAMES", "AGENT"):
        card.add("Related Person", (prop.text(), kind), prop.preferred())
    elif name == "X-ABDATE":
        if "nniversary" in kind:
            card.put("Anniversary", _day(prop.text()))
        else:
            card.other(kind or "Date", _day(prop.text()))
    elif name in ("X-SOCIALPROFILE", "SOCIALPROFILE"):
        if "Record ID" not in card.values:  # our own cards say what is a website
            card.add("Website", (prop.text(), kind or "social"), prop.preferred())
    elif name == "LABEL":
        if not card.many["Address"]:
            card.other("Address", prop.text())
    else:
        _take_simple(card, prop)


def _take_picture(card: _Card, prop: Property) -> None:
    """A photo in the card, as bytes or as a data URI, or where it is; a logo where there is no photo."""
    content = prop.data
    if content is None and (found := _DATA_URI.match(prop.value)):
        content = decode_base64(found[1].encode("ascii", "ignore"))
    if prop.name == "LOGO" and content and "Photo" not in card.values:
        card.values.setdefault("Logo", content)
    elif prop.name == "PHOTO":
        card.put("Photo" if content else "Photo URL", content or prop.text())
    elif not content:
        card.other("Logo", prop.text())


_SIMPLE = {
    "FN": "Full Name",
    "X-CRM-DESKTOP-COMPANY": "Company ID",
    "NICKNAME": "Nickname",
    "TITLE": "Job Title",
    "ROLE": "Role",
    "NOTE": "Note",
    "UID": "UID",
    "TZ": "Time Zone",
    "LANG": "Language",
    "GENDER": "Gender",
    "X-GENDER": "Gender",
    "X-PHONETIC-FIRST-NAME": "Phonetic First Name",
    "X-PHONETIC-LAST-NAME": "Phonetic Last Name",
    "X-SPOUSE": "Spouse",
    "X-EVOLUTION-SPOUSE": "Spouse",
    "X-MS-SPOUSE": "Spouse",
    "X-MANAGER": "Manager",
    "X-EVOLUTION-MANAGER": "Manager",
    "X-MS-MANAGER": "Manager",
    "X-ASSISTANT": "Assistant",
    "X-EVOLUTION-ASSISTANT": "Assistant",
    "X-MS-ASSISTANT": "Assistant",
}


def _take_simple(card: _Card, prop: Property) -> None:
    name = prop.name
    if name == "UID" and (identity := read_record_id(prop.text())) is not None:
        card.put("Record ID", write_record_id(identity))
    elif name in _SIMPLE:
        card.put(_SIMPLE[name], prop.text())
    elif name == "CATEGORIES":
        card.put("Categories", ", ".join(part for part in prop.components(",") if part))
    elif name == "REV":
        card.put("Revision", parse_date(prop.text(), "ymd") or prop.text())
    elif name == "GEO":
        numbers = re.findall(r"-?\d+(?:\.\d+)?", prop.text())
        if len(numbers) >= 2:
            card.put("Latitude", float(numbers[0]))
            card.put("Longitude", float(numbers[1]))
    elif name not in _NOISE and prop.data is None and not prop.text().startswith("data:"):
        if not name.startswith(("X-EVOLUTION-", "X-MOZILLA-", "X-KADDRESSBOOK-")) or len(prop.text()) > 1:
            card.other(name.removeprefix("X-").replace("-", " ").capitalize(), prop.text())
    elif name == "X-ABSHOWAS" and prop.text().upper() == "COMPANY" or name == "KIND" and prop.text().lower() == "org":
        card.put("Is Company", True)


def _day(text: str) -> date | str:
    """A date; text where there is no year ("--0203") or nothing we know."""
    found = parse_date(text[:10].replace("T", "") if re.match(r"\d{4}-\d\d-\d\d|\d{8}", text) else text, "ymd")
    if found is None and re.match(r"\d{8}", text):
        found = parse_date(text[:8], "ymd")
    return found or text
