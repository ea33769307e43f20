"""The panels of the Today page: a header that leads to the records, a list, and words for when it is empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.headers import Panel, SectionHeader
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import margins, on_theme
from ui.widgets.two_line import Line, TwoLineList

_HOUR = re.compile(r"(?<!\S)(\d{1,2})(?::|h)(\d{2})?(?!\S)", re.IGNORECASE)


class NothingHere(QWidget):
    """A line that says that all is well."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = Label("", "body", "text-muted", wrap=True)
        row = QHBoxLayout(self)
        row.addWidget(IconLabel(icon, "text-muted", 16))
        row.addWidget(self.text, 1)
        margins(self, 16, 14, 16, 14, 12)


class ListPanel(Panel):
    """A panel with two-line rows; it is as high as its rows. ``more_requested`` asks for all of them."""

    more_requested = Signal()
    menu_requested = Signal(object, QPoint)

    def __init__(
        self, icon: str, *, height: int = 52, most: int = 6, nothing_icon: str = "ph.check-circle",
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(SectionHeader(icon=icon), parent)
        self._most = most
        self._kind = "neutral"
        self.list = TwoLineList(height=height, open_on_click=True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.nothing = NothingHere(nothing_icon)
        self.more = Button(kind="accent", small=True)
        self.more.clicked.connect(self.more_requested)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.addWidget(self.more)
        foot.addStretch(1)
        margins(self._foot, 8, 4, 8, 4, 0)
        self.body.addWidget(self.list)
        self.body.addWidget(self.nothing)
        self.body.addWidget(self._foot)
        self.body.addStretch(1)
        on_theme(self, self._fit)

    @property
    def head(self) -> SectionHeader:
        """The header."""
        assert self.header is not None
        return self.header

    def set_texts(self, title: str, nothing: str) -> None:
        """The title, and what is said when there is nothing."""
        self.head.set_title(title)
        self.list.setAccessibleName(title)
        self.nothing.text.setText(nothing)

    def set_lines(self, lines: Sequence[Line], count: int, kind: str = "neutral") -> None:
        """Show the first rows of ``count``; the badge has the meaning ``kind``."""
        self.list.set_lines(lines[: self._most])
        self.head.set_badge(format_integer(count) if count else "", kind)
        shown = len(self.list.lines())
        self.list.setVisible(bool(shown))
        self.nothing.setVisible(not shown)
        self._foot.setVisible(count > shown > 0)
        self.more.setText(_("All {n}").format(n=format_integer(count)))
        self._fit()

    def _fit(self) -> None:
        self.list.setFixedHeight(max(1, self.list.content_height()))

    def _on_menu(self, where: QPoint) -> None:
        key = self.list.current_key()
        if key is not None:
            self.menu_requested.emit(key, self.list.viewport().mapToGlobal(where))


class QuickAdd(QWidget):
    """A line for a new task; an hour at its start or its end ("14:00") is when it is due. ``added`` sends both."""

    added = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.returnPressed.connect(self._add)
        row = QHBoxLayout(self)
        row.addWidget(self.line, 1)
        margins(self, 16, 8, 16, 8, 8)
        on_theme(self, lambda: self.line.setFixedHeight(px(32)))
        self.hide()

    def open(self) -> None:
        """Show the line and write."""
        self.show()
        self.line.setFocus()

    def retranslate(self) -> None:
        """Write the words again."""
        self.line.setPlaceholderText(_("What is to be done today? e.g. “Call Ana 14:00”"))
        self.line.setAccessibleName(_("New task for today"))

    def _add(self) -> None:
        subject, at = split_hour(self.line.text())
        if subject:
            self.added.emit(subject, at)
            self.line.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.line.clear()
            self.hide()
        else:
            super().keyPressEvent(event)


class TaskPanel(ListPanel):
    """A panel of tasks; with ``addable`` a plus opens the line for a new one."""

    def __init__(
        self, icon: str, *, addable: bool = False, most: int = 6, nothing_icon: str = "ph.check-circle"
    ) -> None:
        super().__init__(icon, most=most, nothing_icon=nothing_icon)
        self.quick = QuickAdd()
        self.add_button = IconButton("ph.plus", "", kind="ghost")
        self.add_button.clicked.connect(self.quick.open)
        self.add_button.setVisible(addable)
        self.head.add(self.add_button)
        self.body.insertWidget(0, self.quick)

    def retranslate(self) -> None:
        """Write the words again."""
        self.add_button.set_label(_("New task for today"))
        self.quick.retranslate()


def split_hour(text: str) -> tuple[str, time | None]:
    """The words of a new task, and the hour that was written with them."""
    found = _HOUR.search(text)
    if found is None:
        return " ".join(text.split()), None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        return " ".join(text.split()), None
    rest = " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
    return rest, time(hour, minute)
