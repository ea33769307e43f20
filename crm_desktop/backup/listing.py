"""The backups of a database that lie where this computer can see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from crm_desktop.backup.catalogue import SUFFIX, BackupInfo, forget, known_backups
from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.types import parse_instant


def list_backups(database: Database, folder: Path | str | None = None) -> list[BackupInfo]:
    """The backups of a database: those known, and further ones lying in ``folder``, newest first."""
    from crm_desktop.backup.container import read_header  # lazy: compression and encryption

    known = {one.path: one for one in known_backups(database) if one.exists}
    if folder is not None and Path(folder).is_dir():
        for path in Path(folder).glob(f"*{SUFFIX}"):
            if str(path) in known:
                continue
            try:
                header = read_header(path)
            except UserError:
                continue
            known[str(path)] = BackupInfo(
                str(path), header.database, parse_instant(header.created), path.stat().st_size, header.encrypted
            )
    return sorted(known.values(), key=lambda one: one.created, reverse=True)


def newest_before(backups: Iterable[BackupInfo], moment: datetime) -> BackupInfo | None:
    """The newest of some backups that was made before a moment; None where only the history has how it was then."""
    return max((one for one in backups if one.created <= moment), key=lambda one: one.created, default=None)


def delete_backup(path: str) -> None:
    """Remove a backup file."""
    Path(path).unlink(missing_ok=True)
    forget(path)
