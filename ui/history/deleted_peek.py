"""A deleted record as it was, to look at before it is brought back."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import changes, deleted
from crm_desktop.records.changes import RowChange
from crm_desktop.records.deleted import MERGED, UNDONE, Deleted
from ui.framework import dialogs
from ui.framework.office import Office
from ui.history.words import value_words
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins


class Line(NamedTuple):
    """A line of the look: of which part, which field, what it said."""

    part: str
    label: str
    text: str


class DeletedPeek(QDialog):
    """The fields of a deleted record and of what hung on it. ``restore_wanted`` once it is to come back."""

    def __init__(self, parent: QWidget, office: Office, one: Deleted, rows: list[RowChange]) -> None:
        super().__init__(parent)
        self.restore_wanted = False
        self.lines = [line for row in rows for line in _lines(row)]
        spec = office.database.schema.entity(one.entity)
        title = one.title or translate(spec.label)
        self.setWindowTitle(title)
        who, when = one.who or _("outside the program"), formats.format_datetime(one.at) if one.at else "–"
        told = _("{type}, deleted by {who}, {when}. This is how it was; nothing of it can be changed here.")
        if one.how == MERGED:
            told = _("{type}, merged into {other} by {who}, {when}. What hung on it is there now. This is how it was.")
        elif one.how == UNDONE:
            told = _(
                "{type}, whose creation {who} undid, {when}. This is how it was; nothing of it can be changed here."
            )
        self.model = ListTableModel([
            Column("part", _("Part"), lambda line: line.part, color="text-muted"),
            Column("label", _("Field"), lambda line: line.label, color="text-muted"),
            Column("text", _("Value"), lambda line: line.text, tooltip=lambda line: line.text),
        ], self.lines)  # fmt: skip
        self.table = DataTable(title, row_height=26)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.set_column_widths([150, 150, 0], stretch=2)
        self.close_button = Button(_("Close"))
        self.restore = Button(_("Restore"), kind="primary", icon="ph.arrow-u-up-left")
        self.close_button.clicked.connect(self.reject)
        self.restore.clicked.connect(self._restore)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.restore)
        box = QVBoxLayout(self)
        box.addWidget(Label(title, "section", wrap=True))
        other = one.merged_into or _("another record")
        text = told.format(type=translate(spec.label), who=who, when=when, other=other)
        box.addWidget(Label(text, "secondary", "text-muted", wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        margins(self, 16, 16, 16, 16, 10)
        dialogs.resize_within(self, 680, 520)
        self.restore.setFocus()

    @staticmethod
    def read(database: Any, connection: Any, one: Deleted) -> tuple[Deleted, list[RowChange]]:
        """What there is to see of a deleted record."""
        return one, changes.tell_rows(database, connection, deleted.peek_rows(connection, one))

    def _restore(self) -> None:
        self.restore_wanted = True
        self.accept()


def _lines(row: RowChange) -> list[Line]:
    part = translate(row.part) if row.part else _("The record")
    found = [
        Line(part, told.label if told.field is not None and told.field.custom else translate(told.label), text)
        for told in row.fields if (text := value_words(told, told.old))
    ]  # fmt: skip
    return found
