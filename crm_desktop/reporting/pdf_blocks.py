"""Headings, key figures and charts on paper."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph

from crm_desktop.reporting.chart_axis import Axis
from crm_desktop.reporting.chart_shapes import Bar, ChartLayout, ChartStyle, Line
from crm_desktop.reporting.charts import layout_chart
from crm_desktop.reporting.document import Chart, Fill, KeyFigures
from crm_desktop.reporting.pdf_style import (
    BODY_SIZE,
    BOLD,
    FIGURE_SIZE,
    HAIRLINE,
    INK,
    INK_PALE,
    INK_SOFT,
    MUTED,
    REGULAR,
    RULE,
    SECTION_SIZE,
    TEXT,
    THIN,
    TITLE_SIZE,
    longest_word,
    measure,
    printable,
    text_width,
    wrap_text,
)
from crm_desktop.reporting.values import figure_text

BODY = ParagraphStyle(
    "body", fontName=REGULAR, fontSize=BODY_SIZE, leading=BODY_SIZE * 1.5, textColor=TEXT, spaceAfter=6
)
QUIET = ParagraphStyle("quiet", BODY, textColor=MUTED)
STRONG = ParagraphStyle("strong", BODY, fontName=BOLD)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=TITLE_SIZE, leading=TITLE_SIZE * 1.27, spaceAfter=3)
SECTION = ParagraphStyle(
    "section", BODY, fontName=BOLD, fontSize=SECTION_SIZE, leading=SECTION_SIZE * 1.36, spaceBefore=4, spaceAfter=5
)
PART = ParagraphStyle("part", STRONG, spaceBefore=4, spaceAfter=4)
_GAP = 10.5


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """A paragraph of plain text; its line breaks are kept."""
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)


class OutlineParagraph(Paragraph):  # type: ignore[misc]
    """A heading that also appears in the outline of the PDF."""

    def __init__(self, text: str, style: ParagraphStyle, level: int) -> None:
        super().__init__(escape(printable(text)), style)
        self.outline = (text, level)

    def draw(self) -> None:
        """Draw the heading and note where it stands."""
        _x, y = self.canv.absolutePosition(0, self.height)
        self.canv.note_outline(*self.outline, y)
        super().draw()


class FiguresRow(Flowable):  # type: ignore[misc]
    """Key figures side by side between two rules; in several rows where they are many."""

    def __init__(self, block: KeyFigures, width: float) -> None:
        super().__init__()
        self.block_width = width
        self.figures = [(printable(f.label), printable(figure_text(f)), f.emphasis) for f in block.figures]
        self.rows = self._rows()
        self.spaceBefore, self.spaceAfter = 3, 9

    def _need(self, figure: tuple[str, str, bool]) -> float:
        label, value, _emphasis = figure
        wide = max(text_width(value, BOLD, FIGURE_SIZE), longest_word(label, REGULAR, BODY_SIZE))
        return min(max(wide, min(text_width(label, REGULAR, BODY_SIZE), 110)) + 2 * _GAP, self.block_width)

    def _rows(self) -> list[list[tuple[tuple[str, str, bool], float]]]:
        rows: list[list[tuple[tuple[str, str, bool], float]]] = [[]]
        used = 0.0
        for figure in self.figures:
            need = self._need(figure)
            if rows[-1] and used + need > self.block_width:
                rows.append([])
                used = 0.0
            rows[-1].append((figure, need))
            used += need
        if len(rows) == 1:
            return [self._stretch(rows[0])]
        widest = max(self._need(figure) for figure in self.figures)
        across = max(1, min(-(-len(self.figures) // len(rows)), int(self.block_width / widest)))
        grid = self.block_width / across
        return [
            [(figure, grid) for figure in self.figures[start : start + across]]
            for start in range(0, len(self.figures), across)
        ]

    def _stretch(self, row: list[tuple[tuple[str, str, bool], float]]) -> list[tuple[tuple[str, str, bool], float]]:
        spare = self.block_width - sum(need for _figure, need in row)
        return [(figure, need + spare / len(row)) for figure, need in row]

    def _labels(self, row: list[tuple[tuple[str, str, bool], float]]) -> list[list[str]]:
        return [wrap_text(figure[0], width - _GAP * 1.5, REGULAR, BODY_SIZE) for figure, width in row]

    def _values(self, row: list[tuple[tuple[str, str, bool], float]]) -> list[list[str]]:
        return [wrap_text(figure[1], width - _GAP * 1.5, BOLD, FIGURE_SIZE) for figure, width in row]

    def _row_height(self, row: list[tuple[tuple[str, str, bool], float]]) -> float:
        labels = max(len(lines) for lines in self._labels(row))
        values = max(len(lines) for lines in self._values(row))
        return labels * BODY_SIZE * 1.4 + values * FIGURE_SIZE * 1.35 + 11

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """The size of all rows."""
        return self.block_width, sum(map(self._row_height, self.rows))

    def draw(self) -> None:
        """Draw the rows from the top down."""
        y = sum(map(self._row_height, self.rows))
        canvas = self.canv
        canvas.setLineWidth(THIN)
        canvas.setStrokeColor(RULE)
        canvas.line(0, y, self.block_width, y)
        for row in self.rows:
            height = self._row_height(row)
            self._draw_row(canvas, row, y, height)
            y -= height

    def _draw_row(self, canvas: Any, row: list[tuple[tuple[str, str, bool], float]], y: float, height: float) -> None:
        canvas.setStrokeColor(RULE)
        canvas.line(0, y - height, self.block_width, y - height)
        labels, values = self._labels(row), self._values(row)
        deepest = max(map(len, labels))
        x = 0.0
        for n, (figure, width) in enumerate(row):
            if n:
                canvas.line(x, y, x, y - height)
            left = x + (_GAP if n else 0)
            canvas.setFillColor(MUTED)
            canvas.setFont(REGULAR, BODY_SIZE)
            for i, text in enumerate(labels[n]):
                canvas.drawString(left, y - 5 - BODY_SIZE - i * BODY_SIZE * 1.4, text)
            canvas.setFillColor(INK if figure[2] else TEXT)
            canvas.setFont(BOLD, FIGURE_SIZE)
            top = y - 5 - deepest * BODY_SIZE * 1.4
            for i, text in enumerate(values[n]):
                canvas.drawString(left, top - FIGURE_SIZE * (1.0 + i * 1.35), text)
            x += width


class DrawnChart(Flowable):  # type: ignore[misc]
    """A chart drawn in one ink: solid against hatch, so that it reads in grey."""

    def __init__(self, chart: Chart, width: float, height: float, axis: Axis | None = None) -> None:
        super().__init__()
        style = ChartStyle()
        self.chart_layout: ChartLayout = layout_chart(chart, width, _measure, style, axis)
        while self.chart_layout.height > height:
            style = style.scaled(0.8)
            self.chart_layout = layout_chart(chart, width, _measure, style, axis)
        self.spaceBefore, self.spaceAfter = 0, 6

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """The size of the chart."""
        return self.chart_layout.width, self.chart_layout.height

    def draw(self) -> None:
        """Draw grid, bars, lines and labels; a chart's own y runs down."""
        canvas, layout = self.canv, self.chart_layout
        canvas.translate(0, layout.height)
        for rule in layout.rules:
            canvas.setStrokeColor(MUTED if rule.role == "axis" else HAIRLINE)
            canvas.setLineWidth(THIN)
            canvas.line(rule.x1, -rule.y1, rule.x2, -rule.y2)
        canvas.setFillColorRGB(1, 1, 1)
        for label in layout.labels:
            if label.clear:
                width = _measure(label.text, label.size, label.bold)
                canvas.rect(label.x, -label.y - 1.5, width, label.size + 1, stroke=0, fill=1)
        for bar in layout.bars:
            draw_bar(canvas, bar)
        for line in layout.lines:
            _draw_line(canvas, line)
        for label in layout.labels:
            text, font = printable(label.text), BOLD if label.bold else REGULAR
            width = text_width(text, font, label.size)
            x = label.x - {"left": 0.0, "center": width / 2, "right": width}[label.align]
            canvas.setFont(font, label.size)
            canvas.setFillColor(MUTED if label.muted else TEXT)
            canvas.drawString(x, -label.y, text)


