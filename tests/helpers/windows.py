"""Waiting until a window has done what it began."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest

from ui.framework import tasks


def settle() -> None:
    """Let everything that was begun come to its end."""
    for _round in range(4):
        tasks.wait_idle(20)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def wait_for(condition: Callable[[], object], what: str = "", timeout: float = 20.0) -> None:
    """Handle events until a condition holds; fail where it does not within ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, what or "it never came"
        QTest.qWait(10)
