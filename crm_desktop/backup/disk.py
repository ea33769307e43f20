"""The folders that backups are written to: names, free space, and what a disk answers in words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crm_desktop.backup.catalogue import SUFFIX
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database


def stem_of(database: Database) -> str:
    return Path(database.name).stem if database.path else database.name.split(" ")[0]


def free_name(folder: Path, database: Database, now: datetime) -> Path:
    base = f"{stem_of(database)}-{now.astimezone(clock.local_zone()):%Y-%m-%d-%H%M%S}"
    target, number = folder / f"{base}{SUFFIX}", 2
    while target.exists():
        target, number = folder / f"{base}-{number}{SUFFIX}", number + 1
    return target


def refuse_without_space(database: Database, folder: Path, scratch: Path) -> None:
    if database.path is None:
        return
    needed = database.path.stat().st_size
    for place in (folder, scratch):
        if shutil.disk_usage(place).free < needed * 1.1 + 10_000_000:
            raise UserError(
                N_("There is not enough free space in {folder}: {needed} MB are needed. Nothing was written."),
                folder=str(place), needed=needed * 11 // 10_000_000 + 10,
            )  # fmt: skip


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            N_("{folder} cannot be written: {reason}. Choose another folder or free some space."),
            folder=str(folder), reason=error.strerror or str(error),
        ) from error  # fmt: skip
