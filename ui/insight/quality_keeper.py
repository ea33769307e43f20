"""Looks at the data once a day, in a quiet moment after the start, so that the trend has no gaps."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _
from crm_desktop.insight import quality
from ui.framework import tasks
from ui.framework.office import Office

_FIRST_MS = 180_000
_EVERY_MS = 1_800_000


class QualityKeeper(QObject):
    """Counts the data when nobody did so today and nothing else is running."""

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(_FIRST_MS, self, self.look)

    def look(self) -> None:
        """Count if it is due and quiet."""
        database = self._office.database
        if database.read_only or tasks.jobs().active():
            return

        def read(connection: Any) -> bool:
            return quality.is_due(database, connection)

        self._office.read(self._window, read, self._start_if, lambda _error: None, supersede="quality-due")

    def _start_if(self, due: bool) -> None:
        database = self._office.database
        if due and not tasks.jobs().active():
            # what fails here fails again on the page, where it is told
            tasks.run_job(
                _("Checking the data"), lambda progress: quality.measure_now(database, progress),
                on_error=lambda _error: None, owner=self._window,
            )  # fmt: skip
