"""Attaches, checks or backs up many large files, and tells the time and how much memory that took at most."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import psutil
import sqlalchemy as sa

from benchmarks import processes
from crm_desktop import features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import files_check, files_service


class Watch:
    """The most memory of this process, looked at every few milliseconds."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.start = self.most = self._process.memory_info().rss
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._end.wait(0.005):
            self.most = max(self.most, self._process.memory_info().rss)

    def stop(self) -> float:
        """Megabytes that were taken at most since the start."""
        self._end.set()
        self._thread.join()
        return (self.most - self.start) / 1e6


def main() -> None:
    """Do what was asked for."""
    asked = processes.arguments()
    database = Database(asked["path"], features.schema())
    with database.read() as connection:
        contact = Base.metadata.tables["contact"]
        ids = list(connection.execute(sa.select(contact.c.id).order_by(contact.c.id).limit(20)).scalars())
    with tempfile.TemporaryDirectory(dir=Path(asked["path"]).parent) as folder:
        watch, begin = Watch(), time.perf_counter()
        if asked["work"] == "attach":
            _attach(database, ids, Path(folder), asked)
        elif asked["work"] == "check":
            with database.read() as connection:
                assert not files_check.check_files(database, connection).damaged
        else:
            assert make_backup(database, folder, anew=True).proven
        seconds, grown = time.perf_counter() - begin, watch.stop()
    database.close()
    processes.tell({"seconds": seconds, "grown_mb": grown})


def _attach(database: Database, ids: list[int], folder: Path, asked: dict[str, int]) -> None:
    path = folder / "large.bin"
    for number in range(asked["large"]):
        with path.open("wb") as file:
            for _ in range(asked["large_mb"]):
                file.write(os.urandom(1_000_000))
        with write(database, "Attach") as uow:
            measured = files_service.measure_files([path])[0]
            files_service.attach_measured(uow, "contact", ids[number], measured, name=f"large-{number}.bin")
    for start in range(0, asked["small"], 100):
        with write(database, "Attach") as uow:
            for number in range(start, start + 100):
                content = os.urandom(asked["small_mb"] * 1_000_000)
                owner = ids[0] if number < 50 else ids[1 + number % 19]
                files_service.attach_bytes(uow, "contact", owner, f"file-{number:03}.bin", content)


if __name__ == "__main__":
    main()
