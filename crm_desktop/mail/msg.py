"""Reads the e-mails that Outlook saves (.msg, [MS-OXMSG]), with the library python-oxmsg."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from oxmsg import Message

from crm_desktop.mail.eml import decoded, moment, people
from crm_desktop.mail.html_text import text_of_html
from crm_desktop.mail.letter import Enclosure, Letter, Person, clean_id, clean_name, clean_text

# Numbers of properties, [MS-OXPROPS]
_MESSAGE_ID, _DELIVERED = 0x1035, 0x0E06
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP, _SENT_FOR_SMTP = 0x0C1A, 0x0C1F, 0x5D01, 0x5D02
_RECIPIENT_TYPE, _TO = 0x0C15, 1
_SHORT_NAME, _SHOWN_NAME, _CONTENT_ID = 0x3704, 0x3001, 0x3712


def read_msg(content: bytes) -> Letter:
    """An e-mail from the bytes of its file.

    Raises:
        ValueError, or another error of the file's structure: it is no such file, or it is damaged.
    """
    message = Message.load(content)
    named = {name.lower(): value for name, value in message.message_headers.items()}
    markup = _safely(lambda: message.html_body) or ""
    text = _safely(lambda: message.body) or ""
    to, cc = _recipients(message)
    return Letter(
        message_id=clean_id(named.get("message-id") or message.properties.str_prop_value(_MESSAGE_ID)),
        subject=" ".join(message.subject.split()),
        sender=_sender(message, named),
        to=to or people(named.get("to", "")),
        cc=cc or people(named.get("cc", "")),
        date=_date(message, named),
        text=clean_text(text if text.strip() else text_of_html(markup)),
        enclosures=tuple(_enclosures(message, markup)),
    )


def _safely(read: Any) -> Any:
    """A property, or None where its bytes are not what its encoding says."""
    try:
        return read()
    except (LookupError, UnicodeError):
        return None


def _sender(message: Message, named: dict[str, str]) -> Person:
    if named.get("from"):
        return next(iter(people(decoded(named["from"]))), Person())
    known = message.properties
    addresses = [known.str_prop_value(one) or "" for one in (_SENDER_SMTP, _SENT_FOR_SMTP, _SENDER_ADDRESS)]
    return Person(known.str_prop_value(_SENDER_NAME) or "", next((one for one in addresses if "@" in one), ""))


def _recipients(message: Message) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    to: list[Person] = []
    others: list[Person] = []
    for one in message.recipients:
        address = one.email_address if "@" in one.email_address else ""
        name = "" if one.name.strip("'\"") == address else one.name
        kind = one.properties.int_prop_value(_RECIPIENT_TYPE)
        (to if kind in (None, _TO) else others).append(Person(name, address))
    return tuple(to), tuple(others)


def _date(message: Message, named: dict[str, str]) -> datetime | None:
    return message.sent_date or message.properties.date_prop_value(_DELIVERED) or moment(named.get("date", ""))


def _enclosures(message: Message, markup: str) -> Iterator[Enclosure]:
    for number, one in enumerate(message.attachments, 1):
        content = one.file_bytes
        cid = one.properties.str_prop_value(_CONTENT_ID)
        kind = one.mime_type or "application/octet-stream"
        if not content or (cid and f"cid:{cid}" in markup and kind.startswith(("image/", "application/octet"))):
            continue
        names = (one.properties.str_prop_value(number) for number in (_SHORT_NAME, _SHOWN_NAME))
        name = one.file_name or next((found for found in names if found), "")
        yield Enclosure(clean_name(name, f"attachment-{number}"), kind, content)
