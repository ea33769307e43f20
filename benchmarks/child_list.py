"""Measured process: the contact list of a large office opened, jumped in, sorted."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from PySide6.QtCore import Qt

from benchmarks.child_window import Stage, rows_shown
from benchmarks.processes import arguments, tell
from ui.main_window import MainWindow
from ui.records.list_page import ListPage

_OPENINGS = 6
_JUMPS = 40
_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def _page(window: MainWindow) -> ListPage:
    page = window.current_page
    assert isinstance(page, ListPage)
    return page


def _open(stage: Stage) -> tuple[MainWindow, dict[str, float]]:
    window = stage.window()
    return window, stage.timed(
        lambda: window.open_page("contacts"), lambda: rows_shown(_page(window)), lambda: _page(window)
    )


def _jump(stage: Stage, page: ListPage, rng: Random) -> dict[str, float]:
    bar = page.table.verticalScrollBar()
    place = rng.randint(0, bar.maximum())
    return stage.timed(lambda: bar.setValue(place), lambda: rows_shown(page), lambda: page)


def _sort(stage: Stage, page: ListPage, column: int, order: Qt.SortOrder) -> dict[str, Any]:
    arrived: list[float] = []
    whole: list[float] = []

    def note() -> None:
        if page.model.complete and not whole:
            whole.append(time.perf_counter())

    page.model.loaded.connect(lambda: arrived.append(time.perf_counter()))
    page.model.counted.connect(lambda *_counts: note())
    ask = page.table.header.sort_requested
    begin = time.perf_counter()
    first = stage.timed(
        lambda: ask.emit([(column, order)]), lambda: bool(arrived) and rows_shown(page), lambda: page
    )  # fmt: skip
    stage.until(lambda: bool(whole))
    field = page.model.field_at(column)
    return {
        "column": field.name if field else "", "down": order == _DOWN, "first": first["ms"], "cpu": first["cpu"],
        "ms": (whole[0] - begin) * 1000, "gap": first["gap"],
    }  # fmt: skip


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Measure all of it."""
    stage = Stage(given["database"])
    openings = []
    for _ in range(given.get("openings", _OPENINGS)):
        window, taken = _open(stage)
        openings.append(taken)
        stage.until(lambda window=window: _page(window).model.complete)
        if len(openings) < given.get("openings", _OPENINGS):
            window.status_keeper.stop()
            window.close()
            window.deleteLater()
            stage.rest()
    page = _page(window)
    rng = Random(11)
    jumps = [_jump(stage, page, rng) for _ in range(given.get("jumps", _JUMPS))]
    page.table.verticalScrollBar().setValue(0)
    stage.rest()
    sorts = []
    for column in range(1, page.model.columnCount()):
        for order in (_DOWN, _UP):
            sorts.append(_sort(stage, page, column, order))
    return {"rows": page.model.rowCount(), "openings": openings, "jumps": jumps, "sorts": sorts}


if __name__ == "__main__":
    tell(main(arguments()))
