"""The report of what was sold, by period and by owner, company, product or source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.choices import SOURCES
from crm_desktop.core import formats, periods
from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.periods import Span, add_months
from crm_desktop.db.base import Base
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Column,
    Document,
    Figure,
    Heading,
    KeyFigures,
    ListLink,
    Row,
    Series,
    Table,
)
from crm_desktop.reporting.making import NOBODY, NONE, OWNER, SALES, in_days, make_document, owned_by
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec
from crm_desktop.sales.amounts import Amount, Sum, amounts, main_amount, main_currency, sums
from crm_desktop.sales.report_parts import (
    QUANTUM,
    all_or_pipeline,
    month_label,
    other_currencies,
    share,
)

_COLUMNS = {"owner": "owner_id", "company": "company_id", "product": "product_id", "source": "source"}
_BY = {"owner": N_("Owner"), "company": N_("Company"), "product": N_("Product"), "source": N_("Source")}


def build_sales(context: ReportContext, values: dict[str, Any]) -> Document:
    """What was won, by whom or of what, and how much of what was decided was won."""
    connection, deal = context.connection, Base.metadata.tables["deal"]
    span = context.span(values["period"])
    chosen = owned_by(deal.c.owner_id, values["owner"])
    if values["pipeline"]:
        chosen = chosen & (deal.c.pipeline_id == values["pipeline"])
    key = deal.c[_COLUMNS[values["by"]]]
    currency = formats.default_currency()
    inside = chosen & in_days(deal.c.closed_on, span)
    won = sums(connection, [key, deal.c.closed_on], inside & (deal.c.status == "won"))
    lost = sums(connection, [key], inside & (deal.c.status == "lost"))
    before = sums(connection, [deal.c.status], chosen & (deal.c.status == "won")
                  & in_days(deal.c.closed_on, periods.previous(span)))  # fmt: skip
    whole, lost_count = amounts(won, currency), sum(part.count for part in lost)
    currency = main_currency(whole, currency)
    main, previous = main_amount(whole, currency), main_amount(amounts(before, currency), currency)
    count = sum(part.count for part in whole)
    blocks: list[Block] = [KeyFigures((
        Figure(_("Won"), main.total, "money", emphasis=True, currency=main.currency),
        Figure(_("Period before"), previous.total if span[0] > date.min else None, "money", currency=main.currency),
        Figure(_("Deals won"), count),
        Figure(_("Average"), (main.total / main.count).quantize(QUANTUM) if main.count else None, "money",
               currency=main.currency),
        Figure(_("Win rate"), share(count, count + lost_count), "percent"),
    ))]  # fmt: skip
    days = [part.key[1] for part in won]
    # months to come are no steps of what was sold
    steps = _steps((span[0], min(span[1], max([context.today, *days]))), values["step"], days)
    if 1 < len(steps) <= 40:
        blocks.append(_sales_chart(steps, won, main.currency, values))
    blocks += other_currencies(whole, main.currency)
    blocks += [Heading(_(_BY[values["by"]])), _sales_table(context, values, won, lost, main)]
    if len(steps) > 1:
        blocks += [Heading(_("By period")), _step_table(steps, won, main.currency, values)]
    return make_document(SALES_BY, context, values, blocks)


def _steps(span: Span, step: str, days: Sequence[date]) -> list[tuple[str, Span]]:
    """The months, quarters or years of a span, each with its label; an endless span reaches as far as the data."""
    first = span[0] if span[0] > date.min else min(days, default=None)
    last = span[1] if span[1] < date.max else max(days, default=None)
    if first is None or last is None:
        return []
    size = {"month": 1, "quarter": 3, "year": 12}[step]
    start = date(first.year, (first.month - 1) // size * size + 1, 1)
    result: list[tuple[str, Span]] = []
    while start <= last and len(result) < 600:
        end = add_months(start, size) - timedelta(days=1)
        label = {
            "month": month_label(start), "year": str(start.year),
            "quarter": _("Q{quarter} {year}").format(quarter=(start.month + 2) // 3, year=start.year),
        }[step]  # fmt: skip
        result.append((label, (max(start, first), min(end, last))))
        start = add_months(start, size)
    return result


def _part_in(parts: Sequence[Sum], span: Span, currency: str) -> Amount:
    chosen = [p for p in parts if p.currency == currency and p.key[1] is not None and span[0] <= p.key[1] <= span[1]]
    return main_amount(amounts(chosen, currency), currency)


def _sales_chart(
    steps: Sequence[tuple[str, Span]], won: Sequence[Sum], currency: str, values: dict[str, Any]
) -> BarChart:
    return BarChart(
        tuple(label for label, _span in steps),
        (Series(_("Won"), tuple(_part_in(won, span, currency).total for _label, span in steps)),),
        title=_("Won by period"), kind="money", currency=currency, vertical=True,
        links=tuple(_closed_link(values, span) for _label, span in steps),
    )  # fmt: skip


def _step_table(steps: Sequence[tuple[str, Span]], won: Sequence[Sum], currency: str, values: dict[str, Any]) -> Table:
    rows = tuple(
        Row((label, one.count, one.total), _closed_link(values, step))
        for label, step in steps
        for one in (_part_in(won, step, currency),)
    )
    columns = (
        Column("step", _("Period"), weight=2), Column("count", _("Deals won"), "integer", total="sum"),
        Column("total", _("Won"), "money", total="sum", currency=currency),
    )  # fmt: skip
    return Table(columns, rows, name=_("By period"), total_label=_("Total"))


def _closed_link(values: dict[str, Any], span: Span | None, *more: Filter) -> ListLink:
    period = values["period"] if span is None else f"{span[0]}..{span[1]}"
    parts: list[Filter] = [where("status", "eq", "won"), where("closed_on", "period", period), *more]
    if values["owner"] is not None:
        parts.append(where("owner_id", "eq", values["owner"]))
    if values["pipeline"]:
        parts.append(where("pipeline_id", "eq", values["pipeline"]))
    return ListLink("deal", all_of(*parts))


def _sales_table(
    context: ReportContext, values: dict[str, Any], won: Sequence[Sum], lost: Sequence[Sum], main: Amount
) -> Table:
    field = _COLUMNS[values["by"]]
    by_key: dict[Any, list[Sum]] = defaultdict(list)
    for part in won:
        by_key[part.key[0]].append(part)
    losses: dict[Any, int] = defaultdict(int)
    for part in lost:
        losses[part.key[0]] += part.count
    names = _key_names(context.connection, values["by"])
    entries = []
    for key in {*by_key, *losses}:
        total = amounts(by_key[key], main.currency)
        mine = main_amount(total, main.currency)
        count = sum(part.count for part in total)
        label = names.get(key) or (_(NOBODY) if values["by"] == "owner" else _(NONE))
        condition = where(field, "empty") if key is None else where(field, "eq", key)
        entries.append(Row(
            (label, count, mine.total, share(mine.total, main.total),
             (mine.total / mine.count).quantize(QUANTUM) if mine.count else None, losses[key],
             share(count, count + losses[key])),
            _closed_link(values, None, condition),
        ))  # fmt: skip
    entries.sort(key=lambda row: (-(row.values[2] or 0), str(row.values[0])))  # type: ignore[operator]
    money: dict[str, Any] = {"kind": "money", "currency": main.currency}
    columns = (
        Column("name", _(_BY[values["by"]]), weight=3), Column("count", _("Deals won"), "integer", total="sum"),
        Column("total", _("Won"), total="sum", **money), Column("share", _("Share"), "percent"),
        Column("mean", _("Average"), **money), Column("lost", _("Lost"), "integer", total="sum"),
        Column("rate", _("Win rate"), "percent"),
    )  # fmt: skip
    return Table(columns, tuple(entries), name=_(_BY[values["by"]]), total_label=_("Total"),
                 empty=_("Nothing was won or lost in this period."))  # fmt: skip


def _key_names(connection: sa.Connection, by: str) -> dict[Any, str]:
    if by == "source":
        return {choice.key: _(choice.label) for choice in SOURCES}
    table = Base.metadata.tables[{"owner": "user_account", "company": "company", "product": "product"}[by]]
    statement = sa.select(table.c.id, table.c.name)
    if by == "company":  # only those that bought, not all there are
        deal = Base.metadata.tables["deal"]
        statement = statement.where(table.c.id.in_(sa.select(deal.c.company_id)))
    return {identity: name for identity, name in connection.execute(statement)}


def _labelled(labels: dict[str, str]) -> Any:
    return lambda _context: [Option(key, _(label)) for key, label in labels.items()]


SALES_BY = ReportSpec(
    "sales", N_("Sales by period and owner"), N_("What was won in a period, by whom or of what, and the win rate."),
    "ph.trophy", build_sales,
    (
        Parameter("period", N_("Period"), "period", "this_year", required=True),
        Parameter("by", N_("Group by"), "choice", "owner", _labelled(_BY), required=True),
        Parameter("step", N_("Steps"), "choice", "month",
                  _labelled({"month": N_("Month"), "quarter": N_("Quarter"), "year": N_("Year")}), required=True),
        Parameter("pipeline", N_("Pipeline"), "choice", 0, all_or_pipeline), OWNER,
    ), SALES,
)  # fmt: skip
