"""The line syntax that vCard and iCalendar share: folding, parameters, quoted-printable, base64 and escapes.

Sources: RFC 2425, RFC 2426, RFC 6350, RFC 5545, and the vCard 2.1 and vCalendar 1.0 papers of 1996.
"""

from __future__ import annotations

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crm_desktop.importing.encodings import LENIENT, guess_encoding
from crm_desktop.importing.sniff import decode, file_size

_HEAD = re.compile(
    rb"^(?:(?P<group>[A-Za-z0-9_-]+)\.)?(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?P<params>(?:\s*;(?:[^\":;]|\"[^\"]*\"?)*)*)\s*:(?P<value>.*)$",
    re.DOTALL,
)
_BEGINS = re.compile(rb"^(?:[A-Za-z0-9_-]+\.)?[A-Za-z][A-Za-z0-9_-]*;[A-Za-z0-9-]+[=;\"]")
_PARAM = re.compile(r";\s*((?:[^\";]|\"[^\"]*\"?)*)")
_BASE64_LINE = re.compile(rb"^\s*[A-Za-z0-9+/=]+\s*$")
_BARE_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass
class Property:
    """One property: its name in capitals, parameters (names in capitals), and value as text or bytes."""

    name: str
    value: str = ""
    params: dict[str, list[str]] = field(default_factory=dict)
    group: str = ""
    data: bytes | None = None

    def types(self) -> list[str]:
        """The TYPE values in lower case, without "pref" and other noise."""
        noise = {
            "pref",
            "internet",
            "voice",
            "x400",
            "dom",
            "intl",
            "parcel",
            "postal",
            "video",
            "text",
            "msg",
            "uri",
            "other",
        }
        return [t for t in self._types() if t not in noise]

    def preferred(self) -> bool:
        """Whether this is the main one of its kind."""
        return "pref" in self._types() or self.params.get("PREF", [""])[0] == "1"

    def _types(self) -> list[str]:
        return [
            part.strip().lower() for value in self.params.get("TYPE", []) for part in value.split(",") if part.strip()
        ]

    def param(self, name: str) -> str:
        """The first value of a parameter, or ""."""
        return next(iter(self.params.get(name, [])), "")

    def components(self, separator: str = ";") -> list[str]:
        """The parts of a structured value, unescaped."""
        return [unescape(part) for part in split_unescaped(self.value, separator)]

    def text(self) -> str:
        """The value, unescaped."""
        return unescape(self.value)


def split_unescaped(value: str, separator: str) -> list[str]:
    """Split at a separator that has no backslash before it."""
    return re.split(rf"(?<!\\){re.escape(separator)}", value.replace("\\\\", "\x00"))


def unescape(value: str) -> str:
    """Undo backslashes: ``\\n`` is a new line, ``\\,`` a comma."""
    if "\\" in value:
        value = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
    return value.replace("\x00", "\\").strip()


def read_properties(path: Path, encoding: str = "") -> Iterator[Property]:
    """All properties of a file in order, BEGIN and END too. Lines that make no sense are passed over.

    A folder stands for all its files, one after the other: the single cards of an archive.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for one in files:
        file_size(one)
        data = one.read_bytes()
        guess = encoding or guess_encoding(data[:1_000_000]).encoding
        if guess.startswith(("utf-16", "utf-32")):
            data, guess = decode(data, guess).encode(), "utf-8"
        for line in _logical_lines(data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")):
            found = _parse(line, guess.removesuffix("-sig"))
            if found is not None:
                yield found


def file_encoding(path: Path, encoding: str = "") -> str:
    """The encoding that :func:`read_properties` takes where a property names none; "" for a folder: each file its own."""
    if path.is_dir():
        return encoding
    with path.open("rb") as file:
        return encoding or guess_encoding(file.read(1_000_000)).encoding


def _logical_lines(data: bytes) -> Iterator[bytes]:
    """Unfold lines that begin with a blank, soft breaks, base64 without indent, and texts that programs broke."""
    current = b""
    encoded = quoted = False
    for raw in re.split(rb"\r\n|\n|\r", data):
        if quoted and current.endswith(b"="):
            current = current[:-1] + raw
            continue
        if raw[:1] in (b" ", b"\t") and current:
            current += raw[1:] if not encoded else raw.strip()
            continue
        if not raw.strip():
            encoded = False
            continue
        head = _HEAD.match(raw)
        if (
            head is None
            and not _BEGINS.match(raw)
            and current
            and not current[:6].upper().startswith((b"BEGIN:", b"END:"))
        ):
            current += raw.strip() if encoded and _BASE64_LINE.match(raw) else b"\\n" + raw
            continue
        if current:
            yield current
        current = raw
        params = head["params"].upper() if head else b""
        quoted = b"QUOTED-PRINTABLE" in params
        encoded = b"BASE64" in params or b"ENCODING=B" in params
    if current:
        yield current


def _parse(line: bytes, encoding: str) -> Property | None:
    head = _HEAD.match(line)
    if head is None:
        return None
    params = _params(head["params"].decode(encoding, LENIENT))
    found = Property(head["name"].decode("ascii").upper(), "", params, (head["group"] or b"").decode("ascii").lower())
    value = head["value"]
    coding = found.param("ENCODING").upper()
    charset = found.param("CHARSET") or encoding
    if coding == "QUOTED-PRINTABLE":
        value = quopri.decodestring(value)
        if not found.param("CHARSET"):
            charset = guess_encoding(value).encoding
    elif coding in ("B", "BASE64"):
        found.data = decode_base64(value)
        return found
    found.value = _decoded(value, charset).replace("\r\n", "\n")
    return found


def _params(text: str) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for part in _PARAM.findall(text):
        name, equals, value = part.partition("=")
        name = name.strip().strip('"')
        if not equals:
            key, value = ("ENCODING" if name.upper() in _BARE_ENCODINGS else "TYPE"), name
        else:
            key = name.upper()
        if value.strip():
            params.setdefault(key, []).append(value.strip().strip('"'))
    return params


def decode_base64(value: bytes) -> bytes:
    """The bytes of base64 with anything between its letters; b"" where it is none."""
    body = re.sub(rb"[^A-Za-z0-9+/]", b"", value)
    try:
        return b64decode(body + b"=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _decoded(value: bytes, charset: str) -> str:
    if charset.lower() in ("us-ascii", "ascii"):
        charset = "utf-8"
    try:
        return value.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return value.decode("utf-8", LENIENT)
