"""Once in a while looks whether the office wants its history made smaller by itself, and does so where an owner is at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import retention
from ui.backup import plan
from ui.framework import tasks
from ui.framework.office import Office

_EVERY_MS = 3_600_000
_FIRST_MS = 180_000
_AFTER_FAILURE = timedelta(hours=24)


class HistoryKeeper(QObject):
    """Runs what ``tidying.tidy_if_due`` does, as a job that is seen and can be stopped."""

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        self._running = False
        self._not_before = clock.now()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(_FIRST_MS, self, self.look)

    def look(self) -> None:
        """Ask whether it is due; a file or server that only others may change is left to them."""
        database = self._office.database
        may = database.access.everything and (not database.locked or database.access.role == "owner")
        if self._running or database.read_only or not may or clock.now() < self._not_before:
            return
        self._office.read(self._window, retention.is_due, self._run, lambda _error: None, supersede="history due")

    def _run(self, due: bool) -> None:
        if not due or self._running:
            return
        self._running = True
        office, database = self._office, self._office.database

        def work(progress: Progress) -> Any:
            from crm_desktop.backup import tidying  # lazy: heavy, and not needed to start

            return tidying.tidy_if_due(database, office.actor, plan=plan.read(database), progress=progress)

        handle = tasks.run_job(_("Making the history smaller"), work, on_error=self._failed, owner=self._window)
        handle.finished.connect(self._done)

    def _failed(self, _error: Exception) -> None:
        """The job list tells it; it is tried again tomorrow."""
        self._not_before = clock.now() + _AFTER_FAILURE

    def _done(self) -> None:
        self._running = False
        self._not_before = max(self._not_before, clock.now() + timedelta(hours=1))
