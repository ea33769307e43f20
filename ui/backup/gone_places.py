"""The folders of backups that are not there any more: which, since when, what waits for them, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.backup import place_notes, places, schedule
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.overview import Overview
from crm_desktop.backup.places import PlaceState
from crm_desktop.core.i18n import _
from ui.backup import plan, words
from ui.backup.keeper import BackupKeeper
from ui.framework import dialogs, tasks
from ui.framework.may import can, restrict, why_not
from ui.framework.office import Office
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.toast import show_toast


class GonePlaces(QWidget):
    """One line for the first folder that is gone; the next one's comes when something was done about it.

    ``changed`` asks for everything to be read again.
    """

    changed = Signal()

    def __init__(self, office: Office, keeper: BackupKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._keeper = office, keeper
        self._found: Overview | None = None
        self.place: PlaceState | None = None
        self.line = Banner(kind="warning", icon="ph.folder-minus", folds_at=1000)
        self.again = Button(icon="ph.arrow-clockwise", small=True)
        self.other = Button(icon="ph.folder-open", small=True)
        self.anew = Button(icon="ph.folder-plus", small=True)
        for button, done in (
            (self.again, self.try_again), (self.other, self.choose_other), (self.anew, self.make_anew),
        ):  # fmt: skip
            button.clicked.connect(done)
            self.line.add(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.line)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words."""
        self.again.setText(_("Try again"))
        self.other.setText(_("Choose another folder…"))
        self._show()

    def show_overview(self, found: Overview) -> None:
        """Show what is gone, if anything is."""
        self._found = found
        self.place = next((one for one, _count in found.lacking), None) or next(
            (one for one in found.places if one.gone), None
        )
        self.setVisible(self.place is not None)
        self._show()

    def _show(self) -> None:
        place, found = self.place, self._found
        if place is None or found is None:
            return
        waiting = next((count for one, count in found.lacking if one.folder == place.folder), None)
        text = words.gone_text(place, waiting)
        self.line.text.setText(text)
        self.line.setAccessibleName(text)
        unmounted = place.state == "unmounted"
        self.anew.setText(_("Use the folder as it is") if unmounted else _("Make it anew"))
        restrict(self.other, "" if can(self._office, "settings") else why_not(self._office, "", "settings"))

    def try_again(self) -> None:
        """See whether it is back; if so, what it missed is made good for at once."""
        place = self.place
        if place is None:
            return

        def seen(now: PlaceState) -> None:
            if now.ready:
                self._make_good()
            else:
                show_toast(self, words.still_gone_text(now), kind="warning")
            self.changed.emit()

        tasks.run_read(self, lambda: places.look(place.name), seen, supersede="place")

    def make_anew(self) -> None:
        """Make the folder again, empty, at the same place."""
        place = self.place
        if place is None:
            return

        def work() -> None:
            with disk_errors(place.folder):
                place_notes.make_anew(place.folder)

        tasks.run_read(self, work, lambda _done: self._make_good(), self._failed)

    def choose_other(self) -> None:
        """Put another folder into the plan instead of the one that is gone."""
        place, found = self.place, self._found
        if place is None or found is None:
            return
        chosen = dialogs.choose_folder(self, _("Folder of the backups"), str(place.folder.parent))
        if chosen is None:
            return
        names = [str(chosen) if one == place.name else one for one in found.plan.all_places]
        if place.name not in found.plan.all_places:  # this computer's own, which stands in for those of the plan
            names = [*names, str(chosen)]
        changed = replace(found.plan, places=tuple(dict.fromkeys(names)))
        database = self._office.database

        def done(_result: Any) -> None:
            plan.forget(database)
            self._make_good()

        self._office.write(self, plan.TITLE, lambda uow: schedule.save_plan(uow, changed), done)

    def _make_good(self) -> None:
        """Make what could not be made, or copy on what a folder missed."""
        trouble = self._found.trouble if self._found is not None else None
        if trouble is not None and trouble.run is not None and trouble.run.nowhere:
            self._keeper.back_up_now()
        else:
            self._keeper.look()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        dialogs.show_error(self, error)
        self.changed.emit()
