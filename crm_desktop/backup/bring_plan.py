"""What bringing rows back from a backup would do now: what comes, what goes, and what cannot come and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.id_sets import among, parts, there
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import json_encoders
from crm_desktop.records.undo_plan import NetChange, UndoPlan, find_blocked

_ALWAYS = 2**62
"""Later than every change: nothing that stands now counts as a later edit."""

NO_OWNER = N_("what it belongs to is gone and was not chosen")
NO_TARGET = N_("what it leads to is gone and was not chosen")
EMPTY_LINK = N_("the link stays empty: what it leads to is gone and was not chosen")
ERASED = N_("the person was erased for good, and stays erased")


@dataclass(frozen=True)
class Lost:
    """Something that cannot come back, or comes back without a link.

    Attributes:
        table, row_id: the row; ``column`` the link where only that is lost.
        target: (table, id) of what is missing; None where nothing is.
        reason: a source text.
    """

    table: str
    row_id: int
    reason: str
    column: str = ""
    target: tuple[str, int] | None = None


@dataclass
class BringPlan:
    """What would be done: ``undo`` as steps of rows, ``lost`` what cannot come, ``digests`` of contents that come along."""

    undo: UndoPlan
    lost: list[Lost] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)

    def count(self, op: str) -> int:
        """How many rows come back ("D"), get values back ("U") or go ("I")."""
        return sum(1 for net in self.undo.nets if net.op == op)


def plan_bringing(pair: Pair, rows: Iterable[RowChange]) -> BringPlan:
    """What bringing some rows to their state in the backup would do. Reads only.

    With a record that comes back, the links come that led to it and were let go when it was deleted.
    """
    plan = BringPlan(UndoPlan(0, last_change=_ALWAYS))
    by_op: dict[tuple[str, str], list[RowChange]] = defaultdict(list)
    for row in rows:
        by_op[row.op, row.table].append(row)
    gone = [net for (op, name), mine in by_op.items() if op == "D" for net in _returning(pair, name, mine)]
    back = {(net.table, net.record_id) for net in gone}
    records = {net.record_id for net in gone if net.table in pair.now.schema.by_table}
    gone += [net for net in _links_to(pair, records) if (net.table, net.record_id) not in back]
    gone = _without_erased(pair, plan, gone)
    gone = _with_owner(pair, plan, gone)
    edited = [net for (op, name), mine in by_op.items() if op == "U" for net in _reverting(pair, name, mine)]
    edited = _joined([*edited, *_let_go(pair, {net.record_id for net in gone})])
    going = [
        NetChange(one.table, one.row_id, None, "I") for (op, _n), mine in by_op.items() if op == "I" for one in mine
    ]
    plan.undo.nets = [*gone, *_owned(pair, plan, edited, gone), *going]
    find_blocked(pair.now, pair.reading_now, plan.undo)
    plan.lost += _empty_links(pair, plan.undo.nets)
    for net in plan.undo.nets:
        digest = net.old.get("sha256")
        if net.table in ("attachment", "attachment_revision") and digest:
            plan.digests.add(digest)
    return plan


def _rows(connection: sa.Connection, table: sa.Table, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Rows by id as the history writes them: every tracked column in canonical JSON."""
    columns = Schema.tracked_columns(table)
    names, encoders = [column.name for column in columns], json_encoders(columns).items()
    found = {}
    for part in parts(ids):
        for row in connection.execute(sa.select(table.c.id, *columns).where(among(connection, table.c.id, part))):
            values = found[row[0]] = dict(zip(names, row[1:], strict=True))
            for name, encode in encoders:
                if values[name] is not None:
                    values[name] = encode(values[name])
    return found


def _returning(pair: Pair, name: str, rows: Sequence[RowChange]) -> list[NetChange]:
    return _nets_of(pair, name, [one.row_id for one in rows])


