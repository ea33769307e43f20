"""Tables of formats that name every value themselves: JSON, LDIF and DBF."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import table
from crm_desktop.importing.column_types import guess_columns
from crm_desktop.importing.dbf_reader import open_dbf
from crm_desktop.importing.headers import unique_headers
from crm_desktop.importing.json_reader import open_json
from crm_desktop.importing.ldif_reader import open_ldif
from crm_desktop.importing.named_table import NamedTable
from crm_desktop.importing.sniff import nothing_inside
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess, ReadOptions, Row, SheetGuess
from crm_desktop.importing.tables import Scan, data_likeness, thinned
from crm_desktop.importing.tidy import tidy_cell

_OPENERS: Mapping[str, Callable[[Path, str], list[NamedTable]]] = {
    table.JSON: open_json,
    table.LDIF: open_ldif,
    table.DBF: open_dbf,
}
_recent: dict[tuple[str, int, int, str, str], list[NamedTable]] = {}
_lock = threading.Lock()


def open_named(path: Path, kind: str, encoding: str = "") -> list[NamedTable]:
    """The tables of a file. Their columns are known only after the whole file was read: the last few are kept."""
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size, kind, encoding)
    with _lock:
        found = _recent.get(key)
    if found is None:
        found = _OPENERS[kind](path, encoding)
        with _lock:
            while len(_recent) > 8:
                _recent.pop(next(iter(_recent)))
            _recent[key] = found
    return found


def inspect(path: Path, kind: str, given: ReadOptions, progress: Progress | None) -> FileGuess:
    """Every table of the file and what its columns are."""
    tables = open_named(path, kind, given.encoding)
    sheets = [sheet for one in tables if (sheet := _inspect(one, path, progress)) is not None]
    if not sheets:
        raise nothing_inside(path)
    best = max(range(len(sheets)), key=lambda i: sheets[i].confidence * min(1.0, 0.5 + sheets[i].rows / 40) * 0.97**i)
    if given.sheet:
        best = next((i for i, sheet in enumerate(sheets) if sheet.name == given.sheet), best)
    of_sheets: tuple[Evidence, ...] = ()
    if len(sheets) > 1:
        params = {"n": len(sheets), "name": sheets[best].name}
        of_sheets = (Evidence(N_("Of {n} tables in the file, “{name}” looks like data"), params),)
    return FileGuess(
        str(path), kind, tuple(sheets), best, encoding=tables[0].encoding,
        evidence=(*sheets[best].evidence, *of_sheets), of_sheets=of_sheets,
    )  # fmt: skip


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    """The records of a table, numbered from 1, with the columns that were chosen."""
    tables = open_named(path, options.kind, options.encoding)
    chosen = next((one for one in tables if one.name == options.sheet), tables[0] if tables else None)
    if chosen is None:
        raise nothing_inside(path)
    kept = options.columns
    skipped = frozenset(options.skip_rows)
    for number, values in chosen.rows():
        if number - 1 in skipped:
            continue
        size = len(values)
        row = [tidy_cell(values[i]) if i < size else None for i in kept]
        if any(value is not None for value in row):
            yield number, row


@dataclass
class _Bytes:
    """What is counted about columns of pictures, which no guess may look at."""

    columns: set[int] = field(default_factory=set)


def _inspect(one: NamedTable, path: Path, progress: Progress | None) -> SheetGuess | None:
    scan, pictures = Scan(), _Bytes()
    for number, values in one.rows():
        if progress and number % 5000 == 0:
            progress.check()
        for column, value in enumerate(values):
            if isinstance(value, bytes):
                pictures.columns.add(column)
        scan.add(number, [tidy_cell(value) for value in values])
    if not scan.filled:
        return None
    kept = [i for i in range(len(one.headers)) if (i < len(scan.used) and scan.used[i]) or one.keep_empty]
    originals = [one.headers[i] for i in kept]
    names = unique_headers(originals, kept)
    rows = [
        [None if i in pictures.columns or i >= len(row) else row[i] for i in kept]
        for row in thinned(scan.sample, len(kept))
    ]
    guesses = guess_columns(names, rows, originals)
    columns = tuple(
        _counted(guess, scan, source, one.kinds.get(source), source in pictures.columns)
        for guess, source in zip(guesses, kept, strict=True)
    )
    sheet = SheetGuess(
        one.name or path.stem, scan.filled, columns, 0, 0, 0, source_columns=tuple(kept), header_confidence=1.0,
        evidence=tuple(one.evidence()),
    )  # fmt: skip
    return replace(sheet, confidence=data_likeness(sheet, scan, False))


def _counted(
    guess: ColumnGuess, scan: Scan, source: int, said: tuple[str, str] | None, picture: bool
) -> ColumnGuess:  # fmt: skip
    filled = scan.used[source] if source < len(scan.used) else 0
    guess = replace(guess, filled=filled, total=scan.filled)
    if picture:
        said = ("image", "")
    if said:
        why = (Evidence(N_("The format says what this is")),)
        guess = replace(guess, kind=said[0], detail=said[1], confidence=1.0, evidence=why, samples=guess.samples)
    return guess
