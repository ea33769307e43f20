"""The rehearsal: everything is tried on the real database and taken back; here is what would happen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import format_integer, format_time
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.result import ImportResult
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.importing import rehearsal_rows as rows_of
from ui.importing.parts import StackBar, scrolled
from ui.importing.rehearsal_rows import CREATED, DUPLICATES, PROBLEMS, REJECTED, UNCHANGED, UPDATED, ShownRow
from ui.importing.rehearsal_table import RehearsalTable
from ui.importing.row_details import RowDetails
from ui.importing.run_step import RunView, rows_to_write
from ui.importing.saving import save_rejects
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.theme.theme import px
from ui.widgets.card_button import CountCard
from ui.widgets.chips import Chip
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import EmptyState, ErrorState
from ui.widgets.themed import margins

_TOKENS = {CREATED: "success", UPDATED: "accent", UNCHANGED: "chart-4", DUPLICATES: "warning", REJECTED: "danger"}
_ICONS = {
    CREATED: "ph.plus-circle",
    UPDATED: "ph.pencil-simple",
    UNCHANGED: "ph.equals",
    DUPLICATES: "ph.intersect",
    REJECTED: "ph.x-circle",
}


class RehearsalStep(Step):
    """Runs the rehearsal when entered, then shows five counts, the rows behind each, and the current row in full."""

    key = "rehearsal"

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.navigator = navigator
        self.kind = CREATED
        self.only_field = ""
        self._lists: dict[str, list[ShownRow]] = {}
        self.run = RunView("ph.shield-check", 3)
        self.stopped = EmptyState("ph.hand-palm")
        self.stopped.action.connect(self.start)
        self.error = ErrorState()
        self.error.action.connect(self.start)
        self.found = QWidget()
        self._make_found()
        self.stack = QStackedWidget()
        for widget in (self.run, self.found, self.stopped, self.error):
            self.stack.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        session.rehearsed.connect(self._on_rehearsed)
        session.stopped.connect(self._on_stopped)

    def _make_found(self) -> None:
        self.promise = Banner(kind="success", icon="ph.shield-check")
        self.when = Label("", "secondary", "text-muted")
        self.promise.add(self.when)
        margins(self.promise, 12, 4, 12, 4, 8)
        self.cards: dict[str, CountCard] = {}
        self._group = QButtonGroup(self)
        cards = QHBoxLayout()
        cards.setSpacing(px(12))
        for kind, icon in _ICONS.items():
            color = "text-muted" if kind == UNCHANGED else _TOKENS[kind]
            card = CountCard("", "0", icon, color)
            card.clicked.connect(lambda _on=False, kind=kind: self.show_kind(kind))
            self.cards[kind] = card
            self._group.addButton(card)
            cards.addWidget(card)
        self.bar = StackBar()
        self.heading = Label("", "section")
        self.about = Label("", "body", "text-muted")
        self.clears = Chip(checkable=True)
        self.clears.clicked.connect(lambda _on=False: self._fill())
        self.by_field = Chip(menu=True)
        self.by_field.clicked.connect(self._choose_field)
        self.problems = Chip(icon="ph.warning", icon_color="warning", checkable=True)
        self.problems.clicked.connect(lambda on=False: self.show_kind(PROBLEMS if on else self._first_kind()))
        line = QHBoxLayout()
        line.setSpacing(px(8))
        for widget in (self.heading, self.about):
            line.addWidget(widget)
        line.addStretch(1)
        for chip in (self.clears, self.by_field, self.problems):
            line.addWidget(chip)
        head = QWidget()
        top = QVBoxLayout(head)
        top.addWidget(self.promise)
        top.addLayout(cards)
        top.addWidget(self.bar)
        top.addLayout(line)
        margins(head, 24, 8, 24, 8, 8)
        self.table = RehearsalTable()
        self.table.current_row_changed.connect(lambda _row: self._show_row())
        self.table.row_activated.connect(lambda _index: self._open_record())
        self.nothing = EmptyState("ph.equals", hue=8)
        self.below = QStackedWidget()
        self.below.addWidget(self.table)
        self.empty = scrolled(self.nothing)
        self.below.addWidget(self.empty)
        self.row = RowDetails(self.session)
        self.row.record_requested.connect(self._open_record)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.below)
        self.splitter.addWidget(self.row)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([px(320), px(160)])
        settings.remember_splitter(self.splitter, "import.rehearsal")
        box = QVBoxLayout(self.found)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.splitter, 1)

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
        if draft is None or not draft.rehearsed or draft.rehearsal is None:
            return None
        if rows_to_write(draft.rehearsal) == 0:
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
        if draft is None or not draft.rehearsed or draft.rehearsal is None or self.running:
            return ""
        rows = rows_to_write(draft.rehearsal)
        return ngettext("Write {n} row", "Write {n} rows", rows).format(n=format_integer(rows)) if rows else ""

    def shown_count(self) -> str:
        draft = self.draft
        if draft is None or draft.rehearsal is None or not draft.rehearsed:
            return ""
        if self.kind == PROBLEMS:
            count = self._count(PROBLEMS)
            return ngettext("{n} cell", "{n} cells", count).format(n=format_integer(count))
        numbers = {"shown": format_integer(self._count(self.kind)), "all": format_integer(draft.rehearsal.rows_read)}
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
        words = {
            CREATED: _("New"),
            UPDATED: _("Changed"),
            UNCHANGED: _("Unchanged"),
            DUPLICATES: _("Duplicates"),
            REJECTED: _("Rejected"),
        }
        for kind, card in self.cards.items():
            card.setText(words[kind])
        self.retranslate_run()
        self.table.setAccessibleName(_("Rows of the rehearsal"))
        if self.draft is not None and self.draft.rehearsed:
            self._show_result()

    # -- the outcome -------------------------------------------------------------------------------------------

    def _on_rehearsed(self) -> None:
        if self.draft is not None and not self.draft.rehearsed:
            # the plan was changed meanwhile
            if self.isVisible():
                self.start()
            return
        self.kind, self.only_field = self._first_kind(), ""
        self.clears.setChecked(False)
        self.row.set_result(self.result)
        self._show_result()
        self.stack.setCurrentWidget(self.found)
        self.changed.emit()
        self.table.setFocus()

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
        """What the rehearsal found."""
        draft = self.draft
        assert draft is not None and draft.rehearsal is not None
        return draft.rehearsal

    def _count(self, kind: str) -> int:
        result = self.result
        numbers = {
            CREATED: result.created, UPDATED: result.updated, UNCHANGED: result.unchanged,
            DUPLICATES: result.duplicates, REJECTED: result.rejected_count, PROBLEMS: result.problem_count,
        }  # fmt: skip
        return numbers[kind]

    def _first_kind(self) -> str:
        """What deserves the first look: changes, then what is new, then what is not taken."""
        for kind in (UPDATED, CREATED, REJECTED, DUPLICATES, UNCHANGED):
            if self._count(kind):
                return kind
        return CREATED

    def _show_result(self) -> None:
        draft = self.draft
        assert draft is not None
        result = self.result
        self.promise.strong.setText(_("Nothing has been written yet."))
        self.promise.strong.show()
        rows = ngettext(
            "This is exactly what would happen to the {n} row.",
            "This is exactly what would happen to the {n} rows.",
            result.rows_read,
        )
        self.promise.text.setText(rows.format(n=format_integer(result.rows_read)))
        self.when.setText(_("database of today, {time}").format(time=format_time(draft.rehearsed_at or clock.now())))
        for kind, card in self.cards.items():
            card.set_count(format_integer(self._count(kind)))
        told = ", ".join(f"{card.text()} {format_integer(self._count(kind))}" for kind, card in self.cards.items())
        self.bar.set_parts([(self._count(kind), _TOKENS[kind]) for kind in self.cards], told)
        titles, cells = draft.titles, draft.cells
        self._lists = {
            CREATED: rows_of.preview_rows(draft, CREATED, cells, titles),
            UPDATED: rows_of.preview_rows(draft, UPDATED, cells, titles),
            DUPLICATES: rows_of.duplicate_rows(draft, titles),
            REJECTED: rows_of.reject_rows(result),
            PROBLEMS: rows_of.problem_rows(result),
        }
        self.show_kind(self.kind)

    def show_kind(self, kind: str) -> None:
        """Show the rows of one count."""
        self.kind = kind
        self._group.setExclusive(False)
        for name, card in self.cards.items():
            card.setChecked(name == kind)
        self._group.setExclusive(kind != PROBLEMS)
        self.problems.setChecked(kind == PROBLEMS)
        self._fill()

    def _fill(self) -> None:
        draft = self.draft
        assert draft is not None and draft.plan is not None
        rows = self._lists.get(self.kind, [])
        number = self._count(self.kind)
        self._name_chips(rows)
        if self.kind == UPDATED:
            rows = [row for row in rows if not self.clears.isChecked() or row.clears]
            rows = [row for row in rows if not self.only_field or self._changes(row, self.only_field)]
        self._name_heading(rows, number)
        spec = self.session.schema.entity(draft.plan.entity)
        fields = rows_of.shown_fields(draft, spec.list_columns, spec.title_field)
        if rows:
            self.table.show_kind(self.kind, translate(spec.label), fields, rows)
            self.below.setCurrentWidget(self.table)
        else:
            self._say_nothing(number)
            self.below.setCurrentWidget(self.empty)
        self._show_row()
        self.changed.emit()

    @staticmethod
    def _changes(row: ShownRow, name: str) -> bool:
        return name in row.diffs and row.diffs[name].changed

    def _name_heading(self, rows: list[ShownRow], number: int) -> None:
        words = {
            CREATED: ngettext("{n} new", "{n} new", number),
            UPDATED: ngettext("{n} changed", "{n} changed", number),
            UNCHANGED: ngettext("{n} unchanged", "{n} unchanged", number),
            DUPLICATES: ngettext("{n} duplicate", "{n} duplicates", number),
            REJECTED: ngettext("{n} rejected", "{n} rejected", number),
            PROBLEMS: ngettext("{n} cell does not fit", "{n} cells do not fit", number),
        }
        self.heading.setText(words[self.kind].format(n=format_integer(number)))
        about = ""
        if self.kind == UPDATED and rows:
            cells = sum(row.changes for row in rows)
            about = ngettext("{n} cell changes", "{n} cells change", cells).format(n=format_integer(cells))
            if len(rows) < number and not self.only_field and not self.clears.isChecked():
                about = _("the first {n} are shown").format(n=format_integer(len(rows)))
        elif rows and len(rows) < number:
            about = _("the first {n} are shown").format(n=format_integer(len(rows)))
        elif self.kind == PROBLEMS:
            about = (
                _("the rows are imported, the texts go to the remarks")
                if self.draft and self.draft.plan and (self.draft.plan.keep_bad_cells)
                else _("the rows are imported without them")
            )
        self.about.setText(about)

    def _name_chips(self, rows: list[ShownRow]) -> None:
        updated = self.kind == UPDATED and bool(rows)
        self.clears.setText(_("Clear a value"))
        self.clears.set_count(format_integer(sum(1 for row in rows if row.clears)))
        self.clears.setVisible(updated)
        labels = {name: label for name, label, _number in rows_of.changed_fields(rows)}
        self.by_field.setText(_("Field: {name}").format(name=labels.get(self.only_field) or _("all")))
        self.by_field.setVisible(updated and len(labels) > 1)
        self.problems.setText(_("Cells that do not fit"))
        self.problems.set_count(format_integer(self.result.problem_count))
        self.problems.setVisible(self.result.problem_count > 0)

    def _say_nothing(self, number: int) -> None:
        texts = {
            CREATED: (_("No row is new"), _("Every row that can be imported has its record already.")),
            UPDATED: (_("No record changes"), _("No row says something new about a record that is here already.")),
            UNCHANGED: (
                ngettext("{n} row says nothing new", "{n} rows say nothing new", number).format(
                    n=format_integer(number)
                ),
                _("Their records are in the database already, exactly so. They are left as they are."),
            ),
            DUPLICATES: (_("No duplicates"), _("No two rows are the same, and none is left out.")),
            REJECTED: (_("Nothing is rejected"), _("Every row can be imported.")),
            PROBLEMS: (_("Every cell fits"), ""),
        }
        title, text = texts[self.kind]
        if self.kind == UPDATED and number:
            title, text = _("None of the rows shown"), _("Choose another field, or take the chip off.")
        self.nothing.title.setText(title)
        self.nothing.text.setText(text)
        self.nothing.set_button("")
        self.nothing.set_second_button("")

    def _choose_field(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(menu)
        found = [("", _("all"), 0), *rows_of.changed_fields(self._lists.get(UPDATED, []))]
        for name, label, number in found:
            action = menu.addAction(f"{label}  {format_integer(number)}" if number else label)
            action.setCheckable(True)
            action.setChecked(name == self.only_field)
            action.triggered.connect(lambda _on=False, name=name: self._set_field(name))
            group.addAction(action)
        menu.exec(self.by_field.mapToGlobal(QPoint(0, self.by_field.height() + px(4))))

    def _set_field(self, name: str) -> None:
        self.only_field = name
        self._fill()

    def _show_row(self) -> None:
        shown = self.table.current() if self.below.currentWidget() is self.table else None
        self.row.show_row(shown, self.kind)

    def _open_record(self) -> None:
        draft, row = self.draft, self.table.current()
        if draft is not None and draft.plan is not None and row is not None and self.kind in (UPDATED, DUPLICATES):
            if row.record_id is not None:
                self.navigator.open_record(draft.plan.entity, row.record_id, new_window=True)

    def save_rejects(self) -> Any:
        """Save the rejected rows as a spreadsheet."""
        return save_rejects(self, self.result, Path(self.result.path).stem)
