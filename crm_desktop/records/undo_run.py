"""Carrying out an undo: inverse operations in one unit of work."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm_desktop.core.jobs import Progress
from crm_desktop.db import hidden_server, search
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, change_set, changes_of
from crm_desktop.db.rows import pack
from crm_desktop.db.types import from_json, json_decoders
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.undo_links import link_again, lost_links
from crm_desktop.records.undo_plan import Blocked, NetChange, UndoPlan

Cell = tuple[str, int, str]
"""(table, row, column)"""
Row = dict[str, Any]
_PART, _BULK_PART = 500, 5_000
_TOGETHER = 4
"""So many rows that get the same values are written by one statement."""


def carry_out(
    uow: UnitOfWork, plan: UndoPlan, *, force: bool, progress: Progress, put_back: Collection[Cell] = ()
) -> int:
    """Take back everything in a plan that can be. Returns how many rows were touched.

    Args:
        force: also what was edited later, where that is possible at all.
        put_back: of what was edited later, the (table, row, column) that go back anyway.
    """
    with uow.moving():
        return _carry_out(uow, plan, force, progress, put_back)


def _carry_out(uow: UnitOfWork, plan: UndoPlan, force: bool, progress: Progress, put_back: Collection[Cell]) -> int:
    uow.defer_constraints()
    whole, partly = _stopped(plan.blocked, force, put_back)
    total = len(plan.nets) + sum(plan.bulk_inserts.values())
    progress.update(0, total)
    # deleted rows come back first, so that what is reverted next can point to them; new rows go last
    rank = {table.name: number for number, table in enumerate(uow.schema.data_tables)}
    # what whoever undoes made, and nobody touched since, they may take back without the right to delete
    own, later = _is_own(uow, plan.change_set_id), {id(one.net) for one in plan.blocked}
    nets = [net for net in plan.nets if (net.table, net.record_id) not in whole]
    gone = [net for net in nets if net.op == "D"]
    done = _reinsert_all(uow, gone, rank, lambda number: progress.update(number, total))
    if gone:
        link_again(uow, [(net.table, net.record_id) for net in gone])
    edited = [net for net in nets if net.op == "U"]
    let_back = _let_back(edited, gone, hidden_server.linked(uow.schema) if uow.database.locked else None)
    kept = {id(net) for net in let_back}
    others = [net for net in edited if id(net) not in kept]
    done += revert_all(uow, others, partly, lambda number: progress.update(done + number, total))
    if let_back and not uow.database.locked:  # nobody is asked about links that were lost with what they pointed to
        with uow.unasked():
            done += revert_all(uow, let_back, partly, lambda number: progress.update(done + number, total))
    fresh = sorted((net for net in nets if net.op == "I"), key=lambda net: -rank.get(net.table, 0))
    for (name, quiet), mine in groupby(fresh, key=lambda net: (net.table, own and id(net) not in later)):
        ids = [net.record_id for net in mine]
        for start in range(0, len(ids), _PART):
            progress.update(done, total)
            with uow.unasked() if quiet else nullcontext():
                done += uow.delete(name, ids[start : start + _PART])
    for name in sorted(plan.bulk_inserts, key=lambda one: -rank.get(one, 0)):
        progress.update(done)
        with uow.unasked() if own and not force else nullcontext():
            done += _delete_inserted(uow, plan, name, force)
    if uow.database.locked and gone:
        hidden_server.put_back(uow.connection, plan.change_set_id)
    search.index_records(uow.connection, uow.schema, _left(edited))
    return done


def _is_own(uow: UnitOfWork, change_set_id: int) -> bool:
    """Whether who is signed in made a change set."""
    me = uow.database.access.user_id
    found = uow.connection.execute(sa.select(change_set.c.user_id).where(change_set.c.id == change_set_id)).scalar()
    return me is not None and found == me


def _let_back(
    edited: Sequence[NetChange], gone: Sequence[NetChange], given: Collection[str] | None
) -> list[NetChange]:  # fmt: skip
    """The rows that only lost links to what comes back now.

    Args:
        given: the tables to which a locked server gives links back itself; None for every table.
    """
    back = {(net.table, net.record_id) for net in gone if given is None or net.table in given}
    if not back:
        return []
    found = []
    for net in edited:
        table = Base.metadata.tables[net.table]
        if net.old and all(
            value is not None and net.new.get(name) is None and name in table.c
            and any((key.column.table.name, value) in back for key in table.c[name].foreign_keys)
            for name, value in net.old.items()
        ):  # fmt: skip
            found.append(net)
    return found


def _left(nets: Sequence[NetChange]) -> set[int]:
    """The records that parts go away from: what merging brought to them."""
    parents = {net.table: Base.metadata.tables[net.table].info.get("parent", "") for net in nets}
    return {net.new[parents[net.table]] for net in nets if net.new.get(parents[net.table])}


def _stopped(
    blocked: list[Blocked], force: bool, put_back: Collection[Cell]
) -> tuple[set[tuple[str, int]], dict[tuple[str, int], frozenset[str]]]:
    whole: set[tuple[str, int]] = set()
    partly: dict[tuple[str, int], frozenset[str]] = {}
    back = set(put_back)
    for one in blocked:
        if force and one.forcible:
            continue
        key = (one.net.table, one.net.record_id)
        if one.columns:
            kept = frozenset(name for name in one.columns if (*key, name) not in back)
            partly[key] = partly.get(key, frozenset()) | kept
        else:
            whole.add(key)
    return whole, partly


def _python(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    return {name: from_json(table.columns[name].type, value) for name, value in values.items() if name in table.columns}


def _rows_of(table: sa.Table, nets: Iterable[NetChange], lost: Mapping[tuple[str, int], frozenset[str]]) -> list[Row]:
    """Deleted rows as Python values, with links to what is gone empty; those that cannot be without are left out."""
    known, decoders = {column.name: column for column in table.columns}, json_decoders(table.columns)
    rows = []
    for net in nets:
        row: Row = {"id": net.record_id}
        for name, value in net.old.items():
            if name in known:
                row[name] = decoders[name](value) if value is not None and name in decoders else value
        empty = lost.get((net.table, net.record_id))
        if empty and not all(known[name].nullable for name in empty):
            continue
        rows.append(row | dict.fromkeys(empty) if empty else row)
    return rows


def _reinsert_all(
    uow: UnitOfWork, nets: Sequence[NetChange], rank: Mapping[str, int], progress: Callable[[int], None]
) -> int:
    """Put deleted rows back with their old ids, what others belong to first. Links to what is gone for good become empty.

    A row cannot come back where its unique value was given to another since then, or where what it belongs to is gone.
    """
    if nets:
        uow.forget_watched()
    parents = {net.record_id: net.parent_id for net in nets}

    def depth(net: NetChange) -> int:
        steps, parent = 0, net.parent_id
        while parent in parents and steps < len(rank):
            steps, parent = steps + 1, parents[parent]
        return steps

    waiting = {(net.table, net.record_id) for net in nets}
    back: set[tuple[str, int]] = set()
    failed: set[int] = set()
    in_order = sorted(nets, key=lambda net: (depth(net), rank.get(net.table, 0)))
    for name, of_table in groupby(in_order, key=lambda net: net.table):
        mine, table = list(of_table), Base.metadata.tables[name]
        size = _BULK_PART if uow.bulk else _PART
        for start in range(0, len(mine), size):
            progress(len(back))
            part = mine[start : start + size]
            lost = lost_links(uow.connection, part, waiting)
            rows = _rows_of(table, (net for net in part if net.parent_id not in failed), lost)
            there = {(name, identity) for identity in _insert_rows(uow, table, rows)}
            missing = {(name, net.record_id) for net in part} - there
            waiting -= missing
            failed |= {identity for _name, identity in missing}
            back |= there
    if failed:
        _let_go(uow, [net for net in nets if (net.table, net.record_id) in back], failed)
    return len(back)


def _let_go(uow: UnitOfWork, nets: Sequence[NetChange], failed: Collection[int]) -> None:
    """Empty links to rows that turned out not to come back after those that point to them."""
    for net in nets:
        table = Base.metadata.tables[net.table]
        for key in table.foreign_keys:
            column, target = key.parent, net.old.get(key.parent.name)
            if target not in failed or uow.connection.execute(
                sa.select(sa.literal(1)).select_from(key.column.table).where(key.column == target)
            ).first():  # fmt: skip
                continue
            where = (table.c.id == net.record_id) & (column == target)
            change_it = table.update().values({column.name: None}) if column.nullable else table.delete()
            uow.connection.execute(change_it.where(where))


def _insert_rows(uow: UnitOfWork, table: sa.Table, rows: Sequence[Row]) -> set[int]:
    """Insert rows together, or in ever smaller parts where some of them cannot be. Returns the ids of those that are there."""
    by_columns: dict[frozenset[str], list[Row]] = {}
    for row in rows:  # rows that were deleted before a migration lack its columns
        by_columns.setdefault(frozenset(row), []).append(row)
    waiting, back = [*by_columns.values()], set[int]()
    while waiting:
        alike = waiting.pop()
        if _inserted(uow, table, alike):
            back.update(row["id"] for row in alike)
        elif len(alike) > 1:
            middle = len(alike) // 2
            waiting += [alike[middle:], alike[:middle]]
    return back


def _inserted(uow: UnitOfWork, table: sa.Table, rows: list[Row]) -> bool:
    names = list(rows[0])
    values = [[row[name] for row in rows] for name in names]
    uow.ask_insert(table.name, names, values)
    connection, many = uow.connection, uow.bulk and len(rows) >= _PART
    dbapi = connection.dialect.loaded_dbapi
    savepoint = connection.begin_nested()
    try:
        if many:
            uow.insert_packed(pack(table, names, values, uow.database.engine), [row["id"] for row in rows])
        else:
            connection.execute(table.insert(), rows)
        savepoint.commit()
    except (IntegrityError, dbapi.IntegrityError):
        savepoint.rollback()
        return False
    return True


def revert_all(
    uow: UnitOfWork, nets: Sequence[NetChange], partly: Mapping[tuple[str, int], frozenset[str]],
    progress: Callable[[int], None],
) -> int:  # fmt: skip
    """Give edited rows their old values again, set by set: rows that get the same values in one statement.

    Args:
        partly: the columns of a row that stay as they are ("custom.size" for a field of the office).
    """
    sets: dict[tuple[str, tuple[str, ...]], dict[str, tuple[dict[str, Any], list[int]]]] = {}
    own: dict[str, list[NetChange]] = {}
    lost = lost_links(uow.connection, nets)
    for net in nets:
        table = Base.metadata.tables[net.table]
        kept = partly.get((net.table, net.record_id), frozenset()) | lost.get((net.table, net.record_id), frozenset())
        wanted = {name: net.old[name] for name in net.old if name not in kept and name != "custom" and name in table.c}
        if "custom" in net.old:
            own.setdefault(net.table, []).append(net)
        if wanted:
            names = tuple(sorted(wanted))
            values = sets.setdefault((net.table, names), {})
            values.setdefault(json.dumps([wanted[name] for name in names]), (wanted, []))[1].append(net.record_id)
    done = 0
    for (name, names), values in sets.items():
        table = Base.metadata.tables[name]
        many = {key: both for key, both in values.items() if len(both[1]) >= _TOGETHER}
        for wanted, ids in many.values():
            for start in range(0, len(ids), _PART):
                progress(done)
                part = ids[start : start + _PART]
                done += uow.update_where(name, _python(table, wanted), table.c.id.in_(part))
        rows = [
            (*_python(table, {one: wanted[one] for one in names}).values(), identity)
            for key, (wanted, ids) in values.items() if key not in many for identity in ids
        ]  # fmt: skip
        for start in range(0, len(rows), _PART):
            progress(done)
            done += uow.update_many(name, names, rows[start : start + _PART])
    for name, edited in own.items():
        for start in range(0, len(edited), _PART):
            progress(done)
            done += _revert_custom(uow, name, edited[start : start + _PART], partly)
    return done


def _revert_custom(
    uow: UnitOfWork, name: str, nets: Sequence[NetChange], partly: Mapping[tuple[str, int], frozenset[str]]
) -> int:
    """Only the fields of the office that the change set touched go back; the others stay as they are now."""
    table = Base.metadata.tables[name]
    statement = sa.select(table.c.id, table.c.custom).where(table.c.id.in_([net.record_id for net in nets]))
    stored = {identity: custom for identity, custom in uow.connection.execute(statement)}
    rows = []
    for net in nets:
        current = dict(stored.get(net.record_id) or {})
        kept = partly.get((name, net.record_id), frozenset())
        old, new = net.old.get("custom") or {}, net.new.get("custom") or {}
        for key in set(old) | set(new):
            if old.get(key) == new.get(key) or f"custom.{key}" in kept:
                continue
            if key in old:
                current[key] = old[key]
            else:
                current.pop(key, None)
        if (current or None) != (stored.get(net.record_id) or None):
            rows.append((current or None, net.record_id))
    return uow.update_many(name, ["custom"], rows) if rows else 0


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
