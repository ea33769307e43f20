"""The main window over an office, and waiting until it has done what it began."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.backup.schedule import Plan
from crm_desktop.db.unit_of_work import write
from ui import features
from ui.app import Application, make_application
from ui.backup import plan
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.main_window import MainWindow

SOON_MS = 200
"""What waits no longer than this before it begins is about to begin; longer waits are a test's own business."""


def settle(timeout: float = 120.0) -> None:
    """Let everything that was begun come to its end: background work, what follows from it, and what is about to begin.

    It takes no longer than that: an idle window returns at once.
    """
    end = time.monotonic() + timeout
    quiet = 0
    while quiet < 2:
        assert time.monotonic() < end, "the window never comes to rest"
        idle = tasks.wait_idle(0) or not tasks.wait_idle(timeout)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        pauses = _about_to_begin()
        if pauses:
            QTest.qWait(min(pauses))
        quiet = quiet + 1 if idle and not pauses else 0


def _about_to_begin() -> list[int]:
    """How many milliseconds the timers have left that start something soon."""
    timers = [timer for window in QApplication.topLevelWidgets() for timer in window.findChildren(QTimer)]
    soon = [one for one in timers if one.isActive() and one.isSingleShot() and one.interval() <= SOON_MS]
    return [one.remainingTime() + 1 for one in soon]


def wait_for(condition: Callable[[], object], what: str = "", timeout: float = 20.0) -> None:
    """Handle events until a condition holds; fail where it does not within ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, what or "it never came"
        QTest.qWait(10)


@contextmanager
def window_over(office: Office, width: int = 1280, height: int = 800) -> Iterator[MainWindow]:
    """The main window over an office; in the end it and every window opened from it are closed, and the office too."""
    dialogs.answers.reset(strict=True)
    window = MainWindow(office, features.PAGES, features.RECORDS)
    window.resize(width, height)
    window.show()
    yield window
    settle()
    others = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one is not window]
    for one in (*others, window):  # a window on a backup would go on reading in the next test
        one.status_keeper.stop()
        one.close()
        one.deleteLater()
    settle()
    tasks.shutdown()
    office.close()
    dialogs.answers.reset()


@contextmanager
def window_on_file(path: Path | str, name: str = "") -> Iterator[MainWindow]:
    """The main window on an office file, as the program opens it; it makes no backup of its own meanwhile."""
    make_application()
    opened = app.open_office(path)
    plan.keep(opened.database, Plan(enabled=False))
    office = features.prepare(Office(opened.database, opened.actor, write, name=name or opened.office))
    with window_over(office) as window:
        yield window


@contextmanager
def program() -> Iterator[Application]:
    """The program before its first window; its windows, office and answers go afterwards."""
    dialogs.answers.reset(strict=True)
    made = Application(make_application())
    yield made
    settle()
    window = made.window
    if isinstance(window, MainWindow):
        if window.lock_keeper is not None and window.lock_keeper.asking is not None:
            window.lock_keeper._lift()
        window.status_keeper.stop()
        office = window.office
        window.close()
        settle()
        office.close()
    elif window is not None:
        window.close()
    if made._asking is not None:
        made._asking.close()
    if window is not None:
        window.deleteLater()
    dialogs.answers.reset()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
