"""Rows of an import that belong to one record: appointments dropped on the card of a customer."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork


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
