"""Stop-watches, and what one promise comes to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
import psycopg


@dataclass
class Lap:
    """How long something took: by the clock, and of all processors by this process."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def lap() -> Iterator[Lap]:
    """Measure the block."""
    result = Lap()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield result
    finally:  # also of what was stopped
        result.wall, result.cpu = time.perf_counter() - wall, time.process_time() - cpu


def server_seconds(url: str) -> float:
    """Processor time that a server on this computer has used until now, with all its processes; 0 without a URL."""
    if not url:
        return 0.0
    with psycopg.connect(url) as connection:  # its process is there as long as it is connected
        found = connection.execute("SELECT pg_backend_pid()").fetchone()
        main = psutil.Process(found[0]).parent() if found and psutil.pid_exists(found[0]) else None
        if main is None:
            return 0.0
        times = main.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in main.children():
            with suppress(psutil.Error):
                used = child.cpu_times()
                total += used.user + used.system
        return float(total)


def repeat(times: int, work: Callable[[], Any]) -> Lap:
    """The medians of several runs."""
    laps = []
    for _ in range(times):
        with lap() as one:
            work()
        laps.append(one)
    return Lap(median([one.wall for one in laps]), median([one.cpu for one in laps]))


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))]


@dataclass
class Result:
    """One promise, measured beside its baseline.

    Attributes:
        name: which benchmark.
        what: the promise in words.
        value: what was measured, in ``unit``.
        unit: "ms", "rows/s", "MB" or "x" (times the baseline).
        limit: the promise; the value must not exceed it, or fall below it where ``at_least``.
        baseline: what the same machine did in the same run without the program, in ``base_unit``.
        base_what: what that was.
        cpu: the value in processor time where that says something, else None.
        details: further numbers, shown below.
    """

    name: str
    what: str
    value: float
    unit: str
    limit: float
    baseline: float
    base_what: str
    at_least: bool = False
    base_unit: str = ""
    cpu: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times the baseline; for rates, how many times slower than it."""
        if self.unit == "x":
            return self.value
        below, above = (self.value, self.baseline) if self.at_least else (self.baseline, self.value)
        return above / below if below else 0.0

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"ratio": round(self.ratio, 3), "kept": self.kept}
