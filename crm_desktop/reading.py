"""A file that cannot be written, opened to read: a copy of it as it is now, in the program's own scratch folder.

SQLite cannot look at a file safely where it may not write beside it: the last saves may stand in its log, and somebody
with more rights may be saving. So the file is copied with its log, and the copy may even be of an older program.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from contextlib import closing
from pathlib import Path

from crm_desktop import features
from crm_desktop.app import prepare_copy
from crm_desktop.backup.disk import disk_errors, refuse_full
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.before_opening import refuse_odd_file
from crm_desktop.db.database import Database, Original

_SPARE = 20_000_000
_PAGES = 2_000
_SUFFIXES = ("-wal",)


def open_for_reading(path: Path, progress: Progress | None = None, *, reason: str = "protected") -> Database:
    """Open a file that cannot be written. Nobody is signed in; from the sign-in on nothing can be changed.

    Args:
        reason: why not, as ``ReadOnlyFile`` says.

    Raises:
        OfficeMoved: the office of this file lives on a server now.
        UserError: it is newer, foreign or damaged, cannot be read, or there is no room for a copy.
        Cancelled: the user stopped it; nothing stays behind.
    """
    progress = progress or Progress()
    refuse_odd_file(path)
    folder = Path(tempfile.mkdtemp(prefix="crm-reading-"))
    try:
        copy = folder / path.name
        with disk_errors(folder):
            refuse_full(folder, _size(path) + _SPARE)
            progress.update(message=translate(N_("Reading the file")))
            _take(path, copy, progress)
        database = Database(copy, features.schema())
        database.original = Original(path, clock.now(), reason)
        try:
            prepare_copy(database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(database, shutil.rmtree, folder, True)
    return database


def save_copy(database: Database, target: Path, progress: Progress | None = None) -> None:
    """Write the file that is open to read to a place where it can be worked with.

    Raises:
        UserError: there is a file of this name, or it cannot be written there; nothing stays behind.
        Cancelled: the user stopped it; nothing stays behind.
    """
    progress, source = progress or Progress(), database.path
    if source is None or target.exists():
        raise UserError(
            N_("{name} is there already. Choose another name, so that nothing is overwritten."), name=target.name
        )
    partial = target.with_name(target.name + ".partial")
    with disk_errors(target.parent):
        refuse_full(target.parent, _size(source) + _SPARE)
        try:
            _back_up(source.absolute().as_uri(), partial, progress)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


def _size(path: Path) -> int:
    parts = (path, *(path.with_name(path.name + suffix) for suffix in _SUFFIXES))
    return sum(part.stat().st_size for part in parts if part.exists())


def _take(path: Path, copy: Path, progress: Progress) -> None:
    """Copy a file as one state of it: by SQLite where it can read it in its place, else its bytes with those of the log."""
    log = path.with_name(path.name + "-wal")
    quiet = not log.exists() or log.stat().st_size == 0
    try:
        _back_up(f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if quiet else ''}", copy, progress)
        return
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise
        copy.unlink(missing_ok=True)
    except sqlite3.DatabaseError as error:
        raise UserError(
            N_("The file {name} is damaged or is not a database of this program. Restore the last proven backup."),
            name=path.name, details=str(error),
        ) from error  # fmt: skip
    for source in (path, log):
        if source.exists():
            shutil.copyfile(source, copy.with_name(copy.name + source.name.removeprefix(path.name)))
        progress.check()


def _back_up(uri: str, target: Path, progress: Progress) -> None:
    def tell(_status: int, left: int, total: int) -> None:
        progress.update(total - left, total)

    with closing(sqlite3.connect(uri, uri=True, timeout=5)) as source, closing(sqlite3.connect(target)) as written:
        source.backup(written, pages=_PAGES, progress=tell)
