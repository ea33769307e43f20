"""Where a table is not the same in a file and on a server, found without sending across what is.

SQLite and the server each take a hash of a thousand rows at a time, spelled the same way by both, and where that differs,
of a few rows each, and then of each row. Only bounds and hashes travel; the rows that differ are then compared value by
value. Rows that are not the same are never taken for the same: what ends a value or stands for none is in no value of the
file, else those rows are looked at one by one, each value with its length.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.jobs import Progress
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import JsonType, postgres_json

LARGE, SMALL = 1000, 25
"""Rows of one range, and of the pieces of one that differs."""
_AT_ONCE = 20_000
"""Rows that one statement asks for."""
_BYTES = 16
"""Bytes of the hash of one row that are sent."""
_END, _NOTHING = "\x1f", "\x1e"

Range = tuple[int, int]
"""The ids from the first on and before the second."""


class Sums:
    """Compares ranges of one table by hashes; ``file`` is SQLite, ``server`` PostgreSQL, each in one transaction."""

    def __init__(self, file: sa.Connection, server: sa.Connection, table: sa.Table) -> None:
        raw: Any = file.connection.driver_connection
        raw.create_function("crm_jsonb", 1, _as_jsonb, deterministic=True)
        self._raw = raw
        self._server, self._name = server, f'"{table.name}"'
        columns = [column for column in table.columns if column in (table.c.id, *Schema.tracked_columns(table))]
        self._columns = ", ".join(f'"{column.name}"' for column in columns)
        self._here, self._there = _sum_in_sqlite(columns), _sum_in_postgres(columns)
        self._row_here, self._row_there = _row_texts(columns)

    def unlike(self, progress: Progress) -> Iterator[list[Range]]:
        """Small ranges of ids in which the two differ, some at a time."""
        ranges = list(pairwise([-1, *self._beginnings(), 2**63 - 1]))
        for some in _portions(ranges, LARGE):
            progress.check()
            small = [one for each in self._differing(some, LARGE) for one in self._pieces(each)]
            for few in _portions(small, SMALL):
                if found := self._differing(few, SMALL):
                    yield found
            progress.advance(len(some) * LARGE * 2)

    def _beginnings(self) -> list[int]:
        """The ids at which ranges begin; the first begins before every row, and the last has all that comes after."""
        numbered = f"SELECT id, row_number() OVER (ORDER BY id) AS place FROM {self._name}"
        rows = self._raw.execute(f"SELECT id FROM ({numbered}) WHERE place % {LARGE} = 1 AND place > 1 ORDER BY id")
        return [row[0] for row in rows]

    def _pieces(self, within: Range) -> Iterator[Range]:
        return pairwise([within[0], *self._ids_here(within)[SMALL::SMALL], within[1]])

    def _ids_here(self, within: Range) -> list[int]:
        rows = self._raw.execute(f"SELECT id FROM {self._name} WHERE id >= ? AND id < ? ORDER BY id", within)
        return [row[0] for row in rows]

    def rows(self, ranges: Sequence[Range]) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """Id and hash of each row in some ranges: in the file, on the server."""
        here = {}
        for one in ranges:
            rows = self._raw.execute(
                f"SELECT id, {self._row_here} FROM {self._name} NOT INDEXED WHERE id >= ? AND id < ?", one
            )
            for identity, text in rows:
                here[identity] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_BYTES]
        statement = (
            f"SELECT id, substr(sha256(convert_to({self._row_there}, 'UTF8')), 1, {_BYTES}) "
            "FROM unnest(%(low)s::bigint[], %(high)s::bigint[]) AS part(low, high) "
            f"JOIN {self._name} ON id >= part.low AND id < part.high"
        )
        return here, {row[0]: bytes(row[1]) for row in self._server.exec_driver_sql(statement, _bounds(ranges))}

    def _differing(self, ranges: Sequence[Range], rows: int) -> list[Range]:
        """The ranges in which the two differ; ``rows`` is how many the file has in one at most."""
        there = self._sums_there(ranges, rows)
        return [one for one, said in zip(ranges, there, strict=True) if self._sum_here(one) != said]

    def _sum_here(self, within: Range) -> tuple[int, bytes] | None:
        """Rows and hash of a range in the file; None where its values have what stands between values."""
        count, *said = self._raw.execute(
            f"SELECT {self._here} FROM {self._name} NOT INDEXED WHERE id >= ? AND id < ?", within
        ).fetchone()
        total = hashlib.sha256()
        for text, known in zip(said[::2], said[1::2], strict=True):
            text = text or b""
            if text.count(_END.encode()) != max(count - 1, 0) or text.count(_NOTHING.encode()) != count - known:
                return None
            total.update(text)
            total.update(b"\n")
        return count, total.digest()

    def _sums_there(self, ranges: Sequence[Range], rows: int) -> list[tuple[int, bytes]]:
        """Rows and hash of each range on the server; where there are more rows than in the file, of the first ones."""
        within = f"SELECT {self._columns} FROM {self._name} WHERE id >= part.low AND id < part.high ORDER BY id LIMIT {rows + 1}"
        statement = (
            "SELECT summed.rows, summed.hash FROM unnest(%(low)s::bigint[], %(high)s::bigint[]) WITH ORDINALITY "
            f"AS part(low, high, place), LATERAL (SELECT {self._there} FROM ({within}) AS these) AS summed ORDER BY part.place"
        )
        return [(row[0], bytes(row[1])) for row in self._server.exec_driver_sql(statement, _bounds(ranges))]


def _bounds(ranges: Sequence[Range]) -> dict[str, list[int]]:
    return {"low": [low for low, _high in ranges], "high": [high for _low, high in ranges]}


def _portions(ranges: Sequence[Range], rows: int) -> Iterator[Sequence[Range]]:
    step = _AT_ONCE // rows
    return (ranges[start : start + step] for start in range(0, len(ranges), step))


def _sum_in_sqlite(columns: Sequence[sa.Column[Any]]) -> str:
    """Of each column the values put together by SQLite itself, and how many there are."""
    parts = ["count(*)"]
    for column in columns:
        name = f'"{column.name}"'
        if isinstance(column.type, JsonType):
            name = _json_in_sqlite(name)
        parts.append(f"CAST(group_concat(ifnull({name}, '{_NOTHING}'), '{_END}') AS BLOB), count({name})")
    return ", ".join(parts)


def _sum_in_postgres(columns: Sequence[sa.Column[Any]]) -> str:
    """The same texts, and one hash of all of them."""
    parts = []
    for column in columns:
        name = f'"{column.name}"'
        said = f"nullif({name}, 'null')" if isinstance(column.type, JsonType) else postgres_json(column.type, name)
        parts.append(f"coalesce(string_agg(coalesce(({said})::text, '{_NOTHING}'), '{_END}'), '')")
    text = " || E'\\n' || ".join(parts) + " || E'\\n'"
    return f"count(*) AS rows, sha256(convert_to({text}, 'UTF8')) AS hash"


def _row_texts(columns: Sequence[sa.Column[Any]]) -> tuple[str, str]:
    """SQL that writes every value of a row into one text, for SQLite and for PostgreSQL: each with its length or end."""
    here, there = [], []
    for column in columns:
        name = f'"{column.name}"'
        if isinstance(column.type, JsonType):
            here.append(f"ifnull({_json_in_sqlite(name)} || '{_END}', '{_NOTHING}')")
            there.append(f"coalesce(nullif({name}, 'null')::text || '{_END}', '{_NOTHING}')")
        elif isinstance(column.type, sa.Text):
            here.append(f"ifnull(length({name}) || ':' || {name}, '{_NOTHING}')")
            there.append(f"coalesce(length({name}) || ':' || {name}, '{_NOTHING}')")
        else:  # numbers, days, times: nothing in them is an end
            here.append(f"ifnull({name}, '') || '{_END}'")
            there.append(f"coalesce(({postgres_json(column.type, name)})::text, '') || '{_END}'")
    return " || ".join(here), " || ".join(there)


def _json_in_sqlite(name: str) -> str:
    return f"CASE WHEN {name} IN ('{{}}', '[]') THEN {name} ELSE crm_jsonb({name}) END"


def _as_jsonb(text: str | None) -> str | None:
    """JSON as PostgreSQL writes it, so that both sides have the same text; what is no JSON stays as it is."""
    if text is None or text == "null":
        return None
    try:
        return _said(json.loads(text, parse_float=Decimal))
    except ValueError:
        return text


def _said(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda one: (len(one.encode()), one.encode()))
        return "{" + ", ".join(f"{_said(key)}: {_said(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_said, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else _text(value)


_text = partial(json.dumps, ensure_ascii=False)
