"""A text in which “@” names colleagues: a list to choose from while typing, and names that stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from crm_desktop.records import mentions
from ui.framework.office import Office
from ui.theme.theme import px, theme
from ui.widgets.popup import DropList
from ui.widgets.results import Result
from ui.widgets.themed import on_theme

_USER = int(QTextFormat.Property.UserProperty) + 1
_NAME = _USER + 1
_MOST_WORDS = 3
"""A name that is being typed has at most so many words; further on “@” was meant as it stands."""


class Colleagues(QObject):
    """Who can be named, read once and again when the users change."""

    changed = Signal()

    def __init__(self, office: Office, owner: QWidget) -> None:
        super().__init__(owner)
        self._office, self._owner = office, owner
        self._asked = False
        self.people: list[tuple[int, str]] = []
        office.records_changed.connect(self._on_records_changed)

    def load(self) -> None:
        """Read them where that was not done yet; ``changed`` follows."""
        if not self._asked:
            self._asked = True
            user = self._office.user_id
            self._office.read(self._owner, lambda connection: mentions.colleagues(connection, user), self._on_read)

    def _on_read(self, people: Sequence[tuple[int, str]]) -> None:
        self.people = list(people)
        self.changed.emit()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("user"):
            self._asked = False

    def matching(self, typed: str) -> list[tuple[int, str]]:
        """Those of whom a word, or the whole name, begins with what is typed."""
        wanted = fold(typed).strip()
        return [
            (user_id, name) for user_id, name in self.people
            if fold(name).startswith(wanted) or any(word.startswith(wanted) for word in fold(name).split())
        ]  # fmt: skip


class NoteText(QPlainTextEdit):
    """A text of one line that grows with what is written. Ctrl+Enter sends ``submitted``, Escape ``cancelled``.

    With ``colleagues`` an “@” opens the list of them; :meth:`marked_text` gives the text with their ids.
    """

    submitted = Signal()
    cancelled = Signal()

    def __init__(self, colleagues: Colleagues | None = None, parent: QWidget | None = None, *, most: int = 8) -> None:
        super().__init__(parent)
        self._most = most
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._colleagues = colleagues
        self.drop = DropList(self, _("Colleagues"))
        self.drop.chosen.connect(lambda result: self.insert_mention(int(result.key), result.title))
        if colleagues is not None:
            colleagues.changed.connect(self._suggest)
        self.textChanged.connect(self._on_changed)
        self.cursorPositionChanged.connect(self._suggest)
        on_theme(self, self.grow)

    # -- size --------------------------------------------------------------------------------------------------

    def grow(self) -> None:
        """Take the height of what is written."""
        lines = min(max(1, self.document().blockCount(), round(self.document().size().height())), self._most)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + px(4))
        more = self.document().blockCount() > lines
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.grow()

    def showEvent(self, event: Any) -> None:
        # the style gives every text the padding of a framed one; the frame here is the composer's
        self.document().setDocumentMargin(px(2))
        super().showEvent(event)

    # -- mentions ----------------------------------------------------------------------------------------------

    def marked_text(self) -> str:
        """What is written, each mention with the id of its user."""
        lines = []
        block = self.document().begin()
        while block.isValid():
            parts, each = [], block.begin()
            while not each.atEnd():
                piece = each.fragment()
                name, user = piece.charFormat().property(_NAME), piece.charFormat().property(_USER)
                whole = name and piece.text() == f"@{name}"
                parts.append(mentions.mention(str(name), int(user)) if whole else piece.text())
                each += 1
            lines.append("".join(parts))
            block = block.next()
        return "\n".join(lines).strip()

    def set_marked_text(self, text: str) -> None:
        """Show a text that may hold mentions; the cursor stands at its end."""
        shown, spans = mentions.readable(text, dict(self._colleagues.people) if self._colleagues else {})
        self.clear()
        cursor = self.textCursor()
        end = 0
        for start, length, user_id in spans:
            cursor.insertText(shown[end:start], QTextCharFormat())
            cursor.insertText(
                shown[start : start + length], _mention_format(user_id, shown[start + 1 : start + length])
            )
            end = start + length
        cursor.insertText(shown[end:], QTextCharFormat())
        self.setTextCursor(cursor)

    def insert_mention(self, user_id: int, name: str) -> None:
        """Put a colleague where “@” and the beginning of the name were typed."""
        cursor = self.textCursor()
        typed = self._typed()
        if typed is not None:
            cursor.movePosition(
                QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(typed) + 1
            )  # fmt: skip
        name = " ".join(name.replace("[", " ").replace("]", " ").split())[:120]
        cursor.insertText(f"@{name}", _mention_format(user_id, name))
        cursor.insertText(" ", QTextCharFormat())
        self.setTextCursor(cursor)
        self.setCurrentCharFormat(QTextCharFormat())

    def _typed(self) -> str | None:
        """What was typed after the last “@” before the cursor; None where none is being written."""
        cursor = self.textCursor()
        if cursor.hasSelection() or cursor.charFormat().property(_NAME):
            return None
        before = cursor.block().text()[: cursor.positionInBlock()]
        start = before.rfind("@")
        if start < 0 or (start and not before[start - 1].isspace() and before[start - 1] not in "([\"'"):
            return None
        typed = before[start + 1 :]
        probe = QTextCursor(cursor.block())
        probe.setPosition(cursor.block().position() + start + 1)
        if probe.charFormat().property(_NAME) or len(typed.split(" ")) > _MOST_WORDS or typed.startswith(" "):
            return None
        return typed

    def _on_changed(self) -> None:
        self.grow()
        self._suggest()

    def _suggest(self) -> None:
        if self._colleagues is None or not self.hasFocus():
            return
        typed = self._typed()
        if typed is None:
            self.drop.hide()
            return
        self._colleagues.load()
        found = [Result(user_id, name, avatar=name) for user_id, name in self._colleagues.matching(typed)[:8]]
        shown = [(one.key, one.title) for one in self.drop.list.model().results] if self.drop.isVisible() else None  # type: ignore[attr-defined]
        if shown != [(one.key, one.title) for one in found]:
            self.drop.show_results(found, typed)

    # -- keys --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enter and control) and self.drop.key(event):
            return
        if enter and control:
            self.drop.hide()
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            event.ignore()
        else:
            cursor = self.textCursor()
            if event.text() and not cursor.hasSelection() and cursor.charFormat().property(_NAME):
                self.setCurrentCharFormat(QTextCharFormat())  # what follows a name is no part of it
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab takes the colleague that is offered; else it goes on to the next control."""
        if forward and self.drop.isVisible() and self.drop.list.choose_current():
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._colleagues is not None:
            self._colleagues.load()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.drop.hide()


def _mention_format(user_id: int, name: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setProperty(_USER, str(user_id))
    made.setProperty(_NAME, name)
    made.setForeground(theme().color("accent"))
    made.setBackground(theme().color("accent-soft"))
    return made
