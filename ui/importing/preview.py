"""The first rows of the file as they are read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _
from crm_desktop.importing.table import ColumnGuess, Row
from ui.importing.checks import shown_cell
from ui.theme.paint import text_width
from ui.theme.theme import px
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel

SHOWN_ROWS = 100
_NUMBERS = ("integer", "decimal", "money", "percent")


class PreviewTable(DataTable):
    """The number of the row in the file, then its cells."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("First rows of the file"), row_height=26, parent=parent)
        self.own_column_menu = False
        self._rows_model = ListTableModel([])
        self.setModel(self._rows_model)
        self.header.setSectionsClickable(False)

    def show_rows(self, columns: Sequence[ColumnGuess], rows: Sequence[Row]) -> None:
        """Show the table as it is read now."""
        shown = rows[:SHOWN_ROWS]
        made = [Column("row", _("Row"), lambda row: format_integer(row[0]), align="end", color="text-muted")]
        made += [self._column(place, guess) for place, guess in enumerate(columns)]
        self._rows_model.set_columns(made)
        self._rows_model.set_rows(shown)
        self.setModel(self._rows_model)
        self.setColumnWidth(0, px(64))
        for place, guess in enumerate(columns):
            texts = [guess.header, *(shown_cell(row[1][place]) for row in shown[:30] if place < len(row[1]))]
            widest = max(text_width(text[:60], "body") for text in texts)
            self.setColumnWidth(place + 1, max(px(64), min(px(260), widest + px(24))))

    @staticmethod
    def _column(place: int, guess: ColumnGuess) -> Column:
        def text(row: Row) -> str:
            return shown_cell(row[1][place]) if place < len(row[1]) else ""

        return Column(f"c{place}", guess.header, text, align="end" if guess.kind in _NUMBERS else "start")
