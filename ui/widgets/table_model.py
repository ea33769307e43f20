"""A table model over a plain list of rows, for tables that fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex
_Data = Qt.ItemDataRole


@dataclass(frozen=True)
class Column:
    """A column of a ListTableModel. Each function gets the row.

    ``text`` gives what is shown, ``sort`` the value to sort by (the text without it), ``align`` is "start" or "end".
    """

    key: str
    title: str
    text: Callable[[Any], str]
    width: int = 120
    align: str = "start"
    color: str | Callable[[Any], str] = "text"
    font: str | Callable[[Any], str] = ""
    sort: Callable[[Any], Any] | None = None
    avatar: Callable[[Any], str] | None = None
    icon: Callable[[Any], tuple[str, str] | None] | None = None
    badge: Callable[[Any], tuple[str, str, str] | None] | None = None
    tags: Callable[[Any], list[tuple[str, int]]] | None = None
    bar: Callable[[Any], tuple[float, str]] | None = None
    tooltip: Callable[[Any], str] | None = None


class ListTableModel(QAbstractTableModel):
    """Rows in memory. With ``key`` and ``checks``, column 0 is a check column and ``checked`` holds the keys.

    ``checks_changed`` is sent after a check box changed.
    """

    checks_changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Any] = (),
        *,
        key: Callable[[Any], Hashable] | None = None,
        checks: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = list(columns)
        self._rows: list[Any] = list(rows)
        self._key = key or id
        self._offset = 1 if checks else 0
        self.checked: set[Hashable] = set()
        self._sorts: list[tuple[int, Qt.SortOrder]] = []

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show other rows, sorted as before."""
        self.beginResetModel()
        self._rows = list(rows)
        self.checked &= {self._key(row) for row in self._rows}
        self._arrange()
        self.endResetModel()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Use other columns, e.g. with titles in another language."""
        self.beginResetModel()
        self.columns = list(columns)
        self.endResetModel()

    def column_roles(self, section: int) -> frozenset[int]:
        """The roles of :class:`Role` that a column may answer, so that the table does not ask for the others."""
        if section < self._offset:
            return frozenset()
        column = self.columns[section - self._offset]
        roles = {Role.COLOR}
        given = {
            Role.FONT: column.font,
            Role.AVATAR: column.avatar,
            Role.ICON: column.icon,
            Role.BADGE: column.badge,
            Role.TAGS: column.tags,
            Role.BAR: column.bar,
        }
        return frozenset(roles | {role for role, value in given.items() if value})

    def row(self, index: int) -> Any:
        """The row at a position."""
        return self._rows[index]

    def rows(self) -> list[Any]:
        """All rows as they are shown."""
        return list(self._rows)

    def row_changed(self, index: int, row: Any) -> None:
        """Put another row at a position."""
        self._rows[index] = row
        self.dataChanged.emit(self.index(index, 0), self.index(index, self.columnCount() - 1))

    def find(self, key: Hashable) -> int:
        """The position of the row with a key, or -1."""
        return next((i for i, row in enumerate(self._rows) if self._key(row) == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns) + self._offset

    def data(self, index: Index, role: int = _Data.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if index.column() < self._offset:
            if role == _Data.CheckStateRole:
                return Qt.CheckState.Checked if self._key(row) in self.checked else Qt.CheckState.Unchecked
            return None
        column = self.columns[index.column() - self._offset]
        if role == _Data.DisplayRole:
            return column.text(row)
        if role == _Data.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.align == "end" else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Role.COLOR:
            return column.color(row) if callable(column.color) else column.color
        if role == Role.FONT:
            return (column.font(row) if callable(column.font) else column.font) or None
        if role == Role.KEY:
            return self._key(row)
        source = {
            Role.AVATAR: column.avatar,
            Role.ICON: column.icon,
            Role.BADGE: column.badge,
            Role.TAGS: column.tags,
            Role.BAR: column.bar,
            _Data.ToolTipRole: column.tooltip,
        }.get(role)  # type: ignore[call-overload]
        return source(row) if source else None

    def setData(self, index: Index, value: Any, role: int = _Data.EditRole) -> bool:
        if role != _Data.CheckStateRole or index.column() >= self._offset:
            return False
        key = self._key(self._rows[index.row()])
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.checked.add(key)
        else:
            self.checked.discard(key)
        self.dataChanged.emit(index, index, [role])
        self.checks_changed.emit()
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Data.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section < self._offset:
            return self._all_state() if role == _Data.CheckStateRole else None
        column = self.columns[section - self._offset]
        if role == _Data.DisplayRole:
            return column.title
        if role == _Data.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight if column.align == "end" else Qt.AlignmentFlag.AlignLeft)
        return None

    def setHeaderData(self, section: int, orientation: Qt.Orientation, value: Any, role: int = _Data.EditRole) -> bool:
        if role != _Data.CheckStateRole or section >= self._offset:
            return False
        on = Qt.CheckState(value) == Qt.CheckState.Checked
        self.checked = {self._key(row) for row in self._rows} if on else set()
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0), [role])
        self.checks_changed.emit()
        return True

    def _all_state(self) -> Qt.CheckState:
        if not self.checked:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if len(self.checked) == len(self._rows) else Qt.CheckState.PartiallyChecked

    def sort_by(self, sorts: list[tuple[int, Qt.SortOrder]]) -> None:
        """Sort by several columns, the first first."""
        self._sorts = list(sorts)
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        kept = [(self._rows[index.row()], index.column()) for index in old]
        self._arrange()
        places = {id(row): i for i, row in enumerate(self._rows)}
        self.changePersistentIndexList(old, [self.index(places[id(row)], column) for row, column in kept])
        self.layoutChanged.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.sort_by([(column, order)])

    def _arrange(self) -> None:
        for section, order in reversed(self._sorts):
            if not self._offset <= section < self.columnCount():
                continue
            column = self.columns[section - self._offset]
            value = column.sort or column.text
            down = order == Qt.SortOrder.DescendingOrder
            filled = [row for row in self._rows if value(row) is not None]
            empty = [row for row in self._rows if value(row) is None]
            filled.sort(key=value, reverse=down)
            self._rows = filled + empty
