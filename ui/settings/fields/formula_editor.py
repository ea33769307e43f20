"""A formula with completion of field names, its mistakes marked where they are, and its result for a real record."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formula_names import label_of, with_labels, with_names
from crm_desktop.core.formulas import FUNCTIONS, KINDS, FormulaError, parse, type_of
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.formula_preview import Preview, preview
from ui.framework.office import Office
from ui.settings.fields.kinds import RESULTS
from ui.theme.theme import theme
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.formula_text import FormulaText
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_WAIT_MS = 250


class FormulaEditor(QWidget):
    """The formula of a field, what its result is, and the result itself."""

    edited = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._entity, self._own = "", ""
        self._fields: dict[str, Field] = {}
        self.text = FormulaText()
        font = QFont(theme().font("body"))
        self.text.setFont(font)
        self.result = Label("", "secondary", "text-muted", wrap=True)
        self.result.setAccessibleName(_("Result"))
        self.result_kind = ChoiceEditor(
            [(key, _(text), icon) for key, text, icon in RESULTS], name=_("Result"), empty=None
        )
        self.help = Label(_functions(), "secondary", "text-muted", wrap=True)
        box = QVBoxLayout(self)
        box.addWidget(Label(_("Formula"), "secondary", "text-muted"))
        box.addWidget(self.text)
        box.addWidget(self.result)
        box.addWidget(Label(_("Shown as"), "secondary", "text-muted"))
        box.addWidget(self.result_kind)
        box.addWidget(self.help)
        margins(self, 0, 0, 0, 0, 4)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.try_it)
        self.text.textChanged.connect(self._on_edited)
        self.result_kind.edited.connect(self._on_edited)

    def set_entity(self, entity: str, own: str, fields: Sequence[Field]) -> None:
        """The record type and the fields that can be named."""
        self._entity, self._own = entity, own
        self._fields = {one.name: one for one in fields if one.name != own}
        usable = [one for one in self._fields.values() if type_of(one) is not None and not one.hidden]
        self.text.set_labels(sorted({label_of(one) for one in usable}, key=str.casefold))

    def set_value(self, stored: str, kind: str) -> None:
        """Show a formula as it is stored."""
        self.text.setPlainText(with_labels(stored, self._fields))
        self.result_kind.set_value(kind if any(kind == one[0] for one in RESULTS) else Kind.NUMBER.value)
        self.text.mark(0, 0)
        if not stored:
            self._say(_("Type [ to choose a field."), "text-muted")

    def value(self) -> str:
        """The formula as it is stored.

        Raises:
            FieldError: it is not right; the mistake is marked.
        """
        written = self.text.toPlainText()
        try:
            tree = parse(written, self._fields)
        except FormulaError as error:
            self._failed(error)
            raise FieldError("formula", "{sentence}", sentence=str(error)) from error
        if Kind(str(self.result_kind.value())) not in KINDS[tree.type]:
            self.result_kind.set_value(KINDS[tree.type][0].value)
        return with_names(written, self._fields)

    def kind(self) -> str:
        """The kind of the result."""
        return str(self.result_kind.value())

    def _on_edited(self) -> None:
        self._timer.start()
        self.edited.emit()

    def try_it(self) -> None:
        """Work the formula out for the record that was changed last."""
        written, entity, own = self.text.toPlainText(), self._entity, self._own
        if not written.strip() or not self.isVisible():
            return
        kind, database = Kind(self.kind()), self._office.database
        self._office.read(
            self, lambda connection: preview(database, connection, entity, written, kind=kind, own=own), self._worked,
            self._failed, supersede="formula",
        )  # fmt: skip

    def _worked(self, found: Preview) -> None:
        self.text.mark(0, 0)
        self.result_kind.set_value(found.kind.value)
        if not found.title:
            self._say(_("The formula is right."), "success")
            return
        text = found.text or _("empty")
        self._say(
            _("For {record}: {result}").format(record=found.title, result=text),
            "success" if found.text else "text-muted",
        )

    def _failed(self, error: Exception) -> None:
        if isinstance(error, FormulaError):
            self.text.mark(error.position, max(error.length, 1))
        self._say(str(error) if isinstance(error, UserError) else _("This cannot be worked out."), "danger")

    def _say(self, text: str, color: str) -> None:
        self.result.set_color(color)
        self.result.setText(text)


def _functions() -> str:
    words = ", ".join(translate(text) for text in FUNCTIONS.values())
    return _(
        "Fields stand in brackets. + - * / % calculate, & joins texts, = != < > compare, and, or, not. {functions}"
    ).format(functions=words)
