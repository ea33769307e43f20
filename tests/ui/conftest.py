"""Every test starts with the same look and no window of the one before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from tests.helpers.windows import program
from ui.app import Application
from ui.theme.theme import apply_theme


@pytest.fixture(autouse=True)
def no_windows_left(qapp: QApplication) -> Iterator[None]:
    """Light at 100 % before; after, destroy what was left open: it would answer a change of language with reads."""
    apply_theme(qapp, "light", 1.0)
    yield
    for widget in QApplication.topLevelWidgets():
        if widget.parent() is None:
            widget.hide()
            widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    """The program before its first window."""
    with program() as made:
        yield made
