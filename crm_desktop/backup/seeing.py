"""A backup and the present side by side, as far as whoever is signed in may see them in the office."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.id_sets import there


@contextmanager
def side_by_side(backup: Database, database: Database) -> Iterator[Pair]:
    """Both databases open for reading: everything for who sees everything, else what today's rights show of either."""
    if database.access.everything:
        with backup.read_all() as then, database.read_all() as now:
            yield Pair(backup, then, database, now)
        return
    backup.access = database.access
    with backup.read() as then, database.read() as now:
        yield Pair(backup, then, database, now)


def without_hidden(pair: Pair, rows: Sequence[RowChange]) -> list[RowChange]:
    """Rows that differ, without those that only seem gone or new because one of the two states is hidden from the person."""
    if pair.now.access.everything:
        return list(rows)
    by_table: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in rows:
        by_table[one.table, one.op].add(one.row_id)
    hidden: set[tuple[str, int]] = set()
    with pair.then.read_all() as then, pair.now.read_all() as now:
        for (name, op), ids in by_table.items():
            if op != "U":
                other = now if op == "D" else then
                hidden.update((name, identity) for identity in there(other, Base.metadata.tables[name], ids))
    return [one for one in rows if (one.table, one.row_id) not in hidden]
