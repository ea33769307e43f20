"""What people and companies add to a merge: nobody loses a company they worked for, and none is named twice."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork


def keep_companies(uow: UnitOfWork, winner: int, rows: list[dict[str, Any]]) -> None:
    """The companies of the merged people that are not the main one become further companies of the person."""
    contact, affiliation = Base.metadata.tables["contact"], Base.metadata.tables["affiliation"]
    main = uow.connection.execute(sa.select(contact.c.company_id).where(contact.c.id == winner)).scalar()
    known = set(
        uow.connection.execute(sa.select(affiliation.c.company_id).where(affiliation.c.contact_id == winner)).scalars()
    )
    for row in rows:
        company = row["company_id"]
        if company is not None and company != main and company not in known:
            known.add(company)
            uow.insert("affiliation", {"contact_id": winner, "company_id": company, "role": row["job_title"]})
    _drop_repeated(uow, affiliation.c.contact_id == winner)


def join_companies(uow: UnitOfWork, winner: int, rows: list[dict[str, Any]]) -> None:
    """Who worked for two of the merged companies works for the one that stays, once."""
    _drop_repeated(uow, Base.metadata.tables["affiliation"].c.company_id == winner)


def _drop_repeated(uow: UnitOfWork, which: sa.ColumnElement[bool]) -> None:
    """Delete further companies that are the person's main one and say nothing more than that does."""
    contact, affiliation = Base.metadata.tables["contact"], Base.metadata.tables["affiliation"]
    statement = (
        sa.select(affiliation, contact.c.job_title)
        .join(contact, (contact.c.id == affiliation.c.contact_id) & (contact.c.company_id == affiliation.c.company_id))
        .where(which)
    )
    uow.delete("affiliation", [row["id"] for row in uow.connection.execute(statement).mappings() if _says_nothing(row)])


def _says_nothing(row: sa.RowMapping) -> bool:
    role = row["role"]
    return not row["until"] and not row["since"] and not row["note"] and role in (None, "", row["job_title"])
