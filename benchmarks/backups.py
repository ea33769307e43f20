"""A backup with its trial restore, beside the least that any proven backup does."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import zstandard

from benchmarks.measure import Result, repeat
from crm_desktop import features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database

LIMIT = 1.5
RUNS = 3


def measure(path: Path, contacts: int, runs: int = RUNS) -> Result:
    """Back a file up into a folder beside it, proof included, again and again; and do the bare steps as often.

    A plain copy is told, too, but promises nothing: how long it takes is the disk's business, from 0.2 to 2 seconds for
    200 MB, while packing and checking are the processor's.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        database = Database(path, features.schema())
        try:
            made = repeat(runs, lambda: make_backup(database, folder))
        finally:
            database.close()
        bare = repeat(runs, lambda: _bare(path, folder))
        copied = repeat(runs, lambda: _copy(path, folder / "copy.crm"))
        sizes = [one.stat().st_size for one in folder.glob("*.crmbackup")]
    return Result(
        "backup", f"backup of {contacts:,} contacts, trial restore included", made.wall / bare.wall, "x", LIMIT,
        1.0, "copied by SQLite, packed by zstd, unpacked and checked by SQLite, one after the other", cpu=made.cpu / bare.wall,
        details={
            "backup s": round(made.wall, 2), "backup cpu s": round(made.cpu, 2), "bare s": round(bare.wall, 2),
            "copy s": round(copied.wall, 2), "file MB": round(path.stat().st_size / 1e6), "backup MB": round(sizes[0] / 1e6),
        },
    )  # fmt: skip


def _bare(source: Path, folder: Path) -> None:
    """What no proven backup does without; nothing is compared with the office, and no report is worked out."""
    copy, packed, again = folder / "bare.crm", folder / "bare.zst", folder / "again.crm"
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as office, closing(sqlite3.connect(copy)) as taken:
        office.backup(taken)
    with copy.open("rb") as plain, packed.open("wb") as out:
        zstandard.ZstdCompressor(level=1).copy_stream(plain, out)
        os.fsync(out.fileno())
    with packed.open("rb") as small, again.open("wb") as out:
        zstandard.ZstdDecompressor().copy_stream(small, out)
    with closing(sqlite3.connect(again)) as restored:
        assert restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
