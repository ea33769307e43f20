"""A table model over rows that are read page by page in the background, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ui.framework.office import Office
from ui.importing.rehearsal_rows import PAGE, ShownRow
from ui.widgets.table_model import Column, ListTableModel

_KEPT = 60
_NOT_READ = ShownRow(0, "")
Load = Callable[[Any, int, int], list[ShownRow]]


class _Pages(Sequence[ShownRow]):
    """Rows by place; those that were not read yet are empty, and asked for."""

    def __init__(self, count: int, ask: Callable[[int], None]) -> None:
        self._count = count
        self._ask = ask
        self.pages: dict[int, list[ShownRow]] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        page = self.pages.get(place // PAGE)
        if page is None:
            self._ask(place // PAGE)
            return _NOT_READ
        return page[place % PAGE] if place % PAGE < len(page) else _NOT_READ

    def put(self, number: int, rows: list[ShownRow]) -> None:
        """Keep a page; the one that was read longest ago goes."""
        while len(self.pages) >= _KEPT:
            del self.pages[next(iter(self.pages))]
        self.pages[number] = rows


class LazyRows(ListTableModel):
    """Rows of a journal. ``page_read`` is sent when rows came into memory; ``sort_requested`` with the key of a column
    and whether it goes down."""

    page_read = Signal()
    sort_requested = Signal(str, bool)

    def __init__(self, office: Office, owner: Any, parent: QObject | None = None) -> None:
        super().__init__([], key=lambda row: row.line, parent=parent)
        self._office = office
        self._owner = owner
        self._load: Load = lambda _connection, _start, _stop: []
        self._asked: set[int] = set()
        self._lazy = _Pages(0, self._ask)

    def set_source(self, count: int, first: list[ShownRow], load: Load) -> None:
        """Show other rows; the first page of them is known."""
        self.beginResetModel()
        self._asked = set()
        self._load = load
        self._lazy = _Pages(count, self._ask)
        self._lazy.put(0, first)
        self._rows = self._lazy  # type: ignore[assignment]
        self.endResetModel()

    def rows(self) -> list[ShownRow]:
        """The rows that are in memory, in their order."""
        return [row for number in sorted(self._lazy.pages) for row in self._lazy.pages[number]]

    def find(self, key: Any) -> int:
        for number, rows in self._lazy.pages.items():
            for place, row in enumerate(rows):
                if row.line == key:
                    return number * PAGE + place
        return -1

    def sort_by(self, sorts: list[tuple[int, Qt.SortOrder]]) -> None:
        if sorts:
            column, order = sorts[0]
            self.sort_requested.emit(self.columns[column].key, order == Qt.SortOrder.DescendingOrder)

    def set_columns(self, columns: Sequence[Column]) -> None:
        super().set_columns(columns)

    def _ask(self, number: int) -> None:
        if number in self._asked:
            return
        self._asked.add(number)
        load, pages = self._load, self._lazy

        def done(rows: list[ShownRow]) -> None:
            if self._lazy is not pages:
                return
            self._asked.discard(number)
            pages.put(number, rows)
            first = number * PAGE
            last = min(first + PAGE, len(pages)) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))
            self.page_read.emit()

        self._office.read(self._owner, lambda connection: load(connection, number * PAGE, (number + 1) * PAGE), done)
