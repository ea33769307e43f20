"""A backup with its trial restore, beside copying the file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import Result, repeat
from crm_desktop import features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database

LIMIT = 6.0
RUNS = 3


def measure(path: Path, contacts: int, runs: int = RUNS) -> Result:
    """Back a file up into a folder beside it, proof included, again and again; and copy it as often."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        database = Database(path, features.schema())
        try:
            made = repeat(runs, lambda: make_backup(database, folder))
        finally:
            database.close()
        copied = repeat(runs, lambda: _copy(path, Path(folder) / "copy.crm"))
        sizes = [one.stat().st_size for one in Path(folder).glob("*.crmbackup")]
    return Result(
        "backup", f"backup of {contacts:,} contacts, trial restore included", made.wall / copied.wall, "x", LIMIT,
        1.0, "copying the file and waiting until it is on the disk", cpu=made.cpu / copied.wall,
        details={
            "backup s": round(made.wall, 2), "backup cpu s": round(made.cpu, 2), "copy s": round(copied.wall, 2),
            "file MB": round(path.stat().st_size / 1e6), "backup MB": round(sizes[0] / 1e6),
        },
    )  # fmt: skip


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
