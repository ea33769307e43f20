"""Peak memory of a window on a large office."""

from __future__ import annotations

from pathlib import Path

from benchmarks import processes
from benchmarks.measure import Result

LIMIT_MB = 350.0


def measure(path: Path, contacts: int, cache: Path) -> Result:
    """The first page, the whole list, jumps, a sort, a search in it."""
    found = processes.run("child_memory", {"database": str(path)}, cache)
    bare = processes.run("child_memory", {}, cache)
    return Result(
        "memory", f"peak memory of the window on {contacts:,} contacts", found["peak"], "MB", LIMIT_MB, bare["peak"],
        "a bare PySide6 window", details={"after MB": {name: round(value) for name, value in found["steps"].items()}},
    )  # fmt: skip
