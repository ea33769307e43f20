"""The search for duplicates over a whole database: reads in bulk, compares, and replaces what the last search found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.dedupe.engine import Scorer, score_columns
from crm_desktop.dedupe.rules import SCAN, Rule
from crm_desktop.dedupe.settings import rule_for
from crm_desktop.dedupe.sources import Source
from crm_desktop.dedupe.tables import MARK
from crm_desktop.records import queries
from crm_desktop.records.whole_sight import refuse_part

_READING = 0.25
"""The share of the time that reading takes, for the progress bar."""
_ROWS = 2_000


@dataclass(frozen=True)
class Scanned:
    """What a search came to."""

    entity: str
    records: int
    pairs: int
    same: int
    seconds: float


def scan(database: Database, entity: str, progress: Progress | None = None, rule: Rule | None = None) -> Scanned:
    """Search the duplicates of a record type; the pairs that an earlier search found are replaced at the end, at once.

    Args:
        rule: how to compare; the office's rule for searches where None.

    Raises:
        Cancelled: by ``progress``; what the last search found is still there.
        UserError: the server shows this person only a part of the records.
    """
    refuse_part(database, [entity])
    started = monotonic()
    progress = progress or Progress()
    chosen, total, pairs = _find(database, entity, progress, rule)
    found = clock.now()
    progress.check()
    _replace(database, entity, pairs, total, found)
    same = sum(score >= chosen.same_from for _a, _b, score, _why in pairs)
    return Scanned(entity, total, len(pairs), same, monotonic() - started)


@dataclass(frozen=True)
class Trial:
    """What a rule would find: how many pairs, how many of them the same, and the best and the last ones by title."""

    records: int
    pairs: int
    same: int
    samples: tuple[tuple[str, str, int, tuple[Any, ...]], ...]


def try_rule(database: Database, rule: Rule, progress: Progress | None = None, samples: int = 12) -> Trial:
    """Search by a rule without keeping anything; half of the samples are the best pairs, half the weakest.

    Raises:
        Cancelled: by ``progress``.
    """
    _rule, total, pairs = _find(database, rule.entity, progress or Progress(), rule)
    ordered = sorted(pairs, key=lambda one: -one[2])
    chosen = ordered if len(ordered) <= samples else ordered[: samples // 2] + ordered[-(samples // 2) :]
    with database.read() as connection:
        ids = [identity for one in chosen for identity in one[:2]]
        titles = queries.titles(database.schema, connection, rule.entity, ids)
    shown = tuple((titles.get(a, "–"), titles.get(b, "–"), score, reasons) for a, b, score, reasons in chosen)
    return Trial(total, len(pairs), sum(one[2] >= rule.same_from for one in pairs), shown)


def _find(
    database: Database, entity: str, progress: Progress, rule: Rule | None
) -> tuple[Rule, int, list[tuple[int, int, int, Any]]]:
    """(the rule in use, how many records, pairs by id)."""
    with database.read_all() as connection:
        chosen = rule or rule_for(connection, entity, SCAN)
        apart = _apart(connection, entity)
        ids, scorer, columns = _read(database, connection, chosen, progress)
    total = len(ids)

    def skip(first: int, second: int) -> bool:
        return (ids[first], ids[second]) in apart

    found = score_columns(scorer, columns, total, _Part(progress, total), skip=skip)
    return chosen, total, [(ids[one.first], ids[one.second], one.score, one.reasons) for one in found]


class _Part(Progress):
    """The comparing as the later part of the whole progress."""

    def __init__(self, whole: Progress, total: int) -> None:
        super().__init__()
        self._whole, self._total = whole, total

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        share = _READING + (1 - _READING) * (done or 0) / max(self._total, 1)
        self._whole.update(int(share * self._total), self._total, message)


def _read(
    database: Database, connection: sa.Connection, rule: Rule, progress: Progress
) -> tuple[list[int], Scorer, list[list[Any]]]:
    """The ids of all records and their comparable values, column by column; equal values are kept once."""
    source = Source(database, connection, rule)
    total = source.count()
    scorer = Scorer(rule, total)
    ids: list[int] = []
    columns: list[list[Any]] = [[] for _ in scorer.comparators]
    known: dict[Any, Any] = {}
    for part, records in source.chunks():
        ids += part
        for record in records:
            for one, column in zip(scorer.comparators, columns, strict=True):
                value = one.prepare(record)
                column.append(known.setdefault(value, value) if value is not None else None)
        progress.update(int(_READING * len(ids)), total)
    return ids, scorer, columns


def _apart(connection: sa.Connection, entity: str) -> set[tuple[int, int]]:
    table = Base.metadata.tables["not_duplicate"]
    rows = connection.execute(sa.select(table.c.first_id, table.c.second_id).where(table.c.entity == entity))
    return {(first, second) for first, second in rows}


def _replace(database: Database, entity: str, pairs: Sequence[tuple[Any, ...]], records: int, at: datetime) -> None:
    table = Base.metadata.tables["duplicate_pair"]
    with database.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.entity == entity))
        for part in _parts(pairs):
            rows = [
                {"entity": entity, "first_id": a, "second_id": b, "score": score, "reasons": [list(why) for why in reasons],
                 "found_at": at}
                for a, b, score, reasons in part
            ]  # fmt: skip
            connection.execute(sa.insert(table), rows)
        mark = {"entity": entity, "first_id": 0, "second_id": 0, "score": MARK, "reasons": [["records", "", records]]}
        connection.execute(sa.insert(table), mark | {"found_at": at})


def _parts(pairs: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(pairs), _ROWS):
        yield pairs[start : start + _ROWS]
