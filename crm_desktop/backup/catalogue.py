"""What is known of the backups of a database: which were made, which are proven. Kept in the user's data folder."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crm_desktop.core import clock, paths
from crm_desktop.db.database import Database
from crm_desktop.db.turns import file_lock
from crm_desktop.db.types import instant_text, parse_instant

SUFFIX = ".crmbackup"
_PATIENCE_S = 5.0
_DAY = timedelta(days=1)
"""So far clocks may be apart."""


@dataclass(frozen=True)
class BackupInfo:
    """One backup: where it is, when it was made, of what size, and when a trial restore proved it.

    ``kind`` says why it was made, as in ``runs.BackupRun``; ``automatic`` ones may go when newer ones take their place.
    ``report`` is what the proof compared (see ``proving.Verification``), as long as the program knows it.
    """

    path: str
    database: str
    created: datetime
    size: int
    encrypted: bool
    proven: datetime | None = None
    records: int = 0
    seconds: float = 0.0
    automatic: bool = False
    kind: str = ""
    report: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def why(self) -> str:
        """Its kind; earlier programs kept only whether the daily plan made it."""
        return self.kind or ("daily" if self.automatic else "hand")

    @property
    def exists(self) -> bool:
        """Whether the file is still where it was written."""
        return Path(self.path).exists()


def _file() -> Path:
    return paths.data_folder() / "backups.json"


def _read() -> list[dict[str, object]]:
    try:
        return list(json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def remember(info: BackupInfo) -> None:
    """Keep what is known of a backup; what was known of the same file is replaced."""
    row = asdict(info)
    del row["report"]
    row["created"] = instant_text(info.created)
    row["proven"] = instant_text(info.proven) if info.proven else None
    with _turn():
        _write([*(one for one in _read() if one.get("path") != info.path), row])


def forget(path: str) -> None:
    """Forget a backup whose file was removed."""
    with _turn():
        _write([row for row in _read() if row.get("path") != path])


def forget_below(folder: Path) -> None:
    """Forget all backups in a folder, and below it."""
    with _turn():
        _write([row for row in _read() if folder not in Path(str(row.get("path", ""))).parents])


@contextmanager
def _turn() -> Iterator[None]:
    """One after the other, whatever windows and commands are running: who reads and writes in between loses nothing."""
    patience = time.monotonic() + _PATIENCE_S
    while True:
        with file_lock(_file().with_suffix(".lock")) as mine:
            if mine or time.monotonic() > patience:  # better without a turn than without a note of the backup
                yield
                return
        time.sleep(0.01)


def _write(rows: list[dict[str, object]]) -> None:
    target = _file()
    temporary = target.with_suffix(".tmp")
    temporary.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(temporary, target)


def key_of(database: Database) -> str:
    """What tells the backups of one database from those of another; holds no password."""
    return str(database.path.absolute()) if database.path is not None else database.name


def known_backups(database: Database) -> list[BackupInfo]:
    """The backups of a database, newest first; those whose file is gone too."""
    result = []
    for row in _read():
        if row.get("database") != key_of(database):
            continue
        with contextlib.suppress(KeyError, TypeError, ValueError):
            values = dict(row)
            values["created"] = parse_instant(str(row["created"]))
            values["proven"] = parse_instant(str(row["proven"])) if row.get("proven") else None
            result.append(BackupInfo(**values))  # type: ignore[arg-type]
    return sorted(result, key=lambda one: one.created, reverse=True)


def folders_known() -> frozenset[Path]:
    """The folders that hold, or held, backups of whatever office, as far as this computer knows."""
    return frozenset(Path(str(row["path"])).parent for row in _read() if row.get("path"))


def last_proven(database: Database) -> datetime | None:
    """When a backup of this database that still exists was last proven; None where none was. Days to come, which a wrong
    clock wrote, count where there is nothing else."""
    found, tomorrow = [one.proven for one in known_backups(database) if one.proven and one.exists], clock.now() + _DAY
    return max((one for one in found if one <= tomorrow), default=max(found, default=None))
