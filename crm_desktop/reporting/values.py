"""The words and numbers of a document as people read them: one place, so that screen, paper and files agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from crm_desktop.core import formats, i18n, regions
from crm_desktop.core.i18n import _
from crm_desktop.reporting.document import Column, Figure, Link, Row, Table, Value, ValueKind


@dataclass(frozen=True)
class Line:
    """One line of a table ready to show: a text for each visible column.

    ``note_at`` is the index of the column that carries quiet text, -1 for none. ``values`` are the raw values.
    """

    role: Literal["group", "row", "total"]
    texts: tuple[str, ...]
    values: tuple[Value, ...]
    link: Link | None = None
    mark: str = ""
    note_at: int = -1


def value_text(
    value: Value, kind: ValueKind, *, currency: str | None = None, cents: bool = True, decimals: int | None = None
) -> str:
    """A value as shown in the language in use; nothing for None.

    Money carries its symbol if ``currency`` is a code, or "" for the office's own; None leaves the symbol out.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return formats.format_bool(value)
    if isinstance(value, datetime):
        return formats.format_date(value) if kind == "date" else formats.format_datetime(value)
    if isinstance(value, date):
        return formats.format_date(value)
    if isinstance(value, str):
        return value
    if kind == "money":
        if currency is not None:
            return formats.format_money(value, currency or None, cents=cents)
        return formats.format_number(value, 2 if cents else 0)
    if kind == "percent":
        return formats.format_percent(value, decimals)
    if kind == "text":
        return str(value)
    if kind == "integer":
        return formats.format_integer(int(value))
    return formats.format_number(value, decimals)


def figure_text(figure: Figure) -> str:
    """The value of a key figure as shown; a dash where there is none."""
    return value_text(figure.value, figure.kind, currency=figure.currency, cents=figure.cents) or "–"


def header_text(column: Column) -> str:
    """A column's heading; money in one currency names it there: "Value (R$)"."""
    if column.kind == "money" and not column.currency_key:
        return f"{column.label} ({currency_symbol(column.currency)})"
    return column.label


def currency_symbol(currency: str) -> str:
    """The symbol of a currency as the region writes it; of the office's own for ""."""
    return regions.currency_symbol(currency or formats.default_currency(), i18n.language(), formats.region())


def cell_text(column: Column, value: Value, currency: str | None = None) -> str:
    """The text of one cell. ``currency`` is that of the row, for columns with a ``currency_key``."""
    return value_text(value, column.kind, currency=currency, decimals=column.decimals)


def visible_columns(table: Table) -> tuple[int, ...]:
    """The indexes of the columns that are shown."""
    return tuple(i for i, column in enumerate(table.columns) if not column.hidden)


def has_total(table: Table) -> bool:
    """Whether the table ends with a line of totals."""
    return bool(table.total_label or table.totals or any(column.total != "none" for column in table.columns))


def totals_of(table: Table, rows: Sequence[Row], given: Mapping[str, Value]) -> dict[str, Value]:
    """The totals of some rows, by column key; ``given`` adds to them or replaces some.

    Amounts in several currencies are never added up: such a column has no total.
    """
    result: dict[str, Value] = {}
    for i, column in enumerate(table.columns):
        if column.total == "count":
            result[column.key] = sum(1 for row in rows if row.values[i] not in (None, ""))
        elif column.total == "sum" and (not column.currency_key or len(_currencies(table, column, rows)) < 2):
            numbers = [row.values[i] for row in rows]
            result[column.key] = sum((n for n in numbers if isinstance(n, (int, Decimal))), Decimal(0))
    result.update(given)
    return result


def table_lines(table: Table) -> Iterator[Line]:
    """The lines of a table in order: groups with their subtotals, rows, and the total at the end."""
    show = visible_columns(table)
    writer = _LineWriter(table, show)
    if table.groups:
        for group in table.groups:
            yield writer.summary("group", group.label, group.note, group.rows, group.subtotals, group.link)
            for row in group.rows:
                yield writer.row(row)
    else:
        for row in table.rows:
            yield writer.row(row)
    if has_total(table) and table.all_rows:
        label = table.total_label or _("Total")
        yield writer.summary("total", label, table.total_note, table.all_rows, table.totals, None)


