"""Merging: any number of records of a type become one, with everything that hangs on them, in one change set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db import hidden_server
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import column_type, to_json
from crm_desktop.db.unit_of_work import NOBODY, Actor, UnitOfWork, write
from crm_desktop.records import queries, service
from crm_desktop.records.expressions import matches_point
from crm_desktop.records.merge_children import Moved, move_children
from crm_desktop.records.merge_plan import (
    ADDRESS,
    MergeField,
    MergePlan,
    blank,
    comparable,
    mergeable,
    plain,
    plan_merge,
)
from crm_desktop.records.references import Reference, count_references, references_to

TITLES = {
    "contact": N_("Merged {count} contacts into {title}"),
    "company": N_("Merged {count} companies into {title}"),
    "deal": N_("Merged {count} deals into {title}"),
    "case": N_("Merged {count} cases into {title}"),
}
OTHER_TITLE = N_("Merged {count} records into {title}")


@dataclass(frozen=True)
class MergeResult:
    """What a merge did.

    ``before`` and ``after``: rows by reference ("deal.company_id") that pointed to the records, and that point to the
    one that stayed; what is in ``dropped`` was there twice, or joined the records to each other. ``kept_values``: loser's
    id to {field name: value} of what it said and the winner does not.
    """

    winner_id: int
    title: str
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    kept_values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def merge(
    database: Database, actor: Actor, entity: str, winner_id: int, loser_ids: Sequence[int],
    values: Mapping[str, Any] | None = None,
) -> MergeResult:  # fmt: skip
    """Merge records in a change set of its own (see :func:`merge_records`)."""
    with write(database, OTHER_TITLE, actor=actor or NOBODY, kind="merge") as uow:
        return merge_records(uow, entity, winner_id, loser_ids, values)


def merge_records(
    uow: UnitOfWork, entity: str, winner_id: int, loser_ids: Sequence[int], values: Mapping[str, Any] | None = None, *,
    progress: Progress | None = None, batch: Mapping[str, Any] | None = None,
) -> MergeResult:  # fmt: skip
    """Make several records one. Everything that hangs on the losers or points to them goes to the winner.

    Args:
        uow: of kind "merge", for this merge only: what it holds is taken apart together.
        winner_id: the record that stays, with its id.
        loser_ids: those that go.
        values: field name to the value that was chosen; for "addresses" the id of the address that comes first, for
            e-mails and phones which one comes first. What is not named stays the winner's; where it has none, it is
            that of the newest record that has one. A field that never goes back takes the furthest anyhow.
        batch: ``history.batch_params`` of the step that this merge is a part of.

    Raises:
        RecordGone: one of them was deleted.
        UserError: fewer than two records, or a chosen value cannot be taken.
        RuntimeError: the rows counted after are not those counted before; nothing is written.
    """
    losers = [one for one in dict.fromkeys(loser_ids) if one != winner_id]
    uow.ask_ids(entity, "edit", [winner_id])
    uow.ask_ids(entity, "delete", losers)
    with uow.unasked():  # what hangs on them or points to them goes along, whoever owns it
        return _merge(uow, entity, winner_id, losers, values or {}, progress or Progress(), batch)


def _merge(
    uow: UnitOfWork, entity: str, winner_id: int, losers: Sequence[int], values: Mapping[str, Any], progress: Progress,
    batch: Mapping[str, Any] | None,
) -> MergeResult:  # fmt: skip
    spec = mergeable(uow.database, entity)
    everybody = [winner_id, *losers]
    table = uow.schema.table(spec)
    statement = sa.select(table).where(table.c.id.in_(everybody)).order_by(table.c.id).with_for_update()
    rows = {row["id"]: dict(row) for row in uow.connection.execute(statement).mappings()}
    for identity in everybody:
        if identity not in rows:
            raise RecordGone(entity, identity)
    plan = plan_merge(uow.database, uow.connection, entity, everybody)
    references = references_to(uow.database, uow.connection, entity)
    before = count_references(uow.connection, references, everybody)
    result, spoken = decide(plan, winner_id, values)
    moved = move_children(uow, references, winner_id, losers, progress)
    _unlink(uow, spec, winner_id, losers, references)
    uow.delete(entity, losers)
    _check_counts(uow, references, winner_id, everybody, before, moved)
    _break_cycles(uow, spec, winner_id)
    _write_values(uow, spec, rows, winner_id, plan, result, spoken)
    hook = uow.schema.mergers.get(entity)
    if hook is not None:
        hook(uow, winner_id, [rows[one] for one in everybody])
    title = queries.titles(uow.schema, uow.connection, entity, [winner_id])[winner_id]
    kept = _write_log(uow, plan, winner_id, losers, before)
    if uow.database.locked:
        hidden_server.merge_rest(uow.connection, winner_id)
    together = {"batch": dict(batch)} if batch else {}
    uow.retitle(TITLES.get(entity, OTHER_TITLE), count=len(everybody), title=title, **together)
    after = count_references(uow.connection, references, [winner_id])
    return MergeResult(
        winner_id, title, {key: sum(one.values()) for key, one in before.items()},
        {key: sum(one.values()) for key, one in after.items()}, dict(moved.dropped), kept,
    )  # fmt: skip


def decide(plan: MergePlan, winner: int, chosen: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What will be written where: values of the record's own fields, and what comes first among its child rows."""
    own: dict[str, Any] = {}
    first: dict[str, Any] = {}
    known = {one.name for one in (*plan.fields, *plan.silent)}
    for one in (*plan.fields, *plan.silent):
        source = one.best.get(winner)
        default = plain(one.values[source]) if source is not None else None
        value = plain(chosen[one.name]) if one.name in chosen and not one.fixed else default
        if one.name == ADDRESS or one.field.child:
            if one.name in chosen and value is not None:
                first[one.name] = value
        elif comparable(value) != comparable(one.values[winner]) or value != plain(one.values[winner]):
            own[one.name] = value
    own |= _parts_of(plan, winner, own)
    own |= {name: value for name, value in chosen.items() if name not in known}
    return own, first


