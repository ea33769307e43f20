"""Reads across all features: what the Today page shows, and the counts beside the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

import sqlalchemy as sa

from crm_desktop.calendar.queries import Event, Task, count_overdue, events_in_window, tasks_due
from crm_desktop.cases.queries import QueueRow, at_risk, counts, first_responses
from crm_desktop.contacts.next_birthdays import Birthday, birthdays
from crm_desktop.core import clock, periods
from crm_desktop.core.filters import Filter, all_of, any_of, where
from crm_desktop.core.i18n import N_
from crm_desktop.core.periods import Span, add_months
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.sales.amounts import Amount, Sum, amounts, main_amount, main_currency, sums
from crm_desktop.sales.computed import stalled_days
from crm_desktop.sales.queries import OPEN, STALLED, Card, cards_of

WEEKS = 8
"""How far back the small lines of the key figures go."""

MONTHS = 6
LISTED = 20
"""How many entries each list of the page holds at most; counts are of all."""


@dataclass(frozen=True)
class KeyFigure:
    """One number that matters.

    Attributes:
        name: "won", "forecast", "pipeline" or "first_response".
        label: a source text.
        value: None where there is nothing to measure yet.
        kind: "money" (in ``currency``) or "percent".
        series: the small line, oldest first; ``series_label`` (a source text) says what it shows.
        previous: the value to compare with (last month's), None where there is none.
        count: of how many records; ``second`` another count (of the open deals: the stalled ones).
        entity, filter: the records behind it.
    """

    name: str
    label: str
    value: Decimal | None
    kind: Literal["money", "percent"]
    currency: str
    series: tuple[Decimal | None, ...]
    series_label: str
    previous: Decimal | None
    count: int
    second: int
    entity: str
    filter: Filter


@dataclass(frozen=True)
class TodayData:
    """Everything on the Today page. Lists hold at most ``LISTED`` entries, the counts beside them say of how many."""

    day: date
    figures: tuple[KeyFigure, ...]
    agenda: tuple[Event, ...]
    overdue: tuple[Task, ...]
    overdue_count: int
    due_today: tuple[Task, ...]
    stalled: tuple[Card, ...]
    stalled_count: int
    at_risk: tuple[QueueRow, ...]
    at_risk_count: int
    birthdays: tuple[Birthday, ...]
    overdue_filter: Filter
    stalled_filter: Filter


@dataclass(frozen=True)
class Badges:
    """The counts beside the navigation: new leads nobody spoke to, my cases at risk."""

    leads: int
    cases: int


def today(database: Database, connection: sa.Connection, user_id: int | None, *, mine: bool = True) -> TodayData:
    """What the Today page shows.

    Args:
        user_id: who looks.
        mine: only what is this user's; else everybody's.
    """
    owner = user_id if mine else None
    owners = None if owner is None else {owner}
    day = clock.today()
    start = datetime.combine(day, time(), clock.local_zone())
    agenda = events_in_window(database, connection, start, start + timedelta(days=1), owners=owners)
    tasks = [task for task in tasks_due(database, connection, until=day, owners=owners) if task.due is not None]
    overdue = [task for task in tasks if task.due is not None and task.due < day]
    stalled_ids = _stalled(connection, owner)
    risky, risky_count = at_risk(database, connection, owner_id=owner, limit=LISTED)
    return TodayData(
        day=day, figures=key_figures(connection, owner, len(stalled_ids)), agenda=tuple(agenda),
        overdue=tuple(overdue[:LISTED]), overdue_count=count_overdue(database, connection, owners=owners),
        due_today=tuple(task for task in tasks if task.due == day)[:LISTED],
        stalled=tuple(cards_of(database, connection, stalled_ids[:LISTED])), stalled_count=len(stalled_ids),
        at_risk=tuple(risky), at_risk_count=risky_count,
        birthdays=tuple(birthdays(connection, day, owner_id=owner, limit=LISTED)),
        overdue_filter=_overdue(owner, day),
        stalled_filter=_mine(owner, STALLED),
    )  # fmt: skip


def badges(connection: sa.Connection, user_id: int | None, *, cases: int | None = None) -> Badges:
    """The counts beside the navigation; ``cases`` where they are counted already."""
    contact = Base.metadata.tables["contact"]
    month_ago = clock.now() - timedelta(days=30)
    leads = sa.select(sa.func.count()).where(
        contact.c.lifecycle == "lead", contact.c.last_activity_at.is_(None), contact.c.created_at >= month_ago,
        contact.c.owner_id.is_(None) | (contact.c.owner_id == (user_id or -1)),
    )  # fmt: skip
    if cases is None:
        counted = counts(connection, user_id)
        cases = counted.my_risk if user_id else counted.at_risk
    return Badges(int(connection.execute(leads).scalar_one()), cases)


def leads_filter() -> Filter:
    """The filter of the leads that the badge counts, whoever they belong to."""
    return all_of(
        where("lifecycle", "eq", "lead"), where("last_activity_at", "empty"),
        where("created_at", "period", "last_30_days"),
    )  # fmt: skip


def key_figures(connection: sa.Connection, owner: int | None, stalled: int) -> tuple[KeyFigure, ...]:
    """The four figures on top of the Today page, of one person or of everybody."""
    deal = Base.metadata.tables["deal"]
    parts = sums(connection, [deal.c.expected_close], _owned(deal, owner, deal.c.status == "open"))
    currency = main_currency(amounts(parts))
    return (
        _won(connection, owner, currency),
        *_open(connection, owner, parts, currency, stalled),
        _first_response(connection, owner),
    )


def weeks(today: date, count: int = WEEKS) -> list[Span]:
    """The last ``count`` weeks of the calendar, the current one last."""
    start, end = periods.resolve("this_week", today)
    return [(start - timedelta(weeks=n), end - timedelta(weeks=n)) for n in reversed(range(count))]


def _won(connection: sa.Connection, owner: int | None, currency: str) -> KeyFigure:
    deal = Base.metadata.tables["deal"]
    spans = weeks(clock.today())
    month, before = periods.resolve("this_month"), periods.resolve("last_month")
    first = min(before[0], spans[0][0])
    chosen = (deal.c.status == "won") & (deal.c.closed_on >= first) & (deal.c.closed_on <= month[1])
    parts = sums(connection, [deal.c.closed_on], _owned(deal, owner, chosen))
    now = _within(parts, month, currency)
    return KeyFigure(
        "won", N_("Won this month"), now.total, "money", currency,
        tuple(_within(parts, span, currency).total for span in spans), N_("Won in each of the last weeks"),
        _within(parts, before, currency).total, now.count, 0, "deal",
        _mine(owner, where("status", "eq", "won"), where("closed_on", "period", "this_month")),
    )  # fmt: skip


def _open(
    connection: sa.Connection, owner: int | None, parts: Sequence[Sum], currency: str, stalled: int
) -> tuple[KeyFigure, KeyFigure]:
    """The forecast and the pipeline of the open deals, summed already by the day they are expected to close."""
    deal = Base.metadata.tables["deal"]
    whole = _in_currency(parts, currency)
    this_month = clock.today().replace(day=1)
    months = [(add_months(this_month, n), add_months(this_month, n + 1) - timedelta(days=1)) for n in range(MONTHS)]
    months[0] = (date.min, months[0][1])
    spans = weeks(clock.today())
    opened = sums(connection, [deal.c.opened_on], _owned(deal, owner, deal.c.opened_on >= spans[0][0]))
    filter = _mine(owner, OPEN)
    forecast = KeyFigure(
        "forecast", N_("Weighted forecast"), whole.weighted, "money", currency,
        tuple(_within(parts, month, currency).weighted for month in months), N_("Expected in each of the next months"),
        None, whole.count, 0, "deal", filter,
    )  # fmt: skip
    pipeline = KeyFigure(
        "pipeline", N_("Open pipeline"), whole.total, "money", currency,
        tuple(_within(opened, span, currency).total for span in spans), N_("New in each of the last weeks"),
        None, whole.count, stalled, "deal", filter,
    )  # fmt: skip
    return forecast, pipeline


def _first_response(connection: sa.Connection, owner: int | None) -> KeyFigure:
    month, before = periods.resolve("this_month"), periods.resolve("last_month")
    now, previous, *lines = first_responses(connection, [month, before, *weeks(clock.today())], owner_id=owner)
    return KeyFigure(
        "first_response", N_("First response in time"), _percent(now), "percent", "",
        tuple(_percent(one) for one in lines), N_("In each of the last weeks"), _percent(previous), now[1], now[0],
        "case", _mine(owner, where("respond_due", "filled"), where("created_at", "period", "this_month")),
    )  # fmt: skip


def _percent(counted: tuple[int, int]) -> Decimal | None:
    met, decided = counted
    return (Decimal(met * 100) / decided).quantize(Decimal("0.1")) if decided else None


def _within(parts: Sequence[Sum], span: Span, currency: str) -> Amount:
    """The sum of the parts whose first key is a day of the span."""
    return _in_currency([p for p in parts if p.key[0] is not None and span[0] <= p.key[0] <= span[1]], currency)


def _in_currency(parts: Sequence[Sum], currency: str) -> Amount:
    return main_amount(amounts(parts, currency), currency)


def _owned(deal: sa.Table, owner: int | None, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return condition if owner is None else condition & (deal.c.owner_id == owner)


def _mine(owner: int | None, *parts: Filter) -> Filter:
    return all_of(*parts) if owner is None else all_of(*parts, where("owner_id", "eq", owner))


def _overdue(owner: int | None, day: date) -> Filter:
    """The filter of overdue tasks; nobody's tasks are everybody's, as in the calendar."""
    parts = [where("status", "eq", "planned"), where("kind", "eq", "task"), where("due", "lt", day.isoformat())]
    if owner is None:
        return all_of(*parts)
    return all_of(*parts, any_of(where("owner_id", "eq", owner), where("owner_id", "empty")))


def _stalled(connection: sa.Connection, owner: int | None) -> list[int]:
    """The stalled deals, those that have stood still longest first."""
    deal = Base.metadata.tables["deal"]
    days = stalled_days(deal).label("days")
    inner = sa.select(deal.c.id, days).where(_owned(deal, owner, deal.c.status == "open")).subquery()
    rows = connection.execute(
        sa.select(inner.c.id).where(inner.c.days.isnot(None)).order_by(inner.c.days.desc(), inner.c.id)
    )
    return list(rows.scalars())
