"""Reads of sales: the board, totals of pipelines, the forecast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.planned import NextActivity, has_next, next_activities
from crm_desktop.core import clock, formats
from crm_desktop.core.filters import EVERYTHING, Filter, all_of, where
from crm_desktop.core.periods import add_months
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records.filter_sql import compile_filter
from crm_desktop.records.queries import context_for, titles
from crm_desktop.sales.amounts import Amount, Sum, amounts, main_amount, main_currency, sums
from crm_desktop.sales.computed import probability, stalled_days
from crm_desktop.sales.stages import StageInfo, read_plan

CARDS = 50
"""How many cards of a column are read at first; :func:`more_cards` gives the next ones."""

STALLED = where("stalled_days", "filled")
WITHOUT_NEXT = where("next_activity_on", "empty")
OPEN = where("status", "eq", "open")


@dataclass(frozen=True)
class Card:
    """A deal on the board. ``stalled_days`` is None while it is not stalled."""

    id: int
    version: int
    stage_id: int
    name: str
    company_id: int | None
    company: str
    contact_id: int | None
    contact: str
    amount: Decimal | None
    currency: str
    probability: Decimal
    expected_close: date | None
    owner_id: int | None
    owner: str
    next: NextActivity | None
    stalled_days: int | None
    limit_days: int | None
    made_by: int | None = None

    @property
    def close_overdue(self) -> bool:
        """Whether the day on which it should have been closed has passed."""
        return self.expected_close is not None and self.expected_close < clock.today()


@dataclass(frozen=True)
class BoardColumn:
    """An open stage with its first cards. ``amounts`` has one entry for each currency, the pipeline's first."""

    stage: StageInfo
    count: int
    amounts: tuple[Amount, ...]
    cards: tuple[Card, ...]
    currency: str

    @property
    def total(self) -> Decimal:
        """The sum in the main currency."""
        return main_amount(self.amounts, self.currency).total

    @property
    def weighted(self) -> Decimal:
        """The weighted sum in the main currency."""
        return main_amount(self.amounts, self.currency).weighted


