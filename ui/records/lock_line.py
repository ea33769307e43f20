"""The line over the facts of a record that one may read but not change: why, and who may."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.records.queries import Record
from ui.framework.office import Office
from ui.theme.theme import theme
from ui.widgets.labels import IconLabel, Label, Link
from ui.widgets.themed import margins


class LockLine(QWidget):
    """A lock and a sentence. ``asked`` wants to know who can see the record, where ``askable``."""

    asked = Signal()

    def __init__(self, *, askable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._askable = askable
        self._record: Record | None = None
        self.text = Label("", "secondary", "text-muted", wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.link = Link("", "secondary-name")
        self.link.activated.connect(self.asked)
        row = QHBoxLayout(self)
        row.addWidget(IconLabel("ph.lock-simple", "text-muted", 14))
        row.addWidget(self.text, 1)
        row.addWidget(self.link)
        margins(self, 24, 6, 16, 6, 8)
        self.hide()

    def explain(self, office: Office, entity: str, record: Record, why: str) -> None:
        """Show why a record may not be changed, and as soon as it is known, who may; "" takes the line away."""
        self.say(why)
        self._record, schema = (record if why else None), office.database.schema
        names = office.who_changes
        if why and names is not None:
            office.read(
                self, lambda connection: names(connection, schema, entity, record.id),
                lambda text: self._name(record, text), lambda _error: None, supersede="lock",
            )  # fmt: skip

    def _name(self, record: Record, text: str) -> None:
        if self._record is record:
            self.say(text)

    def say(self, why: str) -> None:
        """Show why the record may not be changed; an empty text takes the line away."""
        self.text.setText(why)
        self.setAccessibleName(why)
        self.link.setText(_("Who can see this?"))
        self.link.setVisible(self._askable)
        self.setVisible(bool(why))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("sunken"))