def _nets_of(pair: Pair, name: str, ids: Collection[int]) -> list[NetChange]:
    """The rows of the backup that are to be there again."""
    table = Base.metadata.tables[name]
    column = pair.now.schema.parents.get(name, ((), ""))[1]
    return [
        NetChange(name, identity, old.get(column) if column else None, "D", old)
        for identity, old in _rows(pair.reading_then, table, ids).items()
    ]


def _reverting(pair: Pair, name: str, rows: Sequence[RowChange]) -> list[NetChange]:
    table, wanted = Base.metadata.tables[name], {one.row_id: one.columns for one in rows}
    then, now = _rows(pair.reading_then, table, wanted), _rows(pair.reading_now, table, wanted)
    found = []
    for identity, columns in wanted.items():
        if identity not in then or identity not in now:
            continue
        old, new = _chosen(then[identity], columns), _chosen(now[identity], columns)
        if old != new:
            found.append(NetChange(name, identity, None, "U", old, new))
    return found


def _chosen(values: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """The values of some columns; "custom.size" chooses one field of the office of what is in "custom"."""
    result = {name: values[name] for name in columns if name in values}
    own = [name.removeprefix("custom.") for name in columns if name.startswith("custom.")]
    if own:
        held = values.get("custom") or {}
        result["custom"] = {key: held[key] for key in own if key in held}
    return result


def _links_to(pair: Pair, records: Collection[int]) -> list[NetChange]:
    """Rows of the backup that joined these records to others and went with them: of appointments, of relationships."""
    found = []
    for table in pair.now.schema.tracked_tables:
        columns = [key.parent for key in table.foreign_keys if table.name not in pair.now.schema.by_table]
        refers = table.info.get("refers")
        columns += [table.c[refers]] if refers else []
        for column in columns:
            ids: set[int] = set()
            for part in parts(records):
                mine = sa.select(table.c.id).where(among(pair.reading_then, column, part))
                ids.update(pair.reading_then.execute(mine).scalars())
            ids -= there(pair.reading_now, table, ids)
            found += _nets_of(pair, table.name, ids)
    return list({(net.table, net.record_id): net for net in found}.values())


def _let_go(pair: Pair, records: Collection[int]) -> list[NetChange]:
    """Links of records that stayed, emptied when what they led to was deleted."""
    found = []
    for table in pair.now.schema.tracked_tables:
        for key in table.foreign_keys:
            column = key.parent
            if not column.nullable or key.column.table.name not in pair.now.schema.by_table:
                continue
            pointing: dict[int, int] = {}
            for part in parts(records):
                statement = sa.select(table.c.id, column).where(among(pair.reading_then, column, part))
                pointing |= {row[0]: row[1] for row in pair.reading_then.execute(statement)}
            for part in parts(pointing):
                empty = sa.select(table.c.id).where(among(pair.reading_now, table.c.id, part), column.is_(None))
                for identity in pair.reading_now.execute(empty).scalars():
                    old = {column.name: pointing[identity]}
                    found.append(NetChange(table.name, identity, None, "U", old, {column.name: None}))
    return found


def _joined(nets: Iterable[NetChange]) -> list[NetChange]:
    """One net change for each row."""
    found: dict[tuple[str, int], NetChange] = {}
    for net in nets:
        known = found.setdefault((net.table, net.record_id), net)
        if known is not net:
            known.old, known.new = net.old | known.old, net.new | known.new
    return list(found.values())


def _without_erased(pair: Pair, plan: BringPlan, nets: list[NetChange]) -> list[NetChange]:
    """Whoever was erased for good does not come back, nor does what belonged to them."""
    table = Base.metadata.tables["erasure"]
    erased = set(pair.reading_now.execute(sa.select(table.c.record_id)).scalars())
    if not erased:
        return nets
    while True:  # what hangs on what hangs on them, too
        theirs = [
            net for net in nets
            if net.record_id in erased or net.parent_id in erased or erased.intersection(_pointed(net))
        ]  # fmt: skip
        if not theirs:
            return nets
        plan.lost += [Lost(net.table, net.record_id, ERASED) for net in theirs]
        erased |= {net.record_id for net in theirs}
        nets = [net for net in nets if net.record_id not in erased]


def _pointed(net: NetChange) -> set[int]:
    """What a joining row leads to."""
    refers = Base.metadata.tables[net.table].info.get("refers")
    return {net.old[refers]} if refers and net.old.get(refers) else set()


def _owner_ids(net: NetChange, schema: Schema) -> list[tuple[int, str]]:
    """The ids without which a row cannot be, each with why: what it belongs to, what it joins that to."""
    table = Base.metadata.tables[net.table]
    found = []
    for column, reason in (
        (schema.parents.get(net.table, ((), ""))[1], NO_OWNER),
        (table.info.get("refers"), NO_TARGET),
    ):
        identity = net.old.get(column) if column else None
        if isinstance(identity, int):
            found.append((identity, reason))
    return found


def _with_owner(pair: Pair, plan: BringPlan, nets: list[NetChange]) -> list[NetChange]:
    """The rows that can come back: whose owner is there or comes back too. What hangs on one that cannot, cannot either."""
    schema = pair.now.schema
    needed = {identity for net in nets for identity, _reason in _owner_ids(net, schema)}
    known = _anywhere(pair, needed) | {net.record_id for net in nets}
    while True:
        bad = {}
        for net in nets:
            missing = next((one for one in _owner_ids(net, schema) if one[0] not in known), None)
            if missing is not None:
                bad[net.table, net.record_id] = missing
        if not bad:
            return nets
        for (name, row_id), (identity, reason) in bad.items():
            plan.lost.append(Lost(name, row_id, reason, target=("", identity)))
        known -= {row_id for _name, row_id in bad}
        nets = [net for net in nets if (net.table, net.record_id) not in bad]


def _anywhere(pair: Pair, ids: Collection[int]) -> set[int]:
    """Which of these ids are rows that something may hang on now."""
    found: set[int] = set()
    for spec in pair.now.schema.entities.values():
        missing = set(ids) - found
        if missing:
            found |= there(pair.reading_now, pair.now.schema.table(spec), missing)
    return found


def _owned(
    pair: Pair, plan: BringPlan, edited: list[NetChange], gone: Sequence[NetChange]
) -> list[NetChange]:  # fmt: skip
    """Edits that give a row back to an owner: only where that is there or comes back too."""
    schema = pair.now.schema
    needed = {identity for net in edited for identity, _reason in _owner_ids(net, schema)}
    known = _anywhere(pair, needed) | {net.record_id for net in gone}
    kept = []
    for net in edited:
        missing = next((one for one in _owner_ids(net, schema) if one[0] not in known), None)
        if missing is None:
            kept.append(net)
        else:
            plan.lost.append(Lost(net.table, net.record_id, missing[1], target=("", missing[0])))
    return kept


def _empty_links(pair: Pair, nets: Sequence[NetChange]) -> list[Lost]:
    """Links of what comes back to what is gone for good."""
    returning = {(net.table, net.record_id) for net in nets if net.op == "D"}
    leads: dict[str, dict[int, list[tuple[str, int, str]]]] = defaultdict(lambda: defaultdict(list))
    for net in nets:
        table = Base.metadata.tables[net.table]
        for key in table.foreign_keys if net.op != "I" else ():
            identity = net.old.get(key.parent.name)
            if isinstance(identity, int) and (key.column.table.name, identity) not in returning:
                leads[key.column.table.name][identity].append((net.table, net.record_id, key.parent.name))
    found = []
    for name, ids in leads.items():
        for identity in sorted(set(ids) - there(pair.reading_now, Base.metadata.tables[name], set(ids))):
            found += [Lost(table, row, EMPTY_LINK, column, (name, identity)) for table, row, column in ids[identity]]
    return found
