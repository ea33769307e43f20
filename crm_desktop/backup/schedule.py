"""The office's plan of backups: when, where to, protected or not; what is due; which old ones may go.

The plan is one setting of the office (``office_setting``), so every computer knows it and the history tells who changed
it. Its times are those of one zone, so that all computers mean the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.office_service import read_settings, save_settings

KEY = "backup_plan"
DAILY, WEEKLY, MONTHLY = 7, 4, 12
BEFORE = 5
"""So many copies from before migrations, and as many from before imports, are kept."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Plan:
    """When backups are made, and where to.

    Attributes:
        times: of the day, in ``zone``.
        days: 0 is Monday.
        places: folders, the first that is there is written to, the others get copies; an empty name is the folder
            that each computer keeps backups in by itself.
        encrypted: they are protected with a password, which each computer keeps in its keyring.
        zone: IANA name; empty for that of the computer.
    """

    enabled: bool = False
    folder: str = ""
    at: time = time(18, 0)
    times: tuple[time, ...] = ()
    days: tuple[int, ...] = EVERY_DAY
    places: tuple[str, ...] = ()
    encrypted: bool = False
    zone: str = ""

    @property
    def all_times(self) -> tuple[time, ...]:
        """The times in order; that of an earlier program's plan where it names no others."""
        return tuple(sorted(set(self.times))) or (self.at,)

    @property
    def all_places(self) -> tuple[str, ...]:
        """The places in order, at least one."""
        return self.places or (self.folder,)


def from_json(value: Any) -> Plan | None:
    """The plan that a setting holds; None where it holds none that can be read."""
    if not isinstance(value, Mapping):
        return None
    try:
        times = tuple(time.fromisoformat(str(one)) for one in value.get("times") or ("18:00",))
        days = tuple(int(one) for one in value.get("days") or EVERY_DAY if 0 <= int(one) <= 6)
    except (TypeError, ValueError):
        return None
    return Plan(
        bool(value.get("enabled")), times=times, days=days or EVERY_DAY, zone=str(value.get("zone") or ""),
        places=tuple(str(one) for one in value.get("places") or ("",)), encrypted=bool(value.get("encrypted")),
    )  # fmt: skip


def to_json(plan: Plan) -> dict[str, Any]:
    """A plan as it is kept."""
    return {
        "enabled": plan.enabled, "times": [one.strftime("%H:%M") for one in plan.all_times],
        "days": sorted(set(plan.days)), "places": list(plan.all_places), "encrypted": plan.encrypted, "zone": plan.zone,
    }  # fmt: skip


def read_plan(connection: sa.Connection) -> Plan | None:
    """The office's plan; None where it has none yet."""
    return from_json(read_settings(connection).get(KEY))


def plan_of(database: Database) -> Plan:
    """The office's plan; for a file that has none, every day at six into the computer's own folder."""
    with database.read_all() as connection:
        found = read_plan(connection)
    return found if found is not None else Plan(enabled=database.sqlite and not database.read_only)


def save_plan(uow: UnitOfWork, plan: Plan) -> None:
    """Keep the office's plan, with the zone of this computer where it has none.

    Raises:
        NotAllowed: the person may not change the settings of the office.
    """
    zone = plan.zone or clock.local_zone_name()
    save_settings(uow, {KEY: to_json(replace(plan, zone=zone))})


def _moments(plan: Plan, first: datetime, last: datetime) -> list[datetime]:
    """The moments of a plan between two local days, in order."""
    zone = zone_of(plan)
    day, found = first.astimezone(zone).date(), []
    while day <= last.astimezone(zone).date():
        if day.weekday() in plan.days:
            found += [datetime.combine(day, at, zone).astimezone(UTC) for at in plan.all_times]
        day += timedelta(days=1)
    return found


def zone_of(plan: Plan) -> ZoneInfo:
    """The zone of a plan's times; that of this computer where it has none, or one that is not known here."""
    try:
        return ZoneInfo(plan.zone) if plan.zone else clock.local_zone()
    except (ValueError, OSError):
        return clock.local_zone()


def last_due(plan: Plan, now: datetime) -> datetime | None:
    """The newest moment up to now for which the plan wants a backup; None where it is switched off."""
    if not plan.enabled:
        return None
    return max((one for one in _moments(plan, now - timedelta(days=8), now) if one <= now), default=None)


def next_due(plan: Plan, now: datetime) -> datetime | None:
    """The next moment; None where the plan is switched off."""
    if not plan.enabled:
        return None
    return min((one for one in _moments(plan, now, now + timedelta(days=8)) if one > now), default=None)


def is_due(plan: Plan, last: datetime | None, now: datetime) -> bool:
    """Whether a backup is due; one that was missed (the computer was off) is due at once."""
    due = last_due(plan, now)
    return due is not None and (last is None or last < due)


def superfluous(backups: Sequence[BackupInfo], keep: str = "") -> list[BackupInfo]:
    """The proven backups made by the program that no day, week or month of their place needs any more.

    Of the plan's, 7 daily, 4 weekly and 12 monthly are kept in each place; of those before migrations and before
    imports the last 5. Backups that people made themselves, unproven ones, and the last proven one of a place are
    never proposed; neither is what a clock that was wrong dated into days to come: it takes nobody's place.

    Args:
        keep: the name of the file that was just made. By a clock that was set back others of its day may look younger.
    """
    tomorrow = clock.now() + timedelta(days=1)
    backups = [one for one in backups if one.created <= tomorrow]
    places: dict[str, list[BackupInfo]] = {}
    for one in backups:
        places.setdefault(str(Path(one.path).parent), []).append(one)
    found = [one for many in places.values() for one in _superfluous_here(many)]
    return [one for one in found if Path(one.path).name != keep]


def _superfluous_here(backups: list[BackupInfo]) -> list[BackupInfo]:
    proven = sorted((one for one in backups if one.proven), key=lambda one: one.created, reverse=True)
    mine = [one for one in proven if one.automatic and one.why in ("daily", "migration", "import")]
    kept = _kept_of_plan([one for one in mine if one.why == "daily"])
    for kind in ("migration", "import"):
        kept |= {one.path for one in [one for one in mine if one.why == kind][:BEFORE]}
    kept |= {one.path for one in proven[:1]}
    kept |= {one.path for one in sorted(proven, key=lambda one: one.proven or one.created)[-1:]}
    return [one for one in mine if one.path not in kept]


def _kept_of_plan(proven: list[BackupInfo]) -> set[str]:
    """The newest of each of the last days, weeks and months."""
    kept: set[str] = set()
    for most, group in ((DAILY, "%Y-%m-%d"), (WEEKLY, "%G-%V"), (MONTHLY, "%Y-%m")):
        seen: set[str] = set()
        for one in proven:
            label = one.created.astimezone(clock.local_zone()).strftime(group)
            if label not in seen and len(seen) < most:
                seen.add(label)
                kept.add(one.path)
    return kept
