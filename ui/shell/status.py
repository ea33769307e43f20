"""The status bar: which database and the last proven backup; and what others change."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.backup import catalogue, overview, places
from crm_desktop.backup.places import PlaceState
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _
from crm_desktop.db.feed import PULSE_S, ChangeFeed, Heard
from ui.backup import plan, words
from ui.framework import tasks
from ui.framework.may import can
from ui.framework.office import Office
from ui.widgets.shell import StatusBar

_OLD = timedelta(days=4)
"""Older proofs are worth a word to who makes backups; a long weekend is not."""
_CLOCKS = timedelta(days=1)
"""So far the clocks of an office may be apart; a proof of a day to come says nothing of how old it is."""
_AGAIN_MS = 600_000


def _proven_text(proven: datetime | None) -> str:
    if proven is None:
        return _("No backup yet")
    return _("Last proven restore: {when}").format(when=formats.format_relative(proven, with_time=True))


class StatusKeeper(QObject):
    """Listens to what others do, passes it on, and shows how the database is."""

    def __init__(self, office: Office, bar: StatusBar, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._bar = bar
        self._window = window
        self._feed: ChangeFeed | None = None
        self._begun = clock.now()
        self._watch: tasks.Watch | None = None
        if not office.database.read_only:
            self._watch = tasks.watch(self, self._listen, self._wake, self._on_heard, self._on_failed, self._let_go)
        bar.backup.clicked.connect(lambda: window.open_page("backup"))  # type: ignore[attr-defined]
        self._timer = QTimer(self)  # what other computers back up changes no record, so nobody is told
        self._timer.setInterval(_AGAIN_MS)
        self._timer.timeout.connect(self.refresh_backup)
        self._timer.start()
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
        self.refresh_backup()

    def refresh_backup(self) -> None:
        """Look again when a backup was last proven, by whoever's computer. Only who can do something about it is warned."""
        database, makes = self._office.database, can(self._office, "backup")
        if database.read_only:  # a backup itself
            self._bar.backup.hide()
            return

        def look() -> tuple[datetime | None, list[tuple[PlaceState, int]]]:
            with database.read_all() as connection:
                run = overview.last_proven(connection)
            here = catalogue.last_proven(database) if makes else None
            missed = places.lacking(database, plan.read(database)) if makes else []
            return max((one for one in (run.proven_at if run else None, here) if one), default=None), missed

        def show(seen: tuple[datetime | None, list[tuple[PlaceState, int]]]) -> None:
            proven, missed = seen
            tip = "\n".join((words.gone_text(*missed[0]), _proven_text(proven))) if missed else ""
            self._bar.backup.setToolTip(tip)
            old = proven is None or not -_CLOCKS <= clock.now() - proven <= _OLD
            if missed:
                self._bar.backup.set_state("ph.folder-minus", words.missed_text(missed[0][0]), "warning")
            elif makes and old:
                self._bar.backup.set_state("ph.shield-warning", _proven_text(proven), "warning")
            else:
                self._bar.backup.set_state("ph.shield-check", _proven_text(proven))
            self._bar.backup.setVisible(makes or proven is not None)

        tasks.run_read(self._window, look, show, lambda _error: None, supersede="proven")

    def _listen(self) -> Heard:
        """Wait for what others do and tell it; on a thread of its own."""
        if self._feed is None:
            feed = ChangeFeed(self._office.database)
            heard = feed.missed(self._begun)  # a page may have read before anybody listened
            self._feed = feed
            heard.publish(self._office.database)
            return heard
        heard = self._feed.listen(PULSE_S)
        heard.publish(self._office.database)
        return heard

    def _wake(self) -> None:
        if self._feed is not None:
            self._feed.wake()

    def _on_heard(self, _heard: Heard) -> None:
        """It was published already, on the thread that heard it."""

    def _on_failed(self, _error: Exception) -> None:
        """``ui.shell.connection`` tells about it; it is listened again a moment later."""

    @property
    def listening(self) -> bool:
        """Whether what others do is heard by now."""
        return self._feed is not None

    def stop(self) -> None:
        """Stop listening; the office is about to be closed."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def _let_go(self) -> None:
        if self._feed is not None:
            self._feed.close()
