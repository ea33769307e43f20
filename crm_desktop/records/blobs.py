"""The store of file contents: each content once, by its SHA-256, in parts of a megabyte, streamed in and out.

Nothing here holds more than a few parts in memory. Contents of up to one part are in the row of ``blob`` itself, as are
those that older versions of the program stored whole.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.scratch import unfinished
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.sight import is_locked
from crm_desktop.db.unit_of_work import UnitOfWork

PART = 1024 * 1024
"""Bytes of a part. Also the largest content that needs no parts."""
FILES = ("attachment", "attachment_revision")
"""The tables of files and of their earlier states; each row names its content."""
MAX_FILE = 512 * 1024 * 1024
"""Bytes of the largest file that can be attached."""
_AT_ONCE = 4

Seen = Callable[[int], object]
"""Called with the number of bytes just read or written; may raise to stop."""


@dataclass(frozen=True)
class Measured:
    """What a file on the disk holds: its SHA-256 in hex, its bytes, and the time of its last change in nanoseconds."""

    path: Path
    sha256: str
    size: int
    changed: int


def measure(path: Path, seen: Seen | None = None) -> Measured:
    """Read a file to its end and say what it holds.

    Raises:
        UserError: it is a folder, cannot be read, is too large, or changes while it is read.
    """
    if path.is_dir():
        raise UserError(N_("{name} is a folder. Attach the files in it."), name=path.name)
    try:
        before = path.stat()
        if before.st_size > MAX_FILE:
            raise UserError(N_("{name} is larger than 512 MB. Keep it in a folder and attach a link."), name=path.name)
        total, size = hashlib.sha256(), 0
        for part in _parts_of(path):
            total.update(part)
            size += len(part)
            if size > before.st_size:
                raise _changed(path)
            if seen is not None:
                seen(len(part))
        after = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    if size != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _changed(path)
    return Measured(path, total.hexdigest(), size, before.st_mtime_ns)


def store_file(uow: UnitOfWork, found: Measured, seen: Seen | None = None) -> str:
    """Keep the content of a measured file, once. Returns its SHA-256 in hex.

    Raises:
        UserError: it cannot be read any more, or is not what was measured.
    """
    if _known(uow.connection, found.sha256, lambda: _parts_of(found.path)):
        return found.sha256
    total = hashlib.sha256()

    def checked() -> Iterator[bytes]:
        size = 0
        for part in _parts_of(found.path):
            total.update(part)
            size += len(part)
            if size > found.size:
                raise _changed(found.path)
            if seen is not None:
                seen(len(part))
            yield part

    try:
        _insert(uow, found.sha256, found.size, checked())
    except OSError as error:
        raise _unreadable(found.path, error) from error
    if total.hexdigest() != found.sha256:
        raise _changed(found.path)
    return found.sha256


def store_bytes(uow: UnitOfWork, content: bytes) -> str:
    """Keep bytes, once. Returns their SHA-256 in hex."""
    digest = hashlib.sha256(content).hexdigest()
    if not _known(uow.connection, digest, lambda: [content]):
        _insert(uow, digest, len(content), (content[at : at + PART] for at in range(0, len(content), PART)))
    return digest


def store_parts(uow: UnitOfWork, digest: str, size: int, parts: Iterable[bytes]) -> None:
    """Keep a content that comes from another database, once.

    Raises:
        UserError: it is not what its hash says.
    """
    if _known(uow.connection, digest, lambda: parts):
        return
    total = hashlib.sha256()

    def checked() -> Iterator[bytes]:
        for part in parts:
            total.update(part)
            for at in range(0, len(part), PART):
                yield part[at : at + PART]

    _insert(uow, digest, size, checked())
    if total.hexdigest() != digest:
        raise damaged(digest[:12])


def _insert(uow: UnitOfWork, digest: str, size: int, parts: Iterable[bytes]) -> None:
    values = {"sha256": digest, "size": size, "content": b"", "stored_at": uow.now}
    if size <= PART:
        uow.insert("blob", {**values, "content": b"".join(parts)})
        return
    blob_id = uow.insert("blob", values)
    for number, part in enumerate(parts):
        uow.insert("blob_part", {"blob_id": blob_id, "number": number, "content": part})


def _known(connection: sa.Connection, digest: str, parts: Callable[[], Iterable[bytes]]) -> bool:
    """Whether a content is stored already; a server is shown that one has it where it belongs to files of others only."""
    table = Base.metadata.tables["blob"]
    if connection.execute(sa.select(table.c.id).where(table.c.sha256 == digest)).first() is not None:
        return True
    if not is_locked(connection):
        return False
    salt = connection.execute(sa.select(sa.func.crm_blob_salt(digest, type_=sa.LargeBinary))).scalar()
    if salt is None:
        return False
    total = hashlib.sha256(salt)
    for part in parts():
        total.update(part)
    if not connection.execute(sa.select(sa.func.crm_prove_blob(digest, total.hexdigest()))).scalar():
        raise UserError(N_("The server keeps other bytes for this content: it is damaged there. A backup may have it."))
    return True


def _parts_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while part := source.read(PART):
            yield part


def read_parts(connection: sa.Connection, digest: str) -> Iterator[bytes]:
    """The bytes of a content, piece by piece, as they are stored: damaged ones too. Nothing where it is missing."""
    blob, part = Base.metadata.tables["blob"], Base.metadata.tables["blob_part"]
    found = connection.execute(sa.select(blob.c.id, blob.c.content).where(blob.c.sha256 == digest)).first()
    if found is None:
        return
    if found.content:
        yield bytes(found.content)
    number, more = 0, True
    while more:
        chosen = part.c.number.between(number, number + _AT_ONCE - 1) & (part.c.blob_id == found.id)
        contents = connection.execute(sa.select(part.c.content).where(chosen).order_by(part.c.number)).scalars().all()
        for content in contents:
            yield bytes(content)
        number, more = number + _AT_ONCE, len(contents) == _AT_ONCE


def is_whole(connection: sa.Connection, digest: str, size: int, seen: Seen | None = None) -> bool:
    """Whether the stored bytes are those of the hash."""
    total, length = hashlib.sha256(), 0
    for part in read_parts(connection, digest):
        total.update(part)
        length += len(part)
        if seen is not None:
            seen(len(part))
    return length == size and total.hexdigest() == digest


def read_bytes(
    connection: sa.Connection, digest: str, name: str, limit: int | None = None, seen: Seen | None = None
) -> bytes:
    """The bytes of a content, at most ``limit`` of them; checked against the hash where all are read.

    Raises:
        UserError: they are missing or damaged.
    """
    pieces, length, cut = [], 0, False
    total = hashlib.sha256()
    for part in read_parts(connection, digest):
        total.update(part)
        pieces.append(part)
        length += len(part)
        if seen is not None:
            seen(len(part))
        if limit is not None and length >= limit:
            cut = True
            break
    if not cut and total.hexdigest() != digest:
        raise damaged(name)
    return b"".join(pieces)[:limit]


def write_out(
    connection: sa.Connection, digest: str, target: Path, name: str, progress: Progress | None = None
) -> None:
    """Write a content into a file, which appears whole or not at all.

    Raises:
        UserError: it is missing or damaged, the disk is full, or the folder cannot be written.
        Cancelled: the user stopped it; nothing stays behind.
    """
    progress = progress or Progress()
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    total = hashlib.sha256()
    try:
        try:
            with unfinished(partial), partial.open("wb") as out:
                for part in read_parts(connection, digest):
                    total.update(part)
                    out.write(part)
                    progress.advance(len(part))
            if total.hexdigest() != digest:
                raise damaged(name)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error


def unwritable(target: Path, error: OSError) -> UserError:
    """The sentence for a file that could not be written."""
    if error.errno == errno.ENOSPC:
        return UserError(
            N_("The disk is full: {name} was not saved. Free some space or choose another folder."), name=target.name
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(
            N_("{name} cannot be written in the folder {folder}: it is read-only. Choose another folder."),
            name=target.name, folder=target.parent.name or str(target.parent),
        )  # fmt: skip
    return UserError(
        N_("{name} cannot be written: {reason}. Choose another folder."),
        name=target.name, reason=error.strerror or str(error),
    )  # fmt: skip


def damaged(name: str) -> UserError:
    """The sentence for a content that is missing or not what was stored."""
    return UserError(N_("The content of {name} is missing or damaged. A backup may still have it."), name=name)


def _changed(path: Path) -> UserError:
    return UserError(
        N_("{name} changed while it was read. Wait until the other program has written it, and attach it again."),
        name=path.name,
    )


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(N_("{name} cannot be read: {reason}"), name=path.name, reason=error.strerror or str(error))


def unused(connection: sa.Connection) -> tuple[int, int]:
    """(number, bytes) of the contents that no file and no revision has any more; undo of a deletion needs them."""
    blob = Base.metadata.tables["blob"]
    found: Any = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(blob.c.size), 0)).where(_unused())
    ).one()
    return int(found[0]), int(found[1])


def delete_unused(uow: UnitOfWork) -> tuple[int, int]:
    """Let the contents go that no file has any more. Returns how many they were, and their bytes."""
    count, size = unused(uow.connection)
    if count:
        uow.delete_where("blob", _unused())
    return count, size


def let_go(connection: sa.Connection, digests: Collection[str]) -> tuple[int, int]:
    """Delete those of some contents that no file has and the history names no more. Returns how many, and their bytes."""
    blob = Base.metadata.tables["blob"]
    free = set(digests) - used(connection, digests)
    free -= _held(connection, free) if free else set()
    found = sizes(connection, free)
    for part in _texts(free):
        connection.execute(blob.delete().where(blob.c.sha256.in_(part)))
    return found


def used(connection: sa.Connection, digests: Collection[str]) -> set[str]:
    """Those of some contents that files have now."""
    found: set[str] = set()
    for name in FILES:
        table = Base.metadata.tables[name]
        for part in _texts(digests):
            found.update(connection.execute(sa.select(table.c.sha256).where(table.c.sha256.in_(part))).scalars())
    return found


def _held(connection: sa.Connection, digests: Collection[str]) -> set[str]:
    """Those of some contents that the history still names: undo would bring them back."""
    rows = connection.execute(
        sa.select(change.c.data).where(change.c.table_name.in_(FILES), change.c.op != "I", change.c.data.isnot(None))
        .execution_options(yield_per=2_000)
    ).scalars()  # fmt: skip
    held: set[str] = set()
    for data in rows:
        told = data.get("sha256")
        held.update(str(one) for one in (told if isinstance(told, list) else [told]) if one)
    return held & set(digests)


def sizes(connection: sa.Connection, digests: Collection[str]) -> tuple[int, int]:
    """(number, bytes) of some contents, as far as they are stored."""
    blob = Base.metadata.tables["blob"]
    found: list[int] = []
    for part in _texts(digests):
        found += connection.execute(sa.select(blob.c.size).where(blob.c.sha256.in_(part))).scalars()
    return len(found), sum(found)


def _texts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), 500):
        yield ordered[start : start + 500]


def _unused() -> sa.ColumnElement[bool]:
    blob = Base.metadata.tables["blob"]
    users = [Base.metadata.tables[name] for name in FILES]
    return sa.and_(*(~sa.exists().where(table.c.sha256 == blob.c.sha256) for table in users))
