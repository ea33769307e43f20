"""A change of a colleague on the screen: from the commit at one computer until it is seen at another."""

from __future__ import annotations

from pathlib import Path

from benchmarks import processes
from benchmarks.measure import Result, median, percentile

SEEN_MS = 1000.0


def measure(name: str, target: str | Path, contacts: int, cache: Path) -> list[Result]:
    """Change a record that a window shows, in a list and on a card; ``target`` may be written to."""
    found = processes.run("child_live", {"database": str(target)}, cache)
    engine = "PostgreSQL" if "://" in str(target) else "SQLite"
    seen, heard = found["seen"], found["heard"]
    return [
        Result(
            name, f"a colleague's change seen in a list and on an open card, {engine}, {contacts:,} contacts",
            median(seen), "ms", SEEN_MS, median(heard), "the time until the window has heard of the commit",
            details={"p95 ms": round(percentile(seen, 0.95), 1), "longest ms": round(max(seen), 1)},
        )
    ]  # fmt: skip