def _measure(text: str, size: float, bold: bool) -> float:
    return measure(printable(text), size, bold)


def draw_bar(canvas: Any, bar: Bar) -> None:
    """Fill a bar in the way its series is told apart."""
    x, y = bar.x, -bar.y - bar.height
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.75)
    ground: dict[Fill, Color] = {"solid": INK, "light": INK_PALE}
    canvas.setFillColorRGB(1, 1, 1)
    if bar.fill in ground:
        canvas.setFillColor(ground[bar.fill])
    canvas.rect(x, y, bar.width, bar.height, stroke=0, fill=1)
    if bar.fill in ("hatch", "back", "cross") and bar.width > 0 and bar.height > 0:
        _hatch(canvas, x, y, bar.width, bar.height, bar.fill)
    if bar.width > 0 and bar.height > 0:
        canvas.rect(x, y, bar.width, bar.height, stroke=1, fill=0)
    canvas.restoreState()


def _hatch(canvas: Any, x: float, y: float, width: float, height: float, fill: Fill) -> None:
    """Lines at 45 degrees, clipped to the bar by calculation so that the file stays small."""
    canvas.setStrokeColor(INK_SOFT if fill != "cross" else INK)
    canvas.setLineWidth(0.9 if fill != "cross" else 0.5)
    lines, offset, step = [], 3.6, 3.6
    while offset < width + height:
        start, end = max(0.0, offset - height), min(width, offset)
        if fill in ("hatch", "cross"):
            lines.append((x + start, y + height - (offset - start), x + end, y + height - (offset - end)))
        if fill in ("back", "cross"):
            lines.append((x + start, y + (offset - start), x + end, y + (offset - end)))
        offset += step
    canvas.lines(lines)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.75)


def _draw_line(canvas: Any, line: Line) -> None:
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setFillColor(INK)
    canvas.setLineWidth(1.3)
    canvas.setDash(list(line.dash)) if line.dash else canvas.setDash()
    path = canvas.beginPath()
    for i, (x, y) in enumerate(line.points):
        path.moveTo(x, -y) if i == 0 else path.lineTo(x, -y)
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setDash()
    for x, y in line.points:
        _draw_marker(canvas, line.marker, x, -y)
    canvas.restoreState()


def _draw_marker(canvas: Any, marker: str, x: float, y: float, r: float = 2.1) -> None:
    if marker == "circle":
        canvas.circle(x, y, r, stroke=0, fill=1)
    elif marker == "square":
        canvas.rect(x - r, y - r, 2 * r, 2 * r, stroke=0, fill=1)
    else:
        corners = [(x, y + r * 1.3), (x + r * 1.2, y - r), (x - r * 1.2, y - r)]
        if marker == "diamond":
            corners = [(x, y + r * 1.3), (x + r * 1.3, y), (x, y - r * 1.3), (x - r * 1.3, y)]
        path = canvas.beginPath()
        path.moveTo(*corners[0])
        for corner in corners[1:]:
            path.lineTo(*corner)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
