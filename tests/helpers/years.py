"""A clock that stands where a test puts it, and work on the history that does not rest between its steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from crm_desktop.core import clock
from crm_desktop.records import compaction

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def at(moment: datetime) -> None:
    """Let the clock stand at a moment."""
    clock.set_clock(lambda: moment)


@contextmanager
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin at NOW; the real clock again afterwards."""
    monkeypatch.setattr(compaction, "_REST", 0.0)
    at(NOW)
    yield
    clock.set_clock(None)
