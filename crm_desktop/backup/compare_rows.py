"""Which rows of a table are not the same in two databases: by ids, in order, without holding a table in memory.

Two files are compared by SQLite itself, one attached to the other. Where one of them is on a server, hashes are compared
first (``compare_sums``), so that only what differs is sent. Who sees a part only has both read in the order of their
ids, and they go past each other like two decks of cards.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm_desktop.backup.compare_sums import Sums
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.id_sets import among, parts
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import JsonType, to_json

_BATCH = 2000
_COLUMNS = 60
"""Columns of one mask: an integer of SQLite has 64 bits."""


class RowChange(NamedTuple):
    """One row that is not the same: ``op`` "I" is new since the backup, "U" was changed, "D" is gone.

    ``columns`` are the changed ones of "U"; empty of the others.
    """

    table: str
    row_id: int
    op: str
    columns: tuple[str, ...] = ()


class Pair(NamedTuple):
    """Two databases that are compared, each with a connection that sees one state of it."""

    then: Database
    reading_then: sa.Connection
    now: Database
    reading_now: sa.Connection


def different_rows(pair: Pair, tables: Sequence[sa.Table], progress: Progress) -> Iterator[RowChange]:
    """Every row of some tables that is not the same in the backup and in the present database, table by table."""
    total = 0
    for table in tables:
        count = sa.select(sa.func.count()).select_from(table)
        total += int(pair.reading_now.execute(count).scalar_one()) + int(pair.reading_then.execute(count).scalar_one())
    progress.update(0, total)
    if pair.now.sqlite and pair.now.access.everything:  # else views of either connection hide what is not theirs
        yield from _of_files(pair, tables, progress)
        return
    summed = pair.now.access.everything and pair.then.sqlite
    for table in tables:
        yield from (_of_sums if summed else _of_streams)(pair, table, progress)


def _of_files(pair: Pair, tables: Sequence[sa.Table], progress: Progress) -> Iterator[RowChange]:
    assert pair.then.path is not None and pair.now.path is not None
    uri = pair.now.path.absolute().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=15, isolation_level=None)) as connection:
        connection.set_progress_handler(lambda: int(progress.cancelled), 20_000)
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute(
            "ATTACH DATABASE ? AS kept", (pair.then.path.absolute().as_uri() + "?mode=ro&immutable=1",)
        )  # fmt: skip
        connection.execute("BEGIN")
        done = 0
        for table in tables:
            name = f'"{table.name}"'
            try:
                yield from _file_table(connection, table)
                done += int(connection.execute(f"SELECT count(*) FROM main.{name}").fetchone()[0])
                done += int(connection.execute(f"SELECT count(*) FROM kept.{name}").fetchone()[0])
            except sqlite3.OperationalError:
                progress.check()  # it was interrupted because the user asked to stop
                raise
            progress.update(done)


def _file_table(connection: sqlite3.Connection, table: sa.Table) -> Iterator[RowChange]:
    name = f'"{table.name}"'
    missing = "SELECT a.id FROM {0}.{2} a WHERE NOT EXISTS (SELECT 1 FROM {1}.{2} b WHERE b.id = a.id) ORDER BY a.id"
    for op, one, other in (("D", "kept", "main"), ("I", "main", "kept")):
        for (identity,) in connection.execute(missing.format(one, other, name)):
            yield RowChange(table.name, identity, op)
    columns = [column.name for column in Schema.tracked_columns(table)]
    masks, tests = [], []
    for start in range(0, len(columns), _COLUMNS):
        part = columns[start : start + _COLUMNS]
        differs = [f'a."{column}" IS NOT b."{column}"' for column in part]
        tests += differs
        masks.append(" | ".join(f"(({test}) << {place})" for place, test in enumerate(differs)))
    found = connection.execute(
        f"SELECT a.id, {', '.join(masks)} FROM kept.{name} a JOIN main.{name} b ON b.id = a.id "
        f"WHERE {' OR '.join(tests)} ORDER BY a.id"
    )
    loose = {column.name for column in Schema.tracked_columns(table) if isinstance(column.type, JsonType)}
    for identity, *bits in found:
        changed = tuple(
            column for place, column in enumerate(columns) if bits[place // _COLUMNS] >> (place % _COLUMNS) & 1
        )
        if loose.isdisjoint(changed) or (changed := _truly(connection, table, identity, changed)):
            yield RowChange(table.name, identity, "U", changed)


def _truly(connection: sqlite3.Connection, table: sa.Table, identity: int, changed: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that hold something else, where the text of a JSON column may only be written differently."""
    result = []
    for column in changed:
        if isinstance(table.c[column].type, JsonType):
            kept, present = connection.execute(
                f'SELECT a."{column}", b."{column}" FROM kept."{table.name}" a '
                f'JOIN main."{table.name}" b ON b.id = a.id WHERE a.id = ?',
                (identity,),
            ).fetchone()
            if json.loads(kept or "null") == json.loads(present or "null"):
                continue
        result.append(column)
    return tuple(result)


def _of_streams(pair: Pair, table: sa.Table, progress: Progress) -> Iterator[RowChange]:
    columns = Schema.tracked_columns(table)
    statement = sa.select(table.c.id, *columns).order_by(table.c.id).execution_options(yield_per=_BATCH)
    then, now = iter(pair.reading_then.execute(statement)), iter(pair.reading_now.execute(statement))
    one, other = next(then, None), next(now, None)
    done = 0
    while one is not None or other is not None:
        done += 1
        if done % _BATCH == 0:
            progress.advance(_BATCH)
        if other is None or (one is not None and one[0] < other[0]):
            yield RowChange(table.name, one[0], "D")  # type: ignore[index]
            one = next(then, None)
        elif one is None or other[0] < one[0]:
            yield RowChange(table.name, other[0], "I")
            other = next(now, None)
        else:
            if tuple(one) != tuple(other) and (changed := differing(columns, one, other)):
                yield RowChange(table.name, one[0], "U", changed)
            done += 1
            one, other = next(then, None), next(now, None)
    progress.advance(done % _BATCH)


def _of_sums(pair: Pair, table: sa.Table, progress: Progress) -> Iterator[RowChange]:
    columns = Schema.tracked_columns(table)
    sums = Sums(pair.reading_then, pair.reading_now, table)
    for ranges in sums.unlike(progress):
        known, present = sums.rows(ranges)
        for op, ids in (("D", known.keys() - present.keys()), ("I", present.keys() - known.keys())):
            yield from (RowChange(table.name, one, op) for one in sorted(ids))
        unlike = [one for one in known.keys() & present.keys() if known[one] != present[one]]
        for part in parts(unlike, _BATCH):
            then, now = (_rows_of(one, table, columns, part) for one in (pair.reading_then, pair.reading_now))
            for identity in part:
                if changed := differing(columns, then[identity], now[identity]):
                    yield RowChange(table.name, identity, "U", changed)


def _rows_of(
    connection: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], ids: Sequence[int]
) -> dict[int, Any]:  # fmt: skip
    statement = sa.select(table.c.id, *columns).where(among(connection, table.c.id, ids))
    return {row[0]: row for row in connection.execute(statement)}


def differing(columns: Sequence[sa.Column[Any]], then: Sequence[Any], now: Sequence[Any]) -> tuple[str, ...]:
    """The columns in which two rows differ; each row begins with its id."""
    return tuple(
        column.name
        for place, column in enumerate(columns, start=1)
        if then[place] != now[place] and to_json(column.type, then[place]) != to_json(column.type, now[place])
    )
