"""Looks every few minutes whether the daily backup is due, and makes it."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.backup import catalogue, schedule
from crm_desktop.core import clock, paths
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from ui.backup import plan
from ui.framework import tasks
from ui.framework.may import can
from ui.framework.office import Office

_EVERY_MS = 120_000
_FIRST_MS = 20_000
_AFTER_FAILURE = timedelta(hours=1)


class BackupKeeper(QObject):
    """Makes the daily backup when it is due; one that was missed is caught up."""

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._window = window
        self._running = False
        self._not_before = clock.now()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(_FIRST_MS, self, self.look)

    def look(self) -> None:
        """Make the backup if it is due, and is this person's to make: of others it would hold only a part."""
        database = self._office.database
        kept = plan.read(database)
        made = [one.created for one in catalogue.known_backups(database)]
        if clock.now() < self._not_before or not can(self._office, "backup"):
            return
        if self._running or database.read_only or not schedule.is_due(kept, max(made, default=None), clock.now()):
            return
        self._running = True

        def run(progress: Progress) -> None:
            from crm_desktop.backup import listing, making  # lazy: heavy, and not needed to start

            folder = kept.folder or paths.backups_folder()
            making.make_backup(database, folder, progress=progress, automatic=True)
            for old in schedule.superfluous(catalogue.known_backups(database)):
                listing.delete_backup(old.path)

        handle = tasks.run_job(_("Daily backup"), run, on_error=self._failed, owner=self._window)
        handle.finished.connect(self._done)

    def _failed(self, error: Exception) -> None:
        """Say it once in the status bar and try again in an hour."""
        self._not_before = clock.now() + _AFTER_FAILURE
        bar = getattr(self._window, "status", None)
        if bar is not None:
            bar.backup.set_state("ph.shield-warning", _("The daily backup failed"), "danger")
            bar.backup.setToolTip(str(error))

    def _done(self) -> None:
        self._running = False
        keeper = getattr(self._window, "status_keeper", None)
        if keeper is not None:
            keeper.refresh_backup()
