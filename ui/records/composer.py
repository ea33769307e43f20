"""Where notes and comments are written: Ctrl+Enter saves, and what is not saved survives as a draft."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.records.drafts import forget_draft, keep_draft, load_draft
from ui.records.mention_text import Colleagues, NoteText
from ui.records.room import keep_later, soon
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.badges import KeyCap
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import IconLabel
from ui.widgets.themed import margins

_KEEP_MS = 250


class _Writing(QWidget):
    """A framed text with a draft. ``written`` sends the text, mentions with their ids."""

    written = Signal(str)

    def __init__(self, colleagues: Colleagues, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = self._title = ""
        self.text = NoteText(colleagues)
        self.send = Button(kind="primary", small=True)
        self.setFocusProxy(self.text)
        self._timer = keep_later(self, _KEEP_MS, self.keep)
        self.text.textChanged.connect(self._on_changed)
        self.text.submitted.connect(self._send)
        self.send.clicked.connect(self._send)

    def set_place(self, key: str, text: str = "", title: str = "") -> None:
        """Write somewhere else: the draft of that place comes back, or ``text``; ``title`` is the record's."""
        if key == self._key:
            return
        self.keep()
        self._key, self._title = "", title
        self.text.set_marked_text(str(load_draft(key) or text))
        self._key = key
        self.text.grow()
        self._show_buttons()

    def set_locked(self, on: bool) -> None:
        """Let what is written be read and copied only, or be written on."""
        self.text.setReadOnly(on)
        self.send.setEnabled(not on)

    @property
    def place(self) -> str:
        """The name of the draft that is written."""
        return self._key

    def clear(self, key: str = "", text: str | None = None) -> None:
        """It was saved.

        Args:
            key: where; another place by now keeps what stands in it.
            text: what was saved; what was written since then stays.
        """
        if key and key != self._key:
            forget_draft(key)
        elif text is None or self.text.marked_text() == text:
            self.text.clear()
            forget_draft(self._key)

    def keep(self) -> None:
        """Keep what is written as a draft."""
        if self._key:
            keep_draft(self._key, self.text.marked_text(), self._title)

    def _on_changed(self) -> None:
        soon(self._timer)
        self._show_buttons()

    def _show_buttons(self) -> None:
        """Offer what can be done with what is written."""

    def _send(self) -> None:
        text = self.text.marked_text()
        if text:
            self.keep()
            self.written.emit(text)

    def hideEvent(self, event: Any) -> None:
        self.keep()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = "focus" if self.text.hasFocus() else "border-strong"
        frame_round(QPainter(self), self.rect(), px(6), line, "surface")


class Composer(_Writing):
    """The line above the timeline where a note is written."""

    attach_requested = Signal()

    def __init__(self, colleagues: Colleagues, parent: QWidget | None = None) -> None:
        super().__init__(colleagues, parent)
        self.attach = IconButton("ph.paperclip", "", kind="ghost")
        self.attach.clicked.connect(self.attach_requested)
        self.cap = KeyCap("Ctrl Enter")
        self.send.hide()
        row = QHBoxLayout(self)
        row.addWidget(IconLabel("ph.note-pencil", "text-muted", 16))
        row.addWidget(self.text, 1)
        row.addWidget(self.attach)
        row.addWidget(self.cap)
        row.addWidget(self.send)
        margins(self, 8, 2, 4, 2, 8)
        self.setMinimumHeight(px(32))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.text.setPlaceholderText(_("Write a note, @ names a colleague"))
        self.text.setAccessibleName(_("Write a note"))
        self.attach.set_label(_("Attach files…"))
        self.send.setText(_("Save note"))

    def _show_buttons(self) -> None:
        written = bool(self.text.toPlainText().strip())
        self.send.setVisible(written)
        self.cap.setVisible(not written)


class CommentBox(_Writing):
    """Where a comment, or the new text of a note, is written in place. Escape leaves; a draft stays."""

    left = Signal()
    resized = Signal()

    def __init__(self, colleagues: Colleagues, parent: QWidget | None = None) -> None:
        super().__init__(colleagues, parent)
        self.cancel = IconButton("ph.x", _("Leave"), kind="ghost")
        self.cancel.clicked.connect(self.left)
        self.text.cancelled.connect(self.left)
        row = QHBoxLayout(self)
        row.addWidget(self.text, 1)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignBottom)
        margins(self, 8, 2, 4, 2, 4)
        self.setMinimumHeight(px(34))
        self.hide()

    def name(self, text: str, button: str) -> None:
        """Say what is written here and what the button does."""
        self.text.setPlaceholderText(text)
        self.text.setAccessibleName(text)
        self.send.setText(button)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.resized.emit()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
