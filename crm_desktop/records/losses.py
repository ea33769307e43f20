"""An alarm: when one change takes a large share of a record type away, those who lead the office are told.

A finisher (see ``db.schema.Finisher``). Whoever did it knows and is not told. Undoing the change takes the notice back.
What something outside the program deletes passes no unit of work: the windows of those who lead look for it themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.access import LEADING
from crm_desktop.core.events import NoticesChanged
from crm_desktop.core.ids import generator
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import DELETED, change, change_set
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.notices import announce

KIND = "vanished"
LEAST, SHARE = 20, 0.2
"""So many records at least, and this share of all there were."""
BACK = timedelta(days=30)
"""So far back it is looked for what something outside the program deleted."""


def tell_of_losses(uow: UnitOfWork) -> dict[str, set[int]]:
    """Tell the owners and administrators where a unit of work removed a large share of a record type."""
    listed = {one.table: one for one in uow.schema.entities.values() if one.listed}
    touched = {table for table, op in uow.done if op == "D" and table in listed}
    if not touched:
        return {}
    if "notification" not in Base.metadata.tables or _kind(uow) == "erase":
        return {}
    told: dict[str, tuple[int, int]] = {}
    for name in touched:
        table = Base.metadata.tables[name]
        gone = sa.select(sa.func.count(sa.distinct(change.c.record_id))).where(
            uow.mine, change.c.table_name == name, change.c.op == "D",
            ~sa.exists().where(table.c.id == change.c.record_id),
        )  # fmt: skip
        removed = int(uow.connection.execute(gone).scalar_one())
        if removed < LEAST:
            continue
        share = removed / (removed + _left(uow, listed[name].name, table))
        if share >= SHARE:
            told[listed[name].name] = (removed, round(share * 100))
    if told:
        _write(uow, told)
    return {}


def _left(uow: UnitOfWork, entity: str, table: sa.Table) -> int:
    """How many records of a type there are, also where a locked server shows whoever writes only a part of them."""
    left = int(uow.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
    if uow.database.locked and uow.database.access.scope(entity, "read") != "all":
        known = "SELECT reltuples FROM pg_class WHERE oid = to_regclass(%(name)s)"
        left = max(left, int(uow.connection.exec_driver_sql(known, {"name": table.name}).scalar() or 0))
    return left


def _kind(uow: UnitOfWork) -> str:
    statement = sa.select(change_set.c.kind).where(change_set.c.id == uow.change_set_id)
    return str(uow.connection.execute(statement).scalar())


def _write(uow: UnitOfWork, told: dict[str, tuple[int, int]]) -> None:
    user, me = Base.metadata.tables["user_account"], uow.actor.user_id
    leading = sa.select(user.c.id).where(user.c.role.in_(LEADING), user.c.active)
    people = {one for one in uow.connection.execute(leading).scalars() if one != me}
    for one in sorted(people):
        for entity, (count, share) in told.items():
            uow.insert("notification", {
                "user_id": one, "kind": KIND, "entity": entity, "text": str(share), "count": count,
                "by_user_id": me, "change_set_id": uow.change_set_id, "at": uow.now,
            })  # fmt: skip
    announce(uow, people)


def note_outside_losses(database: Database, user_id: int) -> int:
    """Tell somebody who leads the office what vanished outside the program since they were told last.

    Returns:
        How many notices there are more now.
    """
    if database.read_only or not database.access.everything:
        return 0
    told = Base.metadata.tables["notification"]
    with database.read() as connection:
        mine = (told.c.user_id == user_id) & (told.c.kind == KIND) & told.c.change_set_id.is_(None)
        last = connection.execute(sa.select(sa.func.max(told.c.at)).where(mine)).scalar()
        found = _gone_outside(database, connection, max(last or clock.now() - BACK, clock.now() - BACK))
    if not found:
        return 0
    with database.begin() as connection:
        for entity, (count, share, at) in found.items():
            connection.execute(told.insert().values({
                "id": generator.next(), "user_id": user_id, "kind": KIND, "entity": entity, "text": str(share),
                "count": count, "at": at,
            }))  # fmt: skip
    database.events.publish(NoticesChanged(frozenset({user_id})))
    return len(found)


def _gone_outside(
    database: Database, connection: sa.Connection, since: datetime
) -> dict[str, tuple[int, int, datetime]]:
    """Record type to (how many, their share in percent, when the last one went) of what went since a moment."""
    first = sa.select(sa.func.min(change_set.c.first_change)).where(change_set.c.at >= since - BACK)
    begin = connection.execute(first).scalar() or 0
    outside = (DELETED, change.c.id >= begin, change.c.change_set_id.is_(None), change.c.at > since)
    listed = {one.table: one for one in database.schema.entities.values() if one.listed}
    many = (
        sa.select(change.c.table_name).where(*outside, change.c.table_name.in_(listed))
        .group_by(change.c.table_name).having(sa.func.count() >= LEAST)
    )  # fmt: skip
    found = {}
    for name in connection.execute(many).scalars().all():
        table = Base.metadata.tables[name]
        gone = sa.select(sa.func.count(sa.distinct(change.c.record_id)), sa.func.max(change.c.at)).where(
            *outside, change.c.table_name == name, ~sa.exists().where(table.c.id == change.c.record_id)
        )
        removed, at = connection.execute(gone).one()
        left = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        if removed >= LEAST and at is not None and removed / (removed + left) >= SHARE:
            found[listed[name].name] = (int(removed), round(100 * removed / (removed + left)), at)
    return found
