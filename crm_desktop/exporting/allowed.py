"""Which records somebody may take along in a file."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import ngettext, translate
from crm_desktop.core.refusals import NOT_AT_ALL, NotAllowed
from crm_desktop.db.database import Database
from crm_desktop.db.predicates import Predicates, always


def exportable(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], *, some: bool = False
) -> tuple[Sequence[int], int]:
    """Those of some records that whoever is signed in may export, and how many of them stay behind.

    Args:
        some: no error where it is none of them.

    Raises:
        NotAllowed: none of the records may be exported.
    """
    if database.access.everything:
        return ids, 0
    allowed = Predicates(database.schema, database.access).record(entity, "export")
    if always(allowed):
        return ids, 0
    table = database.schema.table(entity)
    mine = set(connection.execute(sa.select(table.c.id).where(allowed)).scalars())
    kept = [one for one in ids if one in mine]
    if not kept and not some and (len(ids) or not database.access.may(entity, "export")):
        records = translate(database.schema.entity(entity).plural).lower()
        raise NotAllowed(NOT_AT_ALL["export"], entity=entity, action="export", records=records)
    return kept, len(ids) - len(kept)


def left_out_text(count: int) -> str:
    """The sentence that says how many records stayed behind; "" where none did."""
    if not count:
        return ""
    text = ngettext(
        "{n} record is left out: your role may not export it.", "{n} records are left out: your role may not export them.",
        count,
    )  # fmt: skip
    return text.format(n=format_integer(count))
