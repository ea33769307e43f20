"""Deleted records whose time to be restored has passed, and everything of them that the history still holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.forget import parts
from crm_desktop.db.journal import DELETED, change, change_set
from crm_desktop.db.schema import Schema
from crm_desktop.records.blobs import FILES

_CLOCKS = timedelta(days=1)
"""So far the clocks of an office may be apart."""
TOGETHER = 50
"""So many records are looked at, and let go, in one step."""
_MERGES = "merge_log"


@dataclass(frozen=True)
class Expired:
    """A deleted record that may go: its last deletion in the history, when that was, and its table."""

    change_id: int
    record_id: int
    table: str
    at: datetime | None


@dataclass
class Remains:
    """What the history holds of some deleted records.

    Attributes:
        changes: the entries; ``sets`` the change sets that they are of, ``restoring`` those that would bring them back.
        files: SHA-256 of the contents that deleted files among them had.
    """

    changes: set[int] = field(default_factory=set)
    sets: set[int] = field(default_factory=set)
    restoring: set[int] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


def expired_records(
    connection: sa.Connection, schema: Schema, before: datetime, after: int = 0
) -> Iterator[list[Expired]]:  # fmt: skip
    """Records that were deleted before a moment and are not there again, in groups, the oldest deletion first.

    What was merged into another record was not deleted: it goes when that one does. A deletion that the history has
    after something younger than the moment was made with a clock that was set back: it is as young as that.

    Args:
        after: only deletions with a higher number in the history.
    """
    tables = [spec.table for spec in schema.entities.values() if spec.listed]
    at = sa.func.coalesce(change_set.c.at, change.c.at, type_=change_set.c.at.type)
    merged: dict[int, bool] = {}
    young = _first_young(connection, before)
    while True:
        rows = connection.execute(
            sa.select(change.c.id, change.c.record_id, change.c.table_name, change.c.change_set_id, at.label("at"))
            .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
            .where(DELETED, change.c.table_name.in_(tables), change.c.id > after, at < before, change.c.id < young)
            .order_by(change.c.id).limit(TOGETHER)
        ).all()  # fmt: skip
        if not rows:
            return
        after = rows[-1].id
        there = present(connection, {row.record_id: row.table_name for row in rows})
        last = _last_deletions(connection, [row.record_id for row in rows])
        _know_merges(connection, [row.change_set_id for row in rows], merged)
        chosen = [
            Expired(row.id, row.record_id, row.table_name, row.at)
            for row in rows
            if row.record_id not in there and last.get(row.record_id, (row.id,))[0] == row.id
            and not merged.get(row.change_set_id)
        ]  # fmt: skip
        if chosen:
            yield chosen


def _first_young(connection: sa.Connection, before: datetime) -> int:
    """The first entry of the history that is not older than a moment; what a clock wrote into days to come does not count."""
    statement = sa.select(sa.func.min(change_set.c.first_change)).where(
        change_set.c.at >= before, change_set.c.at <= clock.now() + _CLOCKS
    )
    found: int | None = connection.execute(statement).scalar()
    return 2**62 if found is None else found


def present(connection: sa.Connection, wanted: Mapping[int, str]) -> set[int]:
    """Which of these rows (id to table) are there."""
    by_table: dict[str, list[int]] = {}
    for identity, name in wanted.items():
        by_table.setdefault(name, []).append(identity)
    found: set[int] = set()
    for name, ids in by_table.items():
        table = Base.metadata.tables.get(name)
        if table is None:  # of a table that this program no longer knows
            continue
        for part in parts(sorted(ids)):
            found.update(connection.execute(sa.select(table.c.id).where(table.c.id.in_(part))).scalars())
    return found


def _last_deletions(connection: sa.Connection, ids: Collection[int]) -> dict[int, tuple[int, int | None, int | None]]:
    """Record id to (change, parent, change set) of its last deletion."""
    found: dict[int, tuple[int, int | None, int | None]] = {}
    for part in parts(sorted(ids)):
        rows = sa.select(change.c.record_id, change.c.id, change.c.parent_id, change.c.change_set_id)
        for record_id, *rest in connection.execute(
            rows.where(change.c.record_id.in_(part), change.c.op == "D").order_by(change.c.id)
        ):
            found[record_id] = (rest[0], rest[1], rest[2])
    return found


def _know_merges(connection: sa.Connection, sets: Collection[int | None], known: dict[int, bool]) -> None:
    """Find out which change sets merged records, or did so again, as far as it is not known yet."""
    asked = {one for one in sets if one is not None and one not in known}
    for part in parts(sorted(asked)):
        kinds = sa.select(change_set.c.id, change_set.c.kind, change_set.c.undoes).where(change_set.c.id.in_(part))
        for identity, kind, undoes in connection.execute(kinds).all():
            known[identity] = kind == "merge" or (kind == "redo" and _begun_by(connection, undoes) == "merge")


def _begun_by(connection: sa.Connection, set_id: int | None) -> str | None:
    """The kind of the change set at the beginning of a chain of undo and redo."""
    kind: str | None = None
    while set_id is not None:
        row = connection.execute(
            sa.select(change_set.c.kind, change_set.c.undoes).where(change_set.c.id == set_id)
        ).first()
        kind, set_id = (row.kind, row.undoes) if row is not None else (kind, None)
    return kind


def remains_of(connection: sa.Connection, schema: Schema, records: Collection[Expired]) -> Remains:
    """Everything that the history holds of deleted records: of themselves, of what went with them or had gone before,
    and of the records that had been merged into them."""
    closed = _with_parts(connection, schema, {one.record_id for one in records})
    closed |= _ties(connection, schema, [one.change_id for one in records], closed)
    found = Remains()
    for part in parts(sorted(closed)):
        rows = sa.select(change.c.id, change.c.change_set_id, change.c.table_name, change.c.op, change.c.data)
        for row in connection.execute(rows.where(change.c.record_id.in_(part))):
            found.changes.add(row.id)
            if row.change_set_id is not None:
                found.sets.add(row.change_set_id)
            if row.op == "D":
                if row.change_set_id is not None:
                    found.restoring.add(row.change_set_id)
                if row.table_name in FILES and (row.data or {}).get("sha256"):
                    found.files.add(str(row.data["sha256"]))
    return found


def _with_parts(connection: sa.Connection, schema: Schema, ids: set[int]) -> set[int]:
    """These ids and those of every deleted row whose last owner was one of them, as deep as it goes."""
    closed, front, merged = set(ids), set(ids), dict[int, bool]()
    while front:
        hung: dict[int, str] = {}
        losers: dict[int, str] = {}
        for part in parts(sorted(front)):
            rows = sa.select(change.c.record_id, change.c.table_name, change.c.data)
            for record_id, name, data in connection.execute(
                rows.where(change.c.parent_id.in_(part), change.c.op == "D")
            ):
                hung[record_id] = name
                if name == _MERGES and (data or {}).get("loser_id"):
                    losers[int(data["loser_id"])] = str(data.get("entity") or "")
        front = _gone_with(connection, hung, closed) | _merged_away(connection, schema, losers, merged)
        front -= closed
        closed |= front
    return closed


def _gone_with(connection: sa.Connection, hung: Mapping[int, str], owners: set[int]) -> set[int]:
    """Of rows that hung on records, those that are gone and hung on them to the end."""
    last = _last_deletions(connection, hung)
    there = present(connection, hung)
    return {one for one in hung if one not in there and last[one][1] in owners}


def _merged_away(
    connection: sa.Connection, schema: Schema, losers: Mapping[int, str], merged: dict[int, bool]
) -> set[int]:
    """Of records that were merged into deleted ones, those that did not come back and were not deleted themselves."""
    last = _last_deletions(connection, losers)
    tables = {name: spec.table for name, spec in schema.entities.items()}
    there = present(connection, {one: tables.get(entity, entity) for one, entity in losers.items()})
    gone = {one: last[one][2] for one in losers if one not in there and one in last}
    _know_merges(connection, list(gone.values()), merged)
    return {one for one, set_id in gone.items() if set_id is not None and merged.get(set_id)}


def _ties(connection: sa.Connection, schema: Schema, deletions: Collection[int], closed: set[int]) -> set[int]:
    """Rows that went with the records because they tied them to others, and hang on those others."""
    columns = {table.name: str(table.info["refers"]) for table in schema.tracked_tables if table.info.get("refers")}
    found: set[int] = set()
    inside = (change.c.change_set_id == change_set.c.id) & change.c.id.between(
        sa.func.coalesce(change_set.c.first_change, 0), sa.func.coalesce(change_set.c.last_change, 2**62)
    )
    deletion = change.alias("deletion")
    for part in parts(sorted(deletions)):
        sets = sa.select(deletion.c.change_set_id).where(deletion.c.id.in_(part), deletion.c.change_set_id.is_not(None))
        rows: Any = (
            sa.select(change.c.record_id, change.c.table_name, change.c.data).select_from(change_set).join(change, inside)
            .where(change_set.c.id.in_(sets.distinct()), DELETED, change.c.table_name.in_(list(columns)))
        )  # fmt: skip
        found.update(row.record_id for row in connection.execute(rows) if _points(row, columns, closed))
    tied = {row: name for row, name in _tables_of(connection, found).items()}
    return found - present(connection, tied)


def _points(row: Any, columns: Mapping[str, str], closed: set[int]) -> bool:
    return (row.data or {}).get(columns[row.table_name]) in closed


def _tables_of(connection: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in parts(sorted(ids)):
        rows = sa.select(change.c.record_id, change.c.table_name).where(
            change.c.record_id.in_(part), change.c.op == "D"
        )
        found |= {row.record_id: row.table_name for row in connection.execute(rows)}
    return found
