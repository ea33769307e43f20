"""Columns that are worked out of the others: appended to what a file has, and from then on columns like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing.added_formulas import (
    AddedColumnError,
    Value,
    by_header,
    by_place,
    compile_formula,
)
from crm_desktop.importing.column_types import guess_column
from crm_desktop.importing.headers import unique_headers
from crm_desktop.importing.table import Evidence, FileGuess, ReadOptions, Row, SheetGuess

_LOOKED_AT = 3_000
Added = tuple[tuple[str, str], ...]


def check_column(name: str, formula: str, headers: Sequence[str]) -> Value:
    """The function of a new column.

    Args:
        headers: of the columns before it.

    Raises:
        UserError: it has no name or one that is taken; ``AddedColumnError`` where its formula is not right.
    """
    if not name.strip():
        raise UserError(N_("Give the new column a name."))
    if unique_headers([*headers, name])[-1] != " ".join(name.split()):
        raise UserError(N_("There is a column “{name}” already. Choose another name."), name=name.strip())
    return compile_formula(name, formula, headers)


def extend(file: FileGuess, added: Added, read: Callable[[ReadOptions], Iterator[Row]]) -> FileGuess:
    """What was found out about a file, with the added columns of its table.

    A column whose formula does not fit the file is left out; ``evidence`` says so.

    Args:
        read: gives the rows of the file.
    """
    sheet = file.best
    rows = [_padded(cells, len(sheet.columns)) for _number, cells in islice(read(file.options()), _LOOKED_AT)]
    headers, columns, kept, evidence = list(sheet.headers), list(sheet.columns), [], list(file.evidence)
    for name, formula in added:
        written = unique_headers([*headers, name])[-1]
        try:
            work = compile_formula(name, formula, headers)
        except AddedColumnError as error:
            evidence.append(Evidence(error.message, error.params))
            continue
        for cells in rows:
            cells.append(work(cells))
        guess = guess_column(len(columns), written, [cells[-1] for cells in rows], written)
        filled = sum(1 for cells in rows if cells[-1] is not None)
        if len(rows) == _LOOKED_AT:
            filled = round(filled * sheet.rows / len(rows))
        columns.append(replace(guess, filled=filled, total=sheet.rows))
        kept.append((written, by_place(formula, headers)))
        headers.append(written)
    longer = replace(sheet, columns=tuple(columns), added=tuple(kept))
    sheets = tuple(longer if one is sheet else one for one in file.sheets)
    return replace(file, sheets=sheets, evidence=tuple(evidence))


def append(rows: Iterator[Row], options: ReadOptions) -> Iterator[Row]:
    """The rows with the added columns behind those that are kept.

    Raises:
        AddedColumnError: a formula names a column that the file does not have.
    """
    width = len(options.columns)
    headers = [f"#{n}" for n in range(1, width + len(options.added) + 1)]
    work = [compile_formula(name, text, headers[: width + at]) for at, (name, text) in enumerate(options.added)]
    return _appended(rows, width, work)


def _appended(rows: Iterator[Row], width: int, work: Sequence[Value]) -> Iterator[Row]:
    for number, cells in rows:
        beyond, cells = cells[width:], _padded(cells, width)
        for one in work:
            cells.append(one(cells))
        yield number, cells + beyond


def _padded(cells: Sequence[Any], width: int) -> list[Any]:
    return [*cells[:width], *(None for _ in range(width - len(cells)))]


def shown(sheet: SheetGuess) -> Added:
    """The added columns of a table with their formulas as people read them."""
    return tuple((name, by_header(formula, sheet.headers)) for name, formula in sheet.added)
