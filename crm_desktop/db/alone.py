"""A file that nobody else has open: what every exchange of a whole file takes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_S = 5.0
"""How long a file may still be in use: a reader of the office that was just closed comes to its end."""
_LOOK_AGAIN_S = 0.1


@contextmanager
def alone(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that nobody else has open, which has no write-ahead log beside it any more.

    Raises:
        sqlite3.OperationalError: it is still open elsewhere after ``WAIT_S`` seconds, or cannot be had to write.
        sqlite3.DatabaseError: it is damaged.
    """
    until = time.monotonic() + WAIT_S
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as connection:
        while not _leaves_log(connection):  # SQLite does not wait for this lock itself
            if time.monotonic() > until:
                raise sqlite3.OperationalError("database is locked")
            time.sleep(_LOOK_AGAIN_S)
        yield connection


def _leaves_log(connection: sqlite3.Connection) -> bool:
    """Leave the write-ahead log, which takes that nobody else has the file open; False where somebody has."""
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return bool(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete")
    except sqlite3.OperationalError:
        return False
