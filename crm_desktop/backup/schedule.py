"""When a backup is due, and which old ones may go: 7 daily, 4 weekly, 12 monthly are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import clock

DAILY, WEEKLY, MONTHLY = 7, 4, 12


@dataclass(frozen=True)
class Plan:
    """A daily backup: whether, where to, at what local time."""

    enabled: bool = False
    folder: str = ""
    at: time = time(18, 0)


def is_due(plan: Plan, last: datetime | None, now: datetime) -> bool:
    """Whether a backup is due; one that was missed (the computer was off) is due at once."""
    if not plan.enabled:
        return False
    local = now.astimezone(clock.local_zone())
    due = local.replace(hour=plan.at.hour, minute=plan.at.minute, second=0, microsecond=0)
    if local < due:
        due -= timedelta(days=1)
    return last is None or last.astimezone(clock.local_zone()) < due


def superfluous(backups: Sequence[BackupInfo]) -> list[BackupInfo]:
    """The proven backups of the daily plan that no day, week or month needs any more.

    Backups that people made themselves, and unproven ones, are never proposed.
    """
    proven = sorted((one for one in backups if one.proven and one.automatic), key=lambda one: one.created, reverse=True)
    kept: set[str] = set()
    for most, group in ((DAILY, "%Y-%m-%d"), (WEEKLY, "%G-%V"), (MONTHLY, "%Y-%m")):
        seen: set[str] = set()
        for one in proven:
            label = one.created.astimezone(clock.local_zone()).strftime(group)
            if label not in seen and len(seen) < most:
                seen.add(label)
                kept.add(one.path)
    return [one for one in proven if one.path not in kept]
