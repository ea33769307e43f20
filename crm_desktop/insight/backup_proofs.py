"""The three reports that every trial restore of a backup compares with the database it was made of."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Proof

Numbers = list[tuple[str, Any]]


def _contacts(connection: sa.Connection, _moment: datetime) -> Numbers:
    contact = Base.metadata.tables["contact"]
    rows = connection.execute(sa.select(contact.c.source, sa.func.count()).group_by(contact.c.source))
    return sorted((str(source or ""), int(count)) for source, count in rows)


def _pipeline(connection: sa.Connection, _moment: datetime) -> Numbers:
    deal, stage = Base.metadata.tables["deal"], Base.metadata.tables["stage"]
    rows = connection.execute(
        sa.select(stage.c.name, stage.c.id, deal.c.currency, sa.func.count(), sa.func.sum(deal.c.amount))
        .join(stage, stage.c.id == deal.c.stage_id).where(deal.c.status == "open")
        .group_by(stage.c.id, stage.c.name, deal.c.currency)
    )  # fmt: skip
    found = sorted((identity, currency or "", name, count, amount) for name, identity, currency, count, amount in rows)
    return [(name, _amount(count, amount, currency)) for _identity, currency, name, count, amount in found]


def _amount(count: int, amount: Any, currency: str) -> str:
    """Both numbers of a stage: "12 / 3400.5 BRL"; engines write zeros at the end as they like."""
    text = f"{amount:f}" if amount is not None else "0"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{count} / {text} {currency}".rstrip()


def _activities(connection: sa.Connection, moment: datetime) -> Numbers:
    activity = Base.metadata.tables["activity"]
    first = datetime.combine(moment.date().replace(day=1), time(), moment.tzinfo)
    following = (first + timedelta(days=32)).replace(day=1)
    begins = activity.c.starts_at
    rows = connection.execute(
        sa.select(activity.c.kind, sa.func.count())
        .where(
            (begins.is_not(None) & (begins >= first) & (begins < following))
            | (begins.is_(None) & (activity.c.due >= first.date()) & (activity.c.due < following.date()))
        )
        .group_by(activity.c.kind)
    )
    return sorted((str(kind or ""), int(count)) for kind, count in rows)


PROOFS = (
    Proof("contacts", N_("Contacts by source"), _contacts),
    Proof("pipeline", N_("Open pipeline by stage"), _pipeline),
    Proof("activities", N_("Activities of the month"), _activities),
)
