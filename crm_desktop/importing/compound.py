"""Reads one stream out of a compound file, the container of old Office files (MS-CFB)."""

from __future__ import annotations

import struct

_END = 0xFFFFFFFA
"""Sector numbers from here on mean "free", "end of chain" and so on."""


def stream(data: bytes, *names: str) -> bytes:
    """The content of the first stream with one of the names; b"" where there is none or the file is broken."""
    try:
        return _Compound(data).read(names)
    except (struct.error, IndexError, ValueError):
        return b""


class _Compound:
    """The tables of a compound file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if not 7 <= shift <= 16 or not 2 <= mini_shift <= shift:
            raise ValueError("sector size")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        (directory,) = struct.unpack_from("<I", data, 48)
        (self._cutoff, mini_fat) = struct.unpack_from("<II", data, 56)
        (extra, _count) = struct.unpack_from("<II", data, 68)
        blocks = list(struct.unpack_from("<109I", data, 76))
        while extra < _END and len(blocks) < 1_000_000:
            more = struct.unpack_from(f"<{self._size // 4}I", data, (extra + 1) * self._size)
            blocks += more[:-1]
            extra = more[-1]
        self._fat: list[int] = []
        for block in blocks:
            if block < _END:
                self._fat += struct.unpack_from(f"<{self._size // 4}I", data, (block + 1) * self._size)
        self._directory = self._chain(directory)
        table = self._chain(mini_fat) if mini_fat < _END else b""
        self._mini_fat = struct.unpack(f"<{len(table) // 4}I", table)
        root, _length = struct.unpack_from("<II", self._directory, 116)
        self._mini = self._chain(root) if root < _END else b""

    def read(self, names: tuple[str, ...]) -> bytes:
        """The bytes of a stream."""
        wanted = {name.lower() for name in names}
        for at in range(0, len(self._directory) - 127, 128):
            (length,) = struct.unpack_from("<H", self._directory, at + 64)
            name = self._directory[at : at + max(0, min(64, length) - 2)].decode("utf-16-le", "replace")
            if name.lower() in wanted:
                start, size = struct.unpack_from("<II", self._directory, at + 116)
                body = self._chain(start) if size >= self._cutoff else self._mini_chain(start)
                return body[:size]
        return b""

    def _chain(self, sector: int) -> bytes:
        parts = []
        seen = 0
        while sector < _END and seen <= len(self._fat):
            parts.append(self._data[(sector + 1) * self._size : (sector + 2) * self._size])
            sector = self._fat[sector]
            seen += 1
        return b"".join(parts)

    def _mini_chain(self, sector: int) -> bytes:
        parts = []
        seen = 0
        while sector < _END and seen <= len(self._mini_fat):
            parts.append(self._mini[sector * self._mini_size : (sector + 1) * self._mini_size])
            sector = self._mini_fat[sector]
            seen += 1
        return b"".join(parts)
