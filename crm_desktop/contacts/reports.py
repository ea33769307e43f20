"""Reports of customers: the list, the card of one, and new contacts by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.choices import COMPANY_KINDS, LIFECYCLE, SOURCES
from crm_desktop.contacts.report_card import CARD
from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.periods import Span, add_months
from crm_desktop.core.phones import format_phone
from crm_desktop.db.base import Base
from crm_desktop.records import queries as records
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Column,
    Document,
    Figure,
    KeyFigures,
    ListLink,
    RecordLink,
    Row,
    Series,
    Table,
)  # fmt: skip
from crm_desktop.reporting.making import CUSTOMERS, NONE, OWNER, in_instants, make_document, owned_by
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec

MOST_LISTED = 50_000


def build_list(context: ReportContext, values: dict[str, Any]) -> Document:
    """The contacts or companies by name, with how to reach them."""
    entity = values["of"]
    parts: list[Filter] = []
    if values["owner"] is not None:
        parts.append(where("owner_id", "eq", values["owner"]))
    if values["state"] != "all":
        known = LIFECYCLE if entity == "contact" else COMPANY_KINDS
        if values["state"] not in {choice.key for choice in known}:
            sentence = N_("This state belongs to the other list. Choose one of: {known}.")
            raise FieldError("state", sentence, known=", ".join(_(choice.label) for choice in known))
        parts.append(where("lifecycle" if entity == "contact" else "kind", "eq", values["state"]))
    if values["silent"]:
        parts.append(where("last_activity_at", "older_days", values["silent"]))
    filter = all_of(*parts)
    names = ["name", *(["company_id"] if entity == "contact" else ["tax_id"]), "city", "phone", "mobile", "email",
             "owner_id", "last_activity_at", "open_amount"]  # fmt: skip
    ids = records.find_ids(
        context.database, context.connection, entity, filter=filter, sort=[("name", False)], limit=MOST_LISTED,
        user_id=context.user.id,
    )  # fmt: skip
    rows = [
        Row(
            (one["name"], *([str(one["company_id"] or "")] if entity == "contact" else []), one["city"],
             _phone(one), one["email"], str(one["owner_id"] or ""), one["last_activity_at"], one["open_amount"]),
            RecordLink(entity, row.id),
        )
        for row in records.fetch_rows(context.database, context.connection, entity, ids, names)
        for one in (row.values,)
    ]  # fmt: skip
    columns = (
        Column("name", _("Name"), weight=3),
        *([Column("company", _("Company"), weight=2.5)] if entity == "contact" else []),
        Column("city", _("City"), weight=1.5), Column("phone", _("Phone"), weight=1.5),
        Column("email", _("E-mail"), weight=2), Column("owner", _("Owner"), weight=1.5),
        Column("last", _("Last contact"), "date"), Column("open", _("Open"), "money", total="sum"),
    )  # fmt: skip
    label = _("Contacts") if entity == "contact" else _("Companies")
    blocks: list[Block] = [
        KeyFigures((Figure(label, len(rows), emphasis=True, link=ListLink(entity, filter)),)),
        Table(columns, tuple(rows), name=label, total_label=_("Total"), empty=_("Nobody matches.")),
    ]
    return make_document(LIST, context, values, blocks, landscape=True)


def _phone(values: Any) -> str:
    phone = values["mobile"] or values["phone"]
    return format_phone(phone, formats.default_country()) if phone else ""


def build_new_contacts(context: ReportContext, values: dict[str, Any]) -> Document:
    """How many contacts came in, month by month, and from where."""
    contact = Base.metadata.tables["contact"]
    span = context.span(values["period"])
    condition = in_instants(contact.c.created_at, span) & owned_by(contact.c.owner_id, values["owner"])
    months = _months(context, span, condition)
    counts = _by_source(context, months, condition)
    totals = {source: sum(row) for source, row in counts.items()}
    labels = {choice.key: _(choice.label) for choice in SOURCES}
    sources = sorted(counts, key=lambda one: (-totals[one], labels.get(one or "", "~")))
    customers = _customers(context, condition)
    whole = sum(totals.values())
    named = {source: labels.get(source or "", "") or _(NONE) for source in sources}
    blocks: list[Block] = [
        KeyFigures((
            Figure(_("New contacts"), whole, emphasis=True, link=ListLink("contact", _new_filter(values))),
            Figure(_("Customers by now"), sum(customers.values())),
        )),
        BarChart(
            tuple(named[source] for source in sources), (Series(_("New contacts"), tuple(totals[s] for s in sources)),),
            title=_("New contacts by source"),
            links=tuple(ListLink("contact", _new_filter(values, source, chosen=True)) for source in sources),
        ),
    ]  # fmt: skip
    shown = months if 1 < len(months) <= 12 else []
    columns = (
        Column("source", _("Source"), weight=2),
        *(Column(f"m{n}", label, "integer", total="sum") for n, (label, _start, _end) in enumerate(shown)),
        Column("total", _("Total"), "integer", total="sum"),
        Column("customers", _("Customers by now"), "integer", total="sum"),
    )  # fmt: skip
    rows = tuple(
        Row((named[source], *(counts[source] if shown else ()), totals[source], customers.get(source, 0)),
            ListLink("contact", _new_filter(values, source, chosen=True)))
        for source in sources
    )  # fmt: skip
    blocks.append(Table(columns, rows, name=_("Sources"), total_label=_("Total"),
                        empty=_("Nobody came in during this period.")))  # fmt: skip
    return make_document(NEW_CONTACTS, context, values, blocks)


def _new_filter(values: dict[str, Any], source: str | None = None, *, chosen: bool = False) -> Filter:
    parts: list[Filter] = [where("created_at", "period", values["period"])]
    if chosen:
        parts.append(where("source", "empty") if source is None else where("source", "eq", source))
    if values["owner"] is not None:
        parts.append(where("owner_id", "eq", values["owner"]))
    return all_of(*parts)


def _months(context: ReportContext, span: Span, condition: sa.ColumnElement[bool]) -> list[tuple[str, date, date]]:
    """(label, first day, last day) of the months of a span, as far as there are contacts."""
    contact = Base.metadata.tables["contact"]
    row = context.connection.execute(
        sa.select(sa.func.min(contact.c.created_at), sa.func.max(contact.c.created_at)).where(condition)
    ).one()
    if row[0] is None:
        return []
    first = span[0] if span[0] > date.min else row[0].date()
    last = min(span[1], context.today)
    start = first.replace(day=1)
    result: list[tuple[str, date, date]] = []
    while start <= last and len(result) < 240:
        end = add_months(start, 1) - timedelta(days=1)
        label = formats.month_name(start.month)[:3] if len(result) < 12 else formats.format_date(start)
        result.append((label, max(start, first), min(end, span[1])))
        start = add_months(start, 1)
    return result


def _by_source(
    context: ReportContext, months: Sequence[tuple[str, date, date]], condition: sa.ColumnElement[bool]
) -> dict[str | None, list[int]]:
    """Source to the number of new contacts of each month; one number for all where there are many months."""
    contact = Base.metadata.tables["contact"]
    spans: list[sa.ColumnElement[bool]] = [in_instants(contact.c.created_at, (start, end)) for _l, start, end in months]
    if not 1 < len(spans) <= 12:
        spans = [sa.true()]
    columns = [sa.func.count(sa.case((one, 1))) for one in spans]
    statement = sa.select(contact.c.source, *columns).where(condition).group_by(contact.c.source)
    result: dict[str | None, list[int]] = defaultdict(lambda: [0] * len(spans))
    for source, *counts in context.connection.execute(statement):
        for n, count in enumerate(counts):
            result[source or None][n] += count
    return dict(result)


def _customers(context: ReportContext, condition: sa.ColumnElement[bool]) -> dict[str | None, int]:
    contact = Base.metadata.tables["contact"]
    rows = context.connection.execute(
        sa.select(contact.c.source, sa.func.count())
        .where(condition, contact.c.lifecycle == "customer").group_by(contact.c.source)
    )  # fmt: skip
    return {source or None: count for source, count in rows}


def _kinds(context: ReportContext) -> list[Option]:
    return [Option("contact", _("Contacts")), Option("company", _("Companies"))]


def _states(context: ReportContext) -> list[Option]:
    found = {choice.key: _(choice.label) for choice in (*LIFECYCLE, *COMPANY_KINDS)}
    return [Option("all", _("All")), *(Option(key, label) for key, label in found.items())]


LIST = ReportSpec(
    "customers", N_("Customer list"), N_("Contacts or companies by name, with how to reach them."), "ph.list-bullets",
    build_list,
    (
        Parameter("of", N_("List of"), "choice", "contact", _kinds, required=True),
        Parameter("state", N_("Lifecycle or relationship"), "choice", "all", _states), OWNER,
        Parameter("silent", N_("Without contact for (days)"), "integer", None, minimum=1, maximum=10_000),
    ), CUSTOMERS,
)  # fmt: skip
NEW_CONTACTS = ReportSpec(
    "new-contacts", N_("New contacts by source"), N_("How many contacts came in, and from where."), "ph.user-plus",
    build_new_contacts,
    (Parameter("period", N_("Period"), "period", "this_year", required=True), OWNER), CUSTOMERS,
)  # fmt: skip
REPORTS = (LIST, CARD, NEW_CONTACTS)
