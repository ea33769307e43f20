"""Keeps the bell: reads what is new for whoever is signed in, counts it, shows it, and leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from crm_desktop.core.events import NoticesChanged, RecordsChanged
from crm_desktop.core.filters import to_json, where
from crm_desktop.core.i18n import ngettext
from crm_desktop.core.settings import settings_store
from crm_desktop.records import notice_list
from crm_desktop.records.losses import note_outside_losses
from crm_desktop.records.notice_list import Notice
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.settings import LEFT_OUT, left_out
from ui.records.notice_words import notice_text
from ui.shell.notice_panel import NoticePanel
from ui.shell.tray import Tray
from ui.widgets.shell import BellButton

_SOON_MS, _FIRST_MS, _CALM_MS = 150, 900, 4_000
_MOST_TOLD = 3
"""Of more new notices than this, one message says how many there are."""


class NoticeKeeper(QObject):
    """Reads in the background; rests where the database is a copy to look at, or nobody signed in."""

    def __init__(self, office: Office, bell: BellButton, window: Any) -> None:
        super().__init__(window)
        self._office, self._bell, self._window = office, bell, window
        self.notices: list[Notice] = []
        self._panel: NoticePanel | None = None
        self._known: set[tuple[str, int]] | None = None
        self.tray = Tray(window)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)
        self._losses = QTimer(self)
        self._losses.setSingleShot(True)
        self._losses.timeout.connect(self._look_for_losses)
        self._settings = settings_store()
        self._stopped = bool(office.database.read_only) or office.user_id is None
        bell.setVisible(not self._stopped)
        if not self._stopped:
            bell.clicked.connect(self.show_panel)
            office.notices_changed.connect(self._on_notices_changed)
            office.records_changed.connect(self._on_records_changed)
            self._settings.subscribe(self._on_setting)
            self._soon.start(_FIRST_MS)
            self._losses.start(_CALM_MS)

    def look(self) -> None:
        """Read the notices again."""
        if self._stopped:
            return
        database, user, without = self._office.database, self._office.user_id, left_out()
        self._office.read(
            self._window, lambda connection: notice_list.notices(database, connection, user, without=without),
            self._on_read, lambda _error: None, supersede="notices",
        )  # fmt: skip

    def _on_read(self, found: list[Notice]) -> None:
        if self._stopped:
            return
        self.notices = found
        unread = [one for one in found if not one.read]
        self._bell.set_count(len(unread))
        if self._panel is not None:
            self._panel.set_notices(found)
        known, self._known = self._known, {one.key for one in found}
        if known is not None:
            self._tell([one for one in unread if one.key not in known])

    def _tell(self, new: Sequence[Notice]) -> None:
        """Say it where another program is in front; what is many is said as one."""
        if not new:
            return
        title = self._office.name
        if len(new) > _MOST_TOLD:
            text = ngettext("{n} new notice", "{n} new notices", len(new)).format(n=len(new))
            self.tray.tell(title, text, self.show_panel)
            return
        for one in reversed(new):
            self.tray.tell(title, notice_text(self._office.database.schema, one), partial(self.open, one))

    def tell_reminder(self, title: str, text: str, open_it: Any) -> None:
        """Say that something is due."""
        if not self._stopped:
            self.tray.tell(title, text, open_it)

    # -- the panel ---------------------------------------------------------------------------------------------

    def show_panel(self) -> None:
        """Open the list under the bell, or close it."""
        if self._stopped:
            return
        panel = self._panel or self._make_panel()
        if panel.isVisible():
            panel.close()
            return
        panel.set_notices(self.notices)
        panel.open_under(self._bell)
        self.look()

    @property
    def panel(self) -> NoticePanel | None:
        """The list; None until it was opened."""
        return self._panel

    def _make_panel(self) -> NoticePanel:
        made = self._panel = NoticePanel(self._office.database.schema, self._window)
        made.opened.connect(self.open)
        made.marked.connect(self.mark)
        made.all_read.connect(self.mark_all)
        made.settings_requested.connect(self._open_settings)
        return made

    def retranslate(self) -> None:
        """Write the words again: the list is made anew when it is opened."""
        panel, self._panel = self._panel, None
        if panel is not None:
            panel.deleteLater()
        self._bell.retranslate()

    def _open_settings(self) -> None:
        if self._panel is not None:
            self._panel.close()
        self._window.open_page("settings", tab="notices")

    # -- what can be done --------------------------------------------------------------------------------------

    def open(self, one: Notice) -> None:
        """Lead to what a notice is about; it is read then."""
        if not one.read:
            self.mark([one], True)
        if one.kind == "history":
            self._window.open_page("settings", tab="history")
        elif one.kind == "vanished" and one.change_set_id is None:
            self._window.open_page("deleted")
        elif one.kind == "vanished":
            self._window.open_page("changes", change=one.change_set_id)
        elif one.record_id is not None:
            self._window.open_record(one.entity, one.record_id)
            if one.note_id is not None:
                self._show_note(one)
        else:
            page = self._window.page_of(one.entity)
            if page:
                self._window.open_page(page, filter=to_json(where("owner_id", "eq", "@me")))

    def _show_note(self, one: Notice) -> None:
        """Go to the note: beside its list, or in its own window where its page has no card."""
        place: Any = self._window.current_page
        if not hasattr(place, "show_note"):
            self._window.open_record(one.entity, one.record_id, new_window=True)
            place = self._window.findChild(QWidget, f"record-{one.entity}-{one.record_id}")
        if hasattr(place, "show_note"):
            place.show_note(one.note_id)

    def mark(self, notices: Sequence[Notice], read: bool) -> None:
        """Mark notices as read, or as unread."""
        database, user = self._office.database, self._office.user_id
        keys = [one.key for one in notices]
        if user is not None and keys:
            tasks.run_write(self._window, lambda: notice_list.mark_read(database, user, keys, read=read))

    def mark_all(self) -> None:
        """Take everything as read."""
        database, user = self._office.database, self._office.user_id
        if user is not None:
            tasks.run_write(self._window, lambda: notice_list.mark_all_read(database, user))

    # -- changes -----------------------------------------------------------------------------------------------

    def _on_notices_changed(self, event: NoticesChanged) -> None:
        if not event.users or self._office.user_id in event.users:
            self._look_soon()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("mention") or event.touches("note"):
            self._look_soon()
        if event.everything and not self._losses.isActive():  # so it is told what something outside the program did
            self._losses.start(_CALM_MS)

    def _look_for_losses(self) -> None:
        database, user = self._office.database, self._office.user_id
        if user is not None and database.access.everything and not self._stopped:
            tasks.run_write(
                self._window, lambda: note_outside_losses(database, user), on_error=lambda _error: None
            )  # fmt: skip

    def _look_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start(_SOON_MS)

    def _on_setting(self, key: str) -> None:
        if not shiboken6.isValid(self):
            self._settings.unsubscribe(self._on_setting)
        elif key == LEFT_OUT.key:
            self._known = None
            self._look_soon()

    def stop(self) -> None:
        """Stop looking; the office is about to be closed."""
        if self._stopped:
            return
        self._stopped = True
        self._soon.stop()
        self._settings.unsubscribe(self._on_setting)
        self.tray.hide()
        if self._panel is not None:
            self._panel.hide()
