"""What was done, at the end of an assistant: a sign, a heading, words, what goes between, and buttons on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins, on_theme

DONE, TAKEN_BACK = ("ph.check-circle", 3), ("ph.arrow-counter-clockwise", 8)
"""Signs: it was done; it was undone again."""


class ResultPanel(QWidget):
    """The last page of an assistant.

    Args:
        between: what stands below the words, as figures and notices.
        buttons: the ways on, the most likely first.
        widest: how wide it gets at most.
    """

    def __init__(
        self, between: Sequence[QWidget], buttons: Sequence[Button], *, widest: int = 1040,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.icon = BigIcon(*DONE, 56, 12)
        self.heading = Label("", "title", wrap=True)
        self.text = Label("", "body", "text-muted", wrap=True)
        column = QVBoxLayout(self)
        head = QHBoxLayout()
        head.setSpacing(px(16))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self.heading)
        words.addWidget(self.text)
        head.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        column.addLayout(head)
        for widget in between:
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        margins(self, 24, 32, 24, 24, 24)
        on_theme(self, lambda: self.setMaximumWidth(px(widest)))

    def tell(self, heading: str, text: str, sign: tuple[str, int] = DONE) -> None:
        """Say what was done."""
        self.icon.set_icon(*sign)
        self.heading.setText(heading)
        self.text.setText(text)
