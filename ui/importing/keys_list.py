"""The key fields in their order: which are used, how well each tells records apart, and buttons that rank them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label


@dataclass(frozen=True)
class KeyChoice:
    """A field that may tell records apart: its name and label, how good it is, whether it is used; ``fixed`` ones always are.

    A ``weak`` one, a mere name, comes after the others unless somebody ranks it higher.
    """

    name: str
    label: str
    quality: str = ""
    used: bool = False
    fixed: bool = False
    weak: bool = False


class KeysList(QWidget):
    """A line for each field; ``chosen`` sends the names of those that are used, best first."""

    chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, _KeyRow] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(px(2))

    def show_keys(self, keys: Sequence[KeyChoice], *, enabled: bool) -> None:
        """Show the fields in this order."""
        if [one.name for one in keys] != list(self.rows):
            focused = next((name for name, row in self.rows.items() if row.isAncestorOf(self.focusWidget() or row)), "")
            while (item := self._box.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.deleteLater()
            self.rows = {}
            for one in keys:
                row = _KeyRow(one.name)
                row.clicked.connect(lambda name=one.name: self._take(name))
                row.moved.connect(self.rank)
                self.rows[one.name] = row
                self._box.addWidget(row)
            if focused in self.rows:
                self.rows[focused].box.setFocus()
        used = [one.name for one in keys if one.used and not one.fixed]
        for one in keys:
            rank = used.index(one.name) if one.name in used else -1
            self.rows[one.name].show_key(one, rank, len(used), enabled)

    def used(self) -> tuple[str, ...]:
        """The names of the fields that are used, best first."""
        return tuple(name for name, row in self.rows.items() if row.box.isChecked())

    def rank(self, name: str, by: int) -> None:
        """Give a key another rank."""
        order = [one for one in self.used() if not self.rows[one].fixed]
        if name not in order:
            return
        place = order.index(name)
        if 0 <= place + by < len(order):
            order.insert(place + by, order.pop(place))
            fixed = tuple(one for one in self.used() if self.rows[one].fixed)
            self.chosen.emit((*fixed, *order))

    def _take(self, name: str) -> None:
        order = list(self.used())
        weak = next((at for at, one in enumerate(order) if self.rows[one].weak), len(order))
        if name in order[weak + 1 :] and not self.rows[name].weak:  # just ticked
            order.remove(name)
            order.insert(weak, name)
        self.chosen.emit(tuple(order))


class _KeyRow(QWidget):
    """A check box with the field, what is known about it, and two buttons."""

    clicked = Signal()
    moved = Signal(str, int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.fixed = self.weak = False
        self.box = _RankBox()
        self.box.ranked.connect(lambda by: self.moved.emit(self.name, by))
        self.box.clicked.connect(lambda _on=False: self.clicked.emit())
        self.quality = Label("", "secondary", "text-muted")
        self.up = IconButton("ph.arrow-up", "", kind="ghost")
        self.down = IconButton("ph.arrow-down", "", kind="ghost")
        self.up.clicked.connect(lambda: self.moved.emit(self.name, -1))
        self.down.clicked.connect(lambda: self.moved.emit(self.name, 1))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(self.box)
        row.addWidget(self.quality)
        row.addStretch(1)
        row.addWidget(self.up)
        row.addWidget(self.down)
        self.setMinimumHeight(px(30))

    def show_key(self, key: KeyChoice, rank: int, count: int, enabled: bool) -> None:
        """Show a field; ``rank`` is its place among the ``count`` that are used, -1 where it is not."""
        self.fixed, self.weak = key.fixed, key.weak
        text = key.label
        if rank >= 0 and count > 1:
            text = _("{place}. {field}").format(place=rank + 1, field=key.label)
        self.box.setText(text)
        self.box.setChecked(key.used)
        self.box.setEnabled(enabled and not key.fixed)
        self.box.setAccessibleDescription(key.quality)
        self.quality.setText(_("always looked up first") if key.fixed and enabled else key.quality)
        self.up.set_label(_("Look up {field} earlier").format(field=key.label) + "  Alt+↑")
        self.down.set_label(_("Look up {field} later").format(field=key.label) + "  Alt+↓")
        ranked = enabled and rank >= 0 and count > 1
        for button, possible in ((self.up, rank > 0), (self.down, rank < count - 1)):
            button.setVisible(ranked)
            button.setEnabled(possible)


class _RankBox(QCheckBox):
    """A check box that leaves Alt with an arrow to those who rank."""

    ranked = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        by = steps.get(Qt.Key(event.key()), 0)
        if by and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.ranked.emit(by)
        else:
            super().keyPressEvent(event)
