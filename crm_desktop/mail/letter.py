"""What an e-mail says, whatever kind of file it came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest e-mail that is read; a larger one is kept as a plain file."""
LONGEST = 200_000
"""Letters of the longest text that is kept; the whole of it is in the original."""


@dataclass(frozen=True)
class Person:
    """A name and an address; either may be empty."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        if self.name and self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address


@dataclass(frozen=True)
class Enclosure:
    """A file in an e-mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """An e-mail.

    Attributes:
        message_id: the Message-ID without its brackets; empty where it has none.
        date: when it was sent, aware; None where it does not say.
        text: its plain text, made from HTML where there is no other.
        enclosures: its attachments, without the pictures that its HTML shows.
    """

    message_id: str = ""
    subject: str = ""
    sender: Person = Person()
    to: Sequence[Person] = ()
    cc: Sequence[Person] = ()
    date: datetime | None = None
    text: str = ""
    enclosures: Sequence[Enclosure] = field(default=(), repr=False)

    @property
    def addresses(self) -> list[str]:
        """Every address in it, the sender's first, in small letters, each once."""
        people = [self.sender, *self.to, *self.cc]
        return list(dict.fromkeys(one.address.lower() for one in people if one.address))


def clean_id(raw: object) -> str:
    """A Message-ID without brackets and white space."""
    return "".join(str(raw or "").split()).strip("<>")


def clean_text(text: str) -> str:
    """A text as it is kept: lines ended alike, without signs that no database takes, not endless."""
    tidy = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\xa0", " ").strip()
    return tidy[:LONGEST]


def clean_name(name: object, instead: str) -> str:
    """A file name that every system takes."""
    bare = str(name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if sign in ':*?"<>|' or ord(sign) < 32 else sign for sign in bare).strip(" .")
    stem, suffix = Path(kept).stem, Path(kept).suffix
    return (stem[:120] + suffix[:20]) or instead
