"""Un-merging: what was merged is taken apart again, at any time, with an honest choice where it was edited since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import LINK_KINDS
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import from_json
from crm_desktop.db.unit_of_work import NOBODY, Actor, UnitOfWork
from crm_desktop.records import custom, history, queries
from crm_desktop.records.merge_log import MergedRecord, merged_record, merged_records
from crm_desktop.records.merge_plan import ChildCount
from crm_desktop.records.references import QUIET, Reference, plural_of, references_to, same_columns
from crm_desktop.records.titles import title_text
from crm_desktop.records.undo_plan import GONE, NetChange, UndoPlan, plan_undo

TITLE = N_("Took {title} apart again")
_PART = 500


@dataclass(frozen=True)
class Collision:
    """A field of the record that stayed, edited since the merge: it is kept as it is now, or put back.

    ``now`` is what it says; ``before`` what it said before the merge, which putting back restores. Links as ``Link``.
    """

    name: str
    label: str
    now: Any
    before: Any
    field: Any = None


@dataclass(frozen=True)
class Added:
    """Rows that came to the merged record since: they stay with it, or go to one that comes back."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class UnmergePlan:
    """What taking a merge apart would do. Where ``first_apart`` or ``winner_gone`` says so, it cannot be done yet."""

    change_set_id: int
    entity: str
    winner_id: int
    winner_title: str
    losers: Sequence[MergedRecord]
    at: datetime | None
    user_name: str
    collisions: Sequence[Collision] = ()
    returning: Sequence[ChildCount] = ()
    """What goes back, by kind and restored record."""
    added: Sequence[Added] = ()
    elsewhere: int = 0
    """Rows that were moved to yet another record since, and stay there."""
    gone: int = 0
    """Rows that were deleted since, and stay deleted."""
    first_apart: Sequence[tuple[int, str]] = ()
    """(change set, title) of later merges that must be taken apart first, the newest first."""
    winner_gone: bool = False
    undo: UndoPlan | None = None


def plan_unmerge(database: Database, connection: sa.Connection, change_set_id: int) -> UnmergePlan:
    """What taking apart a merge would do now. Reads only.

    Args:
        change_set_id: of the merge; ``MergedRecord.change_set_id``.

    Raises:
        UserError: it is not a merge, or it was taken apart already.
    """
    details = history.change_set_details(connection, change_set_id)
    if details.undone_by is not None:
        raise UserError(N_("“{title}” has been undone already."), title=details.title)
    if details.compacted_at is not None:
        raise history.compacted(details)
    log = Base.metadata.tables["merge_log"]
    undo = plan_undo(database, connection, change_set_id)
    logged = [net.record_id for net in undo.nets if net.op == "I" and net.table == "merge_log"]
    if not logged:
        raise UserError(N_("This was not a merge, so there is nothing to take apart."))
    first = [(identity, title_text(title, params)) for identity, title, params in undo.first_apart]
    rows = connection.execute(sa.select(log).where(log.c.id.in_(logged)).order_by(log.c.id)).mappings().all()
    if not rows:
        return UnmergePlan(
            change_set_id, "", 0, "", (), details.at, details.user_name, first_apart=first, winner_gone=True, undo=undo
        )
    entity, winner = rows[0]["entity"], rows[0]["winner_id"]
    losers = [merged_record(row) for row in rows]
    title = queries.titles(database.schema, connection, entity, [winner]).get(winner, "")
    references = references_to(database, connection, entity)
    fates = _fates(undo, references)
    return UnmergePlan(
        change_set_id, entity, winner, title, losers, details.at, details.user_name,
        _collisions(database, connection, entity, winner, undo), _returning(database, undo, references, losers),
        _added(database, connection, undo, references, winner), fates["elsewhere"], fates["gone"], first,
        undo.base_gone, undo,
    )  # fmt: skip


def _fates(undo: UndoPlan, references: Sequence[Reference]) -> Counter[str]:
    """How many of the moved rows were deleted or moved on to another record since."""
    pointing = {(one.table.name, one.column.name) for one in references if one.field is None}
    result: Counter[str] = Counter()
    for one in undo.blocked:
        if one.net.op != "U":
            continue
        if one.reason == GONE:
            result["gone"] += 1
        elif any((one.net.table, name) in pointing for name in one.columns):
            result["elsewhere"] += 1
    return result


def _collisions(
    database: Database, connection: sa.Connection, entity: str, winner: int, undo: UndoPlan
) -> list[Collision]:
    """The fields of the winner that the merge wrote and somebody edited since."""
    spec = database.schema.entity(entity)
    table = database.schema.table(spec)
    blocked = next((b for b in undo.blocked if b.net.table == table.name and b.net.record_id == winner), None)
    if blocked is None or not blocked.columns:
        return []
    fields = {one.name: one for one in custom.fields_of(database, entity, connection)}
    wanted = [name for name in blocked.columns if name in fields]
    now = queries.fetch_rows(database, connection, entity, [winner], wanted)[0].values
    result = []
    for name in wanted:
        one = fields[name]
        row = {name: _old_value(table, blocked.net, name, one)}
        if one.kind in LINK_KINDS:
            queries.resolve_links(database.schema, connection, [one], [row])
        result.append(Collision(name, one.label, now.get(name), row[name], one))
    return result


