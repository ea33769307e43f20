"""Measured process: a long CSV is imported; how much memory that takes at most, and how fast it goes."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.child_memory import peak
from benchmarks.importing import FLAT, person
from benchmarks.measure import lap
from benchmarks.processes import arguments, tell
from crm_desktop import features
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import


def write_csv(path: Path, rows: int) -> None:
    """Write the people of the spreadsheet benchmark, as many as are wanted, as text."""
    rng = Random(3)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(FLAT)
        for row in range(1, rows + 1):
            out.writerow([*person(rng, row)[0], f"{1 + row % 28:02d}/{1 + row % 12:02d}/{1950 + row % 50}"])


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Import the file into a fresh database; without one, only load the program."""
    folder, rows = Path(given["folder"]), int(given["rows"])
    path = folder / "office.crm"
    database = Database(path, features.schema())
    migrate.migrate(database)
    if not rows:
        database.close()
        return {"peak": peak()}
    table = folder / "people.csv"
    plan = guess_plan(database, table).plan
    before = peak()
    with lap() as taken:
        result = run_import(database, table, plan, Actor(None, "Benchmark"))
    database.close()
    return {
        "peak": peak(), "before": before, "rows": result.rows_read, "created": result.created, "seconds": taken.wall,
        "cpu": taken.cpu, "file MB": round(path.stat().st_size / 1e6),
    }  # fmt: skip


if __name__ == "__main__":
    tell(main(arguments()))
