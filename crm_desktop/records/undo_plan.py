"""What undoing a change set would do, and what stands in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.id_sets import MANY, among
from crm_desktop.db.journal import NOT_PLAIN, PART, change, change_set, changes_of
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import to_json
from crm_desktop.records import undo_links, undo_merges

LATER_EDIT = N_("was changed later")
LATER_CHILD = N_("something was added to it later")
LATER_LINK = N_("other records point to it now")
GONE = N_("was deleted later")
BACK_ALREADY = N_("is there again already")
LOST_LINK = N_("what it pointed to was deleted later")
OWNER_GONE = N_("what it belongs to was deleted later")
TAKEN = N_("another has its place since")
_PART = 500
_BULK_FROM = 2000


@dataclass
class NetChange:
    """What a change set did to one row, all its steps together.

    ``op`` "I": the row is new; "D": the row is gone and ``old`` holds all its columns; "U": ``old`` and ``new``
    hold the changed columns. Values are canonical JSON.
    """

    table: str
    record_id: int
    parent_id: int | None
    op: str
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocked:
    """Something that a later edit keeps from being undone. ``columns`` is empty where it is the whole row."""

    net: NetChange
    reason: str
    columns: tuple[str, ...] = ()
    later_change_set: int | None = None
    forcible: bool = True


@dataclass
class UndoPlan:
    """What can be undone, what not, and why.

    ``bulk_inserts`` are tables whose rows were only inserted: they are taken back set by set; ``bulk_blocked``
    holds the ids among them that stay unless forced.
    """

    change_set_id: int
    nets: list[NetChange] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    bulk_inserts: dict[str, int] = field(default_factory=dict)
    bulk_blocked: dict[str, set[int]] = field(default_factory=dict)
    first_change: int = 0
    last_change: int = 0
    first_apart: list[tuple[int, str, Any]] = field(default_factory=list)
    """(change set, title, its parameters) of later merges that went on from this one: they are taken apart first."""
    parts: list[int] = field(default_factory=list)
    """Change sets that took back a part of it already, and stand."""
    base_gone: bool = False
    """It is a merge, and the record that everything was merged into was deleted since."""

    @property
    def blocked_count(self) -> int:
        """How many rows stay as they are unless forced."""
        rows = {(one.net.table, one.net.record_id) for one in self.blocked}
        return len(rows) + sum(len(ids) for ids in self.bulk_blocked.values())

    @property
    def possible_count(self) -> int:
        """How many rows can be taken back."""
        kept: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for one in self.blocked:
            key = one.net.table, one.net.record_id
            # an edit of which every column stays is as little possible as one that stays as a row
            kept[key].update(one.columns or _names(one.net) or ("",))
        whole = [
            net for net in self.nets
            if (columns := kept.get((net.table, net.record_id))) and columns >= set(_names(net) or ("",))
        ]  # fmt: skip
        bulk = sum(self.bulk_inserts.values()) - sum(len(ids) for ids in self.bulk_blocked.values())
        return len(self.nets) - len(whole) + bulk


def table_named(schema: Schema, name: str) -> sa.Table | None:
    """A data table by name; None where this program no longer knows it."""
    return Base.metadata.tables.get(name)


def plan_undo(database: Database, connection: sa.Connection, change_set_id: int) -> UndoPlan:
    """What undoing a change set would do now. Reads only."""
    plan = UndoPlan(change_set_id)
    row = connection.execute(
        sa.select(change_set.c.first_change, change_set.c.last_change, change_set.c.kind).where(
            change_set.c.id == change_set_id
        )
    ).first()
    if row is None:
        raise UserError(N_("There is no change {number} in the history."), number=change_set_id)
    plan.first_change, plan.last_change = row.first_change or 0, row.last_change or 0
    chosen = changes_of(connection, change_set_id)
    back = _back_already(connection, plan)
    operations: dict[str, dict[str, int]] = defaultdict(dict)
    counts = sa.select(change.c.table_name, change.c.op, sa.func.count()).where(chosen)
    for table, op, number in connection.execute(counts.group_by(change.c.table_name, change.c.op)):
        operations[table][op] = number
    slow = []
    for table, ops in operations.items():
        if set(ops) == {"I"} and ops["I"] > _BULK_FROM and not back:
            plan.bulk_inserts[table] = ops["I"]
            plan.bulk_blocked[table] = _bulk_blocked(database, connection, plan, table, chosen)
        else:
            slow.append(table)
    if slow:
        plan.nets = [net for net in _net_changes(connection, chosen, slow) if (net.table, net.record_id) not in back]
        find_blocked(database, connection, plan)
    _keep_parts_of_kept(plan)
    if row.kind == "merge":
        plan.first_apart = undo_merges.later_merges(connection, plan)
        plan.base_gone = any(one.reason == GONE and one.net.table == "merge_log" for one in plan.blocked)
    return plan


def plan_part(
    database: Database, connection: sa.Connection, change_set_id: int, only: Collection[tuple[str, int]],
    pointing: Callable[[str, Sequence[int]], Sequence[NetChange]] | None = None,
) -> UndoPlan:  # fmt: skip
    """What undoing some rows of a change set would do, together with what it did to that which hangs on them.

    Args:
        only: (table, row) of each.
        pointing: (table, ids of deleted records) to what the change set did to rows that pointed to them.
    """
    plan = UndoPlan(change_set_id)
    asked = sa.select(change_set.c.first_change, change_set.c.last_change).where(change_set.c.id == change_set_id)
    row = connection.execute(asked).one()
    plan.first_change, plan.last_change = row.first_change or 0, row.last_change or 0
    chosen, back = changes_of(connection, change_set_id), _back_already(connection, plan)
    found: dict[tuple[str, int], NetChange] = {}
    front = {identity for _table, identity in only}
    wanted, first = set(only), True
    while front:
        fresh: set[int] = set()
        ids = sorted(front)
        for start in range(0, len(ids), _PART):
            part = ids[start : start + _PART]
            mine = change.c.record_id.in_(part) if first else sa.false()
            for net in _net_changes(connection, chosen & (mine | change.c.parent_id.in_(part)), None):
                key = (net.table, net.record_id)
                if key not in found and (key in wanted or net.parent_id in front):
                    found[key] = net
                    fresh.add(net.record_id)
        front, first = fresh - {identity for _table, identity in only} if not first else fresh, False
    if pointing is not None:
        for table in {net.table for net in found.values() if net.op == "D"}:
            gone = [net.record_id for net in found.values() if net.op == "D" and net.table == table]
            for net in pointing(table, gone):
                found.setdefault((net.table, net.record_id), net)
    plan.nets = [net for key, net in found.items() if key not in back]
    find_blocked(database, connection, plan)
    _keep_parts_of_kept(plan)
    return plan


def _back_already(connection: sa.Connection, plan: UndoPlan) -> set[tuple[str, int]]:
    """The (table, row) that somebody took back by themselves before."""
    statement = sa.select(change_set.c.id).where(
        change_set.c.kind == PART, NOT_PLAIN,
        change_set.c.undoes == plan.change_set_id, change_set.c.undone_by.is_(None),
    )  # fmt: skip
    plan.parts = list(connection.execute(statement).scalars())
    result: set[tuple[str, int]] = set()
    for identity in plan.parts:
        rows = sa.select(change.c.table_name, change.c.record_id).where(changes_of(connection, identity))
        result.update((table, record) for table, record in connection.execute(rows))
    return result


def _keep_parts_of_kept(plan: UndoPlan) -> None:
    """A record that stays keeps the parts that came with it: its e-mails, its lines, its checklist."""
    kept = {one.net.record_id for one in plan.blocked if one.net.op == "I"}
    kept.update(*plan.bulk_blocked.values())
    blocked = {one.net.record_id for one in plan.blocked}
    for net in plan.nets:
        if net.op == "I" and net.parent_id in kept and net.record_id not in blocked:
            plan.blocked.append(Blocked(net, LATER_EDIT))


def _net_changes(
    connection: sa.Connection, chosen: sa.ColumnElement[bool], tables: Sequence[str] | None
) -> list[NetChange]:
    statement = (
        sa.select(change.c.table_name, change.c.record_id, change.c.parent_id, change.c.op, change.c.data)
        .where(chosen, sa.true() if tables is None else change.c.table_name.in_(tables))
        .order_by(change.c.id)
    )
    nets: dict[tuple[str, int], NetChange] = {}
    for table, record_id, parent_id, op, data in connection.execute(statement):
        key = (table, record_id)
        net = nets.get(key)
        if net is None:
            nets[key] = net = NetChange(table, record_id, parent_id, op)
            if op == "D":
                net.old = dict(data)
            elif op == "U":
                net.old = {name: pair[0] for name, pair in data.items()}
                net.new = {name: pair[1] for name, pair in data.items()}
        else:
            _add_step(nets, key, net, op, data)
    return [net for net in nets.values() if net.op != "U" or net.old != net.new]


def _add_step(nets: dict[tuple[str, int], NetChange], key: tuple[str, int], net: NetChange, op: str, data: Any) -> None:
    """Fold a further step of the same row into its net change."""
    if op == "U" and net.op == "U":
        for name, (old, new) in data.items():
            net.old.setdefault(name, old)
            net.new[name] = new
    elif op == "D":
        if net.op == "I":
            del nets[key]
            return
        net.old = {**data, **net.old}
        net.op, net.new = "D", {}
    elif op == "I" and net.op == "D":
        # deleted and put back with the same id: what is different now is known from the row itself
        net.op, net.new = "U", {}


def find_blocked(database: Database, connection: sa.Connection, plan: UndoPlan) -> None:
    """Add to a plan what later edits keep from being taken back."""
    by_table: dict[str, dict[int, NetChange]] = defaultdict(dict)
    for net in plan.nets:
        by_table[net.table][net.record_id] = net
    inserted = {net.record_id for net in plan.nets if net.op == "I"}
    for name, nets in by_table.items():
        table = table_named(database.schema, name)
        if table is None:
            plan.blocked += [Blocked(net, GONE, forcible=False) for net in nets.values()]
            continue
        ids = list(nets)
        for start in range(0, len(ids), MANY):
            part = ids[start : start + MANY]
            _check_part(connection, plan, table, {identity: nets[identity] for identity in part})
        fresh = [identity for identity, net in nets.items() if net.op == "I"]
        if fresh:
            _check_hanging(database, connection, plan, table, nets, fresh, inserted)
    _check_links(database, connection, plan)


def _check_links(database: Database, connection: sa.Connection, plan: UndoPlan) -> None:
    """What comes back, but points or belongs to something that is gone."""
    whole = {(one.net.table, one.net.record_id) for one in plan.blocked if not one.columns}
    known = [net for net in plan.nets if net.table in Base.metadata.tables and (net.table, net.record_id) not in whole]
    nets = {(net.table, net.record_id): net for net in known if net.op != "I"}
    returning = {key for key, net in nets.items() if net.op == "D"}
    alone = undo_links.without_owner(database.schema, connection, list(nets.values()), {one for _t, one in returning})
    left = [nets.pop(key) for key in alone]
    by = {owner: _who_removed(connection, owner) for owner in {net.parent_id for net in left}}
    plan.blocked += [
        Blocked(net, OWNER_GONE, later_change_set=by[net.parent_id], forcible=False) for net in left
    ]  # fmt: skip
    _check_keys(connection, plan, nets, {net.record_id for net in known if net.op == "I"})
    returning &= set(nets)
    for key, names in undo_links.lost_links(connection, list(nets.values()), returning).items():
        table = Base.metadata.tables[key[0]]
        seen = [
            name for name in sorted(names)
            if all(undo_links.sees_all(database.schema, database.access, k.column.table.name) for k in table.c[name].foreign_keys)
        ]  # fmt: skip
        if seen:
            plan.blocked.append(Blocked(nets[key], LOST_LINK, tuple(seen), forcible=False))


def _check_keys(
    connection: sa.Connection, plan: UndoPlan, nets: dict[tuple[str, int], NetChange], leaving: set[int]
) -> None:
    """What cannot come back because another row has what only one may have, with all that hangs on it."""
    taken = undo_links.taken_keys(connection, [net for net in nets.values() if net.op == "D"], leaving)
    by = {key: _who_made(connection, other) for key, other in taken.items()}
    while by:
        owners = {key[1]: later for key, later in by.items()}
        plan.blocked += [
            Blocked(nets.pop(key), TAKEN, later_change_set=later, forcible=False) for key, later in by.items()
        ]  # fmt: skip
        by = {key: owners[net.parent_id] for key, net in nets.items() if net.op == "D" and net.parent_id in owners}


def _check_part(connection: sa.Connection, plan: UndoPlan, table: sa.Table, nets: dict[int, NetChange]) -> None:
    names = {name for net in nets.values() for name in net.new if name in table.c}
    wanted = [table.c.id, *(table.c[name] for name in sorted(names))]
    statement = sa.select(*wanted).where(among(connection, table.c.id, nets))
    rows = {row["id"]: row for row in connection.execute(statement).mappings()}
    later = _later_edits(connection, plan, table, list(nets))
    for identity, net in nets.items():
        row, edits = rows.get(identity), later.get(identity, {})
        last = max(edits.values(), default=0)
        if net.op == "D":
            if row is not None:
                plan.blocked.append(Blocked(net, BACK_ALREADY, forcible=False))
        elif row is None:
            plan.blocked.append(
                Blocked(net, GONE, later_change_set=_who_removed(connection, identity, table.name), forcible=False)
            )
        elif net.op == "I":
            if edits:
                plan.blocked.append(Blocked(net, LATER_EDIT, later_change_set=last))
        else:
            # who gave a field the same value again meant it, so the values alone do not tell
            again = [name for name in _names(net) if name in edits]
            columns = tuple(dict.fromkeys([*_changed_since(table, row, net), *again]))
            if columns:
                by = max((edits[name] for name in columns if name in edits), default=last)
                plan.blocked.append(Blocked(net, LATER_EDIT, columns, by or None))


def _names(net: NetChange) -> list[str]:
    """The columns that an edit changed; of those in the custom column, "custom.size"."""
    result = [name for name in net.new if name != "custom"]
    if "custom" in net.new:
        result += _own_names(net.old.get("custom"), net.new.get("custom"))
    return result


def _own_names(old: Any, new: Any) -> list[str]:
    before, after = old or {}, new or {}
    return [f"custom.{key}" for key in sorted(set(before) | set(after)) if before.get(key) != after.get(key)]


def _who_removed(connection: sa.Connection, record_id: int | None, table: str = "") -> int | None:
    """The last change set that removed a row; ids of records are of one row only, whatever its table."""
    statement = sa.select(change.c.change_set_id).where(change.c.record_id == record_id, change.c.op == "D")
    if table:
        statement = statement.where(change.c.table_name == table)
    return connection.execute(statement.order_by(change.c.id.desc()).limit(1)).scalar()


def _who_made(connection: sa.Connection, record_id: int) -> int | None:
    """The change set that added a row last; None where the history does not know."""
    statement = sa.select(change.c.change_set_id).where(change.c.record_id == record_id, change.c.op == "I")
    return connection.execute(statement.order_by(change.c.id.desc()).limit(1)).scalar()


def _changed_since(table: sa.Table, row: Any, net: NetChange) -> tuple[str, ...]:
    """The columns whose value is no longer the one that the change set wrote."""
    from_row = {name: to_json(table.c[name].type, row[name]) for name in net.new if name in table.c}
    result: list[str] = []
    for name, new in net.new.items():
        if name == "custom":
            current, wanted, before = from_row.get("custom") or {}, new or {}, net.old.get("custom") or {}
            keys = {key for key in set(wanted) | set(before) if wanted.get(key) != before.get(key)}
            result += [f"custom.{key}" for key in sorted(keys) if current.get(key) != wanted.get(key)]
        elif name in table.columns and from_row[name] != new:
            result.append(name)
    return tuple(result)


def _later_edits(
    connection: sa.Connection, plan: UndoPlan, table: sa.Table, ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """By row, what was edited after this change set and stands: the column and the last change set that did.

    Change set 0 stands for what changed outside the program. What was undone does not count, and no undo does.
    """
    statement = (
        sa.select(change.c.record_id, change.c.change_set_id, change.c.data)
        .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
        .where(among(connection, change.c.record_id, ids), change.c.id > plan.last_change, change.c.op == "U")
        .where(change.c.table_name == table.name, _stands()).order_by(change.c.id)
    )  # fmt: skip
    rows = connection.execute(statement).all()
    back = _taken_back(connection, {row.change_set_id for row in rows if row.change_set_id})
    result: dict[int, dict[str, int]] = defaultdict(dict)
    for record_id, set_id, data in rows:
        if (set_id, record_id) in back:
            continue
        for name, pair in (data or {}).items():
            names = _own_names(*pair) if name == "custom" else [name]
            for one in names:
                result[record_id][one] = set_id or 0
    return result


def _taken_back(connection: sa.Connection, sets: Collection[int]) -> set[tuple[int, int]]:
    """(change set, row) of these that were taken back by themselves."""
    result: set[tuple[int, int]] = set()
    every = sorted(sets)
    for start in range(0, len(every), _PART):
        statement = (
            sa.select(change_set.c.undoes, change.c.record_id)
            .join(change, change.c.change_set_id == change_set.c.id)
            .where(change_set.c.kind == PART, NOT_PLAIN)
            .where(change_set.c.undoes.in_(every[start : start + _PART]), change_set.c.undone_by.is_(None))
            .where(change.c.id.between(change_set.c.first_change, change_set.c.last_change))
        )
        result.update((set_id, record_id) for set_id, record_id in connection.execute(statement))
    return result


def _stands() -> sa.ColumnElement[bool]:
    """The condition that a later change still stands: it was neither undone nor is it an undo."""
    return change_set.c.id.is_(None) | (
        change_set.c.undone_by.is_(None) & change_set.c.kind.not_in(("undo", "redo", PART))
    )


def _references(database: Database, table: sa.Table) -> list[tuple[sa.Table, sa.Column[Any]]]:
    """(table, column) of every foreign key and owner column that may point to rows of ``table``.

    What has no history (notices, for one) keeps nothing from going: it goes along.
    """
    result = []
    for other in database.schema.tracked_tables:
        for column in other.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                result.append((other, column))
    spec = database.schema.by_table.get(table.name)
    if spec is not None:
        tracked = {one.name for one in database.schema.tracked_tables}
        for name, column_name in database.schema.owned.get(spec.name, []):
            if name not in tracked:
                continue
            result.append((Base.metadata.tables[name], Base.metadata.tables[name].columns[column_name]))
    return result


def _check_hanging(
    database: Database, connection: sa.Connection, plan: UndoPlan, table: sa.Table, nets: dict[int, NetChange],
    ids: Sequence[int], inserted: set[int],
) -> None:  # fmt: skip
    """Inserted rows that other rows, made by others, hang on or point to now."""
    blocked_already = {one.net.record_id for one in plan.blocked}
    stays = {(one.net.table, one.net.record_id, name) for one in plan.blocked for name in one.columns}
    chosen = changes_of(connection, plan.change_set_id)
    for other, column in _references(database, table):
        # rows that the undo itself lets point elsewhere do not keep what they point to now
        moved = {
            net.record_id for net in plan.nets
            if net.op == "U" and net.table == other.name and column.name in net.old
            and (net.table, net.record_id, column.name) not in stays
        }  # fmt: skip
        foreign: sa.ColumnElement[bool] = sa.true()
        if other.name in plan.bulk_inserts:  # so many rows of this change set that ``inserted`` does not hold them
            foreign = other.c.id.not_in(sa.select(change.c.record_id).where(chosen, change.c.table_name == other.name))
        for start in range(0, len(ids), MANY):
            part = [identity for identity in ids[start : start + MANY] if identity not in blocked_already]
            if not part:
                continue
            hanging = sa.select(column, other.c.id).where(among(connection, column, part), foreign)
            for target, source in connection.execute(hanging):
                if source not in inserted and source not in moved and target not in blocked_already:
                    reason = LATER_CHILD if Schema.parent_column(other) else LATER_LINK
                    plan.blocked.append(Blocked(nets[target], reason))
                    blocked_already.add(target)


def _bulk_blocked(
    database: Database, connection: sa.Connection, plan: UndoPlan, name: str, chosen: sa.ColumnElement[bool]
) -> set[int]:
    """Ids of a bulk-inserted table that were edited later or that later rows hang on."""
    table = table_named(database.schema, name)
    if table is None:
        return set()
    mine = sa.select(change.c.record_id).where(chosen, change.c.table_name == name)
    later = (
        sa.select(change.c.record_id)
        .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
        .where(change.c.id > plan.last_change, change.c.op == "U", change.c.table_name == name, _stands())
        .where(change.c.record_id.in_(mine))
    )
    result = set(connection.execute(later).scalars())
    everything = sa.select(change.c.record_id).where(chosen)
    for other, column in _references(database, table):
        statement = sa.select(column).where(column.in_(mine), other.c.id.not_in(everything)).distinct()
        result.update(connection.execute(statement).scalars())
    return result
