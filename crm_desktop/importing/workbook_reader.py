"""Spreadsheets through calamine: xlsx, xls, xlsb and ods, with merged cells, errors and row numbers kept."""

from __future__ import annotations

import io
import struct
import threading
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing import table
from crm_desktop.importing.cell_errors import ErrorCells, error_cells
from crm_desktop.importing.compound import stream
from crm_desktop.importing.shown_numbers import ShownNumbers, shown_numbers
from crm_desktop.importing.sniff import damaged, protected
from crm_desktop.importing.table import ErrorCell, Row
from crm_desktop.importing.tidy import tidy, tidy_column

_BROKEN = (
    python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError, OSError, zipfile.BadZipFile, zlib.error,
    NotImplementedError, EOFError, KeyError,
)  # fmt: skip
_FILE_PASS, _END_OF_STREAM = 0x002F, 0x000A
_UNPACKED_MOST = 3 * 1024**3
_TOO_LARGE = N_(
    "“{name}” is too large to be read as a workbook. Save its sheets as CSV files and choose those one by one."
)
_MANIFEST = "META-INF/manifest.xml"
_NO_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_KEEP_UP_TO = 40 * 1024 * 1024
_EXACT = 2.0**53
"""Above this a float no longer holds every integer."""
_AT_ONCE = 500
"""Rows whose cells are worked out together."""


@dataclass
class Sheet:
    """One sheet: its name, whether it is hidden, and :attr:`rows`, which may be called again and again.

    A sheet with several tables has them in ``tables``, once they were looked for; each says its ``place`` in the sheet and
    how many ``siblings`` there are, itself counted.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    hidden: bool = False
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    place: str = ""
    siblings: int = 1
    tables: list[Sheet] = field(default_factory=list)


_recent: dict[tuple[str, int, int], list[Sheet]] = {}
_recent_lock = threading.Lock()


def open_workbook(path: Path, kind: str) -> list[Sheet]:
    """The sheets of a workbook that may hold data (no charts, no macros).

    The last workbook is kept: looking, rehearsing and importing read the same file one after the other.
    """
    status = path.stat()
    key = (str(path), status.st_mtime_ns, status.st_size)
    with _recent_lock:
        found = _recent.get(key)
    if found is None:
        found = _open(path, kind)
        with _recent_lock:
            _recent.clear()
            if status.st_size <= _KEEP_UP_TO:
                _recent[key] = found
    return found


def forget_workbook() -> None:
    """Free the memory of the workbook that was read last."""
    with _recent_lock:
        _recent.clear()


def _open(path: Path, kind: str) -> list[Sheet]:
    try:
        book = _load(path, kind)
        return [
            _sheet(path, kind, book, number, meta)
            for number, meta in enumerate(book.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError as error:
        raise protected(path) from error
    except _BROKEN as error:
        if "password" in str(error).lower():
            raise protected(path) from error
        raise damaged(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(path, error) from error


def _load(path: Path, kind: str) -> Any:
    if kind != table.XLS:
        _check_size(path)
    if kind == table.ODS:
        with zipfile.ZipFile(path) as archive:
            first = archive.infolist()[0]
            stored = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
            if not stored or _MANIFEST not in archive.namelist():
                return python_calamine.CalamineWorkbook.from_filelike(_with_mimetype(archive))
    data = path.read_bytes()
    if kind == table.XLS and _has_file_pass(stream(data, "Workbook", "Book")):
        raise protected(path)
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))


def _check_size(path: Path) -> None:
    """Refuse a workbook that is small on the disk and enormous when unpacked."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_MOST:
            raise UserError(_TOO_LARGE, name=path.name)


def _has_file_pass(book: bytes) -> bool:
    """Whether an old workbook is encrypted: a FilePass record in the first substream (MS-XLS 2.4.117)."""
    at = 0
    while at + 4 <= len(book):
        record, size = struct.unpack_from("<HH", book, at)
        if record in (_FILE_PASS, _END_OF_STREAM):
            return bool(record == _FILE_PASS)
        at += 4 + size
    return False


