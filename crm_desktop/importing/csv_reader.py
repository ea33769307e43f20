"""Text tables: delimited, aligned or fixed-width, read as a stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing.dialects import Dialect, split_lines
from crm_desktop.importing.encodings import LENIENT
from crm_desktop.importing.table import ReadOptions, Row
from crm_desktop.importing.tidy import tidy_row

# a cell may be megabytes long; the limit is a C long, 32 bits on Windows
csv.field_size_limit(2**31 - 1)

_PATIENCE = 60
"""After so many lines inside one quoted cell it is time to ask whether the quote was a mistake."""


def dialect_of(options: ReadOptions) -> Dialect:
    """The dialect that the options describe."""
    quote = '"' if options.quote is None else options.quote
    return Dialect(options.delimiter, quote, options.escape, options.skip_initial_space, options.widths)


def read_records(
    path: Path, encoding: str, dialect: Dialect, columns: int = 0, strays: list[str] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """All records of a file with their 1-based numbers, as text; a blank line is an empty record.

    Args:
        path: the file.
        encoding: a Python codec name; bytes it does not know are read as Windows-1252.
        dialect: how lines are split.
        columns: the usual number of cells, to recover from a quote that is never closed (0: don't try).
        strays: takes the lines with such quotes.
    """
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else LENIENT
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            yield from enumerate(_split(file, dialect, columns, strays), 1)
    except FileNotFoundError as error:
        raise UserError(
            N_("“{name}” is not there any more. Check that it was not moved or renamed, and choose it again."),
            name=path.name,
        ) from error
    except LookupError as error:
        raise UserError(N_("The encoding “{encoding}” is not known. Choose another one."), encoding=encoding) from error
    except OSError as error:
        raise UserError(
            N_("“{name}” cannot be opened. Close it in other programs, check that you may read it, and try again."),
            name=path.name,
            details=str(error),
        ) from error


def split_text(text: str, dialect: Dialect, columns: int = 0) -> list[list[str]]:
    """The records of a text that is in memory."""
    return list(_split(io.StringIO(text, newline=""), dialect, columns))


class _StrayQuote(Exception):
    """A quote that was opened and not closed has swallowed whole records."""


def _split(
    source: Iterable[str], dialect: Dialect, columns: int, strays: list[str] | None = None
) -> Iterator[list[str]]:  # fmt: skip
    if dialect.widths or dialect.delimiter == "  " or not dialect.quote:
        yield from split_lines((line.replace("\0", "") for line in source), dialect)
        return
    lines = iter(source)
    plain = Dialect(dialect.delimiter, "", dialect.escape, dialect.skip_initial_space)
    pending: list[str] = []
    ended = False

    def feed() -> Iterator[str]:
        nonlocal ended
        for line in lines:
            line = line.replace("\0", "")
            pending.append(line)
            if len(pending) > _PATIENCE and len(pending) % _PATIENCE == 1 and _swallowed(pending, plain, columns):
                raise _StrayQuote
            yield line
        ended = True

    while True:
        try:
            for row in split_lines(feed(), dialect):
                if len(pending) > 1 and (
                    len(pending) > 3
                    and _swallowed(pending, plain, columns)
                    or (ended or len(row) != columns)
                    and _holds_records(pending, plain, columns)
                ):
                    raise _StrayQuote
                pending.clear()
                yield row
            return
        except (_StrayQuote, csv.Error):
            if not pending:
                return
            if strays is not None:
                strays.append(pending[0])
            yield _without_quotes(pending[0], plain, dialect.quote)
            lines = chain(pending[1:], lines)
            pending = []
            ended = False


def _without_quotes(line: str, plain: Dialect, quote: str) -> list[str]:
    row = next(iter(split_lines(iter([line]), plain)), [])
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == quote else cell for cell in row]


def _swallowed(pending: list[str], plain: Dialect, columns: int) -> bool:
    """Whether the lines inside a quoted cell are records of their own."""
    if columns < 3 or not plain.delimiter:
        return False
    inside = [line for line in pending[1:41] if line.strip()]
    if len(inside) < 2:
        return False
    whole = sum(line.count(plain.delimiter) == columns - 1 for line in inside)
    return whole >= 0.8 * len(inside)


def _holds_records(pending: list[str], plain: Dialect, columns: int) -> bool:
    """Whether most lines inside a quoted cell, of a record that does not come out right, would be records by themselves."""
    if columns < 2 or not plain.delimiter:
        return False
    # the last line is where the next quote ended the cell: it may have any shape
    inside = [line for line in (pending[1:-1][:40] or pending[1:]) if line.strip()]
    whole = sum(line.count(plain.delimiter) == columns - 1 for line in inside)
    return bool(inside) and whole >= 0.6 * len(inside)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    """Rows of data: blank rows, rows before the data, skipped rows and the footer are left out; text is trimmed.

    A row has as many cells as there are columns (None where it is short); cells that a row has in excess follow.
    """
    dialect = dialect_of(options)
    records = read_records(path, options.encoding, dialect, len(options.columns))
    rows = _clean(records, options)
    return hold_back(rows, options.footer_rows) if options.footer_rows else rows


def _clean(records: Iterable[tuple[int, list[str]]], options: ReadOptions) -> Iterator[Row]:
    columns = options.columns
    width = len(columns)
    plain = columns == tuple(range(width))
    first, skipped = options.first_data_row, frozenset(options.skip_rows)
    header = options.header_row + 1 if options.header_row is not None and options.header_rows == 1 else 0
    titles: list[Any] = []
    for number, record in records:
        if number <= first or number - 1 in skipped:
            if number == header:
                titles = tidy_row(record)
            continue
        values: list[Any] = tidy_row(record)
        if values == titles:
            # printed exports repeat the header on every page
            continue
        if len(values) != width or not plain:
            values = _fit(values, columns, plain)
        if any(values):
            yield number, values


def _fit(values: list[Any], columns: tuple[int, ...], plain: bool) -> list[Any]:
    size, width = len(values), len(columns)
    if size < width and plain:
        return values + [None] * (width - size)
    kept = [values[i] if i < size else None for i in columns]
    last = columns[-1] + 1 if columns else 0
    extra = values[last:]
    while extra and extra[-1] is None:
        extra.pop()
    return kept + extra


def hold_back(rows: Iterator[Row], count: int) -> Iterator[Row]:
    """All rows but the last ``count``."""
    waiting: list[Row] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) > count:
            yield waiting.pop(0)
