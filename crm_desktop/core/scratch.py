"""Where temporary files of a running program go: one folder of its own, which the next start clears away after a crash.

Copies of the customers' data must not lie about for ever in the computer's temporary folder. A program that runs holds
a lock in its folder, so that another one can tell a folder that is in use from one that was left behind. Half-written
files in folders that people choose are noted in it, and go with it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "crm-desktop-run-"
_LOCK = "held"
_NOTE = "unfinished-"
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


@contextlib.contextmanager
def unfinished(*files: Path) -> Iterator[None]:
    """Note that these files are being written, so that the next start removes them where this program is killed.

    Who writes them removes or renames them before the block ends.
    """
    note = _mine[0][0] / f"{_NOTE}{uuid.uuid4().hex}" if _mine else None
    if note is not None:
        with contextlib.suppress(OSError):  # where nothing can be noted, the work goes on all the same
            note.write_text(json.dumps([str(one.absolute()) for one in files]), encoding="utf-8")
    try:
        yield
    finally:
        if note is not None:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)


def sweep() -> int:
    """Remove the folders of programs that were killed, and the files that they did not finish. Returns how many folders."""
    base = _mine[0][0].parent if _mine else Path(tempfile.gettempdir())
    removed = 0
    with contextlib.suppress(OSError):
        folders = [one for one in base.glob(f"{_PREFIX}*") if _is_own(one)]
        dead = [one for one in folders if not _is_mine(one) and not _held(one / _LOCK)]
        busy = {file for one in set(folders) - set(dead) for file in _noted(one)}
        for folder in dead:
            for file in _noted(folder) - busy:
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _noted(folder: Path) -> set[Path]:
    """The files that a program is writing, or was when it was killed."""
    found: set[Path] = set()
    for note in folder.glob(f"{_NOTE}*"):
        with contextlib.suppress(OSError, ValueError, TypeError):  # cut off by the kill: nothing was begun yet
            found.update(Path(one) for one in json.loads(note.read_text(encoding="utf-8")))
    return found


def _is_own(folder: Path) -> bool:
    """Whether it is a folder of this person."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _is_mine(folder: Path) -> bool:
    """Whether it is the folder of this program."""
    return any(folder == mine for mine, _lock in _mine)


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
