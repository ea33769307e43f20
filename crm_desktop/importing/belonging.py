"""What rows of an import belong to: the records of the same rows, or one record that a file was dropped on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch


def link_to(entity: Entity, target: str) -> Field | None:
    """The field by which records of a type say which record of another type they belong to."""
    if target == entity.name:
        return None
    return next((one for one in entity.fields if one.kind is Kind.LINK and one.target == target), None)


def link_beside(batch: Batch, entity: Entity, beside: Mapping[str, Mapping[int, int]]) -> None:
    """Link rows to the records that the same rows stand for in parts carried out before.

    What a row calls its company may be the name of several: the row itself knows better.

    Args:
        beside: by record type, row number to record id.
    """
    for target, rows in beside.items():
        known = [rows.get(number) for number in batch.numbers]
        field = link_to(entity, target)
        if field is not None:
            values = batch.values.get(field.name) or [None] * batch.size
            batch.values[field.name] = [mine or value for mine, value in zip(known, values, strict=True)]
        elif any(child.name == "links" for child in entity.children) and any(known):
            batch.links.append((target, known))


def link_rows(uow: UnitOfWork, entity: Entity, met: Iterable[int], record: tuple[str, int]) -> int:
    """Link what an import made or met to a record, by the record type's child "links". Returns how many links came.

    Args:
        met: ids of records that rows of the file stand for and that were here before.
        record: (record type, id).
    """
    child = next((one for one in entity.children if one.name == "links"), None)
    if child is None:
        return 0
    created = uow.connection.execute(
        sa.select(change.c.record_id).where(uow.mine, change.c.table_name == entity.table, change.c.op == "I")
    ).scalars()
    table = uow.table(child.table)
    ids = list(dict.fromkeys([*created, *met]))
    count = 0
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        owner = table.c[child.parent_column]
        has = set(uow.connection.execute(
            sa.select(owner).where(owner.in_(part), table.c.record_id == record[1])
        ).scalars())  # fmt: skip
        for identity in part:
            if identity not in has:
                uow.insert(child.table, {child.parent_column: identity, "entity": record[0], "record_id": record[1]})
                count += 1
    return count
