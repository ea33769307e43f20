"""Several tables in one sheet: under each other after blank rows, or side by side with blank columns between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from crm_desktop.core.text import fold
from crm_desktop.importing import cells, headers
from crm_desktop.importing.table import Row
from crm_desktop.importing.workbook_reader import Sheet

_MOST_ROWS = 20_000
"""Longer sheets are one table: nobody puts a second one below so many rows."""
_MOST_TABLES = 20
_SURE = 0.55
_TYPED = cells.TYPED | {cells.BOOL}


@dataclass
class _Block:
    """Rows between blank ones, of some columns: ``names`` are the folded titles of its table, if it is one."""

    rows: list[Row]
    left: int
    right: int
    names: frozenset[str] = frozenset()
    header: int = -1

    @property
    def is_table(self) -> bool:
        return self.header >= 0


def split_tables(sheet: Sheet) -> list[Sheet]:
    """The tables of a sheet, each as a sheet of its own; the sheet itself where it is one table.

    The first keeps the name of the sheet; the others are called "Plan1 #2" and so on, in any language, since plans keep
    these names.
    """
    rows: list[Row] = []
    for row in sheet.rows():
        rows.append(row)
        if len(rows) > _MOST_ROWS:
            return [sheet]
    found: list[_Block] = []
    for left, right in _bands(rows):
        found += _stacked([(number, values[left : right + 1]) for number, values in rows], left, right)
    if not 1 < len(found) <= _MOST_TABLES:
        return [sheet]
    found.sort(key=lambda block: (block.rows[0][0], block.left))
    return [
        replace(sheet, name=sheet.name if number == 1 else f"{sheet.name} #{number}", rows=_rows_of(sheet, block),
                place=_place(block), siblings=len(found))
        for number, block in enumerate(found, 1)
    ]  # fmt: skip


def _rows_of(sheet: Sheet, block: _Block) -> Callable[[], Iterator[Row]]:
    first, last, left, right = block.rows[0][0], block.rows[-1][0], block.left, block.right

    def rows() -> Iterator[Row]:
        for number, values in sheet.rows():
            if number > last:
                return
            if number >= first:
                yield number, [None] * left + values[left : right + 1]

    return rows


def _place(block: _Block) -> str:
    """Where a table stands, as spreadsheet programs say it: "C7:F20"."""
    return f"{_letters(block.left)}{block.rows[0][0]}:{_letters(block.right)}{block.rows[-1][0]}"


def _letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _bands(rows: list[Row]) -> list[tuple[int, int]]:
    """Ranges of columns with blank columns between them that are tables side by side; else one range of all columns."""
    width = max((len(values) for _n, values in rows), default=0)
    filled = [0] * width
    first, last = [0] * width, [0] * width
    for number, values in rows:
        for column, value in enumerate(values):
            if value is not None:
                filled[column] += 1
                first[column] = first[column] or number
                last[column] = number
    everything = [(0, max(0, width - 1))]
    bands: list[tuple[int, int]] = []
    for column in range(width):
        if not filled[column]:
            continue
        if bands and bands[-1][1] == column - 1:
            bands[-1] = (bands[-1][0], column)
        else:
            bands.append((column, column))
    if len(bands) < 2 or any(right == left for left, right in bands):
        return everything
    blocks = []
    for left, right in bands:
        inside = [(number, values[left : right + 1]) for number, values in rows]
        block = _table([row for row in inside if _any(row[1])], left, right)
        if block is None or not block.is_table:
            return everything
        blocks.append(block)
    ends = [max(last[left : right + 1]) for left, right in bands]
    starts = [min(first[left : right + 1]) for left, right in bands]
    same_names = any(a.names == b.names for i, a in enumerate(blocks) for b in blocks[i + 1 :])
    apart = max(ends) - min(ends) > 1 or max(starts) - min(starts) > 1
    # a spare column inside one table leaves both sides equally long
    return bands if same_names or apart else everything


def _stacked(rows: list[Row], left: int, right: int) -> list[_Block]:
    """The tables under each other; what is no table of its own belongs to the one before."""
    pieces: list[list[Row]] = [[]]
    for row in rows:
        if _any(row[1]):
            pieces[-1].append(row)
        elif pieces[-1]:
            pieces.append([])
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return []
    found: list[_Block] = []
    current = list(pieces[0])
    for piece in pieces[1:]:
        before, after = _table(current, left, right), _table(piece, left, right)
        if before is not None and after is not None and _is_another(before, after):
            found.append(before)
            current = list(piece)
        else:
            current += piece
    last = _table(current, left, right)
    return [*found, last] if last is not None else found


def _table(rows: list[Row], left: int, right: int) -> _Block | None:
    """Rows as a table, with its titles where it surely has some."""
    if not rows:
        return None
    block = _Block(rows, left, right)
    if len(rows) < 3:
        return block
    guess = headers.find_header(rows[:60], [values for _n, values in rows[:200]])
    if guess.row is None or guess.confidence < _SURE or guess.rows != 1:
        return block
    place = next((i for i, (number, _v) in enumerate(rows) if number == guess.row + 1), -1)
    if not 0 <= place <= 3 or len(rows) - place < 3:
        return block
    titles = [value for value in rows[place][1] if value is not None]
    texts = [value for value in titles if isinstance(value, str) and cells.classify(value) not in _TYPED]
    if len(titles) >= 2 and len(texts) == len(titles) and len({fold(one) for one in texts}) == len(texts):
        block.names, block.header = frozenset(fold(one) for one in texts), place
    return block


def _is_another(before: _Block, after: _Block) -> bool:
    """Whether a piece after blank rows is a table of its own, and not more of the one before."""
    if not (before.is_table and after.is_table) or before.names == after.names:
        return False
    above = [values for _n, values in before.rows[before.header + 1 :]]
    titles = after.rows[after.header][1]
    names = before.rows[before.header][1]
    moved = _used(titles) != _used(names)
    unlike = 0
    for column, title in enumerate(titles):
        values = [row[column] for row in above if column < len(row) and row[column] is not None]
        if title is None or not values:
            continue
        typed = sum(cells.classify(value) in _TYPED for value in values)
        unlike += typed > 0.6 * len(values)
    known = sum(isinstance(one, str) and fold(one) in before.names for one in titles if one is not None)
    return bool(moved or unlike or known)


def _used(values: list[Any]) -> list[int]:
    return [column for column, value in enumerate(values) if value is not None]


def _any(values: list[Any]) -> bool:
    return any(value is not None for value in values)
