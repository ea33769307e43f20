"""What colleagues should know: made at the end of every unit of work in which somebody else's record is concerned.

A finisher (see ``db.schema.Finisher``): imports, bulk edits and handovers go through units of work too. What is told at
once is one row for each person, kind and record type ("Bea gave you 40 contacts"). Nobody is told what they did
themselves, nor what the program does without a user. Mentions have their own table; ``notice_list`` shows both as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.events import NoticesChanged
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import NOTICES
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records.queries import titles

KINDS: Mapping[str, str] = {
    "given": N_("A record is given to me"),
    "taken": N_("A record of mine is given to somebody else"),
    "mention": N_("Somebody names me in a note"),
    "message": N_("Somebody else writes in a case of mine"),
    "note": N_("Somebody else writes a note on a record of mine"),
    "reopened": N_("A case or a deal of mine is reopened"),
    "history": N_("Old entries of the history were let go"),
    "vanished": N_("Many records of a type are gone at once (owners and administrators)"),
}
"""What can be told, with the words of its setting; a person may leave out any of it."""
OWNED = ("contact", "company", "deal", "case", "activity")
_CLOSED = {"deal": ("won", "lost"), "case": ("solved", "closed")}


@dataclass
class _Told:
    """What one person is told: of a kind, about records of a type."""

    ids: set[int] = field(default_factory=set)
    count: int = 0


_Key = tuple[int, str, str, int | None]
"""(who is told, kind, record type, whom it is about)"""


def tell_colleagues(uow: UnitOfWork) -> dict[str, set[int]]:
    """Write the notices of a unit of work; take back those of the one that it undoes."""
    tables = {uow.table(entity).name: entity for entity in OWNED if entity in uow.schema.entities}
    done = {(table, op) for table, op in uow.done if op != "D" and table in {*tables, "note", "case_message"}}
    if uow.actor.user_id is None or not done:
        return {}
    row = uow.connection.execute(
        sa.select(change_set.c.kind, change_set.c.undoes).where(change_set.c.id == uow.change_set_id)
    ).one()
    if row.kind == "undo":
        _take_back(uow, row.undoes)
    elif row.kind != "system":
        told: dict[_Key, _Told] = {}
        for table, entity in tables.items():
            if (table, "I") in done:
                _given_when_made(uow, entity, told)
            if (table, "U") in done:
                _given(uow, entity, told, (table, "I") in done)
                _reopened(uow, entity, told)
        if ("case_message", "I") in done:
            _messages(uow, told)
        if ("note", "I") in done:
            _notes(uow, told, tables)
        _write(uow, told)
    return {}


def _tell(told: dict[_Key, _Told], key: _Key, count: int, *ids: int) -> None:
    one = told.setdefault(key, _Told())
    one.count += count
    one.ids.update(ids)


def _made(uow: UnitOfWork, table: str) -> sa.ColumnElement[bool]:
    """The condition on the history that chooses the new rows of a table."""
    return sa.and_(uow.mine, change.c.table_name == table, change.c.op == "I")


def _given_when_made(uow: UnitOfWork, entity: str, told: dict[_Key, _Told]) -> None:
    table = uow.table(entity)
    statement = (
        sa.select(table.c.owner_id, sa.func.count(), sa.func.max(table.c.id))
        .join(change, change.c.record_id == table.c.id)
        .where(_made(uow, table.name), table.c.owner_id.is_not(None), table.c.owner_id != uow.actor.user_id)
        .group_by(table.c.owner_id)
    )
    if entity == "activity":
        statement = statement.where(table.c.status == "planned")
    for owner, count, last in uow.connection.execute(statement):
        _tell(told, (owner, "given", entity, None), count, last)


def _given(uow: UnitOfWork, entity: str, told: dict[_Key, _Told], some_made: bool) -> None:
    table, me = uow.table(entity), uow.actor.user_id
    old, new = (change.c.data[("owner_id", place)].as_string() for place in (0, 1))
    changed = sa.and_(uow.mine, change.c.table_name == table.name, change.c.op == "U")
    changed &= change.c.data["owner_id"].as_string().is_not(None)
    if some_made:
        changed &= change.c.record_id.not_in(sa.select(change.c.record_id).where(_made(uow, table.name)))
    rows = uow.connection.execute(
        sa.select(old, new, sa.func.count(), sa.func.max(change.c.record_id)).where(changed).group_by(old, new)
    ).all()
    for before, after, count, last in rows:
        was, now = (int(one) if one not in (None, "null") else None for one in (before, after))
        if now is not None and now not in (me, was):
            _tell(told, (now, "given", entity, None), count, last)
        if was is not None and was not in (me, now):
            _tell(told, (was, "taken", entity, now), count, last)


def _reopened(uow: UnitOfWork, entity: str, told: dict[_Key, _Told]) -> None:
    if entity not in _CLOSED:
        return
    table = uow.table(entity)
    old, new = (change.c.data[("status", place)].as_string() for place in (0, 1))
    rows = uow.connection.execute(
        sa.select(table.c.id, table.c.owner_id)
        .join(change, change.c.record_id == table.c.id)
        .where(uow.mine, change.c.table_name == table.name, change.c.op == "U", old.in_(_CLOSED[entity]))
        .where(new.not_in(_CLOSED[entity]), table.c.owner_id.is_not(None), table.c.owner_id != uow.actor.user_id)
    )
    for identity, owner in rows:
        if (owner, "given", entity, None) not in told:
            _tell(told, (owner, "reopened", entity, None), 1, identity)


def _messages(uow: UnitOfWork, told: dict[_Key, _Told]) -> None:
    message, case = Base.metadata.tables["case_message"], uow.table("case")
    rows = uow.connection.execute(
        sa.select(case.c.id, case.c.owner_id).distinct().join(message, message.c.case_id == case.c.id)
        .where(message.c.id.in_(sa.select(change.c.record_id).where(_made(uow, "case_message"))))
        .where(case.c.owner_id.is_not(None), case.c.owner_id != uow.actor.user_id)
    )  # fmt: skip
    for identity, owner in rows:
        reopened = told.get((owner, "reopened", "case", None), _Told())
        if (owner, "given", "case", None) not in told and identity not in reopened.ids:
            _tell(told, (owner, "message", "case", None), 1, identity)


def _notes(uow: UnitOfWork, told: dict[_Key, _Told], tables: Mapping[str, str]) -> None:
    """Notes on records of somebody else who is not named in them: who is named is told that."""
    note, mention = Base.metadata.tables["note"], Base.metadata.tables["mention"]
    made = sa.select(change.c.record_id).where(_made(uow, "note"))
    for entity in tables.values():
        table = uow.table(entity)
        named = sa.exists().where(mention.c.note_id == note.c.id, mention.c.user_id == table.c.owner_id)
        rows = uow.connection.execute(
            sa.select(table.c.id, table.c.owner_id).distinct().join(note, note.c.record_id == table.c.id)
            .where(note.c.id.in_(made), note.c.entity == entity, ~named)
            .where(table.c.owner_id.is_not(None), table.c.owner_id != uow.actor.user_id)
        )  # fmt: skip
        for identity, owner in rows:
            if (owner, "given", entity, None) not in told:
                _tell(told, (owner, "note", entity, None), 1, identity)


def _write(uow: UnitOfWork, told: Mapping[_Key, _Told]) -> None:
    if not told:
        return
    user = Base.metadata.tables["user_account"]
    known = sa.select(user.c.id).where(user.c.id.in_({key[0] for key in told}), user.c.active)
    there = set(uow.connection.execute(known).scalars())
    for (user_id, kind, entity, about), one in told.items():
        if user_id not in there:
            continue
        single = next(iter(one.ids)) if one.count == 1 else None
        title = titles(uow.schema, uow.connection, entity, [single]).get(single, "") if single is not None else ""
        uow.insert("notification", {
            "user_id": user_id, "kind": kind, "entity": entity, "record_id": single, "text": title or None,
            "count": one.count, "by_user_id": uow.actor.user_id, "about_user_id": about,
            "change_set_id": uow.change_set_id, "at": uow.now,
        })  # fmt: skip
    announce(uow, there)


def tell_owners(database: Database, actor: Actor, change_set_id: int, count: int) -> None:
    """Tell every owner of the office, whoever did it, that entries of the history were let go."""
    user = Base.metadata.tables["user_account"]
    with write(database, N_("Notices to the owners"), actor=actor, kind="system") as uow:
        owners = set(
            uow.connection.execute(sa.select(user.c.id).where(user.c.role == "owner", user.c.active)).scalars()
        )
        for one in owners:
            uow.insert("notification", {
                "user_id": one, "kind": "history", "count": count, "by_user_id": actor.user_id,
                "change_set_id": change_set_id, "at": uow.now,
            })  # fmt: skip
        announce(uow, owners)


def _take_back(uow: UnitOfWork, change_set_id: int | None) -> None:
    """The assignment was undone: nobody need know of it any more."""
    table = Base.metadata.tables["notification"]
    mine = sa.and_(table.c.change_set_id == change_set_id, table.c.by_user_id == uow.actor.user_id)
    users = set(uow.connection.execute(sa.select(table.c.user_id).where(mine)).scalars())
    with uow.unasked():  # they are somebody else's to read
        uow.delete_where("notification", mine)
    announce(uow, users)


def announce(uow: UnitOfWork, users: Iterable[int]) -> None:
    """Tell the windows of these users, here and on other computers, that there is something new."""
    people = frozenset(users)
    if not uow.database.sqlite:
        for one in people:
            uow.connection.execute(sa.select(sa.func.pg_notify(NOTICES, str(one))))
    database: Any = uow.database
    uow.after_commit(lambda: database.events.publish(NoticesChanged(people)))
