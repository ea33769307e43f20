"""Measured process: PySide6 with one empty window, shown and painted."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QApplication, QMainWindow

from benchmarks.processes import arguments, tell

if __name__ == "__main__":
    qt = QApplication([])
    window = QMainWindow()
    window.resize(1440, 900)
    window.show()
    qt.processEvents()
    tell({"wall": time.time() - arguments()["started"], "cpu": time.process_time()})
