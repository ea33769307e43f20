"""The error cells (#N/A, #REF!, ...) of a workbook, which calamine gives as blank cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

ErrorCells = dict[int, dict[int, str]]
"""0-based row to 0-based column to the text of the error."""

_REFERENCE = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?\bt="e"[^>]*>(?:<f\b[^>]*?(?:/>|>.*?</f>))?\s*<v>([^<]{1,30})</v>',
    re.DOTALL,
)
_REFERENCE_LATE = re.compile(
    rb'<c\b[^>]*?\bt="e"[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<f\b[^>]*?(?:/>|>.*?</f>))?\s*<v>([^<]{1,30})</v>',
    re.DOTALL,
)
_CHUNK = 1 << 20
_OVERLAP = 1 << 14


def error_cells(path: Path, sheet: str) -> ErrorCells:
    """Where a sheet of a workbook has errors; empty where it has none or where that cannot be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            return _scan(archive, part) if part else {}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, ValueError, EOFError, NotImplementedError):
        return {}


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
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
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            if b't="e"' in text:
                for pattern in (_REFERENCE, _REFERENCE_LATE):
                    for letters, row, error in pattern.findall(text):
                        found[int(row) - 1][_column(letters)] = error.decode("utf-8", "replace")
            rest = text[-_OVERLAP:]
    return dict(found)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
