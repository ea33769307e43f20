"""Text and JSON on their way into a member of the archive."""

from __future__ import annotations

import json
from typing import Any

from crm_desktop.archive.zip_stream import Member
from crm_desktop.db.types import plain_json

_ENOUGH = 256 * 1024


class TextInto:
    """Takes text, as a file does, and hands it on as UTF-8 in large pieces."""

    def __init__(self, member: Member, *, mark: bool = False) -> None:
        self._member = member
        self._pieces = ["\ufeff"] if mark else []
        self._length = 0

    def write(self, text: str) -> int:
        """Add text."""
        self._pieces.append(text)
        self._length += len(text)
        if self._length > _ENOUGH:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Hand on what is held."""
        self._member.write("".join(self._pieces).encode("utf-8", "replace"))
        self._pieces.clear()
        self._length = 0


def _plain(value: Any) -> Any:
    """A value that JSON does not know; bytes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    said = plain_json(value)
    return said if said is not value else str(value)


_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)  # dumps() makes one for each call


def line_of(value: Any) -> str:
    """A value as one line of JSON."""
    return _LINE.encode(value) + "\n"


def page_of(value: Any) -> bytes:
    """A value as JSON that people read."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n").encode("utf-8", "replace")
