"""Tables in HTML (often named .xls by old programs) and in the XML spreadsheets of Excel 2003."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing.encodings import LENIENT, guess_encoding
from crm_desktop.importing.sniff import damaged
from crm_desktop.importing.table import ErrorCell, Evidence, Row
from crm_desktop.importing.tidy import plain_text, tidy, tidy_text
from crm_desktop.importing.workbook_reader import Sheet

_CHARSET = re.compile(rb"charset=[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BLOCK = frozenset({"br", "p", "div", "li"})
_MOST_SPAN = 1000
_NO_TABLE = N_(
    "“{name}” is a web page without a table: “{title}”. Often this is an error that was saved in place of the data. "
    "Sign in to the other program and export it again."
)


class _Tables(HTMLParser):
    """Collects the tables of a page; a table inside a cell stands on its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[list[Any]]]] = []
        self._open: list[_Grid] = []
        self._caption = ""
        self._in_caption = False
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag in ("script", "style"):
            self._skip += 1
        elif tag == "table":
            self._open.append(_Grid())
            self._caption = ""
        elif tag == "caption":
            self._in_caption = True
        elif self._open:
            grid = self._open[-1]
            if tag == "tr":
                grid.start_row()
            elif tag in ("td", "th"):
                given = dict(attrs)
                grid.start_cell(_span(given.get("colspan")), _span(given.get("rowspan")))
            elif tag in _BLOCK:
                grid.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened; pages that forget to close are common."""
        if tag in ("script", "style"):
            self._skip = max(0, self._skip - 1)
        elif tag == "caption":
            self._in_caption = False
        elif self._open and tag in ("td", "th"):
            self._open[-1].end_cell()
        elif self._open and tag == "tr":
            self._open[-1].end_row()
        elif self._open and tag == "table":
            self._finish()

    def handle_data(self, data: str) -> None:
        """Text goes to the cell that is open."""
        if self._skip:
            return
        if self._in_caption:
            self._caption += data
        elif self._open:
            self._open[-1].text.append(data)

    def close(self) -> None:
        """Take what was not closed, too."""
        super().close()
        while self._open:
            self._finish()

    def _finish(self) -> None:
        grid = self._open.pop()
        grid.end_row()
        if grid.rows:
            self.tables.append((" ".join(self._caption.split()), grid.rows))


class _Grid:
    """A table while it is read: spans are filled downwards, and to the right with nothing."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.text: list[str] = []
        self._row: list[Any] | None = None
        self._cell: tuple[int, int] | None = None
        self._down: dict[int, tuple[int, Any]] = {}

    def start_row(self) -> None:
        """A new row; an open one ends."""
        self.end_row()
        self._row = []

    def start_cell(self, across: int, down: int) -> None:
        """A new cell; an open one ends."""
        self.end_cell()
        if self._row is None:
            self._row = []
        self._cell = (across, down)
        self.text = []

    def end_cell(self) -> None:
        """Put the text into the row."""
        if self._cell is None or self._row is None:
            return
        self._carry()
        across, down = self._cell
        self._cell = None
        value = _clean("".join(self.text))
        column = len(self._row)
        self._row.extend([value, *[None] * (across - 1)])
        if down > 1:
            self._down[column] = (down - 1, value)

    def end_row(self) -> None:
        """Keep the row."""
        self.end_cell()
        if self._row is None:
            return
        self._carry()
        self.rows.append(self._row)
        self._row = None

    def _carry(self) -> None:
        assert self._row is not None
        while len(self._row) in self._down:
            column = len(self._row)
            left, value = self._down.pop(column)
            self._row.append(value)
            if left > 1:
                self._down[column] = (left - 1, value)
                if len(self._row) > 16_384:
                    return


def html_tables(path: Path) -> list[Sheet]:
    """The tables of a page (or of a web archive), as sheets."""
    parser = _Tables()
    page = _page(path.read_bytes())
    parser.feed(page)
    parser.close()
    if not parser.tables:
        raise UserError(_NO_TABLE, name=path.name, title=_title(page))
    several = len(parser.tables) > 1
    label = N_("Table {n}")
    found = []
    for number, (caption, rows) in enumerate(parser.tables, 1):
        name = caption or (str(Evidence(label, {"n": number})) if several else path.stem)
        found.append(Sheet(name, _numbered(rows)))
    return found


def _title(page: str) -> str:
    """What a page says first: its title, or the beginning of its text."""
    found = re.search(r"(?is)<title[^>]*>(.*?)</title>", page)
    return " ".join(plain_text(found[1] if found else page).split())[:80]


def _numbered(rows: list[list[Any]]) -> Any:
    return lambda: iter(list(enumerate(([*row] for row in rows), 1)))


def _page(data: bytes) -> str:
    if data[:13].upper().startswith(b"MIME-VERSION:"):
        message = email.message_from_bytes(data, policy=email.policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/html":
                content = part.get_payload(decode=True)
                data = content if isinstance(content, bytes) else b""
                break
    said = _CHARSET.search(data[:4000])
    guess = guess_encoding(data[:1_000_000])
    encoding = guess.encoding
    if said and encoding not in ("utf-8-sig", "utf-16", "utf-32") and guess.confidence < 0.99:
        encoding = said[1].decode("ascii")
    try:
        return data.decode(encoding, LENIENT)
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8", LENIENT)


def _span(text: str | None) -> int:
    digits = re.match(r"\s*(\d{1,5})", text or "")
    return max(1, min(_MOST_SPAN, int(digits[1]))) if digits else 1


def _clean(text: str) -> Any:
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").split("\n"))
    return tidy_text("\n".join(line for line in lines if line))


def xml_sheets(path: Path) -> list[Sheet]:
    """The worksheets of an Excel 2003 XML file (SpreadsheetML)."""
    sheets: list[Sheet] = []
    try:
        for _event, element in ElementTree.iterparse(path):
            if element.tag == f"{_SS}Worksheet":
                rows = list(_xml_rows(element))
                sheets.append(Sheet(element.get(f"{_SS}Name") or str(len(sheets) + 1), _again(rows)))
                element.clear()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise damaged(path, error) from error
    return sheets


def _again(rows: list[Row]) -> Any:
    return lambda: iter([(number, [*values]) for number, values in rows])


def _xml_rows(sheet: ElementTree.Element) -> Iterator[Row]:
    number = 0
    for row in sheet.iter(f"{_SS}Row"):
        number = _index(row, number)
        values: list[Any] = []
        column = 0
        for cell in row.iter(f"{_SS}Cell"):
            column = min(_index(cell, column), 16_384)
            values.extend([None] * (column - 1 - len(values)))
            values.append(_xml_value(cell))
            column += min(16_384, int(cell.get(f"{_SS}MergeAcross") or 0))
        yield number, values


def _index(element: ElementTree.Element, last: int) -> int:
    given = element.get(f"{_SS}Index")
    return max(int(given), last + 1) if given and given.isdigit() else last + 1


def _xml_value(cell: ElementTree.Element) -> Any:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return None
    text = "".join(data.itertext()).strip()
    kind = data.get(f"{_SS}Type")
    if not text:
        return None
    if kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "DateTime":
        try:
            moment = datetime.fromisoformat(text.split(".")[0])
        except ValueError:
            return text
        return moment.date() if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else moment
    if kind == "Boolean":
        return text == "1"
    return ErrorCell(text) if kind == "Error" else tidy(text)
