"""Whether a copy holds the very rows of a database: compared value by value, inside SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crm_desktop.backup import checks

_NAME = "copied"
_STEPS = 200_000
"""Of the engine; between two looks whether to go on."""


@contextmanager
def attached(raw: sqlite3.Connection, copy: Path) -> Iterator[None]:
    """A copy beside a database, on the connection of the latter; its transaction is over after the block."""
    raw.execute(f"ATTACH ? AS {_NAME}", (copy.absolute().as_uri() + "?mode=ro&immutable=1",))
    try:
        raw.execute(f"PRAGMA {_NAME}.mmap_size=2147418112")
        yield
    finally:
        if raw.in_transaction:
            raw.rollback()  # a file is let go of only by a connection that reads nothing
        raw.execute(f"DETACH {_NAME}")


def differing(raw: sqlite3.Connection, tables: Sequence[str], check: Callable[[], object]) -> list[str]:
    """The tables that are not the same in the database and in the :func:`attached` copy, those of the engine included.

    Both are walked side by side in the order of their ids, and every value is compared as it is stored. Contents of files
    are compared by their length only: each has a checksum of its own, which the proof works out again.

    Args:
        check: called every now and then; may raise to stop it.
    """
    raw.set_progress_handler(lambda: int(bool(check())), _STEPS)  # what it raises interrupts the statement
    try:
        found = [] if _same_build(raw) else ["sqlite_master"]
        there = {row[0] for row in raw.execute(f"SELECT name FROM {_NAME}.sqlite_master WHERE type = 'table'")}
        return found + [name for name in tables if name not in there or not _same_rows(raw, name)]
    except sqlite3.OperationalError:
        check()
        raise
    finally:
        raw.set_progress_handler(None, 0)


def _same_build(raw: sqlite3.Connection) -> bool:
    """Whether tables, indexes and triggers are the same."""
    columns = "SELECT type, name, tbl_name, sql FROM"
    ours, theirs = f"{columns} main.sqlite_master", f"{columns} {_NAME}.sqlite_master"
    odd = f"SELECT count(*) FROM (SELECT * FROM ({ours} EXCEPT {theirs}) UNION ALL SELECT * FROM ({theirs} EXCEPT {ours}))"
    return raw.execute(odd).fetchone() == (0,)


def _same_rows(raw: sqlite3.Connection, name: str) -> bool:
    columns = [row[1] for row in raw.execute(f'PRAGMA main.table_info("{name}")')]
    # BINARY: some columns find words whatever their case
    alike = " AND ".join(
        f'length(ours."{one}") IS length(theirs."{one}")' if checks.is_stored(name, one)
        else f'ours."{one}" IS theirs."{one}" COLLATE BINARY'
        for one in columns
    )  # fmt: skip
    pairs = (
        f'SELECT count(*) FROM main."{name}" ours NOT INDEXED '
        f'CROSS JOIN {_NAME}."{name}" theirs NOT INDEXED ON theirs.id = ours.id WHERE {alike}'
    )
    rows = (raw.execute(f'SELECT count(*) FROM {of}."{name}"').fetchone()[0] for of in ("main", _NAME))
    return {raw.execute(pairs).fetchone()[0]} == set(rows)
