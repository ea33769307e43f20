"""Delimiter, quote and escape of a text table: the reading that gives steady rows of cells that look like something.

After the idea of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
(2019): a dialect is scored by how regular its rows are times how many of its cells have a known shape.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm_desktop.core.i18n import N_
from crm_desktop.importing import cells
from crm_desktop.importing.table import Evidence

WHITESPACE = "  "
"""The delimiter "runs of white space"."""

_DELIMITERS = {
    ",": 1.0,
    ";": 1.0,
    "\t": 1.0,
    "|": 0.97,
    "#": 0.9,
    "^": 0.85,
    "~": 0.85,
    "¦": 0.9,
    "§": 0.9,
    "\x1f": 1.0,
    "\x01": 1.0,
    ":": 0.62,
    " ": 0.55,
    "*": 0.5,
    "&": 0.4,
    "=": 0.4,
    "!": 0.4,
}
_WEIGHT = {
    cells.NUMBER: 1.0,
    cells.DATE: 1.0,
    cells.TIME: 1.0,
    cells.BOOL: 1.0,
    cells.EMAIL: 1.0,
    cells.URL: 1.0,
    cells.PHONE: 1.0,
    cells.CODE: 0.95,
    cells.WORDS: 0.93,
    cells.PROSE: 0.8,
    cells.DIRTY: 0.15,
}
_SINGLE = 0.42
_MAX_ROWS = 400
_MAX_CELLS = 12_000
_FOREIGN = {",": 0.85, ";": 0.6, "\t": 0.4, "|": 0.75}
# prose has a blank after a comma or semicolon; a row that was not split has none
_TIGHT = {mark: re.compile(rf"{re.escape(mark)}(?![ \n])") for mark in _FOREIGN}
_LOOSE_APOSTROPHE = re.compile(r"(?:^|\s)'(?=\s?\w)|\w'(?=\s*[,;#|])")
_SEP_LINE = re.compile(r"^\"?sep=(.)\"?\r?\n?$", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are told apart. ``delimiter`` "" means one column."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_initial_space: bool = False
    widths: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class DialectGuess:
    """A dialect, how sure (0..1), and why."""

    dialect: Dialect
    confidence: float
    evidence: Evidence
    columns: int = 1


def split_lines(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    """The records of text lines (with their line ends) in a dialect; a blank line gives an empty list."""
    if dialect.widths:
        return ([line[a:b].strip() for a, b in dialect.widths] if line.strip() else [] for line in lines)
    if dialect.delimiter == WHITESPACE:
        return (line.split() for line in lines)
    return csv.reader(
        lines,
        delimiter=dialect.delimiter or "\x1e",
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
        skipinitialspace=dialect.skip_initial_space,
    )


def guess_dialect(sample: str, delimiter: str = "", quote: str | None = None) -> DialectGuess:
    """Choose the dialect of a sample that ends at a line end; ``delimiter`` and ``quote`` are taken as given."""
    lines = [line for line in io.StringIO(sample, newline="") if line.strip()][: _MAX_ROWS * 3]
    if not lines:
        return DialectGuess(
            Dialect(delimiter or ",", '"' if quote is None else quote), 0.0, Evidence(N_("The file has no text"))
        )
    if not delimiter and (said := _SEP_LINE.match(lines[0])):
        dialect = _finish(sample, Dialect(said[1], '"' if quote is None else quote))
        return DialectGuess(
            dialect, 1.0, Evidence(N_("The first line says which delimiter is used")), len(lines[-1].split(said[1]))
        )
    text = "".join(lines)
    candidates = _candidates(text, delimiter, quote)
    scored = [(*_score(text, dialect), dialect) for dialect in candidates]
    if not delimiter:
        scored += _score_aligned(lines)
    scored.sort(key=lambda item: -item[0])
    score, columns, dialect = scored[0]
    second = next((s for s, _, d in scored[1:] if d.delimiter != dialect.delimiter or d.widths != dialect.widths), 0.0)
    confidence = 1.0 if delimiter else max(0.2, min(0.99, 0.5 + 1.2 * (score - second) + 0.2 * (score - 0.5)))
    return DialectGuess(_finish(sample, dialect), round(confidence, 2), _evidence(dialect, columns), columns)


def _evidence(dialect: Dialect, columns: int) -> Evidence:
    if dialect.widths:
        return Evidence(N_("Columns of fixed width: {n} columns line up"), {"n": columns})
    if columns <= 1:
        return Evidence(N_("One column: no character splits the lines evenly"))
    return Evidence(N_("Most lines split into {n} cells"), {"n": columns})


def _candidates(text: str, delimiter: str, quote: str | None) -> list[Dialect]:
    present = [delimiter] if delimiter else [d for d in _DELIMITERS if d in text]
    dialects: list[Dialect] = [] if delimiter else [Dialect("", q) for q in _quotes(text, "", quote)]
    for mark in present:
        if mark == WHITESPACE:
            dialects.append(Dialect(WHITESPACE, ""))
            continue
        for sign in _quotes(text, mark, quote):
            # a backslash before the closing quote is the end of a path, not an escape
            escaped = sign and re.search(rf"\\{sign}(?!\s*(?:{re.escape(mark)}|[\r\n]|$))", text)
            escapes = ["\\", ""] if escaped else [""]
            spaces = sign and re.search(rf"{re.escape(mark)}[ ]+{sign}", text) is not None and mark != " "
            dialects += [Dialect(mark, sign, escape, bool(spaces)) for escape in escapes]
    if not delimiter and re.search(r"\S[ \t]{2,}\S", text):
        dialects.append(Dialect(WHITESPACE, ""))
    return dialects


def _quotes(text: str, mark: str, quote: str | None) -> list[str]:
    if quote is not None:
        return [quote]
    found = ['"']
    edge = re.escape(mark) if mark else r"\x00"
    if "'" in text and re.search(rf"(?:^|{edge})[ \t]*'[^'\n]*'[ \t]*(?:{edge}|\r?$)", text, re.MULTILINE):
        found.append("'")
    if '"' in text and (text.count('"') % 2 or re.search(rf"(?:^|{edge})\"[^\"\n]*$", text, re.MULTILINE)):
        found.append("")
    return found


def _read(text: str, dialect: Dialect) -> list[list[str]]:
    rows: list[list[str]] = []
    budget = _MAX_CELLS
    try:
        for row in split_lines(iter(io.StringIO(text, newline="")), dialect):
            if row:
                rows.append(row)
                budget -= len(row)
            if budget < 0 and len(rows) >= 3 or len(rows) >= _MAX_ROWS:
                break
    except csv.Error:
        return []
    return rows


def _score(text: str, dialect: Dialect) -> tuple[float, int]:
    rows = _read(text, dialect)
    if not rows:
        return 0.0, 1
    shape = _shape(rows, dialect)
    types = _types(rows, dialect)
    quoting = _quoting(text, rows, dialect)
    columns, regular = shape
    if columns <= 1:
        return _SINGLE * types * quoting, 1
    prior = 0.5 if dialect.delimiter == WHITESPACE else _DELIMITERS.get(dialect.delimiter, 1.0)
    if len(rows) == 1 and dialect.delimiter not in ",;\t|":
        prior *= 0.7
    if _spaced(text, dialect.delimiter):
        prior *= 0.85
    width = (columns - 1) / columns
    return regular * (0.3 + 0.7 * width) * types**1.5 * quoting * prior, columns


def _spaced(text: str, delimiter: str) -> bool:
    """Whether a blank follows nearly every delimiter, as in prose."""
    if delimiter in " \t":
        return False
    return text.count(delimiter + " ") > 0.9 * (text.count(delimiter) - text.count(delimiter + "\n"))


def _shape(rows: list[list[str]], dialect: Dialect) -> tuple[int, float]:
    """The usual number of cells and how regular the rows are (0..1)."""
    lengths = Counter(len(row) for row in rows)
    total = len(rows)
    columns, count = max(lengths.items(), key=lambda item: (item[1] * (item[0] > 1), item[1] * item[0]))
    if columns <= 1:
        return 1, 1.0
    near = sum(n for length, n in lengths.items() if length != columns and length > 1)
    single = lengths.get(1, 0)
    # title lines above a table and notes below it are one cell: they cost little; ragged rows cost more
    regular = (count + 0.35 * near + 0.1 * single) / total
    variety = len([length for length in lengths if length > 1])
    regular *= 1.0 if variety <= 2 else max(0.6, 1.0 - 0.04 * (variety - 2))
    filled = sum(1 for row in rows if sum(1 for cell in row if cell.strip()) > 1)
    return columns, regular * (0.4 + 0.6 * filled / total)


def _types(rows: list[list[str]], dialect: Dialect) -> float:
    """How many of the cells have a shape that people write in cells (0..1)."""
    total = 0.0
    count = 0
    for row in rows:
        for cell in row:
            kind = cells.classify_text(cell if len(cell) <= 200 else cell[:200])
            if kind == cells.EMPTY:
                continue
            weight = _WEIGHT[kind]
            if kind >= cells.CODE:
                weight *= _dirt(cell[:200], dialect)
            total += weight
            count += 1
    return total / count if count else 0.5


def _dirt(cell: str, dialect: Dialect) -> float:
    """Below 1 where a text cell holds what another dialect would have used up."""
    factor = 1.0
    if cell[0] == '"' or cell[-1] == '"':
        factor = 0.45
    elif cell[0] == "'" == cell[-1] and dialect.quote != "'" and len(cell) > 1:
        factor = 0.6
    elif dialect.quote != "'" and _LOOSE_APOSTROPHE.search(cell):
        factor = 0.7
    if cell[0] in ")]}>.,;:|" or cell[-1] in ",;|\t([":
        factor *= 0.6
    for mark, cost in _FOREIGN.items():
        if mark != dialect.delimiter and (found := len(_TIGHT[mark].findall(cell))):
            factor *= cost if found < 3 else cost * 0.8
    return factor


def _quoting(text: str, rows: list[list[str]], dialect: Dialect) -> float:
    """Below 1 where quotes were left over, or swallowed whole lines."""
    quote = dialect.quote
    lines = text.count("\n") + 1
    swallowed = max((cell.count("\n") for row in rows for cell in row), default=0)
    if swallowed > 20 and swallowed > 0.2 * lines:
        return 0.5
    if not quote:
        return 0.9
    if quote == "'":
        used = len(re.findall(rf"(?:^|{re.escape(dialect.delimiter) or chr(0)})\s*'", text[:20_000], re.MULTILINE))
        return 1.02 if used >= len(rows) // 2 else 0.9
    return 1.0


def _score_aligned(lines: list[str]) -> list[tuple[float, int, Dialect]]:
    """Fixed-width columns: positions that are blank in every line part the columns."""
    body = [line.rstrip("\r\n").expandtabs(8) if "\t" in line else line.rstrip("\r\n") for line in lines[:_MAX_ROWS]]
    if len(body) < 4 or any("\t" in line for line in lines[:50]) or max(map(len, body)) > 2000:
        return []
    width = max(map(len, body))
    used = [False] * width
    for line in body:
        for position, char in enumerate(line):
            if char != " ":
                used[position] = True
    starts = [i for i in range(width) if used[i] and (i == 0 or not used[i - 1])]
    if len(starts) < 2:
        return []
    gutters = [b - a for a, b in _gaps(used)]
    widths = _widths(starts, used, width)
    dialect = Dialect(WHITESPACE, "", widths=widths)
    rows = [[line[a:b].strip() for a, b in widths] for line in body]
    columns = len(widths)
    if all(len(line.split()) == columns for line in body):
        dialect = Dialect(WHITESPACE, "")
    same = Counter(map(len, body)).most_common(1)[0][1] / len(body)
    wide = any(gap >= 2 for gap in gutters) or same > 0.9
    full = sum(1 for row in rows for cell in row if cell) / (len(rows) * columns)
    prior = (0.66 if wide else 0.45) * (0.5 + 0.5 * full)
    return [((0.3 + 0.7 * (columns - 1) / columns) * _types(rows, dialect) ** 1.5 * prior, columns, dialect)]


def _gaps(used: list[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for position, mark in enumerate(used):
        if not mark and start is None:
            start = position
        elif mark and start is not None:
            if start:
                yield start, position
            start = None


def _widths(starts: list[int], used: list[bool], width: int) -> tuple[tuple[int, int], ...]:
    """Each column reaches back over the blanks before it: numbers are aligned to the right."""
    ends = []
    for position in starts:
        end = position
        while end < width and used[end]:
            end += 1
        ends.append(end)
    begins = [0, *ends[:-1]]
    return tuple(zip(begins, [*ends[:-1], 1_000_000], strict=True))


def _finish(sample: str, dialect: Dialect) -> Dialect:
    """Quote signs that never open a cell are part of the text."""
    if dialect.quote == '"' and '"' not in sample:
        return replace(dialect, skip_initial_space=False)
    return dialect
