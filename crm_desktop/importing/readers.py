"""The door to every file: what it is (``inspect``), what its columns are, and its rows (``read``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_desktop.core.garbage import held_off
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import (
    added_columns,
    archives,
    csv_reader,
    ics_reader,
    markup_reader,
    named_reader,
    table,
    vcard_reader,
)
from crm_desktop.importing.archive_guess import inspect_archive
from crm_desktop.importing.dialects import Dialect, guess_dialect
from crm_desktop.importing.regions import split_tables
from crm_desktop.importing.sniff import (
    Sample,
    count_lines,
    file_size,
    nothing_inside,
    sniff_archive,
    sniff_kind,
    take_sample,
)
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess, ReadOptions, Row, SheetGuess
from crm_desktop.importing.tables import Scan, data_likeness, guess_table
from crm_desktop.importing.tidy import tidy_cell, tidy_row
from crm_desktop.importing.workbook_reader import Sheet, open_workbook

_COUNT_UP_TO = 24 * 1024 * 1024
_MOST_COLUMNS = 16_384


def inspect(
    path: str | os.PathLike[str], options: ReadOptions | None = None, progress: Progress | None = None
) -> FileGuess:
    """Look at a file and guess how to read it and what its columns are.

    Args:
        path: any file.
        options: what is decided already (by a person or a recipe); the rest is guessed around it.
        progress: told nothing but asked whether to stop.

    Raises:
        UserError: the file cannot be read, with what to do about it.
    """
    given = options or ReadOptions()
    with held_off():
        found = _inspect(Path(path), given, progress)
    if given.added and not found.best.added:
        found = added_columns.extend(found, given.added, lambda options: read(path, options))
    return found


def _inspect(where: Path, given: ReadOptions, progress: Progress | None) -> FileGuess:
    known = where.is_dir() and given.kind in (table.VCARD, table.ICS)
    if not known:
        file_size(where)
    archive = "" if known else sniff_archive(where)
    kind = archive or given.kind or sniff_kind(where)
    if progress:
        progress.check()
    if archive:
        return inspect_archive(where, archive, given, progress, inspect)
    if kind in table.TEXT_KINDS:
        return _inspect_text(where, given, progress)
    if kind == table.VCARD:
        return vcard_reader.inspect(where, given.encoding)
    if kind == table.ICS:
        return ics_reader.inspect(where, given.encoding)
    if kind in table.NAMED_KINDS:
        return named_reader.inspect(where, kind, given, progress)
    return _inspect_workbook(where, kind, given, progress)


def columns(path: str | os.PathLike[str], options: ReadOptions | None = None) -> list[ColumnGuess]:
    """The columns of the chosen (or best) sheet."""
    return list(inspect(path, options).best.columns)


def read(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Iterator[Row]:
    """Stream the data rows as (1-based row number in the file, cells).

    A row has a cell for each column; more only where the file has text beyond the last one (an unquoted delimiter).
    Options that are not complete are completed by :func:`inspect`.
    """
    where = Path(path)
    given = options or ReadOptions()
    file_size(where)
    if not given.complete:
        given = inspect(where, given).options()
    rows = _rows(where, given)
    return added_columns.append(rows, given) if given.added else rows


def _rows(where: Path, given: ReadOptions) -> Iterator[Row]:
    if given.member:
        where = archives.unpack(where, sniff_archive(where), given.member)
        given = given.with_(member="")
    if given.kind in table.TEXT_KINDS:
        return csv_reader.read_rows(where, given)
    if given.kind == table.VCARD:
        return _tidied(vcard_reader.read_rows(where, given))
    if given.kind == table.ICS:
        return _tidied(ics_reader.read_rows(where, given))
    if given.kind in table.NAMED_KINDS:
        return named_reader.read_rows(where, given)
    return _read_workbook(where, given)


def _tidied(rows: Iterator[Row]) -> Iterator[Row]:
    return ((number, [tidy_cell(cell) for cell in cells]) for number, cells in rows)


def _inspect_text(path: Path, given: ReadOptions, progress: Progress | None) -> FileGuess:
    sample = take_sample(path, given.encoding)
    head = sample.head[: 128 * 1024] if sample.head.count("\n", 0, 128 * 1024) > 30 else sample.head[: 2 * 1024 * 1024]
    if len(head) < len(sample.head):
        head = head[: max(head.rfind("\n"), head.rfind("\r")) + 1] or head
    dialect, confidence, evidence, width = _dialect(head, given)
    strays: list[str] = []
    scan = _scan_text(path, sample, dialect, width, progress, strays)
    if not scan.filled:
        raise nothing_inside(path)
    told: tuple[Evidence, ...] = ()
    if strays:
        message = N_("Quotes that are opened and never closed: {n}. The rows after them are read all the same: {line}")
        told = (Evidence(message, {"n": len(strays), "line": strays[0].strip()[:60]}),)
    options = given.with_(delimiter=dialect.delimiter)
    sheet = guess_table(path.stem, scan, options, whole_sheet=False)
    sheet = replace(sheet, evidence=(*sheet.evidence, *told))
    newline = "\r\n" if "\r\n" in sample.head else "\r" if "\r" in sample.head and "\n" not in sample.head else "\n"
    return FileGuess(
        path=str(path),
        kind=table.FIXED if dialect.widths else table.CSV,
        sheets=(sheet,),
        encoding=sample.encoding.encoding,
        encoding_confidence=sample.encoding.confidence,
        delimiter=dialect.delimiter,
        delimiter_confidence=confidence,
        quote=dialect.quote,
        escape=dialect.escape,
        skip_initial_space=dialect.skip_initial_space,
        newline=newline,
        widths=dialect.widths,
        evidence=(sample.encoding.evidence, evidence, *sheet.evidence),
    )


def _dialect(head: str, given: ReadOptions) -> tuple[Dialect, float, Evidence, int]:
    if given.widths:
        return Dialect("  ", "", widths=given.widths), 1.0, Evidence(N_("Chosen by you")), len(given.widths)
    guess = guess_dialect(head, given.delimiter, given.quote)
    dialect = replace(guess.dialect, escape=given.escape) if given.escape else guess.dialect
    evidence = Evidence(N_("Chosen by you")) if given.delimiter else guess.evidence
    return dialect, guess.confidence, evidence, guess.columns


def _scan_text(
    path: Path, sample: Sample, dialect: Dialect, width: int, progress: Progress | None, strays: list[str]
) -> Scan:
    scan = Scan()
    if sample.size <= _COUNT_UP_TO:
        records = csv_reader.read_records(path, sample.encoding.encoding, dialect, width, strays)
        for number, record in records:
            scan.add(number, tidy_row(record[:_MOST_COLUMNS]))
            if progress and number % 5000 == 0:
                progress.check()
        return scan
    head = csv_reader.split_text(sample.head, dialect, width)
    for number, record in enumerate(head, 1):
        scan.add(number, tidy_row(record[:_MOST_COLUMNS]))
    lines = max(1, sample.head.count("\n") or sample.head.count("\r"))
    total = round(count_lines(path) * len(head) / lines)
    tail = csv_reader.split_text(sample.tail, dialect, width)
    for offset, record in enumerate(tail):
        scan.add(total - len(tail) + offset + 1, tidy_row(record[:_MOST_COLUMNS]))
    scan.filled = round(total * scan.filled / max(1, len(head) + len(tail)))
    scan.estimated = True
    return scan


def _inspect_workbook(path: Path, kind: str, given: ReadOptions, progress: Progress | None) -> FileGuess:
    sheets: list[SheetGuess] = []
    for sheet in _sheets(path, kind):
        if progress:
            progress.check()
        scan = Scan()
        for number, values in sheet.rows():
            scan.add(number, values)
        if not scan.filled:
            continue
        chosen = given if given.sheet in ("", sheet.name) else ReadOptions()
        guess = guess_table(sheet.name, scan, chosen, whole_sheet=True)
        if sheet.siblings > 1:
            params = {"n": sheet.siblings, "place": sheet.place}
            told = Evidence(N_("The sheet holds {n} tables; this is the one at {place}"), params)
            guess = replace(guess, evidence=(*guess.evidence, told))
        sheets.append(replace(guess, hidden=sheet.hidden, confidence=data_likeness(guess, scan, sheet.hidden)))
    if not sheets:
        raise nothing_inside(path)
    best = max(range(len(sheets)), key=lambda i: sheets[i].confidence * 0.97**i)
    if given.sheet:
        best = next((i for i, guess in enumerate(sheets) if guess.name == given.sheet), best)
    of_sheets: tuple[Evidence, ...] = ()
    if len(sheets) > 1:
        params = {"n": len(sheets), "name": sheets[best].name}
        of_sheets = (Evidence(N_("Of {n} sheets, “{name}” looks like data"), params),)
    evidence = (*of_sheets, *sheets[best].evidence)
    return FileGuess(str(path), kind, tuple(sheets), best, evidence=evidence, of_sheets=of_sheets)


def _sheets(path: Path, kind: str) -> list[Sheet]:
    if kind == table.HTML:
        return markup_reader.html_tables(path)
    if kind == table.XML_SHEET:
        return _tables_of(path, markup_reader.xml_sheets(path))
    return _tables_of(path, open_workbook(path, kind))


def _tables_of(path: Path, sheets: list[Sheet]) -> list[Sheet]:
    """The tables of all sheets; what was found stays with a workbook that is kept in memory."""
    if path.stat().st_size > _COUNT_UP_TO:
        return sheets
    found = []
    for sheet in sheets:
        if not sheet.tables:
            sheet.tables = split_tables(sheet)
        found += sheet.tables
    return found


def _read_workbook(path: Path, options: ReadOptions) -> Iterator[Row]:
    found = _sheets(path, options.kind)
    sheet = next((s for s in found if s.name == options.sheet), found[0] if found else None)
    if sheet is None:
        raise nothing_inside(path)
    rows = _kept(sheet.rows(), options)
    return csv_reader.hold_back(rows, options.footer_rows) if options.footer_rows else rows


def _kept(rows: Iterator[Row], options: ReadOptions) -> Iterator[Row]:
    first, skipped, kept = options.first_data_row, frozenset(options.skip_rows), options.columns
    width = len(kept)
    plain = kept == tuple(range(width))
    header = options.header_row + 1 if options.header_row is not None and options.header_rows == 1 else 0
    titles: list[Any] = []
    for number, values in rows:
        if number <= first or number - 1 in skipped:
            if number == header:
                titles = values
            continue
        if values == titles:
            # printed exports repeat the header on every page
            continue
        if not plain or len(values) != width:
            size = len(values)
            values = [values[i] if i < size else None for i in kept]
        if values.count(None) < len(values):
            yield number, values
