"""A month to choose a day from, in a popup."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.month import MonthPicker
from ui.widgets.popup import PopupFrame
from ui.widgets.themed import margins


class DayPopup(PopupFrame):
    """``day_chosen`` sends the day; the popup closes then."""

    day_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.month = MonthPicker()
        self.month.day_chosen.connect(self._choose)
        inner = QWidget()
        QVBoxLayout(inner).addWidget(self.month)
        margins(inner, 8, 8, 8, 8, 0)
        self.body.addWidget(inner)

    def _choose(self, day: object) -> None:
        self.close()
        self.day_chosen.emit(day)
