"""In a quiet moment: looks at the data once a day, so that the trend has no gaps, and clears what an erasure left."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _
from crm_desktop.insight import quality
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.settings import remember_value, remembered_value

_FIRST_MS = 180_000
_EVERY_MS = 1_800_000


def wipe_key(office: Office) -> str:
    """The setting of this computer that says that bytes of an erased person are still to be cleared."""
    return f"wipe.{office.database.name}"


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
        """Count if it is due and quiet; who sees only a part of the office would count wrong."""
        database = self._office.database
        whole = all(self._office.access.scope(name, "read") == "all" for name in ("contact", "company"))
        if database.read_only or tasks.jobs().active() or not whole:
            return

        if remembered_value(wipe_key(self._office), False):
            self._wipe()
            return

        def read(connection: Any) -> bool:
            return quality.is_due(database, connection)

        self._office.read(self._window, read, self._start_if, lambda _error: None, supersede="quality-due")

    def _wipe(self) -> None:
        """Clear what was still in the file when somebody was erased."""
        office = self._office

        def done(wiped: bool) -> None:
            if wiped:
                remember_value(wipe_key(office), False)

        def run(_progress: Any) -> bool:
            from crm_desktop.insight.erasure import wipe_again  # lazy: rarely needed

            return wipe_again(office.database)

        tasks.run_job(_("Clearing erased data"), run, done, lambda _error: None, owner=self._window)

    def _start_if(self, due: bool) -> None:
        database = self._office.database
        if due and not tasks.jobs().active():
            # what fails here fails again on the page, where it is told
            tasks.run_job(
                _("Checking the data"), lambda progress: quality.measure_now(database, progress),
                on_error=lambda _error: None, owner=self._window,
            )  # fmt: skip
