"""Database work in a thread of its own, in order, while the thread that asked for it goes on."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_AHEAD = 2
"""So many pieces of work may wait: more would only hold memory."""
_TURN = 0.0005
"""Seconds that the worker waits at most for its turn in Python, a thousand rows at a time: the usual 5 ms are as long as
the database takes for them."""


class Overlap:
    """One worker for one connection. Whoever uses the connection otherwise calls :meth:`wait` first.

    SQLite and the driver of PostgreSQL let other threads run while the database works, so that reading and
    understanding a file costs no time of its own.
    """

    def __init__(self) -> None:
        self._interval = 0.0
        self._executor: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def submit(self, work: Callable[[], None]) -> None:
        """Do something after what was submitted before. An error of earlier work is raised here or in :meth:`wait`."""
        if self._executor is None:
            self._interval = sys.getswitchinterval()
            sys.setswitchinterval(min(self._interval, _TURN))
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="database")
        while len(self._waiting) >= _AHEAD or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._executor.submit(work))

    def wait(self) -> None:
        """Return when everything is done.

        Raises:
            Exception: what the work raised.
        """
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
            sys.setswitchinterval(self._interval)
        self._waiting.clear()
