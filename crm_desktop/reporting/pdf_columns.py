"""How wide the columns of a printed table are, from what they hold, and when a table needs more room."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.document import Align, Column, Table
from crm_desktop.reporting.pdf_style import BOLD, REGULAR, longest_word, printable, text_width
from crm_desktop.reporting.values import Line, header_text, table_lines, visible_columns

SIZES = (7.8, 7.4, 7.0, 6.6, 6.2)
PAD, INDENT = 3.0, 9.0
_COMFORT = 84.0
_BETWEEN = 7.0
_LONGEST_MARK = 24
_LONG_WORD = 105.0  # a longer one, such as a web address, is broken


@dataclass(frozen=True)
class ColumnNeed:
    """How wide a column must be, is readable, and would like to be, in points."""

    minimum: float
    comfortable: float
    natural: float
    weight: float
    align: Align


@dataclass(frozen=True)
class ColumnUnits:
    """The widest text, word, heading, heading's word, mark, and text with mark of a column, at size 1."""

    text: float
    word: float
    header: float
    header_word: float
    mark: float
    marked: float


@dataclass(frozen=True)
class TextTable:
    """A table as texts that the fonts can print, with the indent of its rows."""

    table: Table
    headers: tuple[str, ...]
    lines: tuple[Line, ...]
    aligns: tuple[Align, ...]
    weights: tuple[float, ...]
    numeric: tuple[bool, ...]
    units: tuple[ColumnUnits, ...]

    @property
    def indent(self) -> float:
        """How far rows are set in below their group."""
        return INDENT if self.table.groups else PAD

    def pad(self, column: int) -> float:
        """The space left of a column's text; more where the column before ends at its right edge."""
        return PAD + _BETWEEN if column and self.aligns[column - 1] == "right" != self.aligns[column] else PAD


def text_table(table: Table, progress: Progress | None = None) -> TextTable:
    """Turn a table into printable texts."""
    show = [table.columns[i] for i in visible_columns(table)]
    lines = []
    for n, line in enumerate(table_lines(table)):
        if progress and n % 256 == 0:
            progress.check()
        lines.append(replace(line, texts=tuple(map(printable, line.texts)), mark=_short(printable(line.mark))))
    headers = tuple(printable(header_text(column)) for column in show)
    numeric = tuple(column.kind != "text" for column in show)
    return TextTable(
        table,
        headers,
        tuple(lines),
        tuple(_alignment(column, i, lines) for i, column in enumerate(show)),
        tuple(column.weight for column in show),
        numeric,
        tuple(_column_units(headers, numeric, lines)),
    )


def _short(mark: str) -> str:
    return mark if len(mark) <= _LONGEST_MARK else mark[: _LONGEST_MARK - 1].rstrip() + "…"


def _alignment(column: Column, index: int, lines: list[Line]) -> Align:
    """A column's alignment; a first column with marks cannot be centred."""
    centred = column.alignment == "center" and index == 0 and any(line.mark for line in lines)
    return "left" if centred else column.alignment


def column_needs(source: TextTable, size: float) -> list[ColumnNeed]:
    """What each column needs at a font size."""
    needs = []
    for i, unit in enumerate(source.units):
        pad = PAD + (source.indent if i == 0 else source.pad(i))
        word = unit.word if source.numeric[i] else min(unit.word, _LONG_WORD / SIZES[0])
        minimum = max(word * size, unit.header_word * size, unit.mark * size + 5 * bool(unit.mark)) + pad
        marked = unit.marked * size + 9 if unit.marked else 0.0
        natural = max(unit.text * size, unit.header * size, marked) + pad + 0.5
        comfortable = minimum if source.numeric[i] else min(natural, max(minimum, _COMFORT * size / SIZES[0]))
        needs.append(ColumnNeed(minimum, comfortable, natural, source.weights[i], source.aligns[i]))
    return needs


def _column_units(headers: tuple[str, ...], numeric: tuple[bool, ...], lines: list[Line]) -> list[ColumnUnits]:
    units = []
    for i, header in enumerate(headers):
        rows = {line.texts[i] for line in lines if line.role == "row"}
        sums = {line.texts[i] for line in lines if line.role != "row" and i != line.note_at and i > 0}
        wide = max((_widest(text, REGULAR, 1) for text in rows), default=0.0)
        wide = max(wide, max((_widest(text, BOLD, 1) for text in sums), default=0.0))
        word = wide if numeric[i] else max((longest_word(text, REGULAR, 1) for text in rows), default=0.0)
        marks = [line for line in lines if line.mark] if i == 0 else []
        mark = max((text_width(line.mark, BOLD, 1) for line in marks), default=0.0)
        marked = (_widest(line.texts[0], REGULAR, 1) + text_width(line.mark, BOLD, 1) for line in marks)
        head, head_word = text_width(header, BOLD, 1), longest_word(header, BOLD, 1)
        units.append(ColumnUnits(wide, word, head, head_word, mark, max(marked, default=0.0)))
    return units


def _widest(text: str, font: str, size: float) -> float:
    if "\n" in text:
        return max(text_width(part, font, size) for part in text.split("\n"))
    return text_width(text, font, size)


def mark_width(mark: str, size: float) -> float:
    """The width of the small box around a row's mark."""
    return text_width(mark, BOLD, size - 1.2) + 5


def share_width(needs: list[ColumnNeed], width: float) -> list[float]:
    """The widths of the columns, together exactly ``width``."""
    natural, comfortable = sum(n.natural for n in needs), sum(n.comfortable for n in needs)
    minimum = sum(n.minimum for n in needs)
    if natural <= width:
        wants = [n.weight * n.natural * (0.3 if n.align == "right" else 1.0) for n in needs]
        return _add(needs, [n.natural for n in needs], wants, width - natural)
    if comfortable <= width:
        wants = [(n.natural - n.comfortable) * max(n.weight, 0.01) for n in needs]
        return _add(needs, [n.comfortable for n in needs], wants, width - comfortable)
    if minimum <= width:
        return _add(needs, [n.minimum for n in needs], [n.comfortable - n.minimum for n in needs], width - minimum)
    return [n.minimum * width / minimum for n in needs]


def _add(needs: list[ColumnNeed], base: list[float], wants: list[float], spare: float) -> list[float]:
    total = sum(wants)
    if total <= 0:
        return [one + spare / len(needs) for one in base]
    return [one + spare * want / total for one, want in zip(base, wants, strict=True)]


def fitting_size(source: TextTable, width: float, sizes: tuple[float, ...] = SIZES) -> float | None:
    """The largest font size at which the columns are readable in ``width``; None where there is none."""
    return next((s for s in sizes if sum(n.comfortable for n in column_needs(source, s)) <= width), None)


def bands(source: TextTable, width: float) -> list[Table]:
    """A table too wide for the paper as several, each with the first column again."""
    needs = column_needs(source, SIZES[-1])
    show = visible_columns(source.table)
    first = min(needs[0].comfortable, width / 3)
    result: list[set[int]] = [set()]
    used = first
    for n, need in enumerate(needs[1:], start=1):
        if result[-1] and used + need.comfortable > width:
            result.append(set())
            used = first
        result[-1].add(show[n])
        used += need.comfortable
    return [_only(source.table, {show[0], *band}) for band in result]


def _only(table: Table, keep: set[int]) -> Table:
    columns = tuple(replace(c, hidden=c.hidden or i not in keep) for i, c in enumerate(table.columns))
    return replace(table, columns=columns)
