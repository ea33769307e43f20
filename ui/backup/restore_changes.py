"""Bringing back an afternoon: everything that changed since the backup, filtered, chosen, with its differences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.backup.bring_back import Cell, rows_of
from crm_desktop.backup.compare import CHANGED, CREATED, DELETED, Choice, Comparison, Difference, choose, counted
from crm_desktop.backup.look import Part, chosen_rows
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from ui.backup.restore_record import RecordView
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.backup.restore_words import lost_words, op_word, state_words
from ui.framework import dialogs
from ui.theme.theme import px
from ui.widgets.chips import Chip
from ui.widgets.editor_base import problem_of
from ui.widgets.editor_dates import DateTimeEditor
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import Hairline, Label
from ui.widgets.run_view import RunView
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_TYPING_MS = 300
_SIGNS = {DELETED: ("ph.trash", "danger"), CHANGED: ("ph.pencil-simple", "accent"), CREATED: ("ph.plus", "success")}


class ChangesStep(RestoreStep):
    """Filters, the records that differ with boxes, and the current one line by line."""

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.found: Comparison | None = None
        self.shown: list[Difference] = []
        self._left: dict[tuple[str, int], frozenset[Cell]] = {}
        self._parts: dict[tuple[str, int], list[Part]] = {}
        self._start: datetime | None = None
        self.ops = {op: Chip(checkable=True) for op in (DELETED, CHANGED, CREATED)}
        for chip in self.ops.values():
            chip.clicked.connect(lambda _checked=False: self.filter())
        self.person, self.entity = QComboBox(), QComboBox()
        for chooser in (self.person, self.entity):
            chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            chooser.setMinimumContentsLength(12)
        self.since = DateTimeEditor()
        self.since.setMinimumWidth(self.since.whole_width())
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.filter)
        self.since.edited.connect(self._typing.start)
        self.person.currentIndexChanged.connect(lambda _index: self.filter())
        self.entity.currentIndexChanged.connect(lambda _index: self.filter())
        self.since_label = Label("", "body", "text-muted")
        self.model = ListTableModel([], key=lambda one: one.key, checks=True)
        self.model.checks_changed.connect(self._on_rows)
        self.table = DataTable("", check_column=0)
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.empty = EmptyState("ph.check-circle", hue=3)
        self.states = StateStack(self.table, self.empty)
        self.view = RecordView()
        self.view.diff.checks_changed.connect(self._on_lines)
        self.nothing = EmptyState("ph.clock-counter-clockwise")
        self.record = StateStack(self.view, self.nothing)
        self.work = RunView("ph.clock-counter-clockwise")
        self.stack = QStackedWidget()
        self.stack.addWidget(self._choosing())
        self.stack.addWidget(self.work)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)

    def _choosing(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        bar = QWidget()
        row = FlowLayout(bar)
        for chip in self.ops.values():
            row.addWidget(chip)
        for widget in (self.person, self.entity, self.since_label, self.since):
            row.addWidget(widget)
        margins(bar, 24, 8, 24, 8, 8)
        box.addWidget(bar)
        box.addWidget(Hairline())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.splitterMoved.connect(lambda _place, _index: self._fit())
        split.addWidget(self.states)
        split.addWidget(self.record)
        split.setSizes([px(560), px(520)])
        split.setChildrenCollapsible(False)
        box.addWidget(split, 1)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the record's name keeps it."""
        room = self.states.width()
        self.table.setColumnHidden(4, room < px(540))
        self.table.setColumnHidden(3, room < px(420))

    def entered(self) -> None:
        if self.session.comparison is None or self.found is not self.session.comparison:
            self.compare()
        else:
            self.stack.setCurrentIndex(0)
            self.table.setFocus()

    def compare(self) -> None:
        """Compare the backup with today in the background."""
        job = self.session.compare(self._compared, self._failed)
        job.finished.connect(lambda: self._stopped() if job.state == "cancelled" else None)
        self.work.follow(job, _("Every row is compared, and the history is asked who changed it. Nothing is written."))
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _compared(self, found: Comparison) -> None:
        self.found = found
        self._left, self._parts = {}, {}
        self.retranslate()
        self.stack.setCurrentIndex(0)
        self.filter()
        self.model.checked = {one.key for one in self.shown if one.op != CREATED and not one.erased}
        self._on_rows()
        self.table.setFocus()

    def _failed(self, error: Exception) -> None:
        self._stopped()
        dialogs.show_error(self, error)

    def _stopped(self) -> None:
        self.found, self.shown = None, []
        self.model.set_rows([])
        self.stack.setCurrentIndex(0)
        self.empty.set_texts(_("The comparison was stopped"), _("Nothing was changed. Go back and start again."))
        self.states.show_empty()
        self.record.show_empty()
        self.changed.emit()

    def retranslate(self) -> None:
        opened, found = self.session.opened, self.found
        names = {DELETED: _("Deleted"), CHANGED: _("Changed"), CREATED: _("New")}
        for op, chip in self.ops.items():
            chip.setText(names[op])
            if found is not None:
                number = sum(1 for one in found.differences if one.op == op)
                chip.set_count(formats.format_integer(number))
        self.table.setAccessibleName(_("What changed since the backup"))
        self.since_label.setText(_("since"))
        self.since.setAccessibleName(_("Changed since"))
        self.person.setAccessibleName(_("Changed by"))
        self.entity.setAccessibleName(_("Record type"))
        self.nothing.set_texts(_("Choose a record"), _("What changed in it stands here."))
        schema = self.session.office.database.schema
        self._fill(self.person, _("Everybody"), [(name, name) for name in (found.people if found else ())])
        types = sorted({one.entity for one in found.differences}) if found else []
        self._fill(self.entity, _("All types"), [(translate(schema.entity(one).plural), one) for one in types])
        start = self.session.before or (opened.made if opened is not None else None)
        if opened is not None and start is not None and self._start != start:
            self._start = start
            self.since.set_value(max(start, opened.made).replace(second=0, microsecond=0))
        self.model.set_columns([
            Column("title", _("Record"), lambda one: one.title or "–", 190, font="name",
                   icon=lambda one: (schema.entity(one.entity).icon, "text-muted"), tooltip=lambda one: one.title),
            Column("op", _("Since"), lambda one: op_word(one.op), 110, icon=lambda one: _SIGNS[one.op],
                   color=lambda one: _SIGNS[one.op][1]),
            Column("who", _("By"), lambda one: ", ".join(one.who) or "–", 120, color="text-muted"),
            Column("at", _("When"), lambda one: formats.format_relative(one.at, with_time=True) if one.at else "–", 130,
                   color="text-muted", sort=lambda one: one.at),
        ])  # fmt: skip
        self.table.set_column_widths([32, 190, 110, 120, 130], stretch=1)
        self._fit()
        self.view.diff.retranslate()

    @staticmethod
    def _fill(box: QComboBox, everything: str, entries: Sequence[tuple[str, str]]) -> None:
        chosen = box.currentData()
        box.blockSignals(True)
        box.clear()
        box.addItem(everything, "")
        for text, key in entries:
            box.addItem(text, key)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.blockSignals(False)

    def choice(self) -> Choice:
        """What the filters mean."""
        person, entity = self.person.currentData(), self.entity.currentData()
        self.since.set_problem(problem_of(self.since))
        at: datetime | None = None if problem_of(self.since) else self.since.value()
        opened = self.session.opened
        if at is None or (opened is not None and (at - opened.made).total_seconds() < 60):
            at = None  # all of it: what the history does not know, too
        return Choice(
            frozenset((person,) if person else ()), at, None, frozenset((entity,) if entity else ()),
            frozenset(op for op, chip in self.ops.items() if chip.isChecked()),
        )  # fmt: skip

    def filter(self) -> None:
        """Show what the filters leave."""
        if self.found is None:
            return
        if not self.found.same_office:
            self.empty.set_texts(
                _("This is a backup of another office"),
                _("Browse it, or restore it to a new file; nothing of it belongs here."),
            )
            self.states.show_empty()
            self.record.show_empty()
            return
        self.shown = choose(self.found, self.choice())
        kept = set(self.model.checked)
        known = {one.key for one in self.model.rows()}
        self.model.set_rows(self.shown)
        fresh = {one.key for one in self.shown if one.key not in known and one.op != CREATED and not one.erased}
        self.model.checked = (kept & {one.key for one in self.shown}) | fresh
        if self.shown:
            self.states.show_content()
            self.table.set_current_row(0)
            self._on_current()
        else:
            nothing = not self.found.differences
            self.empty.set_texts(
                _("Nothing changed since this backup") if nothing else _("Nothing like this changed"),
                _("Today everything is as it was then.") if nothing else _("Choose another person, type or time."),
            )
            self.states.show_empty()
            self.record.show_empty()
        self.changed.emit()

    @property
    def current(self) -> Difference | None:
        """The record of the current row."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _on_current(self) -> None:
        current = self.current
        if current is None:
            self.record.show_empty()
            return
        self.session.describe(self, current, lambda parts: self._describe(current, parts))

    def _describe(self, current: Difference, parts: list[Part]) -> None:
        if self.current is not current:
            return
        label = translate(self.session.office.database.schema.entity(current.entity).label)
        self.view.tell(f"{current.title or '–'} · {label}", state_words(current))
        self._parts[current.key] = parts
        chosen = current.key in self.model.checked
        self.view.diff.set_parts(
            parts, self._left.get(current.key, frozenset()), created=chosen and current.op == CREATED
        )
        self.record.show_content()
        self._foresee(current)

    def _on_lines(self) -> None:
        current = self.current
        if current is not None:
            self._left[current.key] = self.view.diff.unchecked()
            if self.view.diff.model.checked:
                self.model.checked.add(current.key)
            else:
                self.model.checked.discard(current.key)
            self.table.viewport().update()
            self._foresee(current)
            self.changed.emit()

    def _foresee(self, current: Difference) -> None:
        self.view.tell_lost("")
        rows = self._rows_of(current)
        if rows and current.key in self.model.checked:
            self.session.foresee(
                self, rows, lambda plan: self.view.tell_lost(lost_words(self.session.office, plan.lost))
            )

    def _on_rows(self) -> None:
        if self.current is not None:
            self._left.pop(self.current.key, None)
            self._on_current()
        self.changed.emit()

    def _rows_of(self, one: Difference) -> list[Any]:
        left, parts = self._left.get(one.key), self._parts.get(one.key)
        if left is not None and parts is not None and not one.erased:
            return list(chosen_rows(self.session.office.database.schema, one, parts, left))
        return list(rows_of([one], created=one.op == CREATED))

    def chosen(self) -> list[Difference]:
        """The checked records."""
        return [one for one in self.shown if one.key in self.model.checked and not one.erased]

    def rows(self) -> list[Any]:
        """What is to come back, and what is to go."""
        return [row for one in self.chosen() for row in self._rows_of(one)]

    def may_go(self) -> bool:
        return bool(self.chosen())

    def go_text(self) -> str:
        if self.stack.currentIndex():
            return ""
        number = len(self.chosen())
        return ngettext("Bring back {n} record", "Bring back {n} records", number).format(
            n=formats.format_integer(number)
        )

    def sentence(self) -> str:
        going = sum(1 for one in self.chosen() if one.op == CREATED)
        if going:
            text = ngettext(
                "{n} record is new since the backup and would be deleted.",
                "{n} records are new since the backup and would be deleted.", going,
            )  # fmt: skip
            return text.format(n=formats.format_integer(going)) + " " + _("It can be undone with Ctrl+Z.")
        return _("Nothing has been changed. It becomes one change, which can be undone with Ctrl+Z.")

    def counts(self) -> dict[tuple[str, str], int]:
        """(record type, what became of it) to how many are checked."""
        return counted(self.chosen())
