"""Reading a whole archive: what its manifest says, whether every file in it is as it was written, and the office inside.

An archive is a zip made by ``crm_desktop.archive``. ``manifest.json`` stands at its end and names every other member with its
size and SHA-256, one on a line, so that it can be read as a stream; what comes before the list is the header of the backup
that ``office.crm`` is.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, BinaryIO

from crm_desktop.backup import faults
from crm_desktop.backup.container import Header
from crm_desktop.backup.faults import DAMAGED, BackupFault
from crm_desktop.backup.plain_zip import PlainZip, Unusual
from crm_desktop.core.i18n import N_, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.types import parse_instant

FORMAT, VERSION = "crm-desktop-archive", 1
SUFFIX = ".zip"
FIRST, MANIFEST, OFFICE = "README.html", "manifest.json", "office.crm"
FILES = ' "files": {\n'
"""The line of the manifest after which every line is one file."""
_BLOCK = 1024 * 1024
_BROKEN = (Unusual, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)
_LONGEST_HEAD = 16 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """What reading an archive from end to end showed.

    Attributes:
        members: how many files it should have, the manifest not counted.
        damaged: members whose bytes are not those of the manifest; ``missing`` those that are not there.
        added: members that the manifest does not know; somebody put them in.
    """

    header: Header
    members: int
    size: int
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    parts: tuple[str, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Whether everything in it is as it was written."""
        return not self.damaged and not self.missing

    @property
    def office_whole(self) -> bool:
        """Whether the office in it can be restored, whatever became of the readable parts."""
        return OFFICE not in self.damaged and OFFICE not in self.missing

    @property
    def problems(self) -> list[str]:
        """What is wrong, in sentences."""
        found = []
        if self.missing:
            found.append(_named(
                ngettext("{names} is missing in the archive.", "{names} are missing in the archive.", len(self.missing)),
                self.missing,
            ))  # fmt: skip
        if self.damaged:
            found.append(_named(
                ngettext("{names} is damaged.", "{names} are damaged.", len(self.damaged)), self.damaged,
            ))  # fmt: skip
        if found and self.office_whole:
            found.append(translate(N_("The office itself, office.crm, is whole and can be restored.")))
        return found


