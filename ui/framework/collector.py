"""Python's collector of cycles, run on the thread of the window only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500
_FEW = 200
"""New objects in a turn: the window at rest makes fewer than a hundred, any work thousands."""
_OLD = 100
"""After so many collections of young objects the old ones are due."""
_QUIET = 20
"""So many turns in a row with few new objects: nobody is at work just now."""
_LATEST = 1200
"""So many turns at most a whole collection waits for such a moment."""


class Collector(QObject):
    """Collects cycles from a timer instead of wherever memory happens to be asked for, from now to the program's end.

    Python would otherwise free a cycle on a worker thread, and a Qt object that dies there leaves its timers behind
    on the thread of the window: the next tick ends the process. Nor may it free one while Qt destroys another
    object: Qt then holds a lock of its signals, asks Python for a method, and would wait for that lock for ever.

    Looking at every object takes tens of milliseconds, which somebody at work would feel. So old objects are collected
    when nothing has happened for some seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._quiet = self._waited = self._collected = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect young objects where there are many; the old ones only when nobody is at work."""
        gc.disable()  # somebody may have switched it on again
        new = gc.get_count()[0]
        self._quiet = self._quiet + 1 if new < _FEW else 0
        self._waited = self._waited + 1 if self._collected >= _OLD else 0
        if self._waited and (self._quiet >= _QUIET or self._waited >= _LATEST):
            gc.collect()
            self._collected = 0
        elif new > gc.get_threshold()[0]:
            gc.collect(1)  # the middle one with it, lest it grows until its turn is felt
            self._collected += 1

    def stop(self) -> None:
        """Collect no more: the program ends."""
        self._timer.stop()
