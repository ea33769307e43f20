"""What differs of one record, line by line: the backup beside today, each line with a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.backup.bring_back import Cell
from crm_desktop.backup.look import Part
from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel

_SIGNS = {"D": ("ph.plus-circle", "success"), "I": ("ph.minus-circle", "danger"), "U": ("ph.pencil-simple", "accent")}


@dataclass(frozen=True)
class Line:
    """One field that differs, or one row that is gone or new."""

    cell: Cell
    op: str
    what: str
    then: str
    now: str


def lines_of(parts: Sequence[Part]) -> list[Line]:
    """The lines of a record: its own fields first, each row that hangs on it as one line where it is gone or new."""
    result = []
    for number, part in enumerate(parts):
        own = number == 0 and part.op == "U"
        if part.op != "U":
            text = part.title or part.group
            then, now = (text, "") if part.op == "D" else ("", text)
            result.append(Line((part.table, part.row_id, ""), part.op, part.group, then, now))
            continue
        for one in part.fields:
            what = one.label if own else f"{part.group}: {one.label}"
            result.append(Line((part.table, part.row_id, one.column), "U", what, one.then, one.now))
    return result


class DiffTable(QWidget):
    """The lines with boxes; what is new since the backup is shown, and is unchecked at first."""

    checks_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ListTableModel([], key=lambda line: line.cell, checks=True)
        self.model.checks_changed.connect(self.checks_changed)
        self.table = DataTable("", check_column=0)
        self.table.setModel(self.model)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.table)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words."""
        self.table.setAccessibleName(_("What would change"))
        self.model.set_columns([
            Column("what", _("What"), lambda one: one.what, 150, icon=lambda one: _SIGNS[one.op]),
            Column("then", _("In the backup"), lambda one: one.then or "–", 150, tooltip=lambda one: one.then,
                   color=lambda one: "success" if one.then else "text-muted", font=lambda one: "name" if one.then else ""),
            Column("now", _("Today"), lambda one: one.now or "–", 90, tooltip=lambda one: one.now,
                   color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([32, *(column.width for column in self.model.columns)], stretch=3)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The backup and today share what the names of the fields leave."""
        room = self.table.width() - px(32)
        what = min(px(150), room // 3)
        self.table.setColumnWidth(1, what)
        self.table.setColumnWidth(2, max(px(90), (room - what) // 2))

    def set_parts(self, parts: Sequence[Part], without: frozenset[Cell] = frozenset(), created: bool = False) -> None:
        """Show a record; ``without`` are the lines that somebody unchecked before."""
        lines = lines_of(parts)
        self.model.set_rows(lines)
        self.model.checked = {one.cell for one in lines if one.cell not in without and (one.op != "I" or created)}
        self.table.viewport().update()
        if lines:
            self.table.set_current_row(0)

    def unchecked(self) -> frozenset[Cell]:
        """The lines that are to stay as they are."""
        return frozenset(one.cell for one in self.model.rows() if one.cell not in self.model.checked)

    def takes_away(self) -> bool:
        """Whether a line is checked that is new since the backup, and so would go."""
        return any(one.op == "I" and one.cell in self.model.checked for one in self.model.rows())
