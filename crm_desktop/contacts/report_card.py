"""The card of one customer on paper: how to reach them, what is open, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_desktop.contacts.queries import TimelineItem, timeline
from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.phones import format_phone
from crm_desktop.records import custom, mentions
from crm_desktop.records import queries as records
from crm_desktop.reporting.document import (
    Block,
    Column,
    Document,
    Figure,
    Heading,
    KeyFigures,
    RecordLink,
    Row,
    Table,
    Text,
)  # fmt: skip
from crm_desktop.reporting.making import CUSTOMERS, make_document
from crm_desktop.reporting.registry import Parameter, ReportContext, ReportSpec

_LEFT_OUT = frozenset({"name", "sort_name", "updated_at", "updated_by", "created_by", "notes", "next_activity_on"})
_WORDS = {
    "note": N_("Note"), "activity": N_("Activity"), "deal": N_("Deal"), "case": N_("Case"),
    "message": N_("Message"), "attachment": N_("File"), "change": N_("Change"),
}  # fmt: skip


def build_card(context: ReportContext, values: dict[str, Any]) -> Document:
    """Everything about one contact or company.

    Raises:
        UserError: there is no record with this number.
    """
    database, connection = context.database, context.connection
    record_id = values["company"] or values["contact"]
    if record_id is None:
        empty = Text(_("Choose a contact or a company."), muted=True)
        return make_document(CARD, context, values, [empty])
    entity = "company" if values["company"] else "contact"
    record = records.get_record(database, connection, entity, record_id)
    spec = database.schema.entity(entity)
    blocks: list[Block] = [_figures(record), _facts(custom.fields_of(database, entity, connection), spec, record)]
    if record.values.get("notes"):
        blocks += [Heading(_("Remarks"), 2), Text(str(record.values["notes"]))]
    blocks += _deals_and_cases(context, entity, record_id)
    if values["timeline"]:
        kinds = ["note", "activity", "deal", "case", "message", "attachment"]
        page = timeline(
            database, connection, entity, record_id, kinds=kinds, roll_up=values["roll_up"], limit=values["entries"]
        )  # fmt: skip
        blocks += [Heading(_("Timeline")), _timeline(page.items)]
    names = {entity: record.title, ("contact" if entity == "company" else "company"): "–"}
    return make_document(CARD, context, values, blocks, names=names, title=record.title)


def _figures(record: records.Record) -> KeyFigures:
    values = record.values
    return KeyFigures((
        Figure(_("Open"), values["open_amount"] or 0, "money", emphasis=True),
        Figure(_("Bought so far"), values["won_amount"] or 0, "money"),
        Figure(_("Open deals"), values["open_deals"]),
        Figure(_("Open cases"), values["open_cases"]),
    ))  # fmt: skip


def _facts(fields: Iterable[Field], spec: Entity, record: records.Record) -> Table:
    """Every filled field with its label, and all phones and e-mails."""
    rows = []
    for field in fields:
        value = record.values.get(field.name)
        skipped = field.name in _LEFT_OUT or field.child.startswith("points.") or field.computed or field.sensitive
        if value in (None, "", False) or skipped:
            continue
        label = field.label if field.custom else _(field.label)
        rows.append(Row((label, str(value) if isinstance(value, records.Link) else formats.format_value(field, value))))
    labels = {choice.key: choice.label for one in spec.children for f in one.fields for choice in f.choices}
    for point in record.children.get("points", ()):
        kind = _(labels.get(str(point["label"] or point["kind"]), str(point["kind"])))
        value = format_phone(point["value"], formats.default_country()) if point["kind"] == "phone" else point["value"]
        rows.append(Row((kind, value)))
    if record.tags:
        rows.append(Row((_("Tags"), ", ".join(name for _id, name, _hue in record.tags))))
    columns = (Column("field", _("Field"), weight=1), Column("value", _("Value"), weight=3))
    return Table(columns, tuple(rows), name=_("Data"))


def _deals_and_cases(context: ReportContext, entity: str, record_id: int) -> list[Block]:
    """The deals and cases of the customer, as lists show them."""
    blocks: list[Block] = []
    for name, title, columns in (
        ("deal", _("Deals"), ("name", "stage_id", "amount", "expected_close", "closed_on", "owner_id")),
        ("case", _("Cases"), ("number", "subject", "status", "priority", "created_at", "owner_id")),
    ):
        spec = context.database.schema.entity(name)
        filter = where(f"{entity}_id", "eq", record_id)
        ids = records.find_ids(
            context.database, context.connection, name, filter=filter, sort=[("created_at", True)], limit=200
        )
        rows = records.fetch_rows(context.database, context.connection, name, ids, [*columns, "currency"])
        if not rows:
            continue
        fields = [spec.field(column) for column in columns]
        table = Table(
            (
                *(Column(f.name, _(f.label), "money" if f.kind is Kind.MONEY else _kind(f), weight=2,
                         currency_key="currency" if f.kind is Kind.MONEY else "") for f in fields),
                Column("currency", _("Currency"), hidden=True),
            ),
            tuple(
                Row((*(_cell(f, row.values) for f in fields), row.values.get("currency")), RecordLink(name, row.id))
                for row in rows
            ),
            name=title,
        )  # fmt: skip
        blocks += [Heading(title), table]
    return blocks


def _kind(field: Field) -> Any:
    return {Kind.DATE: "date", Kind.DATETIME: "datetime"}.get(field.kind, "text")


def _cell(field: Field, values: Mapping[str, Any]) -> Any:
    value = values.get(field.name)
    if isinstance(value, records.Link):
        return value.title
    return _(field.choice_label(value)) if field.kind is Kind.CHOICE else value


def _timeline(items: Iterable[TimelineItem]) -> Table:
    rows = tuple(
        Row((
            item.at, _(_WORDS[item.kind]), mentions.plain("\n".join(part for part in (item.title, item.body) if part)),
            ", ".join(one.title for one in item.related), item.author,
        ))
        for item in items
    )  # fmt: skip
    columns = (
        Column("at", _("Time"), "datetime"), Column("kind", _("Type")), Column("text", _("What"), weight=5),
        Column("about", _("About"), weight=2), Column("who", _("Who"), weight=1.2),
    )  # fmt: skip
    return Table(columns, rows, name=_("Timeline"), empty=_("Nothing has happened yet."))


CARD = ReportSpec(
    "customer", N_("Customer card"), N_("One contact or company: data, deals, cases and what happened."),
    "ph.identification-card", build_card,
    (
        Parameter("contact", N_("Contact"), "record", entity="contact"),
        Parameter("company", N_("Company"), "record", entity="company"),
        Parameter("timeline", N_("Timeline"), "bool", True),
        Parameter("roll_up", N_("With the company or its people"), "bool", False),
        Parameter("entries", N_("Entries"), "integer", 100, required=True, minimum=1, maximum=2000),
    ), CUSTOMERS,
)  # fmt: skip
