"""The choices of a field: words, colours, order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.themed import KeyboardRing, margins, on_theme

HUES = 8


class HueButton(KeyboardRing, QAbstractButton):
    """A dot of colour; a click, Space or the arrows take the next one."""

    def __init__(self, hue: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hue = hue
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: self.set_hue(self.hue % HUES + 1))
        on_theme(self, self.updateGeometry)
        self.set_hue(hue)

    def set_hue(self, hue: int) -> None:
        """Show another colour."""
        self.hue = hue
        self.setAccessibleName(_("Colour {number} of 8").format(number=hue))
        self.setToolTip(self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(28), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, inset = QPainter(self), px(5)
        dot = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        fill_round(painter, dot, dot.height() / 2, f"hue-{self.hue}")
        frame_round(painter, dot, dot.height() / 2, f"hue-{self.hue}-ink")
        if self.shows_ring():
            frame_round(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), px(6), "focus")


class _Row(QWidget):
    def __init__(self, key: str, label: str, hue: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.hue = HueButton(hue)
        self.line = QLineEdit(label)
        self.line.setPlaceholderText(_("Choice"))
        self.line.setAccessibleName(_("Choice"))
        self.up = IconButton("ph.arrow-up", _("Move up (Alt+Up)"), kind="ghost", small=True)
        self.down = IconButton("ph.arrow-down", _("Move down (Alt+Down)"), kind="ghost", small=True)
        self.remove = IconButton("ph.x", _("Remove this choice"), kind="ghost", small=True)
        row = QHBoxLayout(self)
        row.addWidget(self.hue)
        row.addWidget(self.line, 1)
        for button in (self.up, self.down, self.remove):
            row.addWidget(button)
        margins(self, 0, 0, 0, 0, 2)


class ChoicesEditorList(QWidget):
    """Rows of choices. Enter adds the next one, Alt and the arrows move one, pasted lines become choices."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[_Row] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(px(4))
        self.add_button = Button(_("Add a choice"), icon="ph.plus", kind="accent", small=True)
        self.add_button.clicked.connect(lambda: self.add())
        box = QVBoxLayout(self)
        box.addLayout(self._rows)
        box.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeading)
        margins(self, 0, 0, 0, 0, 4)

    def set_value(self, choices: Sequence[dict[str, Any]] | None) -> None:
        """Show these choices."""
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for one in choices or ():
            self._insert(len(self.rows), one["key"], one["label"], int(one.get("hue") or 8))

    def value(self) -> list[dict[str, Any]]:
        """The choices; new ones have keys made from their words, empty lines are left out."""
        taken = {row.key for row in self.rows if row.key}
        found = []
        for row in self.rows:
            label = row.line.text().strip()
            if not label:
                continue
            key, number = row.key, 2
            if not key:
                stem = key = fold(label).replace(" ", "_").replace('"', "") or "choice"
                while key in taken:
                    key, number = f"{stem}_{number}", number + 1
                taken.add(key)
            found.append({"key": key, "label": label, "hue": row.hue.hue})
        return found

    def add(self, label: str = "", at: int | None = None) -> None:
        """Add a choice and go to it."""
        row = self._insert(len(self.rows) if at is None else at, "", label, len(self.rows) % HUES + 1)
        row.line.setFocus()
        self.edited.emit()

    def _insert(self, at: int, key: str, label: str, hue: int) -> _Row:
        row = _Row(key, label, hue)
        self.rows.insert(at, row)
        self._rows.insertWidget(at, row)
        row.line.textEdited.connect(lambda _text: self.edited.emit())
        row.line.installEventFilter(self)
        row.hue.clicked.connect(self.edited)
        row.up.clicked.connect(lambda: self.move_row(row, -1))
        row.down.clicked.connect(lambda: self.move_row(row, 1))
        row.remove.clicked.connect(lambda: self.take(row))
        row.show()
        return row

    def move_row(self, row: _Row, step: int) -> None:
        """Move a choice."""
        at = self.rows.index(row)
        if not 0 <= at + step < len(self.rows):
            return
        self.rows.insert(at + step, self.rows.pop(at))
        self._rows.removeWidget(row)
        self._rows.insertWidget(at + step, row)
        row.line.setFocus()
        self.edited.emit()

    def take(self, row: _Row) -> None:
        """Remove a choice."""
        at = self.rows.index(row)
        self.rows.remove(row)
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()
        (self.rows[min(at, len(self.rows) - 1)].line if self.rows else self.add_button).setFocus()
        self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row = next((one for one in self.rows if one.line is watched), None)
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if row is not None and step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.move_row(row, step)
                return True
            if row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
                self.add(at=self.rows.index(row) + 1)
                return True
        return super().eventFilter(watched, event)
