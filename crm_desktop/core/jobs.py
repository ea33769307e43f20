"""Long work: what it tells about itself, and how it is cancelled. No threads here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


class Cancelled(Exception):
    """The user cancelled the job. The unit of work around it is rolled back."""


@dataclass(frozen=True)
class ProgressState:
    """A moment of a job: ``done`` of ``total`` (0 = unknown), a message, seconds since the start."""

    done: int = 0
    total: int = 0
    message: str = ""
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Units per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds left at this rate, or None while unknown."""
        return (self.total - self.done) / self.rate if self.total and self.rate else None


class Progress:
    """Handed to a job. It reports with :meth:`update` and asks with :meth:`check` if it must stop.

    Args:
        listener: called with a :class:`ProgressState`, at most every ``interval`` seconds,
            on the thread of the job.
        interval: seconds between two reports.
    """

    def __init__(self, listener: Callable[[ProgressState], None] | None = None, interval: float = 0.05) -> None:
        self._listener = listener
        self._interval = interval
        self._cancelled = threading.Event()
        self._started = time.monotonic()
        self._last = 0.0
        self.state = ProgressState()

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Report progress; raises :class:`Cancelled` if the user asked to stop."""
        now = time.monotonic()
        self.state = ProgressState(
            self.state.done if done is None else done,
            self.state.total if total is None else total,
            self.state.message if message is None else message,
            now - self._started,
        )
        if self._listener and (message is not None or now - self._last >= self._interval):
            self._last = now
            self._listener(self.state)
        self.check()

    def advance(self, by: int = 1) -> None:
        """Report ``by`` more units done."""
        self.update(done=self.state.done + by)

    def check(self) -> None:
        """Raise :class:`Cancelled` if the user asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Ask the job to stop; called from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self._cancelled.is_set()
