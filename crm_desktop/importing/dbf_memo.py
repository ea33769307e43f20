"""The long texts of DBF tables, which stand in a file of their own beside it: .dbt of dBase, .fpt of FoxPro."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_MOST = 64 * 1024 * 1024
_DBASE4 = b"\xff\xff\x08\x00"
_ENDINGS = (".fpt", ".dbt", ".smt")


@dataclass
class Memo:
    """A memo file: what a field of the table points to."""

    path: Path
    fox: bool
    block: int

    def read(self, pointer: bytes) -> bytes:
        """The content that a field points to; b"" where there is none."""
        number = self._number(pointer)
        if number <= 0:
            return b""
        try:
            with self.path.open("rb") as file:
                file.seek(number * self.block)
                head = file.read(8)
                if len(head) < 8:
                    return b""
                if self.fox:
                    (length,) = struct.unpack(">I", head[4:])
                    return file.read(min(length, _MOST))
                if head[:4] == _DBASE4:
                    (length,) = struct.unpack("<I", head[4:])
                    return file.read(max(0, min(length, _MOST) - 8))
                return self._until_end(head, file.read(self.block - 8), file)
        except (OSError, OverflowError):
            return b""

    @staticmethod
    def _until_end(head: bytes, first: bytes, file: object) -> bytes:
        """dBase III: the text goes on to a mark of its end."""
        content = head + first
        while b"\x1a" not in content[-600:] and len(content) < _MOST:
            more = file.read(512)  # type: ignore[attr-defined]
            if not more:
                break
            content += more
        return content.split(b"\x1a")[0].replace(b"\x8d\n", b"")

    @staticmethod
    def _number(pointer: bytes) -> int:
        if len(pointer) == 4:
            return int(struct.unpack("<I", pointer)[0])
        text = pointer.replace(b"\0", b" ").strip()
        return int(text) if text.isdigit() else 0

    def sample(self) -> bytes:
        """Bytes with accents, to judge the encoding."""
        with self.path.open("rb") as file:
            data = file.read(400_000)
        lines = [line for line in data.replace(b"\0", b"\n").replace(b"\x1a", b"\n").split(b"\n") if not line.isascii()]
        return b"\n".join(line for line in lines if sum(byte < 32 for byte in line) == 0)[:100_000]


def memo_beside(path: Path, version: int) -> Memo | None:
    """The memo file of a table: its name with another ending, in any capitals."""
    wanted = {(path.stem + ending).lower() for ending in _ENDINGS}
    try:
        beside = [one for one in path.parent.iterdir() if one.name.lower() in wanted and one.is_file()]
    except OSError:
        return None
    found = min(beside, key=lambda one: _ENDINGS.index(one.suffix.lower()), default=None)
    if found is None:
        return None
    with found.open("rb") as file:
        head = file.read(512)
    if len(head) < 24:
        return None
    fox = found.suffix.lower() == ".fpt"
    if fox:
        (block,) = struct.unpack_from(">H", head, 6)
        return Memo(found, True, block or 1)
    (block,) = struct.unpack_from("<H", head, 20)
    old = version == 0x83 or block < 64 or block % 64
    return Memo(found, False, 512 if old else block)
