"""The text of a formula: fields and functions are offered while typing, a mistake is marked where it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit, QTextEdit, QWidget

from crm_desktop.core.formulas import FUNCTIONS
from crm_desktop.core.i18n import _
from ui.theme.theme import px, theme


class FormulaText(QPlainTextEdit):
    """The text of a formula; after "[" the fields are offered, after a letter the functions."""

    def __init__(
        self, functions: Sequence[str] = tuple(FUNCTIONS), placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._functions = tuple(functions)
        self.setAccessibleName(_("Formula"))
        self.setPlaceholderText(placeholder or _("[Amount] * 2"))
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
        names = self._labels if kind == "field" else [f"{name}(" for name in self._functions]
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
