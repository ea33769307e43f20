"""How the file is read: sheet, names of columns, encoding, separator, each with why it was guessed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing import table
from crm_desktop.importing.table import AUTO, Evidence, FileGuess, ReadOptions
from ui.importing.words import DELIMITERS, ENCODINGS, encoding_name, file_notes
from ui.theme.theme import px
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

_HEADER_ROWS = 20


class _Choice(QWidget):
    """A caption, a choice and the evidence under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = Label("", "secondary", "text-muted")
        self.editor = ChoiceEditor(empty=None)
        self.why = Label("", "secondary", "text-muted", wrap=True)
        box = QVBoxLayout(self)
        box.addWidget(self.caption)
        box.addWidget(self.editor)
        box.addWidget(self.why)
        box.addStretch(1)
        margins(self, 0, 0, 0, 0, 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        on_theme(self, lambda: self.setMaximumWidth(px(280)))

    def set_words(self, caption: str) -> None:
        """Name it."""
        self.caption.setText(caption)
        self.editor.setAccessibleName(caption)


class ReadingBar(QWidget):
    """The choices that apply to a file. ``changed`` sends what is decided now, as ReadOptions."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = ReadOptions()
        self._file: FileGuess | None = None
        self.sheet, self.header, self.encoding, self.delimiter = _Choice(), _Choice(), _Choice(), _Choice()
        self.notes = Label("", "secondary", "text-muted", wrap=True)
        self.notes.setObjectName("notes")
        box = QVBoxLayout(self)
        row = QHBoxLayout()
        for choice in self._all():
            row.addWidget(choice, 1)
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(self.notes)
        margins(self, 24, 16, 24, 12, 8)
        on_theme(self, lambda: row.setSpacing(px(16)))
        self.sheet.editor.edited.connect(self._on_sheet)
        self.header.editor.edited.connect(self._on_header)
        self.encoding.editor.edited.connect(lambda: self._decide(encoding=self.encoding.editor.value(), fresh=True))
        self.delimiter.editor.edited.connect(lambda: self._decide(delimiter=self.delimiter.editor.value(), fresh=True))

    def _all(self) -> tuple[_Choice, ...]:
        return self.sheet, self.header, self.encoding, self.delimiter

    def show_file(self, file: FileGuess, given: ReadOptions) -> None:
        """Show what was guessed, or decided."""
        self._given = given
        self._file = file
        best = file.best
        text = file.kind in table.TEXT_KINDS
        tabular = text or file.kind in table.WORKBOOK_KINDS
        self.sheet.set_words(self._sheet_caption(file))
        self.sheet.setVisible(len(file.sheets) > 1 or bool(file.archive) or not text and tabular and bool(best.name))
        sheets = [
            (s.name, _("{sheet} ({rows} rows)").format(sheet=s.name, rows=format_integer(s.rows))) for s in file.sheets
        ]
        self._fill(self.sheet, sheets, best.name, self._sheet_evidence(file))
        self.header.set_words(_("Names of the columns"))
        self.header.setVisible(tabular)
        rows: list[tuple[Any, str]] = [(-2, _("No row; columns without names"))]
        rows += [(n, _("Row {n}").format(n=n + 1)) for n in range(max(_HEADER_ROWS, (best.header_row or 0) + 1))]
        chosen = -2 if best.header_row is None else best.header_row
        self._fill(self.header, rows, chosen, self._header_evidence(file))
        self.encoding.set_words(_("Encoding"))
        self.encoding.setVisible(bool(file.encoding))
        told = file.evidence[:1] if text or file.kind == table.DBF else ()
        self._fill(self.encoding, self._encodings(file.encoding), file.encoding, told)
        self.delimiter.set_words(_("Separator"))
        self.delimiter.setVisible(file.kind == table.CSV)
        known = [(key, translate(words)) for key, words in DELIMITERS]
        self._fill(self.delimiter, known, file.delimiter, file.evidence[1:2] if text else ())

        lines = file_notes(file)
        self.notes.setText("\n".join(lines))
        self.notes.setVisible(bool(lines))
        self.notes.setAccessibleName(" ".join(lines))

    @staticmethod
    def _encodings(used: str) -> list[tuple[str, str]]:
        known = [(key, text) for key, text in ENCODINGS if encoding_name(key) != encoding_name(used)]
        return [(used, encoding_name(used)), *known] if used else known

    @staticmethod
    def _fill(choice: _Choice, options: list[tuple[Any, str]], value: Any, evidence: tuple[Evidence, ...]) -> None:
        choice.editor.set_options(options)
        choice.editor.set_value(value)
        choice.why.setText("; ".join(str(item) for item in evidence))

    @staticmethod
    def _sheet_evidence(file: FileGuess) -> tuple[Evidence, ...]:
        return file.of_sheets

    @staticmethod
    def _sheet_caption(file: FileGuess) -> str:
        if file.archive:
            return _("File in the archive")
        return _("Sheet") if file.kind in table.WORKBOOK_KINDS else _("Table")

    @staticmethod
    def _header_evidence(file: FileGuess) -> tuple[Evidence, ...]:
        return file.best.evidence

    def _on_sheet(self) -> None:
        """Another sheet, or another file in the archive: nothing that was decided about the last one holds for it."""
        if self._file is None:
            return
        chosen = self._file.options(self.sheet.editor.value())
        if chosen.member != self._given.member:
            self._given = ReadOptions()
        self._decide(member=chosen.member, sheet=chosen.sheet, fresh=True)

    def _on_header(self) -> None:
        value = self.header.editor.value()
        self._decide(header_row=None if value == -2 else value)

    def _decide(self, *, fresh: bool = False, **changes: Any) -> None:
        """Decide something; with ``fresh`` the row of names is guessed anew, since the table is another one."""
        if self._file is not None and self._file.archive and "member" not in changes:
            # what is decided is decided about the file in the archive that is shown
            shown = self._file.options()
            changes = {"member": shown.member, "sheet": shown.sheet, **changes}
        given = self._given.with_(first_data_row=AUTO, columns=(), **changes)
        if fresh:
            given = given.with_(header_row=AUTO)
        elif given.header_row is None:
            given = given.with_(first_data_row=0)
        self._given = given
        self.changed.emit(given)
