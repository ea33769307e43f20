"""Documents as CSV: their tables, with exact numbers that a spreadsheet of this region reads as numbers."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from crm_desktop.core import clock, formats
from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.document import Document, Text, Value, ValueKind
from crm_desktop.reporting.files import whole_file
from crm_desktop.reporting.values import flat_table, header_text

# A phone or a plain number may start with a sign; anything else that starts like a formula is disarmed.
_HARMLESS = re.compile(r"[+-][\d\s().,/-]*")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(
    document: Document, path: Path | str, *, delimiter: str | None = None, progress: Progress | None = None
) -> None:
    """Write the tables of a document, one after another, as UTF-8 with a byte order mark.

    Groups become a first column and marks a last one; totals are left out, so that a column holds one kind of thing.
    Dates are ISO 8601, instants local wall time, numbers exact with the region's decimal separator and no grouping.
    Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection").

    Args:
        document: its tables are written; with several, each follows its name and an empty line lies between. One without
            any says why in its texts: those are written.
        path: the file; replaced if it exists.
        delimiter: by the region where none is given: ";" where the decimal separator is a comma.
        progress: counts rows.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    comma = formats.shape().decimal
    with whole_file(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter or (";" if comma == "," else ","), lineterminator="\r\n")
        for text in () if document.tables else (one for one in document.blocks if isinstance(one, Text)):
            writer.writerow([_safe(text.text)])
        for n, table in enumerate(map(flat_table, document.tables)):
            if n:
                writer.writerow([])
            if len(document.tables) > 1 and table.name:
                writer.writerow([_safe(table.name)])
            writer.writerow([_safe(header_text(column)) for column in table.columns])
            kinds = [column.kind for column in table.columns]
            for i, row in enumerate(table.rows):
                if progress and i % 256 == 0:
                    progress.update(done=i, total=len(table.rows))
                writer.writerow([csv_text(v, kind, comma) for v, kind in zip(row.values, kinds, strict=True)])


def csv_text(value: Value, kind: ValueKind, comma: str) -> str:
    """A value as text of a CSV cell; ``comma`` is the decimal separator."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return formats.format_bool(value)
    if isinstance(value, datetime):
        local = value.astimezone(clock.local_zone()) if value.tzinfo else value
        return local.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        text = _plain(value, kind).replace(".", comma)
        return f"{text}%" if kind == "percent" else text
    return _safe(value)


def _plain(value: int | Decimal, kind: ValueKind) -> str:
    """Every digit, no exponent; money with two decimals at least."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _point, places = text.partition(".")
    return f"{whole}.{places:0<2}" if kind == "money" else text


def _safe(text: str) -> str:
    if text.startswith(_FORMULA_STARTS) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text
