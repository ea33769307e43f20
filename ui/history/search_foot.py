"""The line under a list that is still being searched for: how far back the search has come, to be stopped and gone on with."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, Hairline
from ui.widgets.progress import Bar
from ui.widgets.themed import margins
from ui.widgets.toast import keep_readable


class SearchFoot(QWidget):
    """Hidden while there is nothing to tell; else where the search is, and the button that stops it or goes on."""

    stop = Signal()
    go_on = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_readable(self)
        self._searching = False
        self.label = ElidedLabel("", "secondary", "text-muted")
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = Bar(width=48)
        self.bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button = Button(kind="ghost", small=True)
        self.button.clicked.connect(self._on_clicked)
        line = QWidget()
        row = QHBoxLayout(line)
        row.addWidget(self.label, 1)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        margins(line, 16, 4, 12, 4, 12)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(Hairline())
        box.addWidget(line)
        self.hide()

    def show_searching(self, back_to: datetime | None) -> None:
        """The search goes on, and has come back so far."""
        day = formats.format_date(back_to.astimezone().date()) if back_to else ""
        self._tell(
            _("Searching further back than {date}…").format(date=day) if day else _("Searching further back…"), True
        )

    def show_stopped(self, back_to: datetime) -> None:
        """The search rests so far back."""
        day = formats.format_date(back_to.astimezone().date())
        self._tell(_("Searched back to {date}").format(date=day), False)

    def _tell(self, text: str, searching: bool) -> None:
        self._searching = searching
        self.label.setText(text)
        self.setAccessibleName(text)
        self.button.setText(_("Stop") if searching else _("Search older"))
        self.button.setToolTip(_("Stop searching (Esc)") if searching else "")
        self.bar.setVisible(searching)
        self.bar.set_fraction(None if searching else 0.0)
        self.show()

    def _on_clicked(self) -> None:
        (self.stop if self._searching else self.go_on).emit()
