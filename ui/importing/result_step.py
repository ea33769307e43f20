"""The last step: what was written, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_duration, format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.result import ImportResult
from crm_desktop.records import history
from ui.framework.navigation import Navigator
from ui.importing.runs import list_page, show_imported
from ui.importing.saving import save_rejects
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.importing.undoing import undo_import
from ui.importing.words import folded_text
from ui.widgets.buttons import Button
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner
from ui.widgets.result_panel import TAKEN_BACK, ResultPanel


class ResultStep(Step):
    """Counts, and four ways on: look at the records, save the rejected rows, keep a recipe, undo."""

    key = "result"
    per_part = True
    grouped = False
    recipe_wanted = Signal()
    undone = Signal()

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.navigator = navigator
        self._taken_back = False
        self._undoing: int | None = None
        self.figures = FigureStrip()
        self.notice = Banner(kind="warning", icon="ph.warning")
        self.open = Button(icon="ph.list-bullets", kind="primary")
        self.rejects = Button(icon="ph.download-simple")
        self.recipe = Button(icon="ph.floppy-disk")
        self.undo = Button(icon="ph.arrow-counter-clockwise", kind="danger")
        self.open.clicked.connect(self._open_list)
        self.rejects.clicked.connect(self.save_rejects)
        self.recipe.clicked.connect(self.recipe_wanted)
        self.undo.clicked.connect(self._undo)
        session.written.connect(self._on_written)
        session.office.records_changed.connect(lambda _event: self._look_again())
        buttons = (self.open, self.rejects, self.recipe, self.undo)
        self.panel = ResultPanel((self.figures, self.notice), buttons)
        self.heading, self.text = self.panel.heading, self.panel.text
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolled(self.panel))

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("Result")

    def entered(self) -> None:
        self._show()
        self.open.setFocus()

    def missing(self) -> Missing | None:
        return None

    def sentence(self) -> str:
        if self._taken_back:
            return _("The import is undone. Nothing of it is left.")
        return _("It can be undone here, from the list of recent imports, or with Ctrl+Z.")

    def continue_text(self, following: str) -> str:
        return _("Import another file")

    def may_go_back(self) -> bool:
        return False

    def retranslate(self) -> None:
        self._show()

    # -- what happened -----------------------------------------------------------------------------------------

    @property
    def result(self) -> ImportResult | None:
        """What was written."""
        return self.session.draft.result if self.session.draft is not None else None

    def _total(self, name: str) -> int:
        """A number of all parts together."""
        found, result = self.session.results, self.result
        return found.total(name) if found is not None else int(getattr(result, name)) if result is not None else 0

    def _on_written(self) -> None:
        self._taken_back = False
        self._show()

    def _show(self) -> None:
        result = self.result
        if result is None:
            return
        spec = self.session.schema.entity(result.plan.entity)
        plural = translate(spec.plural)
        name = Path(result.path).name
        if self._taken_back:
            text = _("The records it made are gone, those it changed are as they were before.")
            self.panel.tell(_("{name} is undone").format(name=name), text, TAKEN_BACK)
        else:
            rate = format_integer(round(result.rate))
            took = format_duration(result.seconds) if result.seconds >= 1 else _("less than a second")
            read = self._total("rows_read")
            rows = ngettext("{n} row in {time}", "{n} rows in {time}", read)
            text = rows.format(n=format_integer(read), time=took)
            if result.seconds >= 1:
                text += ", " + _("{rate} rows per second").format(rate=rate)
            text = " ".join(filter(None, (text + self._added(result), folded_text(result.folded))))
            self.panel.tell(_("{name} is imported").format(name=name), text)
        self.figures.set_figures(self._figures())
        self._show_notice(result)
        self.open.setText(_("Show the {records}").format(records=plural.lower()))
        listed = bool(list_page(self.navigator, result.plan.entity))
        self.open.setVisible(listed and not self._taken_back and bool(result.created or result.updated))
        self.rejects.setText(_("Save rejected rows…"))
        self.rejects.setVisible(result.rejected_count > 0)
        self.recipe.setText(_("Remember as recipe…"))
        self.recipe.setVisible(not self._taken_back)
        self.undo.setText(_("Undo this import"))
        self.undo.setEnabled(self._undoing != result.change_set)
        self.undo.setVisible(result.change_set is not None and not self._taken_back)

    def _added(self, result: ImportResult) -> str:
        parts = []
        for name, number in result.parents.items():
            if number:
                spec = self.session.schema.entity(name)
                called = translate(spec.label if number == 1 else spec.plural).lower()
                parts.append(f"{format_integer(number)} {called}")
        return (
            ". " + _("Also added, because rows link to them: {what}.").format(what=", ".join(parts)) if parts else "."
        )

    def _figures(self) -> list[Figure]:
        return [
            Figure(
                _("New"), format_integer(self._total("created")), color="success" if self._total("created") else "text"
            ),
            Figure(
                _("Changed"),
                format_integer(self._total("updated")),
                self._restored(),
                color="accent" if self._total("updated") else "text",
            ),
            Figure(_("Unchanged"), format_integer(self._total("unchanged"))),
            Figure(
                _("Duplicates"),
                format_integer(self._total("duplicates")),
                color="warning" if self._total("duplicates") else "text",
            ),
            Figure(
                _("Rejected"),
                format_integer(self._total("rejected_count")),
                color="danger" if self._total("rejected_count") else "text",
            ),
        ]

    def _restored(self) -> str:
        """How many of the changed records had been deleted and came back."""
        back = self._total("restored")
        return ngettext("{n} restored", "{n} restored", back).format(n=format_integer(back)) if back else ""

    def _show_notice(self, result: ImportResult) -> None:
        self.notice.setVisible(bool(result.rejected_count or result.problem_count) and not self._taken_back)
        parts = []
        if result.rejected_count:
            text = ngettext(
                "{n} row was not imported. Save it as a spreadsheet, correct it and import it again.",
                "{n} rows were not imported. Save them as a spreadsheet, correct them and import them again.",
                result.rejected_count,
            )
            parts.append(text.format(n=format_integer(result.rejected_count)))
        if result.problem_count:
            text = ngettext(
                "{n} cell did not fit its field.", "{n} cells did not fit their fields.", result.problem_count
            ).format(n=format_integer(result.problem_count))
            kept = _("The text is in the remarks.") if result.plan.keep_bad_cells else _("They were left out.")
            parts.append(f"{text} {kept}")
        self.notice.text.setText(" ".join(parts))

    # -- what can be done --------------------------------------------------------------------------------------

    def save_rejects(self) -> Any:
        """Save the rejected rows as a spreadsheet."""
        result = self.result
        return save_rejects(self, result, Path(result.path).stem) if result is not None else None

    def _undo(self) -> None:
        result = self.result
        if result is not None and result.change_set is not None:
            self._undoing = result.change_set
            self.undo.setEnabled(False)
            undo_import(
                self, self.session.office, result.change_set, Path(result.path).name, self._on_undone, self._on_left
            )

    def _on_left(self) -> None:
        self._undoing = None
        self.undo.setEnabled(True)

    def _look_again(self) -> None:
        """Whether the import still stands: it can be undone and redone from anywhere."""
        result = self.result
        change_set = result.change_set if result is not None else None
        if change_set is None or not self.isVisible():
            return

        def found(row: history.ChangeSetRow) -> None:
            if self.result is result and self._taken_back != (row.undone_by is not None):
                self._taken_back = not self._taken_back
                self._show()
                self.changed.emit()

        self.session.office.read(
            self, lambda connection: history.change_set_details(connection, change_set), found, supersede="stands"
        )

    def _on_undone(self, plan: Any) -> None:
        self._taken_back = True
        self._show()
        self.changed.emit()
        self.undone.emit()

    def _open_list(self) -> None:
        result = self.result
        if result is not None:
            show_imported(self.navigator, result)
