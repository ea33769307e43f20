"""Writes and reads of what hangs on any record: tags and notes. Files are in ``files_service``."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_desktop.core.errors import EditConflict, RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.mentions import keep_mentions


def add_note(
    uow: UnitOfWork, entity: str, record_id: int, body: str, *, pinned: bool = False, reply_to: int | None = None
) -> int:
    """Write a note on a record, or a comment on what ``reply_to`` is; colleagues it names are told. Returns its id.

    Raises:
        UserError: the text is empty.
    """
    if not body.strip():
        raise UserError(N_("Write something first."))
    values = {"entity": entity, "record_id": record_id, "body": body.strip(), "pinned": pinned, "reply_to": reply_to}
    note_id = uow.insert("note", values)
    keep_mentions(uow, note_id, body)
    return note_id


def update_note(
    uow: UnitOfWork, note_id: int, *, body: str | None = None, pinned: bool | None = None, seen: str | None = None
) -> None:
    """Change a note's text or pin it.

    Args:
        seen: the text that whoever writes saw; None does not ask.

    Raises:
        UserError: the text is empty.
        EditConflict: somebody else wrote another text meanwhile.
        RecordGone: it was deleted.
    """
    values: dict[str, object] = {}
    if body is not None:
        if not body.strip():
            raise UserError(N_("Write something first."))
        values["body"] = body.strip()
        if seen is not None:
            _refuse_other_text(uow, note_id, seen, body.strip())
    if pinned is not None:
        values["pinned"] = pinned
    uow.update("note", note_id, values)
    if body is not None:
        keep_mentions(uow, note_id, body)


def _refuse_other_text(uow: UnitOfWork, note_id: int, seen: str, mine: str) -> None:
    table = uow.table("note")
    stored = uow.connection.execute(sa.select(table.c.body).where(table.c.id == note_id).with_for_update()).first()
    if stored is None:
        raise RecordGone("note", note_id)
    if stored.body not in (seen, mine):
        raise EditConflict("note", note_id, {"body": (seen, mine, stored.body)})


def delete_note(uow: UnitOfWork, note_id: int) -> None:
    """Delete a note with the comments on it."""
    with uow.unasked():  # what others said about it goes with it, and before it: a server asks whose note it was
        uow.delete("note", _comments(uow, note_id))
    uow.delete("note", [note_id])


def _comments(uow: UnitOfWork, what: int) -> list[int]:
    """The ids of the comments on a note or a file."""
    note = Base.metadata.tables["note"]
    return list(uow.connection.execute(sa.select(note.c.id).where(note.c.reply_to == what)).scalars())


def ensure_tag(uow: UnitOfWork, name: str) -> int:
    """The id of a tag, made if missing. Case and accents do not make another tag."""
    key = fold(name.strip())
    if not key:
        raise UserError(N_("Give the tag a name."))
    tag = Base.metadata.tables["tag"]
    found = uow.connection.execute(sa.select(tag.c.id).where(tag.c.key == key)).scalar()
    if found is not None:
        return int(found)
    return uow.insert("tag", {"name": name.strip(), "key": key, "hue": 1 + sum(map(ord, key)) % 8})


def tag_records(uow: UnitOfWork, entity: str, ids: Sequence[int], name: str) -> int:
    """Give records a tag. Returns how many did not have it."""
    uow.ask_bulk(entity, ids)
    tag_id = ensure_tag(uow, name)
    table = Base.metadata.tables["record_tag"]
    count = 0
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        has = set(uow.connection.execute(
            sa.select(table.c.record_id).where(table.c.tag_id == tag_id, table.c.record_id.in_(part))
        ).scalars())  # fmt: skip
        for record_id in part:
            if record_id not in has:
                uow.insert("record_tag", {"tag_id": tag_id, "entity": entity, "record_id": record_id})
                count += 1
    return count


def untag_records(uow: UnitOfWork, ids: Sequence[int], name: str) -> int:
    """Take a tag from records. Returns how many had it."""
    tag, table = Base.metadata.tables["tag"], Base.metadata.tables["record_tag"]
    tag_id = uow.connection.execute(sa.select(tag.c.id).where(tag.c.key == fold(name.strip()))).scalar()
    if tag_id is None:
        return 0
    count = 0
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        count += uow.delete_where("record_tag", (table.c.tag_id == tag_id) & table.c.record_id.in_(part))
    return count


def all_tags(connection: sa.Connection) -> list[tuple[int, str, int]]:
    """(id, name, hue) of every tag by name."""
    tag = Base.metadata.tables["tag"]
    rows = connection.execute(sa.select(tag.c.id, tag.c.name, tag.c.hue).order_by(tag.c.key))
    return [(identity, name, hue or 8) for identity, name, hue in rows]


def notes_of(connection: sa.Connection, record_id: int) -> list[dict[str, object]]:
    """The notes of a record, pinned first, then newest first."""
    table = Base.metadata.tables["note"]
    rows = connection.execute(
        sa.select(table).where(table.c.record_id == record_id)
        .order_by(table.c.pinned.desc(), table.c.created_at.desc(), table.c.id.desc())
    ).mappings()  # fmt: skip
    return [dict(row) for row in rows]
