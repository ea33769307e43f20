"""The plan of the daily backup, kept with this person's settings; one computer of an office is enough."""

from __future__ import annotations

from datetime import time
from typing import Any

from crm_desktop.backup.catalogue import key_of
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import paths
from crm_desktop.core.i18n import N_
from crm_desktop.core.settings import Setting

PLANS: Setting[dict[str, Any]] = Setting("backup.plans", {}, N_("The daily backup of each database."))


def read(database: Any) -> Plan:
    """The plan of a database. A file on this computer is backed up every day unless somebody switched that off."""
    kept = PLANS.get().get(key_of(database))
    if not isinstance(kept, dict):
        return Plan(bool(database.sqlite) and not database.read_only, str(paths.backups_folder()))
    hour, _colon, minute = str(kept.get("at", "18:00")).partition(":")
    return Plan(bool(kept.get("enabled")), str(kept.get("folder", "")), time(int(hour), int(minute or 0)))


def keep(database: Any, plan: Plan) -> None:
    """Keep the plan of a database."""
    plans = dict(PLANS.get())
    plans[key_of(database)] = {"enabled": plan.enabled, "folder": plan.folder, "at": plan.at.strftime("%H:%M")}
    PLANS.set(plans)
