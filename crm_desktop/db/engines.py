"""The engines over a file: how a connection is opened, and how all of them are closed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from crm_desktop.core import clock
from crm_desktop.core.text import fold
from crm_desktop.db import search_asked
from crm_desktop.db.types import parse_instant

CACHE_KIB = 24_576
"""Page cache of each SQLite connection. More helps whole-table scans of a million rows, and costs memory."""
BUSY_S = 15.0
"""How long a SQLite connection waits for another one that writes or reads."""

_LOG_BYTES = 67_108_864
"""What the write-ahead log keeps of the disk after something large, as an attached film, went through it."""


def _fold(value: object) -> str | None:
    return None if value is None else fold(str(value))


def _local_day(value: object) -> str | None:
    """The day of an instant in the local zone, for formulas."""
    return None if value is None else parse_instant(str(value)).astimezone(clock.local_zone()).date().isoformat()


def sqlite_engine(path: Path, read_only: bool) -> sa.Engine:
    """An engine over a file; read only, over one that nobody writes to meanwhile."""
    uri = path.absolute().as_uri() + ("?mode=ro&immutable=1" if read_only else "")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_S, check_same_thread=False, isolation_level=None)

    engine = sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=sa.pool.QueuePool, pool_size=4, max_overflow=8
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # for filters that ignore accents; triggers never use it, so the file still opens in any tool
        connection.create_function("crm_fold", 1, _fold, deterministic=True)
        connection.create_function("crm_unveiled", 3, search_asked.unveiled, deterministic=True)
        connection.create_function("crm_day", 1, _local_day, deterministic=True)
        connection.create_function("crm_upper", 1, lambda text: text and str(text).upper(), deterministic=True)
        connection.create_function("crm_lower", 1, lambda text: text and str(text).lower(), deterministic=True)
        for pragma in (
            "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_S * 1000:.0f}", f"cache_size=-{CACHE_KIB}",
            "temp_store=MEMORY",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA journal_size_limit={_LOG_BYTES}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("crm_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def let_go(engine: sa.Engine) -> None:
    """Close an engine's connections; one that is in use is closed when it comes back, which ``dispose`` leaves open."""
    event.listen(engine.pool, "checkin", _close_returned)
    engine.dispose()


def _close_returned(raw: Any, record: Any) -> None:
    if raw is not None:
        record.invalidate()  # what is still to be written opens a new one; a closed one in the pool would fail it
