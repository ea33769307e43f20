"""What is looked at before a file is opened to write: one that is empty, and a write-ahead log of another file.

SQLite plays any whole log that lies beside a file into it, also one that was left there when somebody copied another
office over this one. It deletes the log of an empty file. Both would lose data without a word.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.file_state import Mark, marks_of, shares_a_change

_HEADER = 32
_SMALL = 64_000_000
"""Up to this size every page is checked together with the log; larger files would keep the start waiting."""


def refuse_odd_file(path: Path) -> None:
    """Refuse a file that must not be opened to write. Nothing is written by looking.

    Raises:
        UserError: it is empty, or the log beside it is another file's.
    """
    if not path.is_file():
        return
    if path.stat().st_size == 0:
        raise UserError(
            N_("{name} is empty (0 bytes), as after a copy that failed. Restore a backup; to begin a new office here, delete it."),
            name=path.name,
        )  # fmt: skip
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size <= _HEADER:
        return
    if _foreign(path):
        time.sleep(0.3)  # another program may write just now, and half of what it writes was seen
    else:
        return
    if _foreign(path):
        raise UserError(
            N_(
                "{log} beside {name} does not belong to it; {name} may have been copied over another office. Nothing was changed. "
                "Move {log} to another folder and open the office again; keep it until you have looked."
            ),
            name=path.name, log=log.name,
        )  # fmt: skip


def _foreign(path: Path) -> bool:
    """Whether the file without its log is of another office than with it, or whole only without it."""
    alone = _look(path, "mode=ro&immutable=1")
    together = None if alone is None else _look(path, "mode=ro", alone.marks)
    if alone is None or together is None:
        return False  # it cannot be asked: opening tells why
    another = bool(alone.marks and together.marks) and not together.shares
    return another or (alone.whole and not together.whole)


class _Seen(NamedTuple):
    """What a file shows: changes by which its office is known, whether it has one of those that were asked for, and
    whether its pages are whole (not asked of large files)."""

    marks: frozenset[Mark]
    shares: bool
    whole: bool


def _look(path: Path, how: str, asked: frozenset[Mark] = frozenset()) -> _Seen | None:
    """Look at a file; None where it cannot be asked."""
    small = path.stat().st_size <= _SMALL
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=2)) as connection:
            marks, shares = marks_of(connection), shares_a_change(connection, asked)
            whole = not small or connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError:
        return _Seen(frozenset(), False, False)
    return _Seen(marks, shares, whole)
