"""Tables on paper: headings repeated on every page, groups kept with their rows, long rows run over pages."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from reportlab.platypus import Flowable

from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.chart_shapes import fit_text
from crm_desktop.reporting.pdf_columns import PAD, TextTable, column_needs, mark_width, share_width
from crm_desktop.reporting.pdf_ops import Ops
from crm_desktop.reporting.pdf_style import (
    BOLD,
    GROUP,
    HAIRLINE,
    HEAVY,
    MUTED,
    REGULAR,
    RULE,
    TEXT,
    THIN,
    measure,
    printable,
    text_width,
    wrap_text,
)
from crm_desktop.reporting.values import Line

_MOST_LINES, _PIECE = 10, 4


@dataclass(frozen=True)
class PrintLine:
    """A line of the table with its cells broken into lines, ready to draw."""

    role: str
    cells: tuple[list[str], ...]
    height: float
    mark: str = ""
    note_at: int = -1
    rule: bool = True
    above: float = 2.2


class PrintPlan:
    """All lines of a table, their heights, and the widths of its columns: made once, drawn in parts."""

    def __init__(self, source: TextTable, width: float, size: float, progress: Progress | None = None) -> None:
        self.size, self.width, self.progress = size, width, progress
        self.leading = size * 1.36
        self.indent = source.indent
        self.widths = share_width(column_needs(source, size), width)
        self.aligns = source.aligns
        self.pads = [source.pad(i) for i in range(len(source.headers))]
        self.lefts = [0.0, *accumulate(self.widths)]
        self.header = self._headings(source)
        self.header_height = self._height(self.header, 7.5)
        self.lines: list[PrintLine] = []
        for n, line in enumerate(source.lines):
            if progress and n % 256 == 0:
                progress.check()
            self.lines += self._break(line)
        if not self.lines:
            self.lines = self._break(Line("row", (printable(source.table.empty or _("No records.")),), (), note_at=0))
        self.tops = [0.0, *accumulate(line.height for line in self.lines)]
        self.groups = self._group_before()

    @staticmethod
    def is_label(role: str, column: int, note_at: int) -> bool:
        """Whether a cell is the label or the note of a group or total: these stand left and may run on."""
        return column == note_at or (role != "row" and column == 0)

    def text_x(self, column: int, text: str, font: str, pad: float, label: bool = False) -> float:
        """Where a text begins in its column."""
        align = "left" if label else self.aligns[column]
        if align == "right":
            return self.lefts[column + 1] - PAD - text_width(text, font, self.size)
        if align == "center":
            return self.lefts[column] + (self.widths[column] - text_width(text, font, self.size)) / 2
        return self.lefts[column] + pad

    def left_pad(self, column: int, role: str) -> float:
        """The space left of a text; rows of a group are set in."""
        return self.indent if column == 0 and role == "row" else self.pads[column]

    def baseline(self, line: PrintLine, top: float) -> float:
        """The baseline of the first text of a line whose top edge is at ``top``."""
        return top - line.above - self.size * 1.1

    def _headings(self, source: TextTable) -> tuple[list[str], ...]:
        cells = zip(source.headers, self.widths, self.pads, strict=True)
        return tuple(wrap_text(text, width - pad - PAD + 0.1, BOLD, self.size)[:6] for text, width, pad in cells)

    def _height(self, cells: tuple[list[str], ...], room: float) -> float:
        return max((len(cell) for cell in cells), default=1) * self.leading + room

    def _break(self, line: Line) -> list[PrintLine]:
        """Wrap the cells; a very tall row becomes several pieces, so that it can run over pages."""
        cells = self._cells(line)
        mark_below = 0
        if line.mark:
            used = text_width(cells[0][-1], REGULAR, self.size) + 4 + mark_width(line.mark, self.size)
            mark_below = int(used > self.widths[0] - self.indent - PAD + 0.1)
            cells[0].extend([""] * mark_below)
        room = 7.5 if line.role == "total" else 4.4
        tallest = max(len(cell) for cell in cells)
        if tallest <= _MOST_LINES:
            height = self._height(tuple(cells), room)
            return [PrintLine(line.role, tuple(cells), height, line.mark, line.note_at, above=room / 2)]
        pieces = []
        for start in range(0, tallest, _PIECE):
            part = tuple(cell[start : start + _PIECE] or [""] for cell in cells)
            last = start + _PIECE >= tallest
            above = 0.0 if start else room / 2
            height = self._height(part, above + (room / 2 if last else 0.0))
            mark = line.mark if start < len(cells[0]) <= start + _PIECE else ""
            pieces.append(PrintLine(line.role, part, height, mark, line.note_at, last, above))
        return pieces

    def _cells(self, line: Line) -> list[list[str]]:
        cells = []
        for i, text in enumerate(line.texts):
            bold = line.role != "row" and i != line.note_at
            end = i + 1
            if self.is_label(line.role, i, line.note_at) or len(line.texts) < len(self.widths):
                # a label may run on over the empty cells to its right
                while end < len(self.widths) and (end >= len(line.texts) or not line.texts[end]):
                    end += 1
            left = self.left_pad(i, line.role)
            room = sum(self.widths[i:end]) - left - PAD + 0.1
            cells.append(wrap_text(text, room, BOLD if bold else REGULAR, self.size) if text else [""])
        return cells

    def _group_before(self) -> list[int]:
        """For each line the index of the group it stands in, -1 for none."""
        result, current = [], -1
        for i, line in enumerate(self.lines):
            if line.role == "group" and (i == 0 or self.lines[i - 1].role != "group" or self.lines[i - 1].rule):
                current = i
            elif line.role == "total":
                current = -1
            result.append(current)
        return result


class PrintedTable(Flowable):  # type: ignore[misc]
    """The lines ``start`` to ``stop`` of a plan, under the column headings. It splits by itself between lines."""

    def __init__(self, plan: PrintPlan, frame_height: float, start: int = 0, stop: int | None = None) -> None:
        super().__init__()
        self.plan, self.frame_height, self.start = plan, frame_height, start
        self.stop = len(plan.lines) if stop is None else stop
        self.spaceBefore, self.spaceAfter = 0, 12

    @property
    def _continued(self) -> int:
        """The group that goes on from the page before, -1 for none."""
        line, group = self.start, -1
        if 0 < line < len(self.plan.lines):
            group = self.plan.groups[line]
        return group if group < line else -1

    @property
    def _head(self) -> float:
        return self.plan.header_height + (self.plan.leading + 4.4 if self._continued >= 0 else 0)

    @property
    def lead(self) -> float:
        """The least height that is worth starting on a page: headings, group line and first row."""
        last = min(self.start + 2, self.stop)
        return self._head + self.plan.tops[last] - self.plan.tops[self.start]

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """The size of this part."""
        return self.plan.width, self._head + self.plan.tops[self.stop] - self.plan.tops[self.start]

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """As many lines as fit, and the rest; nothing where not even the first ones do."""
        plan = self.plan
        reach = plan.tops[self.start] + available_height - self._head
        cut = min(bisect_right(plan.tops, reach + 0.01) - 1, self.stop)
        cut = self._good_cut(cut)
        if cut <= self.start:
            if available_height < self.frame_height - 1:
                return []
            cut = self.start + 1
        if cut >= self.stop:
            return [self]
        first = PrintedTable(plan, self.frame_height, self.start, cut)
        return [first, PrintedTable(plan, self.frame_height, cut, self.stop)]

    def _good_cut(self, cut: int) -> int:
        """Move a cut up so that no group line ends a page and no total begins one."""
        lines = self.plan.lines
        if self.start < cut < self.stop and lines[cut].role == "total":
            cut -= 1
        while cut > self.start and lines[cut - 1].role == "group":
            cut -= 1
        return cut

    def draw(self) -> None:
        """Draw this part from the top down."""
        plan, ops = self.plan, Ops(self.canv)
        if plan.progress:
            plan.progress.advance(self.stop - self.start)
        top = self._head + plan.tops[self.stop] - plan.tops[self.start]
        y = top - plan.header_height
        group = self._continued
        if group >= 0:
            name = " ".join(plan.lines[group].cells[0])
            text = printable(_("{group} (continued)").format(group=name))
            cells = (wrap_text(text, plan.width - 2 * PAD, BOLD, plan.size)[:1],)
            y = self._draw_line(ops, PrintLine("group", cells, plan.leading + 4.4), y)
        for line in plan.lines[self.start : self.stop]:
            y = self._draw_line(ops, line, y)
        self._draw_header(ops, top)
        ops.flush()
        self._draw_marks(top)

    def _draw_header(self, ops: Ops, top: float) -> None:
        plan = self.plan
        bottom = top - plan.header_height
        ops.rule(0, plan.width, top, TEXT, HEAVY)
        ops.rule(0, plan.width, bottom, TEXT, HEAVY)
        for i, cell in enumerate(plan.header):
            base = bottom + 3.75 + plan.size * 0.26 + (len(cell) - 1) * plan.leading
            for n, text in enumerate(cell):
                ops.text(plan.text_x(i, text, BOLD, plan.pads[i]), base - n * plan.leading, text, BOLD, plan.size, TEXT)

    def _draw_line(self, ops: Ops, line: PrintLine, top: float) -> float:
        plan, bottom = self.plan, top - line.height
        self._draw_ground(ops, line, top, bottom)
        base = plan.baseline(line, top)
        for i, cell in enumerate(line.cells):
            bold = line.role != "row" and i != line.note_at
            font = BOLD if bold else REGULAR
            colour = MUTED if i == line.note_at else TEXT
            pad, label = plan.left_pad(i, line.role), plan.is_label(line.role, i, line.note_at)
            for n, text in enumerate(cell):
                if text:
                    x = plan.text_x(i, text, font, pad, label)
                    ops.text(x, base - n * plan.leading, text, font, plan.size, colour)
        return bottom

    def _draw_ground(self, ops: Ops, line: PrintLine, top: float, bottom: float) -> None:
        width = self.plan.width
        if line.role == "group":
            ops.ground(0, bottom, width, top - bottom, GROUP)
        if line.role == "total":
            ops.rule(0, width, top, TEXT, HEAVY)
            ops.rule(0, width, bottom, TEXT, HEAVY)
        elif line.rule:
            ops.rule(0, width, bottom, RULE if line.role == "group" else HAIRLINE, THIN)

    def _draw_marks(self, top: float) -> None:
        """The small boxes beside rows that need attention."""
        plan, head = self.plan, top - self._head
        for i in range(self.start, self.stop):
            line = plan.lines[i]
            if line.mark:
                self._draw_mark(line, plan.baseline(line, head - plan.tops[i] + plan.tops[self.start]))

    def _draw_mark(self, line: PrintLine, base: float) -> None:
        plan, canvas, last = self.plan, self.canv, len(line.cells[0]) - 1
        text, size = line.cells[0][last], plan.size - 1.2
        mark = fit_text(line.mark, plan.widths[0] - plan.indent - 5, size, measure, bold=True)
        x = plan.indent
        if text and plan.aligns[0] != "right":
            x += text_width(text, REGULAR, plan.size) + 4
        y = base - last * plan.leading
        canvas.setStrokeColor(TEXT)
        canvas.setFillColor(TEXT)
        canvas.setLineWidth(0.7)
        canvas.roundRect(x, y - 1.9, mark_width(mark, plan.size), plan.size + 0.9, 2, stroke=1, fill=0)
        canvas.setFont(BOLD, size)
        canvas.drawString(x + 2.5, y + 0.3, mark)
