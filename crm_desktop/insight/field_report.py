"""Records of any type by any of their fields, the office's own included: how many, and sums and averages of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.filters import Filter, where
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.money import from_units
from crm_desktop.records import custom, queries
from crm_desktop.records.expressions import expression
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Column,
    Document,
    Figure,
    KeyFigures,
    ListLink,
    Row,
    Series,
    Table,
    ValueKind,
)
from crm_desktop.reporting.making import CUSTOMERS, NONE, make_document
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec

MOST_GROUPS = 2000
_IN_CHART = 20
_SHOWN_AS: dict[Kind, ValueKind] = {Kind.MONEY: "money", Kind.INTEGER: "integer", Kind.PERCENT: "percent"}
_NOT_GROUPED = (Kind.JSON, Kind.LONG_TEXT, Kind.LOCAL_DATETIME)


@dataclass
class _Group:
    """One value of the field: how many records have it, and what their numbers add up to."""

    count: int = 0
    filled: int = 0
    total: Decimal = Decimal(0)

    def add(self, count: int, filled: int, total: Decimal) -> None:
        """Put more records in."""
        self.count, self.filled, self.total = self.count + count, self.filled + filled, self.total + total

    @property
    def average(self) -> Decimal | None:
        """The average of those that have a number."""
        return self.total / self.filled if self.filled else None


def _label(one: Field) -> str:
    return one.label if one.custom else translate(one.label)


def _fields(context: ReportContext, numbers: bool) -> list[Option]:
    found = []
    for name, spec in context.database.schema.entities.items():
        if not spec.listed and name != "activity":
            continue
        for one in custom.fields_of(context.database, name, context.connection):
            told = one.in_form or one.in_list or one.custom or one.computed
            fits = one.kind in NUMERIC_KINDS if numbers else one.kind not in _NOT_GROUPED
            if told and fits and not one.hidden and one.name != spec.title_field:
                found.append(Option(f"{name}.{one.name}", f"{translate(spec.plural)} › {_label(one)}"))
    return found


def build_by_field(context: ReportContext, values: dict[str, Any]) -> Document:
    """The table and the chart."""
    entity, _dot, name = str(values["by"]).partition(".")
    spec = context.database.schema.entity(entity)
    field = custom.field_named(context.database, entity, name, context.connection)
    number = None
    if values["sum"]:
        other, _dot, number_name = str(values["sum"]).partition(".")
        if other != entity:
            raise FieldError(
                "sum", N_("Choose a number of the same record type: {records}."), records=translate(spec.plural)
            )
        number = custom.field_named(context.database, entity, number_name, context.connection)
    groups = _merged(field, _read(context, spec, field, number))
    titles = _titles(context, field, list(groups))
    order = _order(field, groups, titles)
    blocks = _blocks(spec, field, number, groups, titles, order)
    title = _("{records} by {field}").format(records=translate(spec.plural), field=_label(field))
    return make_document(BY_FIELD, context, values, blocks, title=title)


def _read(
    context: ReportContext, spec: Entity, field: Field, number: Field | None
) -> list[tuple[Any, int, int, Any]]:  # fmt: skip
    schema, table = context.database.schema, context.database.schema.table(spec)
    value = expression(schema, spec, field).label("value")
    columns = [value]
    if number is not None:
        raw = expression(schema, spec, number)
        columns.append(sa.type_coerce(raw, sa.BigInteger()).label("number"))
    rows = sa.select(*columns).select_from(table).subquery()
    numbers = rows.c.number if number is not None else sa.null()
    total = sa.cast(sa.func.sum(numbers), sa.Numeric()) if number is not None else sa.literal(0)
    filled = sa.func.count(numbers) if number is not None else sa.literal(0)
    statement = sa.select(rows.c.value, sa.func.count(), filled, total).group_by(rows.c.value)
    result = []
    for key, count, having, added in context.connection.execute(statement):
        python = queries.custom_python(field, key) if field.custom else key
        amount = Decimal(added or 0)
        units = number is not None and number.kind is not Kind.INTEGER
        result.append((python, int(count), int(having), from_units(int(amount)) if units else amount))
    return result


def _merged(field: Field, rows: Sequence[tuple[Any, int, int, Any]]) -> dict[Any, _Group]:
    """The groups by key: dates by month, several choices each for itself."""
    groups: dict[Any, _Group] = defaultdict(_Group)
    for value, count, filled, total in rows:
        keys = value if isinstance(value, list) else [value]
        for key in keys or [None]:
            if isinstance(key, datetime):
                key = key.astimezone(clock.local_zone()).date()
            if isinstance(key, date):
                key = key.replace(day=1)
            groups[None if key == "" else key].add(count, filled, total)
    return groups


def _titles(context: ReportContext, field: Field, keys: Sequence[Any]) -> dict[Any, str]:
    known: dict[Any, str] = {}
    if field.kind in LINK_KINDS:
        known = dict(queries.titles(context.database.schema, context.connection, field.target, {k for k in keys if k}))
    titles = {}
    for key in keys:
        if key is None or field.kind in LINK_KINDS and key not in known:
            titles[key] = _(NONE)
        elif field.kind in DATE_KINDS:
            titles[key] = f"{formats.month_name(key.month)} {key.year}"
        elif field.kind in LINK_KINDS:
            titles[key] = known[key]
        else:
            titles[key] = formats.format_value(field, [key] if field.kind is Kind.CHOICES else key)
    return titles


def _order(field: Field, groups: dict[Any, _Group], titles: dict[Any, str]) -> list[Any]:
    """Dates and numbers in their order, choices as they are listed, the rest by how many; empty ones last."""
    ranks = {one.key: n for n, one in enumerate(field.choices)}

    def rank(key: Any) -> tuple[Any, ...]:
        if key is None:
            return (2,)
        if field.kind in DATE_KINDS or field.kind in NUMERIC_KINDS:
            return (1, key)
        if ranks:
            return (1, ranks.get(key, len(ranks)), titles[key])
        return (1, -groups[key].count, titles[key])

    return sorted(groups, key=rank)[:MOST_GROUPS]


def _blocks(
    spec: Entity, field: Field, number: Field | None, groups: dict[Any, _Group], titles: dict[Any, str],
    order: Sequence[Any],
) -> list[Block]:  # fmt: skip
    total = sum(one.count for one in groups.values())
    figures = [Figure(translate(spec.plural), total, emphasis=True), Figure(_("Groups"), len(groups))]
    kind: ValueKind = _SHOWN_AS.get(number.kind, "number") if number is not None else "integer"
    if number is not None:
        figures.append(Figure(_label(number), sum((one.total for one in groups.values()), Decimal(0)), kind))
    blocks: list[Block] = [KeyFigures(tuple(figures))]
    charted = list(order[:_IN_CHART])
    if charted:
        values = tuple(groups[key].total if number is not None else groups[key].count for key in charted)
        label = _label(number) if number is not None else _("Records")
        links = tuple(_link(spec, field, key) for key in charted)
        blocks.append(BarChart(tuple(titles[key] for key in charted), (Series(label, values),), kind=kind, links=links))
    columns = [
        Column("value", _label(field), weight=3), Column("count", _("Records"), "integer", total="sum"),
        Column("share", _("Share"), "percent"),
    ]  # fmt: skip
    if number is not None:
        columns += [
            Column("sum", _("Sum of {field}").format(field=_label(number)), kind, total="sum"),
            Column("average", _("Average"), "number" if kind == "integer" else kind),
        ]  # fmt: skip
    rows = []
    for key in order:
        one = groups[key]
        cells: list[Any] = [titles[key], one.count, Decimal(one.count * 100) / total if total else None]
        cells += [one.total, one.average] if number is not None else []
        rows.append(Row(tuple(cells), _link(spec, field, key)))
    name = _label(field)
    blocks.append(
        Table(tuple(columns), tuple(rows), name=name, total_label=_("Total"), empty=_("There are no records yet."))
    )
    return blocks


def _link(spec: Entity, field: Field, key: Any) -> ListLink | None:
    condition: Filter
    if key is None:
        condition = where(field.name, "empty")
    elif isinstance(key, date):
        after = key.replace(year=key.year + key.month // 12, month=key.month % 12 + 1)
        condition = where(field.name, "between", [key.isoformat(), date.fromordinal(after.toordinal() - 1).isoformat()])
    elif field.kind is Kind.CHOICES:
        condition = where(field.name, "contains", key)
    else:
        condition = where(field.name, "eq", str(key) if isinstance(key, Decimal) else key)
    return ListLink(spec.name, condition) if spec.listed else None


BY_FIELD = ReportSpec(
    "by-field", N_("Records by a field"),
    N_("How many records have each value of a field, your own fields included, with the sum and average of a number."),
    "ph.chart-bar", build_by_field,
    (
        Parameter("by", N_("By the field"), "choice", "contact.lifecycle", lambda context: _fields(context, False), required=True),
        Parameter("sum", N_("Add up"), "choice", "", lambda context: [Option("", _("Nothing")), *_fields(context, True)]),
    ),
    CUSTOMERS,
)  # fmt: skip
REPORTS = (BY_FIELD,)
