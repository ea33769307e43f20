"""How the file of an open office is: still there, still the same, whole in every page."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Mark = tuple[int, str]
"""The number of a change set, and when it was."""
_MARKS = 200


class PagesStopped(Exception):
    """The check of the pages was ended before it was through."""


@dataclass(frozen=True)
class FileState:
    """Whether a file is there, and the same as before. ``identity`` tells it from another one with its name."""

    there: bool
    same: bool
    identity: tuple[int, int] = (0, 0)


def file_state(path: Path | None, before: FileState | None = None) -> FileState:
    """Look at a file without opening it.

    Args:
        before: what was known of it; a file of another identity is another file, put in its place.
    """
    try:
        found = os.stat(path) if path is not None else None
    except OSError:
        found = None
    if found is None:
        return FileState(False, False)
    identity = (found.st_dev, found.st_ino)
    return FileState(True, before is None or not before.there or identity[1] == before.identity[1], identity)


def pages_whole(path: Path, stopped: Callable[[], bool]) -> str:
    """Read every page of a SQLite file (``PRAGMA quick_check``) beside those who work with it.

    Returns:
        What is wrong, in SQLite's words; "" where nothing is, or where the file cannot be asked just now.

    Raises:
        PagesStopped: ``stopped`` said so.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            connection.execute("PRAGMA cache_size=-2000")  # it must not push out what others read
            connection.set_progress_handler(lambda: int(stopped()), 20_000)
            rows = connection.execute("PRAGMA quick_check(3)").fetchall()
    except sqlite3.OperationalError as error:
        if stopped():
            raise PagesStopped from error
        return ""  # it is locked or gone: others tell about that
    except sqlite3.DatabaseError as error:
        return str(error)
    words = [str(row[0]) for row in rows if row[0] != "ok"]
    return "; ".join(words)


def office_marks(path: Path) -> frozenset[Mark]:
    """What tells the office of a file from others; see :func:`marks_of`. Nothing where it cannot be asked."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            return marks_of(connection)
    except sqlite3.Error:
        return frozenset()


def is_office_of(path: Path, marks: frozenset[Mark]) -> bool:
    """Whether a file is a later state of the office with these marks."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            return shares_a_change(connection, marks)
    except sqlite3.Error:
        return False


def marks_of(connection: sqlite3.Connection) -> frozenset[Mark]:
    """Its oldest and its newest changes: ids are unique, so one in common tells that two files are states of one office.

    One change alone does not do: it may be deleted for good, or go with the years.
    """
    found: set[Mark] = set()
    for order in ("ASC", "DESC"):
        found.update(connection.execute(f"SELECT id, at FROM change_set ORDER BY id {order} LIMIT {_MARKS}"))
    return frozenset(found)


def shares_a_change(connection: sqlite3.Connection, marks: frozenset[Mark]) -> bool:
    """Whether an office has one of these changes."""
    places = ", ".join("?" * len(marks))
    rows = connection.execute(f"SELECT id, at FROM change_set WHERE id IN ({places})", [one[0] for one in marks])
    return any(row in marks for row in rows)
