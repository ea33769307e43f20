"""Who changed rows since a backup was made, as far as the history of the present database knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from crm_desktop.backup.compare_rows import Pair
from crm_desktop.core.jobs import Progress
from crm_desktop.db.id_sets import among, parts
from crm_desktop.db.journal import change, change_set
from crm_desktop.records.titles import title_text

_BATCH = 5000


class Touch(NamedTuple):
    """One change of a row since the backup: the change set, and the columns where it was an edit."""

    set_id: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Author:
    """A change set: who, when, and what it is called in the history."""

    set_id: int
    user_id: int | None
    name: str
    at: datetime
    title: str


def touches_since(
    pair: Pair, wanted: Collection[tuple[str, int]], progress: Progress
) -> dict[tuple[str, int], list[Touch]]:
    """(table, row) to its changes since the backup, the oldest first."""
    found: dict[tuple[str, int], list[Touch]] = defaultdict(list)
    if not wanted:
        return {}
    statement = (
        sa.select(change.c.table_name, change.c.record_id, change.c.change_set_id, change.c.op, change.c.data)
        .where(change.c.change_set_id.is_not(None), _since(pair)).order_by(change.c.id)
        .execution_options(yield_per=_BATCH)
    )  # fmt: skip
    for number, row in enumerate(pair.reading_now.execute(statement)):
        if number % _BATCH == 0:
            progress.check()
        key = (row.table_name, row.record_id)
        if key in wanted:
            columns = tuple(row.data) if row.op == "U" and row.data else ()
            found[key].append(Touch(row.change_set_id, columns))
    return dict(found)


def _since(pair: Pair) -> sa.ColumnElement[bool]:
    """The changes that the backup does not have.

    The history of one office only grows, so that what comes after the newest change of the backup is new. Where that
    change is no longer the same one, as after the history was shortened or copied together, the change sets tell it.
    """
    newest = sa.select(change.c.id, change.c.change_set_id, change.c.record_id).order_by(change.c.id.desc()).limit(1)
    last = pair.reading_then.execute(newest).first()
    if last is None:
        return sa.true()
    same = sa.select(change.c.change_set_id, change.c.record_id).where(change.c.id == last.id)
    there = pair.reading_now.execute(same).first()
    if there is not None and tuple(there) == (last.change_set_id, last.record_id):
        return change.c.id > last.id
    known = pair.reading_then.execute(sa.select(sa.func.max(change_set.c.id))).scalar()
    return change.c.change_set_id > known if known is not None else sa.true()


def authors_of(connection: sa.Connection, ids: Iterable[int]) -> dict[int, Author]:
    """Change sets by id."""
    found = {}
    for part in parts(set(ids)):
        statement = sa.select(change_set).where(among(connection, change_set.c.id, part))
        for row in connection.execute(statement):
            title = title_text(row.title, row.params)
            found[row.id] = Author(row.id, row.user_id, row.user_name or "", row.at, title)
    return found
