"""Numbers as a workbook shows them where its format adds leading zeros and signs: 00000-000, 000.000.000-00.

Such cells are codes (tax numbers, postcodes, phones), and what is shown is what people mean. The value that a reader gets
has lost the zeros.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from crm_desktop.importing import table
from crm_desktop.importing.cell_errors import column_number, part_of
from crm_desktop.importing.compound import stream

_LITERALS = frozenset(" -+/():!^'~{}=$.")
_CHUNK, _OVERLAP = 1 << 20, 1 << 12
_SHEET, _EOF, _BOF, _FORMAT, _XF = 0x0085, 0x000A, 0x0809, 0x041E, 0x00E0
_NUMBER, _RK, _MULRK, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")


class ShownNumbers:
    """Which cells of a sheet have a format with leading zeros, kept as runs of rows in each column."""

    def __init__(self) -> None:
        self._runs: dict[int, list[list[int]]] = {}
        self._formats: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    def note(self, row: int, column: int, code: str) -> None:
        """A cell (0-based) has a format. Rows come in their order."""
        if code not in self._formats:
            self._formats.append(code)
        number = self._formats.index(code)
        runs = self._runs.setdefault(column, [])
        if runs and runs[-1][2] == number and runs[-1][1] == row - 1:
            runs[-1][1] = row
        elif not runs or runs[-1][1] < row:
            runs.append([row, row, number])

    def apply(self, row: int, values: list[object], left: int) -> None:
        """Put what is shown in the place of numbers of a row whose first cell is in the column ``left``."""
        for column, runs in self._runs.items():
            place = column - left
            if not 0 <= place < len(values) or type(values[place]) is not int:
                continue
            at = bisect_right(runs, row, key=lambda run: run[0]) - 1
            if at >= 0 and runs[at][1] >= row:
                text = shown(self._formats[runs[at][2]], values[place])  # type: ignore[arg-type]
                if text is not None:
                    values[place] = text


def pads(code: str) -> bool:
    """Whether a number format shows leading zeros, as codes have them."""
    return any(_tokens(section) is not None for _condition, section in _sections(code))


def shown(code: str, value: int) -> str | None:
    """A whole number in a format with leading zeros; None where the format shows it as a plain number.

    Source: ECMA-376 part 1, 18.8.31 (number formats), as far as codes need it.
    """
    if value < 0:
        return None
    sections = _sections(code)
    chosen = next((text for (sign, limit), text in sections if sign and _holds(value, sign, limit)), None)
    if chosen is None:
        chosen = next((text for (sign, _limit), text in sections if not sign), sections[-1][1])
    tokens = _tokens(chosen)
    return None if tokens is None else _filled(tokens, str(value))


def _filled(tokens: list[tuple[str, str]], digits: str) -> str:
    places = sum(kind == "digit" for kind, _text in tokens)
    digits = digits.rjust(places, "0")
    extra, rest = digits[: len(digits) - places], list(digits[len(digits) - places :])
    out = []
    for kind, text in tokens:
        if kind == "digit":
            out.append(extra + rest.pop(0))
            extra = ""
        else:
            out.append(text)
    return "".join(out).strip()


def _holds(value: int, sign: str, limit: float) -> bool:
    return {
        "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit, "=": value == limit,
        "<>": value != limit,
    }[sign]  # fmt: skip


@lru_cache(maxsize=500)
def _sections(code: str) -> tuple[tuple[tuple[str, float], str], ...]:
    found = []
    for part in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", code)[:2]:
        condition = _CONDITION.search(part)
        sign, limit = (condition[1], float(condition[2])) if condition else ("", 0.0)
        # colours and languages say nothing about the digits; [$R$-416] is money
        plain = re.sub(r"\[\$-[^\]]*\]|\[(?![\$hmsHMS])[^\]]*\]", "", part)
        found.append(((sign, limit), plain))
    if len(found) == 2 and not found[0][0][0] and not found[1][0][0]:
        found = found[:1]  # the second is for negative numbers
    return tuple(found)


@lru_cache(maxsize=500)
def _tokens(section: str) -> list[tuple[str, str]] | None:
    """The digits and signs of a format for codes; None for formats of amounts, dates and texts."""
    tokens: list[tuple[str, str]] = []
    zeros = literals = 0
    at = 0
    while at < len(section):
        char = section[at]
        if char == "\\" and at + 1 < len(section):
            tokens.append(("text", section[at + 1]))
            literals += 1
            at += 1
        elif char == '"':
            end = section.find('"', at + 1)
            if end < 0:
                return None
            tokens.append(("text", section[at + 1 : end]))
            literals += 1
            at = end
        elif char == "_" or char == "*":
            at += 1
        elif char == "0":
            zeros += 1
            tokens.append(("digit", ""))
        elif char == "#" and not zeros:
            pass
        elif char == "." or char not in _LITERALS:
            return None
        else:
            tokens.append(("text", char))
            literals += 1
        at += 1
    return tokens if zeros >= 3 or zeros == 2 and literals else None


def shown_numbers(path: Path, kind: str, sheet: str, position: int) -> ShownNumbers:
    """The cells of a sheet with such formats; empty where there are none or where that cannot be told.

    Args:
        path: the workbook.
        kind: ``table.XLSX``, ``table.XLS`` or ``table.ODS``.
        sheet: the name of the sheet.
        position: its place among all sheets.
    """
    found = ShownNumbers()
    try:
        if kind == table.XLS:
            _biff(path.read_bytes(), position, found)
        elif kind in (table.XLSX, table.ODS):
            with zipfile.ZipFile(path) as archive:
                if kind == table.XLSX:
                    _ooxml(archive, sheet, found)
                else:
                    _ods(archive, sheet, found)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ElementTree.ParseError, NotImplementedError):
        return ShownNumbers()
    except (KeyError, OSError, ValueError, EOFError, struct.error, zlib.error, RuntimeError, IndexError):
        return ShownNumbers()
    return found


def _ooxml(archive: zipfile.ZipFile, sheet: str, found: ShownNumbers) -> None:
    if "xl/styles.xml" not in archive.namelist():
        return
    styles = _styles(archive.read("xl/styles.xml"))
    part = part_of(archive, sheet) if styles else ""
    if not part:
        return
    numbers = b"|".join(str(number).encode() for number in styles)
    cell = re.compile(
        rb'<c\b(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")(?=[^>]*?\bs="(' + numbers + rb')")(?![^>]*\bt="(?!n"))[^>]*>'
    )
    rest = b""
    with archive.open(posixpath.normpath(part)) as content:
        while chunk := content.read(_CHUNK):
            text = rest + chunk
            for letters, row, style in cell.findall(text):
                found.note(int(row) - 1, column_number(letters), styles[int(style)])
            rest = text[-_OVERLAP:]


def _styles(content: bytes) -> dict[int, str]:
    """Number of a cell style to its format, for formats with leading zeros."""
    codes: dict[str, str] = {}
    styles: dict[int, str] = {}
    for element in ElementTree.fromstring(content).iter():
        name = element.tag.rpartition("}")[2]
        if name == "numFmt":
            codes[element.get("numFmtId", "")] = element.get("formatCode", "")
        elif name == "cellXfs":
            for number, style in enumerate(element):
                code = codes.get(style.get("numFmtId", ""), "")
                if code and pads(code):
                    styles[number] = code
    return styles


def _biff(data: bytes, position: int, found: ShownNumbers) -> None:
    """Formats of an Excel 5 to 2003 file (MS-XLS 2.4.126 Format, 2.4.353 XF, 2.4.180 Number, 2.4.220 RK, 2.4.175 MulRk)."""
    book = stream(data, "Workbook", "Book")
    codes: dict[int, str] = {}
    styles: dict[int, str] = {}
    offsets: list[int] = []
    formats = 0
    wide = book[4:6] == b"\x00\x06"
    for record, start, size in _records(book, 0):
        if record == _SHEET:
            offsets.append(struct.unpack_from("<I", book, start)[0])
        elif record == _FORMAT:
            number, code = _format(book[start : start + size], wide)
            codes[number] = code
        elif record == _XF:
            code = codes.get(struct.unpack_from("<H", book, start + 2)[0], "")
            if code and pads(code):
                styles[formats] = code
            formats += 1
        elif record == _EOF:
            break
    if not styles or position >= len(offsets):
        return
    depth = 0
    for record, start, size in _records(book, offsets[position]):
        if record == _BOF:
            depth += 1
        elif record == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif record in (_NUMBER, _RK, _FORMULA) and size >= 6:
            row, column, style = struct.unpack_from("<HHH", book, start)
            if style in styles:
                found.note(row, column, styles[style])
        elif record == _MULRK and size >= 6:
            row, first = struct.unpack_from("<HH", book, start)
            for number in range((size - 6) // 6):
                (style,) = struct.unpack_from("<H", book, start + 4 + 6 * number)
                if style in styles:
                    found.note(row, first + number, styles[style])


def _records(book: bytes, at: int) -> Iterable[tuple[int, int, int]]:
    while at + 4 <= len(book):
        record, size = struct.unpack_from("<HH", book, at)
        yield record, at + 4, size
        at += 4 + size


def _format(body: bytes, wide: bool) -> tuple[int, str]:
    (number,) = struct.unpack_from("<H", body, 0)
    if not wide:
        return number, body[3 : 3 + body[2]].decode("cp1252", "replace")
    (length,) = struct.unpack_from("<H", body, 2)
    if body[4] & 1:
        return number, body[5 : 5 + 2 * length].decode("utf-16-le", "replace")
    return number, body[5 : 5 + length].decode("latin-1")


def _ods(archive: zipfile.ZipFile, sheet: str, found: ShownNumbers) -> None:
    """OpenDocument keeps the text that is shown beside the number: taken where it has zeros in front or signs."""
    content = archive.read("content.xml")
    styles = archive.read("styles.xml") if "styles.xml" in archive.namelist() else b""
    if not re.search(rb'min-integer-digits="(?:[3-9]|\d\d)"|embedded-text', content + styles):
        return
    for element in ElementTree.fromstring(content).iter():
        if _local(element.tag) == "table" and _attribute(element, "name") == sheet:
            _ods_rows(element, found)


def _ods_rows(sheet: ElementTree.Element, found: ShownNumbers) -> None:
    number = 0
    for row in sheet.iter():
        if _local(row.tag) != "table-row":
            continue
        column = 0
        repeated = int(_attribute(row, "number-rows-repeated") or 1)
        for cell in row:
            across = int(_attribute(cell, "number-columns-repeated") or 1)
            if _attribute(cell, "value-type") == "float":
                code = _code_of("".join(cell.itertext()).strip(), _attribute(cell, "value"))
                for more in range(min(across, 100) if code else 0):
                    found.note(number, column + more, code)
            column += across
        number += repeated


def _code_of(text: str, value: str) -> str:
    """The format that shows a value as this text; "" where it is no code."""
    digits = re.sub(r"\D", "", text)
    whole = value.removesuffix(".0")
    if not whole.isdigit() or digits.lstrip("0") != whole.lstrip("0") or digits == whole:
        return ""
    return re.sub(r"[^\d]", lambda found: "\\" + found[0], re.sub(r"\d", "0", text).replace("0", "\0")).replace(
        "\\\0", "0"
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")
