"""What the last search found and nobody has decided yet, and the pairs that were said not to be the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.dedupe.groups import join_pairs
from crm_desktop.dedupe.tables import MARK

MOST_PAIRS = 5_000
"""So many pairs are read for the list, the best first; the rest comes up when these are done."""
SAME_SCORE = 90


@dataclass(frozen=True)
class FoundPair:
    """A pair of the last search."""

    first: int
    second: int
    score: int
    reasons: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Group:
    """Records that may be one: their ids, the best score, and the pairs that say so."""

    members: tuple[int, ...]
    score: int
    pairs: tuple[FoundPair, ...]

    @property
    def weakest(self) -> int:
        """The lowest score of the pairs that hold the group together."""
        return min(pair.score for pair in self.pairs)


@dataclass(frozen=True)
class LastScan:
    """When a record type was searched last, and how many records there were."""

    at: datetime
    records: int


def last_scan(connection: sa.Connection, entity: str) -> LastScan | None:
    """The last search of a record type; None where there was none."""
    table = Base.metadata.tables["duplicate_pair"]
    asked = sa.select(table.c.found_at, table.c.reasons).where(table.c.entity == entity, table.c.score == MARK)
    row = connection.execute(asked.order_by(table.c.id.desc()).limit(1)).first()
    if row is None or row.found_at is None:
        return None
    return LastScan(row.found_at, int(row.reasons[0][2]) if row.reasons else 0)


def _open_pairs(database: Database, entity: str) -> tuple[Any, Any]:
    """The pairs nobody decided whose records both are there still: (table, condition)."""
    table, apart = Base.metadata.tables["duplicate_pair"], Base.metadata.tables["not_duplicate"]
    records = database.schema.table(entity)
    known = sa.exists().where(apart.c.first_id == table.c.first_id, apart.c.second_id == table.c.second_id)
    first, second = records.alias(), records.alias()
    here = sa.exists().where(first.c.id == table.c.first_id) & sa.exists().where(second.c.id == table.c.second_id)
    return table, (table.c.entity == entity) & (table.c.score > MARK) & ~known & here


def count_pairs(database: Database, connection: sa.Connection, entity: str) -> tuple[int, int]:
    """How many open pairs are worth a look, and how many of them score as the same."""
    table, condition = _open_pairs(database, entity)
    same = sa.func.sum(sa.case((table.c.score >= SAME_SCORE, 1), else_=0))
    row = connection.execute(sa.select(sa.func.count(), same).select_from(table).where(condition)).one()
    return int(row[0]), int(row[1] or 0)


def groups(
    database: Database, connection: sa.Connection, entity: str, *, least: int = 0, most: int = 100
) -> list[Group]:
    """The open groups whose best score lies between two limits, best first."""
    table, condition = _open_pairs(database, entity)
    asked = sa.select(table.c.first_id, table.c.second_id, table.c.score, table.c.reasons).where(condition)
    rows = connection.execute(asked.order_by(table.c.score.desc(), table.c.id).limit(MOST_PAIRS)).all()
    pairs = [FoundPair(a, b, score, tuple(tuple(why) for why in reasons or ())) for a, b, score, reasons in rows]
    apart = _apart_among(connection, {one for pair in pairs for one in (pair.first, pair.second)})
    of_member: dict[int, int] = {}
    joined = join_pairs(((pair.first, pair.second, pair.score) for pair in pairs), apart)
    for number, (members, _score) in enumerate(joined):
        of_member.update(dict.fromkeys(members, number))
    held: list[list[FoundPair]] = [[] for _ in joined]
    for pair in pairs:
        if of_member.get(pair.first) == of_member.get(pair.second) is not None:
            held[of_member[pair.first]].append(pair)
    found = [
        Group(tuple(members), score, tuple(own)) for (members, score), own in zip(joined, held, strict=True) if own
    ]
    return [one for one in found if least <= one.score <= most]


def _apart_among(connection: sa.Connection, ids: Iterable[int]) -> set[tuple[int, int]]:
    table = Base.metadata.tables["not_duplicate"]
    wanted = set(ids)
    rows = connection.execute(sa.select(table.c.first_id, table.c.second_id))
    return {(a, b) for a, b in rows if a in wanted and b in wanted}


@dataclass(frozen=True)
class Apart:
    """Two records that somebody said are not the same."""

    id: int
    first: int
    second: int
    first_title: str
    second_title: str


def not_duplicates(database: Database, connection: sa.Connection, entity: str, limit: int = 500) -> list[Apart]:
    """The pairs that were said not to be the same, newest first."""
    table, spec = Base.metadata.tables["not_duplicate"], database.schema.entity(entity)
    records = database.schema.table(entity)
    first, second = records.alias(), records.alias()
    asked = (
        sa.select(
            table.c.id, table.c.first_id, table.c.second_id, first.c[spec.title_field], second.c[spec.title_field]
        )
        .join_from(table, first, first.c.id == table.c.first_id)
        .join(second, second.c.id == table.c.second_id)
        .where(table.c.entity == entity)
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [Apart(*row) for row in connection.execute(asked)]


def keep_apart(uow: UnitOfWork, entity: str, ids: Sequence[int]) -> int:
    """Remember for the whole office that these records are all different. Returns how many pairs are new."""
    table = Base.metadata.tables["not_duplicate"]
    wanted = sorted(set(ids))
    pairs = [(a, b) for at, a in enumerate(wanted) for b in wanted[at + 1 :]]
    known = _apart_among(uow.connection, wanted)
    new = [(a, b) for a, b in pairs if (a, b) not in known]
    for a, b in new:
        uow.insert(table.name, {"entity": entity, "first_id": a, "second_id": b})
    return len(new)


def forget_apart(uow: UnitOfWork, row_ids: Sequence[int]) -> int:
    """Take back that pairs are different; the next search may find them again. Returns how many there were."""
    return uow.delete("not_duplicate", list(row_ids))
