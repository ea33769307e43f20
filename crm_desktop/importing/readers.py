"""The door to every file: what it is (``inspect``), what its columns are, and its rows (``read``)."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, csv_reader, headers, ics_reader, lexicon, markup_reader, table, vcard_reader
from crm_desktop.importing.column_types import guess_columns
from crm_desktop.importing.dialects import Dialect, guess_dialect
from crm_desktop.importing.sniff import Sample, nothing_inside, sniff_kind, take_sample
from crm_desktop.importing.table import (
    AUTO,
    ColumnGuess,
    Evidence,
    FileGuess,
    ReadOptions,
    Row,
    SheetGuess,
)
from crm_desktop.importing.workbook_reader import Sheet, open_workbook

_HEAD_ROWS = 400
_SAMPLE_ROWS = 3000
_TAIL_ROWS = 60
_COUNT_UP_TO = 24 * 1024 * 1024
_MOST_COLUMNS = 16_384


def inspect(path: str | os.PathLike[str], options: ReadOptions | None = None, progress: Progress | None = None) -> FileGuess:
    """Look at a file and guess how to read it and what its columns are.

    Args:
        path: any file.
        options: what is decided already (by a person or a recipe); the rest is guessed around it.
        progress: told nothing but asked whether to stop.

    Raises:
        UserError: the file cannot be read, with what to do about it.
    """
    where = Path(path)
    given = options or ReadOptions()
    kind = given.kind or sniff_kind(where)
    if progress:
        progress.check()
    if kind in table.TEXT_KINDS:
        return _inspect_text(where, given, progress)
    if kind == table.VCARD:
        return vcard_reader.inspect(where, given.encoding)
    if kind == table.ICS:
        return ics_reader.inspect(where, given.encoding)
    return _inspect_workbook(where, kind, given, progress)


def columns(path: str | os.PathLike[str], options: ReadOptions | None = None) -> list[ColumnGuess]:
    """The columns of the chosen (or best) sheet."""
    return list(inspect(path, options).best.columns)


def read(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Iterator[Row]:
    """Stream the data rows as (1-based row number in the file, cells).

    A row has one cell for each column; more only where the file has text beyond the last column (an unquoted delimiter).
    Options that are not complete are completed by :func:`inspect`.
    """
    where = Path(path)
    given = options or ReadOptions()
    if not given.complete:
        given = inspect(where, given).options()
    if given.kind in table.TEXT_KINDS:
        return csv_reader.read_rows(where, given)
    if given.kind == table.VCARD:
        return vcard_reader.read_rows(where, given)
    if given.kind == table.ICS:
        return ics_reader.read_rows(where, given)
    return _read_workbook(where, given)


@dataclass
class _Scan:
    """What one look over a table keeps."""

    head: list[Row] = field(default_factory=list)
    sample: list[list[Any]] = field(default_factory=list)
    tail: deque[Row] = field(default_factory=lambda: deque(maxlen=_TAIL_ROWS))
    records: int = 0
    filled: int = 0
    used: list[int] = field(default_factory=list)
    estimated: bool = False
    long_rows: int = 0

    def add(self, number: int, values: list[Any]) -> None:
        """Count a row; keep it if it is among the first, the last, or in a sample spread over the whole table."""
        self.records = number
        row = (number, values)
        if len(self.head) < _HEAD_ROWS:
            self.head.append(row)
        self.tail.append(row)
        size = len(values)
        if len(self.used) < size:
            self.used.extend([0] * (size - len(self.used)))
        blank = True
        for column, value in enumerate(values):
            if value is not None and value != "":
                self.used[column] += 1
                blank = False
        if blank:
            return
        self.filled += 1
        if len(self.sample) < _SAMPLE_ROWS:
            self.sample.append(values)
        elif self.filled % _stride(self.filled) == 0:
            self.sample[(self.filled * 7919) % _SAMPLE_ROWS] = values


def _stride(filled: int) -> int:
    """One row in so many is kept once the sample is full."""
    return max(1, filled // _SAMPLE_ROWS)


def _inspect_text(path: Path, given: ReadOptions, progress: Progress | None) -> FileGuess:
    sample = take_sample(path, given.encoding)
    head = sample.head[: 128 * 1024] if sample.head.count("\n", 0, 128 * 1024) > 30 else sample.head[: 2 * 1024 * 1024]
    if len(head) < len(sample.head):
        head = head[: max(head.rfind("\n"), head.rfind("\r")) + 1] or head
    dialect, confidence, evidence, width = _dialect(head, given)
    scan = _scan_text(path, sample, dialect, width, progress)
    if not scan.filled:
        raise nothing_inside(path)
    options = given.with_(delimiter=dialect.delimiter)
    sheet = _table_guess(path.stem, scan, options, trim_used=False)
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


def _scan_text(path: Path, sample: Sample, dialect: Dialect, width: int, progress: Progress | None) -> _Scan:
    scan = _Scan()
    if sample.size <= _COUNT_UP_TO:
        records = csv_reader.read_records(path, sample.encoding.encoding, dialect, width)
        for number, record in records:
            scan.add(number, [cell.strip() or None for cell in record[:_MOST_COLUMNS]])
            if progress and number % 5000 == 0:
                progress.check()
        return scan
    head = csv_reader.split_text(sample.head, dialect, width)
    for number, record in enumerate(head, 1):
        scan.add(number, [cell.strip() or None for cell in record[:_MOST_COLUMNS]])
    total = round(sample.size / max(1, sample.head_bytes) * len(head))
    tail = csv_reader.split_text(sample.tail, dialect, width)
    for offset, record in enumerate(tail):
        scan.add(total - len(tail) + offset + 1, [cell.strip() or None for cell in record[:_MOST_COLUMNS]])
    scan.filled = round(total * scan.filled / max(1, len(head) + len(tail)))
    scan.estimated = True
    return scan


def _inspect_workbook(path: Path, kind: str, given: ReadOptions, progress: Progress | None) -> FileGuess:
    sheets: list[SheetGuess] = []
    for sheet in _sheets(path, kind):
        if progress:
            progress.check()
        scan = _Scan()
        for number, values in sheet.rows():
            scan.add(number, values)
        if not scan.filled:
            continue
        chosen = given if given.sheet in ("", sheet.name) else ReadOptions()
        guess = _table_guess(sheet.name, scan, chosen, trim_used=True)
        sheets.append(replace(guess, hidden=sheet.hidden, confidence=_data_likeness(guess, scan, sheet.hidden)))
    if not sheets:
        raise nothing_inside(path)
    best = max(range(len(sheets)), key=lambda i: (sheets[i].confidence, -i))
    if given.sheet:
        best = next((i for i, guess in enumerate(sheets) if guess.name == given.sheet), best)
    evidence: tuple[Evidence, ...] = sheets[best].evidence
    if len(sheets) > 1:
        evidence = (Evidence(N_("Of {n} sheets, “{name}” looks like data"), {"n": len(sheets), "name": sheets[best].name}), *evidence)
    return FileGuess(str(path), kind, tuple(sheets), best, evidence=evidence)


def _sheets(path: Path, kind: str) -> list[Sheet]:
    if kind == table.HTML:
        return markup_reader.html_tables(path)
    if kind == table.XML_SHEET:
        return markup_reader.xml_sheets(path)
    return open_workbook(path, kind)


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
    for number, values in rows:
        if number <= first or number - 1 in skipped:
            continue
        if not plain or len(values) != width:
            size = len(values)
            values = [values[i] if i < size else None for i in kept]
        if any(value is not None for value in values):
            yield number, values


def _data_likeness(guess: SheetGuess, scan: _Scan, hidden: bool) -> float:
    """How much a sheet looks like records (0..1): several columns, a header, many rows, little prose."""
    width = len(guess.columns)
    texts = [cells.classify(v) for row in scan.sample[:200] for v in row if v is not None]
    prose = sum(kind == cells.PROSE for kind in texts) / max(1, len(texts))
    score = min(1.0, 0.25 + 0.15 * width) * min(1.0, 0.45 + 0.12 * math.log1p(guess.rows))
    score *= (0.6 + 0.4 * guess.header_confidence) * (1.0 - 0.5 * prose)
    if guess.rows == 0:
        score *= 0.3
    if hidden:
        score *= 0.5
    if lexicon.INSTRUCTIONS.search(fold(guess.name)):
        score *= 0.5
    return round(score, 3)


def _table_guess(name: str, scan: _Scan, given: ReadOptions, *, trim_used: bool) -> SheetGuess:
    found = _header(scan, given)
    body = [values for number, values in scan.head if number > found.first_data_row and any(v is not None for v in values)]
    if len(scan.sample) > len(body):
        # the sample begins with the rows above the header
        above = sum(1 for number, values in scan.head if number <= found.first_data_row and any(v is not None for v in values))
        body = scan.sample[above:] or body
    names = _names(scan, found)
    kept = [i for i in range(len(scan.used)) if names[i] or _has_values(i, scan, found, body)]
    kept = _without_phantoms(kept, names, scan, body, trim_used)
    kept = list(given.columns) or kept or [0]
    titles = headers.unique_headers([names[i] if i < len(names) else "" for i in kept], kept)
    originals = [names[i] if i < len(names) else "" for i in kept]
    footer, texts = (given.footer_rows, []) if given.footer_rows else headers.find_footer(list(scan.tail), body, found)
    rows = [[row[i] if i < len(row) else None for i in kept] for row in body]
    if footer and not scan.estimated and len(body) == scan.filled - (scan.filled - len(body)):
        rows = rows[:-footer] if len(rows) > footer and scan.filled <= _SAMPLE_ROWS else rows
    above_rows = sum(1 for number, values in scan.head if number <= found.first_data_row and any(v is not None for v in values))
    guesses = guess_columns(titles, rows, originals)
    evidence = [found.evidence]
    ragged = sum(1 for row in body if len(row) > (kept[-1] + 1) and any(v is not None for v in row[kept[-1] + 1 :]))
    if ragged:
        evidence.append(Evidence(N_("{n} rows have more cells than there are columns"), {"n": ragged}))
    if texts:
        evidence.append(Evidence(N_("{n} rows at the end are totals or notes"), {"n": footer}))
    preamble = [" ".join(headers.text_of(v) for v in values if v is not None) for number, values in scan.head if number <= (found.row if found.row is not None else found.first_data_row)]
    return SheetGuess(
        name=name,
        rows=max(0, scan.filled - above_rows - footer),
        columns=tuple(guesses),
        header_row=found.row,
        header_rows=found.rows,
        first_data_row=found.first_data_row,
        footer_rows=footer,
        skip_rows=given.skip_rows,
        source_columns=tuple(kept),
        confidence=found.confidence,
        header_confidence=found.confidence,
        evidence=tuple(evidence),
        estimated=scan.estimated,
        preamble=tuple(text for text in preamble if text),
        footer=tuple(texts),
    )


def _header(scan: _Scan, given: ReadOptions) -> headers.HeaderGuess:
    if given.header_row == AUTO:
        return headers.find_header(scan.head[:200], scan.sample[:300])
    evidence = Evidence(N_("Chosen by you"))
    if given.header_row is None:
        return headers.HeaderGuess(None, 0, max(0, given.first_data_row), 1.0, evidence)
    first = given.header_row + given.header_rows if given.first_data_row == AUTO else given.first_data_row
    return headers.HeaderGuess(given.header_row, given.header_rows, first, 1.0, evidence)


def _names(scan: _Scan, found: headers.HeaderGuess) -> list[str]:
    width = len(scan.used)
    if found.row is None:
        return [""] * width
    lines = [values for number, values in scan.head if found.row < number <= found.row + found.rows]
    return headers.join_lines(lines, width)


def _has_values(column: int, scan: _Scan, found: headers.HeaderGuess, body: Sequence[Sequence[Any]]) -> bool:
    above = sum(
        1 for number, values in scan.head if number <= found.first_data_row and column < len(values) and values[column] is not None
    )
    return scan.used[column] > above


def _without_phantoms(kept: list[int], names: list[str], scan: _Scan, body: Sequence[Sequence[Any]], trim: bool) -> list[int]:
    """Columns without a name that only a few overlong rows reach are cells too many, not columns."""
    if trim or not kept:
        return kept
    while kept and not names[kept[-1]] and scan.filled > 3:
        reach = sum(1 for row in body if kept[-1] < len(row) and row[kept[-1]] is not None)
        if reach > 0.2 * len(body) or not any(names):
            break
        kept = kept[:-1]
    return kept
