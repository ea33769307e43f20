"""What a person chooses for each ready-made way to work a column out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from crm_desktop.core import formula_texts
from crm_desktop.core.formulas import FUNCTIONS
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing.added_choices import (
    CASE,
    CONSTANT,
    DIGITS,
    EXPRESSION,
    FIRST,
    JOIN,
    LAST,
    REPLACE,
    REST,
    SECOND,
    SPLIT,
    THIRD,
    AddedChoice,
)
from ui.records.room import space_grid
from ui.theme.theme import px
from ui.widgets.editor_base import TextEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.formula_text import FormulaText
from ui.widgets.labels import Label, Plane
from ui.widgets.themed import margins

_JOINED = 4


class ChoiceForm(Plane):
    """The questions of one way; ``edited`` after every answer."""

    edited = Signal()

    def __init__(self, kind: str, headers: Sequence[str]) -> None:
        super().__init__("surface")
        self.kind = kind
        self._headers = list(headers)
        self._box = QVBoxLayout(self)
        self.columns: list[ChoiceEditor] = []
        self.separator = self.piece = self.case = None  # type: ChoiceEditor | None
        self.text = self.new = None  # type: TextEditor | None
        self.formula: FormulaText | None = None
        {JOIN: self._ask_join, SPLIT: self._ask_split, CASE: self._ask_case, CONSTANT: self._ask_constant,
         REPLACE: self._ask_replace, DIGITS: self._ask_column, EXPRESSION: self._ask_formula}[kind]()  # fmt: skip
        self._box.addStretch(1)
        margins(self, 0, 0, 0, 0, 4)

    # -- the questions -----------------------------------------------------------------------------------------

    def _ask(self, label: str, widget: QWidget) -> None:
        self._box.addWidget(Label(label, "secondary", "text-muted"))
        widget.setAccessibleName(label)
        self._box.addWidget(widget)
        self._box.addSpacing(px(4))

    def _ask_column(self) -> None:
        self._ask(_("Column"), self._column(_("Column")))

    def _column(self, label: str, *, optional: bool = False) -> ChoiceEditor:
        options = [(one, one) for one in self._headers]
        editor = ChoiceEditor(options, name=label, empty=_("no more") if optional else None)
        editor.edited.connect(self.edited)
        self.columns.append(editor)
        return editor

    def _choice(self, label: str, options: Sequence[tuple[str, str]]) -> ChoiceEditor:
        editor = ChoiceEditor(options, empty=None)
        editor.edited.connect(self.edited)
        self._ask(label, editor)
        return editor

    def _line(self, label: str) -> TextEditor:
        editor = TextEditor(name=label)
        editor.textChanged.connect(lambda _text: self.edited.emit())
        self._ask(label, editor)
        return editor

    def _ask_join(self) -> None:
        grid = QGridLayout()
        space_grid(self, grid, 16, 4)
        for number in range(_JOINED):
            label = _("First column") if not number else _("then")
            editor = self._column(label, optional=number > 0)
            row, column = divmod(number, 2)
            grid.addWidget(Label(label, "secondary", "text-muted"), 2 * row, column)
            grid.addWidget(editor, 2 * row + 1, column)
        self._box.addLayout(grid)
        self._box.addSpacing(px(4))
        names = separators()
        self.separator = self._choice(_("Between them"), [*names, ("\n", _("New line")), ("", _("Nothing"))])
        if len(self._headers) > 1:
            self.columns[1].set_value(self._headers[1])

    def _ask_split(self) -> None:
        self._ask_column()
        self.separator = self._choice(_("Split at"), separators(splitting=True))
        self.piece = self._choice(
            _("Take"),
            [(FIRST, _("The first part")), (SECOND, _("The second part")), (THIRD, _("The third part")),
             (LAST, _("The last part")), (REST, _("All after the first part"))],
        )  # fmt: skip

    def _ask_case(self) -> None:
        self._ask_column()
        self.case = self._choice(
            _("Write it as"),
            [("proper", _("Name: João da Silva")), ("upper", _("CAPITALS")), ("lower", _("small letters")),
             ("trim", _("it is, without needless blanks"))],
        )  # fmt: skip

    def _ask_constant(self) -> None:
        self.text = self._line(_("The same in every row"))

    def _ask_replace(self) -> None:
        self._ask_column()
        self.text = self._line(_("Replace"))
        self.new = self._line(_("by (blank takes it out)"))

    def _ask_formula(self) -> None:
        self.formula = FormulaText([*FUNCTIONS, *formula_texts.FUNCTIONS], _('[First name] & " " & [Surname]'))
        self.formula.set_labels(self._headers)
        self.formula.textChanged.connect(self.edited.emit)
        self._ask(_("Expression"), self.formula)
        known = [translate(one.form) for one in formula_texts.FUNCTIONS.values()]
        known += [
            translate(text) for name, text in FUNCTIONS.items() if name in ("if", "contains", "coalesce", "round")
        ]
        told = _("Columns stand in brackets: type [ to choose one. & joins texts, + - * / calculate. {functions}")
        self.help = Label(told.format(functions=" · ".join(known)), "secondary", "text-muted", wrap=True)
        self._box.addWidget(self.help)

    # -- the answers -------------------------------------------------------------------------------------------

    def first(self) -> QWidget:
        """Where writing begins."""
        found: list[QWidget | None] = [self.formula, *self.columns, self.text]
        return next(one for one in found if one is not None)

    def choice(self) -> AddedChoice:
        """What was chosen."""
        columns = tuple(str(one.value()) for one in self.columns if one.value() is not None)

        def of(editor: ChoiceEditor | None, otherwise: str) -> str:
            return str(editor.value()) if editor is not None else otherwise

        return AddedChoice(
            self.kind, columns, of(self.separator, " "), of(self.piece, FIRST), of(self.case, "proper"),
            self.text.text() if self.text is not None else "", self.new.text() if self.new is not None else "",
            self.formula.toPlainText() if self.formula is not None else "",
        )  # fmt: skip

    def show_choice(self, choice: AddedChoice) -> None:
        """Show what was chosen before."""
        for number, editor in enumerate(self.columns):
            editor.set_value(choice.columns[number] if number < len(choice.columns) else None)
        pairs: list[tuple[ChoiceEditor | None, str]] = [
            (self.separator, choice.separator), (self.piece, choice.piece), (self.case, choice.case),
        ]  # fmt: skip
        for one, value in pairs:
            if one is not None:
                one.set_value(value)
        if self.text is not None:
            self.text.setText(choice.text)
        if self.new is not None:
            self.new.setText(choice.new)
        if self.formula is not None:
            self.formula.setPlainText(choice.formula)

    def holds(self, choice: AddedChoice) -> bool:
        """Whether this form can show a choice whole."""
        return self.kind == EXPRESSION or len(choice.columns) <= len(self.columns)


def separators(*, splitting: bool = False) -> list[tuple[str, str]]:
    """What stands between texts, with its name."""
    names: list[tuple[str, Callable[[], str]]] = [
        (" ", lambda: _("Blank")), ("," if splitting else ", ", lambda: _("Comma  ,")),
        (";" if splitting else "; ", lambda: _("Semicolon  ;")), ("-" if splitting else " - ", lambda: _("Hyphen  -")),
        ("/", lambda: _("Slash  /")), ("|", lambda: _("Bar  |")),
    ]  # fmt: skip
    if splitting:
        names += [("@", lambda: _("At sign  @")), (":", lambda: _("Colon  :"))]
    return [(key, name()) for key, name in names]
