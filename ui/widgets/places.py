"""Keeping the place of a list whose rows are replaced: what was read stays where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QListView


@contextmanager
def kept_place(view: QListView, key_of: Callable[[int], Any]) -> Iterator[None]:
    """Replace the rows of a list inside the block; the row at its top stays at its height.

    At the very top new rows are to be seen, so there the list stays at the top.

    Args:
        key_of: names the record of a row; None for a row that has none.
    """
    bar = view.verticalScrollBar()
    value = bar.value()
    shown = _rows_in_view(view) if value else []
    anchors = [(key, view.visualRect(view.model().index(row, 0)).top()) for row in shown if (key := key_of(row))]
    yield
    if not value:
        bar.setValue(0)
        return
    view.doItemsLayout()
    bar.setValue(value)
    rows = {key: row for row in range(view.model().rowCount()) if (key := key_of(row))} if anchors else {}
    for key, top in anchors:
        if key in rows:
            bar.setValue(bar.value() + view.visualRect(view.model().index(rows[key], 0)).top() - top)
            return


def _rows_in_view(view: QListView) -> list[int]:
    middle, height = view.viewport().width() // 2, view.viewport().height()
    first = next((i for y in range(0, height, 8) if (i := view.indexAt(QPoint(middle, y))).isValid()), None)
    if first is None:
        return []
    return list(range(first.row(), min(first.row() + 20, view.model().rowCount())))
