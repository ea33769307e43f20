"""Rows that come, go and move one by one, so that editors, selection and place of the others are kept."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QAbstractTableModel, QModelIndex

from ui.records.list_diff import Plan, in_two, place_of


class MovingRows(QAbstractTableModel):
    """A table over ids in their order."""

    _ids: array[int]

    def row_of(self, record_id: int) -> int:
        """The row of an id, or -1."""
        return place_of(self._ids, record_id)

    def _become(self, plan: Plan | None, new: array[int]) -> None:
        """Show other rows; editors, selection and place of those that stay are kept."""
        if plan is not None:
            self._apply(plan, new)
            return
        ordered, kept, longer = in_two(self._ids, new)
        self._reorder(ordered)
        if kept < len(ordered):
            self.beginRemoveRows(QModelIndex(), kept, len(ordered) - 1)
            self._ids = ordered[:kept]
            self.endRemoveRows()
        if kept < len(longer):
            self.beginInsertRows(QModelIndex(), kept, len(longer) - 1)
            self._ids = longer
            self.endInsertRows()
        self._reorder(new)

    def _reorder(self, ids: array[int]) -> None:
        """The same rows in another order."""
        if ids == self._ids:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [(self._ids[one.row()], one.column()) for one in before]
        self._ids = ids
        places = {one: self.row_of(one) for one, _column in moved}
        self.changePersistentIndexList(before, [self.index(places[one], column) for one, column in moved])
        self.layoutChanged.emit()

    def _apply(self, plan: Plan, new: array[int]) -> None:
        for row in plan.removed:
            self.beginRemoveRows(QModelIndex(), row, row)
            self._ids = self._ids[:row] + self._ids[row + 1 :]
            self.endRemoveRows()
        if plan.kept is not None:
            self._reorder(plan.kept)
        for row in plan.inserted:
            self.beginInsertRows(QModelIndex(), row, row)
            self._ids = self._ids[:row] + array("q", [new[row]]) + self._ids[row:]
            self.endInsertRows()
