"""Start to usable window, beside a bare PySide6 window; both as fresh processes, taken in turn."""

from __future__ import annotations

from pathlib import Path

from benchmarks import processes
from benchmarks.measure import Result, median

LIMIT = 3.0
RUNS = 7


def measure(path: Path, contacts: int, cache: Path, runs: int = RUNS) -> Result:
    """Start the program on a file, and a bare window, again and again."""
    given = {"database": str(path)}
    ours, bare = [], []
    for turn in range(runs + 1):
        one, other = processes.run("child_start", given, cache), processes.run("child_bare", {}, cache)
        if turn:  # the first compiles, and reads the files into memory
            ours.append(one)
            bare.append(other)
    wall, base = median([one["wall"] for one in ours]), median([one["wall"] for one in bare])
    cpu, base_cpu = median([one["cpu"] for one in ours]), median([one["cpu"] for one in bare])
    return Result(
        "start", f"start to usable window, {contacts:,} contacts", wall / base, "x", LIMIT, 1.0,
        "a bare PySide6 window, started and painted", cpu=cpu / base_cpu,
        details={
            "ours s": round(wall, 3), "bare s": round(base, 3), "ours cpu s": round(cpu, 3),
            "bare cpu s": round(base_cpu, 3), "window shown s": round(median([one["shown"] for one in ours]), 3),
            "fastest s": [round(min(one["wall"] for one in ours), 3), round(min(one["wall"] for one in bare), 3)],
        },
    )  # fmt: skip
