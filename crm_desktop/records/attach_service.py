"""Writes and reads of what hangs on any record: tags, notes, attachments."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork

MAX_FILE = 512 * 1024 * 1024


@dataclass(frozen=True)
class AttachmentRow:
    """A file of a record, as a list shows it."""

    id: int
    name: str
    media_type: str
    size: int
    revision: int
    sha256: str
    created_at: datetime
    created_by: int | None


def add_note(uow: UnitOfWork, entity: str, record_id: int, body: str, *, pinned: bool = False) -> int:
    """Write a note on a record. Returns its id.

    Raises:
        UserError: the text is empty.
    """
    if not body.strip():
        raise UserError(N_("Write something first."))
    return uow.insert("note", {"entity": entity, "record_id": record_id, "body": body.strip(), "pinned": pinned})


def update_note(uow: UnitOfWork, note_id: int, *, body: str | None = None, pinned: bool | None = None) -> None:
    """Change a note's text or pin it."""
    values: dict[str, object] = {}
    if body is not None:
        values["body"] = body.strip()
    if pinned is not None:
        values["pinned"] = pinned
    uow.update("note", note_id, values)


def delete_note(uow: UnitOfWork, note_id: int) -> None:
    """Delete a note."""
    uow.delete("note", [note_id])


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


def attach_file(uow: UnitOfWork, entity: str, record_id: int, path: Path, *, comment: str = "") -> int:
    """Attach a file to a record; the same name again becomes a new revision. Returns the attachment's id.

    Raises:
        UserError: the file cannot be read, is a folder, or is too large.
    """
    if path.is_dir():
        raise UserError(N_("{name} is a folder. Attach the files in it."), name=path.name)
    try:
        if path.stat().st_size > MAX_FILE:
            raise UserError(N_("{name} is larger than 512 MB. Keep it in a folder and attach a link."), name=path.name)
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            N_("{name} cannot be read: {reason}"), name=path.name, reason=error.strerror or str(error)
        ) from error
    return attach_bytes(uow, entity, record_id, path.name, content, comment=comment)


def attach_bytes(uow: UnitOfWork, entity: str, record_id: int, name: str, content: bytes, *, comment: str = "") -> int:
    """Attach bytes under a file name; the same name on the same record becomes a new revision."""
    digest = store_blob(uow, content)
    table = Base.metadata.tables["attachment"]
    row = uow.connection.execute(
        sa.select(table.c.id, table.c.revision, table.c.sha256).where(
            table.c.record_id == record_id, table.c.name == name
        )
    ).first()
    values = {
        "name": name, "size": len(content), "sha256": digest,
        "media_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
    }  # fmt: skip
    if row is None:
        revision = 1
        attachment_id = uow.insert("attachment", {"entity": entity, "record_id": record_id, "revision": 1, **values})
    elif row.sha256 == digest:
        return int(row.id)
    else:
        attachment_id, revision = int(row.id), int(row.revision) + 1
        uow.update("attachment", attachment_id, {"revision": revision, **values})
    uow.insert("attachment_revision", {
        "attachment_id": attachment_id, "revision": revision, "sha256": digest, "size": len(content),
        "comment": comment or None,
    })  # fmt: skip
    return attachment_id


def store_blob(uow: UnitOfWork, content: bytes) -> str:
    """Keep bytes once. Returns their SHA-256 in hex."""
    digest = hashlib.sha256(content).hexdigest()
    table = Base.metadata.tables["blob"]
    if uow.connection.execute(sa.select(table.c.id).where(table.c.sha256 == digest)).first() is None:
        uow.insert("blob", {"sha256": digest, "size": len(content), "content": content, "stored_at": uow.now})
    return digest


def attachments_of(connection: sa.Connection, record_id: int) -> list[AttachmentRow]:
    """The files of a record, newest first."""
    table = Base.metadata.tables["attachment"]
    rows = connection.execute(
        sa.select(table).where(table.c.record_id == record_id).order_by(table.c.created_at.desc(), table.c.id.desc())
    ).mappings()
    return [
        AttachmentRow(r["id"], r["name"], r["media_type"] or "", r["size"] or 0, r["revision"] or 1, r["sha256"] or "",
                      r["created_at"], r["created_by"])
        for r in rows
    ]  # fmt: skip


def attachment_content(connection: sa.Connection, attachment_id: int, revision: int | None = None) -> tuple[str, bytes]:
    """(file name, bytes) of an attachment, its newest revision or the one asked for.

    Raises:
        RecordGone: it is not there.
        UserError: its bytes are missing or damaged.
    """
    attachment, revisions, blob = (Base.metadata.tables[n] for n in ("attachment", "attachment_revision", "blob"))
    row = connection.execute(
        sa.select(attachment.c.name, attachment.c.sha256).where(attachment.c.id == attachment_id)
    ).first()
    if row is None:
        raise RecordGone("attachment", attachment_id)
    digest = row.sha256
    if revision is not None:
        digest = connection.execute(
            sa.select(revisions.c.sha256).where(
                revisions.c.attachment_id == attachment_id, revisions.c.revision == revision
            )
        ).scalar()
    content = connection.execute(sa.select(blob.c.content).where(blob.c.sha256 == digest)).scalar()
    if content is None or hashlib.sha256(content).hexdigest() != digest:
        raise UserError(N_("The content of {name} is missing or damaged. A backup may still have it."), name=row.name)
    return row.name, bytes(content)


def delete_attachment(uow: UnitOfWork, attachment_id: int) -> None:
    """Take a file from its record; its bytes stay for undo."""
    uow.delete("attachment", [attachment_id])


def notes_of(connection: sa.Connection, record_id: int) -> list[dict[str, object]]:
    """The notes of a record, pinned first, then newest first."""
    table = Base.metadata.tables["note"]
    rows = connection.execute(
        sa.select(table).where(table.c.record_id == record_id)
        .order_by(table.c.pinned.desc(), table.c.created_at.desc(), table.c.id.desc())
    ).mappings()  # fmt: skip
    return [dict(row) for row in rows]
