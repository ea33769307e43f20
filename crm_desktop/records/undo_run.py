"""Carrying out an undo: inverse operations in one unit of work."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, changes_of
from crm_desktop.db.types import from_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.undo_plan import Blocked, NetChange, UndoPlan


def carry_out(uow: UnitOfWork, plan: UndoPlan, *, force: bool, progress: Progress) -> int:
    """Take back everything in a plan that can be. Returns how many rows were touched.

    Args:
        force: also what was edited later, where that is possible at all.
    """
    uow.defer_constraints()
    whole, partly = _stopped(plan.blocked, force)
    total = len(plan.nets) + sum(plan.bulk_inserts.values())
    progress.update(0, total)
    done = 0
    # deleted rows come back first, so that what is reverted next can point to them; new rows go last
    order = {"D": 0, "U": 1, "I": 2}
    rank = {table.name: number for number, table in enumerate(uow.schema.data_tables)}
    nets = sorted(plan.nets, key=lambda net: (order[net.op], rank.get(net.table, 0) * (-1 if net.op == "I" else 1)))
    for number, net in enumerate(nets):
        if number % 200 == 0:
            progress.update(number, total)
        key = (net.table, net.record_id)
        if key in whole:
            continue
        if net.op == "D":
            done += _reinsert(uow, plan, net)
        elif net.op == "I":
            done += uow.delete(net.table, [net.record_id])
        else:
            done += _revert(uow, net, partly.get(key, frozenset()))
    for name in sorted(plan.bulk_inserts, key=lambda one: -rank.get(one, 0)):
        progress.update(done)
        done += _delete_inserted(uow, plan, name, force)
    return done


def _stopped(blocked: list[Blocked], force: bool) -> tuple[set[tuple[str, int]], dict[tuple[str, int], frozenset[str]]]:
    whole: set[tuple[str, int]] = set()
    partly: dict[tuple[str, int], frozenset[str]] = {}
    for one in blocked:
        if force and one.forcible:
            continue
        key = (one.net.table, one.net.record_id)
        if one.columns:
            partly[key] = frozenset(one.columns)
        else:
            whole.add(key)
    return whole, partly


def _python(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    return {name: from_json(table.columns[name].type, value) for name, value in values.items() if name in table.columns}


def _reinsert(uow: UnitOfWork, plan: UndoPlan, net: NetChange) -> int:
    """Put a deleted row back with its old id. Links to records that are gone for good become empty."""
    table = Base.metadata.tables[net.table]
    row = _python(table, net.old)
    returning = {(one.table, one.record_id) for one in plan.nets if one.op == "D"}
    for column in table.columns:
        for key in column.foreign_keys:
            wanted = row.get(column.name)
            target = key.column.table
            if wanted is None or (target.name, wanted) in returning:
                continue
            if uow.connection.execute(sa.select(sa.literal(1)).where(target.c.id == wanted)).first() is None:
                if not column.nullable:
                    return 0
                row[column.name] = None
    savepoint = uow.connection.begin_nested()
    try:
        uow.connection.execute(table.insert().values(id=net.record_id, **row))
        savepoint.commit()
    except IntegrityError:
        # a unique value was given to another record since then: this row cannot come back
        savepoint.rollback()
        return 0
    return 1


def _revert(uow: UnitOfWork, net: NetChange, kept: frozenset[str]) -> int:
    table = Base.metadata.tables[net.table]
    wanted = {name: value for name, value in net.old.items() if name not in kept}
    values = _python(table, {name: value for name, value in wanted.items() if name != "custom"})
    if "custom" in wanted:
        values["custom"] = _revert_custom(uow, table, net)
    if not values:
        return 0
    uow.update(net.table, net.record_id, values)
    return 1


def _revert_custom(uow: UnitOfWork, table: sa.Table, net: NetChange) -> Any:
    """Only the custom fields that the change set touched go back; the others stay as they are now."""
    current = dict(uow.connection.execute(sa.select(table.c.custom).where(table.c.id == net.record_id)).scalar() or {})
    old, new = net.old.get("custom") or {}, net.new.get("custom") or {}
    for key in set(old) | set(new):
        if old.get(key) == new.get(key):
            continue
        if key in old:
            current[key] = old[key]
        else:
            current.pop(key, None)
    return current or None


def _delete_inserted(uow: UnitOfWork, plan: UndoPlan, name: str, force: bool) -> int:
    table = Base.metadata.tables[name]
    run = uow.connection.exec_driver_sql
    mine = sa.select(change.c.record_id).where(
        changes_of(uow.connection, plan.change_set_id), change.c.table_name == name
    )
    condition: sa.ColumnElement[bool] = table.c.id.in_(mine)
    keepers: set[int] = set()
    if not force:
        keepers.update(*plan.bulk_blocked.values())
        keepers.update(one.net.record_id for one in plan.blocked if one.net.op == "I")
    if keepers:  # a temporary table, because a list of ids may be longer than a statement can be
        run("DROP TABLE IF EXISTS crm_kept")
        run("CREATE TEMPORARY TABLE crm_kept (id bigint PRIMARY KEY)")
        uow.connection.execute(sa.text("INSERT INTO crm_kept VALUES (:id)"), [{"id": one} for one in keepers])
        kept = sa.select(sa.column("id", sa.BigInteger)).select_from(sa.table("crm_kept"))
        condition = condition & table.c.id.not_in(kept)
        owner = uow.schema.parent_column(table)
        if owner:  # children of a kept record stay with it
            condition = condition & table.c[owner].not_in(kept)
    count = uow.delete_where(name, condition)
    if keepers:
        run("DROP TABLE crm_kept")
    return count
