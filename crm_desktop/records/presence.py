"""Who has which record open just now, and whether they type in it: rows that live a minute and leave no history.

Each window has one row for each record that it shows; it renews them every so often and takes them away when it closes.
On a server the others are told at once; a file's other windows notice that the file changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.ids import generator
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import PRESENCE

BEAT_S = 20
"""How often a window says that it still shows its records."""
STALE = timedelta(seconds=60)
"""A row that was not renewed for so long is of a window that is gone."""
_FORGOTTEN = timedelta(hours=1)

Wanted = Mapping[tuple[str, int], bool]
"""(record type, id) to whether somebody types in it."""


@dataclass(frozen=True)
class Present:
    """Somebody who has a record open."""

    record_id: int
    user_id: int
    name: str
    editing: bool


def _now(database: Database) -> Any:
    """The clock of the database: computers of an office do not agree to the second."""
    return clock.now() if database.sqlite else sa.func.clock_timestamp()


def announce(database: Database, user_id: int, origin: str, wanted: Wanted, told: Wanted) -> bool:
    """Say which records a window shows, and that it is still there.

    Args:
        origin: the window.
        wanted: what it shows now.
        told: what it said the last time.

    Returns:
        Whether there is anybody else who could want to know; without, nothing is written.
    """
    table, user = Base.metadata.tables["presence"], Base.metadata.tables["user_account"]
    if not told:
        with database.read() as connection:
            others = sa.select(user.c.id).where(user.c.active, user.c.id != user_id).limit(1)
            if connection.execute(others).first() is None:
                return False
    now = _now(database)
    mine = table.c.origin == origin
    gone = [key for key in told if key not in wanted]
    changed = [key for key in wanted if told.get(key) != wanted[key]]
    with database.begin() as connection:
        connection.execute(table.update().where(mine).values(seen_at=now))
        if gone:
            connection.execute(table.delete().where(mine, table.c.record_id.in_([identity for _e, identity in gone])))
        for key in changed:
            entity, identity = key
            here = mine & (table.c.record_id == identity)
            row = {"editing": wanted[key], "seen_at": now}
            if not connection.execute(table.update().where(here).values(row)).rowcount:
                own = {"id": generator.next(), "user_id": user_id, "origin": origin, "entity": entity}
                connection.execute(table.insert().values(own | row | {"record_id": identity}))
        if not told:
            # of days to come, too: a clock that was set back must not leave people in records for ever
            alive = table.c.seen_at.between(clock.now() - _FORGOTTEN, clock.now() + _FORGOTTEN)
            connection.execute(table.delete().where(sa.not_(alive)))
        _tell(database, connection, [*gone, *changed])
    return True


def leave(database: Database, origin: str, told: Wanted) -> None:
    """The window is closed: it shows nothing any more."""
    table = Base.metadata.tables["presence"]
    with database.begin() as connection:
        connection.execute(table.delete().where(table.c.origin == origin))
        _tell(database, connection, list(told))


def _tell(database: Database, connection: sa.Connection, keys: Collection[tuple[str, int]]) -> None:
    if not database.sqlite:
        for _entity, identity in keys:
            connection.execute(sa.select(sa.func.pg_notify(PRESENCE, str(mark_of(identity)))))


def mark_of(record_id: int) -> int:
    """What everybody on a server may hear of a record: enough to know one's own again, and not the id of one unseen."""
    return (record_id * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 44


def others(database: Database, connection: sa.Connection, user_id: int, record_ids: Collection[int]) -> list[Present]:
    """Who else has these records open, by name; asked only for records that are shown, so that nothing is told of others."""
    table, user = Base.metadata.tables["presence"], Base.metadata.tables["user_account"]
    now, stale = _now(database), STALE if database.sqlite else sa.literal(STALE, sa.Interval())
    rows = connection.execute(
        sa.select(table.c.record_id, table.c.user_id, user.c.name, sa.func.max(sa.cast(table.c.editing, sa.Integer)))
        .join(user, user.c.id == table.c.user_id)
        .where(table.c.record_id.in_(list(record_ids)), table.c.user_id != user_id, table.c.seen_at.between(now - stale, now + stale))
        .group_by(table.c.record_id, table.c.user_id, user.c.name).order_by(user.c.name)
    )  # fmt: skip
    return [Present(record_id, each, name, bool(editing)) for record_id, each, name, editing in rows]
