"""The rehearsal: everything is tried on the real database and taken back; here is what would happen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.importing.result import ImportResult
from ui.framework.navigation import Navigator
from ui.importing.rehearsal_rows import PROBLEMS
from ui.importing.rehearsal_view import RehearsalView
from ui.importing.run_step import rows_done, rows_to_write
from ui.importing.saving import save_rehearsal, save_rejects
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.widgets.run_view import RunView
from ui.widgets.states import EmptyState, ErrorState


class RehearsalStep(Step):
    """Runs the rehearsal when entered, then shows what it found."""

    key = "rehearsal"

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.run = RunView("ph.shield-check", 3, rows_done)
        self.stopped = EmptyState("ph.hand-palm")
        self.stopped.action.connect(self.start)
        self.error = ErrorState()
        self.error.action.connect(self.start)
        self.found = RehearsalView(session, navigator)
        self.found.changed.connect(self.changed)
        self.promise, self.cards, self.table = self.found.promise, self.found.cards, self.found.table
        self.row = self.found.row
        self.stack = QStackedWidget()
        for widget in (self.run, self.found, self.stopped, self.error):
            self.stack.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        session.rehearsed.connect(self._on_rehearsed)
        session.stopped.connect(self._on_stopped)
        session.parts_changed.connect(self._on_part)

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("Rehearsal")

    def entered(self) -> None:
        draft = self.draft
        if draft is not None and not draft.rehearsed and not self.running:
            self.start()

    @property
    def running(self) -> bool:
        """Whether the rehearsal is under way."""
        return self.run.job is not None and self.run.job.active

    @property
    def kind(self) -> str:
        """The count whose rows are shown."""
        return self.found.kind

    @property
    def rows(self) -> int:
        """How many rows writing would make or change, in all parts."""
        found = self.session.rehearsal
        return sum(rows_to_write(one) for one in found.parts) if found is not None else 0

    def show_kind(self, kind: str) -> None:
        """Show the rows of one count."""
        self.found.show_kind(kind)

    def start(self) -> None:
        """Rehearse the plan as it is now."""
        self.retranslate_run()
        self.stack.setCurrentWidget(self.run)
        self.run.follow(self.session.rehearse())
        self.changed.emit()

    def stop(self) -> None:
        """Stop the rehearsal that is under way."""
        if self.run.job is not None:
            self.run.job.cancel()

    def missing(self) -> Missing | None:
        draft = self.draft
        if draft is None or not draft.rehearsed or self.running:
            return None
        if self.rows == 0:
            return Missing(_("Nothing would be written: no row is new and none changes a record."), "", lambda: None)
        return None

    def sentence(self) -> str:
        if self.running:
            return _("Nothing is written: what is tried now is taken back.")
        if self.draft is not None and not self.draft.rehearsed:
            return _("Nothing has been written.")
        return _("After writing, all of it can be undone, the changes too.")

    def continue_text(self, following: str) -> str:
        draft = self.draft
        if draft is None or not draft.rehearsed or draft.rehearsal is None or self.running or not self.rows:
            return ""
        return ngettext("Write {n} row", "Write {n} rows", self.rows).format(n=format_integer(self.rows))

    def shown_count(self) -> str:
        draft = self.draft
        if draft is None or draft.rehearsal is None or not draft.rehearsed:
            return ""
        shown = self.found.shown
        if self.kind == PROBLEMS:
            return ngettext("{n} cell", "{n} cells", shown).format(n=format_integer(shown))
        numbers = {"shown": format_integer(shown), "all": format_integer(draft.rehearsal.rows_read)}
        return ngettext("{shown} of {all} row", "{shown} of {all} rows", draft.rehearsal.rows_read).format(**numbers)

    def retranslate_run(self) -> None:
        """Write the words of the run."""
        draft = self.draft
        name = draft.path.name if draft is not None else ""
        self.run.set_words(
            _("Rehearsing the import"),
            _("{name} is imported on trial and everything is taken back. Nothing is written.").format(name=name),
            _("Stop"),
        )

    def retranslate(self) -> None:
        self.retranslate_run()
        self.found.retranslate()

    # -- the outcome -------------------------------------------------------------------------------------------

    def _on_rehearsed(self) -> None:
        if self.draft is not None and not self.draft.rehearsed:
            # the plan was changed meanwhile
            if self.isVisible():
                self.start()
            return
        self.found.show_result(fresh=True)
        self.stack.setCurrentWidget(self.found)
        self.changed.emit()
        self.table.setFocus()

    def _on_part(self) -> None:
        if self.draft is not None and self.draft.rehearsed and self.stack.currentWidget() is self.found:
            self.found.show_result(fresh=True)

    def _on_stopped(self, error: Exception | None) -> None:
        if self.stack.currentWidget() is not self.run:
            return
        if error is None:
            self.stopped.title.setText(_("The rehearsal was stopped"))
            self.stopped.text.setText(_("Nothing was written. Your choices are kept."))
            self.stopped.set_button(_("Rehearse again"), "ph.arrow-clockwise")
            self.stack.setCurrentWidget(self.stopped)
        else:
            self.error.set_exception(error)
            self.stack.setCurrentWidget(self.error)
        self.changed.emit()

    @property
    def result(self) -> ImportResult:
        """What the rehearsal found about the current part."""
        return self.found.result

    def save_rejects(self) -> Any:
        """Save the rejected rows as a spreadsheet."""
        return save_rejects(self, self.result, Path(self.result.path).stem)

    def save(self, kind: str) -> Any:
        """Save or print all that the rehearsal found: "pdf" or "xlsx"."""
        results = self.session.rehearsal
        return save_rehearsal(self, self.session.office, results, kind) if results is not None else None
