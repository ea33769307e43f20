"""What is left of the time when each computer had a plan of its own: it becomes the office's plan once."""

from __future__ import annotations

from datetime import time
from typing import Any

from crm_desktop.backup import schedule
from crm_desktop.backup.catalogue import key_of
from crm_desktop.backup.schedule import Plan, plan_of
from crm_desktop.core import paths
from crm_desktop.core.i18n import N_
from crm_desktop.core.settings import Setting

PLANS: Setting[dict[str, Any]] = Setting("backup.plans", {}, N_("Plans of backups that are not the office's yet."))
TITLE = N_("Plan of the backups")


def own(database: Any) -> Plan | None:
    """The plan that this computer kept for a database; None where it has none, or none any more."""
    kept = PLANS.get().get(key_of(database))
    if not isinstance(kept, dict):
        return None
    hour, _colon, minute = str(kept.get("at", "18:00")).partition(":")
    folder = str(kept.get("folder", ""))
    places = ("",) if not folder or folder == str(paths.backups_folder()) else (folder,)
    return Plan(bool(kept.get("enabled")), times=(time(int(hour), int(minute or 0)),), places=places)


def read(database: Any) -> Plan:
    """The plan that counts: the office's, else this computer's, else that of a new file."""
    with database.read_all() as connection:
        found = schedule.read_plan(connection)
    return found or own(database) or plan_of(database)


def keep(database: Any, plan: Plan) -> None:
    """Keep a plan for a database on this computer, until it becomes the office's."""
    plans = dict(PLANS.get())
    first = plan.all_places[0]
    plans[key_of(database)] = {"enabled": plan.enabled, "folder": first, "at": plan.all_times[0].strftime("%H:%M")}
    PLANS.set(plans)


def forget(database: Any) -> None:
    """It is the office's now."""
    plans = dict(PLANS.get())
    if plans.pop(key_of(database), None) is not None:
        PLANS.set(plans)


def is_to_take_over(database: Any) -> bool:
    """Whether this computer's plan is still to become the office's, and this person may do that."""
    may = database.access.can("settings") and database.access.can("backup") and not database.read_only
    if not may or own(database) is None:
        return False
    with database.read_all() as connection:
        return schedule.read_plan(connection) is None
