"""What a proof compares: the rows and a checksum of each table, and the numbers of a few reports, of one moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.db.base import BOOKKEEPING
from crm_desktop.db.schema import JOURNAL, Schema

_STEP = 20_000
"""Rows that are put together at a time."""
APART, NOTHING = "\x1f", "\x01"
"""Between two values of a text, and for NULL."""
_THREADS = 2
UNKNOWN = "0" * 64
"""Stands for a checksum that is still being worked out, and is as long."""

Sums = dict[str, tuple[int, str, list[str]]]
"""Table name to its rows, their SHA-256, and the columns that went into it."""


def opened(plain: Path) -> sqlite3.Connection:
    """A scratch file, read as memory: nobody else has it, so nothing can be cut off under the reader."""
    connection = sqlite3.connect(plain)
    connection.execute("PRAGMA mmap_size=2147418112")
    return connection


def tables_in(raw: sqlite3.Connection) -> frozenset[str]:
    """The tables of a SQLite file."""
    return frozenset(row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


def is_stored(table: str, column: str) -> bool:
    """Whether a column holds the contents of files, which have checksums of their own."""
    return column == "content" and table in ("blob", "blob_part")


def count_rows(raw: sqlite3.Connection, schema: Schema) -> Sums:
    """The rows of every table with data of the office, the history included; checksums are :data:`UNKNOWN` yet.

    An older database may lack tables and columns of this program: what is there is counted.
    """
    there, found = tables_in(raw), {}
    for table in (*schema.data_tables, *JOURNAL):
        if table.name in there:
            columns = [row[1] for row in raw.execute(f'PRAGMA table_info("{table.name}")')]
            kept = sorted(name for name in columns if name not in BOOKKEEPING and not is_stored(table.name, name))
            count = int(raw.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])
            found[table.name] = (count, UNKNOWN, kept)
    return found


def sum_file(plain: Path, counted: Mapping[str, Sequence[Any]], check: Callable[[], object]) -> Sums:
    """The checksum of the rows in the order of their ids of each table of a scratch file.

    Args:
        counted: the tables as :func:`count_rows` gives them.
        check: called every now and then; may raise to stop it.

    SQLite itself puts the values of a column together, some thousand rows at a time: in Python every value would be an
    object, which takes three times as long. Contents of files are not in it; they have checksums of their own.
    """
    waiting = iter(sorted(counted, key=lambda name: int(counted[name][0]), reverse=True))

    def work() -> Sums:
        with closing(opened(plain)) as raw:
            # each thread takes the largest that is left
            return {name: (*_sum_table(raw, name, counted[name][2], check), counted[name][2]) for name in waiting}

    with ThreadPoolExecutor(_THREADS) as threads:
        parts = [threads.submit(work) for _ in range(_THREADS)]
    found = {name: one for part in parts for name, one in part.result().items()}
    return {name: found[name] for name in counted}


def _sum_table(raw: sqlite3.Connection, name: str, columns: list[str], check: Callable[[], object]) -> tuple[int, str]:
    total, rows = hashlib.sha256(), 0
    for portion in portions(raw, name):
        check()
        count, *values = texts(raw, name, columns, portion)
        rows += count
        for value in values:
            total.update(value or b"")
            total.update(b"\n")
    return rows, total.hexdigest()


def portions(raw: sqlite3.Connection, name: str) -> Iterator[tuple[int, int]]:
    """The rows of a table in parts of some thousand: the id of the first one of each, and that of the first one after it."""
    following = f'SELECT id FROM "{name}" WHERE id >= ? ORDER BY id LIMIT 1 OFFSET {_STEP}'
    start, last = raw.execute(f'SELECT min(id), max(id) FROM "{name}"').fetchone()
    while start is not None:
        found = raw.execute(following, (start,)).fetchone()
        yield start, last + 1 if found is None else found[0]
        start = None if found is None else found[0]


def texts(raw: sqlite3.Connection, name: str, columns: Sequence[str], portion: tuple[int, int]) -> list[Any]:
    """How many rows a portion has, then the values of each column as one text, in the order of the ids."""
    joined = "".join(f""", CAST(group_concat(ifnull("{one}", '{NOTHING}'), '{APART}') AS BLOB)""" for one in columns)
    text = f'SELECT count(*){joined} FROM "{name}" NOT INDEXED WHERE id >= ? AND id < ?'
    return list(raw.execute(text, portion).fetchone())


def report_numbers(connection: sa.Connection, schema: Schema, moment: datetime, zone: str) -> dict[str, Any]:
    """The reports that a proof compares: name to {"title", "rows": [[label, number as text]]}.

    Args:
        moment: when the backup was made; "this month" is the one it lies in.
        zone: the IANA name of the zone of who made it.
    """
    local = moment.astimezone(_zone(zone))
    return {
        proof.name: {"title": proof.title, "rows": [[label, str(value)] for label, value in proof.read(connection, local)]}
        for proof in schema.proofs
    }  # fmt: skip


def unknown_reports(schema: Schema) -> dict[str, str]:
    """What stands for :func:`digest_of` while the reports are being read."""
    return {proof.name: UNKNOWN for proof in schema.proofs}


def digest_of(numbers: dict[str, Any]) -> dict[str, str]:
    """The SHA-256 of each report: in the clear part of a backup stand no numbers of the office."""
    return {
        name: hashlib.sha256(json.dumps(one["rows"], ensure_ascii=False).encode()).hexdigest()
        for name, one in numbers.items()
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        return clock.local_zone()
