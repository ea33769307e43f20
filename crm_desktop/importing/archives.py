"""Archives: the files inside a zip, and the one file inside a gz, bz2 or xz, unpacked one by one where they are needed."""

from __future__ import annotations

import atexit
import bz2
import gzip
import lzma
import posixpath
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import table
from crm_desktop.importing.encodings import guess_encoding
from crm_desktop.importing.sniff import damaged

MEMBER_MOST: Final = 2 * 1024**3
"""Members that are larger, unpacked, are not read."""
_RATIO_MOST = 400
_RATIO_FROM = 64 * 1024**2
"""A member of at least this size that shrank more than so many times is a trap, not a table."""
_KEEP = 6 * 1024**3
_CHUNK = 1 << 20
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
BESIDE: Final = ("dbt", "fpt", "smt", "cpg")
"""Endings of files that belong to a .dbf of the same name."""
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_OPENERS: dict[str, Any] = {table.GZIP: gzip.open, table.BZIP2: bz2.open, table.XZ: lzma.open}
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError)

_MEMBER_PASSWORD = N_("“{name}” is protected by a password. Unpack it with its password and choose the file inside.")
_MEMBER_LARGE = N_("“{name}” is too large to be read from an archive. Unpack it and choose the file itself.")
_MEMBER_GONE = N_("“{name}” is not in the archive any more. Choose the archive again.")
_ODD_PACKING = N_(
    "“{name}” is packed in a way that this program does not know. Unpack it with another program and choose the file inside."
)


@dataclass(frozen=True)
class Member:
    """A file inside an archive: its path there as people read it, and its size when unpacked (0: not known)."""

    name: str
    size: int = 0
    packed: int = 0
    locked: bool = False
    entry: zipfile.ZipInfo | None = None

    @property
    def base(self) -> str:
        """The name without folders."""
        return posixpath.basename(self.name)


