"""The erasures on paper, for the auditor: when, by whom, at whose request, why and how much; nobody's name."""

from __future__ import annotations

from typing import Any

from crm_desktop.core import clock
from crm_desktop.core.i18n import N_, _
from crm_desktop.insight.erasure import ErasureRow, erasures
from crm_desktop.reporting.document import Block, Column, Document, Figure, KeyFigures, Row, Table, Text
from crm_desktop.reporting.making import CUSTOMERS, make_document
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec


def build_erasures(context: ReportContext, values: dict[str, Any]) -> Document:
    """The erasures of a period, the newest first."""
    first, last = context.span(values["period"])
    rows = [
        one for one in erasures(context.connection) if first <= one.at.astimezone(clock.local_zone()).date() <= last
    ]
    columns = (
        Column("at", _("Time"), "datetime"), Column("by", _("Erased by"), weight=1.2),
        Column("asked", _("Asked by"), weight=2), Column("reason", _("Reason"), weight=2.5),
        Column("rows", _("Rows"), "integer"), Column("changes", _("History entries"), "integer"),
        Column("number", _("Number"), weight=1),
    )  # fmt: skip
    blocks: list[Block] = [
        KeyFigures((Figure(_("Erasures"), len(rows), emphasis=True),)),
        Table(columns, tuple(_row(one) for one in rows), name=_("Erasures"), empty=_("Nobody was erased.")),
        Text(_("The number is the internal one of the record that was erased; nothing else of the person is kept."), muted=True),
    ]  # fmt: skip
    return make_document(ERASURES, context, values, blocks, landscape=True)


def _row(one: ErasureRow) -> Row:
    history = ("change", "change_set", "blob")
    count = sum(number for name, number in one.counts.items() if name not in history)
    return Row((one.at, one.by, one.asked_by, one.reason, count, one.counts.get("change", 0), str(one.record_id)))


ERASURES = ReportSpec(
    "erasures", N_("Erasures"), N_("Who was erased when, by whom and at whose request: the marks that stay."), "ph.eraser",
    build_erasures, (Parameter("period", N_("Period"), "period", "this_year", required=True),), CUSTOMERS,
)  # fmt: skip
REPORTS = (ERASURES,)