def flat_table(table: Table) -> Table:
    """The table for spreadsheets: no groups, but the group's label in every row, and the mark as a column."""
    columns, rows = list(table.columns), []
    marked = any(row.mark for row in table.all_rows)
    for label, members in [(g.label, g.rows) for g in table.groups] or [("", table.rows)]:
        for row in members:
            values = ((label,) if table.groups else ()) + row.values + ((row.mark,) if marked else ())
            rows.append(replace(row, values=values, mark=""))
    if table.groups:
        columns.insert(0, Column("_group", table.group_label or _("Group")))
    if marked:
        columns.append(Column("_mark", table.mark_label or _("Remark")))
    return replace(table, columns=tuple(columns), rows=tuple(rows), groups=())


def even_decimals(table: Table) -> Table:
    """The table with the same number of decimals all down each column of numbers or percents that does not say."""
    columns = []
    for i, column in enumerate(table.columns):
        if column.decimals is None and column.kind in ("number", "percent"):
            most = 1 if column.kind == "percent" else 3
            values = [row.values[i] for row in table.all_rows]
            values += [given.get(column.key) for given in (table.totals, *(group.subtotals for group in table.groups))]
            places = max((_places(value) for value in values if isinstance(value, Decimal)), default=0)
            column = replace(column, decimals=min(places, most))
        columns.append(column)
    return replace(table, columns=tuple(columns))


def _places(value: Decimal) -> int:
    if value == value.to_integral_value():
        return 0
    return -int(value.normalize().as_tuple().exponent)


def row_currency(table: Table, column: Column, row: Row) -> str:
    """The currency of a row's amount in a column."""
    if not column.currency_key:
        return column.currency
    for i, other in enumerate(table.columns):
        if other.key == column.currency_key:
            return str(row.values[i] or column.currency)
    return column.currency


def _currencies(table: Table, column: Column, rows: Sequence[Row]) -> set[str]:
    index = next(i for i, other in enumerate(table.columns) if other is column)
    return {row_currency(table, column, row) for row in rows if row.values[index] is not None}


class _LineWriter:
    """Makes lines; remembers texts already made, for values repeat a lot in long tables."""

    def __init__(self, table: Table, show: tuple[int, ...]) -> None:
        self.table = even_decimals(table)
        self.show = show
        self._known: dict[tuple[int, str | None, Value], str] = {}

    def row(self, row: Row) -> Line:
        texts = tuple(self._text(i, row) for i in self.show)
        return Line("row", texts, row.values, row.link, row.mark)

    def summary(
        self,
        role: Literal["group", "total"],
        label: str,
        note: str,
        rows: Sequence[Row],
        given: Mapping[str, Value],
        link: Link | None,
    ) -> Line:
        totals = totals_of(self.table, rows, given)
        values, texts = [], []
        for column in self.table.columns:
            values.append(totals.get(column.key))
        for i in self.show:
            column, value = self.table.columns[i], values[i]
            currencies = _currencies(self.table, column, rows) if column.currency_key and value is not None else set()
            if column.kind in ("text", "date", "datetime", "bool") and isinstance(value, (int, Decimal)):
                column = replace(column, kind="integer")
            texts.append(cell_text(column, value, next(iter(currencies), None)))
        note_at = 0
        texts[0] = " · ".join(part for part in (label, texts[0]) if part)
        if note:
            note_at = 1 if len(texts) > 1 and not texts[1] else 0
            texts[note_at] = note if note_at else f"{texts[0]} · {note}"
        return Line(role, tuple(texts), tuple(values), link, "", note_at if note_at and role == "group" else -1)

    def _text(self, i: int, row: Row) -> str:
        column, value = self.table.columns[i], row.values[i]
        if isinstance(value, str):
            return value
        currency = row_currency(self.table, column, row) if column.currency_key else None
        key = (i, currency, value)
        text = self._known.get(key)
        if text is None:
            text = self._known[key] = cell_text(column, value, currency)
        return text
