"""The part of a card's details that says what other programs call the record."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.records.external_ids import ExternalId, delete_external_id, external_ids_of
from crm_desktop.records.queries import Record
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme


class ExternalIds(QWidget):
    """A line for each id, with a button that removes it; hidden while there is none."""

    saved = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._record: Record | None = None
        self.locked = False
        """Whether the record may be read but not changed."""
        self._shown: list[ExternalId] | None = None
        self._box = QVBoxLayout(self)
        self.removes: list[IconButton] = []
        margins(self, 24, 8, 24, 16, 4)
        self.hide()

    def set_record(self, record: Record) -> None:
        """Show the ids of a record."""
        if self._record is None or self._record.id != record.id:
            self.hide()
            self._shown = None
        self._record = record

        def read(connection: Any) -> list[ExternalId]:
            return external_ids_of(connection, record.id)

        self._office.read(self, read, lambda found: self._show(record, found), supersede="external-ids")

    def _show(self, record: Record, found: list[ExternalId]) -> None:
        if self._record is not record or found == self._shown:
            return
        self._shown = found
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.removes = []
        if found:
            self._box.addWidget(Label(_("Ids in other programs"), "section"))
            for one in found:
                self._box.addWidget(self._line(one))
        self.setVisible(bool(found))

    def _line(self, one: ExternalId) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(12))
        program = one.program or _("Program not known")
        name = Label(program, "body", "text-muted")
        on_theme(name, lambda: name.setMinimumWidth(px(160)))
        row.addWidget(name)
        row.addWidget(Label(one.value, "body", selectable=True, wrap=True), 1)
        remove = IconButton("ph.trash", _("Remove the id {value}").format(value=one.value), kind="ghost")
        remove.clicked.connect(lambda: self._remove(one))
        if self.locked:
            remove.hide()
        self.removes.append(remove)
        row.addWidget(remove)
        return line

    def _remove(self, one: ExternalId) -> None:
        def work(uow: Any) -> None:
            delete_external_id(uow, one.id)

        self._office.write(self, N_("Removed an id of another program"), work, lambda _done: self.saved.emit())
