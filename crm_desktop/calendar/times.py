"""When activities took place, repeated on their links for fast timelines: kept by every unit of work."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork


def refresh_link_times(uow: UnitOfWork) -> dict[str, set[int]]:
    """Bring ``activity_link.activity_at`` up to date for what the unit of work inserted or changed.

    Bulk writers that fill it in themselves (``done_at`` or ``created_at`` of the activity) save an update of each link.
    """
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    watched = (("activity_link", link.c.id, ("I", "U")), ("activity", link.c.activity_id, ("U",)))
    wanted = [(table, column, ops) for table, column, ops in watched if any((table, op) in uow.done for op in ops)]
    if not wanted:
        return {}
    at = (
        sa.select(sa.func.coalesce(activity.c.done_at, activity.c.created_at))
        .where(activity.c.id == link.c.activity_id)
        .scalar_subquery()
    )
    for table, column, ops in wanted:
        changed = sa.select(change.c.record_id).where(uow.mine, change.c.table_name == table, change.c.op.in_(ops))
        wrong = column.in_(changed) & link.c.activity_at.is_distinct_from(at)
        uow.connection.execute(link.update().where(wrong).values(activity_at=at))
    return {}
