"""How soon a case must be answered and solved. Calendar hours by priority, as the office set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.office_settings import NamedSetting
from crm_desktop.db.base import Base

SETTING = "case_deadlines"
"""The office setting: {"high": {"respond": 4, "resolve": 24}, ...} in hours; 0 or null means no deadline."""

_PRIORITIES = {"urgent": N_("Urgent"), "high": N_("High"), "normal": N_("Normal"), "low": N_("Low")}


def _words(value: Mapping[str, Mapping[str, float | None]]) -> str:
    """ "High: answered within 4 h, solved within 24 h", one after the other."""
    said = []
    for priority, hours in value.items():
        one, other = (f"{hours[name]:g} h" if hours.get(name) else "–" for name in ("respond", "resolve"))
        text = _("{priority}: answered within {respond}, solved within {resolve}")
        said.append(text.format(priority=translate(_PRIORITIES.get(priority, priority)), respond=one, resolve=other))
    return " · ".join(said)


SETTINGS = (NamedSetting(SETTING, N_("Deadlines of cases"), _words),)


@dataclass(frozen=True)
class Target:
    """The hours within which a case must be answered and solved; None where there is no deadline."""

    respond: float | None
    resolve: float | None

    def dues(self, opened: datetime) -> tuple[datetime | None, datetime | None]:
        """The instants by which a case opened at ``opened`` must be answered and solved."""
        return _after(opened, self.respond), _after(opened, self.resolve)


DEFAULTS = {
    "urgent": Target(1, 8),
    "high": Target(4, 24),
    "normal": Target(8, 72),
    "low": Target(24, 168),
}


def read_targets(connection: sa.Connection) -> dict[str, Target]:
    """The targets of each priority: the office's own, else the defaults."""
    table = Base.metadata.tables["office_setting"]
    value = connection.execute(sa.select(table.c.value).where(table.c.key == SETTING)).scalar()
    result = dict(DEFAULTS)
    if isinstance(value, Mapping):
        for priority, hours in value.items():
            if isinstance(hours, Mapping):
                result[str(priority)] = Target(_hours(hours.get("respond")), _hours(hours.get("resolve")))
    return result


def next_response_due(waiting: datetime, target: Target) -> datetime | None:
    """By when a message of the customer that came at ``waiting`` must be answered."""
    return _after(waiting, target.respond)


def _hours(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value > 0 else None


def _after(start: datetime, hours: float | None) -> datetime | None:
    return None if hours is None else start + timedelta(hours=hours)
