"""The report of the pipeline by stage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import N_, _
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
from crm_desktop.reporting.making import OWNER, SALES, in_days, make_document, options, owned_by
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec
from crm_desktop.sales.amounts import Amount, Sum, amounts, main_amount, main_currency, sums
from crm_desktop.sales.queries import OPEN, STALLED
from crm_desktop.sales.report_parts import (
    QUANTUM,
    DealLine,
    deal_group,
    deal_lines,
    deal_table,
    other_currencies,
)
from crm_desktop.sales.stages import StageInfo, read_plan


@dataclass(frozen=True)
class _Pipeline:
    """What the report is about, read once."""

    currency: str
    links: Filter
    stages: list[StageInfo]
    whole: tuple[Amount, ...]
    by_stage: dict[int, tuple[Amount, ...]]
    lines: list[DealLine]

    def link(self, stage: StageInfo) -> ListLink:
        """Opens the deals of a stage."""
        return ListLink("deal", all_of(self.links, where("stage_id", "eq", stage.id)))

    def main(self, stage: StageInfo) -> Amount:
        """The deals of a stage in the main currency."""
        return main_amount(self.by_stage[stage.id], self.currency)


def build_pipeline(context: ReportContext, values: dict[str, Any]) -> Document:
    """What stands in each stage and what should come of it."""
    read = _read(context, values)
    stalled = sum(line.stalled is not None for line in read.lines)
    blocks: list[Block] = [_pipeline_figures(read.whole, read.currency, stalled, read.links), _chart(read)]
    blocks += other_currencies(read.whole, read.currency)
    if values["deals"]:
        groups = [
            deal_group(
                stage.name, [line for line in read.lines if line.stage_id == stage.id], read.by_stage[stage.id],
                values["stalled"], read.link(stage), {"probability": stage.probability},
            )
            for stage in read.stages
        ]  # fmt: skip
        filled = [group for group in groups if group.rows]
        blocks += [Heading(_("Deals")), deal_table(filled, _("Stage"), read.whole, read.currency, read.lines)]
    else:
        blocks.append(_stage_table(read))
    return make_document(PIPELINE, context, values, blocks)


def _read(context: ReportContext, values: dict[str, Any]) -> _Pipeline:
    connection, deal = context.connection, Base.metadata.tables["deal"]
    plan = read_plan(connection)
    pipeline_id = values["pipeline"] or next(iter(plan.pipelines), 0)
    condition = sa.and_(
        deal.c.pipeline_id == pipeline_id, deal.c.status == "open",
        in_days(deal.c.expected_close, context.span(values["closes"])), owned_by(deal.c.owner_id, values["owner"]),
    )  # fmt: skip
    parts: dict[int, list[Sum]] = defaultdict(list)
    for part in sums(connection, [deal.c.stage_id], condition):
        parts[part.key[0]].append(part)
    wanted = plan.pipelines.get(pipeline_id) or ""
    whole = amounts([part for some in parts.values() for part in some], wanted)
    stages = [s for s in plan.stages.values() if s.pipeline_id == pipeline_id and s.outcome == "open"]
    return _Pipeline(
        main_currency(whole, wanted), _filters(pipeline_id, values), stages, whole,
        {stage.id: amounts(parts[stage.id], wanted) for stage in stages}, deal_lines(connection, condition),
    )  # fmt: skip


def _chart(read: _Pipeline) -> BarChart:
    return BarChart(
        tuple(stage.name for stage in read.stages),
        (
            Series(_("Open"), tuple(read.main(stage).total for stage in read.stages)),
            Series(_("Weighted by probability"), tuple(read.main(stage).weighted for stage in read.stages),
                   short=_("wtd.")),
        ),
        title=_("Value by stage"), kind="money", currency=read.currency, mode="overlay",
        links=tuple(read.link(stage) for stage in read.stages),
    )  # fmt: skip


def _stage_table(read: _Pipeline) -> Table:
    rows = tuple(
        Row((stage.name, main.count, main.total, stage.probability, main.weighted), read.link(stage))
        for stage in read.stages
        for main in (read.main(stage),)
    )
    columns = (
        Column("stage", _("Stage"), weight=3), Column("count", _("Deals"), "integer", total="sum"),
        Column("total", _("Open"), "money", total="sum", currency=read.currency),
        Column("probability", _("Prob."), "percent"),
        Column("weighted", _("Weighted"), "money", total="sum", currency=read.currency),
    )  # fmt: skip
    return Table(columns, rows, name=_("Stages"), total_label=_("Total"))


def _filters(pipeline_id: int, values: dict[str, Any]) -> Filter:
    parts: list[Filter] = [OPEN, where("pipeline_id", "eq", pipeline_id)]
    if values["closes"] != "all":
        parts.append(where("expected_close", "period", values["closes"]))
    if values["owner"] is not None:
        parts.append(where("owner_id", "eq", values["owner"]))
    return all_of(*parts)


def _pipeline_figures(whole: tuple[Amount, ...], currency: str, stalled: int, links: Filter) -> KeyFigures:
    main = main_amount(whole, currency)
    count = sum(part.count for part in whole)
    mean = (main.total / main.count).quantize(QUANTUM) if main.count else None
    return KeyFigures((
        Figure(_("Open"), main.total, "money", currency=main.currency, link=ListLink("deal", links)),
        Figure(_("Weighted"), main.weighted, "money", emphasis=True, currency=main.currency),
        Figure(_("Deals"), count),
        Figure(_("Average"), mean, "money", currency=main.currency),
        Figure(_("Stalled"), stalled, link=ListLink("deal", all_of(links, STALLED))),
    ))  # fmt: skip


def _first_pipeline(context: ReportContext) -> int | None:
    return next(iter(read_plan(context.connection).pipelines), None)


PIPELINE = ReportSpec(
    "pipeline", N_("Pipeline by stage"), N_("How much stands in each stage, and how much of it should be sold."),
    "ph.columns", build_pipeline,
    (
        Parameter("pipeline", N_("Pipeline"), "choice", _first_pipeline, options("pipeline", ("position", "name"))),
        Parameter("closes", N_("Closes"), "period", "all"), OWNER,
        Parameter("deals", N_("Show the deals"), "bool", True),
        Parameter("stalled", N_("Mark stalled deals"), "bool", True),
    ), SALES,
)  # fmt: skip
