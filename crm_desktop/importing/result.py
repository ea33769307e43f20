"""What an import did, row by row where it matters, and the rejected rows as a spreadsheet to correct."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.importing import readers
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import Evidence

KEPT = 10_000
"""So many rejected rows, cell problems and duplicates are kept one by one; the rest is counted."""
SAMPLES = 200
"""So many created and so many updated rows are kept with their values, for the preview."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not imported: its number in the file, the column at fault ("" for the whole row), and why."""

    row: int
    column: str
    value: str
    reason: Evidence


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that does not fit its field; the row was imported, and the text is kept in the record's remarks."""

    row: int
    column: str
    value: str
    reason: Evidence


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that was left out because its record is there already: the field that told, and the record or the row."""

    row: int
    field: str
    value: str
    record_id: int | None = None
    same_as_row: int | None = None
    why: Evidence | None = None
    """Why the row was left out, where neither is there: its record was deleted."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """One value of a record that an import changes."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RowPreview:
    """What a row did: "create" or "update", the record's title, and its values before and after."""

    row: int
    action: str
    title: str
    record_id: int
    changes: tuple[CellChange, ...] = ()


@dataclass
class ImportResult:
    """The numbers of an import. ``created + updated + unchanged + duplicates + folded + rejected == rows_read``,
    always. ``folded`` counts rows of a part with repeats that speak of a record which an earlier row spoke of (300 rows name
    120 companies): what they add was filled in. ``passed_over`` counts rows that say nothing about its record type; they
    are not among ``rows_read``.

    ``created`` and ``updated`` are counted in the database's own history. ``restored`` are those of the updated records
    that had been deleted and came back. ``parents`` counts the records that were
    made because rows link to them, by record type. ``change_set`` is what undo takes back; None after a rehearsal.
    """

    path: str
    plan: ImportPlan
    rows_read: int = 0
    created: int = 0
    updated: int = 0
    restored: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected_count: int = 0
    folded: int = 0
    passed_over: int = 0
    problem_count: int = 0
    parents: dict[str, int] = field(default_factory=dict)
    rejected: list[Reject] = field(default_factory=list)
    cell_problems: list[CellProblem] = field(default_factory=list)
    duplicate_rows: list[Duplicate] = field(default_factory=list)
    samples: list[RowPreview] = field(default_factory=list)
    change_set: int | None = None
    batch_id: int | None = None
    seconds: float = 0.0
    rehearsal: bool = False
    digest: str = ""
    """What the file held; see ``run.digest_of``."""
    more_rejected: array[int] = field(default_factory=lambda: array("q"))
    """Numbers of the rejected rows beyond those in ``rejected``."""

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows_read / self.seconds if self.seconds > 0 else 0.0

    @property
    def balanced(self) -> bool:
        """Whether every row that was read is accounted for."""
        told = self.created + self.updated + self.unchanged + self.duplicates + self.folded + self.rejected_count
        return told == self.rows_read

    def reject(self, row: int, column: str, value: Any, reason: Evidence) -> None:
        """Count a rejected row and keep it while there is room."""
        self.rejected_count += 1
        if len(self.rejected) < KEPT:
            self.rejected.append(Reject(row, column, shown(value), reason))
        else:
            self.more_rejected.append(row)

    def problem(self, row: int, column: str, value: Any, reason: Evidence) -> None:
        """Count a bad cell and keep it while there is room."""
        self.problem_count += 1
        if len(self.cell_problems) < KEPT:
            self.cell_problems.append(CellProblem(row, column, shown(value), reason))

    def duplicate(self, found: Duplicate) -> None:
        """Count a duplicate row and keep it while there is room."""
        self.duplicates += 1
        if len(self.duplicate_rows) < KEPT:
            self.duplicate_rows.append(found)

    def rejects_json(self) -> list[dict[str, Any]]:
        """The rejected rows as the log of imports keeps them."""
        return [
            {"row": one.row, "column": one.column, "value": one.value, "reason": one.reason.message,
             "params": _plain(one.reason.params)}
            for one in self.rejected
        ]  # fmt: skip


@dataclass
class ImportResults:
    """What an import of several parts did: the results of its parts in the order they were given."""

    parts: list[ImportResult]
    change_set: int | None = None
    seconds: float = 0.0

    def total(self, name: str) -> int:
        """The sum of a number over the parts: "created", "rows_read", "rejected_count" ..."""
        return sum(int(getattr(part, name)) for part in self.parts)

    @property
    def balanced(self) -> bool:
        """Whether every row that was read is accounted for, part by part."""
        return all(part.balanced for part in self.parts)

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.total("rows_read") / self.seconds if self.seconds > 0 else 0.0


def shown(value: Any) -> str:
    """A cell as text, cut where it is very long."""
    text = "" if value is None else str(value)
    return text if len(text) <= 500 else text[:499] + "…"


def because(error: FieldError) -> Evidence:
    """The sentence of a field's error, as evidence."""
    return Evidence(error.message, error.params)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, int | float | str) else str(value) for key, value in params.items()}


def write_rejects(result: ImportResult, path: Path) -> int:
    """Write the rejected rows with their original cells, the row number and the reason. Returns how many.

    The source is read again, so it must still be there.

    Raises:
        UserError: the source is gone or the target cannot be written.
    """
    reasons: dict[int, str] = {}
    for one in result.rejected:
        label = f"{one.column}: {one.reason}" if one.column else str(one.reason)
        reasons[one.row] = label
    for row in result.more_rejected:
        reasons[row] = _("Rejected; for the reason see the first rows of this kind.")
    headers = [column.header for column in result.plan.columns]
    try:
        with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
            _write(book, headers, reasons, result)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise UserError(
            N_("{name} cannot be written. Close it in other programs or choose another folder."),
            name=path.name, details=str(error),
        ) from error  # fmt: skip
    return len(reasons)


def _write(book: Any, headers: list[str], reasons: Mapping[int, str], result: ImportResult) -> None:
    sheet = book.add_worksheet(_("Rejected rows")[:31])
    bold = book.add_format({"bold": True})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 0)
    for position, header in enumerate([*headers, _("Row"), _("Reason")]):
        sheet.write_string(0, position, header, bold)
        sheet.set_column(position, position, 60 if position == len(headers) + 1 else 18)
    line = 0
    for number, cells in readers.read(result.path, result.plan.source):
        reason = reasons.get(number)
        if reason is None:
            continue
        line += 1
        for position, cell in enumerate(cells[: len(headers)]):
            _write_cell(sheet, line, position, cell, day, moment)
        sheet.write_number(line, len(headers), number)
        sheet.write_string(line, len(headers) + 1, reason)
        if line == len(reasons):
            break


def _write_cell(sheet: Any, line: int, position: int, cell: Any, day: Any, moment: Any) -> None:
    if cell is None or isinstance(cell, bytes):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, position, cell)
    elif isinstance(cell, datetime) and cell.tzinfo is None:
        sheet.write_datetime(line, position, cell, moment)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        sheet.write_datetime(line, position, cell, day)
    elif isinstance(cell, int | float) and abs(cell) < 1e15:
        sheet.write_number(line, position, cell)
    else:
        sheet.write_string(
            line, position, (cell.isoformat() if isinstance(cell, datetime | time) else str(cell))[:32_000]
        )


def reason_text(message: str, params: Mapping[str, Any]) -> str:
    """A reason as the log of imports keeps it, in the language in use."""
    text = translate(message)
    return text.format(**params) if params else text
