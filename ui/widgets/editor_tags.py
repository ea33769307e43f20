"""An editor of tags: chips that can be taken off and a line that adds, with suggestions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from ui.framework.tasks import run_read
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.chips import Chip
from ui.widgets.editor_base import mark_problem, send_cancelled
from ui.widgets.flow import FlowLayout
from ui.widgets.popup import DropList
from ui.widgets.results import Result
from ui.widgets.themed import on_theme


class TagsEditor(QWidget):
    """Any number of short texts. Enter or comma adds, Backspace in the empty line takes the last one off.

    Args:
        suggest: ``suggest(text)`` gives known texts; it runs in the background.
        known_only: only what ``suggest`` gave can be added.
    """

    edited = Signal()
    committed = Signal()
    cancelled = Signal()

    def __init__(
        self,
        suggest: Callable[[str], Sequence[str]] | None = None,
        *,
        name: str = "",
        placeholder: str = "",
        known_only: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._suggest = suggest
        self._known_only = known_only
        self._tags: list[str] = []
        self._chips: dict[str, Chip] = {}
        self._flow = FlowLayout(self, 4)
        self.line = QLineEdit()
        self.line.setFrame(False)
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText(placeholder or _("Add a tag"))
        self.line.installEventFilter(self)
        self._flow.addWidget(self.line)
        self.setFocusProxy(self.line)
        self._drop = DropList(self, name)
        self._drop.chosen.connect(self._choose)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(120)
        self._timer.timeout.connect(self._ask)
        self.line.textEdited.connect(lambda _text: self._timer.start())
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self._flow.setContentsMargins(px(8), px(4), px(8), px(4))
        self.line.setFixedHeight(px(24))
        self.line.setMinimumWidth(px(96))
        self.setMinimumHeight(px(32))

    def value(self) -> list[str]:
        """The texts in their order."""
        return list(self._tags)

    def set_value(self, value: Sequence[str] | None) -> None:
        """Show these texts."""
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips, self._tags = {}, []
        for text in value or ():
            self._put(text)

    def set_problem(self, text: str) -> None:
        """Mark it as wrong."""
        mark_problem(self, text)

    def add(self, text: str) -> None:
        """Add a text as if the user had typed it."""
        text = " ".join(text.split())
        if text and fold(text) not in (fold(tag) for tag in self._tags):
            self._put(text)
            self.edited.emit()

    def remove(self, text: str) -> None:
        """Take a text off."""
        chip = self._chips.pop(text, None)
        if chip is not None:
            self._tags.remove(text)
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
            self.updateGeometry()
            self.edited.emit()
            self.line.setFocus()

    def _put(self, text: str) -> None:
        chip = Chip(text, removable=True)
        chip.removed.connect(lambda: self.remove(text))
        self._tags.append(text)
        self._chips[text] = chip
        self._flow.insert_widget(len(self._tags) - 1, chip)
        chip.show()
        self.updateGeometry()

    def _ask(self) -> None:
        text = self.line.text().strip()
        suggest = self._suggest
        if suggest is None or not text:
            self._drop.hide()
            return
        run_read(self, lambda: list(suggest(text)), lambda found: self._show(text, found), supersede="suggest")

    def _show(self, text: str, found: list[str]) -> None:
        if not self.line.hasFocus() or self.line.text().strip() != text:
            return
        taken = {fold(tag) for tag in self._tags}
        results = [Result(tag, tag, icon="ph.tag") for tag in found if fold(tag) not in taken]
        new = fold(text) not in {fold(tag) for tag in found} | taken
        if new and not self._known_only:
            results.append(Result(text, _("Add “{text}”").format(text=text), icon="ph.plus"))
        self._drop.show_results(results, text)

    def _choose(self, result: Result) -> None:
        self.line.clear()
        self.add(str(result.key))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress:
            return self._key(event)  # type: ignore[arg-type]
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
            if event.type() == QEvent.Type.FocusOut:
                self._drop.hide()
                if not self._known_only:
                    self.add(self.line.text())
                self.line.clear()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if self._drop.key(event):
            return True
        text = self.line.text().strip()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if (enter or event.text() in (",", ";")) and text:
            if not self._known_only:
                self.line.clear()
                self.add(text)
        elif enter:
            self.committed.emit()
        elif event.key() == Qt.Key.Key_Backspace and not self.line.text() and self._tags:
            self.remove(self._tags[-1])
        elif event.key() == Qt.Key.Key_Escape:
            send_cancelled(self, self.cancelled, event)
            return event.isAccepted()
        else:
            return False
        return True

    def sizeHint(self) -> QSize:
        width = max(self.width(), px(240))
        return QSize(px(240), max(px(32), self._flow.heightForWidth(width)))

    def paintEvent(self, event: QPaintEvent) -> None:
        line = "danger" if self.property("problem") else ("focus" if self.line.hasFocus() else "border-strong")
        frame_round(QPainter(self), QRectF(self.rect()), px(6), line, "surface")
