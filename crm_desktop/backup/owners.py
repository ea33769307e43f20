"""To which record rows of any table belong: found in the backup where the row was there then, else in the present."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.id_sets import among, parts

RecordKey = tuple[str, int]
"""Record type and id."""


class Owners:
    """Finds the records that rows belong to."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._schema = pair.now.schema
        self._kinds: dict[int, str] = {}

    def of(self, rows: Sequence[RowChange], progress: Progress | None = None) -> list[RecordKey]:
        """The record of each row, in their order; a row that hangs on nothing is a record of its own."""
        progress = progress or Progress()
        above: dict[tuple[str, int], tuple[str, int]] = {}
        waiting = {(one.table, one.row_id): one.op == "I" for one in rows}
        while waiting:
            progress.check()
            above |= self._parents(waiting)
            waiting = {key: new for child, new in waiting.items() if (key := above.get(child)) and key not in above}
        return [self._key(self._top((one.table, one.row_id), above)) for one in rows]

    def _key(self, row: tuple[str, int]) -> RecordKey:
        spec = self._schema.by_table.get(row[0])
        return (spec.name if spec is not None else row[0]), row[1]

    @staticmethod
    def _top(row: tuple[str, int], above: dict[tuple[str, int], tuple[str, int]]) -> tuple[str, int]:
        seen = {row}
        while (parent := above.get(row)) is not None and parent not in seen:
            seen.add(parent)
            row = parent
        return row

    def _parents(self, rows: dict[tuple[str, int], bool]) -> dict[tuple[str, int], tuple[str, int]]:
        """Rows to what each hangs on, as (table, id); what hangs on nothing is left out. ``rows`` says which are new."""
        by_table: dict[tuple[str, bool], list[int]] = defaultdict(list)
        for (name, identity), new in rows.items():
            if name in self._schema.parents:
                by_table[name, new].append(identity)
        held: list[tuple[str, int, int]] = []
        for (name, new), ids in by_table.items():
            table, column = Base.metadata.tables[name], self._schema.parents[name][1]
            reading = self._pair.reading_now if new else self._pair.reading_then
            held += [(name, one, parent) for one, parent in _cells(reading, table, column, ids) if parent is not None]
        self._learn(held)
        found = {}
        for name, identity, parent in held:
            names = self._schema.parents[name][0]
            entity = names[0] if len(names) == 1 else self._kinds.get(parent)
            if entity is not None:
                found[name, identity] = (self._schema.entity(entity).table, parent)
        return found

    def _learn(self, held: Iterable[tuple[str, int, int]]) -> None:
        """Find out of which type records are that rows of several types may hang on."""
        unknown = {parent for name, _row, parent in held if len(self._schema.parents[name][0]) > 1} - set(self._kinds)
        for reading in (self._pair.reading_then, self._pair.reading_now):
            for spec in self._schema.entities.values():
                if not spec.listed or not unknown:
                    continue
                table = self._schema.table(spec)
                there = {identity for (identity,) in _cells(reading, table, "", sorted(unknown))}
                self._kinds |= dict.fromkeys(there, spec.name)
                unknown -= there


def _cells(connection: sa.Connection, table: sa.Table, column: str, ids: Sequence[int]) -> list[Any]:
    """(id, value of a column) of rows; (id,) where no column is wanted."""
    wanted = [table.c.id, table.c[column]] if column else [table.c.id]
    found: list[Any] = []
    for part in parts(ids):
        found += connection.execute(sa.select(*wanted).where(among(connection, table.c.id, part))).all()
    return found
