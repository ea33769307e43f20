"""Colleagues named in notes: how a name stands in the text, who is told of it, and what is still unread.

In the text a mention is ``@[Renata Alves](17)``: it leads to the user by id, so that a new name is shown wherever the
old one was written, and reads well where the text is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.events import RecordsChanged
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.queries import titles

_MENTION = re.compile(r"@\[([^\]\n]{1,120})\]\((\d{1,19})\)")
_HOMES = ("contact", "company", "deal", "case")
"""Record types whose cards show the notes that hang on their activities and files."""


@dataclass(frozen=True)
class UnreadMention:
    """A note that names somebody who has not read it: on which record it is found, by whom, when, what it says."""

    id: int
    note_id: int
    entity: str
    record_id: int
    title: str
    author: str
    at: datetime
    body: str
    read: bool = False


def mention(name: str, user_id: int) -> str:
    """How a mention stands in a text."""
    return f"@[{' '.join(name.replace('[', ' ').replace(']', ' ').split())[:120]}]({user_id})"


def mentioned(text: str) -> list[int]:
    """The ids of the users that a text names, each once."""
    return list(dict.fromkeys(int(found[2]) for found in _MENTION.finditer(text)))


def readable(text: str, names: Mapping[int, str]) -> tuple[str, tuple[tuple[int, int, int], ...]]:
    """A text as people read it, and the (start, length, user id) of each mention in it.

    Args:
        names: of users by id; one who is not there keeps the name that was written.
    """
    parts: list[str] = []
    spans: list[tuple[int, int, int]] = []
    end = length = 0
    for found in _MENTION.finditer(text):
        before, name = text[end : found.start()], "@" + names.get(int(found[2]), found[1])
        parts += [before, name]
        length += len(before)
        spans.append((length, len(name), int(found[2])))
        length += len(name)
        end = found.end()
    return "".join([*parts, text[end:]]), tuple(spans)


def plain(text: str) -> str:
    """A text without the ids of its mentions: for print, for snippets."""
    return _MENTION.sub(lambda found: "@" + found[1], text)


def keep_mentions(uow: UnitOfWork, note_id: int, body: str) -> None:
    """Tell those whom a note names now; who was named before and has read it is not told again."""
    table, user = Base.metadata.tables["mention"], Base.metadata.tables["user_account"]
    wanted = [one for one in mentioned(body) if one != uow.actor.user_id]
    known = sa.select(user.c.id).where(user.c.id.in_(wanted))
    there = set(uow.connection.execute(known).scalars()) if wanted else set()
    rows = uow.connection.execute(sa.select(table.c.id, table.c.user_id).where(table.c.note_id == note_id)).all()
    uow.delete("mention", [row.id for row in rows if row.user_id not in there])
    told = {row.user_id for row in rows}
    for user_id in wanted:
        if user_id in there and user_id not in told:
            uow.insert("mention", {"note_id": note_id, "user_id": user_id})


def read_mentions(database: Database, user_id: int, notes: Sequence[int] | None = None) -> int:
    """Note that somebody has read where they are named: in some notes, or everywhere. Returns how many were unread.

    It is nobody's edit: the history does not keep it, and Undo passes it by.
    """
    table = Base.metadata.tables["mention"]
    unread = (table.c.user_id == user_id) & table.c.read_at.is_(None)
    if notes is not None:
        unread &= table.c.note_id.in_(list(notes))
    with database.begin() as connection:
        statement = table.update().where(unread).values(read_at=clock.now()).returning(table.c.id)
        read = frozenset(connection.execute(statement).scalars())
    if read:
        database.events.publish(RecordsChanged(updated={"mention": read}))
    return len(read)


def count_unread(connection: sa.Connection, user_id: int | None) -> int:
    """In how many notes somebody is named and has not read it."""
    table = Base.metadata.tables["mention"]
    if user_id is None:
        return 0
    unread = sa.select(sa.func.count()).where(table.c.user_id == user_id, table.c.read_at.is_(None))
    return int(connection.execute(unread).scalar_one())


def unread_mentions(
    database: Database, connection: sa.Connection, user_id: int | None, *, limit: int = 20
) -> list[UnreadMention]:
    """The notes that name somebody who has not read them, newest first."""
    return told_mentions(database, connection, user_id, limit=limit)


def told_mentions(
    database: Database, connection: sa.Connection, user_id: int | None, *, since: datetime | None = None,
    limit: int = 20,
) -> list[UnreadMention]:  # fmt: skip
    """The notes that name somebody, newest first: unread ones, and those read ``since`` an instant."""
    table, note = Base.metadata.tables["mention"], Base.metadata.tables["note"]
    if user_id is None:
        return []
    rows = connection.execute(
        sa.select(table.c.id, note.c.id.label("note"), note.c.entity, note.c.record_id, note.c.created_by,
                  note.c.created_at, note.c.body, table.c.read_at)
        .join(note, note.c.id == table.c.note_id)
        .where(table.c.user_id == user_id, table.c.read_at.is_(None) if since is None else
               sa.or_(table.c.read_at.is_(None), table.c.read_at > since))
        .order_by(note.c.created_at.desc(), note.c.id.desc()).limit(limit)
    ).all()  # fmt: skip
    homes = {row.note: home_of(connection, row.entity, row.record_id) for row in rows}
    names: dict[tuple[str, int], str] = {}
    for entity in {entity for entity, _id in homes.values() if entity in database.schema.entities}:
        ids = [record_id for each, record_id in homes.values() if each == entity]
        names |= {(entity, i): title for i, title in titles(database.schema, connection, entity, ids).items()}
    authors = titles(database.schema, connection, "user", {row.created_by for row in rows if row.created_by})
    return [
        UnreadMention(row.id, row.note, *homes[row.note], names.get(homes[row.note], ""),
                      authors.get(row.created_by, ""), row.created_at, plain(row.body), row.read_at is not None)
        for row in rows
    ]  # fmt: skip


def home_of(connection: sa.Connection, entity: str, record_id: int) -> tuple[str, int]:
    """The record whose card shows what hangs on a record: of an activity, a file or a case, what that belongs to."""
    if entity == "activity":
        link = Base.metadata.tables["activity_link"]
        rows = connection.execute(
            sa.select(link.c.entity, link.c.record_id).where(link.c.activity_id == record_id)
        ).all()
        known = [(row.entity, row.record_id) for row in rows if row.entity in _HOMES]
        return min(known, key=lambda one: _HOMES.index(one[0]), default=(entity, record_id))
    if entity == "attachment":
        file = Base.metadata.tables["attachment"]
        row = connection.execute(sa.select(file.c.entity, file.c.record_id).where(file.c.id == record_id)).first()
        return (row.entity, row.record_id) if row is not None else (entity, record_id)
    if entity == "case":
        case = Base.metadata.tables["case_file"]
        row = connection.execute(sa.select(case.c.contact_id, case.c.company_id).where(case.c.id == record_id)).first()
        if row is not None and row.contact_id is not None:
            return "contact", row.contact_id
        return ("company", row.company_id) if row is not None and row.company_id is not None else (entity, record_id)
    return entity, record_id


def users_in(texts: Iterable[str]) -> set[int]:
    """The users that any of these texts names."""
    return {user_id for text in texts for user_id in mentioned(text)}


def colleagues(connection: sa.Connection, user_id: int | None) -> list[tuple[int, str]]:
    """(id, name) of everybody who can be named: active users but oneself, by name."""
    user = Base.metadata.tables["user_account"]
    rows = connection.execute(
        sa.select(user.c.id, user.c.name).where(user.c.active.is_(True), user.c.id != (user_id or -1))
        .order_by(user.c.name)
    )  # fmt: skip
    return [(identity, name) for identity, name in rows]
