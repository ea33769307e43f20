"""Lists and timelines with two gigabytes of files beside the same without any; memory of attaching, checking, backing up."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from benchmarks import processes
from benchmarks.measure import Result, repeat
from crm_desktop import features
from crm_desktop.contacts import queries as contact_queries
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records import files_service, queries

LARGE, LARGE_MB = 4, 300
SMALL, SMALL_MB = 900, 1
PAGE = 60
RUNS = 15
LIST_MS = 100.0
MEMORY_MB = 150.0


def measure(source: Path, contacts: int, cache: Path) -> Iterator[Result]:
    """Measure on a scratch copy of an office; it is thrown away afterwards."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        path = Path(folder) / "files.crm"
        shutil.copyfile(source, path)
        before = _times(path)
        asked = {"path": str(path), "large": LARGE, "large_mb": LARGE_MB, "small": SMALL, "small_mb": SMALL_MB}
        filled = processes.run("child_files", asked | {"work": "attach"}, cache)
        after = _times(path)
        size = path.stat().st_size / 1e9
        words = {"list": "first page of a list", "timeline": "timeline of a contact with 50 files",
                 "files": "the files of a contact", "found": "a file found by its name"}  # fmt: skip
        for name, what in words.items():
            yield Result(
                f"files-{name}", f"{what}, {contacts:,} contacts, {size:.1f} GB of files", after[name], "ms", LIST_MS,
                before[name], "the same without any file", details={"attached in s": round(filled["seconds"])},
            )  # fmt: skip
        steps = {"attach": filled}
        steps |= {work: processes.run("child_files", asked | {"work": work}, cache) for work in ("check", "backup")}
        for work, told in steps.items():
            yield Result(
                f"files-memory-{work}", f"memory that {work} of {size:.1f} GB takes, largest file {LARGE_MB} MB",
                told["grown_mb"], "MB", MEMORY_MB, float(LARGE_MB), "the largest file held whole", base_unit="MB",
                details={"seconds": round(told["seconds"], 1), "MB/s": round(size * 1000 / told["seconds"])},
            )  # fmt: skip


def _times(path: Path) -> dict[str, float]:
    """Medians in milliseconds, with nothing of the file in memory at the first run."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    database = Database(path, features.schema())
    table = Base.metadata.tables["attachment"]
    try:
        with database.read() as connection:
            contact = (
                connection.execute(sa.select(table.c.record_id).where(table.c.name == "file-000.bin")).scalar()
                or connection.execute(sa.select(sa.func.min(Base.metadata.tables["contact"].c.id))).scalar_one()
            )
        spec = database.schema.entity("contact")

        def rows() -> None:
            with database.read() as connection:
                ids = queries.find_ids(database, connection, "contact", sort=[spec.list_sort])
                queries.fetch_rows(database, connection, "contact", list(ids)[:PAGE], list(spec.list_columns))

        def timeline() -> None:
            with database.read() as connection:
                contact_queries.timeline(database, connection, "contact", contact, roll_up=True)

        def files() -> None:
            with database.read() as connection:
                files_service.attachments_of(connection, contact)

        def found() -> None:
            with database.read() as connection:
                files_service.find_files(database, connection, "file 77", limit=100)

        works = {"list": rows, "timeline": timeline, "files": files, "found": found}
        return {name: repeat(RUNS, work).wall * 1000 for name, work in works.items()}
    finally:
        database.close()
