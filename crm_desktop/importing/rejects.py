"""The rejected rows as a spreadsheet to correct and import again, also long after the import and without its file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.importing import readers
from crm_desktop.importing.cell_codes import dumps, loads
from crm_desktop.importing.outcomes import REJECTED, Ask, Journal, Line, all_lines
from crm_desktop.importing.outcomes_select import select
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.recipe_fit import holds_rejects, own_columns
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.table import Evidence, FileGuess
from crm_desktop.reporting.files import whole_file

KEPT_ROWS = 10_000
KEPT_SIZE = 8_000_000
"""So many rejected rows, and so many characters of them, are kept with the import in the database, cells and all."""
_LOOKED_AT = 200
Rejected = tuple[int, Sequence[Any], str]
"""(number of the row, its cells, why)"""


def kept_rejects(journal: Journal, part: int) -> list[dict[str, Any]]:
    """The rejected rows of a part as the list of imports keeps them, as many as there is room for."""
    found: list[dict[str, Any]] = []
    size = 0
    for lines in all_lines(journal, select(journal, Ask(part, (REJECTED,)), limit=KEPT_ROWS)):
        for line in lines:
            why = line.reason or Evidence("")
            one = {"row": line.row, "column": line.header, "value": line.value, "reason": why.message,
                   "params": dict(why.params), "cells": journal.cells_of(line.id)}  # fmt: skip
            text = dumps(one).replace("\\u0000", "")  # a NUL has no place in the database of an office server
            size += len(text)
            if size > KEPT_SIZE:
                return found
            found.append(json.loads(text))
    return found


def write_rejects(result: ImportResult, path: Path, progress: Progress | None = None) -> int:
    """Write the rejected rows with their original cells, the row number and the reason. Returns how many.

    The file they came from is not needed.

    Raises:
        UserError: the target cannot be written.
        Cancelled: the person cancelled; no file is left.
    """
    journal, progress = result.journal, progress or Progress()
    if journal is None:
        return 0
    progress.update(0, result.rejected_count)
    return _write(path, result.plan, _of_journal(journal, result.place), progress)


def _of_journal(journal: Journal, part: int) -> Iterator[Rejected]:
    for lines in all_lines(journal, select(journal, Ask(part, (REJECTED,)))):
        for line in lines:
            yield line.row, journal.cells_of(line.id) or (), reason_of(line)


def reason_of(line: Line) -> str:
    """Why a row was rejected, with the column at fault."""
    return f"{line.header}: {line.reason}" if line.header else str(line.reason or "")


def write_kept(plan: ImportPlan, kept: Sequence[Mapping[str, Any]], path: Path, source: Path | None = None) -> int:
    """Write the rejected rows of a past import from what was kept of it; returns how many.

    Args:
        kept: the list that :func:`kept_rejects` made, maybe by another computer.
        source: the file, for rows that are kept without their cells, as imports of older versions did.

    Raises:
        UserError: the target cannot be written, or the source cannot be read.
    """
    return _write(path, plan, _of_kept(plan, kept, source), Progress())


def lacks_cells(kept: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the file is needed to write the rows."""
    return any(one.get("cells") is None for one in kept)


def _of_kept(plan: ImportPlan, kept: Sequence[Mapping[str, Any]], source: Path | None) -> Iterator[Rejected]:
    without: dict[int, str] = {}
    for one in kept:
        reason = str(Evidence(one["reason"], one["params"]))
        text = f"{one['column']}: {reason}" if one["column"] else reason
        if one.get("cells") is None:
            without[one["row"]] = text
        else:
            yield one["row"], loads(json.dumps(one["cells"])), text
    if without and source is not None:
        for number, cells in readers.read(source, plan.source):
            if number in without:
                yield number, cells, without[number]


def _write(path: Path, plan: ImportPlan, rows: Iterable[Rejected], progress: Progress) -> int:
    headers = [column.header for column in own_plan_columns(plan)]
    kept = len(headers)
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with whole_file(path) as part, xlsxwriter.Workbook(str(part), options) as book:
        sheet = book.add_worksheet(_("Rejected rows")[:31])
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        hour = book.add_format({"num_format": "hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        for position, header in enumerate([*headers, _("Row"), _("Reason")]):
            sheet.write_string(0, position, header, bold)
            sheet.set_column(position, position, 60 if position == kept + 1 else 18)
        line = 0
        for line, (number, cells, reason) in enumerate(rows, 1):
            for position, cell in enumerate(cells[:kept]):
                _write_cell(sheet, line, position, cell, day, moment, hour)
            sheet.write_number(line, kept, number)
            sheet.write_string(line, kept + 1, reason)
            if line % 500 == 0:
                progress.update(line)
    return line


def _write_cell(sheet: Any, line: int, position: int, cell: Any, day: Any, moment: Any, hour: Any) -> None:
    if cell is None or isinstance(cell, bytes):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, position, cell)
    elif isinstance(cell, datetime) and cell.tzinfo is None and cell.year >= 1900:
        sheet.write_datetime(line, position, cell, moment)
    elif isinstance(cell, date) and not isinstance(cell, datetime) and cell.year >= 1900:
        sheet.write_datetime(line, position, cell, day)
    elif isinstance(cell, time) and cell.tzinfo is None:
        sheet.write_datetime(line, position, cell, hour)
    elif isinstance(cell, int | float | Decimal) and abs(float(cell)) < 1e15:
        sheet.write_number(line, position, cell)
    else:
        text = cell.isoformat() if isinstance(cell, date | time) else str(cell)
        sheet.write_string(line, position, text[:32_000])


@dataclass(frozen=True)
class Corrected:
    """A file of rejected rows that was corrected: the plan of the import that rejected them, and what its file is called."""

    plan: ImportPlan
    file: str


def corrected(database: Database, file: FileGuess) -> Corrected | None:
    """The import that a file of rejected rows came from; None where it is none, or no import has such columns.

    The two columns that were added say so, in whatever language; they are not imported.
    """
    if not holds_rejects(file.best.columns):
        return None
    headers = [fold(one.header) for one in own_columns(file.best)]
    table = Base.metadata.tables["import_batch"]
    statement = (
        sa.select(table.c.plan, table.c.file_name).where(table.c.rejected > 0).order_by(table.c.id.desc())
        .limit(_LOOKED_AT)
    )  # fmt: skip
    with database.read() as connection:
        for kept, name in connection.execute(statement):
            plan = ImportPlan.from_dict(kept) if kept else None
            if plan is not None and [fold(one.header) for one in own_plan_columns(plan)] == headers:
                return Corrected(plan, name)
    return None


def own_plan_columns(plan: ImportPlan) -> tuple[ColumnPlan, ...]:
    """The columns of the file itself, without those that are worked out."""
    return plan.columns[: len(plan.columns) - len(plan.source.added)]
