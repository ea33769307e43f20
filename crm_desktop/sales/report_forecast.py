"""The report of the forecast by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm_desktop.core.filters import all_of, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.db.base import Base
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Column,
    Document,
    Figure,
    KeyFigures,
    ListLink,
    Row,
    Series,
    Table,
    Text,
)
from crm_desktop.reporting.making import OWNER, SALES, make_document, owned_by
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec
from crm_desktop.sales.amounts import Amount
from crm_desktop.sales.queries import ForecastMonth, forecast_filter, forecast_of
from crm_desktop.sales.report_parts import (
    all_or_pipeline,
    month_label,
    other_currencies,
)


def build_forecast(context: ReportContext, values: dict[str, Any]) -> Document:
    """What should close month by month."""
    deal = Base.metadata.tables["deal"]
    chosen = owned_by(deal.c.owner_id, values["owner"])
    pipeline_id = values["pipeline"] or None
    months = forecast_of(context.connection, chosen, context.today, values["months"], pipeline_id)
    currency = months[0].open.currency

    def link(month: date | None) -> ListLink:
        parts = [forecast_filter(month, first=context.today, pipeline_id=pipeline_id)]
        if values["owner"] is not None:
            parts.append(where("owner_id", "eq", values["owner"]))
        return ListLink("deal", all_of(*parts))

    labels = [month_label(month.start) if month.start else _("Without a day") for month in months]
    rows = tuple(
        Row(
            (label, one.open.count, one.open.total, one.open.weighted, one.won.total,
             one.open.weighted + one.won.total),
            link(one.start),
        )
        for label, one in zip(labels, months, strict=True)
    )  # fmt: skip
    dated = [(label, one) for label, one in zip(labels, months, strict=True) if one.start]
    total = sum((one.open.total for one in months), Decimal(0))
    weighted = sum((one.open.weighted for one in months), Decimal(0))
    won = sum((one.won.total for one in months), Decimal(0))
    money: dict[str, Any] = {"kind": "money", "total": "sum", "currency": currency}
    blocks: list[Block] = [
        KeyFigures((
            Figure(_("Open"), total, "money", currency=currency),
            Figure(_("Weighted"), weighted, "money", emphasis=True, currency=currency),
            Figure(_("Won already"), won, "money", currency=currency),
            Figure(_("Won and weighted"), won + weighted, "money", currency=currency),
        )),
        BarChart(
            tuple(label for label, _one in dated),
            (
                Series(_("Open"), tuple(one.open.total for _label, one in dated)),
                Series(_("Weighted"), tuple(one.open.weighted for _label, one in dated)),
                Series(_("Won"), tuple(one.won.total for _label, one in dated)),
            ),
            title=_("Value by month of closing"), kind="money", currency=currency, vertical=True,
            links=tuple(link(one.start) for _label, one in dated),
        ),
        Table(
            (
                Column("month", _("Month"), weight=2), Column("count", _("Deals"), "integer", total="sum"),
                Column("open", _("Open"), **money), Column("weighted", _("Weighted"), **money),
                Column("won", _("Won"), **money), Column("expected", _("Won and weighted"), **money),
            ),
            rows, name=_("Months"), total_label=_("Total"),
        ),
        Text(_("Deals whose day has passed count for the first month."), muted=True),
        *other_currencies(_others(months), currency),
    ]  # fmt: skip
    return make_document(FORECAST, context, values, blocks)


def _others(months: Sequence[ForecastMonth]) -> list[Amount]:
    """The open deals in other currencies, over all months."""
    found: dict[str, Amount] = {}
    for month in months:
        for part in month.others:
            old = found.get(part.currency, Amount(part.currency, 0, Decimal(0), Decimal(0)))
            found[part.currency] = Amount(
                part.currency, old.count + part.count, old.total + part.total, old.weighted + part.weighted
            )
    return list(found.values())


FORECAST = ReportSpec(
    "forecast", N_("Forecast by month"), N_("What is expected to close in the next months, open, weighted and won."),
    "ph.chart-line-up", build_forecast,
    (
        Parameter("months", N_("Months"), "integer", 6, required=True, minimum=1, maximum=24),
        Parameter("pipeline", N_("Pipeline"), "choice", 0, all_or_pipeline), OWNER,
    ), SALES,
)  # fmt: skip
