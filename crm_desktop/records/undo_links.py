"""Links in an undo: which cannot come back because what they point to is gone, and which come again with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from crm_desktop.core.access import Access
from crm_desktop.db.base import Base
from crm_desktop.db.id_sets import there
from crm_desktop.db.journal import DELETED, change
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import from_json
from crm_desktop.db.unit_of_work import UnitOfWork

_PART = 200


class Net(Protocol):
    """What a change set did to one row: see ``undo_plan.NetChange``."""

    table: str
    record_id: int
    parent_id: int | None
    op: str
    old: dict[str, Any]


def lost_links(
    connection: sa.Connection, nets: Sequence[Net], returning: Collection[tuple[str, int]] = ()
) -> dict[tuple[str, int], frozenset[str]]:
    """By row, the links that cannot come back because what they pointed to is gone.

    Args:
        returning: (table, row) of what is being put back.
    """
    wanted: dict[str, set[int]] = {}
    links: list[tuple[tuple[str, int], str, str, int]] = []
    keyed = {
        name: [c for c in Base.metadata.tables[name].columns if c.foreign_keys]
        for name in {n.table for n in nets} if name in Base.metadata.tables
    }  # fmt: skip
    for net in nets:
        for column in keyed.get(net.table, ()):
            identity = net.old.get(column.name)
            if identity is None:
                continue
            for key in column.foreign_keys:
                target = key.column.table.name
                if (target, identity) in returning:
                    continue
                wanted.setdefault(target, set()).add(identity)
                links.append(((net.table, net.record_id), column.name, target, identity))
    for name, ids in wanted.items():
        ids -= _there(connection, name, ids)
    result: dict[tuple[str, int], frozenset[str]] = {}
    for row, column_name, target, identity in links:
        if identity in wanted[target]:
            result[row] = result.get(row, frozenset()) | {column_name}
    return result


def without_owner(
    schema: Schema, connection: sa.Connection, nets: Sequence[Net], returning: Collection[int]
) -> set[tuple[str, int]]:
    """The deleted rows whose record is gone, too, and does not come back with them."""
    owners: dict[str, set[int]] = defaultdict(set)
    for net in nets:
        if net.op == "D" and net.parent_id is not None and net.parent_id not in returning:
            owners[net.table].add(net.parent_id)
    present: dict[str, set[int]] = {}
    for name, ids in owners.items():
        tables = _owner_tables(schema, name)
        present[name] = set().union(*(_there(connection, one, ids) for one in tables)) if tables else ids
    return {
        (net.table, net.record_id) for net in nets
        if net.op == "D" and net.parent_id in owners.get(net.table, ()) and net.parent_id not in present[net.table]
    }  # fmt: skip


def _owner_tables(schema: Schema, name: str) -> list[str]:
    table = Base.metadata.tables.get(name)
    parent = Schema.parent_column(table) if table is not None else ""
    if table is None or not parent:
        return []
    keyed = [key.column.table.name for key in table.columns[parent].foreign_keys]
    return keyed or [schema.entity(one).table for one in schema.parents.get(name, ((), ""))[0]]


def sees_all(schema: Schema, access: Access, table: str) -> bool:
    """Whether a person sees every row of a table, so that what they do not see is not there."""
    spec = schema.by_table.get(table)
    return access.everything or spec is None or access.scope(spec.name, "read") == "all"


def link_again(uow: UnitOfWork, back: Iterable[tuple[str, int]]) -> int:
    """Point rows that came back earlier, while what they pointed to was still gone, to what comes back now.

    A row counts that was deleted with such a link, has none now, and whose link nobody changed in between.

    Returns:
        How many rows were linked again.
    """
    targets: dict[str, set[int]] = defaultdict(set)
    for table, identity in back:
        targets[table].add(identity)
    done = 0
    for other in uow.schema.tracked_tables:
        columns = {
            column.name: key.column.table.name for column in other.columns for key in column.foreign_keys
            if column.nullable and key.column.table.name in targets
        }  # fmt: skip
        if columns:
            for row, values in _unlinked(uow, other, columns, targets).items():
                uow.update(other.name, row, values)
                done += 1
    return done


def _unlinked(
    uow: UnitOfWork, other: sa.Table, columns: dict[str, str], targets: dict[str, set[int]]
) -> dict[int, dict[str, int]]:
    """By row of a table, the links that it was deleted with and that it has not now."""
    empty = sa.or_(*(other.c[name].is_(None) for name in columns))
    statement = (
        sa.select(change.c.id, change.c.record_id, change.c.data, *(other.c[name].label(f"now_{name}") for name in columns))
        .join(other, other.c.id == change.c.record_id)
        .where(DELETED, change.c.table_name == other.name, empty).order_by(change.c.id)
    )  # fmt: skip
    last = {row.record_id: row for row in uow.connection.execute(statement)}
    found: dict[int, dict[str, int]] = {}
    for record_id, row in last.items():
        values = {
            name: row.data[name] for name, target in columns.items()
            if row.data and getattr(row, f"now_{name}") is None and row.data.get(name) in targets[target]
        }  # fmt: skip
        if values:
            later = sa.select(change.c.data).where(
                change.c.record_id == record_id,
                change.c.table_name == other.name,
                change.c.op == "U",
                change.c.id > row.id,
            )
            touched = {name for (data,) in uow.connection.execute(later) for name in data or ()}
            values = {name: value for name, value in values.items() if name not in touched}
        if values:
            found[record_id] = values
    return found


def _there(connection: sa.Connection, name: str, ids: Collection[int]) -> set[int]:
    return there(connection, Base.metadata.tables[name], ids)


def taken_keys(
    connection: sa.Connection, nets: Sequence[Net], leaving: Collection[int] = ()
) -> dict[tuple[str, int], int]:
    """Deleted rows that cannot come back because another row has what only one may have, each with that row.

    Args:
        nets: deleted rows.
        leaving: rows that the same undo takes away.
    """
    by_table: dict[str, list[Net]] = defaultdict(list)
    for net in nets:
        by_table[net.table].append(net)
    found: dict[tuple[str, int], int] = {}
    for name, mine in by_table.items():
        table = Base.metadata.tables[name]
        for unique in table.constraints:
            if isinstance(unique, sa.UniqueConstraint):
                found |= _taken(connection, table, list(unique.columns), mine, leaving)
    return found


def _taken(
    connection: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], nets: Sequence[Net],
    leaving: Collection[int],
) -> dict[tuple[str, int], int]:  # fmt: skip
    wanted: dict[tuple[Any, ...], int] = {}
    for net in nets:
        values = tuple(from_json(column.type, net.old.get(column.name)) for column in columns)
        if None not in values:
            wanted[values] = net.record_id
    keys, result = list(wanted), dict[tuple[str, int], int]()
    for start in range(0, len(keys), _PART):
        asked = sa.select(table.c.id, *columns).where(sa.tuple_(*columns).in_(keys[start : start + _PART]))
        for row in connection.execute(asked):
            identity, back = row[0], wanted.get(tuple(row[1:]))
            if back is not None and back != identity and identity not in leaving:
                result[table.name, back] = identity
    return result
