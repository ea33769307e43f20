"""Text tables and workbooks, written part by part: nothing but the part at hand is in memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import repeat
from typing import IO, Any, Protocol

import xlsxwriter

from crm_desktop.core import formats
from crm_desktop.core.fields import Kind
from crm_desktop.records.formula_guard import guarded
from crm_desktop.records.sheet_columns import ID, LINK_ID, LINKED, SheetColumn

MOST_ROWS = 1_000_000
"""Rows of one sheet; Excel takes 1,048,576 with the header."""
LONGEST_CELL = 32_767
_MOST_DIGITS = Decimal(10**15)
_CODES = frozenset({Kind.PHONE, Kind.TAX_ID})
_CODE_NAMES = frozenset({"number", "code", "postcode", "registration"})
_WIDE = {Kind.LONG_TEXT: 48.0, Kind.DATE: 12.0, Kind.DATETIME: 18.0, Kind.LOCAL_DATETIME: 18.0, Kind.BOOL: 10.0,
         Kind.EMAIL: 28.0, Kind.PHONE: 19.0, Kind.INTEGER: 12.0, Kind.NUMBER: 12.0, Kind.MONEY: 14.0}  # fmt: skip


class TableFile(Protocol):
    """What takes the tables of an export one after another."""

    too_long: int
    """Cells that did not fit and were left empty, which an import passes over."""

    def begin(self, name: str, columns: Sequence[SheetColumn]) -> None:
        """Start a table."""

    def write(self, cells: Sequence[list[Any]]) -> None:
        """Write some rows, given column by column."""

    def close(self) -> None:
        """Finish the file."""


@dataclass(frozen=True)
class CsvOptions:
    """How a text table is written.

    Attributes:
        delimiter: "" follows the decimal mark: ";" beside a comma.
        decimal: "." or ","; "" is the region's.
        dates: "iso" or "region".
        bom: begin with the mark by which Excel knows UTF-8.
    """

    delimiter: str = ""
    decimal: str = ""
    dates: str = "iso"
    bom: bool = True

    @property
    def encoding(self) -> str:
        """The encoding that Python knows."""
        return "utf-8-sig" if self.bom else "utf-8"

    @property
    def mark(self) -> str:
        """The decimal mark."""
        return self.decimal or formats.shape().decimal

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return self.delimiter or (";" if self.mark == "," else ",")


class CsvTable:
    """One table as text; every number exact, every date unmistakable, nothing that a spreadsheet would run."""

    def __init__(self, file: IO[str], options: CsvOptions | None = None) -> None:
        options = options or CsvOptions()
        self.too_long = 0
        self._mark, self._options = options.mark, options
        self._writer = csv.writer(file, delimiter=options.separator, lineterminator="\r\n")

    def begin(self, name: str, columns: Sequence[SheetColumn]) -> None:
        """Write the header."""
        self._writer.writerow([guarded(one.header()) for one in columns])

    def write(self, cells: Sequence[list[Any]]) -> None:
        """Write some rows."""
        self._writer.writerows(zip(*map(self._texts, cells), strict=True))

    def close(self) -> None:
        """Nothing is left to do."""

    def _texts(self, values: list[Any]) -> list[str]:
        return [
            "" if value is None else guarded(value) if type(value) is str else self._text(value) for value in values
        ]

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return guarded(value)
        if isinstance(value, bool):
            return formats.format_bool(value)
        if isinstance(value, Decimal | float):
            return exact_text(value, self._mark)
        if isinstance(value, datetime):
            return moment_text(value, self._options.dates)
        if isinstance(value, date):
            return value.isoformat() if self._options.dates == "iso" else formats.format_date(value)
        return str(value)


def exact_text(value: Decimal | float, mark: str) -> str:
    """Every digit and no groups; three decimals get a zero more, or they would pass for a group of thousands."""
    text = f"{Decimal(str(value)) if isinstance(value, float) else value:f}"
    whole, point, places = text.partition(".")
    places = places.rstrip("0")
    if not point or not places:
        return whole
    return f"{whole}{mark}{places + '0' if len(places) == 3 else places:0<2}"


def moment_text(value: datetime, style: str) -> str:
    """Day and time, with seconds and parts of them only where there are any."""
    day = value.date().isoformat() if style == "iso" else formats.format_date(value.date())
    clock = value.time().isoformat("milliseconds" if value.microsecond else "seconds" if value.second else "minutes")
    return f"{day} {clock}"


class Workbook:
    """A workbook with a sheet for each table: rows go to the disk as they come."""

    def __init__(self, path: str) -> None:
        self.too_long = 0
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        add = self._book.add_format
        day = {"dmy": "dd/mm/yyyy", "mdy": "mm/dd/yyyy"}.get(formats.shape().date_order, "yyyy-mm-dd")
        self._head = add({"bold": True, "bottom": 1, "valign": "top"})
        self._code, self._number = add({"num_format": "@"}), add({"num_format": "#,##0.####"})
        self._money, self._percent = add({"num_format": "#,##0.00##"}), add({"num_format": '0.####"%"'})
        self._day, self._moment = add({"num_format": day}), add({"num_format": f"{day} hh:mm"})
        self._exact_moment = add({"num_format": f"{day} hh:mm:ss"})
        self._wrapped = add({"text_wrap": True, "valign": "top"})
        self._names: set[str] = set()
        self._sheet: Any = None
        self._columns: tuple[SheetColumn, ...] = ()
        self._row, self._name = 0, ""

    def begin(self, name: str, columns: Sequence[SheetColumn]) -> None:
        """Start a sheet with a frozen header that filters."""
        self._columns, self._name = tuple(columns), name
        self._sheet = self._book.add_worksheet(self._free_name(name))
        self._row = 1
        for at, one in enumerate(columns):
            self._sheet.set_column(at, at, _width(one))
        for at, one in enumerate(columns):
            self._sheet.write_string(0, at, one.header(), self._head)
        self._sheet.freeze_panes(1, 2 if columns and columns[0].source == ID else 1)
        self._writers = [self._writer(one) for one in columns]

    def _free_name(self, wanted: str) -> str:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).strip().strip("'")[:31] or "Sheet"
        name, n = base, 1
        while name.casefold() in self._names or name.casefold() == "history":
            n += 1
            name = f"{base[: 30 - len(str(n))]} {n}"
        self._names.add(name.casefold())
        return name

    def write(self, cells: Sequence[list[Any]]) -> None:
        """Write some rows; a full sheet goes on in the next one."""
        for row in zip(*cells, strict=True):
            if self._row > MOST_ROWS:
                self._finish_sheet()
                self.begin(self._name, self._columns)
            for at, (value, write) in enumerate(zip(row, self._writers, strict=True)):
                if value is not None:
                    write(self._row, at, value)
            self._row += 1

    def note(self, name: str, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A sheet of texts for people: the first row is its header."""
        sheet = self._book.add_worksheet(self._free_name(name))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        for number, row in enumerate(rows):
            for at, text in enumerate(row):
                sheet.write_string(number, at, text[:LONGEST_CELL], self._head if number == 0 else self._wrapped)
        sheet.freeze_panes(1, 0)

    def _finish_sheet(self) -> None:
        if self._sheet is not None and self._columns:
            self._sheet.autofilter(0, 0, max(self._row - 1, 1), len(self._columns) - 1)

    def close(self) -> None:
        """Put the file together."""
        self._finish_sheet()
        self._book.close()

    def abandon(self) -> None:
        """Let go of the files that the sheets are kept in, without making a workbook of them."""
        for sheet in self._book.worksheets():
            sheet._opt_close()
            handle = getattr(sheet, "row_data_fh", None)
            if handle is not None:
                handle.close()
        self._book.fileclosed = 1

    def _writer(self, column: SheetColumn) -> Callable[[int, int, Any], None]:
        sheet, kind = self._sheet, column.kind
        is_code = kind in _CODES or column.source in (ID, LINK_ID) or column.source == LINKED and not column.value
        code = self._code if is_code or column.key.partition("#")[0] in _CODE_NAMES else None
        number = {Kind.MONEY: self._money, Kind.PERCENT: self._percent, Kind.NUMBER: self._number}.get(kind)
        write_string, write_number, write_datetime = sheet.write_string, sheet.write_number, sheet.write_datetime

        def text(row: int, at: int, value: str) -> None:
            if len(value) > LONGEST_CELL:
                self.too_long += 1
            elif value:
                write_string(row, at, value, code)

        def anything(row: int, at: int, value: Any) -> None:
            if isinstance(value, str):
                text(row, at, value)
            elif isinstance(value, bool):
                sheet.write_boolean(row, at, value)
            elif isinstance(value, datetime):
                if value.year < 1900:
                    write_string(row, at, value.isoformat(sep=" "))
                else:
                    exact = value.second or value.microsecond
                    write_datetime(row, at, value, self._exact_moment if exact else self._moment)
            elif isinstance(value, date):
                if value.year < 1900:
                    write_string(row, at, value.isoformat())
                else:
                    write_datetime(row, at, datetime.combine(value, time()), self._day)
            elif isinstance(value, int | Decimal) and -_MOST_DIGITS < value < _MOST_DIGITS:
                write_number(row, at, float(value) if isinstance(value, Decimal) else value, number)
            else:
                write_string(row, at, str(value), code)

        plain = kind in (
            Kind.TEXT,
            Kind.LONG_TEXT,
            Kind.CHOICE,
            Kind.PHONE,
            Kind.EMAIL,
            Kind.URL,
            Kind.COUNTRY,
            Kind.LINK,
        )
        return text if plain else anything


def _width(column: SheetColumn) -> float:
    head = len(column.header()) * 1.05 + 3
    body = _WIDE.get(column.kind, 0.0) or (column.field.width / 8 if column.field is not None else 16.0)
    if column.source in (ID, LINK_ID):
        body = 24.0
    return min(max(head, body, 8.0), 60.0)


def empty_rows(count: int, width: int) -> list[list[Any]]:
    """Columns without any value."""
    return [list(repeat(None, count)) for _ in range(width)]
