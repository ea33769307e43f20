"""Measured process: the program itself with a database, until its first page has read and painted what it shows."""
# ruff: noqa: E402, I001 - as main.py does: the collector first, the core before Qt

from __future__ import annotations

import gc

gc.disable()

import time
from typing import Any

import crm_desktop.app  # noqa: F401
import main
from benchmarks.processes import arguments, tell
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui import app
from ui.framework import tasks


class _Watched(app.Application):
    """Starts as ever, waits until nothing is being read or painted any more, tells the time, and ends."""

    def start(self, target: str | None, **options: Any) -> None:
        super().start(target, **options)
        shown = time.time() - _GIVEN["started"]
        QTimer.singleShot(0, self, lambda: self._rest(shown))  # the program's own event loop runs meanwhile

    def _rest(self, shown: float) -> None:
        end = time.monotonic() + 60
        while not tasks.wait_idle(60):  # false where something new began in the same moment
            if time.monotonic() > end:
                raise RuntimeError("the first page does not come to rest")
        QApplication.processEvents()
        tell({"wall": time.time() - _GIVEN["started"], "cpu": time.process_time(), "shown": shown})
        QApplication.quit()


if __name__ == "__main__":
    _GIVEN = arguments()
    app.Application = _Watched  # type: ignore[misc]
    main.main(["--database", _GIVEN["database"]])
