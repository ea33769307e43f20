"""Old Excel and dBase files made byte by byte, for the tests of the import."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A small compound file (MS-CFB, 512-byte sectors, streams padded past the mini stream cutoff)."""
    fat: list[int] = [0xFFFFFFFD]
    sectors: list[bytes] = []
    entries = []
    for name, content in streams.items():
        body = content.ljust(4096, b"\0")
        body += b"\0" * (-len(body) % 512)
        start = len(fat)
        count = len(body) // 512
        fat += [start + i + 1 for i in range(count - 1)] + [0xFFFFFFFE]
        sectors += [body[i * 512 : i * 512 + 512] for i in range(count)]
        entries.append((name, start, len(body)))
    directory_at = len(fat)
    directory = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    for number, (name, start, size) in enumerate(entries, 1):
        directory += _entry(name, 2, start, size, right=number + 1 if number < len(entries) else 0xFFFFFFFF)
    directory += b"\0" * (-len(directory) % 512)
    count = len(directory) // 512
    fat += [directory_at + i + 1 for i in range(count - 1)] + [0xFFFFFFFE]
    sectors += [directory[i * 512 : i * 512 + 512] for i in range(count)]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIIII", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += b"".join(struct.pack("<I", 0xFFFFFFFF) for _ in range(108))
    return header + struct.pack("<128I", *fat) + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, right, child)
    return head + b"\0" * 36 + struct.pack("<III", start, size, 0)


def biff8(cells: list[tuple[int, int, object]], before: bytes = b"") -> bytes:
    """The Workbook stream of an Excel 97 file with one sheet "Plan1"; an error is given as bytes of its code."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    sheet_bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)
    head = record(0x0809, bof) + before + record(0x0042, struct.pack("<H", 1200))
    bound = struct.pack("<IBBBB", 0, 0, 0, 5, 0) + b"Plan1"
    offset = len(head) + 4 + len(bound) + 4
    globals_ = head + record(0x0085, struct.pack("<I", offset) + bound[4:]) + record(0x000A, b"")
    body = b""
    for row, column, value in cells:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, bytes):
            body += record(0x0205, place + value + b"\x01")
        elif isinstance(value, str):
            text = value.encode("utf-16-le")
            body += record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
        else:
            body += record(0x0203, place + struct.pack("<d", float(value)))  # type: ignore[arg-type]
    return globals_ + record(0x0809, sheet_bof) + body + record(0x000A, b"")


def dbf(
    fields: Sequence[tuple[str, str, int, int]], records: Sequence[Sequence[bytes]], *, version: int = 3, mark: int = 0,
    deleted: Sequence[int] = (), flags: Sequence[int] = (),
) -> bytes:  # fmt: skip
    """A DBF table: fields as (name, type, length, decimals), records as bytes padded to the lengths of the fields."""
    width = 1 + sum(length for _n, _t, length, _d in fields)
    extra = 263 if version == 0x30 else 0
    size = 32 + 32 * len(fields) + 1 + extra
    head = (
        struct.pack("<BBBBIHH", version, 124, 3, 15, len(records), size, width) + b"\0" * 17 + bytes([mark]) + b"\0\0"
    )
    for number, (name, kind, length, decimals) in enumerate(fields):
        flag = flags[number] if flags else 0
        part = name.encode("ascii").ljust(11, b"\0") + kind.encode() + b"\0" * 4 + bytes([length, decimals, flag])
        head += part.ljust(32, b"\0")
    body = bytearray()
    for number, record in enumerate(records):
        body += b"*" if number in deleted else b" "
        for cell, (_n, kind, length, _d) in zip(record, fields, strict=True):
            body += cell[:length].rjust(length) if kind in "NF" else cell[:length].ljust(length)
    return head + b"\r" + b"\0" * extra + bytes(body) + b"\x1a"
