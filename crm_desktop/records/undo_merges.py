"""Merges that went on from a merge: they are taken apart before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, change_set

if TYPE_CHECKING:
    from crm_desktop.records.undo_plan import UndoPlan

_PART = 500


def later_merges(connection: sa.Connection, plan: UndoPlan) -> list[tuple[int, str, Any]]:
    """Merges that stand and touched the same values of the same rows later, the newest first."""
    mine = {(net.table, net.record_id): net for net in plan.nets}
    found: dict[int, tuple[int, str, Any]] = {}
    ids = [net.record_id for net in plan.nets]
    for start in range(0, len(ids), _PART):
        statement = (
            sa.select(change.c.table_name, change.c.record_id, change.c.op, change.c.data, change_set.c.id,
                      change_set.c.title, change_set.c.params)
            .join(change_set, change_set.c.id == change.c.change_set_id)
            .where(change.c.record_id.in_(ids[start : start + _PART]), change.c.id > plan.last_change)
            .where(change_set.c.kind == "merge", change_set.c.undone_by.is_(None))
        )  # fmt: skip
        for table, record_id, op, data, identity, title, params in connection.execute(statement):
            net = mine.get((table, record_id))
            if net is not None and (op != "U" or net.op != "U" or set(data) & set(net.old)):
                found[identity] = (identity, title, params)
    found |= _merges_of(connection, plan, _pointed_at(plan))
    return [found[identity] for identity in sorted(found, reverse=True)]


def _pointed_at(plan: UndoPlan) -> set[int]:
    """The ids that rows point to again once they are as they were: what their links and owner columns held."""
    result: set[int] = set()
    for net in plan.nets:
        table = Base.metadata.tables.get(net.table)
        for name, value in net.old.items():
            if isinstance(value, int) and table is not None and name in table.c and _is_link(table, table.c[name]):
                result.add(value)
    return result - {net.record_id for net in plan.nets if net.op == "D"}


def _is_link(table: sa.Table, column: sa.Column[Any]) -> bool:
    return bool(column.foreign_keys) or column.name in (table.info.get("parent"), table.info.get("refers"))


def _merges_of(connection: sa.Connection, plan: UndoPlan, ids: set[int]) -> dict[int, tuple[int, str, Any]]:
    """The other merges in which these records went into others."""
    log = Base.metadata.tables["merge_log"]
    found: dict[int, tuple[int, str, Any]] = {}
    chosen = sorted(ids)
    for start in range(0, len(chosen), _PART):
        statement = (
            sa.select(change_set.c.id, change_set.c.title, change_set.c.params)
            .join(log, log.c.merge_set_id == change_set.c.id)
            .where(log.c.loser_id.in_(chosen[start : start + _PART]), change_set.c.id != plan.change_set_id)
            .where(change_set.c.undone_by.is_(None))
        )
        found |= {row.id: (row.id, row.title, row.params) for row in connection.execute(statement)}
    return found
