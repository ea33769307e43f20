"""A chip that stands for one choice among some: it says what is chosen, and opens the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from ui.widgets.chips import Chip


class ChoiceChip(Chip):
    """Shows its own name while everything is wanted, and the choice where one is made."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(checkable=True, menu=True, parent=parent)
        self.value = ""
        self._name = ""
        self._choices: list[tuple[str, str]] = []
        self.clicked.connect(self._open)

    def set_choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Give it a name and its (key, text) choices; the key "" stands for everything."""
        self._name, self._choices = name, list(choices)
        if self.value and self.value not in {key for key, _text in choices}:
            self.value = ""
        self._write()

    def set_value(self, key: str) -> None:
        """Choose without telling."""
        self.value = key
        self._write()

    def choose(self, key: str) -> None:
        """Choose, and tell."""
        self.set_value(key)
        self.chosen.emit(key)

    def menu(self) -> QMenu:
        """The choices."""
        menu = QMenu(self)
        for key, text in self._choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(key == self.value)
            action.triggered.connect(lambda _on=False, key=key: self.choose(key))
        return menu

    def _open(self) -> None:
        self._write()
        menu = self.menu()
        menu.exec(self.mapToGlobal(QPoint(0, self.height())))

    def _write(self) -> None:
        text = dict(self._choices).get(self.value, self._name) if self.value else self._name
        self.setText(text)
        self.setAccessibleName(f"{self._name}: {text}" if self.value else self._name)
        self.setChecked(bool(self.value))