def _parts_of(plan: MergePlan, winner: int, own: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of what is taken from another record, as that record has them: the last name of the name."""
    result: dict[str, Any] = {}
    for part in plan.parts:
        whole = next((one for one in plan.fields if one.name == part.field.part_of), None)
        if whole is None or whole.name not in own:
            continue
        source = next((i for i, value in whole.values.items() if plain(value) == own[whole.name]), None)
        if source is not None:
            result[part.name] = plain(part.values[source])
    return result


def _unlink(uow: UnitOfWork, spec: Entity, winner: int, losers: Sequence[int], references: Sequence[Reference]) -> None:
    """Let the winner point to none of the losers any more; to what they pointed to, if that is nobody of them."""
    table = uow.schema.table(spec)
    for one in references:
        if one.table is not table or one.field is not None:
            continue
        pairs = sa.select(table.c.id, one.column.label("up")).where(table.c.id.in_([winner, *losers]))
        links: dict[int, Any] = {row.id: row.up for row in uow.connection.execute(pairs)}
        target, seen = links[winner], {winner}
        while target in links and target not in seen:
            seen.add(target)
            target = links[target]
        target = None if target in links else target
        if target != links[winner]:
            uow.update(spec.name, winner, {one.column.name: target})


def _break_cycles(uow: UnitOfWork, spec: Entity, winner: int) -> None:
    """A record does not stand above itself: where the links up from the winner lead back to it, its own goes."""
    table = uow.schema.table(spec)
    for column in table.columns:
        if not any(key.column.table is table for key in column.foreign_keys):
            continue
        above = uow.connection.execute(sa.select(column).where(table.c.id == winner)).scalar()
        if above is not None and _leads_to(uow, spec, column.name, above, winner):
            uow.update(spec.name, winner, {column.name: None})


def _write_values(
    uow: UnitOfWork, spec: Entity, rows: Mapping[int, Mapping[str, Any]], winner: int, plan: MergePlan,
    values: dict[str, Any], first: Mapping[str, Any],
) -> None:  # fmt: skip
    """The values of the merged record, and since when it is known."""
    own = {one.name for one in plan.fields if one.field.target == spec.name and not one.field.custom}
    values = {
        name: value for name, value in values.items()
        if name not in own or (value not in rows and not _leads_to(uow, spec, name, value, winner))
    }  # fmt: skip
    if values:
        service.update_record(uow, spec.name, winner, values, stored=_stored(plan, values))
    eldest = min(rows.values(), key=lambda row: (row["created_at"], row["id"] != winner))
    if eldest["created_at"] < rows[winner]["created_at"]:
        uow.update(spec.name, winner, {"created_at": eldest["created_at"], "created_by": eldest["created_by"]})
    for name, value in first.items():
        if name == ADDRESS:
            _put_first(uow, "address", winner, value, ("owner_id",))
        else:
            _put_point_first(uow, winner, next(one for one in plan.fields if one.name == name), value)


def _stored(plan: MergePlan, values: Mapping[str, Any]) -> set[str]:
    """Which of these values one of the records has. They are not judged again: a tax number of another country than the
    office's, or a choice that is no longer offered, is nothing that a merge refuses."""
    fields = {one.name: one for one in (*plan.fields, *plan.silent, *plan.parts)}
    return {
        name for name, value in values.items()
        if name in fields and any(plain(one) == value for one in fields[name].values.values())
    }  # fmt: skip


def _leads_to(uow: UnitOfWork, spec: Entity, name: str, start: Any, winner: int) -> bool:
    """Whether the links up from a record come to the winner."""
    table = uow.schema.table(spec)
    seen: set[int] = set()
    at = start
    while at is not None and at not in seen:
        if at == winner:
            return True
        seen.add(at)
        at = uow.connection.execute(sa.select(table.c[name]).where(table.c.id == at)).scalar()
    return False


def _put_point_first(uow: UnitOfWork, winner: int, one: MergeField, value: Any) -> None:
    table = Base.metadata.tables["contact_point"]
    statement = sa.select(table).where(table.c.owner_id == winner).order_by(table.c.is_primary.desc(), table.c.id)
    points = [row for row in uow.connection.execute(statement).mappings()
              if matches_point(one.field, row["kind"], row["label"])]  # fmt: skip
    found = next((row["id"] for row in points if comparable(row["value"]) == comparable(value)), None)
    if found is not None and points[0]["id"] != found:
        _put_first(uow, "contact_point", winner, found, ("owner_id", "kind"))


def _put_first(uow: UnitOfWork, name: str, winner: int, row_id: int, equal: Sequence[str]) -> None:
    """Make one row the first of its sort. One that was joined with an equal row of the winner is that row."""
    table = Base.metadata.tables[name]
    row = uow.connection.execute(sa.select(table).where(table.c.id == row_id)).mappings().first()
    if row is None or row["owner_id"] != winner:
        return
    same = sa.and_(*(table.c[column] == row[column] for column in equal))
    uow.update_where(name, {"is_primary": False}, same & table.c.is_primary & (table.c.id != row_id))
    uow.update_where(name, {"is_primary": True}, (table.c.id == row_id) & ~table.c.is_primary)


def _check_counts(
    uow: UnitOfWork, references: Sequence[Reference], winner: int, everybody: Sequence[int],
    before: Mapping[str, Mapping[int, int]], moved: Moved,
) -> None:  # fmt: skip
    """Every row that pointed to one of the records points to the winner now, but for those that were there twice."""
    after = count_references(uow.connection, references, everybody)
    for name in dict.fromkeys(one.table.name for one in references):
        keys = [one.key for one in references if one.table.name == name]
        had = sum(sum(before.get(key, {}).values()) for key in keys)
        has = sum(after.get(key, {}).get(winner, 0) for key in keys)
        left = sum(sum(after.get(key, {}).values()) for key in keys) - has
        dropped = sum(moved.dropped[key] for key in keys)
        if left or has + dropped != had:
            raise RuntimeError(f"merge: {name} had {had} rows, has {has}, joined {dropped}, left {left}")


def _write_log(
    uow: UnitOfWork, plan: MergePlan, winner: int, losers: Sequence[int], before: Mapping[str, Mapping[int, int]]
) -> dict[int, dict[str, Any]]:
    """Keep what every loser said, and how much came from it. Returns what the winner does not say."""
    kept: dict[int, dict[str, Any]] = {}
    titles = {one.id: one.title for one in plan.records}
    told = (*plan.fields, *plan.silent, *plan.parts)
    names = [one.name for one in told]
    now = queries.fetch_rows(uow.database, uow.connection, plan.entity, [winner], names)
    stays = now[0].values if now else {}
    for loser in losers:
        values: dict[str, Any] = {}
        for one in told:
            value = one.texts.get(loser) if one.name == ADDRESS else plain(one.values.get(loser))
            if not blank(value):
                if not one.field.sensitive:  # who sees the record that stays reads this; the history keeps them too
                    values[one.name] = to_json(column_type(one.field.kind), value)
                if one.name != ADDRESS and comparable(value) != comparable(stays.get(one.name)):
                    kept.setdefault(loser, {})[one.name] = value
        counts = {key: found[loser] for key, found in before.items() if loser in found}
        uow.insert("merge_log", {
            "entity": plan.entity, "winner_id": winner, "loser_id": loser, "loser_title": titles[loser],
            "loser_values": values or None, "counts": counts or None, "merge_set_id": uow.change_set_id,
        })  # fmt: skip
    return kept


__all__ = ["MergePlan", "MergeResult", "merge", "merge_records", "plan_merge"]
