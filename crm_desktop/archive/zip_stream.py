"""A zip written as a stream: however many members it gets, no list of them is kept in memory.

The layout is that of APPNOTE.TXT of PKWARE, version 6.3: local headers with the sizes written in afterwards, the central
directory (collected in a scratch file meanwhile), and the zip64 records where a number is too large for the older ones.
The ``zipfile`` module keeps some five hundred bytes for each member, which a million customers do not fit into.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

STORED, DEFLATED = 0, 8
_UTF8 = 0x800
_MOST = 0xFFFFFFFF
_VERSION = 45
_BLOCK = 1024 * 1024


class Member:
    """One member that is being written: takes bytes, counts and hashes them."""

    def __init__(self, out: BinaryIO, method: int, level: int) -> None:
        self._out = out
        self._packer = zlib.compressobj(level, zlib.DEFLATED, -15) if method == DEFLATED else None
        self._sha = hashlib.sha256()
        self.crc = self.size = self.packed = 0

    def write(self, content: bytes | memoryview) -> int:
        """Add bytes."""
        self._sha.update(content)
        self.crc = zlib.crc32(content, self.crc)
        self.size += len(content)
        self._put(self._packer.compress(content) if self._packer is not None else content)
        return len(content)

    def _put(self, packed: bytes | memoryview) -> None:
        self.packed += len(packed)
        self._out.write(packed)

    def finish(self) -> None:
        """Write what the packer still holds."""
        if self._packer is not None:
            self._put(self._packer.flush())

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hex."""
        return self._sha.hexdigest()


@dataclass(frozen=True)
class Sized:
    """What the directory says of a member."""

    crc: int
    size: int
    packed: int
    sha256: str


class ZipStream:
    """Writes members one after another.

    Args:
        out: a file that can be written and wound back; it is neither opened nor closed here.
        scratch: a folder for what is put together beside it.
        moment: the local time that every member carries.
    """

    def __init__(self, out: BinaryIO, scratch: Path, moment: datetime) -> None:
        self._out = out
        self._directory = (scratch / "directory.bin").open("w+b")
        self._sums = (scratch / "sums.txt").open("w+", encoding="utf-8", newline="\n")
        self._time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
        self._date = max(moment.year - 1980, 0) << 9 | moment.month << 5 | moment.day
        self.count = 0
        self.bytes = 0

    def close(self) -> None:
        """Let go of the scratch files."""
        self._directory.close()
        self._sums.close()

    def sums(self) -> Iterator[tuple[str, int, str]]:
        """(name, size, SHA-256) of every member so far, in their order."""
        self._sums.flush()
        self._sums.seek(0)
        for line in self._sums:
            digest, size, name = line.rstrip("\n").split(" ", 2)
            yield name, int(size), digest
        self._sums.seek(0, 2)

    @contextmanager
    def member(self, name: str, *, packed: bool = True, level: int = 6) -> Iterator[Member]:
        """A member of any size, written piece by piece in the block.

        Args:
            name: with "/" between folders; the caller uses each once.
            packed: False for what is packed already, as pictures are.
        """
        start, method = self._out.tell(), DEFLATED if packed else STORED
        raw = name.encode("utf-8")
        self._out.write(self._local(raw, method, 0, 0, 0))
        writing = Member(self._out, method, level)
        yield writing
        writing.finish()
        end = self._out.tell()
        self._out.seek(start)
        self._out.write(self._local(raw, method, writing.crc, writing.packed, writing.size))
        self._out.seek(end)
        self._note(name, raw, method, Sized(writing.crc, writing.size, writing.packed, writing.sha256), start)

    def add(self, name: str, content: bytes, *, level: int = 6) -> None:
        """A member that is in memory."""
        start, raw = self._out.tell(), name.encode("utf-8")
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        crc = zlib.crc32(content)
        self._out.write(self._local(raw, DEFLATED, crc, len(packed), len(content)))
        self._out.write(packed)
        self._note(
            name, raw, DEFLATED, Sized(crc, len(content), len(packed), hashlib.sha256(content).hexdigest()), start
        )

    def add_file(self, name: str, path: Path, *, level: int = 6) -> None:
        """A member from a file."""
        with self.member(name, level=level) as writing, path.open("rb") as source:
            while block := source.read(_BLOCK):
                writing.write(block)

    def _local(self, raw: bytes, method: int, crc: int, packed: int, size: int) -> bytes:
        """A local header; the sizes stand in its zip64 part, which has room for any."""
        extra = struct.pack("<HHQQ", 1, 16, size, packed)
        return struct.pack(
            "<4sHHHHHIIIHH", b"PK\x03\x04", _VERSION, _UTF8, method, self._time, self._date, crc, _MOST, _MOST,
            len(raw), len(extra),
        ) + raw + extra  # fmt: skip

    def _note(self, name: str, raw: bytes, method: int, one: Sized, start: int) -> None:
        """Put a member into the directory."""
        large = [value for value in (one.size, one.packed, start) if value >= _MOST]
        extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        sizes = (min(one.packed, _MOST), min(one.size, _MOST))
        self._directory.write(
            struct.pack(
                "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 3 << 8 | _VERSION, _VERSION, _UTF8, method, self._time, self._date,
                one.crc, *sizes, len(raw), len(extra), 0, 0, 0, 0o100644 << 16, min(start, _MOST),
            ) + raw + extra
        )  # fmt: skip
        self._sums.write(f"{one.sha256} {one.size} {name}\n")
        self.count += 1
        self.bytes += one.size

    def finish(self) -> None:
        """Write the directory; the file is a whole zip after this."""
        start, size = self._out.tell(), self._directory.tell()
        self._directory.seek(0)
        while block := self._directory.read(_BLOCK):
            self._out.write(block)
        end = self._out.tell()
        if self.count >= 0xFFFF or start >= _MOST or size >= _MOST:
            self._out.write(
                struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, self.count, self.count, size, start)
                + struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
            )  # fmt: skip
        few, count = min(self.count, 0xFFFF), min(self.count, 0xFFFF)
        self._out.write(
            struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, few, count, min(size, _MOST), min(start, _MOST), 0)
        )
