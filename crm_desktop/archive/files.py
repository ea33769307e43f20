"""The stored files of an office under names that people find: the customer's folder, the day, the file's own name."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.archive.names import file_name, folder_name, safe_name, told_apart
from crm_desktop.archive.work import Work
from crm_desktop.core import clock
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.base import Base
from crm_desktop.db.id_sets import among
from crm_desktop.records import blobs, queries

FOLDER = "files"
_BATCH = 200
_PACKED = frozenset(
    "7z avi bz2 docx gif gz heic jpeg jpg m4a mkv mov mp3 mp4 odp ods odt ogg opus pdf png pptx rar webm webp xlsx xz zip zst".split()
)


@dataclass(frozen=True)
class StoredFile:
    """One state of a file: ``path`` in the archive, and what the office says of it; ``revision`` is 0 for the last state."""

    path: str
    name: str
    digest: str
    size: int
    at: datetime | None
    revision: int = 0


def files_of(work: Work, entity: str, ids: Collection[int]) -> dict[int, list[StoredFile]]:
    """The files of some records of a type, by record id; always under the same names."""
    table, revision = Base.metadata.tables["attachment"], Base.metadata.tables["attachment_revision"]
    found: dict[int, list[Any]] = defaultdict(list)
    statement = sa.select(
        table.c.record_id, table.c.id, table.c.name, table.c.revision.label("current"), table.c.sha256, table.c.size,
        table.c.created_at, revision.c.revision, revision.c.sha256.label("digest"), revision.c.size.label("bytes"),
        revision.c.created_at.label("at"),
    ).outerjoin(revision, revision.c.attachment_id == table.c.id).where(among(work.connection, table.c.record_id, ids))  # fmt: skip
    for row in work.connection.execute(statement.order_by(table.c.id, revision.c.revision.desc())):
        found[row.record_id].append(row)
    if not found:
        return {}
    folders = _folders(work, entity, found)
    return {identity: list(_told(folders[identity], rows)) for identity, rows in found.items()}


def _told(folder: str, rows: Sequence[Any]) -> Iterator[StoredFile]:
    made = []
    for row in rows:
        last = row.revision is None or row.revision == row.current
        digest = row.sha256 if last else row.digest
        size = (row.size if last else row.bytes) or 0
        at = (row.created_at if last else row.at) or row.created_at
        if digest:
            made.append((row.name, digest, size, at, 0 if last else row.revision))
    names = told_apart(file_name(_day(at), name, number, folder=folder) for name, _digest, _size, at, number in made)
    for chosen, (name, digest, size, at, number) in zip(names, made, strict=True):
        yield StoredFile(f"{folder}/{chosen}", name, digest, size, at, number)


def _day(moment: datetime | None) -> str:
    return moment.astimezone(clock.local_zone()).date().isoformat() if moment is not None else "0000"


def _folders(work: Work, entity: str, ids: Collection[int]) -> dict[int, str]:
    """The folder of each record: a customer's own, below it those of what belongs to the customer."""
    if entity not in work.schema.entities:
        return {identity: f"{FOLDER}/{identity}" for identity in ids}
    titles = queries.titles(work.schema, work.connection, entity, set(ids))
    own = {identity: folder_name(titles.get(identity, ""), identity) for identity in ids}
    if entity in work.customers:
        return {identity: f"{FOLDER}/{name}" for identity, name in own.items()}
    above = _customers(work, entity, ids)
    named = {
        customer: queries.titles(work.schema, work.connection, customer, {one for kind, one in above.values() if kind == customer})
        for customer in work.customers
    }  # fmt: skip
    group = safe_name(translate(work.schema.entity(entity).plural))
    result = {}
    for identity, name in own.items():
        kind, customer = above.get(identity, ("", 0))
        parent = folder_name(named[kind].get(customer, ""), customer) if kind else group
        result[identity] = f"{FOLDER}/{parent}/{name}"
    return result


def _customers(work: Work, entity: str, ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """(record type, id) of the customer that each of some records belongs to, where there is one."""
    spec, table = work.schema.entity(entity), work.schema.table(entity)
    customers = work.customers
    found: dict[int, tuple[str, int]] = {}
    links = [
        one for one in spec.fields if one.kind is Kind.LINK and one.target in customers and one.name in spec.stored
    ]
    if links:
        columns = [table.c[one.name] for one in links]
        for row in work.connection.execute(
            sa.select(table.c.id, *columns).where(among(work.connection, table.c.id, ids))
        ):
            for one, value in zip(links, row[1:], strict=True):
                if value is not None:
                    found.setdefault(row[0], (one.target, value))
    for child in spec.children:
        rows = Base.metadata.tables[child.table]
        refers = rows.info.get("refers")
        if not refers or "entity" not in rows.c:
            continue
        parent = rows.c[child.parent_column]
        statement = (
            sa.select(parent, rows.c.entity, rows.c[refers])
            .where(among(work.connection, parent, ids))
            .order_by(rows.c.id)
        )
        for identity, kind, value in work.connection.execute(statement):
            if kind in customers:
                found.setdefault(identity, (kind, value))
    return found


def write_files(work: Work) -> None:
    """Write every stored file, the largest piece by piece."""
    work.tell(translate(N_("Files")))
    table = Base.metadata.tables["attachment"]
    kinds = work.connection.execute(sa.select(table.c.entity).distinct()).scalars().all()
    for entity in sorted(kinds):
        last = 0
        while ids := _some(work, entity, last):
            last = ids[-1]
            found = files_of(work, entity, ids)
            for identity in ids:
                for one in found.get(identity, ()):
                    _write(work, one)


def _some(work: Work, entity: str, last: int) -> list[int]:
    table = Base.metadata.tables["attachment"]
    statement = sa.select(table.c.record_id).distinct().where(table.c.entity == entity, table.c.record_id > last)
    return list(work.connection.execute(statement.order_by(table.c.record_id).limit(_BATCH)).scalars())


def _write(work: Work, one: StoredFile) -> None:
    """Write one file; what the office has no more, or damaged, is noted and does not stop the rest."""
    parts = blobs.read_parts(work.connection, one.digest)
    first = next(parts, None)
    if first is None and one.size:
        work.lost.append(one.path)
        work.gone.add(one.path)
        return
    total = hashlib.sha256()
    ending = one.name.rpartition(".")[2].lower()
    with work.zip.member(one.path, packed=ending not in _PACKED, level=6) as member:
        for part in _from(first, parts):
            total.update(part)
            member.write(part)
            work.step(max(len(part) // 50_000, 1))
    if total.hexdigest() != one.digest:
        work.lost.append(one.path)
    work.files += 1


def _from(first: bytes | None, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first is not None:
        yield first
    yield from rest


def weigh(connection: sa.Connection) -> tuple[int, int]:
    """(number, bytes) of the stored files with their earlier states: what the folder of files will have."""
    table = Base.metadata.tables["attachment_revision"]
    count, size = connection.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(table.c.size), 0))).one()
    return int(count), int(size)
