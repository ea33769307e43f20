"""Files of a record: attached, replaced by a new revision, renamed, marked as being edited, read."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import blobs, queries

_FORBIDDEN = frozenset('\\/:*?"<>|')
_MORE_TYPES = {".eml": "message/rfc822", ".msg": "application/vnd.ms-outlook", ".md": "text/markdown",
               ".ics": "text/calendar", ".vcf": "text/vcard", ".csv": "text/csv"}  # fmt: skip


@dataclass(frozen=True)
class FileRow:
    """A file of a record, as a list shows it.

    Attributes:
        created_at, created_by: when and by whom (the user's id) it was first attached.
        changed_at, changed_by, comment: of its newest revision; ``changed_by`` is the person's name.
        editor, editing_since: who marked it as being edited; empty and None where nobody did.
    """

    id: int
    name: str
    media_type: str
    size: int
    revision: int
    sha256: str
    created_at: datetime
    created_by: int | None
    changed_at: datetime
    changed_by: str = ""
    comment: str = ""
    editor_id: int | None = None
    editor: str = ""
    editing_since: datetime | None = None


@dataclass(frozen=True)
class Revision:
    """One state of a file."""

    attachment_id: int
    revision: int
    sha256: str
    size: int
    comment: str
    at: datetime
    by: str
    newest: bool


def media_type_of(name: str) -> str:
    """The media type that a file name tells."""
    known = _MORE_TYPES.get(Path(name).suffix.lower())
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


# -- writes ----------------------------------------------------------------------------------------------------


def measure_files(paths: Sequence[Path], progress: Progress | None = None) -> list[blobs.Measured]:
    """Read files before the unit of work that attaches them, so that nobody waits for a slow disk.

    Raises:
        UserError: one of them cannot be attached; none is then.
    """
    progress = progress or Progress()
    sizes = sum(path.stat().st_size for path in paths if path.is_file())
    progress.update(0, sizes * 2)
    found = []
    for path in paths:
        progress.update(message=path.name)
        found.append(blobs.measure(path, progress.advance))
    return found


def attach_file(uow: UnitOfWork, entity: str, record_id: int, path: Path, *, comment: str = "") -> int:
    """Attach a file to a record; the same name again becomes a new revision. Returns the attachment's id.

    Raises:
        UserError: the file cannot be read, is a folder, changes while it is read, or is too large.
    """
    return attach_measured(uow, entity, record_id, blobs.measure(path), comment=comment)


def attach_measured(
    uow: UnitOfWork, entity: str, record_id: int, found: blobs.Measured, *, name: str = "", comment: str = "",
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """Attach a file that was measured, maybe under another name. Returns the attachment's id."""
    digest = blobs.store_file(uow, found, progress.advance if progress is not None else None)
    return _attach(uow, entity, record_id, name or found.path.name, digest, found.size, comment)


def attach_bytes(uow: UnitOfWork, entity: str, record_id: int, name: str, content: bytes, *, comment: str = "") -> int:
    """Attach bytes under a file name; the same name on the same record becomes a new revision."""
    return _attach(uow, entity, record_id, name, blobs.store_bytes(uow, content), len(content), comment)


def _attach(uow: UnitOfWork, entity: str, record_id: int, name: str, digest: str, size: int, comment: str) -> int:
    table = Base.metadata.tables["attachment"]
    found = uow.connection.execute(
        sa.select(table.c.id).where(table.c.record_id == record_id, table.c.name == name).order_by(table.c.id.desc())
    ).scalar()
    if found is not None:
        add_revision(uow, int(found), digest, size, comment=comment)
        return int(found)
    attachment_id = uow.insert("attachment", {
        "entity": entity, "record_id": record_id, "name": name, "size": size, "sha256": digest, "revision": 1,
        "media_type": media_type_of(name),
    })  # fmt: skip
    _insert_revision(uow, attachment_id, 1, digest, size, comment)
    return attachment_id


def add_revision(uow: UnitOfWork, attachment_id: int, digest: str, size: int, *, comment: str = "") -> int:
    """Give a file a new newest state; the same content as before makes none. Returns the revision's number."""
    row = _row(uow.connection, attachment_id)
    if row["sha256"] == digest:
        return int(row["revision"] or 1)
    table = Base.metadata.tables["attachment_revision"]
    last = sa.select(sa.func.max(table.c.revision)).where(table.c.attachment_id == attachment_id)
    number = max(int(uow.connection.execute(last).scalar() or 0), int(row["revision"] or 0)) + 1
    uow.update("attachment", attachment_id, {"revision": number, "sha256": digest, "size": size})
    _insert_revision(uow, attachment_id, number, digest, size, comment)
    return number


def _insert_revision(uow: UnitOfWork, attachment_id: int, number: int, digest: str, size: int, comment: str) -> None:
    uow.insert("attachment_revision", {
        "attachment_id": attachment_id, "revision": number, "sha256": digest, "size": size,
        "comment": comment.strip() or None,
    })  # fmt: skip


def comment_revision(uow: UnitOfWork, attachment_id: int, revision: int, comment: str) -> None:
    """Say what changed in a revision."""
    table = Base.metadata.tables["attachment_revision"]
    where = (table.c.attachment_id == attachment_id) & (table.c.revision == revision)
    uow.update_where("attachment_revision", {"comment": comment.strip() or None}, where)


def restore_revision(uow: UnitOfWork, attachment_id: int, revision: int, *, comment: str = "") -> int:
    """Make an older state the newest one: a new revision with its content. Returns its number."""
    digest, size = _content_of(uow.connection, attachment_id, revision)
    return add_revision(uow, attachment_id, digest, size, comment=comment)


def rename_file(uow: UnitOfWork, attachment_id: int, name: str) -> None:
    """Give a file another name.

    Raises:
        FieldError: no name, one with signs that a file name cannot have, or one that another file of the record has.
    """
    wanted = name.strip().rstrip(".")
    if not wanted:
        raise FieldError("name", N_("Give the file a name."))
    if any(sign in _FORBIDDEN or ord(sign) < 32 for sign in wanted):
        raise FieldError("name", N_('A file name cannot contain \\ / : * ? " < > |'))
    row = _row(uow.connection, attachment_id)
    table = Base.metadata.tables["attachment"]
    others = sa.select(table.c.name).where(table.c.record_id == row["record_id"], table.c.id != attachment_id)
    if wanted.casefold() in {other.casefold() for other in uow.connection.execute(others).scalars()}:
        raise FieldError("name", N_("There is a file {name} here already. Choose another name."), name=wanted)
    uow.update("attachment", attachment_id, {"name": wanted, "media_type": media_type_of(wanted)})


def delete_attachment(uow: UnitOfWork, attachment_id: int) -> None:
    """Take a file from its record; its bytes stay for undo."""
    uow.delete("attachment", [attachment_id])


def check_out(uow: UnitOfWork, attachment_id: int) -> None:
    """Mark a file as being edited by who is signed in; an older mark is taken over."""
    _row(uow.connection, attachment_id)
    uow.update("attachment", attachment_id, {"checked_out_by": uow.actor.user_id, "checked_out_at": uow.now})


def undo_check_out(uow: UnitOfWork, attachment_id: int) -> None:
    """Take the mark off; the file stays as it is."""
    uow.update("attachment", attachment_id, {"checked_out_by": None, "checked_out_at": None})


def check_in(uow: UnitOfWork, attachment_id: int, found: blobs.Measured, *, comment: str = "") -> int:
    """Bring an edited copy back as a new revision, and take one's own mark off. Returns the revision's number."""
    row = _row(uow.connection, attachment_id)
    digest = blobs.store_file(uow, found)
    number = add_revision(uow, attachment_id, digest, found.size, comment=comment)
    if row["checked_out_at"] is not None and row["checked_out_by"] == uow.actor.user_id:
        undo_check_out(uow, attachment_id)
    return number


# -- reads -----------------------------------------------------------------------------------------------------


def attachments_of(connection: sa.Connection, record_id: int) -> list[FileRow]:
    """The files of a record, newest first. Reads no contents."""
    table = Base.metadata.tables["attachment"]
    rows = connection.execute(
        _with_people().where(table.c.record_id == record_id).order_by(table.c.created_at.desc(), table.c.id.desc())
    ).mappings()
    return [_file_row(row) for row in rows]


def count_of(connection: sa.Connection, record_id: int) -> int:
    """How many files a record has."""
    table = Base.metadata.tables["attachment"]
    counted = sa.select(sa.func.count()).select_from(table).where(table.c.record_id == record_id)
    return int(connection.execute(counted).scalar_one())


def _with_people() -> sa.Select[Any]:
    """Files with their newest revision and the names of who made it and who edits it."""
    table, revision = Base.metadata.tables["attachment"], Base.metadata.tables["attachment_revision"]
    author = Base.metadata.tables["user_account"].alias("author")
    editor = Base.metadata.tables["user_account"].alias("editor")
    newest = (revision.c.attachment_id == table.c.id) & (revision.c.revision == table.c.revision)
    joined = (
        table.outerjoin(revision, newest)
        .outerjoin(author, author.c.id == revision.c.created_by)
        .outerjoin(editor, editor.c.id == table.c.checked_out_by)
    )
    return sa.select(
        table, revision.c.created_at.label("changed_at"), revision.c.comment.label("comment"),
        author.c.name.label("changed_by"), editor.c.name.label("editor"),
    ).select_from(joined)  # fmt: skip


def _file_row(row: Any) -> FileRow:
    return FileRow(
        row["id"], row["name"], row["media_type"] or "", row["size"] or 0, row["revision"] or 1, row["sha256"] or "",
        row["created_at"], row["created_by"], row["changed_at"] or row["created_at"], row["changed_by"] or "",
        row["comment"] or "", row["checked_out_by"], row["editor"] or "", row["checked_out_at"],
    )  # fmt: skip


def get_file(connection: sa.Connection, attachment_id: int) -> FileRow:
    """One file.

    Raises:
        RecordGone: it is not there.
    """
    table = Base.metadata.tables["attachment"]
    row = connection.execute(_with_people().where(table.c.id == attachment_id)).mappings().first()
    if row is None:
        raise RecordGone("attachment", attachment_id)
    return _file_row(row)


def record_of(connection: sa.Connection, attachment_id: int) -> tuple[str, int] | None:
    """(record type, id) of what a file belongs to; None where the file is gone."""
    table = Base.metadata.tables["attachment"]
    statement = sa.select(table.c.entity, table.c.record_id).where(table.c.id == attachment_id)
    row = connection.execute(statement).first()
    return (row.entity, row.record_id) if row is not None else None


def revisions_of(connection: sa.Connection, attachment_id: int) -> list[Revision]:
    """The states of a file, newest first."""
    table, user = Base.metadata.tables["attachment_revision"], Base.metadata.tables["user_account"]
    newest = _row(connection, attachment_id)["revision"]
    statement = (
        sa.select(table, user.c.name.label("by"))
        .select_from(table.outerjoin(user, user.c.id == table.c.created_by))
        .where(table.c.attachment_id == attachment_id)
        .order_by(table.c.revision.desc())
    )
    return [
        Revision(attachment_id, row["revision"], row["sha256"], row["size"] or 0, row["comment"] or "",
                 row["created_at"], row["by"] or "", row["revision"] == newest)
        for row in connection.execute(statement).mappings()
    ]  # fmt: skip


def same_names(connection: sa.Connection, record_id: int, names: Sequence[str]) -> list[FileRow]:
    """The files of a record that would get a new revision by attaching these names."""
    wanted = set(names)
    return [row for row in attachments_of(connection, record_id) if row.name in wanted]


def attachment_content(connection: sa.Connection, attachment_id: int, revision: int | None = None) -> tuple[str, bytes]:
    """(file name, bytes) of an attachment, its newest revision or the one asked for. For small files and previews.

    Raises:
        RecordGone: it is not there.
        UserError: its bytes are missing or damaged.
    """
    name, digest = name_and_digest(connection, attachment_id, revision)
    return name, blobs.read_bytes(connection, digest, name)


def save_content(
    connection: sa.Connection, attachment_id: int, target: Path, revision: int | None = None,
    progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Write the content of a file to the disk, however large it is. Returns where.

    Raises:
        RecordGone: it is not there.
        UserError: its bytes are missing or damaged, or they cannot be written.
    """
    name, digest = name_and_digest(connection, attachment_id, revision)
    blobs.write_out(connection, digest, target, name, progress)
    return target


def name_and_digest(connection: sa.Connection, attachment_id: int, revision: int | None = None) -> tuple[str, str]:
    """(file name, SHA-256) of an attachment, of its newest revision or the one asked for."""
    row = _row(connection, attachment_id)
    if revision is None:
        return row["name"], row["sha256"] or ""
    return row["name"], _content_of(connection, attachment_id, revision)[0]


def _content_of(connection: sa.Connection, attachment_id: int, revision: int) -> tuple[str, int]:
    table = Base.metadata.tables["attachment_revision"]
    row = connection.execute(
        sa.select(table.c.sha256, table.c.size).where(
            table.c.attachment_id == attachment_id, table.c.revision == revision
        )
    ).first()
    if row is None:
        raise UserError(N_("This revision is not there any more. Look at the list again."))
    return row.sha256, row.size or 0


def _row(connection: sa.Connection, attachment_id: int) -> Any:
    table = Base.metadata.tables["attachment"]
    row = connection.execute(sa.select(table).where(table.c.id == attachment_id)).mappings().first()
    if row is None:
        raise RecordGone("attachment", attachment_id)
    return row


@dataclass(frozen=True)
class OfficeFile:
    """A file of the whole office: the file, and the record that it belongs to."""

    file: FileRow
    entity: str
    record_id: int
    record: str


@dataclass(frozen=True)
class OfficeFiles:
    """Files of the whole office: some of them, how many there are in all, and the bytes of their newest revisions."""

    files: Sequence[OfficeFile]
    count: int
    size: int


def find_files(database: Database, connection: sa.Connection, text: str = "", *, limit: int = 500) -> OfficeFiles:
    """The files of the office, those changed last first; with ``text`` those whose name has its words."""
    table = Base.metadata.tables["attachment"]
    total = connection.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(table.c.size), 0))).one()
    statement = _with_people().order_by(table.c.id.desc()).limit(limit)
    if text.strip():
        hits = [hit.id for hit in search.find(connection, database.schema, text, entities=("attachment",), limit=limit)]
        statement = _with_people().where(table.c.id.in_(hits)).order_by(table.c.id.desc())
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    titles = _record_titles(database, connection, [(row["entity"], row["record_id"]) for row in rows])
    files = [OfficeFile(_file_row(row), row["entity"], row["record_id"], titles.get(row["record_id"], ""))
             for row in rows]  # fmt: skip
    return OfficeFiles(sorted(files, key=lambda one: one.file.changed_at, reverse=True), int(total[0]), int(total[1]))


def owners_of(database: Database, connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """File id to the title of the record that it belongs to, for the line below a search hit."""
    table = Base.metadata.tables["attachment"]
    statement = sa.select(table.c.id, table.c.entity, table.c.record_id).where(table.c.id.in_(list(ids)))
    rows = connection.execute(statement).all()
    titles = _record_titles(database, connection, [(row.entity, row.record_id) for row in rows])
    return {row.id: titles.get(row.record_id, "") for row in rows}


def _record_titles(
    database: Database, connection: sa.Connection, records: Sequence[tuple[str, int]]
) -> dict[int, str]:  # fmt: skip
    titles: dict[int, str] = {}
    for entity in {entity for entity, _id in records} & database.schema.entities.keys():
        ids = {record_id for one, record_id in records if one == entity}
        titles |= queries.titles(database.schema, connection, entity, ids)
    return titles
