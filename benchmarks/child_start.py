"""Measured process: the program itself with a database, until its first page has read and painted what it shows."""
# ruff: noqa: I001 - imported as main.py does: the core before Qt

from __future__ import annotations

import time
from typing import Any

import crm_desktop.app  # noqa: F401
import main
from benchmarks.processes import arguments, tell
from PySide6.QtWidgets import QApplication
from ui import app
from ui.framework import tasks


class _Watched(app.Application):
    """Starts as ever, waits until nothing is being read or painted any more, tells the time, and ends."""

    def start(self, target: str | None, **options: Any) -> None:
        super().start(target, **options)
        shown = time.time() - _GIVEN["started"]
        end = time.monotonic() + 60
        while not tasks.wait_idle(60):  # false where something new began in the same moment
            if time.monotonic() > end:
                raise RuntimeError("the first page does not come to rest")
        QApplication.processEvents()
        tell({"wall": time.time() - _GIVEN["started"], "cpu": time.process_time(), "shown": shown})
        QApplication.exit()
        raise SystemExit


if __name__ == "__main__":
    _GIVEN = arguments()
    app.Application = _Watched  # type: ignore[misc]
    main.main(["--database", _GIVEN["database"]])
