"""The contact list of a large office: opened, jumped in, sorted."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.measure import Result, median, percentile

OPEN_MS, JUMP_MS, SORT_MS = 150.0, 60.0, 700.0


def measure(path: Path, contacts: int, cache: Path, **fewer: int) -> list[Result]:
    """Measure the list of a file, and a plain table of Qt with as many rows.

    Args:
        fewer: ``openings`` and ``jumps``, for a short run.
    """
    found = processes.run("child_list", {"database": str(path)} | fewer, cache)
    bare = processes.run("child_bare_list", {"rows": found["rows"]}, cache)
    first, *others = found["openings"]
    opened = [one["ms"] for one in others or [first]]
    jumps = [one["ms"] for one in found["jumps"]]
    worst = max(found["sorts"], key=lambda one: one["ms"])
    return [
        Result(
            "list-open", f"contact list opened, first rows painted, {found['rows']:,} contacts", median(opened), "ms",
            OPEN_MS, bare["open"], "a plain QTableView with as many rows of made-up text",
            cpu=median([one["cpu"] for one in others or [first]]),
            details={
                "the very first, with its imports, ms": round(first["ms"]), "each ms": _rounded(opened),
                "longest gap of the event loop, the card beside it included, ms": _rounded(
                    [one["gap"] for one in others or [first]]
                ),
            },
        ),
        Result(
            "list-jump", "jump to any place of it, rows read and painted", median(jumps), "ms", JUMP_MS, bare["jump"],
            "a jump in the plain QTableView", cpu=median([one["cpu"] for one in found["jumps"]]),
            details={"p95 ms": round(percentile(jumps, 0.95), 1), "longest ms": round(max(jumps), 1),
                     "longest gap of the event loop ms": round(max(one["gap"] for one in found["jumps"]), 1)},
        ),
        Result(
            "list-sort", "change of sort, all rows in their new order, worst column", worst["ms"], "ms", SORT_MS,
            _raw_sort(path), "SELECT id FROM contact ORDER BY sort_name, by sqlite3",
            details={
                "longest gap of the event loop ms": round(max(one["gap"] for one in found["sorts"]), 1),
                "each": [_told(one) for one in found["sorts"]],
            },
        ),
    ]  # fmt: skip


def _told(one: dict[str, Any]) -> str:
    way = "down" if one["down"] else "up"
    times = f"first rows {one['first']:.0f} ms, all {one['ms']:.0f} ms, gap {one['gap']:.0f} ms"
    return f"{one['column']} {way}: {times}"


def _rounded(values: list[float]) -> list[int]:
    return [round(one) for one in values]


def _raw_sort(path: Path) -> float:
    with closing(sqlite3.connect(path)) as connection:
        taken = []
        for _ in range(3):
            begin = time.perf_counter()
            connection.execute("SELECT id FROM contact ORDER BY sort_name, id").fetchall()
            taken.append((time.perf_counter() - begin) * 1000)
    return median(taken)
