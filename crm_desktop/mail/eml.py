"""Reads e-mails of RFC 5322 and MIME (.eml), also badly made ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

import charset_normalizer

from crm_desktop.mail.html_text import text_of_html
from crm_desktop.mail.letter import Enclosure, Letter, Person, clean_id, clean_name, clean_text

_BROKEN = (ValueError, LookupError, AttributeError, TypeError)
"""What the standard library raises at headers and parts that are not as they should be."""
_ENDINGS = {"text/calendar": ".ics", "text/html": ".html", "image/png": ".png", "image/jpeg": ".jpg",
            "application/pdf": ".pdf", "text/plain": ".txt", "text/vcard": ".vcf"}  # fmt: skip


def read_eml(content: bytes) -> Letter:
    """An e-mail from the bytes of its file. Text that cannot be decoded for sure is guessed."""
    message: Any = message_from_bytes(content, policy=policy.default)
    plain, html = _body(message, "text/plain"), _body(message, "text/html")
    text = _text(plain) if plain is not None else ""
    markup = _text(html) if html is not None else ""
    if not text.strip() and markup:
        text = text_of_html(markup)
    return Letter(
        message_id=clean_id(header(message, "Message-ID")),
        subject=" ".join(header(message, "Subject").split()),
        sender=next(iter(people(header(message, "From"))), Person()),
        to=people(*headers(message, "To")),
        cc=people(*headers(message, "Cc"), *headers(message, "Bcc")),
        date=moment(header(message, "Date")),
        text=clean_text(text),
        enclosures=tuple(_enclosures(message, {id(plain), id(html)}, markup)),
    )


def header(message: Message, name: str) -> str:
    """A header as text; empty where there is none."""
    return next(iter(headers(message, name)), "")


def headers(message: Message, name: str) -> list[str]:
    """Every header of a name, encoded words decoded."""
    try:
        return [str(value) for value in message.get_all(name, [])]
    except _BROKEN:
        raw = [value for key, value in message.raw_items() if key.lower() == name.lower()]
        return [decoded(str(value)) for value in raw]


def decoded(raw: str) -> str:
    """A header with its encoded words (RFC 2047) decoded, as far as they can be."""
    try:
        return str(make_header(decode_header(raw)))
    except _BROKEN:
        return raw


def people(*values: str) -> tuple[Person, ...]:
    """The people of address headers."""
    found = []
    for name, address in getaddresses([decoded(value) for value in values if value]):
        where = address.strip().strip("<>")
        if "@" not in where:
            name, where = name or where, ""
        if name or where:
            found.append(Person(" ".join(name.split()), where))
    return tuple(found)


def moment(raw: str) -> datetime | None:
    """A date header as an aware instant."""
    try:
        found = parsedate_to_datetime(raw)
    except _BROKEN:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _body(message: EmailMessage, kind: str) -> Message | None:
    """The part that is the e-mail's own text of a kind."""
    for part in _own_parts(message):
        if part.get_content_type() == kind and not _is_file(part):
            return part
    return None


def _own_parts(message: Message) -> Iterator[Message]:
    """The parts of an e-mail without those of e-mails inside it."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    parts: Any = message.get_payload()
    for part in parts if isinstance(parts, list) else ():
        yield from _own_parts(part)


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or (
        bool(_file_name(part)) and not part.get_content_type().startswith("text/")
    )


def _file_name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except _BROKEN:
        return ""


def _text(part: Message) -> str:
    """The text of a part, in the encoding that it names or the likeliest."""
    raw: Any = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    for one in (charset, "utf-8"):
        try:
            return raw.decode(one)
        except (LookupError, UnicodeError):
            continue
    best = charset_normalizer.from_bytes(raw[:100_000]).best()
    return raw.decode(best.encoding if best is not None else "latin-1", "replace")


def _enclosures(message: Message, bodies: set[int], markup: str) -> Iterator[Enclosure]:
    number = 0
    for part in _own_parts(message):
        kind = part.get_content_type()
        if id(part) in bodies or (kind == "text/html" and not _is_file(part)) or _shown_inside(part, markup):
            continue
        content = _content(part)
        if not content:
            continue
        number += 1
        ending = ".eml" if kind == "message/rfc822" else _ENDINGS.get(kind, "")
        name = _file_name(part) or _subject_inside(part)
        if name and ending and "." not in name[-6:]:
            name += ending
        yield Enclosure(clean_name(name, f"attachment-{number}{ending}"), kind, content)


def _shown_inside(part: Message, markup: str) -> bool:
    """Whether it is a picture that the text itself shows, as the logo of a signature."""
    cid = re.sub(r"[<>\s]", "", str(part.get("Content-ID") or ""))
    return bool(cid) and f"cid:{cid}" in markup and part.get_content_maintype() == "image"


def _content(part: Message) -> bytes:
    if part.get_content_type() != "message/rfc822":
        raw: Any = part.get_payload(decode=True)
        return raw if isinstance(raw, bytes) else b""
    inside: Any = part.get_payload()
    if isinstance(inside, list) and inside:
        try:
            return bytes(inside[0].as_bytes())
        except (*_BROKEN, UnicodeError):
            return inside[0].as_string().encode("utf-8", "surrogateescape")
    return b""


def _subject_inside(part: Message) -> str:
    inside: Any = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inside, list) and inside:
        return header(inside[0], "Subject")
    return ""