def members(path: Path, kind: str) -> list[Member]:
    """The files in an archive, in its order; what operating systems leave in archives is passed over.

    Raises:
        UserError: the archive is damaged.
    """
    if kind != table.ZIP:
        return [Member(_inner_name(path), 0, path.stat().st_size)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except _BROKEN as error:
        raise damaged(path, error) from error
    found: list[Member] = []
    taken: set[str] = set()
    for entry in entries:
        name = _readable_name(entry)
        if _is_system(name):
            continue
        number, single = 1, name
        while name in taken:
            number += 1
            name = f"{single} ({number})"
        taken.add(name)
        locked = bool(entry.flag_bits & _ENCRYPTED)
        found.append(Member(name, entry.file_size, entry.compress_size, locked, entry))
    return found


def _inner_name(path: Path) -> str:
    """What the only file of a gz is called: the name of the archive without its last ending."""
    return path.stem if path.suffix.lower() in (".gz", ".bz2", ".xz") and path.stem else path.name + ".txt"


def _readable_name(entry: zipfile.ZipInfo) -> str:
    """The path of an entry. Without the mark for UTF-8 the bytes are in any code page; Python took them for cp437."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME and not name.isascii():
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        guess = guess_encoding(raw).encoding
        # DOS and Windows zips of western Europe and Brazil; a short name is too little to tell other code pages apart
        name = raw.decode("utf-8") if guess.startswith("utf-8") else raw.decode("cp850", "replace")
    return name.replace("\\", "/").replace("\0", "")


def _is_system(name: str) -> bool:
    base = posixpath.basename(name)
    return name.startswith("__MACOSX/") or base.startswith("._") or base.lower() in _SYSTEM


def check_member(member: Member) -> None:
    """Refuse members that are locked or too large, with a sentence."""
    if member.locked:
        raise UserError(_MEMBER_PASSWORD, name=member.name)
    bomb = member.size > _RATIO_FROM and member.size > _RATIO_MOST * max(1, member.packed)
    if member.size > MEMBER_MOST or bomb:
        raise UserError(_MEMBER_LARGE, name=member.name)


_unpacked: dict[tuple[str, int, int, str], Path] = {}
_lock = threading.RLock()
_folders: list[Path] = []


def unpack(path: Path, kind: str, name: str, progress: Progress | None = None) -> Path:
    """A member as a file of its own, in a private folder that goes with the program.

    Args:
        path: the archive.
        kind: its kind, ``table.ZIP`` and so on.
        name: the member as :func:`members` names it; "*.vcf" or "*.ics" is a folder of all single cards of that kind.
        progress: asked whether to stop.

    Raises:
        UserError: it is not there, locked, damaged or too large.
    """
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size, name)
    with _lock:
        known = _unpacked.get(key)
        if known is not None and known.exists():
            return known
        _make_room()
        folder = Path(tempfile.mkdtemp(prefix="crm-import-"))
        _folders.append(folder)
        wanted = _wanted(path, kind, name)
        target = folder / "cards" if name.startswith("*") else folder
        target.mkdir(exist_ok=True)
        for number, member in enumerate(wanted):
            # a number keeps the order and tells apart what has the same name in other folders
            file = target / (f"{number:06}" if name.startswith("*") else _safe(member.base))
            _write(path, kind, member, file, progress)
        if not name.startswith("*"):
            for member in _beside(wanted[0], members(path, kind)):
                _write(path, kind, member, target / _safe(member.base), progress)
        found = target if name.startswith("*") else file
        _unpacked[key] = found
        return found


def _beside(member: Member, every: list[Member]) -> list[Member]:
    """The memo and code page files that belong to a DBF table."""
    stem, _dot, ending = member.name.lower().rpartition(".")
    if ending != "dbf":
        return []
    return [one for one in every if one.name.lower() in {f"{stem}.{extra}" for extra in BESIDE}]


def _wanted(path: Path, kind: str, name: str) -> list[Member]:
    every = members(path, kind)
    if name.startswith("*"):
        found = single_cards(path, kind, every, name[1:])
    else:
        found = [one for one in every if one.name == name]
    if not found:
        raise UserError(_MEMBER_GONE, name=name)
    return found


def _safe(name: str) -> str:
    """A name that every system takes; the member's own where possible, for it stands in sentences."""
    cleaned = "".join("_" if char in '<>:"/\\|?*' or ord(char) < 32 else char for char in name).strip(". ")
    return (cleaned or "file")[-120:]


def _write(path: Path, kind: str, member: Member, target: Path, progress: Progress | None) -> None:
    check_member(member)
    most = min(MEMBER_MOST, max(_RATIO_FROM, _RATIO_MOST * member.packed))
    written = 0
    with opened(path, kind, member) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > most:
                # what the archive says about sizes may be a lie
                out.close()
                target.unlink(missing_ok=True)
                raise UserError(_MEMBER_LARGE, name=member.name)
            out.write(chunk)
            if progress:
                progress.check()


@contextmanager
def opened(path: Path, kind: str, member: Member) -> Iterator[IO[bytes]]:
    """The bytes of a member as a stream.

    Raises:
        UserError: it is locked, damaged, or packed in an unknown way.
    """
    try:
        if kind == table.ZIP:
            assert member.entry is not None
            with zipfile.ZipFile(path) as archive, archive.open(member.entry) as content:
                yield content
        else:
            with _OPENERS[kind](path, "rb") as content:
                yield content
    except NotImplementedError as error:
        raise UserError(_ODD_PACKING, name=member.name, details=str(error)) from error
    except RuntimeError as error:
        raise UserError(_MEMBER_PASSWORD, name=member.name, details=str(error)) from error
    except _BROKEN as error:
        raise damaged(Path(member.base), error) from error


def single_cards(path: Path, kind: str, every: list[Member], ending: str) -> list[Member]:
    """The members with an ending that hold one card or one entry each: together they are one table."""
    marks = {".vcf": b"BEGIN:VCARD", ".ics": b"BEGIN:VCALENDAR"}
    found = []
    for member in every:
        if not member.name.lower().endswith(ending) or member.locked or not 0 < member.size < 4 * _CHUNK:
            continue
        try:
            with opened(path, kind, member) as content:
                body = content.read(4 * _CHUNK).replace(b"\0", b"").upper()
        except UserError:
            continue
        one_entry = ending == ".vcf" or body.count(b"BEGIN:VEVENT") + body.count(b"BEGIN:VTODO") <= 1
        if body.count(marks[ending]) == 1 and one_entry:
            found.append(member)
    return found if len(found) > 1 else []


def _make_room() -> None:
    """Let the oldest go where much was unpacked."""
    sizes = {key: _size(found) for key, found in _unpacked.items()}
    while _unpacked and sum(sizes.values()) > _KEEP:
        oldest = next(iter(_unpacked))
        found = _unpacked.pop(oldest)
        sizes.pop(oldest)
        shutil.rmtree(found.parent, ignore_errors=True)


def _size(found: Path) -> int:
    return found.stat().st_size if found.is_file() else 0


@atexit.register
def forget_unpacked() -> None:
    """Delete everything that was unpacked."""
    with _lock:
        _unpacked.clear()
        for folder in _folders:
            shutil.rmtree(folder, ignore_errors=True)
        _folders.clear()
