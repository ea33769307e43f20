"""The Data quality page on paper: every number with its share, last month's, and what opens behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from crm_desktop.insight.quality import Figure, Quality, read_quality
from crm_desktop.insight.quality_measures import ENTITIES, HEALTH
from crm_desktop.reporting import document as paper
from crm_desktop.reporting.document import (
    Block,
    Column,
    Document,
    Group,
    Heading,
    KeyFigures,
    ListLink,
    Row,
    Table,
    Text,
)
from crm_desktop.reporting.making import CUSTOMERS, make_document
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec

TITLES = {"contact": N_("Contacts"), "company": N_("Companies"), "deal": N_("Open deals")}


def build_quality(context: ReportContext, values: dict[str, Any]) -> Document:
    """The numbers of the last check."""
    found = read_quality(context.database, context.connection)
    if found.checked_at is None:
        text = Text(_("The data was not checked yet. Open the page “Data quality” to check it."), muted=True)
        return make_document(QUALITY, context, values, [text])
    blocks: list[Block] = [_key_figures(found), Text(_(HEALTH), muted=True)]
    blocks.append(Heading(_("What is missing or doubtful")))
    blocks.append(_table(found, flawed_only=bool(values["flawed"])))
    checked = _("Checked {when}.").format(when=formats.format_datetime(found.checked_at))
    blocks.append(Text(checked, muted=True))
    return make_document(QUALITY, context, values, blocks)


def _key_figures(found: Quality) -> KeyFigures:
    figures = [paper.Figure(_("Data health"), found.health, "percent", emphasis=True)]
    figures += [paper.Figure(_(TITLES[name]), found.totals[name]) for name in ENTITIES]
    figures.append(paper.Figure(_("Groups of likely duplicates"), found.duplicates))
    return KeyFigures(tuple(figures))


def _table(found: Quality, *, flawed_only: bool) -> Table:
    columns = (
        Column("what", _("What"), weight=3), Column("count", _("Records"), "integer"),
        Column("share", _("Share"), "percent"), Column("before", _("A month before"), "integer"),
        Column("change", _("Change"), "integer"),
    )  # fmt: skip
    groups = []
    for name in ENTITIES:
        rows = tuple(_row(one) for one in found.of(name) if one.count or not flawed_only)
        if rows:
            groups.append(Group(_(TITLES[name]), rows, formats.format_integer(found.totals[name])))
    return Table(columns, groups=tuple(groups), name=_("Data quality"), empty=_("Nothing is missing."))


def _row(figure: Figure) -> Row:
    count = figure.count
    share = None
    if count is not None and figure.total:
        share = (Decimal(100 * count) / figure.total).quantize(Decimal("0.1"))
    change = None if count is None or figure.previous is None else count - figure.previous
    cells = (_(figure.measure.label), count, share, figure.previous, change)
    return Row(cells, ListLink(figure.measure.entity, figure.measure.filter))


QUALITY = ReportSpec(
    "data-quality", N_("Data quality"), N_("What is missing, doubtful or without an owner, and how it was a month before."),
    "ph.heartbeat", build_quality, (Parameter("flawed", N_("Only what was found"), "bool", False),), CUSTOMERS,
    present_only=True,
)  # fmt: skip
REPORTS = (QUALITY,)
