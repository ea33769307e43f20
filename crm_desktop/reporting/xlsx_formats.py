"""Values as cells of a spreadsheet: real numbers and dates, in the formats of the region in use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from crm_desktop.core import clock, formats, regions
from crm_desktop.reporting.document import Value, ValueKind
from crm_desktop.reporting.values import currency_symbol

_LONGEST_TEXT = 32_767
_MOST_DIGITS = 10**15
_DATE_ORDERS = {"dmy": "dd/mm/yyyy", "mdy": "mm/dd/yyyy", "ymd": "yyyy-mm-dd"}

Look: TypeAlias = Mapping[str, Any]
NO_LOOK: Look = {}


class CellWriter:
    """Writes raw values into cells of one workbook; formats are made once for each look."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[tuple[Any, ...], Any] = {}
        self._zone = clock.local_zone()
        self._day = _DATE_ORDERS.get(formats.shape().date_order, "yyyy-mm-dd")

    def style(self, **properties: Any) -> Any:
        """A cell format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def write(
        self,
        sheet: Any,
        row: int,
        column: int,
        value: Value,
        kind: ValueKind,
        *,
        currency: str | None = None,
        decimals: int | None = None,
        look: Look = NO_LOOK,
    ) -> None:
        """Write one value. Text is always written as text, whatever it starts with. ``look`` is more of its format."""
        if value is None or value == "":
            if look:
                sheet.write_blank(row, column, None, self.style(**look))
        elif isinstance(value, bool):
            sheet.write_string(row, column, formats.format_bool(value), self.style(**look))
        elif isinstance(value, date):
            self._write_date(sheet, row, column, value, kind, look)
        elif isinstance(value, (int, Decimal)) and -_MOST_DIGITS < value < _MOST_DIGITS:
            number = value / Decimal(100) if kind == "percent" else value
            pattern = self.number_pattern(kind, currency, decimals)
            sheet.write_number(row, column, float(number), self.style(num_format=pattern, **look))
        else:
            sheet.write_string(row, column, str(value)[:_LONGEST_TEXT], self.style(**look))

    def _write_date(self, sheet: Any, row: int, column: int, value: date, kind: ValueKind, look: Look) -> None:
        pattern = self._day
        if isinstance(value, datetime):
            value = (value.astimezone(self._zone) if value.tzinfo else value).replace(tzinfo=None, microsecond=0)
            if kind == "date":
                value = value.date()
            else:
                pattern += " hh:mm"
        if value.year < 1900:  # the serial numbers of spreadsheets begin there
            sheet.write_string(row, column, value.isoformat(), self.style(**look))
        else:
            sheet.write_datetime(row, column, value, self.style(num_format=pattern, align="left", **look))

    def number_pattern(self, kind: ValueKind, currency: str | None, decimals: int | None) -> str:
        """The number format: with the symbol on the region's side if ``currency`` is given ("" is the office's own)."""
        if kind == "money":
            code = currency or formats.default_currency()
            places = regions.currency_places(code) if decimals is None else decimals
            digits = "#,##0" + ("." + "0" * places if places else "")
            if currency is None:
                return digits
            symbol = f'"{currency_symbol(currency)}"'
            return f"{symbol}\u00a0{digits}" if formats.shape().money_prefix else f"{digits}\u00a0{symbol}"
        if kind == "percent":
            return "0" + ("." + "0" * decimals if decimals else "") + "%"
        if kind == "number":
            return "#,##0" + ("." + "0" * decimals if decimals else "")
        return "#,##0"
