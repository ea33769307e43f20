"""Everything about many contacts written into a file, beside a plain read of their table handed to the same writer."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import xlsxwriter

from benchmarks.measure import Result, lap, median
from crm_desktop import features
from crm_desktop.core.jobs import Progress, ProgressState
from crm_desktop.db.database import Database
from crm_desktop.exporting.export import export_records

CSV_RATE, XLSX_RATE = 4_000.0, 2_000.0
MOST_MB = 120.0
RUNS = 3


def measure(path: Path, contacts: int, folder: Path, runs: int = RUNS) -> list[Result]:
    """Export every contact with everything as CSV and as XLSX."""
    database = Database(path, features.schema())
    results = []
    for kind, limit, least in (("csv", CSV_RATE, _least_csv), ("xlsx", XLSX_RATE, _least_xlsx)):
        target = folder / f"export-benchmark.{kind}"
        laps = [_export(database, target, kind) for _ in range(runs)]
        floor = []
        for _ in range(runs):
            with lap() as bare:
                cells = least(path, target)
            floor.append(bare.wall)
        wall, cpu = median([one[0] for one in laps]), median([one[1] for one in laps])
        details = {
            "seconds": round(wall, 2), "rows/s in processor time": round(contacts / cpu), "baseline seconds": round(median(floor), 2),
            "cells of the baseline": cells, "more memory at most, MB": round(max(one[2] for one in laps)),
            "memory kept": max(one[2] for one in laps) <= MOST_MB,
        }  # fmt: skip
        results.append(
            Result(f"export-{kind}", f"{contacts:,} contacts with everything as {kind}", contacts / wall, "rows/s", limit,
                   contacts / median(floor), "SELECT * of their table alone, by the same writer", at_least=True,
                   base_unit="rows/s", cpu=contacts / cpu, details=details)
        )  # fmt: skip
        target.unlink(missing_ok=True)
    database.close()
    return results


def _export(database: Database, target: Path, kind: str) -> tuple[float, float, float]:
    """(seconds, processor seconds, MB more than before) of one export."""
    process = psutil.Process()
    before = most = process.memory_info().rss

    def watch(_state: ProgressState) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    with lap() as one:
        export_records(database, "contact", target, kind, progress=Progress(watch))
    return one.wall, one.cpu, (most - before) / 1e6


def _rows(path: Path) -> Any:
    connection = sqlite3.connect(path)
    return closing(connection), connection.execute("SELECT * FROM contact ORDER BY sort_name, id")


def _least_csv(path: Path, target: Path) -> int:
    done, rows = _rows(path)
    count = 0
    with done, target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow(row)
            count += len(row)
    return count


def _least_xlsx(path: Path, target: Path) -> int:
    done, rows = _rows(path)
    count = 0
    with done, xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for at, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, at, value)
                elif value is not None:
                    sheet.write_number(number, at, value)
                count += 1
    return count
