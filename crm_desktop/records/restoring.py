"""Bringing single deleted records back inside a unit of work, with everything that undoing the deletion would bring back with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.jobs import Progress
from crm_desktop.db.journal import change, change_set, changes_of
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.undo_plan import NetChange, UndoPlan, find_blocked
from crm_desktop.records.undo_run import carry_out

_PART = 500
_TOGETHER = timedelta(hours=1)
"""What another program deleted within this time of a record went with it."""


class Trace:
    """What a deletion of records of one type did to them and elsewhere, read once for each change set.

    Args:
        connect: gives the connection to read with.
    """

    def __init__(self, schema: Schema, entity: Entity, connect: Callable[[], sa.Connection]) -> None:
        self._connect = connect
        self._table = schema.table(entity)
        owned = schema.owned.get(entity.name, ())
        self._columns: dict[str, list[str]] = defaultdict(list)
        for other in schema.data_tables:
            parent = Schema.parent_column(other)
            for column in other.columns:
                keyed = any(key.column.table is self._table for key in column.foreign_keys)
                if (keyed or (other.name, column.name) in owned) and column.name != parent:
                    self._columns[other.name].append(column.name)
        self._pointing: dict[int, dict[int, list[int]]] = {}

    def nets_of(self, set_id: int | None, ids: Sequence[int]) -> list[NetChange]:
        """What the deletion of some records did to them, to what hung on them and to what pointed to them."""
        if set_id is None:
            return [net for identity in ids for net in self._nets(None, [identity], self._lately(identity))]
        return self._nets(set_id, ids, sa.true())

    def _lately(self, identity: int) -> sa.ColumnElement[bool]:
        """Of what something outside the program deleted, that which went about when a record did: not years before."""
        last = sa.select(sa.func.max(change.c.at)).where(
            change.c.record_id == identity, change.c.table_name == self._table.name,
            change.c.op == "D", change.c.change_set_id.is_(None),
        )  # fmt: skip
        at = self._connect().execute(last).scalar()
        return sa.true() if at is None else change.c.at >= at - _TOGETHER

    def _nets(self, set_id: int | None, ids: Sequence[int], lately: sa.ColumnElement[bool]) -> list[NetChange]:
        found: dict[tuple[str, int], NetChange] = {}
        own = (change.c.change_set_id == set_id) & (change.c.op == "D") & lately  # NULL: outside the program
        for part in _parts(ids):
            self._add(found, own & (change.c.table_name == self._table.name) & change.c.record_id.in_(part))
        frontier = list(ids)
        while frontier:
            known = set(found)
            for part in _parts(frontier):
                self._add(found, own & change.c.parent_id.in_(part))
            frontier = [identity for table, identity in found.keys() - known]
        pointing = self._pointing_to(set_id) if set_id is not None else {}
        for part in _parts([one for identity in ids for one in pointing.get(identity, ())]):
            self._add(found, change.c.id.in_(part))
        return list(found.values())

    def _add(self, found: dict[tuple[str, int], NetChange], where: sa.ColumnElement[bool]) -> None:
        columns = (change.c.table_name, change.c.record_id, change.c.parent_id, change.c.op, change.c.data)
        for table, identity, parent, op, data in self._connect().execute(
            sa.select(*columns).where(where).order_by(change.c.id)
        ):
            net = found.setdefault((table, identity), NetChange(table, identity, parent, op))
            if op == "D":
                net.op, net.old = "D", dict(data)
                net.new = {}
            elif net.op == "U":
                columns_of = self._columns.get(table, ())
                for name, (old, new) in data.items():
                    if name in columns_of:
                        net.old[name], net.new[name] = old, new

    def _pointing_to(self, set_id: int) -> dict[int, list[int]]:
        """Record id to the changes of a change set by which other rows let go of it."""
        known = self._pointing.get(set_id)
        if known is not None:
            return known
        known = self._pointing[set_id] = {}
        if not self._columns:
            return known
        where = changes_of(self._connect(), set_id) & change.c.table_name.in_(list(self._columns))
        statement = sa.select(change.c.id, change.c.table_name, change.c.op, change.c.data)
        rows = self._connect().execute(
            statement.where(where, change.c.op.in_(("D", "U"))).execution_options(yield_per=2000)
        )
        for identity, table, op, data in rows:
            for name in self._columns[table]:
                target: Any = data.get(name)
                if op == "U":
                    target = target[0] if target and target[1] is None else None
                if isinstance(target, int):
                    known.setdefault(target, []).append(identity)
        return known


class Restorer:
    """Restores records of one type."""

    def __init__(self, uow: UnitOfWork, entity: Entity) -> None:
        self._uow = uow
        self._table = uow.schema.table(entity)
        self._trace = Trace(uow.schema, entity, lambda: uow.connection)

    def restore(self, wanted: Mapping[int, int | None]) -> set[int]:
        """Bring records back with their ids, child rows, tags and the links to them.

        Args:
            wanted: record id to the change set that deleted it; None where something outside the program did.

        Returns:
            The ids that are there again. One whose unique value another record has now cannot come back.
        """
        by_set: dict[int | None, list[int]] = defaultdict(list)
        for identity, set_id in wanted.items():
            by_set[set_id].append(identity)
        for set_id, ids in by_set.items():
            plan = UndoPlan(set_id or 0, nets=self._trace.nets_of(set_id, ids))
            where = sa.select(change_set.c.first_change, change_set.c.last_change).where(change_set.c.id == set_id)
            row = self._uow.connection.execute(where).first()
            if row is not None:
                plan.first_change, plan.last_change = row.first_change or 0, row.last_change or 0
            find_blocked(self._uow.database, self._uow.connection, plan)
            carry_out(self._uow, plan, force=False, progress=Progress())
        back: set[int] = set()
        for part in _parts(list(wanted)):
            there = sa.select(self._table.c.id).where(self._table.c.id.in_(part))
            back.update(self._uow.connection.execute(there).scalars())
        return back


def nets_of(
    schema: Schema, connection: sa.Connection, entity: Entity, change_set_id: int, ids: Sequence[int]
) -> list[NetChange]:
    """What a change set that deleted records did to them, to what hung on them and to what pointed to them."""
    return Trace(schema, entity, lambda: connection).nets_of(change_set_id, ids)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _PART] for start in range(0, len(ids), _PART))