def _with_mimetype(archive: zipfile.ZipFile) -> io.BytesIO:
    """Some programs leave out the entry that names the format, or pack it; the rest of the file is good."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as fixed:
        fixed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        for name in dict.fromkeys(archive.namelist()):
            if name == "mimetype":
                continue
            fixed.writestr(name, archive.read(name))
        if _MANIFEST not in archive.namelist():
            fixed.writestr(_MANIFEST, _NO_MANIFEST)
    content.seek(0)
    return content


def _sheet(path: Path, kind: str, book: Any, number: int, meta: Any) -> Sheet:
    loaded: list[Any] = []
    errors: list[ErrorCells] = []
    padded: list[ShownNumbers] = []

    def sheet() -> Any:
        if not loaded:
            loaded.append(_guarded(path, lambda: book.get_sheet_by_index(number)))
        return loaded[0]

    def rows() -> Iterator[Row]:
        if not errors:
            errors.append(error_cells(path, kind, meta.name, number))
            padded.append(shown_numbers(path, kind, meta.name, number))
        return _rows(sheet(), errors[0], padded[0])

    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    return Sheet(meta.name, rows, hidden)


def _guarded(path: Path, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except _BROKEN as error:
        raise damaged(path, error) from error
    except BaseException as error:
        # a bug of the reader on a broken file arrives as a panic, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(path, error) from error


def _rows(sheet: Any, errors: ErrorCells, padded: ShownNumbers) -> Iterator[Row]:
    if sheet.start is None:
        return
    left = sheet.start[1]
    merged = _merged(sheet, left)
    carried: dict[int, Any] = {}
    for number, row in enumerate(_cells(sheet.iter_rows()), 1):
        if padded:
            padded.apply(number - 1, row, left)
        if errors and number - 1 in errors:
            for column, text in errors[number - 1].items():
                if 0 <= column - left < len(row):
                    row[column - left] = ErrorCell(text)
        if merged and number - 1 in merged and any(value is not None for value in row):
            for column, first in merged[number - 1]:
                if number - 1 == first:
                    carried[column] = row[column]
                elif row[column] is None:
                    row[column] = carried.get(column)
        yield number, ([None] * left + row) if left else row


def _cells(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Rows of cells as people read them, worked out column by column: most columns hold nothing that needs care."""
    while some := list(islice(rows, _AT_ONCE)):
        yield from map(list, zip(*map(_column, zip(*some, strict=True)), strict=True))


def _column(cells: tuple[Any, ...]) -> Sequence[Any]:
    kinds = set(map(type, cells))
    if kinds == {str}:
        return tidy_column(cells)
    if kinds <= {date, type(None)}:
        return cells
    return [
        (int(v) if v.is_integer() and -_EXACT < v < _EXACT else v)
        if type(v) is float
        else tidy(v)
        if type(v) is str
        else v
        if v is None or type(v) is date
        else _converted(v)
        for v in cells
    ]


def _converted(value: Any) -> Any:
    if isinstance(value, timedelta):
        return _clock(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time(0) and value.tzinfo is None else value.replace(microsecond=0)
    if isinstance(value, date | bool | int | time) or value is None:
        return value
    return tidy(str(value))


def _clock(value: timedelta) -> Any:
    """A duration below a day is a time of day; a longer one is text such as "36:00:00"."""
    seconds = round(value.total_seconds())
    if 0 <= seconds < 86_400:
        return (datetime.min + timedelta(seconds=seconds)).time()
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _merged(sheet: Any, left: int) -> dict[int, list[tuple[int, int]]]:
    """Rows that take the value of a cell merged downwards: row to (column, first row)."""
    try:
        ranges = sheet.merged_cell_ranges or []
    except python_calamine.CalamineError:
        ranges = []
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (top, column), (bottom, _right) in ranges:
        if bottom > top and bottom - top < 100_000 and column >= left and column - left < sheet.width:
            for row in range(top, bottom + 1):
                found[row].append((column - left, top))
    return found
