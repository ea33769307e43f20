"""The imports of the office: what each did, who did it and when, also of those that were undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, changes_of
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.records import history

_NUMBERS = ("rows", "created", "updated", "restored", "unchanged", "duplicates", "rejected", "seconds")
_NAMES = ("id", "file_name", "part", "entity", *_NUMBERS)


@dataclass(frozen=True)
class PastImport:
    """One part of an import: a table of a file as records of one type.

    Attributes:
        change_set: what undo takes back: all parts of the import.
        batch: where its plan and its rejected rows are kept; None where it was undone.
        title: what the history calls the import.
        values: its file, part, record type and numbers; empty where nothing is known of them.
    """

    change_set: int
    title: str
    at: datetime
    user: str
    undone: bool
    batch: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the file, or what the history calls the import."""
        return str(self.values.get("file_name") or self.title)

    @property
    def entity(self) -> str:
        """The record type."""
        return str(self.values.get("entity") or "")

    @property
    def key(self) -> tuple[int, str, str]:
        """What tells it from the others, before and after it was undone."""
        return self.change_set, str(self.values.get("part") or ""), self.entity

    def number(self, name: str) -> int:
        """One of its numbers."""
        return int(self.values.get(name) or 0)

    @property
    def rate(self) -> float:
        """Rows per second."""
        seconds = float(self.values.get("seconds") or 0)
        return self.number("rows") / seconds if seconds > 0 else 0.0


def past_imports(connection: sa.Connection, limit: int = 50) -> list[PastImport]:
    """The parts of the last imports, the newest import first."""
    sets = history.recent(connection, kinds=("import",), limit=limit)
    table = Base.metadata.tables["import_batch"]
    ids = [one.id for one in sets]
    statement = sa.select(table.c.change_set_id, *(table.c[name] for name in _NAMES))
    kept: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(statement.where(table.c.change_set_id.in_(ids)).order_by(table.c.id)).mappings():
        kept.setdefault(row["change_set_id"], []).append(dict(row))
    found: list[PastImport] = []
    for one in sets:
        about = (one.id, one.title, one.at, one.user_name, one.undone_by is not None)
        parts = kept.get(one.id)
        if parts:
            found += [PastImport(*about, row["id"], row) for row in parts]
        elif one.undone_by is not None:
            undone = _undone(connection, one.undone_by)
            found += [PastImport(*about, None, row) for row in undone] or [PastImport(*about)]
        else:
            found.append(PastImport(*about))
    return found


def _undone(connection: sa.Connection, undone_by: int) -> list[dict[str, Any]]:
    """What was kept of an import until it was undone, as the history has it."""
    statement = sa.select(change.c.data).where(
        changes_of(connection, undone_by), change.c.table_name == "import_batch", change.c.op == "D"
    )
    rows = [dict(data) for data in connection.execute(statement.order_by(change.c.id)).scalars() if data]
    for row in rows:
        row["seconds"] = float(row.get("seconds") or 0) / 10_000  # numbers are kept in ten-thousandths
    return rows


def plan_of(connection: sa.Connection, past: PastImport) -> ImportPlan | None:
    """How a past import was done."""
    kept = past.values.get("plan")
    if kept is None and past.batch is not None:
        table = Base.metadata.tables["import_batch"]
        kept = connection.execute(sa.select(table.c.plan).where(table.c.id == past.batch)).scalar()
    return ImportPlan.from_dict(kept) if kept else None


def rejects_of(connection: sa.Connection, past: PastImport) -> list[dict[str, Any]]:
    """The rejected rows of a past import, as far as they were kept."""
    kept = past.values.get("rejects")
    if kept is None and past.batch is not None:
        table = Base.metadata.tables["import_batch"]
        kept = connection.execute(sa.select(table.c.rejects).where(table.c.id == past.batch)).scalar()
    return list(kept or ())
