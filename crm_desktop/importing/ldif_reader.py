"""LDIF (RFC 2849): the entries of a directory or an address book as a table."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing.encodings import LENIENT, guess_encoding
from crm_desktop.importing.flatten import Layout
from crm_desktop.importing.named_table import NamedTable
from crm_desktop.importing.sniff import decode
from crm_desktop.importing.table import Evidence, Row

IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF")
"""How the pictures begin that directories keep."""

_CHANGES = N_(
    "“{name}” holds changes to a directory, not its entries. Export the entries themselves and choose that file."
)
_LINE = re.compile(rb"^([A-Za-z0-9.][A-Za-z0-9.;_-]*)(::|:<|:)[ ]*(.*)$", re.DOTALL)
_PLAIN_CHANGES = frozenset({"add"})


def open_ldif(path: Path, encoding: str = "") -> list[NamedTable]:
    """The entries as one table.

    Raises:
        UserError: the file holds changes.
    """
    with path.open("rb") as file:
        used = encoding or guess_encoding(file.read(1_000_000)).encoding
    used = "utf-8" if used.startswith(("utf-16", "utf-32")) else used.removesuffix("-sig")
    layout = Layout()
    spelled: dict[str, str] = {}
    count = unread = 0
    for entry, odd in _entries(path, used, spelled):
        layout.learn(entry)
        count += 1
        unread += odd
    headers = layout.finish()

    def rows() -> Iterator[Row]:
        for number, (entry, _odd) in enumerate(_entries(path, used, spelled), 1):
            yield number, layout.row(entry)

    evidence = [Evidence(N_("{n} entries of a directory"), {"n": count})]
    if unread:
        evidence.append(Evidence(N_("{n} lines are no part of an entry and are not read"), {"n": unread}))
    return [NamedTable("", headers, rows, encoding=used, evidence=lambda: evidence)]


def _entries(path: Path, encoding: str, spelled: dict[str, str]) -> Iterator[tuple[dict[str, Any], int]]:
    """The entries, each with the number of lines in it that make no sense."""
    entry: dict[str, Any] = {}
    odd = 0
    for line in _logical_lines(path):
        if not line:
            if entry:
                yield entry, odd
                odd = 0
            entry = {}
            continue
        found = _LINE.match(line)
        if found is None:
            odd += 1
            continue
        name, mark, value = found[1].decode("ascii"), found[2], found[3]
        if not entry and name.lower() == "version":
            continue
        if name.lower() == "changetype":
            if value.strip().decode("ascii", "replace").lower() not in _PLAIN_CHANGES:
                raise UserError(_CHANGES, name=path.name)
            continue
        if name.lower() == "dn" and entry:
            # the blank line between two entries is missing
            yield entry, odd
            entry, odd = {}, 0
        _put(entry, spelled.setdefault(name.lower(), name), _value(mark, value, encoding))
    if entry:
        yield entry, odd


def _put(entry: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, "", b""):
        return
    before = entry.get(name)
    if before is None:
        entry[name] = value
    elif isinstance(before, list):
        before.append(value)
    elif isinstance(value, bytes) or isinstance(before, bytes):
        entry.setdefault(f"{name} 2", value)
    else:
        entry[name] = [before, value]


def _value(mark: bytes, value: bytes, encoding: str) -> Any:
    if mark != b"::":
        return _text(value, encoding)
    body = re.sub(rb"[^A-Za-z0-9+/]", b"", value)
    try:
        content = b64decode(body + b"=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return _text(value, encoding)
    if content.startswith(IMAGES):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    controls = sum(ord(char) < 32 and char not in "\r\n\t" for char in text)
    # a key or a certificate: its base64 is all that can be kept of it as text
    return _tidy(text) if controls * 20 <= len(text) else body.decode("ascii")


def _text(value: bytes, encoding: str) -> str:
    return _tidy(value.decode(encoding, LENIENT))


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def _logical_lines(path: Path) -> Iterator[bytes]:
    """Unfolded lines without comments; b"" between entries."""
    current: bytes | None = None
    comment = False
    for raw in _physical_lines(path):
        if raw[:1] in (b" ", b"\t") and raw.strip():
            if not comment and current is not None:
                current += raw[1:]
            continue
        comment = raw.startswith(b"#")
        if comment:
            continue
        if current:
            yield current
        current = raw if raw.strip() else None
        if current is None:
            yield b""
    if current:
        yield current


def _physical_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from decode(path.read_bytes(), "utf-16").encode().splitlines()
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
            yield from line.rstrip(b"\r\n").replace(b"\0", b"").split(b"\r")
