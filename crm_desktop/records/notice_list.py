"""The list of what somebody should know: notices and mentions, newest first, and what was read of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.events import NoticesChanged, RecordsChanged
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import NOTICES
from crm_desktop.db.journal import change, change_set
from crm_desktop.records.mentions import told_mentions
from crm_desktop.records.notices import KINDS
from crm_desktop.records.queries import titles

KEPT = timedelta(days=30)
"""What was read longer ago is not listed any more, and goes with the next tidying."""
MOST = 60


@dataclass(frozen=True)
class Notice:
    """One thing to know.

    Attributes:
        key: ("notification" or "mention", id).
        kind: one of ``notices.KINDS``.
        record_id: None where it is about ``count`` records of a type.
        by: the name of who did it; ``about``: of who owns the record now.
        note_id, body: of the note that names me.
    """

    key: tuple[str, int]
    kind: str
    entity: str
    record_id: int | None
    title: str
    count: int
    by: str
    about: str
    at: datetime
    read: bool
    note_id: int | None = None
    body: str = ""
    change_set_id: int | None = None


def notices(
    database: Database, connection: sa.Connection, user_id: int | None, *, without: Collection[str] = (),
    limit: int = MOST,
) -> list[Notice]:  # fmt: skip
    """What somebody should know, unread and lately read, newest first.

    Args:
        without: kinds that the person does not want to be told.
    """
    if user_id is None:
        return []
    found = _notifications(database, connection, user_id, without, limit)
    if "mention" not in without:
        since = clock.now() - KEPT
        for one in told_mentions(database, connection, user_id, since=since, limit=limit):
            found.append(
                Notice(("mention", one.id), "mention", one.entity, one.record_id, one.title, 1, one.author, "", one.at,
                       one.read, one.note_id, one.body)
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.at, one.key), reverse=True)[:limit]


def _notifications(
    database: Database, connection: sa.Connection, user_id: int, without: Collection[str], limit: int
) -> list[Notice]:
    table = Base.metadata.tables["notification"]
    wanted = [kind for kind in KINDS if kind not in without]
    since = clock.now() - KEPT
    rows = connection.execute(
        sa.select(table, change_set.c.undone_by)
        .outerjoin(change_set, change_set.c.id == table.c.change_set_id)
        .where(table.c.user_id == user_id, table.c.kind.in_(wanted))
        .where(sa.or_(table.c.read_at.is_(None), table.c.read_at > since))
        .order_by(table.c.at.desc(), table.c.id.desc()).limit(2 * limit)
    ).all()  # fmt: skip
    rows = [row for row in rows if row.undone_by is None]
    owners = _owners(database, connection, rows)
    names = _titles(database, connection, rows)
    people = {one for row in rows for one in (row.by_user_id, row.about_user_id) if one is not None}
    users = titles(database.schema, connection, "user", people)
    return [
        Notice(("notification", row.id), row.kind, row.entity or "", row.record_id,
               names.get((row.entity, row.record_id), row.text or ""), row._mapping["count"], users.get(row.by_user_id, ""),
               users.get(row.about_user_id, ""), row.at, row.read_at is not None, change_set_id=row.change_set_id)
        for row in rows
        if not (row.kind == "given" and row.record_id is not None and owners.get(row.record_id) != user_id)
    ]  # fmt: skip


def _by_entity(rows: Iterable[Any]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row in rows:
        if row.entity and row.record_id is not None:
            found.setdefault(row.entity, set()).add(row.record_id)
    return found


def _owners(database: Database, connection: sa.Connection, rows: Iterable[Any]) -> dict[int, int | None]:
    """Who owns the records that were given: one that was given on, or cannot be seen, need not be told any more."""
    owners: dict[int, int | None] = {}
    for entity, ids in _by_entity(row for row in rows if row.kind == "given").items():
        if entity in database.schema.entities:
            table = database.schema.table(entity)
            owners |= {i: owner for i, owner in connection.execute(
                sa.select(table.c.id, table.c.owner_id).where(table.c.id.in_(ids))
            )}  # fmt: skip
    return owners


def _titles(database: Database, connection: sa.Connection, rows: Iterable[Any]) -> dict[tuple[str, int], str]:
    """The names as they are now; of what cannot be seen any more, the one that was written down is shown."""
    return {
        (entity, identity): title
        for entity, ids in _by_entity(rows).items() if entity in database.schema.entities
        for identity, title in titles(database.schema, connection, entity, ids).items()
    }  # fmt: skip


def mark_read(database: Database, user_id: int, keys: Sequence[tuple[str, int]], *, read: bool = True) -> None:
    """Note that somebody has read these, or wants to see them as unread again. The history does not keep it."""
    now = clock.now()
    with database.begin() as connection:
        for name in ("notification", "mention"):
            table = Base.metadata.tables[name]
            ids = [identity for each, identity in keys if each == name]
            if ids:
                mine = table.c.id.in_(ids) & (table.c.user_id == user_id)
                connection.execute(table.update().where(mine).values(read_at=now if read else None))
        _tidy(connection, user_id)
        _announce(database, connection, user_id)
    _publish(database, user_id, frozenset(identity for each, identity in keys if each == "mention"))


def mark_all_read(database: Database, user_id: int) -> None:
    """Note that somebody has read everything."""
    now = clock.now()
    named: frozenset[int] = frozenset()
    with database.begin() as connection:
        for name in ("notification", "mention"):
            table = Base.metadata.tables[name]
            unread = (table.c.user_id == user_id) & table.c.read_at.is_(None)
            ids = connection.execute(table.update().where(unread).values(read_at=now).returning(table.c.id)).scalars()
            if name == "mention":
                named = frozenset(ids)
        _tidy(connection, user_id)
        _announce(database, connection, user_id)
    _publish(database, user_id, named)


def _tidy(connection: sa.Connection, user_id: int) -> None:
    table = Base.metadata.tables["notification"]
    connection.execute(table.delete().where(table.c.user_id == user_id, table.c.read_at < clock.now() - KEPT))


def _announce(database: Database, connection: sa.Connection, user_id: int) -> None:
    if not database.sqlite:
        connection.execute(sa.select(sa.func.pg_notify(NOTICES, str(user_id))))


def _publish(database: Database, user_id: int, named: frozenset[int]) -> None:
    database.events.publish(NoticesChanged(frozenset({user_id})))
    if named:
        database.events.publish(RecordsChanged(updated={"mention": named}))


@dataclass(frozen=True)
class Gone:
    """Why a record that was shown is not seen any more: ``owner`` has it now, or ``by`` deleted it, if that is known."""

    owner: str = ""
    by: str = ""
    deleted: bool = False


def why_gone(
    database: Database, connection: sa.Connection, entity: str, record_id: int, user_id: int | None
) -> Gone:  # fmt: skip
    """What became of a record that somebody had open, as far as they may know it."""
    table = database.schema.table(entity)
    row = connection.execute(
        sa.select(change_set.c.user_name)
        .select_from(change.outerjoin(change_set, change_set.c.id == change.c.change_set_id))
        .where(change.c.record_id == record_id, change.c.table_name == table.name, change.c.op == "D")
        .order_by(change.c.id.desc()).limit(1)
    ).first()  # fmt: skip
    if row is not None:
        return Gone(by=row.user_name or "", deleted=True)
    notice = Base.metadata.tables["notification"]
    told = connection.execute(
        sa.select(notice.c.about_user_id)
        .where(notice.c.record_id == record_id, notice.c.user_id == user_id, notice.c.kind == "taken")
        .order_by(notice.c.at.desc()).limit(1)
    ).scalar()  # fmt: skip
    return Gone(titles(database.schema, connection, "user", [told]).get(told, "") if told is not None else "")