def _named(text: str, names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    if len(names) > 3:
        more = len(names) - 3
        shown = ngettext("{names} and {n} more", "{names} and {n} more", more).format(names=shown, n=more)
    return text.format(names=shown)


def is_archive(path: Path) -> bool:
    """Whether a file begins as a whole archive does; one that is cut off too."""
    try:
        with path.open("rb") as source:
            start = source.read(200)
    except OSError:
        return False
    return start[:4] == b"PK\x03\x04" and start[30 : 30 + len(FIRST)] == FIRST.encode() or _has_manifest(path, start)


def _has_manifest(path: Path, start: bytes) -> bool:
    """Whether a zip that somebody packed again, in another order, has a manifest of ours."""
    if start[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return {MANIFEST, OFFICE} <= set(archive.namelist())
    except (*_BROKEN, OSError):
        return False


@contextmanager
def _opened(path: Path) -> Iterator[PlainZip | zipfile.ZipFile]:
    """A zip, read without a list of its members; one that is unusual or damaged is left to ``zipfile``, which judges it."""
    with ExitStack() as stack:
        try:
            plain = stack.enter_context(PlainZip(path))
            known = plain.readable()
        except OSError as error:
            raise faults.unreadable(path, error) from error
        except Unusual:
            known = False
        yield plain if known else stack.enter_context(_opened_whole(path))


@contextmanager
def _opened_whole(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise faults.unreadable(path, error) from error
    except _BROKEN as error:
        raise faults.damaged(path) from error
    with archive:
        yield archive


def read_header(path: Path) -> Header:
    """What an archive says of the office inside.

    Raises:
        BackupFault: it is cut off, or its manifest is damaged, missing, or of a newer program.
    """
    with _opened(path) as archive, _manifest(path, archive) as lines:
        return _head(path, lines)[0]


@contextmanager
def _manifest(path: Path, archive: PlainZip | zipfile.ZipFile) -> Iterator[IO[bytes]]:
    try:
        lines = archive.open(MANIFEST)
    except KeyError as error:
        raise _fault(path, MANIFEST) from error
    except _BROKEN as error:
        raise _fault(path, MANIFEST) from error
    with lines:
        yield lines


def _fault(path: Path, member: str) -> BackupFault:
    return BackupFault(
        DAMAGED, N_("{name} cannot be used: {member} in it is missing or damaged. Use another copy of it."),
        name=path.name, member=member,
    )  # fmt: skip


def _head(path: Path, lines: IO[bytes]) -> tuple[Header, tuple[str, ...]]:
    """The header, and which parts were written."""
    text, length = [], 0
    try:
        for line in lines:
            length += len(line)
            if line.decode() == FILES or length > _LONGEST_HEAD:
                break
            text.append(line.decode())
        said: dict[str, Any] = json.loads("".join(text) + ' "files": {}}')
        if said["format"] != FORMAT:
            raise ValueError(said["format"])
        if int(said["version"]) > VERSION:
            raise faults.newer(path, str(said["program"]))
        header = Header(
            str(said["created"]), str(said["database"]), str(said["program"]), str(said["revision"]),
            str(said["office"]["sha256"]), int(said["office"]["size"]), dict(said["counts"]), dict(said["checks"]),
        )  # fmt: skip
        parse_instant(header.created)
        return header, tuple(said["parts"])
    except _BROKEN as error:
        raise _fault(path, MANIFEST) from error
    except OSError as error:
        raise faults.unreadable(path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _fault(path, MANIFEST) from error


def _listed(path: Path, lines: IO[bytes]) -> Iterator[tuple[str, int, str]]:
    """(name, size, SHA-256) of every file that the manifest names."""
    try:
        for line in lines:
            text = line.decode().strip()
            if text.startswith("}"):
                return
            ((name, one),) = json.loads("{" + text.rstrip(",") + "}").items()
            yield str(name), int(one["size"]), str(one["sha256"])
    except _BROKEN as error:
        raise _fault(path, MANIFEST) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _fault(path, MANIFEST) from error
    raise _fault(path, MANIFEST)


def check_archive(path: Path, progress: Progress | None = None) -> Checked:
    """Read every member and compare it with the manifest.

    Raises:
        BackupFault: it is no archive, cut off, or the manifest cannot be read.
        Cancelled: the user stopped it.
    """
    progress = progress or Progress()
    with _opened(path) as archive:
        if isinstance(archive, PlainZip):
            with suppress(_OtherOrder):
                return _check_in_order(path, archive, progress)
    with _opened_whole(path) as whole:
        return _check_by_name(path, whole, progress)


class _OtherOrder(Exception):
    """The members do not stand in the order in which the manifest names them."""


def _check_in_order(path: Path, archive: PlainZip, progress: Progress) -> Checked:
    """Manifest and directory side by side, as they were written: nothing is kept of either."""
    damaged, count, size = [], 0, 0
    with _manifest(path, archive) as lines:
        header, parts = _head(path, lines)
        progress.update(0, sum(one.size for one in archive))
        members = (one for one in archive if one.name != MANIFEST and not one.name.endswith("/"))
        for said, entry in zip_longest(_listed(path, lines), members):
            if said is None or entry is None or said[0] != entry.name:
                raise _OtherOrder
            count, size = count + 1, size + said[1]
            if _digest(path, partial(archive.open, entry), progress) != said[1:]:
                damaged.append(entry.name)
    return Checked(header, count, size, tuple(damaged), (), (), parts)


def _check_by_name(path: Path, archive: zipfile.ZipFile, progress: Progress) -> Checked:
    """The members in any order, as after somebody packed them again."""
    damaged, missing, count, size = [], [], 0, 0
    with _manifest(path, archive) as lines:
        header, parts = _head(path, lines)
        left = {one.filename for one in archive.filelist if not one.is_dir()} - {MANIFEST}
        progress.update(0, sum(one.file_size for one in archive.filelist))
        for name, length, digest in _listed(path, lines):
            count += 1
            if name not in left:
                missing.append(name)
                continue
            left.discard(name)
            if _digest(path, partial(archive.open, name), progress) != (length, digest):
                damaged.append(name)
            size += length
    return Checked(header, count, size, tuple(damaged), tuple(missing), tuple(sorted(left)), parts)


def _digest(path: Path, open_member: Callable[[], IO[bytes]], progress: Progress) -> tuple[int, str]:
    """Size and hash of a member as it can be read now; (-1, "") where it cannot."""
    total, size = hashlib.sha256(), 0
    try:
        with open_member() as member:
            while block := member.read(_BLOCK):
                total.update(block)
                size += len(block)
                progress.advance(len(block))
    except _BROKEN:
        return -1, ""
    except OSError as error:
        raise faults.unreadable(path, error) from error
    return size, total.hexdigest()


def extract_office(path: Path, plain: Path, progress: Progress) -> Header:
    """Write the office of an archive into a file and check that every byte of it is what was written.

    Raises:
        BackupFault: the archive, or the office in it, is damaged or cut off.
    """
    with _opened(path) as archive:
        with _manifest(path, archive) as lines:
            header = _head(path, lines)[0]
        with plain.open("wb") as out:
            size, digest = _copy(path, archive, out, header, progress)
    if (size, digest) != (header.size, header.sha256):
        raise _broken_office(path)
    return header


def _copy(
    path: Path, archive: PlainZip | zipfile.ZipFile, out: BinaryIO, header: Header, progress: Progress
) -> tuple[int, str]:  # fmt: skip
    total, size = hashlib.sha256(), 0
    try:
        member = archive.open(OFFICE)
    except (KeyError, *_BROKEN) as error:
        raise _broken_office(path) from error
    with member:
        while True:
            try:
                block = member.read(_BLOCK)
            except _BROKEN as error:
                raise _broken_office(path) from error
            except OSError as error:
                raise faults.unreadable(path, error) from error
            if not block:
                return size, total.hexdigest()
            total.update(block)
            size += len(block)
            if size > header.size:
                raise _broken_office(path)
            out.write(block)
            progress.update(size)


def _broken_office(path: Path) -> BackupFault:
    return BackupFault(
        DAMAGED,
        N_(
            "The office in {name}, office.crm, is missing or damaged. Use another copy; what is readable in it can still "
            "be read and imported."
        ),
        name=path.name,
    )  # fmt: skip
