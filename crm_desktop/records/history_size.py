"""How large the history is: entries, bytes, since when, and how fast it grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.db.forget import free_bytes
from crm_desktop.db.journal import change, change_set

_SAMPLES, _SAMPLE = 20, 50
_AROUND = 75
"""Bytes of an entry beside its values: numbers, and its places in the indexes."""
_SET = 160
"""Bytes of a change set, its places in the indexes included."""
_MONTH = 30.44


@dataclass(frozen=True)
class HistorySize:
    """The history in numbers. Bytes are exact on a server and estimated by a sample in a file.

    Attributes:
        monthly: entries of a month, by the last twelve months; ``monthly_bytes`` what they take.
        whole: bytes of the database; ``free`` those in it that hold nothing any more, None on a server.
    """

    changes: int
    change_sets: int
    size: int
    since: datetime | None
    monthly: int
    whole: int
    free: int | None

    @property
    def monthly_size(self) -> int:
        """Bytes of the entries of a month."""
        return self.size * self.monthly // self.changes if self.changes else 0


def measure_history(connection: sa.Connection) -> HistorySize:
    """Count the history. Takes about a second for millions of entries."""
    changes, sets = (
        int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for table in (change, change_set)
    )
    since = connection.execute(sa.select(sa.func.min(change_set.c.at))).scalar()
    return HistorySize(
        changes, sets, _bytes(connection, changes, sets), since, _monthly(connection, since), _whole(connection),
        free_bytes(connection),
    )  # fmt: skip


def _bytes(connection: sa.Connection, changes: int, sets: int) -> int:
    if connection.dialect.name != "sqlite":
        total = "SELECT pg_total_relation_size('change') + pg_total_relation_size('change_set')"
        return int(connection.exec_driver_sql(total).scalar_one())
    return round(changes * average_bytes(connection)) + sets * _SET


def average_bytes(connection: sa.Connection) -> float:
    """How many bytes an entry takes, by samples from all over the history."""
    low, high = connection.execute(sa.select(sa.func.min(change.c.id), sa.func.max(change.c.id))).one()
    if low is None:
        return 0.0
    length = sa.func.length(sa.cast(change.c.data, sa.Text))
    found: list[int] = []
    for number in range(_SAMPLES):
        start = low + (high - low) * number // _SAMPLES
        rows = sa.select(sa.func.coalesce(length, 0)).where(change.c.id >= start).order_by(change.c.id).limit(_SAMPLE)
        found += connection.execute(rows).scalars()
    return sum(found) / len(found) + _AROUND


def _monthly(connection: sa.Connection, since: datetime | None) -> int:
    """Entries of a month; their numbers grow by one, so that nothing has to be counted."""
    if since is None:
        return 0
    now = clock.now()
    begin = max(since, now - timedelta(days=365))
    first = connection.execute(
        sa.select(change_set.c.first_change).where(change_set.c.at >= begin, change_set.c.first_change.isnot(None))
        .order_by(change_set.c.at).limit(1)
    ).scalar()  # fmt: skip
    last = connection.execute(sa.select(sa.func.max(change.c.id))).scalar()
    if first is None or last is None:
        return 0
    return round((last - first + 1) / max(1.0, (now - begin).days / _MONTH))


def _whole(connection: sa.Connection) -> int:
    if connection.dialect.name != "sqlite":
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pages, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(size)
