"""Looks twice a minute for what the signed-in person is to be reminded of, and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.core import clock
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_
from crm_desktop.core.settings import Setting, settings_store
from ui.framework import settings, tasks
from ui.framework.office import Office

if TYPE_CHECKING:
    from crm_desktop.calendar.reminders import Reminder
    from ui.calendar.reminder_panel import ReminderPanel

HANDLED: Setting[list[Any]] = Setting(
    "calendar.reminders_handled", [], N_("Reminders that were dismissed, or are to come again.")
)

MOST_HANDLED = 1000
MOST_SHOWN = 50
_MOST_TOLD = 3
_EVERY_MS = 30_000
_FIRST_MS = 1_500
_AFTER_CHANGE_MS = 400
_ENDED = timedelta(days=1)
"""What ended longer ago than this is not shown any more."""


class Handled:
    """What one person dismissed or put off in one database, kept with the settings of this computer.

    A row is [database, user, key, when to show it again ("" for never), until when it must be known].
    """

    def __init__(self, database: Any, user_id: int | None) -> None:
        self._database = str(database.path.absolute()) if database.path is not None else database.name
        self._user = user_id or 0

    def again_at(self) -> dict[str, datetime | None]:
        """The instant at which each key comes again; None for never."""
        return {
            row[2]: datetime.fromisoformat(row[3]) if row[3] else None
            for row in _rows()
            if row[:2] == [self._database, self._user]
        }

    def put(self, reminders: Sequence[Reminder], again: datetime | None, now: datetime) -> None:
        """Keep that these are dismissed, or come ``again``. What can no longer come up is forgotten."""
        keys = {one.key for one in reminders}
        kept = [
            row
            for row in _rows()
            if row[4] >= _stamp(now) and not (row[:2] == [self._database, self._user] and row[2] in keys)
        ]
        for one in reminders:
            known_until = max(one.end, again or one.end) + 2 * _ENDED
            kept.append(
                [self._database, self._user, one.key, _stamp(again) if again else "", _stamp(known_until)]
            )  # fmt: skip
        HANDLED.set(kept[-MOST_HANDLED:])


class ReminderKeeper(QObject):
    """Shows what is due. It reads in the background and rests where the database is a copy to look at.

    ``came`` sends a title, words and what opens it, for each reminder that is new.
    """

    came = Signal(str, str, object)

    def __init__(self, office: Office, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._window = window
        self._handled = Handled(office.database, office.user_id)
        self._panel: ReminderPanel | None = None
        self._due: list[Reminder] = []
        self._busy = self._look_again = False
        self._stopped = bool(office.database.read_only)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)
        self._settings = settings_store()
        if not self._stopped:
            self._timer.start()
            self._soon.start(_FIRST_MS)
            self._settings.subscribe(self._on_setting)
            office.records_changed.connect(self._on_records_changed)

    @property
    def panel(self) -> ReminderPanel | None:
        """The list of reminders; None until there was one."""
        return self._panel

    def look(self) -> None:
        """Read what is due now."""
        if self._stopped:
            return
        if not settings.REMINDERS.get():
            self._show([])
            return
        if self._busy:
            self._look_again = True
            return
        self._busy = True
        tasks.run_read(self._window, self._read, self._on_read, self._on_failed)

    def enter(self) -> bool:
        """Give the keyboard to the reminders; False where none is shown."""
        return self._panel is not None and self._panel.enter()

    def stop(self) -> None:
        """Stop looking; the office is about to be closed."""
        if self._stopped:
            return
        self._stopped = True
        self._timer.stop()
        self._soon.stop()
        self._settings.unsubscribe(self._on_setting)
        if self._panel is not None:
            self._panel.hide()
        if self._busy:
            tasks.wait_idle(5)  # closing a connection that another thread reads from ends the process

    def _read(self) -> list[Reminder]:
        from crm_desktop.calendar.reminders import reminders_between  # lazy: heavy, and not needed to start

        database, now = self._office.database, clock.now()
        handled = self._handled.again_at()
        with database.read() as connection:
            # what was put off for an hour comes again although its event ended a day ago meanwhile
            found = reminders_between(
                database, connection, now - _ENDED - timedelta(hours=1), now, user_id=self._office.user_id
            )
        return [one for one in found if one.end >= now - _ENDED or handled.get(one.key) is not None]

    def _on_read(self, found: list[Reminder]) -> None:
        self._busy = False
        if self._stopped:
            return
        self._due = found
        self._refresh()
        self._once_more()

    def _on_failed(self, _error: Exception) -> None:
        """The status bar tells that the server does not answer."""
        self._busy = False
        self._once_more()

    def _once_more(self) -> None:
        if self._look_again:
            self._look_again = False
            self._soon.start(_AFTER_CHANGE_MS)

    def _refresh(self) -> None:
        now, handled = clock.now(), self._handled.again_at()

        def waits(one: Reminder) -> bool:
            again = handled.get(one.key)
            return one.key not in handled or (again is not None and again <= now)

        self._show([one for one in self._due if waits(one)][-MOST_SHOWN:] if settings.REMINDERS.get() else [])

    def _show(self, reminders: Sequence[Reminder]) -> None:
        if self._panel is None:
            if not reminders:
                return
            from ui.calendar.reminder_panel import ReminderPanel  # lazy: with the first reminder

            self._panel = ReminderPanel(self._window)
            self._panel.opened.connect(self._open)
            self._panel.snoozed.connect(self._snooze)
            self._panel.dismissed.connect(self._dismiss)
        before = {line.reminder.key for line in self._panel.lines()}
        self._panel.show_reminders(reminders)
        new = [one for one in reminders if one.key not in before]
        if new:
            QApplication.alert(self._window)
        from ui.calendar.reminder_panel import when_text  # lazy: with the first reminder

        for one in new[:_MOST_TOLD]:
            self.came.emit(one.subject, when_text(one, clock.now()), lambda one=one: self._open(one))

    def _open(self, one: Reminder) -> None:
        self._window.open_page(  # type: ignore[attr-defined]
            "calendar", day=one.start.date(), record_id=one.activity_id, recurrence_id=one.recurrence_id
        )

    def _snooze(self, reminders: Sequence[Reminder], minutes: int) -> None:
        now = clock.now()
        self._handled.put(reminders, now + timedelta(minutes=minutes), now)
        self._refresh()

    def _dismiss(self, reminders: Sequence[Reminder]) -> None:
        self._handled.put(reminders, None, clock.now())
        self._refresh()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("activity") and not self._stopped:
            self._soon.start(_AFTER_CHANGE_MS)

    def _on_setting(self, key: str) -> None:
        if not shiboken6.isValid(self):  # a window that was made and never shown is not closed either
            self._settings.unsubscribe(self._on_setting)
        elif key == settings.REMINDERS.key:
            self._soon.start(0)


def _rows() -> list[list[Any]]:
    """The rows that can be read; what somebody wrote into the file by hand is left out."""
    return [row for row in HANDLED.get() if isinstance(row, list) and len(row) == 5 and _readable(row)]


def _readable(row: Sequence[Any]) -> bool:
    try:
        return all(text == "" or datetime.fromisoformat(text).tzinfo is not None for text in row[3:])
    except (TypeError, ValueError):
        return False


def _stamp(moment: datetime) -> str:
    return moment.astimezone(clock.now().tzinfo).isoformat(timespec="seconds")
