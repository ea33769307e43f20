"""The step that sends columns to fields."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.text import fold
from ui.framework import settings
from ui.importing import draft as drafts
from ui.importing.bad_cells import BadCells
from ui.importing.column_details import ColumnDetails
from ui.importing.columns_table import ColumnsModel, ColumnsTable
from ui.importing.draft import Draft
from ui.importing.field_popup import LEAVE_OUT
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.importing.words import field_label
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.chips import Chip
from ui.widgets.labels import Plane
from ui.widgets.search_box import SearchBox
from ui.widgets.themed import fixed_height, margins, on_theme

ALL = "all"
_NAMED = 3


class ColumnsStep(Step):
    """Left the columns with their fields, right the current one in full."""

    key = "columns"
    per_part = True

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.filter = ALL
        self.chips = {
            ALL: Chip(checkable=True),
            drafts.RECOGNISED: Chip(icon="ph.check-circle", icon_color="success", checkable=True),
            drafts.CHECK: Chip(icon="ph.warning", icon_color="warning", checkable=True),
            drafts.OUT: Chip(icon="ph.minus-circle", checkable=True),
        }
        self.search = SearchBox(small=True, delay=60)
        self.search.searched.connect(lambda _text: self._refresh())
        self.search.down_pressed.connect(self._enter_table)
        self.model = ColumnsModel(session)
        self.table = ColumnsTable(self.model)
        self.table.field_chosen.connect(session.set_target)
        self.table.current_row_changed.connect(lambda _row: self._show_details())
        self.details = ColumnDetails(session)
        self.details.target_chosen.connect(self._choose_candidate)
        self.details.errors_wanted.connect(self._show_errors)
        self.details.option_chosen.connect(session.set_option)
        self.details.added.changed.connect(self._expect)
        self.add = Button(icon="ph.plus", small=True)
        self.add.clicked.connect(lambda: self.details.added.add_column())
        self._expected = ""
        self.details.keep_chosen.connect(lambda on: session.change(keep_bad_cells=on))
        self._lay_out()
        session.plan_changed.connect(self._refresh)
        session.checked.connect(self._refresh)
        session.opened.connect(self._go_to_expected)

    def _lay_out(self) -> None:
        bar = QWidget()
        row = QHBoxLayout(bar)
        for key, chip in self.chips.items():
            chip.clicked.connect(lambda _on=False, key=key: self.set_filter(key))
            row.addWidget(chip)
        row.addStretch(1)
        row.addWidget(self.add)
        row.addWidget(self.search, 2)
        margins(bar, 24, 0, 16, 0, 8)
        fixed_height(bar, 48)
        on_theme(bar, self._measure_search)
        left = Plane("surface")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.table, 1)
        right = Plane("surface")
        inside = QVBoxLayout(right)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.details)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([px(840), px(392)])
        right.setMinimumWidth(px(272))
        left.setMinimumWidth(px(420))
        settings.remember_splitter(self.splitter, "import.columns")
        self._divided = "splitter.import.columns" in settings.LAYOUTS.get()
        self.splitter.splitterMoved.connect(self._on_divided)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _enter_table(self) -> None:
        self.table.setFocus()

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("Columns")

    def entered(self) -> None:
        self._refresh()
        if self.table.current_row() < 0:
            self.table.set_current_row(0)
        self.table.fit(self.table.width())
        self.table.setFocus()

    def missing_of(self, draft: Draft) -> Missing | None:
        if draft.plan is None:
            return None
        if not any(one.target for one in draft.plan.columns):
            return Missing(
                _("Nothing has been written. No column goes to a field yet:"), _("choose one"), self._choose_first
            )
        open_columns = draft.undecided()
        if not open_columns:
            return None
        text = ngettext(
            "Nothing has been written. {n} column has no field yet:",
            "Nothing has been written. {n} columns have no field yet:",
            len(open_columns),
        ).format(n=len(open_columns))
        names = ", ".join(draft.planned(one).header for one in open_columns[:_NAMED])
        if len(open_columns) > _NAMED:
            names += " …"
        leave = ngettext("Leave it out", "Leave them out", len(open_columns))
        return Missing(text, names, self.jump, leave, lambda: self.session.leave_out(open_columns))

    def sentence(self) -> str:
        draft = self.draft
        if draft is None or draft.guess is None:
            return ""
        odd = sum(1 for one in range(len(draft.columns())) if draft.state(one) == drafts.CHECK)
        if odd:
            return ngettext(
                "Nothing has been written. {n} column would like a look.",
                "Nothing has been written. {n} columns would like a look.",
                odd,
            ).format(n=odd)
        if draft.guess.program:
            known = _("Columns of {program}.").format(program=draft.guess.program)
            return known + " " + _("Nothing has been written. Every column has its place.")
        return _("Nothing has been written. Every column has its place.")

    def shown_count(self) -> str:
        draft = self.draft
        if draft is None or draft.guess is None:
            return ""
        rows = draft.guess.file.best.rows
        return ngettext("{n} row in the file", "{n} rows in the file", rows).format(n=format_integer(rows))

    def retranslate(self) -> None:
        words = {
            ALL: _("All"),
            drafts.RECOGNISED: _("Recognised"),
            drafts.CHECK: _("Check"),
            drafts.OUT: _("Left out"),
        }
        for key, chip in self.chips.items():
            chip.setText(words[key])
        self._name_add()
        self.search.set_placeholder(_("Find column"))
        self.table.setAccessibleName(_("Columns of the file"))
        self._refresh()

    # -- what is shown -----------------------------------------------------------------------------------------

    def set_filter(self, key: str) -> None:
        """Show only the columns of one kind."""
        self.filter = key
        self._refresh()

    def _group(self, column: int) -> str:
        draft = self.draft
        assert draft is not None
        state = draft.state(column)
        return drafts.CHECK if state == drafts.UNDECIDED else state

    def _refresh(self) -> None:
        draft = self.draft
        if draft is None:
            return
        groups = [self._group(column) for column in range(len(draft.columns()))]
        for key, chip in self.chips.items():
            chip.set_count(format_integer(len(groups) if key == ALL else groups.count(key)))
            chip.setChecked(key == self.filter)
        wanted = fold(self.search.text())
        kept = [
            column for column, group in enumerate(groups)
            if self.filter in (ALL, group) and (not wanted or wanted in self._words(column))
        ]  # fmt: skip
        # what belongs to another part of the same rows comes last
        kept.sort(key=lambda column: column in draft.elsewhere and draft.planned(column).target is None)
        current = self.model.column_at(self.table.current_row())
        self.model.show_columns(kept)
        row = self.model.row_of(current)
        if self.table.current_row() != max(row, 0):
            self.table.set_current_row(max(row, 0))
        self._show_details()
        self.changed.emit()

    def _words(self, column: int) -> str:
        draft = self.draft
        assert draft is not None
        target = draft.target(column)
        return fold(f"{draft.planned(column).header} {field_label(target) if target else ''}")

    def _show_details(self) -> None:
        draft = self.draft
        if draft is not None:
            self.details.show_column(draft, self.model.column_at(self.table.current_row()))

    # -- what is done ------------------------------------------------------------------------------------------

    def jump(self) -> None:
        """Go to the first column without a field and open its list."""
        draft = self.draft
        columns = draft.undecided() if draft is not None else []
        if columns:
            self.go_to(columns[0])

    def _choose_first(self) -> None:
        self.go_to(0)

    def go_to(self, column: int) -> None:
        """Make a column current and open the list of its fields."""
        self.search.clear()
        self.set_filter(ALL)
        row = self.model.row_of(column)
        self.table.set_current_row(row)
        self.table.setFocus()
        self.table.choose_field(row)

    def _choose_candidate(self, column: int, name: str) -> None:
        self.session.set_target(column, None if name == LEAVE_OUT else name)

    def _show_errors(self, column: int) -> None:
        draft = self.draft
        check = draft.checks.get(column) if draft is not None else None
        if draft is not None and check is not None:
            BadCells(self, draft.planned(column).header, check).open_over(self)

    def _expect(self, name: str) -> None:
        """A column is being added; it becomes the current one when the file has been looked at again."""
        self._expected = name

    def _go_to_expected(self) -> None:
        draft = self.draft
        headers = [one.header for one in draft.columns()] if draft is not None else []
        if self._expected in headers:
            self.search.clear()
            self.set_filter(ALL)
            self.table.set_current_row(self.model.row_of(headers.index(self._expected)))
            self._expected = ""

    def _on_divided(self, _position: int, _index: int) -> None:
        self._divided = True
        self.table.fit(self.table.width())
        self._name_add()

    def _name_add(self) -> None:
        """The words of the button; where there is little room, its icon says it."""
        text = _("Add a column…")
        narrow = self.splitter.sizes()[0] < px(640)
        self.add.setText("" if narrow else text)
        self.search.setMinimumWidth(px(60 if narrow else 88))
        self.add.setAccessibleName(text)
        self.add.setToolTip(_("Work a column out of others: join, split, tidy, replace"))

    def _measure_search(self) -> None:
        self.search.setMinimumWidth(px(88))
        self.search.setMaximumWidth(px(168))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(1000)
        if not self._divided or (narrow and self.width() - self.splitter.sizes()[1] < px(480)):
            # where there is little room, the table needs it more
            right = px(288 if narrow else 392)
            self.splitter.setSizes([self.width() - right, right])
        self.table.fit(self.table.width())
        self._name_add()
