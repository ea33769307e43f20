"""Takes back what links made for rows that did not come in: companies that nobody works for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.references import Reference, references_to

_CHUNK = 500


def take_back_needless(uow: UnitOfWork, made: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Delete the records to which nothing points. Returns how many, by record type.

    Args:
        made: record type to the ids that links of this import made.
    """
    gone: dict[str, int] = {}
    for name, ids in made.items():
        spec = uow.schema.entity(name)
        if not spec.listed:
            continue  # stages and pipelines are settings
        uses = [one for one in references_to(uow.database, uow.connection, name) if _is_use(spec, one)]
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            used: set[int] = set()
            for one in uses:
                used.update(uow.connection.execute(sa.select(one.value).where(one.value.in_(part))).scalars())
            needless = [identity for identity in part if identity not in used]
            if needless:
                uow.delete(name, needless)
                gone[name] = gone.get(name, 0) + len(needless)
    return gone


def _is_use(spec: Entity, reference: Reference) -> bool:
    """Whether a row with this reference needs the record: its own phones, tags and files do not."""
    table = reference.table
    if table.info.get("attached") or any(child.table == table.name for child in spec.children):
        return False
    return table.info.get("history", True) is not False
