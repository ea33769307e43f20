"""Waiting until a window has done what it began."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent

from ui.framework import tasks


def settle() -> None:
    """Let everything that was begun come to its end."""
    for _round in range(4):
        tasks.wait_idle(20)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
