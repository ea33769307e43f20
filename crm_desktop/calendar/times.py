"""When activities took place, repeated on their links for fast timelines: kept by every unit of work."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.past.kept import Keeper
from crm_desktop.db.unit_of_work import UnitOfWork

_MINE = "SELECT c.record_id FROM change c WHERE c.change_set_id = p_set AND c.id >= since AND c.table_name"
SERVER_FUNCTION = f"""
CREATE OR REPLACE FUNCTION crm_link_times(p_set bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE since bigint := coalesce((SELECT first_change FROM change_set WHERE id = p_set), 0);
BEGIN
  UPDATE activity_link l SET activity_at = coalesce(a.done_at, a.created_at) FROM activity a
  WHERE a.id = l.activity_id AND l.activity_at IS DISTINCT FROM coalesce(a.done_at, a.created_at)
    AND (l.id IN ({_MINE} = 'activity_link' AND c.op IN ('I', 'U'))
      OR l.activity_id IN ({_MINE} = 'activity' AND c.op = 'U'));
END $$
"""
"""The same on a server, for who does not see all links and activities."""


def refresh_link_times(uow: UnitOfWork) -> dict[str, set[int]]:
    """Bring ``activity_link.activity_at`` up to date for what the unit of work inserted or changed.

    Bulk writers that fill it in themselves (``done_at`` or ``created_at`` of the activity) save an update of each link.
    """
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    watched = (("activity_link", link.c.id, ("I", "U")), ("activity", link.c.activity_id, ("U",)))
    wanted = [(table, column, ops) for table, column, ops in watched if any((table, op) in uow.done for op in ops)]
    if not wanted:
        return {}
    if uow.database.locked:
        uow.connection.execute(sa.select(sa.func.crm_link_times(uow.change_set_id)))
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


def keep_link_times(past: Keeper) -> None:
    """As of a moment: the times of the links whose activity was touched since, or that are gone."""
    if not past.found("activity", "activity_link"):
        return
    links = []
    for link in past.both("activity_link"):
        links.append(sa.select(link.c.id).where(link.c.activity_id.in_(past.touched("activity"))))
    ids = past.gather(*links, past.touched("activity_link"))
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    at = sa.func.coalesce(activity.c.done_at, activity.c.created_at)
    joined = link.join(activity, activity.c.id == link.c.activity_id)
    past.keep(
        "activity_link", "activity_at", ids, [sa.select(link.c.id, at).select_from(joined).where(link.c.id.in_(ids))]
    )
