"""Measured process: a plain QTableView over as many rows of made-up text, opened and jumped in."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

from benchmarks.measure import median
from benchmarks.processes import arguments, tell

_RUNS = 6


class _Numbers(QAbstractTableModel):
    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return self._rows

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 6

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return f"Row {index.row()}, {index.column()}" if role == Qt.ItemDataRole.DisplayRole else None


def _timed(action: Any) -> float:
    begin = time.perf_counter()
    action()
    QApplication.processEvents()
    return (time.perf_counter() - begin) * 1000


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Measure it."""
    qt = QApplication([])
    window = QMainWindow()
    window.resize(1440, 900)
    window.show()
    qt.processEvents()
    opened, tables = [], []

    def show() -> None:
        table = QTableView()
        table.setModel(_Numbers(given["rows"]))
        window.setCentralWidget(table)
        tables.append(table)

    for _ in range(_RUNS):
        opened.append(_timed(show))
    rng = Random(11)
    bar = tables[-1].verticalScrollBar()
    jumps = [_timed(lambda: bar.setValue(rng.randint(0, bar.maximum()))) for _ in range(40)]
    return {"open": median(opened), "jump": median(jumps)}


if __name__ == "__main__":
    tell(main(arguments()))
