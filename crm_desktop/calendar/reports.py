"""Reports of activities: who did what."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from crm_desktop.calendar.activity import KINDS
from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.periods import Span
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
    RecordLink,
    Row,
    Series,
    Table,
)  # fmt: skip
from crm_desktop.reporting.making import (
    NOBODY,
    OWNER,
    PEOPLE,
    in_instants,
    make_document,
    owned_by,
    user_names,
)  # fmt: skip
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec

Counts = dict[int | None, dict[str, int]]
"""Owner to kind of activity to how many."""

MOST_LISTED = 5000


def build_activities(context: ReportContext, values: dict[str, Any]) -> Document:
    """How many activities of each kind everybody has done, and what is overdue now."""
    span = context.span(values["period"])
    done, overdue = _done(context, span, values), _overdue(context, values)
    names = user_names(context.connection)
    owners = sorted({*done, *overdue}, key=lambda one: (-sum(done.get(one, {}).values()), names.get(one or 0, "~")))
    kinds = [choice for choice in KINDS if any(done[owner].get(choice.key) for owner in owners)] or [KINDS[0]]
    label = {owner: names.get(owner or 0) or _(NOBODY) for owner in owners}
    total = sum(sum(counts.values()) for counts in done.values())
    blocks: list[Block] = [
        KeyFigures((
            Figure(_("Done"), total, emphasis=True, link=ListLink("activity", _filter(values, None, None))),
            Figure(_("People"), sum(1 for owner in owners if done.get(owner))),
            Figure(_("Overdue now"), sum(overdue.values())),
        )),
        BarChart(
            tuple(label[owner] for owner in owners),
            tuple(Series(_(kind.label), tuple(done[owner].get(kind.key, 0) for owner in owners)) for kind in kinds),
            title=_("Done by person"),
            links=tuple(ListLink("activity", _filter(values, owner, None)) for owner in owners),
        ),
        _table(owners, kinds, label, done, overdue, values),
    ]  # fmt: skip
    if values["list"]:
        blocks += [Heading(_("Activities")), _list(context, span, values, names)]
    return make_document(ACTIVITIES, context, values, blocks)


def _condition(activity: sa.Table, span: Span, values: dict[str, Any]) -> sa.ColumnElement[bool]:
    kind = activity.c.kind == values["kind"] if values["kind"] != "all" else sa.true()
    done = (activity.c.status == "done") & in_instants(activity.c.done_at, span)
    return done & kind & owned_by(activity.c.owner_id, values["owner"])


def _done(context: ReportContext, span: Span, values: dict[str, Any]) -> Counts:
    activity = Base.metadata.tables["activity"]
    rows = context.connection.execute(
        sa.select(activity.c.owner_id, activity.c.kind, sa.func.count())
        .where(_condition(activity, span, values)).group_by(activity.c.owner_id, activity.c.kind)
    )  # fmt: skip
    result: Counts = defaultdict(dict)
    for owner, kind, count in rows:
        result[owner][kind] = count
    return result


def _overdue(context: ReportContext, values: dict[str, Any]) -> dict[int | None, int]:
    activity = Base.metadata.tables["activity"]
    kind = activity.c.kind == values["kind"] if values["kind"] != "all" else sa.true()
    rows = context.connection.execute(
        sa.select(activity.c.owner_id, sa.func.count())
        .where(activity.c.status == "planned", activity.c.due < context.today, kind,
               owned_by(activity.c.owner_id, values["owner"]))
        .group_by(activity.c.owner_id)
    )  # fmt: skip
    return {owner: count for owner, count in rows}


def _filter(values: dict[str, Any], owner: int | None, kind: str | None, *, anybody: bool = False) -> Filter:
    parts: list[Filter] = [where("status", "eq", "done"), where("done_at", "period", values["period"])]
    chosen = kind or (values["kind"] if values["kind"] != "all" else None)
    if chosen:
        parts.append(where("kind", "eq", chosen))
    whose = owner if owner is not None else values["owner"]
    if whose is not None:
        parts.append(where("owner_id", "eq", whose))
    elif anybody:
        parts.append(where("owner_id", "empty"))
    return all_of(*parts)


def _table(
    owners: list[int | None], kinds: list[Any], label: dict[int | None, str], done: Counts,
    overdue: dict[int | None, int], values: dict[str, Any],
) -> Table:  # fmt: skip
    columns = (
        Column("person", _("Person"), weight=3),
        *(Column(kind.key, _(kind.label), "integer", total="sum") for kind in kinds),
        Column("done", _("Done"), "integer", total="sum"), Column("overdue", _("Overdue now"), "integer", total="sum"),
    )  # fmt: skip
    rows = tuple(
        Row(
            (label[owner], *(done[owner].get(kind.key, 0) for kind in kinds), sum(done[owner].values()),
             overdue.get(owner, 0)),
            ListLink("activity", _filter(values, owner, None, anybody=owner is None)),
        )
        for owner in owners
    )  # fmt: skip
    return Table(columns, rows, name=_("People"), total_label=_("Total"), empty=_("Nothing was done in this period."))


def _list(context: ReportContext, span: Span, values: dict[str, Any], names: dict[int, str]) -> Table:
    activity = Base.metadata.tables["activity"]
    labels = {choice.key: _(choice.label) for choice in KINDS}
    rows = context.connection.execute(
        sa.select(activity.c.id, activity.c.done_at, activity.c.kind, activity.c.subject, activity.c.owner_id)
        .where(_condition(activity, span, values))
        .order_by(activity.c.done_at.desc(), activity.c.id).limit(MOST_LISTED)
    )  # fmt: skip
    columns = (
        Column("at", _("Done"), "datetime"), Column("kind", _("Type")), Column("subject", _("Subject"), weight=4),
        Column("person", _("Person"), weight=1.5),
    )  # fmt: skip
    return Table(
        columns,
        tuple(
            Row((row.done_at, labels.get(row.kind, row.kind), row.subject, names.get(row.owner_id, "")),
                RecordLink("activity", row.id))
            for row in rows
        ),
        name=_("Activities"),
    )  # fmt: skip


def _kinds(context: ReportContext) -> list[Option]:
    return [Option("all", _("All")), *(Option(choice.key, _(choice.label)) for choice in KINDS)]


ACTIVITIES = ReportSpec(
    "activities", N_("Activities by person"), N_("Calls, meetings, visits and tasks that everybody has done."),
    "ph.calendar-check", build_activities,
    (
        Parameter("period", N_("Period"), "period", "this_month", required=True),
        Parameter("kind", N_("Type"), "choice", "all", _kinds), OWNER,
        Parameter("list", N_("List the activities"), "bool", False),
    ), PEOPLE,
)  # fmt: skip
REPORTS = (ACTIVITIES,)
