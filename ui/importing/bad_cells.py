"""The cells of a column that do not fit its field, one by one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from ui.framework import dialogs
from ui.importing.checks import ColumnCheck
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins


class BadCells(QDialog):
    """Row, value and why it does not fit."""

    def __init__(self, parent: QWidget, header: str, check: ColumnCheck) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Cells of {column} that do not fit").format(column=header))
        self.model = ListTableModel(
            [
                Column("row", _("Row"), lambda one: format_integer(one.row), align="end", color="text-muted"),
                Column("value", _("Value"), lambda one: one.before),
                Column("why", _("Why"), lambda one: one.note, color="danger"),
            ],
            check.bad_cells,
        )
        table = DataTable(self.windowTitle())
        table.own_column_menu = False
        table.setModel(self.model)
        table.set_column_widths([72, 200, 0], stretch=2)
        more = check.bad - len(check.bad_cells)
        note = ngettext("{n} more", "{n} more", more).format(n=format_integer(more)) if more > 0 else ""
        close = Button(_("Close"), kind="primary")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(Label(note, "secondary", "text-muted"))
        foot.addStretch(1)
        foot.addWidget(close)
        box = QVBoxLayout(self)
        box.addWidget(Label(self.windowTitle(), "section"))
        box.addWidget(table, 1)
        box.addLayout(foot)
        margins(self, 16, 16, 16, 16, 12)
        self.resize(px(720), px(420))

    def open_over(self, _widget: QWidget) -> None:
        """Show it until it is closed."""
        dialogs.run_dialog(self)
