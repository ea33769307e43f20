"""The whole archive of an office, read again and proven, beside a plain table of the same records."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil

from benchmarks.measure import Result, lap, median
from crm_desktop import features
from crm_desktop.archive.making import Archived, make_archive
from crm_desktop.core.jobs import Progress, ProgressState
from crm_desktop.db.database import Database
from crm_desktop.exporting.office_export import export_office

CONTACTS = 20_000
RATE = 300.0
"""Records a second that are promised: with a page for each customer, every row, the history, and all of it read twice."""
MOST_MB = 150.0
RUNS = 2


def measure(path: Path, contacts: int, runs: int = RUNS) -> Result:
    """Write the archive of an office again and again, and as often a plain CSV export of everything."""
    database = Database(path, features.schema())
    archives, exports, most = [], [], 0.0
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for _ in range(runs):
            with lap() as one:
                made, more = _archive(database, Path(folder) / "all.zip")
            archives.append((one.wall, one.cpu))
            most = max(most, more)
            with lap() as one:
                export_office(database, Path(folder) / "plain.zip", "csv")
            exports.append(one.wall)
    database.close()
    wall, cpu = median([one[0] for one in archives]), median([one[1] for one in archives])
    return Result(
        "archive", f"whole archive of {contacts:,} contacts, read again and proven", made.records / wall, "rows/s", RATE,
        made.records / median(exports), "the same records as CSV in a zip", at_least=True, base_unit="rows/s",
        cpu=made.records / cpu,
        details={
            "seconds": round(wall, 1), "records": made.records, "pages": made.pages, "members": made.members,
            "zip MB": round(made.size / 1e6), "file MB": round(path.stat().st_size / 1e6),
            "more memory at most, MB": round(most), "memory kept": most <= MOST_MB,
        },
    )  # fmt: skip


def _archive(database: Database, target: Path) -> tuple[Archived, float]:
    """What was written, and MB more than before."""
    process = psutil.Process()
    before = most = process.memory_info().rss

    def watch(_state: ProgressState) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    return make_archive(database, target, progress=Progress(watch)), (most - before) / 1e6
