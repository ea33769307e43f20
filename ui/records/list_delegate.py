"""The cells of record lists: painted by their kind, the rows of groups over all columns, edited where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QToolTip, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.formats import format_integer
from crm_desktop.records.grouping import Group
from ui.records.editors import make_editor, start_value
from ui.records.shown import currency_of, editable
from ui.records.typed import keep_cell
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored, start_edge
from ui.theme.theme import px, theme
from ui.widgets.editor_base import problem_of
from ui.widgets.popup import DropList
from ui.widgets.table_cell import CellDelegate

if TYPE_CHECKING:
    from ui.records.list_view import RecordTable

Index = QModelIndex | QPersistentModelIndex
_FILLED = "crm_filled"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RecordDelegate(CellDelegate):
    """Paints cells, and edits them with the editor of their field."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__(table)
        self._table = table
        self._by_enter = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self._table
        group = table.records.group_at(index.row())
        if group is not None:
            self._paint_group(painter, option, index, group)
            return
        super().paint(painter, option, index)
        if table.draft_at(index) is not None:
            frame_round(painter, QRect(option.rect).adjusted(1, 1, -1, -2), px(4), "danger")
        if table.cell_cursor and table.hasFocus() and index == table.currentIndex() and index.column() > 0:
            frame_round(painter, QRect(option.rect).adjusted(1, 1, -1, -2), px(4), "focus")

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, group: Group) -> None:
        """The row of a group: each cell paints its part of the whole row, over which the words run."""
        table, cell = self._table, QRect(option.rect)
        direction = table.layoutDirection()
        right_to_left = direction == Qt.LayoutDirection.RightToLeft
        whole = QRect(-table.header.offset(), cell.top(), table.header.length(), cell.height())
        if right_to_left:
            whole.moveRight(table.viewport().width() - 1 + table.header.offset())
        current = self.is_current(index)
        painter.save()
        painter.setClipRect(cell)
        token = "accent-soft" if current else "hover" if index.row() == self.hovered_row else "sunken"
        painter.fillRect(cell, theme().color(token))
        painter.fillRect(cell.left(), cell.bottom(), cell.width(), 1, theme().color("border"))
        if current and index.column() == 0:
            start_edge(painter, cell, px(3), "accent", direction)
        end = px(12 if index.column() == self.last_column else 8)
        text = str(index.data() or "") if index.column() > 1 else ""
        if index.column() == 0:
            self._paint_check(painter, mirrored(cell.adjusted(px(16), 0, -px(8), -1), cell, direction), option, index)
        elif text:
            inner = mirrored(cell.adjusted(px(8), 0, -end, -1), cell, direction)
            draw_text(painter, inner, text, "strong", "text", Qt.AlignmentFlag.AlignTrailing)
        else:
            self._paint_group_words(painter, whole, direction, group)
        painter.restore()

    def _paint_group_words(self, painter: QPainter, whole: QRect, direction: Qt.LayoutDirection, group: Group) -> None:
        """The arrow, what the group has in common, and how many records it has."""
        table, side = self._table, px(14)
        start = table.columnWidth(0) + px(8)
        box = QRect(whole.left() + start, whole.center().y() - side // 2 + 1, side, side)
        closed = "ph.caret-left" if direction == Qt.LayoutDirection.RightToLeft else "ph.caret-right"
        name = "ph.caret-down" if table.records.is_open(group) else closed
        paint_icon(painter, QRectF(mirrored(box, whole, direction)), name, "text-muted")
        words = whole.adjusted(start + side + px(8), 0, -px(8), -1)
        used = draw_text(painter, mirrored(words, whole, direction), table.records.group_text(group), "strong", "text")
        count = mirrored(words.adjusted(used + px(8), 0, 0, 0), whole, direction)
        draw_text(painter, count, format_integer(group.count), "body", "text-muted")

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> Any:
        model = self._table.records
        field = model.field_at(index.column())
        if field is None or not editable(field) or not model.may_edit(index.row()):
            return None
        row = model.row_values(index.row())
        currency = currency_of(row.values) if row else None
        editor = make_editor(model.office, field, parent, currency=currency, inline=True)
        editor.setMinimumHeight(px(28))
        keep_cell(editor, model, model.id_at(index.row()), field.name)
        editor.committed.connect(lambda: self._finish(editor))
        editor.cancelled.connect(lambda: self.closeEditor.emit(editor, self.EndEditHint.RevertModelCache))
        return editor

    def _finish(self, editor: Any) -> None:
        if not self._refuse(editor):
            down, self._by_enter = self._by_enter, False
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, self.EndEditHint.NoHint)
            if down:
                self._table.step_down()

    def _refuse(self, editor: Any) -> bool:
        problem = problem_of(editor)
        if problem:
            editor.set_problem(problem)
            QToolTip.showText(editor.mapToGlobal(editor.rect().bottomLeft()), problem, editor)
        return bool(problem)

    def setEditorData(self, editor: Any, index: Index) -> None:
        if editor.property(_FILLED):
            return  # a change elsewhere: what is being typed stays
        editor.setProperty(_FILLED, True)
        field = self._table.records.field_at(index.column())
        self._by_enter = False
        draft = self._table.draft_at(index)
        if draft is not None and hasattr(editor, "setText"):
            editor.setText(draft)
            self._refuse(editor)
        elif field is not None:
            editor.set_value(start_value(field, index.data(Qt.ItemDataRole.EditRole)))
            if hasattr(editor, "selectAll"):
                editor.selectAll()

    def setModelData(self, editor: Any, model: QAbstractItemModel, index: Index) -> None:
        try:
            value = editor.value()
        except FieldError:
            if hasattr(editor, "text"):  # what was typed is kept for when the cell is opened again
                self._table.keep_draft(index, editor.text())
            return
        self._table.keep_draft(index, None)
        model.setData(index, value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            drop = watched.findChild(DropList)
            if drop is not None and drop.isVisible():
                return False
            if event.key() in _ENTER:
                self._by_enter = True
                return False  # the editor itself says when it is done
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self._refuse(watched):
                return True
        return super().eventFilter(watched, event)
