"""The status bar: which database, whether it answers, the last proven backup; and what others change."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.backup import catalogue
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _
from crm_desktop.db.feed import ChangeFeed
from ui.framework import tasks
from ui.framework.office import Office
from ui.widgets.shell import StatusBar

_EVERY_MS = 700


class StatusKeeper(QObject):
    """Polls the change feed for what others do, and shows how the database is."""

    def __init__(self, office: Office, bar: StatusBar, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._bar = bar
        self._window = window
        self._feed: ChangeFeed | None = None
        self._busy = False
        self._lost = False
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._poll)
        self._timer.start()
        office.records_changed.connect(self._on_records_changed)
        bar.backup.clicked.connect(lambda: window.open_page("backup"))  # type: ignore[attr-defined]
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        database = self._office.database
        if database.sqlite:
            self._bar.database.set_state("ph.desktop", _("On this computer"))
            self._bar.database.setToolTip(str(database.path))
        else:
            self._bar.database.set_state("ph.hard-drives", _("Office server"))
            self._bar.database.setToolTip(database.name)
        self._show_connection()
        self.refresh_backup()

    def refresh_backup(self) -> None:
        """Look again when the last backup was proven."""
        database = self._office.database

        def show(proven: object) -> None:
            if proven is None:
                self._bar.backup.set_state("ph.shield-warning", _("No backup yet"), "warning")
            else:
                when = formats.format_relative(proven)  # type: ignore[arg-type]
                self._bar.backup.set_state("ph.shield-check", _("Backup proven: {when}").format(when=when))

        tasks.run_read(
            self._window, lambda: catalogue.last_proven(database), show, lambda _error: None, supersede="proven"
        )

    def _show_connection(self) -> None:
        if self._lost:
            self._bar.connection.set_state("ph.link-break", _("Not connected – trying again"), "danger")
        elif self._office.database.sqlite:
            self._bar.connection.set_state("", "")
        else:
            self._bar.connection.set_state("ph.check-circle", _("Connected"), "success")

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if self._feed is not None:
            self._feed.known(event.change_set)

    def _poll(self) -> None:
        if self._busy:
            return
        self._busy = True
        tasks.run_read(self._window, self._read_feed, self._tell, self._failed)

    def _read_feed(self) -> list[RecordsChanged]:
        if self._feed is None:
            self._feed = ChangeFeed(self._office.database)
        return self._feed.poll()

    def _tell(self, events: list[RecordsChanged]) -> None:
        self._busy = False
        if self._lost:
            self._lost = False
            self._show_connection()
        for event in events:
            self._office.records_changed.emit(event)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        if not self._lost and isinstance(error, UserError):
            self._lost = True
            self._show_connection()

    def stop(self) -> None:
        """Stop polling; the office is about to be closed."""
        self._timer.stop()
        if self._busy:
            tasks.wait_idle(5)  # closing a connection that another thread reads from ends the process
        if self._feed is not None:
            with contextlib.suppress(Exception):
                self._feed.close()
