"""The table of record lists: keeps its place when rows change, edits in place, fits and remembers its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QWidget

from crm_desktop.core.fields import Field, Kind
from ui.framework import settings
from ui.records.list_delegate import RecordDelegate
from ui.records.list_groups import GroupedModel
from ui.records.shown import at_end, editable
from ui.theme.theme import px
from ui.widgets.table import DataTable

Index = QModelIndex | QPersistentModelIndex
_NARROWEST = 0.66
_NARROWEST_FIRST = 0.9
"""The first column says whose row it is."""

_NARROWEST_END = 0.72
"""Amounts and dates lose their margins, not their figures."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RecordTable(DataTable):
    """A table over a :class:`GroupedModel`.

    ``delete_requested``, ``search_requested`` (slash) and ``current_record_changed`` (id or None) tell the page.
    """

    delete_requested = Signal()
    search_requested = Signal()
    edit_refused = Signal(int)
    current_record_changed = Signal(object)
    columns_moved = Signal()
    copy_requested = Signal()
    paste_requested = Signal()

    def __init__(self, model: GroupedModel, name: str, *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name, row_height=26 if compact else 32, check_column=0, parent=parent)
        self.records = model
        self.cell_cursor = False
        self._drafts: dict[tuple[int, str], str] = {}
        self._widths: dict[str, int] = {}
        self._fitting = False
        self._place: tuple[int | None, int | None, int, int] = (None, None, 0, 0)
        self._current: int | None = None
        self._moving = False
        self.gap_row = -1  # where the current record stood that left the list
        cells = RecordDelegate(self)
        cells.check_column = 0
        self.setItemDelegate(cells)
        self._cells = cells
        self.own_column_menu = False
        self.setModel(model)
        model.about_to_change.connect(self._keep_place)
        model.changed.connect(self._restore_place)
        self.current_row_changed.connect(self._on_row)
        self.header.sectionResized.connect(self._on_resized)
        self.header.sectionMoved.connect(lambda *_args: self._on_moved())

    # -- place -------------------------------------------------------------------------------------------------

    def _keep_place(self) -> None:
        self._moving = True
        row = self.current_row()
        if row >= 0:
            self.gap_row = row
        top = self.rowAt(0)
        offset = self.rowViewportPosition(top) if top >= 0 else 0
        self._place = (self._current, self.records.id_at(top), offset, self.horizontalScrollBar().value())

    def _restore_place(self) -> None:
        current, top, offset, across = self._place
        self._moving = False
        self._quiet_current(current)
        # At the very top new rows are to be seen; anywhere else what was read stays where it was.
        if top is not None and not (offset == 0 and self.verticalScrollBar().value() == 0):
            row = self.records.row_of(top)
            if row >= 0:
                self.verticalScrollBar().setValue(row * self.verticalHeader().defaultSectionSize() - offset)
        self.horizontalScrollBar().setValue(across)
        self.header.viewport().update()

    def _quiet_current(self, record_id: int | None) -> None:
        row = self.records.row_of(record_id) if record_id is not None else -1
        if row >= 0 and row != self.current_row():
            bar = self.verticalScrollBar().value()
            self.blockSignals(True)
            self.set_current_row(row)
            self.blockSignals(False)
            self.verticalScrollBar().setValue(bar)
        elif row < 0 and record_id is not None and self.current_row() >= 0:
            # it left the list: its card stays, and no other record takes its place under somebody's hands
            self.selectionModel().clear()
            self.viewport().update()
            return
        self.gap_row = -1

    def _on_row(self, row: int) -> None:
        if self._moving:
            return
        record_id = self.records.id_at(row)
        if record_id is not None and record_id != self._current:
            self._current = record_id
            self.current_record_changed.emit(record_id)

    def current_id(self) -> int | None:
        """The record whose row is current."""
        return self._current

    def forget_current(self) -> None:
        """No record is current any more."""
        self._current = None

    def show_record(self, record_id: int) -> bool:
        """Make a record's row current; False where it is not in the list."""
        row = self.records.row_of(record_id)
        if row < 0:
            return False
        self.set_current_row(row)
        return True

    # -- columns -----------------------------------------------------------------------------------------------

    def set_columns(self, fields: Sequence[Field], widths: dict[str, int]) -> None:
        """Show these fields in this order."""
        self._widths = {one.name: widths.get(one.name) or _first_width(one) for one in fields}
        self.records.set_fields(fields)
        for visual in range(self.header.count()):
            self.header.moveSection(self.header.visualIndex(visual), visual)
        self.setColumnWidth(0, px(40))
        self._fit()
        self.header.set_sorts(self.records.sorts())

    def columns(self) -> list[list[Any]]:
        """[field name, width at 100 %] of the columns as they stand, for saved views and settings."""
        shown = []
        for visual in range(self.header.count()):
            field = self.records.field_at(self.header.logicalIndex(visual))
            if field is not None:
                shown.append([field.name, self._widths.get(field.name, field.width)])
        return shown

    def _on_resized(self, column: int, _old: int, new: int) -> None:
        field = self.records.field_at(column)
        if field is not None and not self._fitting:
            self._widths[field.name] = round(new / px(100) * 100)
            self.columns_moved.emit()

    def _on_moved(self) -> None:
        if not self._fitting and self.header.visualIndex(0) != 0:
            self._fitting = True
            self.header.moveSection(self.header.visualIndex(0), 0)
            self._fitting = False
        self._find_first_column()
        self.columns_moved.emit()

    def _fit(self) -> None:
        """Give what is left of the width to the columns of text; where there is too little, shrink those, then the rest."""
        fields = self.records.fields
        room = self.viewport().width() - px(40)
        widths = {one.name: px(self._widths.get(one.name, one.width)) for one in fields}
        texts = [one for one in fields if not at_end(one)] or fields
        flexible = sum(widths[one.name] for one in texts)
        if room < px(120) or not flexible:
            return
        missing = room - sum(widths.values())
        factors = {one.name: max(_NARROWEST, 1 + missing / flexible) for one in texts}
        first = texts[0].name
        if factors[first] < _NARROWEST_FIRST:
            rest = flexible - widths[first]
            missing += round(widths[first] * (1 - _NARROWEST_FIRST))
            factors = {name: max(_NARROWEST, 1 + missing / max(rest, 1)) for name in factors}
            factors[first] = _NARROWEST_FIRST
        missing = room - sum(int(widths[one.name] * factors.get(one.name, 1.0)) for one in fields)
        ends = [one for one in fields if one.name not in factors]
        if missing < 0 and ends:  # the columns of text have given what they can
            stiff = sum(widths[one.name] for one in ends)
            factors |= {one.name: max(_NARROWEST_END, 1 + missing / stiff) for one in ends}
        self._fitting = True
        used = 0
        for column, one in enumerate(fields, 1):
            width = int(widths[one.name] * factors.get(one.name, 1.0))
            used += width
            self.setColumnWidth(column, width)
        if 0 < room - used < len(fields) + 1:
            self.setColumnWidth(len(fields), self.columnWidth(len(fields)) + room - used)
        self._cells.last_column = len(fields)
        self._fitting = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def remember(self, name: str) -> None:
        """Keep the columns as they stand on this computer."""
        settings.remember_value(f"list.{name}.columns", self.columns())

    # -- keys --------------------------------------------------------------------------------------------------

    def edit_current(self) -> None:
        """Edit the current cell, or the title where none was chosen."""
        index = self.currentIndex()
        if not index.isValid():
            return
        field = self.records.field_at(index.column())
        if field is None or not editable(field):
            column = self.records.column_of(self.records.spec.title_field)
            index = self.records.index(index.row(), max(column, 1))
            self.setCurrentIndex(index)
        self.cell_cursor = True
        if not self.records.may_edit(index.row()):
            self.edit_refused.emit(index.row())
        elif self.records.row_values(index.row()) is not None:
            self.edit(index)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Tab and Shift+Tab go on to the next cell that can be edited, also in the next row."""
        hints = QAbstractItemDelegate.EndEditHint
        steps = {hints.EditNextItem: 1, hints.EditPreviousItem: -1}
        super().closeEditor(editor, hints.NoHint if hint in steps else hint)
        if hint in steps:
            self.edit_next(steps[hint])

    def edit_next(self, step: int) -> None:
        """Edit the next cell that can be edited, in the order of the columns; from the last of a row in the next."""
        row, current = self.current_row(), self.currentIndex().column()
        order = [self.header.logicalIndex(visual) for visual in range(self.header.count())]
        order = [column for column in order if (f := self.records.field_at(column)) is not None and editable(f)]
        if not order:
            return
        at = order.index(current) + step if current in order else 0
        while not 0 <= at < len(order) or self.records.group_at(row) is not None:
            row += step
            at = 0 if step > 0 else len(order) - 1
            if not 0 <= row < self.records.rowCount():
                self.setFocus()
                return
        index = self.records.index(row, order[at])
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit_current()

    def step_down(self) -> None:
        """The cell below the current one, as Enter in a spreadsheet does."""
        row = self.current_row() + 1
        while self.records.group_at(row) is not None:
            row += 1
        if row < self.records.rowCount():
            self.setCurrentIndex(self.records.index(row, self.currentIndex().column()))
        self.cell_cursor = True
        self.setFocus()

    def draft_at(self, index: Index) -> str | None:
        """What was typed into a cell and could not be saved."""
        if not self._drafts:
            return None
        record_id, one = self.records.id_at(index.row()), self.records.field_at(index.column())
        return self._drafts.get((record_id, one.name)) if record_id is not None and one is not None else None

    def keep_draft(self, index: Index, text: str | None) -> None:
        """Keep what was typed into a cell until it can be saved; None forgets it."""
        record_id, one = self.records.id_at(index.row()), self.records.field_at(index.column())
        if record_id is None or one is None:
            return
        if text is None:
            self._drafts.pop((record_id, one.name), None)
        else:
            self._drafts[record_id, one.name] = text
        self.viewport().update()

    def _type(self, event: QKeyEvent) -> bool:
        """Begin to edit the cell under the cursor with what is typed; False where the key is not for that."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        one = self.records.field_at(self.currentIndex().column())
        if self.state() == self.State.EditingState:
            return False
        if not (self.cell_cursor and plain and event.text().isprintable() and event.text().strip()):
            return False
        if one is None or not editable(one) or self.records.group_at(self.current_row()) is not None:
            return False
        self.edit_current()
        editor = self.focusWidget()
        if editor is not None and editor is not self:
            QCoreApplication.sendEvent(editor, QKeyEvent(event.type(), event.key(), event.modifiers(), event.text()))
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.cell_cursor = False
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        group = self.records.group_at(index.row()) if index.isValid() else None
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if group is not None and plain and index.column() != 0:
            self.records.set_open(group, not self.records.is_open(group))

    def _group_key(self, key: int) -> bool:
        """What a key does in a list of groups; False where it has its usual meaning."""
        row, records = self.current_row(), self.records
        left, right = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left, right = right, left
        group = records.group_at(row)
        if group is None:
            at_start = key == left and self.currentIndex().column() <= 1
            if at_start:
                self.set_current_row(records.group_row(row))
            return at_start
        if key in (left, right):
            records.set_open(group, key == right)
        elif key in _ENTER:
            records.set_open(group, not records.is_open(group))
        else:
            return key == Qt.Key.Key_F2
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.current_row() < 0 <= self.gap_row and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = self.gap_row - (key == Qt.Key.Key_Up)
            self.set_current_row(max(0, min(row, self.records.rowCount() - 1)))
            event.accept()
        elif self.records.grouping is not None and not event.modifiers() and self._group_key(key) or self._type(event):
            event.accept()
        elif key == Qt.Key.Key_F2:
            self.edit_current()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_requested.emit()
        elif key == Qt.Key.Key_Delete:
            self.delete_requested.emit()
        elif event.text() == "/":
            self.search_requested.emit()
        elif key == Qt.Key.Key_Escape and self.records.checked:
            self.records.check_all(False)
        else:
            if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self.cell_cursor = True
            super().keyPressEvent(event)


def _first_width(field: Field) -> int:
    """The width of a column that nobody has changed; moments need room for "today, 11:30 AM"."""
    return max(field.width, {Kind.DATETIME: 132, Kind.LOCAL_DATETIME: 152}.get(field.kind, 0))
