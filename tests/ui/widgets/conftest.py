"""The look of the program, and no background work or answers left from one test to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from ui.framework import dialogs, tasks
from ui.theme.theme import apply_theme


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Light at 100 %, and dialogs that nobody announced are errors."""
    apply_theme(qapp, "light", 1.0)
    dialogs.answers.reset(strict=True)
    yield
    tasks.wait_idle(5)
    tasks.shutdown()
    dialogs.answers.reset()
    qapp.setLayoutDirection(qapp.layoutDirection().LeftToRight)
