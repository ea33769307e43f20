"""A zip read as a stream: however many members it has, no list of them is kept.

The layout is that of APPNOTE.TXT of PKWARE, version 6.3. ``zipfile`` keeps some seven hundred bytes for each member, which a
million customers do not fit into. What is unusual (encrypted, packed another way, with something in front) is left to it.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, NamedTuple, Self

_BLOCK, _PIECE = 256 * 1024, 32 * 1024
_END, _LOCATOR, _END64, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06", b"PK\x01\x02", b"PK\x03\x04"
_MOST = 0xFFFFFFFF
_LONGEST_COMMENT = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 0x1, 0x800


class Unusual(Exception):
    """The zip is damaged, or needs a reader that knows more."""


class Entry(NamedTuple):
    """What the directory says of a member."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int


class PlainZip:
    """A zip that is open for reading.

    Raises:
        Unusual: it is no zip that this reader knows.
        OSError: the disk does not give it.
    """

    def __init__(self, path: Path) -> None:
        self._source: BinaryIO = path.open("rb")
        try:
            self._start, self._length, self.count = self._find_directory()
        except BaseException:
            self._source.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._source.close()

    def _find_directory(self) -> tuple[int, int, int]:
        """Where the directory begins, its length, and how many members it has."""
        total = self._source.seek(0, io.SEEK_END)
        tail_at = max(0, total - 22 - 20 - _LONGEST_COMMENT)
        self._source.seek(tail_at)
        tail = self._source.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + 22:
            raise Unusual
        count, length, start = struct.unpack_from("<HII", tail, at + 10)
        if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:
            (end64,) = struct.unpack_from("<Q", tail, at - 12)
            self._source.seek(end64)
            record = self._source.read(56)
            if len(record) < 56 or record[:4] != _END64:
                raise Unusual
            count, length, start = struct.unpack_from("<QQQ", record, 32)
            expected = end64
        else:
            expected = tail_at + at
        if start + length != expected:
            raise Unusual  # something stands in front of it, or in between
        return start, length, count

    def __iter__(self) -> Iterator[Entry]:
        """The members, in the order of the directory."""
        at, left = self._start, self._length
        held = b""
        for _number in range(self.count):
            while len(held) < 46 or len(held) < 46 + sum(struct.unpack_from("<HHH", held, 28)):
                self._source.seek(at)
                block = self._source.read(min(_BLOCK, left))
                if not block:
                    raise Unusual
                at, left, held = at + len(block), left - len(block), held + block
            entry, length = _entry_of(held)
            held = held[length:]
            yield entry

    def readable(self) -> bool:
        """Whether this reader knows everything that the directory says."""
        try:
            for _one in self:
                pass
        except Unusual:
            return False
        return True

    def find(self, name: str) -> Entry | None:
        """A member by its name."""
        return next((one for one in self if one.name == name), None)

    def open(self, wanted: Entry | str) -> IO[bytes]:
        """The content of a member, or of the one with a name; KeyError where there is none."""
        entry = self.find(wanted) if isinstance(wanted, str) else wanted
        if entry is None:
            raise KeyError(wanted)
        self._source.seek(entry.offset)
        head = self._source.read(30)
        if len(head) < 30 or head[:4] != _LOCAL:
            raise Unusual
        name, extra = struct.unpack_from("<HH", head, 26)
        return io.BufferedReader(_Content(self._source, entry.offset + 30 + name + extra, entry), _BLOCK)


def _entry_of(held: bytes) -> tuple[Entry, int]:
    """The first entry of a piece of the directory, and how long it is there."""
    flags, method = struct.unpack_from("<HH", held, 8)
    crc, packed, size, named, more, comment = struct.unpack_from("<IIIHHH", held, 16)
    (offset,) = struct.unpack_from("<I", held, 42)
    raw, extra = held[46 : 46 + named], held[46 + named : 46 + named + more]
    if held[:4] != _ENTRY or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
        raise Unusual
    if not flags & _UTF8 and not raw.isascii():
        raise Unusual
    wide = _wide(extra)
    size, packed, offset = (next(wide, _MOST) if one == _MOST else one for one in (size, packed, offset))
    try:
        return Entry(raw.decode("utf-8"), method, crc, packed, size, offset), 46 + named + more + comment
    except UnicodeDecodeError as error:
        raise Unusual from error


def _wide(extra: bytes) -> Iterator[int]:
    """The numbers of the zip64 field of an entry, for those that are too large for their own places."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            yield from struct.unpack_from(f"<{length // 8}Q", extra, at + 4)
            return
        at += 4 + length


class _Content(io.RawIOBase):
    """The content of one member, unpacked while it is read.

    Raises:
        zlib.error: it cannot be unpacked.
        Unusual: it is not what the directory says.
    """

    def __init__(self, source: BinaryIO, start: int, entry: Entry) -> None:
        self._source, self._at, self._left = source, start, entry.packed
        self._entry, self._crc, self._size = entry, 0, 0
        self._unpack = zlib.decompressobj(-15) if entry.method == _DEFLATED else None
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._held:
            if not self._left:
                self._finish()
                return 0
            self._held = memoryview(self._next())
        given = min(len(buffer), len(self._held))
        buffer[:given], self._held = self._held[:given], self._held[given:]
        return given

    def _next(self) -> bytes:
        """The next piece; a small one, since it may come to a thousand times as much when it is unpacked."""
        self._source.seek(self._at)
        block = self._source.read(min(_PIECE, self._left))
        if not block:
            raise Unusual
        self._at, self._left = self._at + len(block), self._left - len(block)
        if self._unpack is not None:
            block = self._unpack.decompress(block) + (b"" if self._left else self._unpack.flush())
        self._crc, self._size = zlib.crc32(block, self._crc), self._size + len(block)
        return block

    def _finish(self) -> None:
        if (self._crc, self._size) != (self._entry.crc, self._entry.size):
            raise Unusual
