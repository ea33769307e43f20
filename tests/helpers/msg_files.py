"""Writes small .msg files: the compound file of [MS-CFB] with the streams of [MS-OXMSG] that an e-mail has."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
Tree = dict[str, Any]


def msg_bytes(
    *, subject: str, body: str = "", html: str = "", sender: tuple[str, str], to: Sequence[tuple[str, str]],
    cc: Sequence[tuple[str, str]] = (), sent: datetime | None = None, message_id: str = "",
    files: Mapping[str, bytes] | None = None,
) -> bytes:  # fmt: skip
    """An e-mail as Outlook saves it."""
    values: dict[int, Any] = {
        0x0037: subject,
        0x0C1A: sender[0],
        0x5D01: sender[1],
        0x001A: "IPM.Note",
        0x340D: 0x40000,
    }
    if body:
        values[0x1000] = body
    if html:
        values[0x1013] = html.encode("utf-8")
        values[0x3FDE] = 65001
    if message_id:
        values[0x1035] = message_id
    if sent:
        values[0x0039] = sent
    everybody = [(one, 1) for one in to] + [(one, 2) for one in cc]
    head = struct.pack("<8x4I8x", len(everybody), len(files or {}), len(everybody), len(files or {}))
    tree = _properties(values, head)
    for number, ((name, address), kind) in enumerate(everybody):
        tree[f"__recip_version1.0_#{number:08X}"] = _properties({0x3001: name, 0x39FE: address, 0x0C15: kind}, bytes(8))
    for number, (name, content) in enumerate((files or {}).items()):
        tree[f"__attach_version1.0_#{number:08X}"] = _properties({0x3707: name, 0x3701: content, 0x3705: 1}, bytes(8))
    return _compound(tree)


def _properties(values: Mapping[int, Any], head: bytes) -> Tree:
    tree: Tree = {}
    table = head
    for pid, value in values.items():
        if isinstance(value, int):
            table += struct.pack("<HHIiI", 0x0003, pid, 6, value, 0)
        elif isinstance(value, datetime):
            ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)
            table += struct.pack("<HHIQ", 0x0040, pid, 6, ticks)
        else:
            kind = 0x0102 if isinstance(value, bytes) else 0x001F
            raw = value if isinstance(value, bytes) else value.encode("utf-16-le")
            tree[f"__substg1.0_{pid:04X}{kind:04X}"] = raw
            table += struct.pack("<HHII", kind, pid, 6, len(raw) + (2 if kind == 0x001F else 0)) + bytes(4)
    tree["__properties_version1.0"] = table
    return tree


def _compound(tree: Tree) -> bytes:
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "type": 5, "data": b"", "child": _FREE}]
    _enter(tree, entries, 0)
    mini, mini_fat = bytearray(), []
    sectors: list[bytes] = []
    fat: list[int] = []
    for entry in entries[1:]:
        data = entry["data"]
        if entry["type"] != 2 or not data:
            entry["start"] = _END if entry["type"] == 2 else 0
        elif len(data) < _CUTOFF:
            entry["start"] = len(mini) // _MINI
            count = -(-len(data) // _MINI)
            mini += data.ljust(count * _MINI, b"\0")
            mini_fat += [*range(entry["start"] + 1, entry["start"] + count), _END]
        else:
            entry["start"] = _place(data, sectors, fat)
    entries[0]["data"] = bytes(mini)
    entries[0]["start"] = _place(bytes(mini), sectors, fat) if mini else _END
    table = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_at = _place(table.ljust(-(-len(table) // _SECTOR) * _SECTOR, b"\xff"), sectors, fat) if mini_fat else _END
    directory = b"".join(_entry(one) for one in entries)
    directory_at = _place(directory, sectors, fat)
    fat_count = 1
    while fat_count * 128 < len(fat) + fat_count:
        fat_count += 1
    fat_at = list(range(len(sectors), len(sectors) + fat_count))
    whole = fat + [_FAT] * fat_count
    whole += [_FREE] * (fat_count * 128 - len(whole))
    head = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6, 0, fat_count,
                       directory_at, 0, _CUTOFF, mini_at, -(-len(table) // _SECTOR), _END, 0)  # fmt: skip
    head += struct.pack("<109I", *(fat_at + [_FREE] * (109 - fat_count)))
    return head + b"".join(sectors) + struct.pack(f"<{len(whole)}I", *whole)


def _enter(tree: Tree, entries: list[dict[str, Any]], parent: int) -> None:
    """Put a storage's children in, in a chain to the right: no tree that is balanced, but one that is sorted."""
    before: dict[str, Any] | None = None
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        inside = tree[name]
        entry = {"name": name, "type": 1 if isinstance(inside, dict) else 2, "child": _FREE, "data": b""}
        number = len(entries)
        entries.append(entry)
        if before is None:
            entries[parent]["child"] = number
        else:
            before["right"] = number
        before = entry
        if isinstance(inside, dict):
            _enter(inside, entries, number)
        else:
            entry["data"] = inside


def _place(data: bytes, sectors: list[bytes], fat: list[int]) -> int:
    start, count = len(sectors), max(1, -(-len(data) // _SECTOR))
    padded = data.ljust(count * _SECTOR, b"\0")
    sectors += [padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR)]
    fat += [*range(start + 1, start + count), _END]
    return start


def _entry(one: Mapping[str, Any]) -> bytes:
    name = one["name"].encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16x4x8x8xIQ", name, len(name), one["type"], 1, _FREE, one.get("right", _FREE),
                       one["child"], one.get("start", 0), len(one["data"]))  # fmt: skip
