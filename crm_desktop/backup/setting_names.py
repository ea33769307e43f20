"""What the settings of the office are called that backups and restores keep."""

from __future__ import annotations

from typing import Any

from crm_desktop.backup.plan_words import plan_words
from crm_desktop.backup.schedule import KEY, from_json
from crm_desktop.backup.way_back import RESTORED
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.office_settings import NamedSetting, instant_words, plain_words


def _plan(value: Any) -> str:
    plan = from_json(value)
    return plan_words(plan) if plan is not None else plain_words(value)


def _restored(value: dict[str, Any]) -> str:
    return _("the backup of {made}, by {name}").format(made=instant_words(value["made"]), name=value.get("by") or "–")


SETTINGS = (
    NamedSetting(KEY, N_("Plan of the backups"), _plan),
    NamedSetting(RESTORED, N_("Restored from a backup"), _restored),
)
