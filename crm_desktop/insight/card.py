"""What matters now about a person or a company, in numbers for the head of its card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from crm_desktop.cases.queries import most_urgent
from crm_desktop.cases.words import clock_name, clock_note, clock_text
from crm_desktop.contacts.planned import NextActivity, next_of_scope
from crm_desktop.contacts.scope import companies_of, record_bind, scope_of
from crm_desktop.db.base import Base
from crm_desktop.sales.amounts import Amount, amounts, sums

Urgency = Literal["", "warning", "danger"]


@dataclass(frozen=True)
class CardFigures:
    """The figures of one customer.

    Attributes:
        next: what is planned next with it, its people, deals and cases.
        open_deals, won: by currency, the office's own first.
        open_deal_id: the open deal, where there is just one.
        open_cases: how many; ``case_id`` the one with the next deadline, ``deadline`` its clock in words.
        last_contact: when somebody of the office was last in touch.
    """

    next: NextActivity | None
    open_deals: tuple[Amount, ...]
    open_deal_id: int | None
    won: tuple[Amount, ...]
    open_cases: int
    case_id: int | None
    deadline: str
    deadline_note: str
    urgency: Urgency
    last_contact: datetime | None


def card_figures(connection: sa.Connection, entity: str, record_id: int, *, branches: bool = False) -> CardFigures:
    """The figures of a contact, or of a company with its people.

    Args:
        branches: of a company, its branches with their people too.
    """
    deal, case = Base.metadata.tables["deal"], Base.metadata.tables["case_file"]
    group = branches and entity == "company"
    scope = scope_of(entity, group, people=True, record_id=record_id)
    chosen = deal.c.id.in_(sa.select(scope.deals.c.id))
    parts = sums(connection, [deal.c.status], chosen & deal.c.status.in_(("open", "won")))
    opened = amounts([part for part in parts if part.key == ("open",)])
    only = None
    if sum(part.count for part in opened) == 1:
        only = connection.execute(sa.select(deal.c.id).where(chosen, deal.c.status == "open")).scalar()
    count, case_id, clock = most_urgent(connection, case.c.id.in_(sa.select(scope.cases.c.id)))
    urgency: Urgency = "" if clock is None or not clock.urgent else "danger" if clock.state == "overdue" else "warning"
    ticking = clock is not None and clock.due is not None
    return CardFigures(
        next=next_of_scope(connection, scope), open_deals=opened, open_deal_id=only,
        won=amounts([part for part in parts if part.key == ("won",)]), open_cases=count, case_id=case_id,
        deadline=clock_text(clock) if ticking and clock else "",
        deadline_note=f"{clock_name(clock.kind)}: {clock_note(clock)}" if ticking and clock else "", urgency=urgency,
        last_contact=_last_contact(connection, entity, record_id, group),
    )  # fmt: skip


def _last_contact(connection: sa.Connection, entity: str, record_id: int, branches: bool) -> datetime | None:
    table = Base.metadata.tables[entity]
    wanted = table.c.id == record_id
    if branches:
        wanted = table.c.id.in_(sa.select(companies_of(record_bind(record_id)).c.id))
    found: datetime | None = connection.execute(sa.select(sa.func.max(table.c.last_activity_at)).where(wanted)).scalar()
    return found
