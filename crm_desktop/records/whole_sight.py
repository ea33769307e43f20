"""Work over all records of an office that would be wrong if it were done by who sees only a part of them."""

from __future__ import annotations

from collections.abc import Iterable

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database


def sees_whole(database: Database, entities: Iterable[str]) -> bool:
    """Whether the program can read all records of these types with every field, for whoever is signed in.

    In a file and on a server with one login it always can, whatever the person may see.
    """
    access = database.access
    return not database.locked or all(
        access.scope(name, "read") == "all" and access.may(name, "sensitive") for name in entities
    )


def refuse_part(database: Database, entities: Iterable[str]) -> None:
    """Refuse to work on what the server shows where that is not everything.

    Raises:
        UserError: it is not.
    """
    if not sees_whole(database, entities):
        raise UserError(
            N_("This looks at every record of the office, and you see only a part. Ask somebody who sees everything.")
        )
