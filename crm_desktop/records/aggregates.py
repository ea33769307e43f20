"""What the columns of a list add up to: sum, average, least, greatest, how many; each currency by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.fields import DATE_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.records import queries
from crm_desktop.records.expressions import expression
from crm_desktop.records.filter_sql import FilterContext, compile_filter

TOTALS: dict[str, str] = {
    "sum": N_("Sum"), "average": N_("Average"), "least": N_("Minimum"), "most": N_("Maximum"), "count": N_("Filled"),
}  # fmt: skip
"""What the foot of a column may say, and its words."""
_CHUNK = 5_000


@dataclass(frozen=True)
class Measure:
    """Sum, least and greatest value of some filled values, and how many they are."""

    sum: Any = None
    least: Any = None
    most: Any = None
    count: int = 0

    def plus(self, other: Measure) -> Measure:
        """Both together."""
        return Measure(
            _either(self.sum, other.sum, lambda a, b: a + b), _either(self.least, other.least, min),
            _either(self.most, other.most, max), self.count + other.count,
        )  # fmt: skip

    def value(self, what: str) -> Any:
        """One of ``TOTALS``; None where there is nothing to tell."""
        if what == "average":
            return None if not self.count or self.sum is None else Decimal(self.sum) / self.count
        return self.count if what == "count" else getattr(self, what)


@dataclass(frozen=True)
class Measures:
    """The measures of a column by currency; under "" where it has none."""

    parts: Mapping[str, Measure] = field(default_factory=dict)

    def values(self, what: str) -> list[tuple[str, Any]]:
        """(currency, value) of one of ``TOTALS``, the currency with most values first; amounts are never mixed."""
        if what == "count":
            return [("", sum(one.count for one in self.parts.values()))]
        order = sorted(self.parts.items(), key=lambda pair: (-pair[1].count, pair[0]))
        return [(currency, one.value(what)) for currency, one in order if one.count]


def totals_for(one: Field) -> tuple[str, ...]:
    """What the foot of a field's column may say."""
    if one.kind in NUMERIC_KINDS:
        return tuple(TOTALS)
    if one.kind in DATE_KINDS:
        return ("least", "most", "count")
    return ("count",) if not one.name.startswith("@") else ()


def column_totals(
    database: Database, connection: sa.Connection, entity: str, names: Sequence[str], *, filter: Filter = EVERYTHING,
    user_id: int | None = None, ids: Sequence[int] | None = None,
) -> dict[str, Measures]:  # fmt: skip
    """The measures of fields over all records that a filter lets through, in one statement.

    Args:
        ids: only these records, whatever the filter; asked for in parts.
    """
    context = queries.context_for(database, entity, connection, user_id)
    fields, columns = measure_columns(context, names, every_kind=True)
    if not fields:
        return {}
    table = context.schema.table(context.entity)
    wheres = [compile_filter(filter, context)]
    if ids is not None:
        wheres = [table.c.id.in_(list(ids[at : at + _CHUNK])) for at in range(0, len(ids), _CHUNK)]
    result: dict[str, Measures] = {}
    for where in wheres:
        rows = sa.select(*columns).select_from(table).where(where).subquery()
        parts = [rows.c.crm_currency] if "crm_currency" in rows.c else []
        statement = sa.select(*parts, *measured(fields, rows)).group_by(*parts)
        for row in connection.execute(statement).mappings():
            for one in fields:
                result[one.name] = merge(result.get(one.name), row, one)
    return result


def measure_columns(
    context: FilterContext, names: Sequence[str], *, every_kind: bool = False
) -> tuple[list[Field], list[sa.ColumnElement[Any]]]:
    """The fields that can be measured, and the columns that a statement to be measured selects.

    Money of record types with a currency comes with the column ``crm_currency``.
    """
    kinds = None if every_kind else NUMERIC_KINDS
    fields = [f for f in context.fields if f.name in names and (kinds is None or f.kind in kinds)]
    columns: list[sa.ColumnElement[Any]] = [
        expression(context.schema, context.entity, f).label(_label(f.name)) for f in fields
    ]
    if any(f.kind is Kind.MONEY for f in fields) and context.entity.has("currency"):
        currency = context.schema.table(context.entity).c.currency
        columns.append(sa.func.coalesce(currency, "").label("crm_currency"))
    return fields, columns


def measured(fields: Sequence[Field], rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """The aggregates over what :func:`measure_columns` selected."""
    result: list[sa.ColumnElement[Any]] = []
    for one in fields:
        column, name = rows.c[_label(one.name)], _label(one.name)
        text = one.kind not in NUMERIC_KINDS | DATE_KINDS
        counted = sa.func.nullif(sa.cast(column, sa.Text), "") if text else column
        result.append(sa.func.count(counted).label(f"{name}_count"))
        if one.kind in NUMERIC_KINDS:
            result.append(sa.func.sum(column).label(f"{name}_sum"))
        if not text:
            result += [sa.func.min(column).label(f"{name}_least"), sa.func.max(column).label(f"{name}_most")]
    return result


def merge(known: Measures | None, row: Mapping[Any, Any], one: Field) -> Measures:
    """The measures of a field with one more row of a statement of :func:`measured`."""
    label = _label(one.name)
    total, least, most = (row.get(f"{label}_{key}") for key in ("sum", "least", "most"))
    if one.kind is Kind.INTEGER and total is not None:  # PostgreSQL adds whole numbers up to a Decimal
        total = int(total)
    made = Measure(total, least, most, int(row[f"{label}_count"] or 0))
    currency = str(row.get("crm_currency") or "") if one.kind is Kind.MONEY else ""
    before = dict(known.parts) if known is not None else {}
    before[currency] = before[currency].plus(made) if currency in before else made
    return Measures(before)


def _label(name: str) -> str:
    return "m_" + name.replace(".", "_")


def _either(first: Any, second: Any, join: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return join(first, second)
