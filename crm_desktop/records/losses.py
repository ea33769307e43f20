"""An alarm: when one change takes a large share of a record type away, those who lead the office are told.

A finisher (see ``db.schema.Finisher``). Whoever did it knows and is not told. Undoing the change takes the notice back.
"""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.access import LEADING
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.notices import announce

KIND = "vanished"
LEAST, SHARE = 20, 0.2
"""So many records at least, and this share of all there were."""


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
        left = int(uow.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        share = removed / (removed + left)
        if share >= SHARE:
            told[listed[name].name] = (removed, round(share * 100))
    if told:
        _write(uow, told)
    return {}


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
