"""Rows whose keys speak of two different records: they are rejected with both named, never decided silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.row_keys import POINTS, Judge, Match, of_row
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import number_field
from crm_desktop.records import queries
from crm_desktop.records.record_ids import write_record_id

_SAID = N_(
    "“{first}” is of {record} ({id}), but “{second}” is of {other} ({other_id}). Nothing says which of them is meant."
)


def reject_conflicts(
    judge: Judge, uow: UnitOfWork, entity: Entity, batch: Batch, result: list[Match | None],
    columns: Sequence[list[Any]], stored: Sequence[Mapping[str, Sequence[int]]],
) -> None:  # fmt: skip
    """Reject rows whose keys speak of two different records: choosing one silently would damage the other.

    Args:
        result: what the rows were matched with; those that are rejected get None.
        columns: the values of the rows for each key.
        stored: the records by value, for each key.
    """
    ranks = {key.name: rank for rank, key in enumerate(judge.keys)}
    suspects: list[tuple[int, int, int, Sequence[int]]] = []
    for position, match in enumerate(result):
        if match is None or match.record_id is None or match.field not in ranks:
            continue
        for rank in range(ranks[match.field] + 1, len(judge.keys)):
            value = columns[rank][position]
            others = stored[rank].get(value, ()) if value is not None else ()
            if others and match.record_id not in others:
                suspects.append((position, match.record_id, rank, others))
    if not suspects:
        return
    facts = judge.facts_of({one for _p, first, _r, others in suspects for one in (first, *others)})
    found: dict[int, tuple[int, int, int]] = {}
    for position, first, rank, others in suspects:
        match = result[position]
        if match is not None and position not in found:
            second = _disputed(judge, entity, batch, position, ranks[match.field], rank, first, others, facts)
            if second is not None:
                found[position] = (rank, first, second)
    ids = {one for _rank, first, second in found.values() for one in (first, second)}
    titles = queries.titles(uow.schema, uow.connection, entity.name, list(ids)) if ids else {}
    for position, (rank, first, second) in found.items():
        match = result[position]
        key = judge.keys[rank]
        why = Evidence(_SAID, {
            "first": judge.header(match.field if match else ""), "record": titles.get(first, ""),
            "id": write_record_id(first), "second": judge.header(key.name), "other": titles.get(second, ""),
            "other_id": write_record_id(second),
        })  # fmt: skip
        cell = next(iter(sorted(of_row(batch, position, key))), None)
        batch.rejected[position] = (judge.header(key.name), cell, why)
        result[position] = None


def _disputed(
    judge: Judge, entity: Entity, batch: Batch, position: int, best: int, rank: int, first: int,
    others: Sequence[int], facts: Mapping[int, dict[str, set[str]]],
) -> int | None:  # fmt: skip
    """The other record that a further key speaks of; None where the better key is enough.

    Names, phones and numbers of unknown programs are shared: they dispute a match only where nothing else tells the two
    records apart; a name only where it is not like that of the first one either.
    """
    key = judge.keys[rank]
    named = key.name == entity.title_field
    if named:
        titles = batch.values.get(entity.title_field)
        words = set(fold(titles[position] or "").split()) if titles else set()
        known = facts.get(first, {}).get(entity.title_field, set())
        if judge.keys[best].place != POINTS or any(words & set(one.split()) for one in known):
            return None
    number = number_field(entity)
    if named or key.field.kind is Kind.PHONE or number is not None and key.name == number.name:
        others = [one for one in others if judge.fits(batch, position, rank, one, facts.get(one))]
    return others[0] if others else None
