"""One at a time: work on a database that must not run twice at once, on whatever computers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import sqlalchemy as sa

from crm_desktop.db.database import Database, translated_errors


@contextmanager
def only_one(database: Database, what: str) -> Iterator[bool]:
    """Whether nobody else does the same with this database; then nobody begins it until the end of the block.

    A lock goes with the process that holds it, however that ends. A server keeps it itself; for a file it is a lock on
    another file beside it.

    Args:
        what: the name of the work, e.g. "import".
    """
    if database.path is not None:
        with file_lock(database.path.with_name(f".{database.path.name}.{what}.lock")) as mine:
            yield mine
        return
    take, end = "SELECT pg_try_advisory_lock(:key)", "SELECT pg_advisory_unlock(:key)"
    key: dict[str, int | str] = {"key": crc32(f"crm-desktop {what}".encode())}
    if database.locked:
        take, end, key = "SELECT crm_take_turn(:key)", "SELECT crm_end_turn(:key)", {"key": what}
    with translated_errors(database), database.engine.connect() as connection:
        mine = bool(connection.execute(sa.text(take), key).scalar())
        connection.commit()
        try:
            yield mine
        finally:
            if mine:
                connection.execute(sa.text(end), key)
                connection.commit()


@contextmanager
def file_lock(path: Path) -> Iterator[bool]:
    """Whether nobody else holds this lock; it goes with the process. Two who ask at the same moment may both hear no."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    mine = False
    try:
        mine = _take(handle) and _still_there(handle, path)
        yield mine
    finally:
        if mine:
            with suppress(OSError):  # some systems keep a file that is open
                path.unlink()
        os.close(handle)


def _still_there(handle: int, path: Path) -> bool:
    """Whether the locked file is not one that another process took away meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
