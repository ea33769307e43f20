"""The table of a rehearsal: rows of one kind, changed cells with the old value struck through beside the new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from crm_desktop.core.fields import Field
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _
from ui.framework.office import Office
from ui.importing.lazy_rows import LazyRows
from ui.importing.rehearsal_rows import (
    CREATED,
    DUPLICATES,
    PROBLEMS,
    REJECTED,
    UNCHANGED,
    UPDATED,
    Diff,
    Found,
    ShownRow,
    fields_text,
)
from ui.importing.words import field_label
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.roles import Role
from ui.widgets.table import DataTable
from ui.widgets.table_cell import CellDelegate, Index
from ui.widgets.table_model import Column

_DIFF = int(Role.SORT) + 100


def paint_diff(
    painter: QPainter, rect: QRect, old: str, new: str, direction: Qt.LayoutDirection, *, strong: bool = False
) -> None:
    """The old value struck through on the soft colour of danger, the new one on that of success."""
    role, x = "strong" if strong else "body", rect.left()
    line = QFontMetrics(theme().font(role)).height() + px(2)
    top = rect.center().y() - line // 2 + 1
    for text, fill, ink, struck in ((old, "danger-soft", "danger", True), (new, "success-soft", "success", False)):
        room = rect.right() + 1 - x
        if not text or room < px(16):
            continue
        width = min(text_width(text, role) + 1, room - px(6))
        if struck and new:
            width = min(width, max(px(40), (rect.width() - px(16)) // 2))
        box = QRect(x, top, width + px(6), line)
        fill_round(painter, mirrored(box, rect, direction), px(3), fill)
        spot = mirrored(box.adjusted(px(3), 0, -px(3), 0), rect, direction)
        painter.save()
        font = theme().font(role)
        font.setStrikeOut(struck)
        draw_text(painter, spot, text, font, ink)
        painter.restore()
        x += width + px(6) + px(4)


class _DiffDelegate(CellDelegate):
    def paint_background(self, painter: QPainter, rect: QRect, index: Index, current: bool, selected: bool) -> None:
        self.hovered_row = self._view.cells.hovered_row  # type: ignore[attr-defined]
        super().paint_background(painter, rect, index, current, selected)

    def paint_content(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index, current: bool
    ) -> None:
        diff = index.data(_DIFF)
        if isinstance(diff, Diff) and diff.changed:
            paint_diff(painter, inner, diff.old, diff.new, option.direction)
        else:
            super().paint_content(painter, inner, option, index, current)


class _Model(LazyRows):
    """Gives the diff of a cell besides its text."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == _DIFF and index.isValid():
            row: ShownRow = self.row(index.row())
            return row.diffs.get(self.columns[index.column()].key)
        return super().data(index, role)


class RehearsalTable(DataTable):
    """Shows rows of one kind; :meth:`show_kind` says of which."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__("", row_height=36, parent=parent)
        self.own_column_menu = False
        self.model_rows = _Model(office, self)
        self.setModel(self.model_rows)
        self.header.setSectionsMovable(False)
        self._diffs = _DiffDelegate(self)
        self._kind = ""

    def current(self) -> ShownRow | None:
        """The row whose details are shown."""
        row = self.current_row()
        return self.model_rows.row(row) if 0 <= row < self.model_rows.rowCount() else None

    def show_kind(self, title: str, fields: Sequence[Field], found: Found) -> None:
        """Show the rows that were found with the columns that suit their kind; ``title`` names the records."""
        kind = found.wanted.kind
        columns = (
            self._record_columns(kind, title, fields)
            if kind in (CREATED, UPDATED)
            else self._reason_columns(kind, title)
        )
        for place in range(self.model_rows.columnCount()):
            self.setItemDelegateForColumn(place, None)  # type: ignore[arg-type]
        known = [one.key for one in self.model_rows.columns] == [one.key for one in columns] and self._kind == kind
        self.model_rows.set_columns(columns)
        self.model_rows.set_source(len(found.ids), found.first, found.load)
        self._kind = kind
        header = self.header
        for place, column in enumerate(columns):
            if not known:
                header.setSectionResizeMode(place, header.ResizeMode.Interactive)
                self.setColumnWidth(place, px(column.width))
            if kind == UPDATED and 1 < place < len(columns) - 1:
                self.setItemDelegateForColumn(place, self._diffs)
        if kind not in (CREATED, UPDATED):
            header.setSectionResizeMode(len(columns) - 1, header.ResizeMode.Stretch)
        self.set_current_row(0)

    @staticmethod
    def _record_columns(kind: str, title: str, fields: Sequence[Field]) -> list[Column]:
        def text(name: str) -> Any:
            return lambda row: row.diffs[name].new if name in row.diffs else ""

        def color(name: str) -> Any:
            return lambda row: "text" if kind == CREATED else "text-muted"

        count = _("Change") if kind == UPDATED else _("Filled")
        columns = [
            _number_column(),
            Column("title", title, lambda row: row.title, 184, font="name"),
        ]
        wide = 250 if kind == UPDATED else 180
        columns += [Column(one.name, field_label(one), text(one.name), wide, color=color(one.name)) for one in fields]
        columns.append(
            Column("changes", count, lambda row: fields_text(row.changes) if row.row else "", 112, "end", "text-muted",
                   "secondary")
        )  # fmt: skip
        return columns

    @staticmethod
    def _reason_columns(kind: str, title: str) -> list[Column]:
        told = {
            UNCHANGED: (_("Recognised by"), _("What it is")),
            DUPLICATES: (_("Recognised by"), _("What it is")),
            REJECTED: (_("Column"), _("Why")),
            PROBLEMS: (_("Column"), _("Why")),
        }
        first, last = told.get(kind, (_("Column"), _("Why")))
        columns = [_number_column()]
        if kind != PROBLEMS:
            columns.append(Column("title", title, lambda row: row.title, 184, font="name"))
        return [
            *columns,
            Column("column", first, lambda row: row.column or ("–" if row.row else ""), 160, color="text-muted"),
            Column("value", _("Value"), lambda row: row.value, 220),
            Column("reason", last, lambda row: row.reason, 320, color="danger" if kind == REJECTED else "text"),
        ]


def _number_column() -> Column:
    return Column("row", _("Row"), lambda row: format_integer(row.row) if row.row else "", 72, "end", "text-muted")
