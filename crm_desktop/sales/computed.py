"""Numbers that follow from deals: what is open and what was won of a customer, and how long a deal has stood still."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.numbers import Expressions
from crm_desktop.contacts.planned import planned_day
from crm_desktop.core import clock, formats
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.days import days_apart, elapsed_days
from crm_desktop.db.schema import Holders
from crm_desktop.db.types import Instant, Units
from crm_desktop.sales.service import POSTPONED

_SHOWN: dict[str, Any] = {
    "in_list": True, "in_form": False, "importable": False, "system": True, "computed": True,
}  # fmt: skip
CUSTOMER_FIELDS = (
    Field("open_amount", N_("Open"), Kind.MONEY, width=110,
          help=N_("The sum of open deals in the customer's currency."), **_SHOWN),
    Field("open_deals", N_("Open deals"), Kind.INTEGER, width=90, **_SHOWN),
    Field("won_amount", N_("Bought so far"), Kind.MONEY, width=120,
          help=N_("The sum of won deals in the customer's currency."), **_SHOWN),
)  # fmt: skip
DEAL_FIELDS = (
    Field("weighted_amount", N_("Weighted"), Kind.MONEY, width=110,
          help=N_("The amount times the probability."), **_SHOWN),
    Field("stalled_days", N_("Stalled for (days)"), Kind.INTEGER, width=110,
          help=N_("Days without contact, where they are more than the stage allows and nothing is planned soon."),
          **_SHOWN),
)  # fmt: skip


def sum_of(status: str) -> Any:
    """A function that gives the sum of a customer's deals of one status, in the customer's currency."""

    def expression(table: sa.Table) -> sa.ColumnElement[Decimal]:
        deal = Base.metadata.tables["deal"].alias()
        own = sa.func.coalesce(table.c.currency, formats.default_currency()) if "currency" in table.c else None
        currency = formats.default_currency() if own is None else own
        return (
            sa.select(sa.func.sum(deal.c.amount))
            .where(_belongs(deal, table), deal.c.status == status, deal.c.currency == currency)
            .correlate(table)
            .scalar_subquery()
        )

    return expression


def customers_with(status: str) -> Holders:
    """A function that gives the customers who have deals of one status."""

    def holders(table: sa.Table) -> sa.Select[Any]:
        deal = Base.metadata.tables["deal"].alias()
        customer = deal.c[f"{table.name}_id"]
        return sa.select(customer.label("id")).where(deal.c.status == status, customer.isnot(None)).distinct()

    return holders


def open_deals(table: sa.Table) -> sa.ColumnElement[int]:
    """How many deals of a customer are open."""
    deal = Base.metadata.tables["deal"].alias()
    statement = sa.select(sa.func.count()).select_from(deal)
    return statement.where(_belongs(deal, table), deal.c.status == "open").correlate(table).scalar_subquery()


def probability(deal: sa.FromClause) -> sa.ColumnElement[Decimal]:
    """The probability that counts for a deal: its own, else its stage's; 100 and 0 once it is closed."""
    stage = Base.metadata.tables["stage"].alias()
    of_stage = sa.select(stage.c.probability).where(stage.c.id == deal.c.stage_id).correlate(deal).scalar_subquery()
    return sa.case((deal.c.status == "open", sa.func.coalesce(deal.c.probability, of_stage)), else_=of_stage)


def weighted_amount(table: sa.Table) -> sa.ColumnElement[Decimal]:
    """The amount times the probability, to four places.

    Both are integers of ten-thousandths; the amount is divided first, so that a billion does not overflow.
    """
    amount = sa.type_coerce(table.c.amount, sa.BigInteger)
    share = sa.type_coerce(probability(table), sa.BigInteger)
    whole, part = (amount // 10_000) * share, (amount % 10_000) * share
    return sa.type_coerce(whole // 100 + ((whole % 100) * 10_000 + part + 500_000) // 1_000_000, Units())


def stalled_days(table: sa.FromClause) -> sa.ColumnElement[int]:
    """Days since the last contact about an open deal, or since it came to its stage; null while it is not stalled.

    Stalled means more days than the stage allows, and nothing planned within that many days.
    """
    stage = Base.metadata.tables["stage"].alias()
    limit = sa.select(stage.c.rotting_days).where(stage.c.id == table.c.stage_id).correlate(table).scalar_subquery()
    since = sa.func.coalesce(table.c.stage_since, table.c.created_at)
    latest = sa.case((table.c.last_activity_at > since, table.c.last_activity_at), else_=since)
    days = elapsed_days(sa.literal(clock.now(), Instant()), latest)
    return sa.case((sa.and_(table.c.status == "open", days > limit, ~_planned_soon(table, limit)), days))


def _planned_soon(table: sa.FromClause, limit: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    link, activity = Base.metadata.tables["activity_link"].alias(), Base.metadata.tables["activity"].alias()
    day, today = planned_day(activity), clock.today()
    ahead = days_apart(day, sa.literal(today, sa.Date()))
    return (
        sa.select(sa.literal(1))
        .select_from(sa.join(link, activity, activity.c.id == link.c.activity_id))
        .where(
            link.c.record_id == table.c.id, activity.c.status == "planned", day >= today,
            (ahead <= limit) | (link.c.role == POSTPONED),
        )
        .correlate(table).exists()
    )  # fmt: skip


def _belongs(deal: sa.FromClause, table: sa.Table) -> sa.ColumnElement[bool]:
    return deal.c[f"{table.name}_id"] == table.c.id


EXPRESSIONS: Expressions = {
    ("deal", "weighted_amount"): weighted_amount,
    ("deal", "stalled_days"): stalled_days,
}
for _name in ("contact", "company"):
    EXPRESSIONS |= {
        (_name, "open_amount"): sum_of("open"),
        (_name, "open_deals"): open_deals,
        (_name, "won_amount"): sum_of("won"),
    }
HOLDERS: dict[tuple[str, str], Holders] = {
    (name, field): customers_with(status)
    for name in ("contact", "company")
    for field, status in (("open_amount", "open"), ("won_amount", "won"))
}
