"""A line over the list of files: what just came, with room to say what changed in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import ElidedLabel, IconLabel, Plane
from ui.widgets.themed import margins


class _Line(QLineEdit):
    """A line whose Escape closes the bar instead of what is around it."""

    def __init__(self, close: Callable[[], object]) -> None:
        super().__init__()
        self._close = close

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)


class ChangeNote(Plane):
    """Asks "What changed?" without standing in the way: Enter keeps the answer, Escape closes the line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("accent-soft", parent)
        self._take: Callable[[str], object] | None = None
        self._must_answer = False
        self.key: int | None = None
        self.words = ElidedLabel("", "name")
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.line = _Line(self.dismiss)
        self.line.returnPressed.connect(self.finish)
        self.yes = Button("", kind="primary", small=True)
        self.yes.clicked.connect(self.finish)
        self.no = IconButton("ph.x", "", kind="ghost")
        self.no.clicked.connect(self.dismiss)
        first = QHBoxLayout()
        first.addWidget(IconLabel("ph.clock-counter-clockwise", "accent", 16))
        first.addWidget(self.words, 1)
        first.addWidget(self.no)
        second = QHBoxLayout()
        second.addWidget(self.line, 1)
        second.addWidget(self.yes)
        box = QVBoxLayout(self)
        box.addLayout(first)
        box.addLayout(second)
        margins(self, 16, 4, 16, 8, 4)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """Write the words again."""
        self.line.setPlaceholderText(_("What changed? (optional)"))
        self.line.setAccessibleName(_("What changed? (optional)"))
        self.no.set_label(_("Close"))

    def ask(self, key: int, words: str, yes: str, take: Callable[[str], object], *, empty_too: bool = False) -> None:
        """Show the line.

        Args:
            key: what it is about, so that it can be taken away when that is settled.
            words: what happened.
            yes: the button.
            take: gets the answer.
            empty_too: whether an empty answer does something as well.
        """
        self.key, self._take, self._must_answer = key, take, not empty_too
        self.words.setText(words)
        self.yes.setText(yes)
        self.line.clear()
        self.show()

    def finish(self) -> None:
        """Hand the answer on."""
        text, take = self.line.text().strip(), self._take
        self.dismiss()
        if take is not None and (text or not self._must_answer):
            take(text)

    def dismiss(self) -> None:
        """Close the line."""
        self._take, self.key = None, None
        self.hide()
