"""What is planned with a record: its next activity, in SQL for lists and in full for cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.numbers import Expressions
from crm_desktop.contacts.scope import Scope
from crm_desktop.core import clock
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Holders

NEXT_ACTIVITY = Field(
    "next_activity_on", N_("Next activity"), Kind.DATE, in_list=True, in_form=False, importable=False, system=True,
    computed=True, width=120,
)  # fmt: skip
_FEW = 2_000
"""With fewer activities than this each is looked at; with more, all that is planned in the office."""

WITH_ACTIVITIES = ("contact", "company", "deal", "case")


@dataclass(frozen=True)
class NextActivity:
    """The next thing that is planned with a record.

    ``on`` is its local day, ``at`` its hour where it has one, ``starts_at`` the instant of an appointment.
    """

    id: int
    record_id: int
    kind: str
    subject: str
    on: date
    at: time | None
    overdue: bool
    owner_id: int | None


def planned_day(activity: sa.FromClause) -> sa.ColumnElement[date]:
    """The day for which an activity is planned: the start of an appointment, else the due day."""
    return sa.func.coalesce(sa.func.date(activity.c.starts, type_=sa.Date()), activity.c.due)


def is_planned(activity: sa.FromClause) -> sa.ColumnElement[bool]:
    """Planned and on a day; a series counts only while its first occurrence is still to come."""
    coming = activity.c.rrule.is_(None) | (planned_day(activity) >= clock.today())
    return (activity.c.status == "planned") & planned_day(activity).isnot(None) & coming


def next_activity_on(table: sa.FromClause) -> sa.ColumnElement[date]:
    """The day of a record's next activity, past ones that are still open included."""
    link, activity = Base.metadata.tables["activity_link"].alias(), Base.metadata.tables["activity"].alias()
    return (
        sa.select(sa.func.min(planned_day(activity)))
        .select_from(sa.join(link, activity, activity.c.id == link.c.activity_id))
        .where(link.c.record_id == table.c.id, is_planned(activity))
        .correlate(table)
        .scalar_subquery()
    )


def with_planned(_table: sa.Table) -> sa.Select[Any]:
    """The records with which something is planned, whatever their type."""
    link, activity = Base.metadata.tables["activity_link"].alias(), Base.metadata.tables["activity"].alias()
    joined = sa.join(link, activity, activity.c.id == link.c.activity_id)
    return sa.select(link.c.record_id.label("id")).select_from(joined).where(activity.c.status == "planned").distinct()


def has_next(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether anything is planned with a record."""
    link, activity = Base.metadata.tables["activity_link"].alias(), Base.metadata.tables["activity"].alias()
    return (
        sa.select(sa.literal(1))
        .select_from(sa.join(link, activity, activity.c.id == link.c.activity_id))
        .where(link.c.record_id == table.c.id, is_planned(activity))
        .correlate(table)
        .exists()
    )


EXPRESSIONS: Expressions = {(name, NEXT_ACTIVITY.name): next_activity_on for name in WITH_ACTIVITIES}
HOLDERS: dict[tuple[str, str], Holders] = {(name, NEXT_ACTIVITY.name): with_planned for name in WITH_ACTIVITIES}


def next_activities(connection: sa.Connection, record_ids: Iterable[int]) -> dict[int, NextActivity]:
    """The next activity of each of some records, by record id. Meant for a page of cards."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    result: dict[int, NextActivity] = {}
    ids = list(record_ids)
    for start in range(0, len(ids), 500):
        rows = connection.execute(
            sa.select(
                link.c.record_id, activity.c.id, activity.c.kind, activity.c.subject, activity.c.due,
                activity.c.due_time, activity.c.starts, activity.c.starts_at, activity.c.all_day, activity.c.owner_id,
            )
            .join(activity, activity.c.id == link.c.activity_id)
            .where(link.c.record_id.in_(ids[start : start + 500]), is_planned(activity))
        )  # fmt: skip
        for row in rows:
            one = _next(row)
            known = result.get(one.record_id)
            if known is None or _order(one) < _order(known):
                result[one.record_id] = one
    return result


def next_activity(connection: sa.Connection, record_id: int) -> NextActivity | None:
    """The next activity of one record."""
    return next_activities(connection, [record_id]).get(record_id)


def next_of_scope(connection: sa.Connection, scope: Scope) -> NextActivity | None:
    """The next activity with any of many records: what is planned is few, what hangs on a customer may be very much."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    ours = link.c.record_id.in_(sa.select(scope.everything.c.id))
    some = sa.select(link.c.activity_id).where(ours).limit(_FEW).subquery()
    few = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() < _FEW
    statement = sa.select(
        sa.literal(0).label("record_id"), activity.c.id, activity.c.kind, activity.c.subject, activity.c.due,
        activity.c.due_time, activity.c.starts, activity.c.starts_at, activity.c.all_day, activity.c.owner_id,
    )  # fmt: skip
    if few:
        statement = statement.where(activity.c.id.in_(sa.select(link.c.activity_id).where(ours)), is_planned(activity))
    else:
        belongs = sa.select(sa.literal(1)).where(link.c.activity_id == activity.c.id, ours).exists()
        # a literal, since the index over what is planned is taken only where it is plain that nothing else is asked for
        planned = activity.c.status == sa.literal_column("'planned'")
        statement = statement.where(planned, is_planned(activity), belongs)
    return min((_next(row) for row in connection.execute(statement)), key=_order, default=None)


def _order(one: NextActivity) -> tuple[date, time, int]:
    return one.on, one.at or time.max, one.id


def _next(row: Any) -> NextActivity:
    if row.starts is not None:
        local: datetime = row.starts_at.astimezone(clock.local_zone()) if row.starts_at is not None else row.starts
        on, at = (row.starts.date(), None) if row.all_day else (local.date(), local.time().replace(tzinfo=None))
    else:
        on, at = row.due, time.fromisoformat(row.due_time) if row.due_time else None
    return NextActivity(row.id, row.record_id, row.kind, row.subject, on, at, is_overdue(on, at), row.owner_id)


def is_overdue(on: date, at: time | None) -> bool:
    """Whether a local day and hour have passed; without an hour the whole day counts."""
    moment = clock.now().astimezone(clock.local_zone())
    return on < moment.date() or (on == moment.date() and at is not None and at < moment.time())


def activities_of(connection: sa.Connection, record_id: int) -> list[int]:
    """The ids of a record's activities: what is planned first, the soonest first, then the others, newest first."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    day = planned_day(activity)
    rows = connection.execute(
        sa.select(activity.c.id, activity.c.status, day.label("day"), activity.c.created_at)
        .join(link, link.c.activity_id == activity.c.id)
        .where(link.c.record_id == record_id)
    ).all()
    open_ones = sorted((row for row in rows if row.status == "planned"), key=lambda row: (row.day or date.max, row.id))
    others = sorted((row for row in rows if row.status != "planned"), key=lambda row: row.created_at, reverse=True)
    return [row.id for row in (*open_ones, *others)]
