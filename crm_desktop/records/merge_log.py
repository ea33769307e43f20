"""What was merged into a record: the entries of the log, as a card shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base


@dataclass(frozen=True)
class MergedRecord:
    """A record that was merged into another one. ``values`` are canonical JSON by field name, links as ids."""

    log_id: int
    change_set_id: int
    loser_id: int
    title: str
    at: datetime | None
    values: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    user_id: int | None = None


def merged_records(connection: sa.Connection, record_id: int) -> list[MergedRecord]:
    """What was merged into a record, the newest first, with what was merged into those before."""
    log = Base.metadata.tables["merge_log"]
    statement = sa.select(log).where(log.c.winner_id == record_id).order_by(log.c.created_at.desc(), log.c.id)
    return [merged_record(row) for row in connection.execute(statement).mappings()]


def merged_record(row: sa.RowMapping) -> MergedRecord:
    """An entry of the log from its row."""
    return MergedRecord(
        row["id"], row["merge_set_id"] or 0, row["loser_id"], row["loser_title"] or "", row["created_at"],
        row["loser_values"] or {}, row["counts"] or {}, row["created_by"],
    )  # fmt: skip
