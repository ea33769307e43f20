"""The numbers of an import as the database's own history has them, compared with what the journal told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.ids import generator
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.outcomes import Journal
from crm_desktop.importing.result import ImportResult

_PART = 20_000


@dataclass(frozen=True)
class Counted:
    """How many records of the type a part inserted, and the condition that chooses its changes."""

    inserted: int
    mine: sa.ColumnElement[bool]
    since: int


def newest_change(uow: UnitOfWork) -> int:
    """The newest change that the history has."""
    return int(uow.connection.execute(sa.select(sa.func.max(change.c.id))).scalar() or 0)


def counted(uow: UnitOfWork, entity: Entity, since: int, first_change: int) -> Counted:
    """Count in the history what a part of an import inserted.

    Args:
        since: ids from here on are of records that the part made.
        first_change: the first change of the part.
    """
    mine = uow.mine & (change.c.id >= first_change)
    new = mine & (change.c.table_name == entity.table) & (change.c.op == "I") & (change.c.record_id > since)
    number = uow.connection.execute(sa.select(sa.func.count()).where(new)).scalar() or 0
    return Counted(int(number), mine, since)


def compare(
    uow: UnitOfWork, entity: Entity, journal: Journal, result: ImportResult, found: Counted, created: int
) -> None:
    """Hold the journal against the history.

    Raises:
        RuntimeError: they differ, or rows are not accounted for. The import is rolled back.
    """
    told = journal.counts(result.place)
    numbers = (
        f"{result.created} + {result.updated} + {result.unchanged} + {result.duplicates} + {result.rejected_count}"
    )
    if result.created != created or result.created != told["created"] or not result.balanced:
        raise RuntimeError(
            f"The import does not add up: {found.inserted} inserted, {created} told, {told}; "
            f"{result.rows_read} rows, {numbers}"
        )
    asked = "part = ? AND record_id IS NOT NULL AND outcome <> 'created'"
    if not journal.rows(f"SELECT 1 FROM line WHERE {asked} LIMIT 1", [result.place]):
        return
    missing, extra = journal.hold_against(result.place, _touched(uow, entity, found))
    if missing or extra:
        raise RuntimeError(
            "The import does not add up: the history has no change of what these rows tell of "
            f"{missing[:5]}, and one of what these leave alone {extra[:5]}"
        )


def _touched(uow: UnitOfWork, entity: Entity, found: Counted) -> Iterator[list[int]]:
    """Ids of the records that were here before and that a part changed; changes of child rows count for their owner."""
    children = [name for name, (owners, _column) in uow.schema.parents.items() if entity.name in owners]
    own = change.c.table_name == entity.table
    owner = sa.case((own, change.c.record_id), else_=change.c.parent_id)
    chosen = found.mine & (own | (change.c.table_name.in_(children) & change.c.parent_id.is_not(None)))
    device = owner.op(">>")(sa.literal(12, sa.Integer)).op("&")(sa.literal(1023, sa.BigInteger))
    before = (owner <= found.since) | (device != generator.device)
    rows = uow.connection.execute(sa.select(owner).where(chosen, before).distinct())
    while part := rows.fetchmany(_PART):
        yield [int(row[0]) for row in part]
