"""Whose entries a timeline and its figures hold: a record, and what is rolled up with it, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.db.base import Base

_DEPTH = 6
"""How far down branches of branches are followed; a ring of parents ends there too."""


@dataclass(frozen=True)
class Scope:
    """The records whose entries are wanted, each a common table expression with a column ``id``.

    ``base`` are the record itself and those rolled up with it; ``deals`` and ``cases`` are theirs; ``everything`` all
    of them, each once.
    """

    base: sa.CTE
    deals: sa.CTE
    cases: sa.CTE
    everything: sa.CTE


RECORD, TODAY = "scope_record", "scope_today"


def scope_values(record_id: int) -> dict[str, Any]:
    """What a statement over a scope is executed with."""
    return {RECORD: record_id, TODAY: clock.today()}


def scope_of(entity: str, roll_up: bool, *, people: bool = False, record_id: int | None = None) -> Scope:
    """The scope of a record; without an id of the one that :func:`scope_values` names to the statement.

    Args:
        people: with a company its people, also where nothing else is rolled up.
        roll_up: with a company its people and its branches with theirs, with a person all companies it works for;
            else the record alone.
    """
    record = record_bind(record_id)
    me = sa.select(record.label("id"))
    nothing = me.where(sa.false())
    if entity not in ("contact", "company"):
        base = me.cte("base")
        cases = (me if entity == "case" else nothing).cte("cases")
        return Scope(base, nothing.cte("deals"), cases, me.cte("everything"))
    base = _base_of(entity, roll_up, people, record).cte("base")
    deals, cases = belonging("deal", base).cte("deals"), belonging("case_file", base).cte("cases")
    everything = sa.union_all(*(sa.select(one.c.id) for one in (base, deals, cases))).cte("everything")
    return Scope(base, deals, cases, everything)


def record_bind(record_id: int | None) -> sa.BindParameter[int]:
    if record_id is None:
        return sa.bindparam(RECORD, type_=sa.BigInteger)
    return sa.bindparam(RECORD, record_id, type_=sa.BigInteger)


def _base_of(
    entity: str, roll_up: bool, people: bool, record: sa.BindParameter[int]
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The record, and the people and companies rolled up with it."""
    me = sa.select(record.label("id"))
    if not (roll_up or (people and entity == "company")):
        return me
    contact, affiliation = Base.metadata.tables["contact"], Base.metadata.tables["affiliation"]
    active = affiliation.c.until.is_(None) | (affiliation.c.until >= _today(record))
    if entity == "contact":
        own = sa.select(contact.c.company_id).where(contact.c.id == record, contact.c.company_id.isnot(None))
        others = sa.select(affiliation.c.company_id).where(affiliation.c.contact_id == record, active)
        return sa.union(me, own, others)
    group = companies_of(record) if roll_up else me.cte("companies")
    companies = sa.select(group.c.id)
    staff = sa.select(contact.c.id).where(contact.c.company_id.in_(companies))
    others = sa.select(affiliation.c.contact_id).where(affiliation.c.company_id.in_(companies), active)
    return sa.union(companies, staff, others)


def _today(record: sa.BindParameter[int]) -> sa.BindParameter[Any]:
    if record.value is None:
        return sa.bindparam(TODAY, type_=sa.Date())
    return sa.bindparam(TODAY, clock.today(), type_=sa.Date())


def companies_of(record: sa.BindParameter[int]) -> sa.CTE:
    """A company and its branches, branches of branches included."""
    company = Base.metadata.tables["company"]
    start = sa.select(record.label("id"), sa.literal(0).label("depth"))
    group = start.cte("companies", recursive=True)
    return group.union(
        sa.select(company.c.id, group.c.depth + 1)
        .join(group, company.c.parent_id == group.c.id)
        .where(group.c.depth < _DEPTH)
    )


def belonging(name: str, base: sa.CTE) -> sa.CompoundSelect[tuple[int]]:
    """The ids of the deals or cases of people and companies."""
    table, ids = Base.metadata.tables[name], sa.select(base.c.id)
    return sa.union(
        sa.select(table.c.id).where(table.c.contact_id.in_(ids)),
        sa.select(table.c.id).where(table.c.company_id.in_(ids)),
    )
