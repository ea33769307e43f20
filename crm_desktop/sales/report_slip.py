"""The report of what was promised: deals that were to close, as they stood on a day in the past, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.past.database import open_as_of
from crm_desktop.db.past.moment import history_begins
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Column,
    Document,
    Figure,
    Group,
    KeyFigures,
    RecordLink,
    Row,
    Series,
    Table,
    Text,
)
from crm_desktop.reporting.making import OWNER, SALES, make_document, owned_by
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec
from crm_desktop.sales.report_parts import DealLine, all_or_pipeline, deal_lines, share
from crm_desktop.sales.stages import read_plan

_BACK = timedelta(days=90)
_PART = 500


@dataclass(frozen=True)
class _Now:
    """What became of a deal."""

    status: str
    stage_id: int
    amount: Decimal | None
    currency: str
    expected_close: date | None
    closed_on: date | None


@dataclass(frozen=True)
class _Promise:
    """A deal as it stood then, with what became of it; ``now`` is None where it is gone."""

    then: DealLine
    stage: str
    now: _Now | None
    until: date

    @property
    def promised(self) -> date:
        """The day on which it was to close."""
        assert self.then.expected_close is not None
        return self.then.expected_close

    @property
    def outcome(self) -> str:
        """ "won", "late" (won after the day), "lost", "open" (put off or overdue) or "gone"."""
        if self.now is None:
            return "gone"
        if self.now.status != "won":
            return self.now.status
        return "late" if self.now.closed_on is not None and self.now.closed_on > self.promised else "won"

    @property
    def slipped(self) -> int | None:
        """Days after the day that was promised; negative before it, None where it was lost or is gone."""
        if self.outcome in ("gone", "lost") or self.now is None:
            return None
        if self.now.status == "won":
            return (self.now.closed_on - self.promised).days if self.now.closed_on else None
        day = self.now.expected_close
        return (max(day, self.until) - self.promised).days if day else (self.until - self.promised).days


_OUTCOMES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("won", lambda: _("Won by the day")),
    ("late", lambda: _("Won later")),
    ("open", lambda: _("Still open")),
    ("lost", lambda: _("Lost")),
    ("gone", lambda: _("Deleted since")),
)


def build_slip(context: ReportContext, values: dict[str, Any]) -> Document:
    """What was to close between two days, as it was said then, and what happened."""
    then, until = values["then"], values["until"]
    if until > context.today:
        raise FieldError("until", N_("Choose today or an earlier day: what is to come nobody knows."))
    if then >= until:
        raise FieldError("then", N_("Choose a day before the day up to which you look."))
    begins = history_begins(context.connection)
    if begins is None or clock.end_of_day(then) < begins:
        words = _("The history of this office begins on {begins}. Promises of earlier days are not known.")
        first = formats.format_date(begins or clock.now())
        return make_document(SLIP, context, values, [Text(words.format(begins=first))])
    promises, besides = _read(context, values, then, until)
    currency = _main_currency(promises)
    blocks: list[Block] = [
        _figures(promises, besides, currency),
        _chart(promises, currency),
        _table(promises, currency),
    ]
    others = {one.then.currency for one in promises} - {currency}
    if others:
        sentence = _("The figures are those in {currency}; the table has the deals in other currencies too.")
        blocks.append(Text(sentence.format(currency=currency), muted=True))
    words = _("As the deals stood on {then}: amount, stage and day of that time.").format(
        then=formats.format_date(then)
    )
    blocks.append(Text(words, muted=True))
    return make_document(SLIP, context, values, blocks)


def _read(context: ReportContext, values: dict[str, Any], then: date, until: date) -> tuple[list[_Promise], list[_Now]]:
    """The promises of that day, and what was won by ``until`` without having been promised."""
    deal = Base.metadata.tables["deal"]
    mine = owned_by(deal.c.owner_id, values["owner"])
    if values["pipeline"]:
        mine &= deal.c.pipeline_id == values["pipeline"]
    present: Database = getattr(context.database, "present", context.database)
    past = open_as_of(present, clock.end_of_day(then))
    try:
        with past.read() as connection:
            due = (deal.c.status == "open") & deal.c.expected_close.between(then, until) & mine
            lines = deal_lines(connection, due)
            stages = {one.id: one.name for one in read_plan(connection).stages.values()}
    finally:
        past.close()
    ids = [line.id for line in lines]
    if until == context.today:
        found, besides = _what_became(context.connection, ids, mine, then, until)
    else:
        later = open_as_of(present, clock.end_of_day(until))
        try:
            with later.read() as connection:
                found, besides = _what_became(connection, ids, mine, then, until)
        finally:
            later.close()
    promises = [_Promise(line, stages.get(line.stage_id, "–"), found.get(line.id), until) for line in lines]
    return promises, besides


def _what_became(
    connection: sa.Connection, ids: Sequence[int], mine: sa.ColumnElement[bool], then: date, until: date
) -> tuple[dict[int, _Now], list[_Now]]:
    deal = Base.metadata.tables["deal"]
    currency = sa.func.coalesce(deal.c.currency, formats.default_currency())
    statement = sa.select(
        deal.c.id, deal.c.status, deal.c.stage_id, deal.c.amount, currency, deal.c.expected_close, deal.c.closed_on
    )
    found: dict[int, _Now] = {}
    for start in range(0, len(ids), _PART):
        chosen = deal.c.id.in_(ids[start : start + _PART])
        found |= {row[0]: _Now(*row[1:]) for row in connection.execute(statement.where(chosen))}
    won = (deal.c.status == "won") & (deal.c.closed_on > then) & (deal.c.closed_on <= until) & mine
    promised = set(ids)
    besides = [_Now(*row[1:]) for row in connection.execute(statement.where(won)) if row[0] not in promised]
    return found, besides


def _main_currency(promises: Sequence[_Promise]) -> str:
    counts: dict[str, int] = {formats.default_currency(): 0}
    for one in promises:
        counts[one.then.currency] = counts.get(one.then.currency, 0) + 1
    return max(counts, key=lambda currency: counts[currency])


def _sum(promises: Sequence[_Promise], currency: str, *outcomes: str) -> Decimal:
    """What deals were said to be worth then."""
    chosen = (one for one in promises if one.then.currency == currency and (not outcomes or one.outcome in outcomes))
    return sum((one.then.amount or Decimal(0) for one in chosen), Decimal(0))


def _figures(promises: Sequence[_Promise], besides: Sequence[_Now], currency: str) -> KeyFigures:
    promised = _sum(promises, currency)
    slipped = [one.slipped for one in promises if one.slipped is not None and one.slipped > 0]
    more = sum((one.amount or Decimal(0) for one in besides if one.currency == currency), Decimal(0))
    kept = share(_sum(promises, currency, "won"), promised)
    figures = [
        Figure(_("Promised"), promised, "money", emphasis=True, currency=currency),
        Figure(_("Won by the day"), _sum(promises, currency, "won"), "money", currency=currency),
        Figure(_("Kept"), kept, "percent"),
        Figure(_("Slipped on average"), _days(sum(slipped) // len(slipped)) if slipped else "–", "text"),
        Figure(_("Won besides"), more, "money", currency=currency),
    ]
    return KeyFigures(tuple(figures))


def _days(count: int) -> str:
    return ngettext("{n} day", "{n} days", count).format(n=formats.format_integer(count))


def _chart(promises: Sequence[_Promise], currency: str) -> BarChart:
    return BarChart(
        tuple(label() for _key, label in _OUTCOMES),
        (Series(_("Promised"), tuple(_sum(promises, currency, key) for key, _label in _OUTCOMES)),),
        title=_("What became of it"), kind="money", currency=currency,
    )  # fmt: skip


def _table(promises: Sequence[_Promise], currency: str) -> Table:
    one_currency = {one.then.currency for one in promises} <= {currency}
    kind: dict[str, Any] = (
        {"currency": currency} if one_currency else {"currency_key": "currency", "currency": currency}
    )
    columns = (
        Column("deal", _("Deal"), weight=3), Column("company", _("Company"), weight=2),
        Column("owner", _("Owner"), weight=1.5), Column("stage", _("Stage then"), weight=1.5),
        Column("promised", _("Promised for"), "date"), Column("amount", _("Amount then"), "money", total="sum", **kind),
        Column("day", _("Closed or expected"), "date"), Column("slip", _("Days later"), "integer"),
        Column("now", _("Amount now"), "money", total="sum", **kind), Column("currency", _("Currency"), hidden=True),
    )  # fmt: skip
    groups = []
    for key, label in _OUTCOMES:
        chosen = [one for one in promises if one.outcome == key]
        if chosen:
            note = ngettext("{n} deal", "{n} deals", len(chosen)).format(n=len(chosen))
            groups.append(Group(label(), tuple(_row(one) for one in chosen), note))
    note = ngettext("{n} deal", "{n} deals", len(promises)).format(n=len(promises))
    return Table(
        columns, groups=tuple(groups), name=_("Deals"), group_label=_("What became of it"), total_label=_("Total"),
        total_note=note, empty=_("No open deal was to close in this time."),
    )  # fmt: skip


def _row(one: _Promise) -> Row:
    now = one.now
    day = None if now is None else now.closed_on or now.expected_close
    return Row(
        (one.then.name, one.then.company, one.then.owner, one.stage, one.promised, one.then.amount, day, one.slipped,
         now.amount if now is not None else None, one.then.currency),
        RecordLink("deal", one.then.id) if now is not None else None,
    )  # fmt: skip


def _three_months_ago(context: ReportContext) -> date:
    """Three months ago, or the day after the history begins where that is later."""
    begins = history_begins(context.connection)
    back = context.today - _BACK
    if begins is None:
        return back
    first = begins.astimezone(clock.local_zone()).date()
    return min(max(back, first), context.today - timedelta(days=1))


SLIP = ReportSpec(
    "slip", N_("Promised and kept"),
    N_("Deals that were to close: what was said on a day in the past, and what happened."),
    "ph.clock-counter-clockwise", build_slip,
    (
        Parameter("then", N_("As it stood on"), "date", _three_months_ago, required=True),
        Parameter("until", N_("What happened until"), "date", lambda context: context.today, required=True),
        Parameter("pipeline", N_("Pipeline"), "choice", 0, all_or_pipeline), OWNER,
    ), SALES,
)  # fmt: skip
