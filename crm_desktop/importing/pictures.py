"""Pictures in cells: the photos of address books. Each is kept among the files of its record."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import N_, _
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.outcomes import CellChange
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import PHOTO
from crm_desktop.records.files_service import attach_bytes

_ENDINGS = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"BM", "bmp"), (b"II*\0", "tif"),
            (b"MM\0*", "tif"))  # fmt: skip
_BASE64 = re.compile(r"\A(?:data:image/[\w.+-]+;base64,)?([A-Za-z0-9+/\s]{40,}={0,2})\Z")
_NO_PICTURE = N_("This is not a picture")
_MOST = 20 * 1024 * 1024


def picture_ending(content: bytes) -> str:
    """The ending of a file name for a picture; "" for other bytes."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((ending for magic, ending in _ENDINGS if content.startswith(magic)), "")


def parse_pictures(cells: Sequence[Any]) -> tuple[list[bytes | None], list[tuple[int, Any, Evidence]]]:
    """The pictures of a column, also written as base64, and what is none."""
    found: list[bytes | None] = []
    errors: list[tuple[int, Any, Evidence]] = []
    for position, cell in enumerate(cells):
        content = cell if isinstance(cell, bytes) else _decoded(cell)
        if content and picture_ending(content) and len(content) <= _MOST:
            found.append(content)
            continue
        found.append(None)
        if cell not in (None, ""):
            errors.append((position, "…" if isinstance(cell, bytes) else cell, Evidence(_NO_PICTURE)))
    return found, errors


def _decoded(cell: Any) -> bytes:
    match = _BASE64.match(cell) if isinstance(cell, str) else None
    if match is None:
        return b""
    try:
        return b64decode(match[1])
    except (binascii.Error, ValueError):
        return b""


def store_pictures(
    uow: UnitOfWork, entity: str, pictures: Sequence[bytes | None], records: Mapping[int, int],
    told: dict[int, list[CellChange]],
) -> None:  # fmt: skip
    """Attach pictures to the records of a batch; one that a record has already is not attached again.

    Args:
        pictures: one for each row.
        records: position in the batch to record id.
        told: what was added, by position; added to.
    """
    wanted = {position: pictures[position] for position in records if pictures[position]}
    if not wanted:
        return
    table = Base.metadata.tables["attachment"]
    ids = [records[position] for position in wanted]
    has: set[tuple[int, str]] = set()
    for start in range(0, len(ids), 5_000):
        rows = sa.select(table.c.record_id, table.c.sha256).where(table.c.record_id.in_(ids[start : start + 5_000]))
        has.update((record, digest) for record, digest in uow.connection.execute(rows))
    for position, content in wanted.items():
        assert content is not None
        mark = (records[position], hashlib.sha256(content).hexdigest())
        if mark in has:
            continue
        has.add(mark)
        name = f"{_('Photo')}.{picture_ending(content)}"
        attach_bytes(uow, entity, records[position], name, content)
        told.setdefault(position, []).append(CellChange(PHOTO, None, name))
