"""Writes of contacts and companies beyond plain edits: lifecycle, employers, primary contact points."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_desktop.contacts.choices import LIFECYCLE
from crm_desktop.core.errors import FieldError, RecordGone
from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import bulk_edit

_ORDER = [choice.key for choice in LIFECYCLE]


def advance_lifecycle(uow: UnitOfWork, ids: Sequence[int], lifecycle: str) -> int:
    """Move contacts on to a later point of the lifecycle; those that are there or further stay. Returns how many moved.

    Raises:
        FieldError: there is no such lifecycle.
    """
    if lifecycle not in _ORDER:
        raise FieldError("lifecycle", N_("There is no lifecycle “{name}”."), name=lifecycle)
    earlier = _ORDER[: _ORDER.index(lifecycle)]
    table = uow.table("contact")
    moved = 0
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        behind = table.c.id.in_(part) & table.c.lifecycle.in_(earlier)
        moved += uow.update_where("contact", {"lifecycle": lifecycle}, behind)
    return moved


def set_primary_point(uow: UnitOfWork, point_id: int) -> None:
    """Make a phone, e-mail or other contact point the first of its kind.

    Raises:
        RecordGone: it was removed.
    """
    table = uow.table("contact_point")
    row = uow.connection.execute(sa.select(table.c.owner_id, table.c.kind).where(table.c.id == point_id)).first()
    if row is None:
        raise RecordGone("contact_point", point_id)
    same = (table.c.owner_id == row.owner_id) & (table.c.kind == row.kind)
    uow.update_where("contact_point", {"is_primary": False}, same & table.c.is_primary & (table.c.id != point_id))
    uow.update_where("contact_point", {"is_primary": True}, (table.c.id == point_id) & ~table.c.is_primary)


def move_people(uow: UnitOfWork, ids: Sequence[int], company_id: int | None) -> int:
    """Let contacts work for a company, or for none. Returns how many were elsewhere before."""
    return bulk_edit.update_records(uow, "contact", list(ids), {"company_id": company_id})
