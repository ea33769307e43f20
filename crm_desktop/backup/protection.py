"""How the copy of the present office is protected that is made before something large: as its backups are."""

from __future__ import annotations

from crm_desktop.backup import passwords, schedule
from crm_desktop.db.database import Database

OPEN, KNOWN, UNKNOWN = "open", "known", "unknown"
"""The plan wants no password; this computer knows the one it wants; it does not."""


def protection_of_copy(database: Database) -> str:
    """How a copy of an office would be protected where nobody gives a password: one of the words above."""
    if not schedule.plan_of(database).encrypted:
        return OPEN
    return KNOWN if passwords.known(database) else UNKNOWN


def password_of_copy(database: Database, given: str | None = None) -> str | None:
    """The password of a copy: that of the plan as far as this computer knows it, else the given one; None for none.

    A plan without a password has copies without one, whatever was given.
    """
    if not schedule.plan_of(database).encrypted:
        return None
    return passwords.known(database) or given or None
