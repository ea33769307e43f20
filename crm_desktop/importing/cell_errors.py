"""The error cells (#N/A, #REF!, ...) of a workbook, which calamine gives as blank or zero."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from crm_desktop.importing import table
from crm_desktop.importing.compound import stream

ErrorCells = dict[int, dict[int, str]]
"""0-based row to 0-based column to the text of the error."""

_UNCALCULATED = re.compile(
    rb'<c\b(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")[^>]*>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>|)\s*</c>'
)
"""A formula without its result: no program has calculated the workbook since it was written."""
_VALUE = rb"[^>]*>(?:<f\b[^>]*?(?:/>|>.*?</f>))?\s*<v>([^<]{1,30})</v>"
_PATTERNS = (
    re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?\bt="e"' + _VALUE, re.DOTALL),
    re.compile(rb'<c\b[^>]*?\bt="e"[^>]*?\br="([A-Z]{1,3})(\d{1,7})"' + _VALUE, re.DOTALL),
)
_CHUNK = 1 << 20
_OVERLAP = 1 << 14
_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BOF, _EOF, _SHEET, _BOOLERR, _FORMULA = 0x0809, 0x000A, 0x0085, 0x0205, 0x0006
_ODS_MARK = b'value-type="error"'


def error_cells(path: Path, kind: str, sheet: str, position: int) -> ErrorCells:
    """Where a sheet of a workbook has errors; empty where it has none or where that cannot be told.

    Args:
        path: the workbook.
        kind: ``table.XLSX``, ``table.XLS`` or ``table.ODS``.
        sheet: the name of the sheet.
        position: its place among all sheets.
    """
    try:
        if kind == table.XLS:
            return _biff(path.read_bytes(), position)
        with zipfile.ZipFile(path) as archive:
            if kind == table.ODS:
                return _ods(archive, sheet)
            part = part_of(archive, sheet) if kind == table.XLSX else ""
            return _scan(archive, part) if part else {}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ElementTree.ParseError, NotImplementedError):
        return {}
    except (KeyError, OSError, ValueError, EOFError, struct.error, zlib.error, RuntimeError):
        return {}


def part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of an OOXML package that holds a sheet, through the relations of the workbook."""
    if "xl/workbook.xml" not in archive.namelist():
        return ""
    relation = ""
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            relation = next((value for key, value in element.items() if key.endswith("}id")), "")
    for element in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")).iter():
        if relation and element.get("Id") == relation:
            return posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/")
    return ""


def _scan(archive: zipfile.ZipFile, part: str) -> ErrorCells:
    found: ErrorCells = defaultdict(dict)
    rest = b""
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK):
            text = rest + chunk
            if b't="e"' in text:
                for pattern in _PATTERNS:
                    for letters, row, error in pattern.findall(text):
                        found[int(row) - 1][column_number(letters)] = error.decode("utf-8", "replace")
            if b"<f" in text:
                for letters, row, formula in _UNCALCULATED.findall(text):
                    told = "=" + unescape(formula.decode("utf-8", "replace"))[:200]
                    found[int(row) - 1].setdefault(column_number(letters), told)
            rest = text[-_OVERLAP:]
    return dict(found)


def column_number(letters: bytes) -> int:
    """The 0-based position of a column by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _biff(data: bytes, position: int) -> ErrorCells:
    """Errors of a sheet of an Excel 5 to 2003 file (MS-XLS 2.4.24 BoolErr, 2.4.127 Formula)."""
    book = stream(data, "Workbook", "Book")
    offsets = []
    at = 0
    while at + 4 <= len(book):
        record, size = struct.unpack_from("<HH", book, at)
        if record == _SHEET:
            offsets.append(struct.unpack_from("<I", book, at + 4)[0])
        elif record == _EOF:
            break
        at += 4 + size
    found: ErrorCells = defaultdict(dict)
    at = offsets[position] if position < len(offsets) else len(book)
    depth = 0
    while at + 4 <= len(book):
        record, size = struct.unpack_from("<HH", book, at)
        if record == _BOF:
            depth += 1
        elif record == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif record == _BOOLERR and size >= 8 and book[at + 11] == 1:
            row, column = struct.unpack_from("<HH", book, at + 4)
            found[row][column] = _CODES.get(book[at + 10], "#ERR")
        elif record == _FORMULA and book[at + 16 : at + 18] == b"\xff\xff" and book[at + 10] == 2:
            row, column = struct.unpack_from("<HH", book, at + 4)
            found[row][column] = _CODES.get(book[at + 12], "#ERR")
        at += 4 + size
    return dict(found)


def _ods(archive: zipfile.ZipFile, sheet: str) -> ErrorCells:
    """Errors of an OpenDocument sheet: LibreOffice marks them beside a value of zero."""
    content = archive.read("content.xml")
    if _ODS_MARK not in content:
        return {}
    found: ErrorCells = defaultdict(dict)
    for element in ElementTree.fromstring(content).iter():
        if _local(element.tag) == "table" and _attribute(element, "name") == sheet:
            _ods_rows(element, found)
    return dict(found)


def _ods_rows(sheet: ElementTree.Element, found: ErrorCells) -> None:
    number = 0
    for row in sheet.iter():
        if _local(row.tag) != "table-row":
            continue
        column = 0
        for cell in row:
            if _local(cell.tag) not in ("table-cell", "covered-table-cell"):
                continue
            if "error" in (value for key, value in cell.items() if _local(key) == "value-type"):
                found[number][column] = "".join(cell.itertext()).strip() or "#ERR"
            column += int(_attribute(cell, "number-columns-repeated") or 1)
        number += int(_attribute(row, "number-rows-repeated") or 1)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")
