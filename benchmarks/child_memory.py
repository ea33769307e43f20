"""Measured process: a large office in a window, looked at in every way; how much memory that takes at most."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random
from typing import Any, Self

import psutil
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from benchmarks.child_window import Stage, rows_shown
from benchmarks.processes import arguments, tell
from ui.records.list_page import ListPage

_JUMPS = 20


def peak() -> float:
    """The most memory that this process has held, in MB."""
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):
        return float(memory.peak_wset) / 1e6
    status = Path("/proc/self/status")
    if status.exists():  # Linux: ru_maxrss would also count what the parent had held when it started this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource  # lazy: not on Windows

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if psutil.MACOS else used * 1024 / 1e6


class Watch:
    """The most memory of its own that this process holds inside the block, in MB.

    Pages of files that are only looked at do not count: the system takes them back whenever it needs them. No counter of
    the system tells that highest value, so it is looked at twenty times a second.
    """

    def __init__(self) -> None:
        self.most = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process()
        while True:
            self.most = max(self.most, own(process))
            if self._ended.wait(0.05):
                return


def own(process: psutil.Process | None = None) -> float:
    """The memory that this process holds of its own now, in MB."""
    memory = (process or psutil.Process()).memory_info()
    held = getattr(memory, "private", None) or memory.rss - getattr(memory, "shared", 0)
    return float(held) / 1e6


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Open the first page, the list, jump about, sort, search in it and check every row."""
    if not given.get("database"):
        qt = QApplication([])
        bare = QMainWindow()
        bare.show()
        qt.processEvents()
        return {"peak": peak()}
    steps = {}
    stage = Stage(given["database"])
    window = stage.window()
    window.open_page("today")
    stage.rest()
    steps["first page"] = peak()
    window.open_page("contacts")
    page = window.current_page
    assert isinstance(page, ListPage)
    stage.until(lambda: rows_shown(page) and page.model.complete)
    stage.rest()
    steps["list"] = peak()
    rng, bar = Random(5), page.table.verticalScrollBar()
    for _ in range(_JUMPS):
        bar.setValue(rng.randint(0, bar.maximum()))
        stage.until(lambda: rows_shown(page))
    steps["jumps"] = peak()
    page.table.header.sort_requested.emit([(page.model.column_of("company_id"), Qt.SortOrder.AscendingOrder)])
    stage.rest()
    stage.until(lambda: page.model.complete)
    steps["sort"] = peak()
    page.search.setText("maria")
    page.search_now()
    stage.rest()
    steps["search"] = peak()
    return {"peak": peak(), "rows": page.model.rowCount(), "steps": steps}


if __name__ == "__main__":
    tell(main(arguments()))
