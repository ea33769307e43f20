"""Moving everything that points to the records that go to the one that stays: set by set, and each thing once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.db.base import BOOKKEEPING
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.references import Reference, same_columns

_PART = 500


@dataclass
class Moved:
    """What moving did: rows by reference key that now point to the winner, and those that were there twice."""

    moved: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def move_children(
    uow: UnitOfWork, references: Sequence[Reference], winner: int, losers: Sequence[int], progress: Progress
) -> Moved:
    """Let everything that points to the losers point to the winner.

    Rows that would say the same twice are joined: the winner's own stays, and takes what only the other one says.
    """
    result = Moved()
    by_table: dict[str, list[Reference]] = defaultdict(list)
    for one in references:
        by_table[one.table.name].append(one)
    for number, group in enumerate(by_table.values()):
        progress.update(number, len(by_table) + 1)
        plain = [one for one in group if one.field is None]
        table = group[0].table
        own = _first_ones(uow, table, group[0].column.name, winner)
        if plain and (_sames(table, plain) or table.info.get("apart")):
            _join_equal(uow, plain, winner, losers, result)
        for one in plain:
            here = one.column.in_(list(losers)) & table.c.id.not_in([winner, *losers])
            count = uow.update_where(table.name, {one.column.name: winner}, here)
            if count:
                result.moved[one.key] += count
        for one in group:
            if one.field is not None:
                _move_custom(uow, one, winner, losers, result)
        if table.info.get("first_of"):
            _one_first(uow, table, group[0].column.name, winner, own)
    return result


def _join_equal(
    uow: UnitOfWork, references: Sequence[Reference], winner: int, losers: Sequence[int], result: Moved
) -> None:
    """Delete rows that would repeat another one, or join the record to itself, once all point to the winner."""
    table = references[0].table
    columns = [one.column.name for one in references]
    everybody = [winner, *losers]
    touching = sa.or_(*(table.c[name].in_(everybody) for name in columns))
    rows = [
        dict(row) for row in uow.connection.execute(sa.select(table).where(touching).order_by(table.c.id)).mappings()
    ]
    going = set(losers)
    changed = {row["id"] for row in rows if any(row[name] in going for name in columns)}
    after = [_redirected(table, row, columns, winner, going) for row in rows]
    drop: set[int] = set()
    apart = table.info.get("apart")
    if apart:
        drop |= {row["id"] for row in after if row["id"] in changed and row[apart[0]] == row[apart[1]]}
    for names in _sames(table, references):
        _find_equal(uow, table, [row for row in after if row["id"] not in drop], names, changed, drop)
    for row in rows:
        if row["id"] in drop:
            result.dropped.update(one.key for one in references if row[one.column.name] in everybody)
    if drop:
        uow.delete(table.name, sorted(drop))
    if table.info.get("ordered"):
        before = {row["id"]: row for row in rows}
        for row in after:
            turned = row["id"] in changed and row["id"] not in drop
            if turned and any(
                before[row["id"]][name] not in going and before[row["id"]][name] != row[name] for name in columns
            ):
                uow.update(table.name, row["id"], {name: row[name] for name in columns})
                result.moved.update(one.key for one in references if row[one.column.name] == winner)


def _sames(table: sa.Table, references: Sequence[Reference]) -> list[tuple[str, ...]]:
    """The sets of columns in which rows may become equal: those that say to whom they belong."""
    moving = {one.column.name for one in references if one.owner}
    return [names for names in same_columns(table) if moving & set(names)]


def _redirected(
    table: sa.Table, row: Mapping[str, Any], columns: Sequence[str], winner: int, going: set[int]
) -> dict[str, Any]:
    """The row as it will be: the winner where a loser stands, and in its order."""
    result = dict(row) | {name: winner for name in columns if row[name] in going}
    if table.info.get("ordered") and any(row[name] in going for name in columns):
        first, second = table.info["apart"]
        result[first], result[second] = sorted((result[first], result[second]))
    return result


def _find_equal(
    uow: UnitOfWork, table: sa.Table, rows: Iterable[Mapping[str, Any]], names: Sequence[str], changed: set[int],
    drop: set[int],
) -> None:  # fmt: skip
    """Of rows that say the same, all but one are dropped; the one that stays takes what only the others say."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(_plain(row[name]) for name in names)].append(row)
    for group in groups.values():
        if len(group) < 2 or not any(row["id"] in changed for row in group):
            continue
        ordered = sorted(group, key=lambda row: (row["id"] in changed, row["id"]))
        kept, others = ordered[0], [row for row in ordered[1:] if row["id"] in changed]
        drop.update(row["id"] for row in others)
        filled = _filled(table, kept, others, names)
        if filled:
            uow.update(table.name, kept["id"], filled)


def _filled(
    table: sa.Table, kept: Mapping[str, Any], others: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> dict[str, Any]:
    """What the row that stays lacks and another one has."""
    left_out = BOOKKEEPING | {"id", "created_at", "created_by", "custom", *names}
    result: dict[str, Any] = {}
    for column in table.columns:
        if column.name in left_out or kept[column.name] not in (None, ""):
            continue
        value = next((row[column.name] for row in others if row[column.name] not in (None, "")), None)
        if value is not None:
            result[column.name] = value
    return result


def _plain(value: Any) -> Any:
    """A value for comparing: the case of letters, accents and further blanks do not count."""
    if isinstance(value, str):
        return " ".join(fold(value).split()) or None
    return value


def _move_custom(uow: UnitOfWork, one: Reference, winner: int, losers: Sequence[int], result: Moved) -> None:
    assert one.field is not None
    key = one.field.name.removeprefix("custom.")
    table = one.table
    here = one.value.in_(list(losers)) & table.c.id.not_in([winner, *losers])
    rows = uow.connection.execute(sa.select(table.c.id, table.c.custom).where(here)).all()
    if rows:
        uow.update_many(
            table.name, ["custom"], [({**(stored or {}), key: winner}, identity) for identity, stored in rows]
        )
        result.moved[one.key] += len(rows)


def _first_ones(uow: UnitOfWork, table: sa.Table, owner: str, record_id: int) -> set[int]:
    """The rows of a record that are the first of their sort."""
    if not table.info.get("first_of"):
        return set()
    statement = sa.select(table.c.id).where(table.c[owner] == record_id, table.c.is_primary)
    return set(uow.connection.execute(statement).scalars())


def _one_first(uow: UnitOfWork, table: sa.Table, owner: str, winner: int, own: set[int]) -> None:
    """At most one row of its sort is the first one: the one that the winner had before."""
    names = table.info["first_of"]
    statement = sa.select(table.c.id, *(table.c[name] for name in names)).where(table.c[owner] == winner)
    rows = uow.connection.execute(statement.where(table.c.is_primary)).all()
    seen: set[tuple[Any, ...]] = set()
    second = []
    for identity, *values in sorted(rows, key=lambda row: (row[0] not in own, row[0])):
        if tuple(values) in seen:
            second.append(identity)
        seen.add(tuple(values))
    for start in range(0, len(second), _PART):
        part = second[start : start + _PART]
        uow.update_where(table.name, {"is_primary": False}, table.c.id.in_(part))
