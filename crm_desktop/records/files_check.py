"""Checks every stored content against its hash, and says which files of which records are damaged or missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records import blobs, queries


@dataclass(frozen=True)
class Damage:
    """A revision of a file whose content is not what was stored.

    Attributes:
        missing: it is not there at all.
        record: the title of the record that the file belongs to, empty where nothing has it any more.
        attachment_id: None for a content that only the history still knows.
    """

    name: str
    record: str
    revision: int
    missing: bool
    attachment_id: int | None
    entity: str = ""
    record_id: int = 0


@dataclass(frozen=True)
class Checked:
    """What a check of all files found: how many contents were read, their bytes, what is unused, what is damaged."""

    count: int
    size: int
    unused: int
    unused_size: int
    damaged: Sequence[Damage]


def check_files(database: Database, connection: sa.Connection, progress: Progress | None = None) -> Checked:
    """Read every content and compare it with its hash; counts bytes in ``progress``."""
    blob = Base.metadata.tables["blob"]
    statement = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(blob.c.size), 0))
    count, size = connection.execute(statement).one()
    progress = progress or Progress()
    progress.update(0, int(size), translate(N_("Checking the files")))
    found = damaged_files(database, connection, progress, counting=True)
    unused, unused_size = blobs.unused(connection)
    return Checked(int(count), int(size), unused, unused_size, found)


def damaged_files(
    database: Database, connection: sa.Connection, progress: Progress, *, counting: bool = False
) -> list[Damage]:
    """The files whose content is missing or not what was stored, by name.

    Args:
        progress: asked whether to stop after every megabyte.
        counting: also report the bytes read to it.
    """
    blob = Base.metadata.tables["blob"]
    stored = connection.execute(sa.select(blob.c.sha256, blob.c.size).order_by(blob.c.id)).all()

    def seen(number: int) -> None:
        if counting:
            progress.advance(number)
        else:
            progress.check()

    bad = {digest for digest, size in stored if not blobs.is_whole(connection, digest, size, seen)}
    there = {digest for digest, _size in stored}
    damaged = [*_named(database, connection, bad, missing=False), *_missing(database, connection, there)]
    named = {digest for digest, _one in damaged}
    found = [one for _digest, one in damaged]
    found += [Damage(digest[:12], "", 1, False, None) for digest in sorted(bad - named)]
    return sorted(found, key=lambda one: (one.name, one.record, one.revision))


def _named(
    database: Database, connection: sa.Connection, digests: set[str], *, missing: bool
) -> list[tuple[str, Damage]]:  # fmt: skip
    """Every revision that has one of these contents."""
    chosen, result = sorted(digests), []
    for start in range(0, len(chosen), 500):
        revision = Base.metadata.tables["attachment_revision"]
        result += _damages(database, connection, revision.c.sha256.in_(chosen[start : start + 500]), missing)
    return result


def _missing(database: Database, connection: sa.Connection, there: set[str]) -> list[tuple[str, Damage]]:
    """Every revision whose content is not there, and files that stand on no content of a revision."""
    attachment, revision, blob = (Base.metadata.tables[n] for n in ("attachment", "attachment_revision", "blob"))
    result = _damages(database, connection, ~sa.exists().where(blob.c.sha256 == revision.c.sha256), True)
    known = {(one.attachment_id, one.revision) for _digest, one in result}
    lost = sa.select(attachment).where(
        attachment.c.sha256.is_not(None), ~sa.exists().where(blob.c.sha256 == attachment.c.sha256)
    )
    for row in connection.execute(lost).mappings():
        if (row["id"], row["revision"] or 1) not in known:
            result.append((row["sha256"], _damage(database, connection, row, row["revision"] or 1, True)))
    return result


def _damages(
    database: Database, connection: sa.Connection, chosen: sa.ColumnElement[bool], missing: bool
) -> list[tuple[str, Damage]]:
    attachment, revision = (Base.metadata.tables[n] for n in ("attachment", "attachment_revision"))
    statement = (
        sa.select(attachment, revision.c.revision.label("number"), revision.c.sha256.label("digest"))
        .join(revision, revision.c.attachment_id == attachment.c.id)
        .where(chosen)
    )
    rows = connection.execute(statement).mappings().all()
    return [(row["digest"], _damage(database, connection, row, row["number"], missing)) for row in rows]


def _damage(database: Database, connection: sa.Connection, row: Any, number: int, missing: bool) -> Damage:
    entity, record_id = str(row["entity"]), int(row["record_id"])
    titles = {}
    if entity in database.schema.entities:
        titles = queries.titles(database.schema, connection, entity, {record_id})
    return Damage(row["name"], titles.get(record_id, ""), int(number), missing, int(row["id"]), entity, record_id)
