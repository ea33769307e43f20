"""A file that nobody else has open: what every exchange of a whole file takes."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_S = 5.0
"""How long a file may still be in use: a reader of the office that was just closed comes to its end."""
_LOOK_AGAIN_S = 0.1
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class InUse(sqlite3.OperationalError):
    """Somebody else has the file open; nothing was changed."""


@contextmanager
def alone(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that nobody else has open, which has no write-ahead log beside it any more.

    Raises:
        InUse: it is still open elsewhere after ``WAIT_S`` seconds.
        FileNotFoundError: it is not there.
        sqlite3.OperationalError: it cannot be written, or its disk fails.
        sqlite3.DatabaseError: it is damaged.
    """
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    until = time.monotonic() + WAIT_S
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as connection:
        while not _leaves_log(connection):  # SQLite does not wait for this lock itself
            if time.monotonic() > until:
                raise InUse("database is locked")
            time.sleep(_LOOK_AGAIN_S)
        yield connection


def _leaves_log(connection: sqlite3.Connection) -> bool:
    """Leave the write-ahead log, which takes that nobody else has the file open; False where somebody has."""
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return bool(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _BUSY:
            raise
        return False
