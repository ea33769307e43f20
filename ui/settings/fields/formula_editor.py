"""A formula with completion of field names, its mistakes marked where they are, and its result for a real record."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formula_names import label_of, with_labels, with_names
from crm_desktop.core.formulas import FUNCTIONS, KINDS, FormulaError, parse, type_of
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.formula_preview import Preview, preview
from ui.framework.office import Office
from ui.settings.fields.kinds import RESULTS
from ui.theme.theme import px, theme
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_WAIT_MS = 250


class FormulaText(QPlainTextEdit):
    """The text of a formula; after "[" the fields are offered, after a letter the functions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Formula"))
        self.setPlaceholderText(_("[Amount] * 2"))
        self.setTabChangesFocus(True)
        self.setFixedHeight(px(92))
        self._labels: list[str] = []
        self._model = QStringListModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(10)
        self.completer.activated.connect(self._take)

    def set_labels(self, labels: Sequence[str]) -> None:
        """The fields that are offered."""
        self._labels = list(labels)

    def _begun(self) -> tuple[str, str]:
        """("field" or "function", what is written of it so far), or two empty texts."""
        before = self.toPlainText()[: self.textCursor().position()]
        opened = before.rfind("[")
        if opened > before.rfind("]"):
            return "field", before[opened + 1 :]
        word = ""
        while before and (before[-1].isalpha() or before[-1] == "_"):
            word, before = before[-1] + word, before[:-1]
        return ("function", word) if len(word) >= 2 else ("", "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.completer.popup()
        if popup is not None and popup.isVisible() and event.key() in (
            Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape,
        ):  # fmt: skip
            event.ignore()
            return
        super().keyPressEvent(event)
        if event.text() or event.key() == Qt.Key.Key_Backspace:
            self.offer()

    def offer(self) -> None:
        """Offer what may be meant."""
        kind, begun = self._begun()
        popup = self.completer.popup()
        if not kind or popup is None:
            if popup is not None:
                popup.hide()
            return
        names = self._labels if kind == "field" else [f"{name}(" for name in FUNCTIONS]
        self._model.setStringList([name for name in names if begun.casefold() in name.casefold()])
        self.completer.setCompletionPrefix(begun)
        if not self.completer.completionCount() or self._model.stringList() == [begun]:
            popup.hide()
            return
        popup.setAccessibleName(_("Fields and functions"))
        box = self.cursorRect()
        box.setWidth(px(260))
        self.completer.complete(box)
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))

    def _take(self, name: str) -> None:
        kind, begun = self._begun()
        cursor = self.textCursor()
        for _letter in begun:
            cursor.deletePreviousChar()
        rest = self.toPlainText()[cursor.position() : cursor.position() + 1]
        cursor.insertText(name + ("]" if kind == "field" and rest != "]" else ""))
        self.setTextCursor(cursor)

    def mark(self, start: int, length: int) -> None:
        """Underline a mistake; length 0 marks nothing."""
        marks = []
        if length:
            spot = QTextEdit.ExtraSelection()
            spot.cursor = QTextCursor(self.document())
            spot.cursor.setPosition(min(start, len(self.toPlainText())))
            end = min(start + length, len(self.toPlainText()))
            spot.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            look.setUnderlineColor(theme().color("danger"))
            look.setBackground(theme().color("danger-soft"))
            spot.format = look
            marks = [spot]
        self.setExtraSelections(marks)


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
