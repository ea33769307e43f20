"""From the rows of a sheet to a guess: header, footer, columns to keep, and what each holds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, headers, lexicon, sections
from crm_desktop.importing.column_types import guess_columns
from crm_desktop.importing.table import AUTO, ColumnGuess, Evidence, ReadOptions, Row, SheetGuess

_HEAD_ROWS = 400
_SAMPLE_ROWS = 3000
_TAIL_ROWS = 60
_JUDGED_ROWS = 1500
_AT_ONCE = 500
_JUDGED_CELLS = 40_000


@dataclass
class Scan:
    """What one look over a table keeps."""

    head: list[Row] = field(default_factory=list)
    sample: list[list[Any]] = field(default_factory=list)
    tail: deque[Row] = field(default_factory=lambda: deque(maxlen=_TAIL_ROWS))
    records: int = 0
    filled: int = 0
    estimated: bool = False
    long_rows: int = 0
    _used: list[int] = field(default_factory=list)
    _uncounted: list[list[Any]] = field(default_factory=list)

    def add(self, number: int, values: list[Any]) -> None:
        """Count a row; keep it if it is among the first, the last, or in a sample spread over the whole table."""
        self.records = number
        row = (number, values)
        if len(self.head) < _HEAD_ROWS:
            self.head.append(row)
        self.tail.append(row)
        self._uncounted.append(values)
        if len(self._uncounted) >= _AT_ONCE:
            self._count()
        if values.count(None) + values.count("") == len(values):
            return
        self.filled += 1
        if len(self.sample) < _SAMPLE_ROWS:
            self.sample.append(values)
        elif self.filled % _stride(self.filled) == 0:
            self.sample[(self.filled * 7919) % _SAMPLE_ROWS] = values

    @property
    def used(self) -> list[int]:
        """How many cells of each column hold something."""
        self._count()
        return self._used

    def _count(self) -> None:
        size = len(self._uncounted)
        for column, values in enumerate(zip_longest(*self._uncounted)):
            if column == len(self._used):
                self._used.append(0)
            self._used[column] += size - values.count(None) - values.count("")
        self._uncounted.clear()


def _stride(filled: int) -> int:
    """One row in so many is kept once the sample is full."""
    return max(1, filled // _SAMPLE_ROWS)


def data_likeness(guess: SheetGuess, scan: Scan, hidden: bool) -> float:
    """How much a sheet looks like records (0..1): several columns, a header, many rows, little prose."""
    width = len(guess.columns)
    above = len(guess.preamble) + guess.header_rows
    kinds = [cells.classify(v) for row in scan.sample[above:200] for v in row if v is not None]
    prose = sum(kind == cells.PROSE for kind in kinds) / max(1, len(kinds))
    score = min(1.0, 0.25 + 0.15 * width) * min(1.0, 0.45 + 0.12 * math.log1p(guess.rows))
    score *= (0.6 + 0.4 * guess.header_confidence) * (1.0 - 0.5 * prose)
    if guess.rows == 0:
        score *= 0.3
    if hidden:
        score *= 0.5
    if lexicon.INSTRUCTIONS.search(fold(guess.name)):
        score *= 0.5
    return round(score, 3)


def guess_table(name: str, scan: Scan, given: ReadOptions, *, whole_sheet: bool) -> SheetGuess:
    """Guess everything about a table.

    Args:
        name: of the sheet.
        scan: what was kept of its rows.
        given: what is decided already.
        whole_sheet: a spreadsheet, where a column without name counts if it has any value; in text files a few
            overlong rows do not make a column.
    """
    found = _header(scan, given)
    above = sum(1 for number, values in scan.head if number <= found.first_data_row and _any(values))
    body = scan.sample[above:] if len(scan.sample) > above else []
    body, repeats = _without_repeats(scan, found, body)
    names = _names(scan, found)
    kept = list(given.columns) or _columns(scan, found, names, body, whole_sheet)
    originals = [names[i] if i < len(names) else "" for i in kept]
    footer, texts = given.footer_rows, [""] * 0
    if given.header_row == AUTO and not footer:
        footer, texts = headers.find_footer(list(scan.tail), body, found)
    if footer and scan.filled <= _SAMPLE_ROWS:
        body = body[: len(body) - footer]
    skipped, told = given.skip_rows, [""] * 0
    if given.header_row == AUTO and not skipped and scan.records <= _HEAD_ROWS:
        places, told = sections.find_sections(scan.head, found.first_data_row, footer)
        skipped = tuple(places)
        passed = [values for number, values in scan.head if number - 1 in skipped]
        body = [values for values in body if values not in passed]
    rows = [[row[i] if i < len(row) else None for i in kept] for row in body]
    guesses = guess_columns(headers.unique_headers(originals, kept), thinned(rows, len(kept)), originals)
    if not scan.estimated:
        guesses = _counted(guesses, kept, scan, found, footer, skipped)
    return SheetGuess(
        name=name,
        rows=max(0, scan.filled - above - footer - repeats - len(told)),
        columns=tuple(guesses),
        header_row=found.row,
        header_rows=found.rows,
        first_data_row=found.first_data_row,
        footer_rows=footer,
        skip_rows=skipped,
        source_columns=tuple(kept),
        confidence=found.confidence,
        header_confidence=found.confidence,
        evidence=(*_evidence(found, body, kept, footer), *([sections.evidence(told)] if told else [])),
        estimated=scan.estimated,
        preamble=tuple(_preamble(scan, found)),
        footer=tuple(texts),
    )


def _without_repeats(scan: Scan, found: headers.HeaderGuess, body: list[list[Any]]) -> tuple[list[list[Any]], int]:
    """The sample without the headers that printed exports repeat on every page, and how many the table has."""
    titles = next((values for number, values in scan.head if found.row is not None and number == found.row + 1), None)
    if titles is None or found.rows != 1:
        return body, 0
    kept = [values for values in body if values != titles]
    repeats = len(body) - len(kept)
    return kept, repeats if scan.filled <= _SAMPLE_ROWS else round(repeats * scan.filled / max(1, len(body)))


def _any(values: Sequence[Any]) -> bool:
    return any(value is not None for value in values)


def _evidence(
    found: headers.HeaderGuess, body: Sequence[Sequence[Any]], kept: list[int], footer: int
) -> list[Evidence]:
    evidence = [found.evidence]
    last = kept[-1] + 1
    ragged = sum(1 for row in body if len(row) > last and _any(row[last:]))
    if ragged == 1:
        evidence.append(Evidence(N_("1 row has more cells than there are columns")))
    elif ragged:
        evidence.append(Evidence(N_("{n} rows have more cells than there are columns"), {"n": ragged}))
    if footer == 1:
        evidence.append(Evidence(N_("1 row at the end is a total or a note")))
    elif footer:
        evidence.append(Evidence(N_("{n} rows at the end are totals or notes"), {"n": footer}))
    return evidence


def _preamble(scan: Scan, found: headers.HeaderGuess) -> list[str]:
    until = found.first_data_row if found.row is None else found.row
    lines = [
        " ".join(headers.text_of(v) for v in values if v is not None) for number, values in scan.head if number <= until
    ]
    return [line for line in lines if line]


def _counted(
    guesses: list[ColumnGuess], kept: list[int], scan: Scan, found: headers.HeaderGuess, footer: int,
    skipped: Sequence[int],
) -> list[ColumnGuess]:  # fmt: skip
    """The true numbers of filled cells, where the whole table was looked at."""
    outside = [values for number, values in scan.head if number <= found.first_data_row or number - 1 in skipped]
    below = [values for _n, values in scan.tail if _any(values)]
    outside += below[len(below) - footer :] if footer else []
    total = max(0, scan.filled - sum(_any(values) for values in outside))
    counted = []
    for guess, column in zip(guesses, kept, strict=True):
        filled = scan.used[column] if column < len(scan.used) else 0
        filled -= sum(1 for values in outside if column < len(values) and values[column] is not None)
        counted.append(replace(guess, filled=max(0, filled), total=total))
    return counted


def thinned(rows: list[list[Any]], width: int) -> list[list[Any]]:
    """Fewer rows where there are many columns, so that a look takes about the same time for every file."""
    most = max(80, min(_JUDGED_ROWS, _JUDGED_CELLS // max(1, width)))
    step = len(rows) / most
    return rows if step <= 1 else [rows[int(i * step)] for i in range(most)]


def _header(scan: Scan, given: ReadOptions) -> headers.HeaderGuess:
    if given.header_row == AUTO:
        return headers.find_header(scan.head[:200], scan.sample[:300])
    evidence = Evidence(N_("Chosen by you"))
    if given.header_row is None:
        return headers.HeaderGuess(None, 0, max(0, given.first_data_row), 1.0, evidence)
    first = given.header_row + given.header_rows if given.first_data_row == AUTO else given.first_data_row
    return headers.HeaderGuess(given.header_row, given.header_rows, first, 1.0, evidence)


def _names(scan: Scan, found: headers.HeaderGuess) -> list[str]:
    width = len(scan.used)
    if found.row is None:
        return [""] * width
    lines = [values for number, values in scan.head if found.row < number <= found.row + found.rows]
    return headers.join_lines(lines, width)


def _columns(
    scan: Scan, found: headers.HeaderGuess, names: list[str], body: Sequence[Sequence[Any]], whole_sheet: bool
) -> list[int]:
    """The columns that have a name or values."""
    above = [values for number, values in scan.head if number <= found.first_data_row]
    kept = []
    for column, used in enumerate(scan.used):
        outside = sum(1 for values in above if column < len(values) and values[column] is not None)
        if names[column] or used > outside or scan.estimated:
            kept.append(column)
    while kept and not whole_sheet and not names[kept[-1]] and scan.filled > 3 and any(names):
        reach = sum(1 for row in body if kept[-1] < len(row) and row[kept[-1]] is not None)
        if reach > max(1, 0.2 * len(body)):
            break
        kept.pop()
    return kept or [0]