@dataclass(frozen=True)
class BoardData:
    """The board of a pipeline: its open stages, and figures over all of them."""

    pipeline_id: int
    currency: str
    columns: tuple[BoardColumn, ...]
    count: int
    amounts: tuple[Amount, ...]
    stalled: int
    without_next: int

    @property
    def total(self) -> Decimal:
        """The sum of all columns in the main currency."""
        return main_amount(self.amounts, self.currency).total

    @property
    def weighted(self) -> Decimal:
        """The weighted sum of all columns in the main currency."""
        return main_amount(self.amounts, self.currency).weighted


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with its stages in order."""

    id: int
    name: str
    currency: str
    active: bool
    stages: tuple[StageInfo, ...] = ()


@dataclass(frozen=True)
class StageTotal:
    """What the deals of a stage are worth together, one entry for each currency."""

    stage: StageInfo
    count: int
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class ForecastMonth:
    """What is expected to close in a month; ``start`` is None for deals without a day.

    ``open`` are the open deals in the main currency, ``won`` those won with their day of closing in the month.
    """

    start: date | None
    open: Amount
    won: Amount
    others: tuple[Amount, ...] = field(default=())
    """Open deals in other currencies."""


def pipelines(connection: sa.Connection, *, archived: bool = False) -> list[Pipeline]:
    """The pipelines in use, in order; archived ones as well where asked for."""
    table, plan = Base.metadata.tables["pipeline"], read_plan(connection)
    rows = {row.id: row for row in connection.execute(sa.select(table))}
    return [
        Pipeline(
            identity, rows[identity].name, rows[identity].currency or formats.default_currency(),
            rows[identity].active, tuple(s for s in plan.stages.values() if s.pipeline_id == identity),
        )
        for identity in plan.pipelines
        if archived or rows[identity].active
    ]  # fmt: skip


def board(
    database: Database, connection: sa.Connection, pipeline_id: int, filter: Filter = EVERYTHING,
    user_id: int | None = None, *, cards: int = CARDS,
) -> BoardData:  # fmt: skip
    """The open deals of a pipeline in columns. Sums and counts cover all of them, cards only the first ones.

    Args:
        filter: which deals; closed ones are left out anyway.
        user_id: who asks, for "@me".
        cards: how many of each column.
    """
    plan = read_plan(connection)
    currency = plan.pipelines.get(pipeline_id) or formats.default_currency()
    stages = [s for s in plan.stages.values() if s.pipeline_id == pipeline_id and s.outcome == "open"]
    deal = Base.metadata.tables["deal"]
    context = context_for(database, "deal", connection, user_id)
    condition = sa.and_(
        deal.c.pipeline_id == pipeline_id, deal.c.status == "open",
        compile_filter(filter, context),
    )  # fmt: skip
    by_stage: dict[int, list[Sum]] = defaultdict(list)
    for part in sums(connection, [deal.c.stage_id], condition):
        by_stage[part.key[0]].append(part)
    every = [part for parts in by_stage.values() for part in parts]
    whole = amounts(every, currency)
    currency = main_currency(whole, currency)
    shown = _cards(database, connection, condition, stages, cards)
    columns = tuple(
        BoardColumn(
            stage, sum(part.count for part in by_stage[stage.id]), amounts(by_stage[stage.id], currency),
            tuple(shown.get(stage.id, ())), currency,
        )
        for stage in stages
    )  # fmt: skip
    return BoardData(
        pipeline_id, currency, columns, sum(part.count for part in every), whole,
        _count(connection, condition & stalled_days(deal).isnot(None)),
        _count(connection, condition & ~has_next(deal)),
    )  # fmt: skip


def more_cards(
    database: Database, connection: sa.Connection, stage_id: int, filter: Filter = EVERYTHING,
    user_id: int | None = None, *, offset: int, limit: int = CARDS,
) -> list[Card]:  # fmt: skip
    """The next cards of a column."""
    deal = Base.metadata.tables["deal"]
    condition = sa.and_(
        deal.c.stage_id == stage_id, deal.c.status == "open",
        compile_filter(filter, context_for(database, "deal", connection, user_id)),
    )  # fmt: skip
    statement = _in_order(sa.select(deal.c.id).where(condition), deal).limit(limit).offset(offset)
    return cards_of(database, connection, list(connection.execute(statement).scalars()))


def cards_of(database: Database, connection: sa.Connection, ids: Sequence[int]) -> list[Card]:
    """The cards of some deals, in the order of ``ids``."""
    if not ids:
        return []
    deal, stage = Base.metadata.tables["deal"], Base.metadata.tables["stage"]
    rows: dict[int, Any] = {}
    for start in range(0, len(ids), 500):
        statement = (
            sa.select(
                deal, stage.c.rotting_days, probability(deal).label("chance"), stalled_days(deal).label("stalled")
            )
            .join(stage, stage.c.id == deal.c.stage_id)
            .where(deal.c.id.in_(list(ids[start : start + 500])))
        )  # fmt: skip
        rows.update({row.id: row for row in connection.execute(statement)})
    schema = database.schema
    companies = titles(schema, connection, "company", {row.company_id for row in rows.values()})
    contacts = titles(schema, connection, "contact", {row.contact_id for row in rows.values()})
    owners = titles(schema, connection, "user", {row.owner_id for row in rows.values()})
    planned = next_activities(connection, rows)
    return [
        Card(
            row.id, row.version, row.stage_id, row.name, row.company_id, companies.get(row.company_id, ""),
            row.contact_id, contacts.get(row.contact_id, ""), row.amount, row.currency or formats.default_currency(),
            row.chance, row.expected_close, row.owner_id, owners.get(row.owner_id, ""), planned.get(row.id),
            row.stalled, row.rotting_days, row.created_by,
        )
        for row in (rows[identity] for identity in ids if identity in rows)
    ]  # fmt: skip


def pipeline_totals(
    database: Database, connection: sa.Connection, pipeline_id: int, filter: Filter = EVERYTHING,
    user_id: int | None = None,
) -> list[StageTotal]:  # fmt: skip
    """The deals of each stage of a pipeline in numbers, won and lost ones included."""
    plan, deal = read_plan(connection), Base.metadata.tables["deal"]
    chosen = compile_filter(filter, context_for(database, "deal", connection, user_id))
    by_stage: dict[int, list[Sum]] = defaultdict(list)
    for part in sums(connection, [deal.c.stage_id], chosen & (deal.c.pipeline_id == pipeline_id)):
        by_stage[part.key[0]].append(part)
    main = plan.pipelines.get(pipeline_id) or ""
    return [
        StageTotal(stage, sum(part.count for part in by_stage[stage.id]), amounts(by_stage[stage.id], main))
        for stage in plan.stages.values()
        if stage.pipeline_id == pipeline_id
    ]


def forecast(
    database: Database, connection: sa.Connection, *, first: date | None = None, months: int = 6,
    pipeline_id: int | None = None, filter: Filter = EVERYTHING, user_id: int | None = None,
) -> list[ForecastMonth]:  # fmt: skip
    """What is expected to close month by month, with what was won in each.

    Deals whose day has passed count for the first month; those after the last month are left out; those without
    a day come last, under ``start=None``.

    Args:
        first: any day of the first month; this month where None.
        pipeline_id: only this pipeline.
    """
    chosen = compile_filter(filter, context_for(database, "deal", connection, user_id))
    return forecast_of(connection, chosen, first or clock.today(), months, pipeline_id)


def forecast_of(
    connection: sa.Connection, chosen: sa.ColumnElement[bool], first: date, months: int, pipeline_id: int | None = None
) -> list[ForecastMonth]:
    """The forecast of the deals that a condition chooses (see :func:`forecast`)."""
    start = first.replace(day=1)
    starts = [add_months(start, n) for n in range(months)]
    end = add_months(start, months)
    deal = Base.metadata.tables["deal"]
    main = ""
    if pipeline_id is not None:
        chosen = chosen & (deal.c.pipeline_id == pipeline_id)
        main = read_plan(connection).pipelines.get(pipeline_id) or ""
    undated = deal.c.expected_close.is_(None)
    expected = chosen & (deal.c.status == "open") & (undated | (deal.c.expected_close < end))
    won = chosen & (deal.c.status == "won") & (deal.c.closed_on >= start) & (deal.c.closed_on < end)
    open_parts: dict[date | None, list[Sum]] = defaultdict(list)
    won_parts: dict[date | None, list[Sum]] = defaultdict(list)
    for part in sums(connection, [deal.c.expected_close], expected):
        day = part.key[0]
        open_parts[None if day is None else max(day.replace(day=1), start)].append(part)
    for part in sums(connection, [deal.c.closed_on], won):
        won_parts[part.key[0].replace(day=1)].append(part)
    currency = main_currency(amounts([part for parts in open_parts.values() for part in parts], main), main)
    result = []
    for month in [*starts, *([None] if open_parts[None] else [])]:
        parts, gained = amounts(open_parts[month], currency), amounts(won_parts[month], currency)
        result.append(ForecastMonth(
            month, main_amount(parts, currency), main_amount(gained, currency),
            tuple(part for part in parts if part.currency != currency),
        ))  # fmt: skip
    return result


def forecast_filter(month: date | None, *, first: date | None = None, pipeline_id: int | None = None) -> Filter:
    """The filter that leads to the open deals of a month of the forecast."""
    parts: list[Filter] = [OPEN]
    if pipeline_id is not None:
        parts.append(where("pipeline_id", "eq", pipeline_id))
    if month is None:
        parts.append(where("expected_close", "empty"))
    else:
        last = add_months(month, 1) - timedelta(days=1)
        start = (first or clock.today()).replace(day=1)
        # what should have closed before the first month counts for it
        span = f"..{last}" if month <= start else f"{month}..{last}"
        parts.append(where("expected_close", "period", span))
    return all_of(*parts)


def _cards(
    database: Database,
    connection: sa.Connection,
    condition: sa.ColumnElement[bool],
    stages: Sequence[StageInfo],
    limit: int,
) -> dict[int, list[Card]]:
    """The first cards of each stage: a short query for each, which stops early."""
    deal = Base.metadata.tables["deal"]
    ids: list[int] = []
    for stage in stages:
        statement = _in_order(sa.select(deal.c.id).where(condition, deal.c.stage_id == stage.id), deal)
        ids += connection.execute(statement.limit(limit)).scalars()
    result: dict[int, list[Card]] = defaultdict(list)
    for card in cards_of(database, connection, ids):
        result[card.stage_id].append(card)
    return result


def _in_order(statement: sa.Select[Any], deal: sa.Table) -> sa.Select[Any]:
    """From top to bottom, as ``service.move_deal`` counts."""
    return statement.order_by(sa.func.coalesce(deal.c.position, 0), deal.c.id.desc())


def _count(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count()).select_from(Base.metadata.tables["deal"]).where(condition)
    return int(connection.execute(statement).scalar_one())
