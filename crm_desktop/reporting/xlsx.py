"""Documents as Excel workbooks: a summary with native charts, and one filterable sheet for each table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import xlsxwriter

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.document import (
    BarChart,
    Chart,
    Document,
    Heading,
    KeyFigures,
    LineChart,
    Row,
    StackedBar,
    Table,
    Text,
)
from crm_desktop.reporting.files import whole_file
from crm_desktop.reporting.values import (
    cell_text,
    even_decimals,
    flat_table,
    has_total,
    header_text,
    row_currency,
    totals_of,
)
from crm_desktop.reporting.xlsx_charts import insert_chart
from crm_desktop.reporting.xlsx_formats import NO_LOOK, CellWriter, Look

_MOST_ROWS = 1_000_000
_BOLD: Look = {"bold": True}
_HEAD: dict[str, Any] = {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True}
_TOTAL: Look = {"bold": True, "top": 1}


def write_xlsx(document: Document, path: Path | str, *, progress: Progress | None = None) -> None:
    """Write a document as an XLSX workbook.

    Each table has a sheet with a frozen, filterable heading and one row per row (its group as a column), ready for
    sorting and pivot tables; totals are values below. Figures, subtotals and charts stand on the summary sheet.
    Percents become real percentages (25 is written as 0.25, shown as 25%).

    Args:
        document: what to write.
        path: the file; replaced if it exists.
        progress: counts rows.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    with whole_file(path) as part:
        book = xlsxwriter.Workbook(str(part), {"default_date_format": "yyyy-mm-dd"})
        try:
            _Workbook(book, document, progress).write()
        finally:
            book.close()


