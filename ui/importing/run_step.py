"""Work under way: how far it is, how fast, how long it still takes, and the way to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import ProgressState
from ui.importing.backing_up import ask_needed
from ui.importing.session import ImportSession
from ui.importing.step import Step
from ui.widgets.run_view import RunView


def rows_done(state: ProgressState) -> str:
    """How many rows are done, and how fast; what the job says of itself comes first."""
    if state.message or not state.total:
        return state.message or ""
    text = _("{done} of {total} rows").format(done=format_integer(state.done), total=format_integer(state.total))
    if state.rate >= 1:
        text += " · " + _("{rate} rows per second").format(rate=format_integer(round(state.rate)))
    return text


class WriteStep(Step):
    """Importing for good."""

    key = "write"

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.anyway = False
        """Whether to write also what was not rehearsed so; for the next time only."""
        self.without = False
        """Whether to write although no backup could be made before; for the next time only."""
        self.view = RunView("ph.upload-simple", 1, rows_done)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.view)

    def title(self) -> str:
        return _("Write")

    def entered(self) -> None:
        self.retranslate()
        anyway, self.anyway = self.anyway, False
        without, self.without = self.without, False
        back_up = not without and (not self.session.large or ask_needed(self, self.session.last_backup))
        self.view.follow(self.session.write(anyway=anyway, back_up=back_up))
        self.view.stop.setFocus()

    def sentence(self) -> str:
        return _("Until it is done, nothing of it is to be seen. Stopping keeps nothing.")

    def continue_text(self, following: str) -> str:
        return ""

    def may_go_back(self) -> bool:
        return False

    def retranslate(self) -> None:
        found = self.session.rehearsal
        rows = sum(rows_to_write(one) for one in found.parts) if found is not None else 0
        heading = ngettext("Writing {n} row", "Writing {n} rows", rows).format(n=format_integer(rows))
        note = _("All of it is written, or nothing. You can go on working elsewhere.")
        if self.session.large:
            note = _("The office is backed up first.") + " " + note
        self.view.set_words(heading, note, _("Stop"))


def rows_to_write(result: object) -> int:
    """How many rows a rehearsed import will create or change."""
    created, updated = getattr(result, "created", 0), getattr(result, "updated", 0)
    return int(created) + int(updated)
