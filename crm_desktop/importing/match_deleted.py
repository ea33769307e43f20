"""Rows without a record whose record was deleted lately: it comes back, or the row is left out, as the plan says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.importing.batch import Batch
from crm_desktop.importing.deleted import Trash
from crm_desktop.importing.row_keys import EXTERNAL, Judge, Match
from crm_desktop.records.record_ids import read_record_id


def match_deleted(
    judge: Judge, trash: Trash, batch: Batch, result: list[Match | None], columns: Sequence[list[Any]], *, leave: bool
) -> None:
    """Match rows that nothing else matched; records that come back are noted in ``batch.restored``.

    Args:
        result: what the rows were matched with; completed in place.
        columns: the values of the rows for each key.
        leave: whether the rows are left out, with the reason, and the records stay deleted.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for position, match in enumerate(result):
        if match is None and position not in batch.rejected:
            for rank, column in enumerate(columns):
                if column[position] is not None:
                    for identity in trash.candidates(rank, column[position]):
                        found.setdefault(position, []).append((rank, identity))
    if not found:
        return
    facts = trash.facts({identity for some in found.values() for _rank, identity in some})
    chosen: dict[int, tuple[int, int]] = {}
    for position, some in found.items():
        for rank, identity in some:
            value, about, key = columns[rank][position], facts[identity], judge.keys[rank]
            own = key.place == EXTERNAL and read_record_id(value) == identity
            if (own or value in about[key.name]) and judge.fits(batch, position, rank, identity, about):
                chosen[position] = (rank, identity)
                break
    if leave:
        titles = trash.titles({identity for _rank, identity in chosen.values()})
        for position, (rank, identity) in chosen.items():
            why = trash.why_left(identity, titles.get(identity, ""))
            result[position] = Match(judge.keys[rank].name, why=why)
    else:
        _bring_back(judge, trash, batch, result, chosen)


def _bring_back(
    judge: Judge, trash: Trash, batch: Batch, result: list[Match | None], chosen: Mapping[int, tuple[int, int]]
) -> None:
    back = trash.restore({identity for _rank, identity in chosen.values()})
    first: dict[int, int] = {}
    for position, (rank, identity) in chosen.items():
        name = judge.keys[rank].name
        if identity in first:
            result[position] = Match(name, row=batch.numbers[first[identity]])
        elif identity in back:
            first[identity] = position
            result[position] = Match(name, record_id=identity)
            batch.restored[position] = identity
