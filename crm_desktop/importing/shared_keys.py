"""Rows whose key is of several records that nothing tells apart: they are rejected with the records named, never decided silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.row_keys import Judge, Key, Match, of_row
from crm_desktop.importing.table import Evidence
from crm_desktop.records import queries
from crm_desktop.records.record_ids import write_record_id

_SAID = N_("{n} records have this “{key}”: {records}. Nothing says which of them is meant.")
_NAMED = 3
"""So many of the records are named."""

Facts = Mapping[str, set[str]]


def settle_shared(
    judge: Judge, uow: UnitOfWork, entity: Entity, batch: Batch, result: list[Match | None],
    shared: Mapping[int, tuple[int, Sequence[int]]], apart: Sequence[Key],
) -> None:  # fmt: skip
    """Match rows whose key several records have with the one that is called alike; reject those that fit several.

    Args:
        result: what the rows were matched with; completed in place.
        shared: by position, the rank of the key that told, and the records, which further keys do not tell apart.
        apart: fields that tell records apart.
    """
    if not shared:
        return
    facts = judge.facts_of({one for _rank, ids in shared.values() for one in ids})
    unsettled: dict[int, tuple[int, Sequence[int]]] = {}
    for position, (rank, ids) in shared.items():
        left = _narrowed(entity, batch, position, ids, facts, apart)
        if len(left) == 1:
            result[position] = Match(judge.keys[rank].name, record_id=left[0])
        else:
            unsettled[position] = rank, left
    named = {one for _rank, ids in unsettled.values() for one in ids[:_NAMED]}
    titles = queries.titles(uow.schema, uow.connection, entity.name, list(named)) if named else {}
    for position, (rank, ids) in unsettled.items():
        key = judge.keys[rank]
        records = ", ".join(f"{titles.get(one, '')} ({write_record_id(one)})" for one in ids[:_NAMED])
        why = Evidence(_SAID, {
            "n": len(ids), "key": judge.header(key.name), "records": records + (" …" if len(ids) > _NAMED else ""),
        })  # fmt: skip
        cell = next(iter(sorted(of_row(batch, position, key))), None)
        batch.rejected[position] = (judge.header(key.name), cell, why)
        result[position] = None


def _narrowed(
    entity: Entity, batch: Batch, position: int, ids: Sequence[int], facts: Mapping[int, Facts], apart: Sequence[Key]
) -> Sequence[int]:
    """The records that are called as the row is, or nearly so, and then those that agree in what tells records apart."""
    titles = batch.values.get(entity.title_field)
    title = fold(str(titles[position] or "")) if titles else ""
    theirs = {one: facts.get(one, {}).get(entity.title_field, set()) for one in ids}
    words = set(title.split())
    for alike in (
        [one for one in ids if title in theirs[one]],
        [one for one in ids if any(words & set(other.split()) for other in theirs[one])],
    ):
        if alike:
            ids = alike
            break
    for key in apart:
        mine = of_row(batch, position, key)
        agreeing = [one for one in ids if mine & facts.get(one, {}).get(key.name, set())]
        ids = agreeing or ids
    return ids
