"""Where temporary files of a running program go: one folder of its own, which the next start clears away after a crash.

Copies of the customers' data must not lie about for ever in the computer's temporary folder. A program that runs holds
a lock in its folder, so that another one can tell a folder that is in use from one that was left behind.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

_PREFIX = "crm-desktop-run-"
_LOCK = "held"
_mine: list[tuple[Path, sqlite3.Connection]] = []


def use_own_folder() -> Path:
    """From now on the temporary files of this process (``tempfile``) go to a folder of its own. Returns it."""
    if not _mine:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None, check_same_thread=False)
        lock.execute("BEGIN EXCLUSIVE")
        _mine.append((folder, lock))
        tempfile.tempdir = str(folder)
        atexit.register(give_back)
    return _mine[0][0]


def give_back() -> None:
    """Remove the folder; temporary files go to the usual place again."""
    while _mine:
        folder, lock = _mine.pop()
        if tempfile.tempdir == str(folder):
            tempfile.tempdir = None
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of programs that were killed. Returns how many."""
    base = _mine[0][0].parent if _mine else Path(tempfile.gettempdir())
    removed = 0
    with contextlib.suppress(OSError):
        for folder in base.glob(f"{_PREFIX}*"):
            if _is_ours(folder) and not _held(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this person, and not the one in use here."""
    if folder.is_symlink() or not folder.is_dir() or any(folder == mine for mine, _lock in _mine):
        return False
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _held(lock: Path) -> bool:
    """Whether a running program holds this lock; one that is somebody else's is left alone."""
    if not lock.exists():  # it is being made just now, or was being removed when the program was killed
        return _is_new(lock.parent)
    try:
        with contextlib.closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    return False


def _is_new(folder: Path) -> bool:
    """Whether a folder was made within the last minute; one whose time cannot be read counts as new."""
    try:
        return abs(time.time() - folder.stat().st_mtime) < 60
    except OSError:
        return True