def _old_value(table: sa.Table, net: NetChange, name: str, one: Any) -> Any:
    if name.startswith("custom."):
        return queries.custom_python(one, (net.old.get("custom") or {}).get(name.removeprefix("custom.")))
    return from_json(table.c[name].type, net.old.get(name))


def _returning(
    database: Database, undo: UndoPlan, references: Sequence[Reference], losers: Sequence[MergedRecord]
) -> list[ChildCount]:
    """How much of which kind goes back to whom."""
    back = {one.loser_id for one in losers}
    stays = {(one.net.table, one.net.record_id, name) for one in undo.blocked for name in one.columns}
    whole = {(one.net.table, one.net.record_id) for one in undo.blocked if not one.columns}
    columns: dict[str, list[str]] = {}
    for one in references:
        if one.field is None and one.table.name not in QUIET:
            columns.setdefault(one.table.name, []).append(one.column.name)
    counts: dict[str, Counter[int]] = {}
    for net in undo.nets:
        if net.op == "I" or (net.table, net.record_id) in whole:
            continue
        for name in columns.get(net.table, ()):
            if net.old.get(name) in back and (net.table, net.record_id, name) not in stays:
                counts.setdefault(net.table, Counter())[net.old[name]] += 1
    made = [ChildCount(name, plural_of(database.schema, name), dict(found)) for name, found in counts.items()]
    return sorted(made, key=lambda one: (-one.total, one.label))


def _new_rows(undo: UndoPlan, one: Reference, winner: int) -> sa.ColumnElement[bool]:
    """Rows that point to the winner and were made after the merge: ids grow with time."""
    return (one.value == winner) & (one.table.c.id > undo.change_set_id)


def _added(
    database: Database, connection: sa.Connection, undo: UndoPlan, references: Sequence[Reference], winner: int
) -> list[Added]:
    result = []
    inserted = [net.record_id for net in undo.nets if net.op == "I"]
    for one in references:
        if one.field is not None or one.table.name in QUIET:
            continue
        fresh = _new_rows(undo, one, winner) & one.table.c.id.not_in(inserted)
        count = connection.execute(sa.select(sa.func.count()).select_from(one.table).where(fresh)).scalar_one()
        if count:
            result.append(Added(one.key, plural_of(database.schema, one.table.name), int(count)))
    return sorted(result, key=lambda one: -one.count)


def _not_there(one: Reference, to: int) -> sa.ColumnElement[bool]:
    """Rows that the record does not have already: a tag that both have stays where it is."""
    other = one.table.alias()
    free: sa.ColumnElement[bool] = sa.true()
    for names in same_columns(one.table):
        if one.column.name in names:
            same = [other.c[name] == one.table.c[name] for name in names if name != one.column.name]
            free &= ~sa.exists().where(other.c[one.column.name] == to, *same)
    return free


def unmerge(
    database: Database, actor: Actor, change_set_id: int, *, put_back: Collection[str] = (),
    give: Mapping[str, int] | None = None, progress: Progress | None = None,
) -> UnmergePlan:  # fmt: skip
    """Take a merge apart, in a change set of its own that can be undone in turn.

    Losers come back with their ids and what was moved from them, as it is now; the winner's fields go back to what they
    said before, but for those edited since.

    Args:
        put_back: fields of the winner that were edited since and go back to what they said before the merge anyway.
        give: reference key (``Added.key``) to the id of the restored record that gets what was added since.

    Returns:
        the plan that was carried out.

    Raises:
        UserError: later merges must be taken apart first, or the winner was deleted.
    """
    with database.read() as connection:
        plan = plan_unmerge(database, connection, change_set_id)
        references = {one.key: one for one in references_to(database, connection, plan.entity)} if plan.entity else {}
    given = {key: to for key, to in (give or {}).items() if to != plan.winner_id}
    back = {one.loser_id for one in plan.losers}
    if not set(given.values()) <= back:
        raise UserError(N_("What was added since can only go to one of the records that come back."))
    table = database.schema.entity(plan.entity).table if plan.entity else ""
    cells = [(table, plan.winner_id, name) for name in put_back]

    def hand_over(uow: UnitOfWork, undo: UndoPlan) -> None:
        inserted = [net.record_id for net in undo.nets if net.op == "I"]
        for key, to in given.items():
            one = references[key]
            fresh = _new_rows(undo, one, plan.winner_id) & one.table.c.id.not_in(inserted)
            uow.update_where(one.table.name, {one.column.name: to}, fresh & _not_there(one, to))

    history.undo(
        database, change_set_id, actor or NOBODY, progress=progress, put_back=cells,
        title=(TITLE, {"title": plan.winner_title}), also=hand_over,
    )  # fmt: skip
    return plan


__all__ = ["Added", "Collision", "MergedRecord", "UnmergePlan", "merged_records", "plan_unmerge", "unmerge"]
