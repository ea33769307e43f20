"""The window that adds a column to a file: choose what is to be done, see five rows of it, give it a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.importing.added_choices import (
    CASE,
    CONSTANT,
    DIGITS,
    EXPRESSION,
    JOIN,
    REPLACE,
    SPLIT,
    AddedChoice,
    choice_of,
    formula_of,
)
from crm_desktop.importing.added_columns import check_column
from crm_desktop.importing.added_formulas import AddedColumnError, compile_formula
from crm_desktop.importing.table import Row
from ui.framework import dialogs
from ui.importing.added_column_form import ChoiceForm
from ui.importing.checks import shown_cell
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import TextEditor
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, Label, Plane
from ui.widgets.results import Result, ResultList
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

WAYS = (
    (JOIN, N_("Join columns"), "ph.git-merge"),
    (SPLIT, N_("Split a column"), "ph.git-branch"),
    (CASE, N_("Change case"), "ph.text-aa"),
    (CONSTANT, N_("Constant value"), "ph.push-pin"),
    (REPLACE, N_("Replace text"), "ph.swap"),
    (DIGITS, N_("Only digits"), "ph.hash"),
    (EXPRESSION, N_("Expression"), "ph.brackets-curly"),
)
_ROWS = 5
_WAIT_MS = 150


class AddedColumnDialog(QDialog):
    """Add a column that is worked out of the others, or change one; ``added`` is (name, formula) where it was accepted."""

    def __init__(
        self, parent: QWidget, headers: Sequence[str], rows: Sequence[Row], *, name: str = "", formula: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Change the column “{name}”").format(name=name) if name else _("Add a column"))
        self._headers, self._rows = list(headers), _filled(rows)
        self._named = bool(name)
        self.added = ("", "")
        self.forms = {kind: ChoiceForm(kind, self._headers) for kind, *_words in WAYS}
        self._make_controls()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.try_it)
        for form in self.forms.values():
            form.edited.connect(self._on_edited)
        self.name.textEdited.connect(self._on_named)
        choice = choice_of(formula, self._headers) if formula else AddedChoice(JOIN)
        if not self.forms[choice.kind].holds(choice):
            choice = AddedChoice(EXPRESSION, formula=formula)
        if formula:
            self.forms[choice.kind].show_choice(choice)
        self.name.setText(name)
        self.choose_way(choice.kind)
        dialogs.resize_within(self, 840, 620)
        self.try_it()

    def _make_controls(self) -> None:
        self.ways = ResultList(_("What is to be done"), row_height=36)
        self.ways.set_results([Result(key, _(text), icon=icon) for key, text, icon in WAYS])
        self.ways.selectionModel().currentChanged.connect(lambda index, _before: self._on_way(index))
        self.stack = QStackedWidget()
        for form in self.forms.values():
            self.stack.addWidget(form)
        self.name = TextEditor(name=_("Name of the new column"))
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.setAccessibleName(_("What is wrong"))
        self.written = Label("", "secondary", "text-muted", wrap=True)
        self.model = ListTableModel([])
        self.preview = DataTable(_("The first rows with the new column"), row_height=26)
        self.preview.own_column_menu = False
        self.preview.setModel(self.model)
        self.preview.header.setSectionsClickable(False)
        self.ok = Button(_("Change") if self._named else _("Add the column"), kind="primary")
        self.ok.clicked.connect(self.accept)
        self.ok.setDefault(True)
        self.cancel = Button(_("Cancel"))
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        self.ways.setFixedWidth(px(224))
        right = Plane("surface")
        inside = QVBoxLayout(right)
        inside.addWidget(scrolled(self.stack), 1)
        inside.addWidget(self.written)
        inside.addWidget(self.problem)
        inside.addSpacing(px(4))
        inside.addWidget(self.preview)
        inside.addSpacing(px(4))
        inside.addWidget(Label(_("Name of the new column"), "secondary", "text-muted"))
        inside.addWidget(self.name)
        margins(right, 20, 16, 20, 16, 4)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = Plane("sunken")
        list_box = QVBoxLayout(left)
        list_box.addWidget(self.ways)
        margins(left, 4, 12, 4, 12, 0)
        row.addWidget(left)
        row.addWidget(right, 1)
        bar = QWidget()
        line = QHBoxLayout(bar)
        line.addStretch(1)
        line.addWidget(self.cancel)
        line.addWidget(self.ok)
        margins(bar, 16, 12, 20, 12, 8)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row, 1)
        box.addWidget(Hairline())
        box.addWidget(bar)
        self.preview.setFixedHeight(px(32) + _ROWS * px(26) + px(4))

    # -- choosing ----------------------------------------------------------------------------------------------

    @property
    def form(self) -> ChoiceForm:
        """The questions of the way that is chosen."""
        form = self.stack.currentWidget()
        assert isinstance(form, ChoiceForm)
        return form

    def choose_way(self, kind: str) -> None:
        """Choose what is to be done."""
        row = next(i for i, way in enumerate(WAYS) if way[0] == kind)
        self.ways.setCurrentIndex(self.ways.model().index(row, 0))
        self.stack.setCurrentWidget(self.forms[kind])

    def _on_way(self, index: QModelIndex) -> None:
        if index.isValid():
            before = formula_of(self.form.choice())
            form = self.forms[WAYS[index.row()][0]]
            if form.kind == EXPRESSION and form.formula is not None and not form.formula.toPlainText():
                form.formula.setPlainText(before)  # to see how it is written, and go on from there
            self.stack.setCurrentWidget(form)
            self._on_edited()

    def _on_named(self, _text: str) -> None:
        self._named = True
        self._timer.start()

    def _on_edited(self) -> None:
        if not self._named:
            self.name.setText(self._suggested())
        if hasattr(self, "_timer"):
            self._timer.start()

    def _suggested(self) -> str:
        choice = self.form.choice()
        words = {
            JOIN: " + ".join(choice.columns), SPLIT: _("{column}: part"), CASE: _("{column}: tidied"),
            CONSTANT: choice.text or _("Constant"), REPLACE: _("{column}: replaced"), DIGITS: _("{column}: digits"),
            EXPRESSION: _("New column"),
        }  # fmt: skip
        base = words[choice.kind]
        if choice.kind in (SPLIT, CASE, REPLACE, DIGITS):
            base = base.format(column=choice.columns[0] if choice.columns else "")
        name, number = base, 1
        taken = {one.casefold() for one in self._headers}
        while name.casefold() in taken:
            number += 1
            name = f"{base} {number}"
        return name

    # -- trying ------------------------------------------------------------------------------------------------

    def formula(self) -> str:
        """The formula as it stands."""
        return formula_of(self.form.choice())

    def try_it(self) -> None:
        """Work the column out for the first rows, or say what is wrong."""
        if not self.name.text() and not self._named:
            self.name.setText(self._suggested())
        formula, name = self.formula(), self.name.text().strip() or _("New column")
        self._say("")
        results: list[Any] = []
        if formula:
            try:
                work = compile_formula(name, formula, self._headers)
                results = [work(cells) for _number, cells in self._rows]
            except AddedColumnError as error:
                self._failed(error)
        editor = self.form.formula
        if editor is not None and not self.problem.text():
            editor.mark(0, 0)
        shown = bool(formula) and self.form.kind != EXPRESSION
        self.written.setText(_("Written as: {formula}").format(formula=formula) if shown else "")
        self.written.setVisible(shown)
        self._show_rows(formula, name, results)

    def _failed(self, error: AddedColumnError) -> None:
        editor = self.form.formula
        if editor is not None:
            editor.mark(error.error.position, max(1, error.error.length))
            self._say(
                _("Character {position}: {reason}").format(position=error.error.position + 1, reason=error.error)
            )  # fmt: skip
        else:
            self._say(str(error))

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _show_rows(self, formula: str, name: str, results: Sequence[Any]) -> None:
        chosen = self.form.choice()
        used = [one for one in self._headers if one in chosen.columns or f"[{one.casefold()}]" in formula.casefold()]
        places = [self._headers.index(one) for one in (used or self._headers[:2])[:3]]
        columns = [Column(f"c{place}", self._headers[place], _cell(place), color="text-muted") for place in places]
        columns.append(Column("new", name, _cell("new"), font="name"))
        rows = []
        for number, (_row, cells) in enumerate(self._rows):
            row: dict[Any, str] = {place: shown_cell(cells[place]) if place < len(cells) else "" for place in places}
            row["new"] = shown_cell(results[number]) if number < len(results) else ""
            rows.append(row)
        self.model.set_columns(columns)
        self.model.set_rows(rows)
        self.preview.set_column_widths([150] * len(places) + [0], stretch=len(places))

    def accept(self) -> None:
        name, formula = " ".join(self.name.text().split()), self.formula()
        try:
            if not formula:
                raise UserError(N_("Something is still missing: choose a column or write a text."))
            check_column(name, formula, self._headers)
        except AddedColumnError as error:
            self._failed(error)
            return
        except UserError as error:
            self._say(str(error))
            (self.name if formula else self.form.first()).setFocus()
            return
        self.added = (name, formula)
        super().accept()


def _cell(key: Any) -> Callable[[Any], str]:
    return lambda row: str(row[key])


def way_of(formula: str, headers: Sequence[str]) -> str:
    """What is done in an added column, in two words."""
    kind = choice_of(formula, headers).kind
    return next(translate(text) for key, text, _icon in WAYS if key == kind)


def _filled(rows: Sequence[Row]) -> list[Row]:
    """The first rows, those with the most cells before others."""
    some = list(rows[:50])
    if len(some) <= _ROWS:
        return some
    counts = [sum(1 for cell in cells if cell not in (None, "")) for _number, cells in some]
    least = sorted(counts, reverse=True)[_ROWS - 1]
    return [row for row, count in zip(some, counts, strict=True) if count >= least][:_ROWS]
