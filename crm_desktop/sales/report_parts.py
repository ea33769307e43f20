"""What the reports of sales share: lists of deals, amounts in other currencies, names of months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.db.base import Base
from crm_desktop.reporting.document import Block, Column, Group, ListLink, RecordLink, Row, Table, Text
from crm_desktop.reporting.making import options
from crm_desktop.reporting.registry import Option, ReportContext
from crm_desktop.sales.amounts import Amount
from crm_desktop.sales.computed import probability, stalled_days

QUANTUM = Decimal("0.0001")


@dataclass(frozen=True)
class DealLine:
    """A deal as the reports list it."""

    id: int
    name: str
    company: str
    owner_id: int | None
    owner: str
    stage_id: int
    expected_close: date | None
    amount: Decimal | None
    currency: str
    probability: Decimal
    stalled: int | None

    @property
    def weighted(self) -> Decimal | None:
        """The amount times the probability."""
        if self.amount is None:
            return None
        return (self.amount * self.probability / 100).quantize(QUANTUM, rounding=ROUND_HALF_UP)


def deal_lines(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[DealLine]:
    """The deals that a condition chooses, the largest first."""
    tables = Base.metadata.tables
    deal, company, user = tables["deal"], tables["company"], tables["user_account"]
    currency = sa.func.coalesce(deal.c.currency, formats.default_currency())
    rows = connection.execute(
        sa.select(
            deal.c.id, deal.c.name, company.c.name.label("company"), deal.c.owner_id, user.c.name.label("owner"),
            deal.c.stage_id, deal.c.expected_close, deal.c.amount, currency.label("currency"),
            probability(deal).label("chance"), stalled_days(deal).label("stalled"),
        )
        .select_from(deal).outerjoin(company, company.c.id == deal.c.company_id)
        .outerjoin(user, user.c.id == deal.c.owner_id).where(condition)
        .order_by(deal.c.amount.desc().nulls_last(), deal.c.id)
    )  # fmt: skip
    return [
        DealLine(row.id, row.name, row.company or "", row.owner_id, row.owner or "", row.stage_id, row.expected_close,
                 row.amount, row.currency, row.chance or Decimal(0), row.stalled)
        for row in rows
    ]  # fmt: skip


def other_currencies(whole: Sequence[Amount], currency: str) -> list[Block]:
    """A line about what is in other currencies: it is never added up."""
    others = [part for part in whole if part.currency != currency]
    if not others:
        return []
    words = ", ".join(
        _("{amount} (weighted {weighted})").format(
            amount=formats.format_money(part.total, part.currency),
            weighted=formats.format_money(part.weighted, part.currency),
        )
        for part in others
    )
    sentence = _("Not in these figures, because they are in other currencies: {amounts}.").format(amounts=words)
    return [Text(sentence, muted=True)]


def deal_group(
    label: str, lines: Sequence[DealLine], total: Sequence[Amount], mark_stalled: bool, link: ListLink,
    more: dict[str, Any],
) -> Group:  # fmt: skip
    """Deals under a common line, with the sums that SQL gave where they are in one currency."""
    rows = tuple(
        Row(
            (line.name, line.company, line.owner, line.expected_close, line.amount, line.probability, line.weighted,
             line.currency),
            RecordLink("deal", line.id),
            _("stalled {n} d").format(n=line.stalled) if mark_stalled and line.stalled is not None else "",
        )
        for line in lines
    )  # fmt: skip
    note = ngettext("{n} deal", "{n} deals", len(rows)).format(n=len(rows))
    return Group(label, rows, note, subtotals(total) | more, link)


def subtotals(total: Sequence[Amount]) -> dict[str, Any]:
    """The sums of SQL where they are in one currency; else none."""
    if len(total) != 1:
        return {}
    return {"amount": total[0].total, "weighted": total[0].weighted}


def deal_table(
    groups: Sequence[Group], group_label: str, whole: Sequence[Amount], currency: str, lines: Sequence[DealLine]
) -> Table:
    """A table of deals in groups; a column of currencies decides only where there are several."""
    one = {line.currency for line in lines} <= {currency}
    kind: dict[str, Any] = {"currency": currency} if one else {"currency_key": "currency", "currency": currency}
    columns = (
        Column("deal", _("Deal"), weight=3), Column("company", _("Company"), weight=2),
        Column("owner", _("Owner"), weight=1.5), Column("closes", _("Closes"), "date"),
        Column("amount", _("Amount"), "money", total="sum", **kind), Column("probability", _("Prob."), "percent"),
        Column("weighted", _("Weighted"), "money", total="sum", **kind), Column("currency", _("Currency"), hidden=True),
    )  # fmt: skip
    note = ngettext("{n} deal", "{n} deals", len(lines)).format(n=len(lines))
    return Table(
        columns, groups=tuple(groups), name=_("Deals"), group_label=group_label, mark_label=_("State"),
        total_label=_("Grand total"), total_note=note, totals=subtotals(whole),
        empty=_("There are no open deals here."),
    )  # fmt: skip


def month_label(month: date) -> str:
    """ "March 2026", in the language in use."""
    return _("{month} {year}").format(month=formats.month_name(month.month).capitalize(), year=month.year)


def all_or_pipeline(context: ReportContext) -> list[Option]:
    """The choices of a parameter that takes one pipeline or all (0)."""
    found: list[Option] = options("pipeline", ("position", "name"))(context)
    return [Option(0, _("All")), *found]


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """A part in percent of the whole; None where there is no whole."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if whole else None
