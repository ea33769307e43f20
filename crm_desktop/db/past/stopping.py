"""Statements that take long stop as soon as the user wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_desktop.core.jobs import Cancelled, Progress

_LOOK_S = 0.1
"""So often it is looked whether the user wants a server to stop."""
_STEPS = 50_000
"""So many steps of its machine SQLite does between two looks."""


@contextmanager
def stopped_by(progress: Progress, connection: sa.Connection) -> Iterator[None]:
    """Let the user stop what a connection does inside the block, also in the middle of a statement.

    Raises:
        Cancelled: the user stopped it.
    """
    raw: Any = connection.connection.driver_connection
    ended, watch = threading.Event(), None
    if connection.dialect.name == "sqlite":
        raw.set_progress_handler(lambda: int(progress.cancelled), _STEPS)
    else:
        watch = threading.Thread(target=_watch, args=(progress, raw, ended), name="stop", daemon=True)
        watch.start()
    try:
        yield
    except DBAPIError:
        if progress.cancelled:
            raise Cancelled from None
        raise
    finally:
        ended.set()
        if watch is not None:
            watch.join()
        else:
            raw.set_progress_handler(None, 0)


def _watch(progress: Progress, raw: Any, ended: threading.Event) -> None:
    while not ended.wait(_LOOK_S):
        if progress.cancelled:
            raw.cancel()
            return
