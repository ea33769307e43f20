"""What is here already and belongs to records that whoever asks does not see: told without telling whose it is."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.predicates import Predicates, always

HELD = N_("A colleague has a customer with this e-mail. Ask who leads the office.")
"""What is said of an e-mail (a source text)."""
TAKEN = N_("A colleague has a record with this value, and no two may have it. Ask who leads the office.")
"""What is said of a value that the database keeps once (a source text)."""
_PART = 500


def unseen_emails(database: Database, connection: sa.Connection, values: Collection[str]) -> set[str]:
    """Those of some e-mail addresses, in small letters, that only customers have whom the person does not see.

    Args:
        connection: of a unit of work, or any that sees the tables themselves.
    """
    wanted = sorted({one.strip().lower() for one in values if one and one.strip()})
    table = Base.metadata.tables["contact_point"]
    seen = Predicates(database.schema, database.access).readable(table.name)
    if always(seen):
        return set()
    found: set[str] = set()
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        if database.locked:
            asked = sa.func.crm_unseen_emails(sa.cast(part, sa.ARRAY(sa.Text)), type_=sa.ARRAY(sa.Text))
            found |= set(connection.execute(sa.select(asked)).scalar_one())
            continue
        rows = connection.execute(
            sa.select(sa.func.lower(table.c.value), sa.func.max(sa.case((seen, 1), else_=0)))
            .where(table.c.kind == "email", sa.func.lower(table.c.value).in_(part)).group_by(sa.func.lower(table.c.value))
        )  # fmt: skip
        found |= {value for value, here in rows if not here}
    return found


def taken_values(
    database: Database, connection: sa.Connection, entity: str, column: str, values: Collection[str]
) -> set[str]:
    """Those of some values of a column without equals that records have whom a locked server does not show."""
    if not database.locked or not values:
        return set()
    asked = sa.func.crm_taken(entity, column, sa.cast(sorted(values), sa.ARRAY(sa.Text)), type_=sa.ARRAY(sa.Text))
    return set(connection.execute(sa.select(asked)).scalar_one())
