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


def scope_of(entity: str, roll_up: bool) -> Scope:
    """The scope of a record that :func:`scope_values` names: the same statement serves all of them.

    Args:
        roll_up: with a company its people and its branches with theirs, with a person all companies it works for;
            else the record alone.
    """
    me = sa.select(_record().label("id"))
    nothing = me.where(sa.false())
    if entity not in ("contact", "company"):
        base = me.cte("base")
        cases = (me if entity == "case" else nothing).cte("cases")
        return Scope(base, nothing.cte("deals"), cases, me.cte("everything"))
    base = base_of(entity, roll_up).cte("base")
    deals, cases = belonging("deal", base).cte("deals"), belonging("case_file", base).cte("cases")
    everything = sa.union_all(*(sa.select(one.c.id) for one in (base, deals, cases))).cte("everything")
    return Scope(base, deals, cases, everything)


def _record() -> sa.BindParameter[int]:
    return sa.bindparam(RECORD, type_=sa.BigInteger)


def base_of(entity: str, roll_up: bool) -> sa.Select[tuple[int]] | sa.CompoundSelect[tuple[int]]:
    """The record, and the people and companies rolled up with it."""
    me = sa.select(_record().label("id"))
    if not roll_up:
        return me
    contact, affiliation = Base.metadata.tables["contact"], Base.metadata.tables["affiliation"]
    active = affiliation.c.until.is_(None) | (affiliation.c.until >= sa.bindparam(TODAY, type_=sa.Date()))
    if entity == "contact":
        own = sa.select(contact.c.company_id).where(contact.c.id == _record(), contact.c.company_id.isnot(None))
        others = sa.select(affiliation.c.company_id).where(affiliation.c.contact_id == _record(), active)
        return sa.union(me, own, others)
    group = companies_of()
    companies = sa.select(group.c.id)
    people = sa.select(contact.c.id).where(contact.c.company_id.in_(companies))
    others = sa.select(affiliation.c.contact_id).where(affiliation.c.company_id.in_(companies), active)
    return sa.union(companies, people, others)


def companies_of() -> sa.CTE:
    """A company and its branches, branches of branches included."""
    company = Base.metadata.tables["company"]
    start = sa.select(_record().label("id"), sa.literal(0).label("depth"))
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
