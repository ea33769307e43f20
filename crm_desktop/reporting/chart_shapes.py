"""What a laid-out chart is made of: bars, rules, lines and labels as plain numbers, ready to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from crm_desktop.reporting.chart_axis import chart_value_text
from crm_desktop.reporting.document import Align, BarChart, Chart, Fill, Link, StackedBar

Measure = Callable[[str, float, bool], float]
"""Width of a text at a size, bold or not, in the units of the layout."""

Marker = Literal["circle", "square", "triangle", "diamond"]
FILLS: tuple[Fill, ...] = ("solid", "hatch", "light", "cross", "outline", "back")
OVERLAY_FILLS: tuple[Fill, ...] = ("hatch", "solid", "outline", "light", "cross", "back")
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2.5), (1.5, 2), (7, 2, 1.5, 2))
MARKERS: tuple[Marker, ...] = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Bar:
    """A filled rectangle, from the top left. ``category`` is -1 in the legend."""

    x: float
    y: float
    width: float
    height: float
    fill: Fill
    category: int
    series: int


@dataclass(frozen=True)
class Rule:
    """A thin line of the grid or the axis."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Literal["grid", "axis"]


@dataclass(frozen=True)
class Label:
    """A text on its baseline; ``align`` says which side of it stands at ``x``; ``clear`` wipes the grid behind it."""

    x: float
    y: float
    text: str
    size: float
    align: Align = "left"
    muted: bool = False
    bold: bool = False
    clear: bool = False


@dataclass(frozen=True)
class Line:
    """A line through points, with markers."""

    points: tuple[tuple[float, float], ...]
    series: int
    dash: tuple[float, ...]
    marker: Marker


@dataclass(frozen=True)
class Region:
    """What lies under the pointer: a category with its words and what it opens."""

    x: float
    y: float
    width: float
    height: float
    category: int
    text: str
    link: Link | None


@dataclass
class ChartLayout:
    """A chart laid out from the top left corner; draw rules, clear behind labels, then bars, lines, labels."""

    width: float
    height: float = 0
    rules: list[Rule] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


@dataclass(frozen=True)
class ChartStyle:
    """Sizes of a chart in points of print; :meth:`scaled` makes those of the window."""

    text: float = 8
    axis: float = 7
    bar: float = 15
    thin_bar: float = 9
    gap: float = 9
    plot_height: float = 150
    pad: float = 6

    def scaled(self, factor: float) -> ChartStyle:
        """Every size times ``factor``."""
        return ChartStyle(*(getattr(self, name) * factor for name in self.__dataclass_fields__))


def fill_of(chart: Chart, index: int) -> Fill:
    """The fill of a series: its own, or the next of the row that is told apart in grey."""
    chosen = chart.series[index].fill
    if chosen != "auto":
        return chosen
    fills = OVERLAY_FILLS if isinstance(chart, BarChart) and chart.mode == "overlay" else FILLS
    return fills[index % len(fills)]


def fit_text(text: str, width: float, size: float, measure: Measure, bold: bool = False) -> str:
    """The text, cut with an ellipsis if it is wider than ``width``."""
    if measure(text, size, bold) <= width:
        return text
    while text and measure(text + "…", size, bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap_label(text: str, width: float, size: float, measure: Measure, lines: int = 2) -> list[str]:
    """A label in at most ``lines`` lines, the last cut with an ellipsis if need be."""
    rows, words = [""], text.split()
    for i, word in enumerate(words):
        longer = f"{rows[-1]} {word}".strip()
        if not rows[-1] or measure(longer, size, False) <= width:
            rows[-1] = longer
        elif len(rows) < lines:
            rows.append(word)
        else:
            rows[-1] = " ".join([rows[-1], *words[i:]])
            break
    return [fit_text(row, width, size, measure) for row in rows]


def region_text(chart: Chart, category: int) -> str:
    parts = []
    for series in chart.series:
        value = series.values[category]
        if value is not None:
            parts.append(f"{series.label}: {chart_value_text(value, chart.kind)}")
    return f"{chart.categories[category]}\n" + "\n".join(parts)


def link_of(chart: Chart, category: int) -> Link | None:
    return chart.links[category] if category < len(chart.links) else None


def value_runs(chart: Chart, category: int, index: int) -> list[tuple[str, bool]]:
    """What is written beside a bar: text and whether it is bold (the main number) or quiet."""
    if isinstance(chart, StackedBar):
        values = [Decimal(v) for s in chart.series if (v := s.values[category]) is not None]
        return [(chart_value_text(sum(values, Decimal(0)), chart.kind), True)] if values else []
    own = chart.series[index].values[category]
    runs = [(chart_value_text(own, chart.kind), True)] if own is not None else []
    if isinstance(chart, BarChart) and chart.mode == "overlay":
        for series in chart.series[1:]:
            value = series.values[category]
            if value is not None:
                name = series.short or series.label
                runs.append((f" · {name} {chart_value_text(value, chart.kind)}", False))
    return runs


@dataclass(frozen=True)
class Segment:
    """A bar along the value axis: from, to, its lane among the bars of a category, its series."""

    start: Decimal
    end: Decimal
    lane: int
    series: int


def segments_of(chart: Chart, category: int) -> list[Segment]:
    grouped = isinstance(chart, BarChart) and chart.mode == "grouped"
    result, above, below = [], Decimal(0), Decimal(0)
    for i, series in enumerate(chart.series):
        value = series.values[category]
        if value is None:
            continue
        amount = Decimal(value)
        if not isinstance(chart, StackedBar):
            result.append(Segment(Decimal(0), amount, i if grouped else 0, i))
        elif amount >= 0:
            result.append(Segment(above, above + amount, 0, i))
            above += amount
        else:
            result.append(Segment(below, below + amount, 0, i))
            below += amount
    return result


def lanes_of(chart: Chart) -> int:
    return len(chart.series) if isinstance(chart, BarChart) and chart.mode == "grouped" else 1
