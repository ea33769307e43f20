"""The password of the plan's backups: in the keyring of each computer, or for as long as the program runs; nowhere else."""

from __future__ import annotations

from crm_desktop.core import keyrings
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.database import Database

SERVICE = "CRM Desktop backups"

_told: dict[str, str] = {}


def known(database: Database) -> str:
    """The password that this computer knows for an office's backups; an empty text where it knows none."""
    return known_at(database.place)


def known_at(place: str) -> str:
    """The same for an office that is not open, or that this program cannot open: by ``Database.place``."""
    return _told.get(place) or keyrings.read(SERVICE, place)


def tell(database: Database, password: str) -> None:
    """Use a password for as long as the program runs."""
    keep_secret(password)
    _told[database.place] = password


def keep(database: Database, password: str) -> bool:
    """Keep it from now on; False where the computer has no keyring, so that it is asked again at the next start."""
    tell(database, password)
    return keyrings.save(SERVICE, database.place, password)


def forget(database: Database) -> None:
    """Keep it no more."""
    _told.pop(database.place, None)
    keyrings.forget(SERVICE, database.place)
