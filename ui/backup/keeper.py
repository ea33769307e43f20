"""Looks every few minutes whether this computer has a backup to make or to copy on, and does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.backup import passwords, places, plan_words, schedule
from crm_desktop.backup.places import PlaceState
from crm_desktop.backup.schedule import Plan
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from ui.backup import plan, words
from ui.framework import dialogs, tasks
from ui.framework.may import can
from ui.framework.office import Office
from ui.widgets.toast import show_toast

_EVERY_MS = 120_000
_FIRST_MS = 20_000


class BackupKeeper(QObject):
    """Makes the office's backup when it is due and nobody else does; one that was missed is caught up.

    It makes those by hand, too. ``changed`` says that one was made, or was not; ``made`` before it the name of the file of
    one that was made by hand. ``looked`` says which folders are gone, as ``places.gone_folders`` gives them.
    """

    changed = Signal()
    made = Signal(str)
    looked = Signal(object)

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._window = window
        self._running = False
        self._by_hand = False
        self._told: set[tuple[Path, datetime | None]] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(_FIRST_MS, self, self.look)

    def look(self) -> None:
        """See whether there is something to do, in the background: a share may be slow to answer."""
        database = self._office.database
        if self._running or database.read_only or not can(self._office, "backup"):
            return
        self._running = True

        def work() -> tuple[str, Plan, list[tuple[PlaceState, int]], list[PlaceState]]:
            from crm_desktop.backup import running  # lazy: heavy, and not needed to start

            kept = plan.read(database)
            if plan.is_to_take_over(database):
                return "take", kept, [], []
            states, missed = places.look_all(kept), places.lacking(database, kept)
            if running.due_now(database, kept) is not None:
                return "make", kept, missed, states
            late = running.may_take_part(database) and running.is_late(database, kept)
            return ("copy" if late else ""), kept, missed, states

        tasks.run_read(self._window, work, self._on_seen, self._on_not_seen, supersede="backup-due")

    def _on_not_seen(self, _error: Exception) -> None:
        """The database does not answer: ``ui.shell.connection`` tells about it, and the next look comes."""
        self._running = False

    def _on_seen(self, seen: tuple[str, Plan, list[tuple[PlaceState, int]], list[PlaceState]]) -> None:
        what, kept, missed, states = seen
        self._tell_gone(missed)
        if what == "take":
            self._take_over(kept)
            return
        if what:
            self._start(what, kept)
        else:
            self._running = False
        self.looked.emit(places.gone_folders(states, missed))

    def _tell_gone(self, missed: list[tuple[PlaceState, int]]) -> None:
        """Say once of each folder that it is not there, and that backups miss it."""
        fresh = [(one, count) for one, count in missed if (one.folder, one.since) not in self._told]
        self._told |= {(one.folder, one.since) for one, _count in missed}
        if fresh:
            place = fresh[0][0]
            text = _("{told}: {folder}").format(told=words.missed_text(place), folder=place.folder)
            show_toast(self._window, text, self._way(), self._open_page, kind="warning", seconds=20)
            self._tell()

    def _way(self) -> str:
        """The button of a message that leads to the page of backups; none on that page itself."""
        return "" if getattr(self._window, "page_name", "") == "backup" else _("Backups")

    def _open_page(self) -> None:
        self._window.open_page("backup")  # type: ignore[attr-defined]

    def _take_over(self, kept: Plan) -> None:
        def done(_result: Any) -> None:
            plan.forget(self._office.database)
            self._running = False
            QTimer.singleShot(0, self, self.look)

        self._office.write(
            self._window, plan.TITLE, lambda uow: schedule.save_plan(uow, replace(kept)), done, self._on_not_seen
        )

    def _start(self, what: str, kept: Plan) -> None:
        database, name = self._office.database, self._office.actor.name

        def run(progress: Progress) -> Any:
            from crm_desktop.backup import running  # lazy: heavy, and not needed to start

            if what == "copy":
                return running.bring_late(database, kept, progress)
            return running.make_due(database, kept, name, progress)

        title = _("Backup by the plan") if what == "make" else _("Copying backups on")
        handle = tasks.run_job(title, run, on_error=self._failed, owner=self._window)
        handle.finished.connect(self._done)

    def _failed(self, _error: Exception) -> None:
        """It stands on the page of backups and is tried again; nobody is interrupted for it."""

    def _done(self) -> None:
        self._running = False
        self._tell()

    def _tell(self) -> None:
        keeper = getattr(self._window, "status_keeper", None)
        if keeper is not None:
            keeper.refresh_backup()
        self.changed.emit()

    # -- by hand -----------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a backup is being made by hand."""
        return self._by_hand

    def back_up_now(self) -> None:
        """Make a backup at the places of the plan, and prove it."""
        if self._by_hand:
            show_toast(self._window, _("A backup is being made just now."))
            return
        database = self._office.database
        self._by_hand = True

        def look() -> tuple[Plan, bool]:
            kept = plan.read(database)
            return kept, kept.encrypted and not passwords.known(database)

        tasks.run_read(self._window, look, self._begin, self._not_begun)

    def _not_begun(self, error: Exception) -> None:
        self._by_hand = False
        dialogs.show_error(self._window, error)

    def _begin(self, seen: tuple[Plan, bool]) -> None:
        kept, needs_password = seen
        if needs_password and not self.ask_password():
            self._by_hand = False
            return
        database, name = self._office.database, self._office.actor.name

        def run(progress: Progress) -> Any:
            from crm_desktop.backup import running  # lazy: heavy, and not needed to start

            return running.run_backup(database, kept, user_name=name, progress=progress)

        handle = tasks.run_job(_("Backup"), run, self._made, owner=self._window)
        handle.finished.connect(self._ended)

    def ask_password(self) -> bool:
        """Ask for the password of the plan's backups and keep it on this computer; False where none was given."""
        text = _("The password of this office's backups:")
        password = dialogs.ask_text(self._window, _("Password"), text, password=True)
        if password and not passwords.keep(self._office.database, password):
            show_toast(self._window, _("This computer has no keyring, so the password is asked after each start."))
        return bool(password)

    def _made(self, outcome: Any) -> None:
        name = Path(outcome.info.path).name
        self.made.emit(name)
        text = _("Backed up and proven: {name}").format(name=name)
        if outcome.problems:
            text += ". " + outcome.problems[0]
        elif outcome.away:
            away = plan_words.joined([plan_words.place_name(one.name) for one in outcome.away])
            text += ". " + _("{places} is not there; the copy follows.").format(places=away)
        show_toast(self._window, text, self._way(), self._open_page)

    def _ended(self) -> None:
        self._by_hand = False
        self._tell()
