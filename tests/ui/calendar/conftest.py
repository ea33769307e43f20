"""The calendar's widgets in the theme, on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.core import clock
from ui.theme.theme import apply_theme

ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture(autouse=True)
def thursday(qapp: QApplication) -> Iterator[None]:
    """It is Thursday, 12 March 2026, 10:42 in São Paulo."""
    apply_theme(qapp, "light")
    clock.set_clock(lambda: datetime(2026, 3, 12, 10, 42, tzinfo=ZONE).astimezone(UTC))
    yield
    clock.set_clock(None)
