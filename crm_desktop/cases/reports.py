"""Reports of cases: what is open and for how long, and how well deadlines are kept."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.cases.case import OPEN_STATUSES, PRIORITIES, STATUSES
from crm_desktop.cases.queries import first_responses
from crm_desktop.core import clock
from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.db.base import Base
from crm_desktop.db.days import elapsed_days
from crm_desktop.db.types import Instant
from crm_desktop.reporting.document import (
    Block,
    Column,
    Document,
    Figure,
    Group,
    Heading,
    KeyFigures,
    ListLink,
    RecordLink,
    Row,
    Series,
    StackedBar,
    Table,
)  # fmt: skip
from crm_desktop.reporting.making import OWNER, SERVICE, in_instants, make_document, owned_by
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec

AGES: tuple[tuple[str, int, int | None], ...] = (
    (N_("up to 1 day"), 0, 1),
    (N_("2 to 3 days"), 2, 3),
    (N_("4 to 7 days"), 4, 7),
    (N_("8 to 30 days"), 8, 30),
    (N_("more than 30 days"), 31, None),
)
"""Ages of open cases: label, whole days from and to."""

MOST_LISTED = 5000


def build_cases(context: ReportContext, values: dict[str, Any]) -> Document:
    """The open cases by status and age, and how deadlines were kept in a period."""
    case = Base.metadata.tables["case_file"]
    condition = _condition(case, values) & case.c.status.in_(OPEN_STATUSES)
    counts = _by_status_and_age(context, condition)
    statuses = [choice for choice in STATUSES if choice.key in OPEN_STATUSES]
    ages = range(len(AGES))
    blocks: list[Block] = [
        _figures(context, values, condition, sum(counts.values())),
        StackedBar(
            tuple(_(label) for label, _low, _high in AGES),
            tuple(Series(_(status.label), tuple(counts[status.key, n] for n in ages)) for status in statuses),
            title=_("Open cases by age"),
        ),
        _age_table(statuses, counts, values),
    ]  # fmt: skip
    if values["list"]:
        blocks += [Heading(_("Open cases")), _list(context, condition, statuses)]
    return make_document(CASES, context, values, blocks)


def _condition(case: sa.Table, values: dict[str, Any]) -> sa.ColumnElement[bool]:
    priority = case.c.priority == values["priority"] if values["priority"] != "all" else sa.true()
    return owned_by(case.c.owner_id, values["owner"]) & priority


def _filter(values: dict[str, Any], *parts: Filter) -> Filter:
    chosen = list(parts)
    if values["owner"] is not None:
        chosen.append(where("owner_id", "eq", values["owner"]))
    if values["priority"] != "all":
        chosen.append(where("priority", "eq", values["priority"]))
    return all_of(*chosen)


def _age(case: sa.FromClause) -> sa.ColumnElement[int]:
    return elapsed_days(sa.literal(clock.now(), Instant()), case.c.created_at)


def _by_status_and_age(context: ReportContext, condition: sa.ColumnElement[bool]) -> dict[tuple[str, int], int]:
    case = Base.metadata.tables["case_file"]
    inner = sa.select(case.c.status, _age(case).label("age")).where(condition).subquery()
    rows = context.connection.execute(
        sa.select(inner.c.status, inner.c.age, sa.func.count()).group_by(inner.c.status, inner.c.age)
    )
    result: dict[tuple[str, int], int] = defaultdict(int)
    for status, age, count in rows:
        result[status, _bucket(age)] += count
    return result


def _bucket(age: int) -> int:
    return next(n for n, (_label, _low, high) in enumerate(AGES) if high is None or age <= high)


def _figures(
    context: ReportContext, values: dict[str, Any], condition: sa.ColumnElement[bool], count: int
) -> KeyFigures:
    case, now = Base.metadata.tables["case_file"], clock.now()
    span = context.span(values["period"])
    running = condition & (case.c.status != "waiting")
    late = (case.c.resolve_due < now) | ((case.c.respond_due < now) & case.c.responded_at.is_(None))
    solved = _condition(case, values) & in_instants(case.c.solved_at, span)
    in_time = case.c.solved_at <= case.c.resolve_due

    def number(*where_: sa.ColumnElement[bool]) -> int:
        statement = sa.select(sa.func.count()).select_from(case).where(*where_)
        return int(context.connection.execute(statement).scalar_one())

    all_solved, measured = number(solved), number(solved, case.c.resolve_due.isnot(None))
    [(met, decided)] = first_responses(context.connection, [span], owner_id=values["owner"])
    still_open = _filter(values, where("status", "in", list(OPEN_STATUSES)))
    return KeyFigures((
        Figure(_("Open"), count, emphasis=True, link=ListLink("case", still_open)),
        Figure(_("Overdue"), number(running, late)),
        Figure(_("Solved in the period"), all_solved,
               link=ListLink("case", _filter(values, where("solved_at", "period", values["period"])))),
        Figure(_("Solved in time"), _percent(number(solved, in_time), measured), "percent"),
        Figure(_("First response in time"), _percent(met, decided), "percent"),
    ))  # fmt: skip


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if whole else None


def _age_table(statuses: list[Any], counts: dict[tuple[str, int], int], values: dict[str, Any]) -> Table:
    columns = (
        Column("status", _("Status"), weight=2),
        *(Column(f"age{n}", _(label), "integer", total="sum") for n, (label, _low, _high) in enumerate(AGES)),
        Column("total", _("Total"), "integer", total="sum"),
    )  # fmt: skip
    rows = tuple(
        Row(
            (_(status.label), *(counts[status.key, n] for n in range(len(AGES))),
             sum(counts[status.key, n] for n in range(len(AGES)))),
            ListLink("case", _filter(values, where("status", "eq", status.key))),
        )
        for status in statuses
    )  # fmt: skip
    return Table(columns, rows, name=_("Status and age"), total_label=_("Total"))


def _list(context: ReportContext, condition: sa.ColumnElement[bool], statuses: list[Any]) -> Table:
    tables = Base.metadata.tables
    case, company, user = tables["case_file"], tables["company"], tables["user_account"]
    priorities = {choice.key: _(choice.label) for choice in PRIORITIES}
    rows = context.connection.execute(
        sa.select(case.c.id, case.c.number, case.c.subject, case.c.status, case.c.priority, case.c.resolve_due,
                  company.c.name.label("company"), user.c.name.label("owner"), _age(case).label("age"))
        .select_from(case).outerjoin(company, company.c.id == case.c.company_id)
        .outerjoin(user, user.c.id == case.c.owner_id).where(condition)
        .order_by(case.c.resolve_due.asc().nulls_last(), case.c.id).limit(MOST_LISTED)
    ).all()  # fmt: skip
    now = clock.now()
    groups = []
    for status in statuses:
        lines = tuple(
            Row((row.number, row.subject, row.company or "", row.owner or "", priorities.get(row.priority, ""),
                 row.age, row.resolve_due),
                RecordLink("case", row.id),
                _("overdue") if row.resolve_due and row.resolve_due < now and row.status != "waiting" else "")
            for row in rows
            if row.status == status.key
        )  # fmt: skip
        if lines:
            note = ngettext("{n} case", "{n} cases", len(lines)).format(n=len(lines))
            groups.append(Group(_(status.label), lines, note))
    columns = (
        Column("number", _("Protocol")), Column("subject", _("Subject"), weight=3),
        Column("company", _("Company"), weight=2), Column("owner", _("Owner"), weight=1.5),
        Column("priority", _("Priority")), Column("age", _("Days"), "integer"),
        Column("due", _("Solution due"), "datetime"),
    )  # fmt: skip
    return Table(columns, groups=tuple(groups), name=_("Open cases"), group_label=_("Status"), mark_label=_("State"),
                 empty=_("There are no open cases."))  # fmt: skip


def _priorities(context: ReportContext) -> list[Option]:
    return [Option("all", _("All")), *(Option(choice.key, _(choice.label)) for choice in PRIORITIES)]


CASES = ReportSpec(
    "cases", N_("Cases by status and age"), N_("What is open, for how long, and how well deadlines are kept."),
    "ph.lifebuoy", build_cases,
    (
        Parameter("period", N_("Deadlines of"), "period", "this_month", required=True),
        Parameter("priority", N_("Priority"), "choice", "all", _priorities), OWNER,
        Parameter("list", N_("List the open cases"), "bool", True),
    ), SERVICE,
)  # fmt: skip
REPORTS = (CASES,)