class _Workbook:
    """Fills one workbook."""

    def __init__(self, book: Any, document: Document, progress: Progress | None) -> None:
        self.book, self.document, self.progress = book, document, progress
        self.cells = CellWriter(book)
        self.names: set[str] = set()
        self.rows_done = 0

    def write(self) -> None:
        """Write the summary first if it has something to say, else after the tables."""
        document = self.document
        self.book.set_properties(
            {
                "title": document.title,
                "subject": document.subtitle,
                "author": document.author,
                "company": document.organisation.name,
                "comments": "CRM Desktop",
            }
        )
        rich = not document.tables or any(
            isinstance(block, (KeyFigures, Text, BarChart, StackedBar, LineChart))
            or (isinstance(block, Table) and block.groups)
            for block in document.blocks
        )
        if rich:
            self._summary(_("Summary"))
        heading = document.title
        for block in document.blocks:
            if isinstance(block, Heading):
                heading = block.text
            elif isinstance(block, Table):
                self._table(even_decimals(block), block.name or heading)
        if not rich:
            self._summary(_("About"))

    def _sheet(self, wanted: str) -> Any:
        """A new sheet with an allowed, unused name near the wanted one."""
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).strip().strip("'")[:31] or _("Table")
        name, n = base, 1
        while name.casefold() in self.names or name.casefold() == "history":
            n += 1
            name = f"{base[: 31 - len(str(n)) - 1]} {n}"
        self.names.add(name.casefold())
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L" + self.document.title.replace("&", "&&")[:120] + "&R&P / &N")
        return sheet

    def _table(self, table: Table, name: str) -> None:
        flat = flat_table(table)
        for start in range(0, max(len(flat.rows), 1), _MOST_ROWS):
            last = start + _MOST_ROWS >= len(flat.rows)
            self._table_sheet(replace(flat, rows=flat.rows[start : start + _MOST_ROWS]), flat, name, last)

    def _table_sheet(self, part: Table, whole: Table, name: str, last: bool) -> None:
        sheet = self._sheet(name)
        for i, column in enumerate(part.columns):
            align = "right" if column.alignment == "right" else "left"
            self.cells.write(sheet, 0, i, header_text(column), "text", look=_HEAD | {"align": align})
            sheet.set_column(i, i, self._column_width(part, i))
        for n, row in enumerate(part.rows, start=1):
            self._row(sheet, n, part, row)
        end = max(len(part.rows), 1)
        sheet.autofilter(0, 0, end, len(part.columns) - 1)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        if last and has_total(whole) and whole.rows:
            self._totals(sheet, end + 1, whole)

    def _row(self, sheet: Any, n: int, table: Table, row: Row) -> None:
        self.rows_done += 1
        if self.progress and self.rows_done % 256 == 0:
            self.progress.update(done=self.rows_done, total=sum(len(t.all_rows) for t in self.document.tables))
        for i, (column, value) in enumerate(zip(table.columns, row.values, strict=True)):
            currency = row_currency(table, column, row) if column.currency_key else None
            self.cells.write(sheet, n, i, value, column.kind, currency=currency, decimals=column.decimals)

    def _totals(self, sheet: Any, n: int, table: Table) -> None:
        totals = totals_of(table, table.rows, table.totals)
        for i, column in enumerate(table.columns):
            value = totals.get(column.key)
            if i == 0 and value is None:
                value = table.total_label or _("Total")
            kind = "integer" if column.total == "count" else column.kind
            currency = row_currency(table, column, table.rows[0]) if column.currency_key else None
            self.cells.write(sheet, n, i, value, kind, currency=currency, decimals=column.decimals, look=_TOTAL)

    @staticmethod
    def _column_width(table: Table, i: int) -> float:
        """Width in characters for the heading and what the first rows hold; long text is cut by the cell, not lost."""
        column = table.columns[i]
        longest = max(map(len, header_text(column).split()), default=0) + 3
        for row in table.rows[:2000]:
            value = row.values[i]
            text = value if isinstance(value, str) else cell_text(column, value, "" if column.currency_key else None)
            longest = max(longest, *(len(part) for part in text.split("\n")))
        return min(max(longest * 1.05 + 1.5, 6), 60)

    def _summary(self, name: str) -> None:
        sheet = self._sheet(name)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 12, 17)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, self.document.title, self.cells.style(bold=True, font_size=16))
        n = 1
        for text in self._about():
            sheet.write_string(n, 0, text, self.cells.style(font_color="#4A4F5C"))
            n += 1
        n += 1
        for block in self.document.blocks:
            if isinstance(block, Heading):
                sheet.write_string(n, 0, block.text, self.cells.style(bold=True, font_size=12))
                n += 1
            elif isinstance(block, Text):
                sheet.write_string(n, 0, block.text, self.cells.style(bold=True) if block.bold else None)
                n += 2
            elif isinstance(block, KeyFigures):
                n = self._figures(sheet, n, block)
            elif isinstance(block, (BarChart, StackedBar, LineChart)):
                n = self._chart(sheet, n, block)
            elif isinstance(block, Table) and block.groups:
                n = self._subtotals(sheet, n, even_decimals(block))

    def _about(self) -> Iterator[str]:
        document = self.document
        if document.subtitle:
            yield document.subtitle
        if document.organisation.name:
            yield document.organisation.name
        if document.as_of:
            yield _("Data as of {time}").format(time=formats.format_datetime(document.as_of))
        if document.code:
            yield _("Report {code}").format(code=document.code)

    def _figures(self, sheet: Any, n: int, block: KeyFigures) -> int:
        for figure in block.figures:
            sheet.write_string(n, 0, figure.label, self.cells.style(font_color="#4A4F5C"))
            decimals = 0 if figure.kind == "money" and not figure.cents else None
            self.cells.write(
                sheet, n, 1, figure.value, figure.kind, currency=figure.currency, decimals=decimals, look=_BOLD
            )
            n += 1
        return n + 1

    def _chart(self, sheet: Any, n: int, chart: Chart) -> int:
        """The numbers of a chart, and beside them the chart itself."""
        if chart.title:
            sheet.write_string(n, 0, chart.title, self.cells.style(bold=True, font_size=12))
            n += 1
        self.cells.write(sheet, n, 0, "", "text", look=_HEAD)
        for s, series in enumerate(chart.series, start=1):
            self.cells.write(sheet, n, s, series.label, "text", look=_HEAD | {"align": "right"})
        for c, category in enumerate(chart.categories, start=1):
            self.cells.write(sheet, n + c, 0, category, "text")
            for s, series in enumerate(chart.series, start=1):
                self.cells.write(sheet, n + c, s, series.values[c - 1], chart.kind)
        used = len(chart.categories) + 1
        if chart.categories and chart.series:
            used = max(used, insert_chart(self.book, sheet, n, chart))
        return n + used + 2

    def _subtotals(self, sheet: Any, n: int, table: Table) -> int:
        """The groups of a table with their subtotals, and the total."""
        shown = [
            (i, column)
            for i, column in enumerate(table.columns)
            if column.total != "none" or any(column.key in group.subtotals for group in table.groups)
        ]
        heads = [table.group_label or _("Group"), "", *(header_text(column) for _i, column in shown)]
        for i, head in enumerate(heads):
            self.cells.write(sheet, n, i, head, "text", look=_HEAD | {"align": "left" if i < 2 else "right"})
        lines = [(g.label, g.note, g.rows, g.subtotals, NO_LOOK) for g in table.groups]
        if has_total(table):
            lines.append((table.total_label or _("Total"), table.total_note, table.all_rows, table.totals, _TOTAL))
        for label, note, rows, given, look in lines:
            n += 1
            totals = totals_of(table, rows, given)
            self.cells.write(sheet, n, 0, label, "text", look=look)
            self.cells.write(sheet, n, 1, note, "text", look=look)
            for k, (_i, column) in enumerate(shown, start=2):
                kind = "integer" if column.total == "count" else column.kind
                currency = row_currency(table, column, rows[0]) if column.currency_key and rows else None
                self.cells.write(
                    sheet, n, k, totals.get(column.key), kind, currency=currency, decimals=column.decimals, look=look
                )
        return n + 2
