"""The backup before something large, for pages that know nothing of backups: handed to them with the office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crm_desktop.backup import overview
from crm_desktop.core.jobs import Progress
from crm_desktop.records.whole_sight import sees_whole
from ui.backup import plan


def back_up_before(kind: str, database: Any, user_name: str) -> Callable[[Progress], None] | None:
    """What makes a proven backup of an office; None where this person's program cannot see all of it.

    In a file it is made for everybody, whatever their role: the program itself reads the file.
    """
    listed = [one.name for one in database.schema.entities.values() if one.listed]
    if database.read_only or not sees_whole(database, listed):
        return None

    def make(progress: Progress) -> None:
        from crm_desktop.backup import running  # lazy: compression and encryption

        running.run_backup(database, plan.read(database), kind=kind, user_name=user_name, progress=progress)

    return make


def last_proven(connection: Any) -> datetime | None:
    """When a backup of the office was proven last, and made at most as long ago as it took."""
    found = overview.last_proven(connection)
    return found.started_at if found is not None else None
