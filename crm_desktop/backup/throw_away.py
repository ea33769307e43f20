"""The sample office, which goes when it is closed: its backups lie beside it and go with it.

They would otherwise stand among those of the real office, which has the same folder on a computer where none was chosen.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crm_desktop.backup import catalogue, place_notes, schedule
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write


def keep_beside(database: Database, folder: Path) -> None:
    """Let the backups of an office go into a folder of their own beside it, which is made."""
    place = folder / "backups"
    place.mkdir(exist_ok=True)
    plan = replace(schedule.plan_of(database), places=(str(place),))
    with write(database, N_("Plan of the backups"), kind="system") as uow:
        schedule.save_plan(uow, plan)


def forget(folder: Path) -> None:
    """Keep nothing in mind of backups in a folder that is thrown away, or below it."""
    catalogue.forget_below(folder)
    place_notes.forget_below(folder)
