"""Python's collector of cycles, run on the thread of the window only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Collector(QObject):
    """Collects cycles from a timer instead of wherever memory happens to be asked for, from now to the program's end.

    Python would otherwise free a cycle on a worker thread, and a Qt object that dies there leaves its timers behind
    on the thread of the window: the next tick ends the process. Nor may it free one while Qt destroys another
    object: Qt then holds a lock of its signals, asks Python for a method, and would wait for that lock for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation whose turn it is."""
        gc.disable()  # somebody may have switched it on again
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        turn = [generation for generation, (count, limit) in enumerate(counts) if count > limit]
        if turn:
            gc.collect(max(turn))

    def stop(self) -> None:
        """Collect no more: the program ends."""
        self._timer.stop()
