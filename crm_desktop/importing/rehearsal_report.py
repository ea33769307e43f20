"""What an import would do, on paper or as a workbook: all its rows, with every value that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.importing.outcomes import CREATED, DUPLICATE, REJECTED, RESTORED, UNCHANGED, UPDATED, Ask, all_lines
from crm_desktop.importing.outcomes_select import select, select_problems
from crm_desktop.importing.outcomes_shown import RowTeller, ShownRow, problem_row
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.reporting.document import (
    Block,
    Column,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Organisation,
    Row,
    Table,
)
from crm_desktop.reporting.files import whole_file
from crm_desktop.reporting.output import write_document

PRINTED = 20_000
"""So many lines go on paper; more are for a workbook."""
_SHEET = 1_000_000
_Line = tuple[Any, ...]
_KINDS = (
    (UPDATED, (UPDATED, RESTORED), N_("Changed")),
    (CREATED, (CREATED,), N_("New")),
    (REJECTED, (REJECTED,), N_("Rejected")),
    (DUPLICATE, (DUPLICATE,), N_("Duplicates")),
    (UNCHANGED, (UNCHANGED,), N_("Unchanged")),
)  # fmt: skip


def write_rehearsal(
    database: Database, results: ImportResults, path: Path, kind: str, *, progress: Progress | None = None,
    organisation: Organisation | None = None,
) -> Path:  # fmt: skip
    """Write all that a rehearsal found as "pdf" or "xlsx".

    Raises:
        UserError: the file cannot be written, or there is too much for paper.
        Cancelled: the person cancelled; no file is left.
    """
    progress = progress or Progress()
    progress.update(0, results.total("rows_read"))
    with database.read() as connection:
        if kind == "xlsx":
            _write_workbook(database, connection, results, path, progress)
        else:
            document = _document(database, connection, results, progress, organisation or Organisation(""))
            write_document(document, path, "pdf", progress=progress)
    return path


def _tables(
    database: Database, connection: sa.Connection, result: ImportResult, progress: Progress
) -> Iterator[tuple[str, tuple[str, ...], Callable[[], Iterator[_Line]]]]:
    """(title, headers, lines) of each kind of rows that a part has."""
    journal = result.journal
    if journal is None:
        return
    teller = RowTeller(database, connection, result.plan)
    counts = journal.counts(result.place)
    record = translate(database.schema.entity(result.plan.entity).label)
    for kind, names, title in _KINDS:
        if not sum(counts[name] for name in names):
            continue

        def lines(kind: str = kind, names: tuple[str, ...] = names) -> Iterator[_Line]:
            for page in all_lines(journal, select(journal, Ask(result.place, names), check=progress.check)):
                progress.update(progress.state.done + len(page))
                for row in teller.tell(connection, journal, page):
                    yield from _lines(kind, row)

        headers: tuple[str, ...]
        if kind == UPDATED:
            headers = (_("Row"), record, _("Recognised by"), _("Field"), _("Before"), _("After"))
        elif kind == CREATED:
            headers = (_("Row"), record, _("Field"), _("In the file"), _("Will be"))
        elif kind == REJECTED:
            headers = (_("Row"), _("Column"), _("Value"), _("Why"))
        else:
            headers = (_("Row"), record, _("Recognised by"), _("Value"), _("What it is"))
        yield translate(title), headers, lines
    ids = select_problems(journal, result.place)
    if ids:

        def problems() -> Iterator[_Line]:
            for start in range(0, len(ids), 500):
                progress.check()
                for one in journal.problems_at(ids[start : start + 500]):
                    row = problem_row(one)
                    yield row.row, row.column, row.value, row.reason

        yield _("Cells that do not fit"), (_("Row"), _("Column"), _("Value"), _("Why")), problems


def _lines(kind: str, row: ShownRow) -> Iterator[_Line]:
    if kind == UPDATED:
        for one in row.diffs.values():
            if one.changed:
                yield row.row, row.title, row.rule, one.label, one.old, one.new
    elif kind == CREATED:
        for one in row.diffs.values():
            yield row.row, row.title, one.label, one.given, one.new
    elif kind == REJECTED:
        yield row.row, row.column, row.value, row.reason
    else:
        yield row.row, row.title, row.column, row.value, row.reason


def _figures(result: ImportResult) -> list[tuple[str, int]]:
    return [
        (_("New"), result.created), (_("Changed"), result.updated), (_("Unchanged"), result.unchanged),
        (_("Duplicates"), result.duplicates), (_("Rejected"), result.rejected_count),
    ]  # fmt: skip


def _part_title(database: Database, result: ImportResult) -> str:
    plural = translate(database.schema.entity(result.plan.entity).plural)
    part = result.plan.source.part
    return f"{part}: {plural}" if part else plural


# -- on paper --------------------------------------------------------------------------------------------------------


def _document(
    database: Database, connection: sa.Connection, results: ImportResults, progress: Progress, office: Organisation
) -> Document:
    blocks: list[Block] = []
    left = PRINTED
    for result in results.parts:
        if len(results.parts) > 1:
            blocks.append(Heading(_part_title(database, result)))
        blocks.append(KeyFigures(tuple(Figure(label, number) for label, number in _figures(result))))
        for title, headers, lines in _tables(database, connection, result, progress):
            rows: list[Row] = []
            for line in lines():
                left -= 1
                if left < 0:
                    raise UserError(
                        N_("There are more than {n} lines to print. Save the rehearsal as a workbook instead."),
                        n=format_integer(PRINTED),
                    )
                rows.append(Row(tuple(line)))
            blocks.append(Heading(f"{title} ({format_integer(len({row.values[0] for row in rows}))})", 2))
            blocks.append(Table(_columns(headers), tuple(rows), name=title))
    names = ", ".join(dict.fromkeys(Path(one.path).name for one in results.parts))
    return Document(
        _("Rehearsal of the import"), tuple(blocks), subtitle=names, as_of=clock.now(), organisation=office,
        footer=_("Nothing has been written yet."),
    )  # fmt: skip


def _columns(headers: Sequence[str]) -> tuple[Column, ...]:
    last = len(headers) - 1
    return tuple(
        Column(f"c{place}", header, "integer" if place == 0 else "text",
               weight=0.0 if place == 0 else 2.0 if place == last else 1.0)
        for place, header in enumerate(headers)
    )  # fmt: skip


# -- as a workbook ---------------------------------------------------------------------------------------------------


def _write_workbook(
    database: Database, connection: sa.Connection, results: ImportResults, path: Path, progress: Progress
) -> None:
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with whole_file(path) as part, xlsxwriter.Workbook(str(part), options) as book:
        bold = book.add_format({"bold": True})
        summary = book.add_worksheet(_("Rehearsal"))
        summary.set_column(0, 0, 40)
        line = 0
        for result in results.parts:
            summary.write_string(line, 0, f"{Path(result.path).name} – {_part_title(database, result)}", bold)
            for label, number in [(_("Rows"), result.rows_read), *_figures(result)]:
                line += 1
                summary.write_string(line, 0, label)
                summary.write_number(line, 1, number)
            line += 2
        used = {_("Rehearsal").casefold()}
        for result in results.parts:
            for title, headers, lines in _tables(database, connection, result, progress):
                name = title if len(results.parts) == 1 else f"{title} {result.place + 1}"
                _write_sheets(book, name, headers, lines(), bold, used)


def _write_sheets(
    book: Any, name: str, headers: Sequence[str], lines: Iterator[_Line], bold: Any, used: set[str]
) -> None:  # fmt: skip
    """One sheet, or several where a sheet cannot hold so many lines."""
    sheet, line, number = None, 0, 0
    for values in lines:
        if sheet is None or line >= _SHEET:
            number += 1
            sheet, line = book.add_worksheet(_free(name if number == 1 else f"{name} {number}", used)), 0
            sheet.freeze_panes(1, 0)
            for place, header in enumerate(headers):
                sheet.write_string(0, place, header, bold)
                sheet.set_column(place, place, 8 if place == 0 else 32)
        line += 1
        for place, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(line, place, value)
            elif value:
                sheet.write_string(line, place, str(value)[:32_000])


def _free(name: str, used: set[str]) -> str:
    """A name for a sheet that no other has: at most 31 characters, without those that sheets do not take."""
    clean = "".join("-" if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("'") or "-"
    found, number = clean, 1
    while found.casefold() in used:
        number += 1
        found = f"{clean[:27]} {number}"
    used.add(found.casefold())
    return found
