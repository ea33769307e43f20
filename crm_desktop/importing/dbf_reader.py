"""DBF tables of dBase III to 7, Clipper, FoxPro and Visual FoxPro, with their memo files.

After the published layouts: dBASE table files (levels 5 and 7) and the Visual FoxPro table structure.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.importing.dbf_memo import Memo, memo_beside
from crm_desktop.importing.encodings import LENIENT, NAMES, choose_encoding
from crm_desktop.importing.ldif_reader import IMAGES
from crm_desktop.importing.named_table import NamedTable
from crm_desktop.importing.sniff import damaged
from crm_desktop.importing.table import ErrorCell, Evidence, Row

_TYPES = frozenset(b"CNFDLMTIYBGPVQW0+O@")
_MEMO_TYPES = frozenset("MGPW")
_CODE_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850",
    0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850",
    0x13: "cp932", 0x14: "cp850", 0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437",
    0x1A: "cp850", 0x1B: "cp437", 0x1C: "cp863", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852",
    0x24: "cp860", 0x25: "cp850", 0x26: "cp866", 0x37: "cp850", 0x40: "cp852", 0x4D: "cp936", 0x4E: "cp949",
    0x4F: "cp950", 0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866",
    0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x78: "cp950", 0x79: "cp949", 0x7A: "cp936",
    0x7B: "cp932", 0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0x86: "cp737", 0x87: "cp852", 0x88: "cp857",
    0x96: "mac_cyrillic", 0x97: "mac_latin2", 0x98: "mac_greek", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254",
    0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_SYSTEM, _NULLABLE, _BINARY = 1, 2, 4
_DELETED, _END = 0x2A, 0x1A
_NO_DAY = date(1899, 12, 30)
"""The day of moments that are only a time of day."""
_BLOCK = 1000
_DBASE2 = 0x02
_EXACT_DIGITS = 15


@dataclass
class Field:
    """A field of a table: where it stands in a record; ``null`` and ``short`` are its bits in the field of flags."""

    name: str
    kind: str
    start: int
    length: int
    decimals: int
    flags: int = 0
    null: int = -1
    short: int = -1
    raw: bytes = b""


@dataclass
class Header:
    """What the head of a file says."""

    version: int
    count: int
    size: int
    width: int
    mark: int
    fields: list[Field] = field(default_factory=list)
    level7: bool = False


def open_dbf(path: Path, encoding: str = "") -> list[NamedTable]:
    """The table of a file.

    Raises:
        UserError: it is damaged.
    """
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            header = _header(file.read(70_000))
    except (struct.error, IndexError, ValueError) as error:
        raise damaged(path, error) from error
    if not header.fields:
        raise damaged(path)
    there = max(0, size - header.size) // header.width
    count = min(header.count, there)
    memo = memo_beside(path, header.version)
    used, evidence = _encoding(path, header, count, memo, encoding)
    shown = [one for one in header.fields if not one.flags & _SYSTEM and one.kind != "0"]
    deleted = _deleted(path, header, count)
    evidence += _evidence(header, shown, count, there, deleted, memo)
    read = [_reader(one, used, memo, header.level7) for one in shown]
    flags = next((one for one in header.fields if one.kind == "0"), None)

    def rows() -> Iterator[Row]:
        for number, record in _records(path, header, count):
            if record[0] == _DELETED:
                continue
            nulls = int.from_bytes(record[flags.start : flags.start + flags.length], "little") if flags else 0
            yield (
                number,
                [
                    None if one.null >= 0 and nulls >> one.null & 1 else value(_piece(record, one, nulls))
                    for one, value in zip(shown, read, strict=True)
                ],
            )

    kinds = {place: ("date", "") for place, one in enumerate(shown) if one.kind == "D"}
    kinds |= {place: ("bool", "") for place, one in enumerate(shown) if one.kind == "L"}
    names = tuple(_text(one.raw, used) or one.name for one in shown)
    return [NamedTable("", names, rows, kinds, used, lambda: evidence, keep_empty=False)]


def _header(data: bytes) -> Header:
    if data[0] == _DBASE2:
        return _header_2(data)
    count, size, width = struct.unpack_from("<IHH", data, 4)
    header = Header(data[0], count, size, width, data[29])
    if width < 2 or size < 33:
        raise ValueError("sizes in the head")
    for level7 in (False, True):
        header.fields = _fields(data, header, level7)
        header.level7 = level7
        if header.fields:
            break
    bit = 0
    for one in header.fields:
        if one.kind in "VQ":
            one.short, bit = bit, bit + 1
        if one.flags & _NULLABLE:
            one.null, bit = bit, bit + 1
    return header


def _header_2(data: bytes) -> Header:
    """dBase II: a head of 521 bytes with room for 32 fields of 16 bytes."""
    (count,) = struct.unpack_from("<H", data, 1)
    (width,) = struct.unpack_from("<H", data, 6)
    header = Header(data[0], count, 521, width, 0)
    start = 1
    for at in range(8, 520, 16):
        if data[at] in (0x0D, 0):
            break
        raw, kind, length, decimals = (
            data[at : at + 11].split(b"\0")[0],
            chr(data[at + 11]),
            data[at + 12],
            data[at + 15],
        )
        if kind not in "CNL" or width < 2:
            raise ValueError("fields")
        header.fields.append(Field(raw.decode("cp437"), kind, start, length, decimals, raw=raw))
        start += length
    return header


def _fields(data: bytes, header: Header, level7: bool) -> list[Field]:
    """The fields; none where they do not make sense in this layout."""
    at, step, name_size = (68, 48, 32) if level7 else (32, 32, 11)
    found: list[Field] = []
    start = 1
    while at + step <= min(header.size, len(data)) and data[at] not in (0x0D, 0):
        part = data[at : at + step]
        kind = chr(part[name_size])
        if len(kind.upper()) > 1 or ord(kind.upper()) not in _TYPES:  # "ß" becomes two letters
            return []
        if level7:
            length, decimals, flags = part[33], part[34], 0
        else:
            length, decimals, flags = part[16], part[17], part[18] if header.version in (0x30, 0x31, 0x32) else 0
            if kind == "C":  # Clipper and FoxPro keep long texts so
                length, decimals = length + 256 * decimals, 0
        raw = part[:name_size].split(b"\0")[0].strip()
        name = raw.decode("cp850", "replace") or f"FIELD{len(found) + 1}"
        found.append(Field(name, kind.upper(), start, length, decimals, flags, raw=raw))
        start += length
        at += step
    return found if found and start <= header.width + 1 else []


def _records(path: Path, header: Header, count: int) -> Iterator[tuple[int, bytes]]:
    width = header.width
    with path.open("rb") as file:
        file.seek(header.size)
        number = 0
        while number < count:
            block = file.read(width * min(_BLOCK, count - number))
            for at in range(0, len(block) - width + 1, width):
                number += 1
                yield number, block[at : at + width]
            if len(block) < width:
                return


def _deleted(path: Path, header: Header, count: int) -> int:
    """How many records are marked as deleted."""
    found = 0
    with path.open("rb") as file:
        file.seek(header.size)
        left = count
        while left > 0:
            block = file.read(header.width * min(50 * _BLOCK, left))
            if not block:
                break
            found += block[:: header.width].count(_DELETED)
            left -= 50 * _BLOCK
    return found


def _piece(record: bytes, one: Field, nulls: int) -> bytes:
    piece = record[one.start : one.start + one.length]
    if one.short >= 0 and nulls >> one.short & 1 and piece:
        return piece[: piece[-1]]
    return piece


def _evidence(
    header: Header, shown: list[Field], count: int, there: int, deleted: int, memo: Memo | None
) -> list[Evidence]:  # fmt: skip
    found = []
    if deleted:
        found.append(Evidence(N_("Records that are marked as deleted, and not read: {n}"), {"n": deleted}))
    if header.count > there:
        params = {"n": there, "all": header.count}
        found.append(Evidence(N_("The file ends early: {n} of {all} records are there"), params))
    elif there > header.count + 1:
        params = {"n": there - header.count}
        found.append(
            Evidence(N_("Behind its end the file has room for {n} more records, which do not belong to it"), params)
        )
    memos = [one.name for one in shown if one.kind in _MEMO_TYPES or one.kind == "B" and one.length == 10]
    if memos and memo is None:
        params_ = {"names": ", ".join(memos)}
        found.append(
            Evidence(N_("The file with the long texts is not beside it (.dbt or .fpt): {names} stay empty"), params_)
        )
    return found


def _encoding(
    path: Path, header: Header, count: int, memo: Memo | None, given: str
) -> tuple[str, list[Evidence]]:  # fmt: skip
    if given:
        return given, [Evidence(N_("Chosen by you"))]
    said = _CODE_PAGES.get(header.mark, "")
    beside = path.with_suffix(".cpg")
    with suppress(OSError):
        text = beside.read_text("ascii", "replace").strip().lower() if beside.is_file() else ""
        if number := re.search(r"(?:8859-?(\d+))|(\d{3,5})", text):
            said = f"iso8859-{number[1]}" if number[1] else f"cp{number[2]}" if number[2] != "65001" else "utf-8"
        elif "utf" in text:
            said = "utf-8"
    texts = [one for one in header.fields if one.kind in "CV"]
    sample = bytearray()
    for number_, record in _records(path, header, count):
        for one in texts:
            piece = record[one.start : one.start + one.length].strip()
            if not piece.isascii():
                sample += piece + b"\n"
        if len(sample) > 200_000 or number_ > 20_000 and not sample:
            break
    if memo is not None and len(sample) < 2000:
        sample += memo.sample()
    guess = choose_encoding(bytes(sample), said, "cp850")
    if said and guess.encoding == said:
        evidence = Evidence(N_("The file says {name}"), {"name": NAMES.get(said, said.upper())})
    else:
        evidence = guess.evidence
    return guess.encoding, [evidence]


def _reader(one: Field, encoding: str, memo: Memo | None, level7: bool) -> Callable[[bytes], Any]:
    """How the bytes of a field become a value."""
    if one.kind in _MEMO_TYPES or one.kind == "B" and one.length == 10:
        return lambda piece: _memo(piece, encoding, memo)
    if one.kind in "CV":
        return lambda piece: _text(piece, encoding)
    if one.kind in "NF":
        return _number
    if one.kind == "D":
        return _day
    if one.kind == "L":
        return _logical
    if one.kind in "T@":
        return _moment
    if one.kind == "Y":
        return lambda piece: _currency(piece)
    if one.kind in "I+":
        return _big_integer if level7 else lambda piece: _unpacked("<i", piece)
    if one.kind in "BO":
        return _double if not level7 else _big_double
    return lambda piece: _text(piece, encoding)


def _text(piece: bytes, encoding: str) -> str | None:
    try:
        return piece.decode(encoding, LENIENT).replace("\0", "").strip() or None
    except LookupError:
        return piece.decode("cp1252", "replace").replace("\0", "").strip() or None


def _memo(piece: bytes, encoding: str, memo: Memo | None) -> Any:
    if memo is None:
        return None
    content = memo.read(piece)
    if content.startswith(IMAGES):
        return content
    return _text(content, encoding) if content else None


def _number(piece: bytes) -> Any:
    text = piece.replace(b"\0", b"").strip().decode("ascii", "replace")
    if not text or text == ".":
        return None
    if text.strip("*") == "":
        return ErrorCell(text)  # the number was too long for its field
    try:
        if re.fullmatch(r"[+-]?\d+", text):
            return int(text)
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    if "." in text and "e" not in text.lower():
        text = text.rstrip("0").rstrip(".") or "0"
    if sum(char.isdigit() for char in text) > _EXACT_DIGITS:
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else text
    return int(number) if number.is_integer() and "e" not in text.lower() else number


def _day(piece: bytes) -> Any:
    text = piece.replace(b"\0", b"").strip().decode("ascii", "replace")
    if not text or not text.strip("0"):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return text


def _logical(piece: bytes) -> bool | None:
    mark = piece[:1].upper()
    return True if mark in (b"T", b"Y", b"S", b"1") else False if mark in (b"F", b"N", b"0") else None


def _moment(piece: bytes) -> Any:
    """Days since the Julian period began, and milliseconds."""
    if len(piece) < 8:
        return None
    day, milliseconds = struct.unpack("<ii", piece[:8])
    if day <= 0:
        return None
    with suppress(ValueError, OverflowError):
        moment = datetime.fromordinal(day - 1_721_425) + timedelta(milliseconds=round(milliseconds, -3))
        if moment.date() == _NO_DAY:
            return moment.time()
        return moment.date() if moment.time() == datetime.min.time() else moment
    return None


def _currency(piece: bytes) -> Any:
    value = _unpacked("<q", piece)
    if value is None:
        return None
    return value // 10_000 if value % 10_000 == 0 else value / 10_000


def _unpacked(shape: str, piece: bytes) -> Any:
    size = struct.calcsize(shape)
    return struct.unpack(shape, piece[:size])[0] if len(piece) >= size else None


def _double(piece: bytes) -> Any:
    value = _unpacked("<d", piece)
    if value is None or value != value or abs(value) == float("inf"):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _big_integer(piece: bytes) -> int | None:
    value = _unpacked(">I", piece)
    return None if not value else value - 0x80000000


def _big_double(piece: bytes) -> float | None:
    if len(piece) < 8 or not any(piece):
        return None
    if piece[0] & 0x80:
        return _double(bytes([piece[0] & 0x7F, *piece[1:8]])[::-1])
    value = _double(bytes(255 - one for one in piece[:8])[::-1])
    return value
