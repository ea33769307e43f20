"""The two ways to plot a chart: categories down the side, or along the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from crm_desktop.reporting.chart_axis import Axis
from crm_desktop.reporting.chart_shapes import (
    DASHES,
    MARKERS,
    Bar,
    ChartLayout,
    ChartStyle,
    Label,
    Line,
    Measure,
    Region,
    Rule,
    Segment,
    fill_of,
    fit_text,
    lanes_of,
    link_of,
    region_text,
    segments_of,
    value_runs,
    wrap_label,
)
from crm_desktop.reporting.document import Chart, LineChart, Series, StackedBar


class SidewaysPlot:
    """Horizontal bars: categories down the left side, values along the bottom."""

    def __init__(
        self, layout: ChartLayout, chart: Chart, measure: Measure, style: ChartStyle, top: float, axis: Axis
    ) -> None:
        self.layout, self.chart, self.measure, self.style, self.top = layout, chart, measure, style, top
        self.lanes = lanes_of(chart)
        self.thick = style.bar if self.lanes == 1 else style.thin_bar
        self.pitch = self.lanes * self.thick + style.gap
        self.axis = axis

    def draw(self) -> None:
        chart, style = self.chart, self.style
        widest = max(self.measure(name, style.text, False) for name in chart.categories)
        names = min(widest, self.layout.width * 0.3)
        left = names + style.pad * 1.5
        self.names_end = left
        self.plot = self._plot_width(left)
        if self.axis.low < 0:
            room = max((self._run_width(i, s) for i, s in self._marks() if s.end < 0), default=0) + style.pad
            shift = min(max(0.0, room - self.plot * self.axis.fraction(0)), self.plot * 0.5)
            left, self.plot = left + shift, self.plot - shift
        self.left = left
        bottom = self.top + self.pitch * len(chart.categories)
        self._grid(bottom)
        for i in range(len(chart.categories)):
            self._category(i, names)
        self.layout.height = bottom + style.axis * 2

    def _marks(self) -> list[tuple[int, Segment]]:
        """For every text beside a bar, the category and the segment at whose end it stands."""
        marks = []
        for i in range(len(self.chart.categories)):
            segments = segments_of(self.chart, i)
            if self.lanes == 1 and segments:
                marks.append((i, max(segments, key=lambda s: (abs(s.end), -s.series))))
            else:
                marks += [(i, segment) for segment in segments]
        return marks

    def _run_width(self, category: int, segment: Segment) -> float:
        runs = value_runs(self.chart, category, segment.series)
        return sum(self.measure(text, self.style.text, bold) for text, bold in runs) + self.style.pad

    def _plot_width(self, left: float) -> float:
        """As wide as every text beside its bar still fits."""
        space = self.layout.width - left
        width = space - self.measure(self.axis.labels[-1], self.style.axis, False) / 2
        for category, segment in self._marks():
            reach = self.axis.fraction(max(segment.end, Decimal(0)))
            if reach > 0:
                width = min(width, (space - self._run_width(category, segment)) / reach)
        return max(width, space * 0.3)

    def _x(self, value: Decimal) -> float:
        return self.left + self.plot * self.axis.fraction(value)

    def _grid(self, bottom: float) -> None:
        size, baseline = self.style.axis, bottom + self.style.axis * 1.4
        widest = max(self.measure(text, size, False) for text in self.axis.labels)
        spacing = self.plot / (len(self.axis.ticks) - 1)
        every = next((n for n in range(1, 20) if n * spacing >= widest + self.style.pad), 20)
        zero = self.axis.ticks.index(Decimal(0))
        for n, (tick, text) in enumerate(zip(self.axis.ticks, self.axis.labels, strict=True)):
            x = self._x(tick)
            self.layout.rules.append(Rule(x, self.top, x, bottom, "axis" if tick == 0 else "grid"))
            if (n - zero) % every == 0:
                x = max(x, self.measure(text, size, False) / 2)
                self.layout.labels.append(Label(x, baseline, text, size, "center", muted=True))

    def _category(self, i: int, names: float) -> None:
        layout, style = self.layout, self.style
        top = self.top + self.pitch * i + style.gap / 2
        middle = top + self.lanes * self.thick / 2
        rows = wrap_label(self.chart.categories[i], names, style.text, self.measure)
        for n, row in enumerate(rows):
            y = middle + style.text * (0.36 + 1.1 * (n - (len(rows) - 1) / 2))
            layout.labels.append(Label(names, y, row, style.text, "right"))
        for segment in segments_of(self.chart, i):
            x1, x2 = sorted((self._x(segment.start), self._x(segment.end)))
            y = top + segment.lane * self.thick
            height = self.thick if self.lanes == 1 else self.thick - 1
            layout.bars.append(Bar(x1, y, x2 - x1, height, fill_of(self.chart, segment.series), i, segment.series))
        for category, segment in self._marks():
            if category == i:
                self._text_beside(i, segment, top + (segment.lane + 0.5) * self.thick + style.text * 0.36)
        text, link = region_text(self.chart, i), link_of(self.chart, i)
        layout.regions.append(Region(0, top - style.gap / 2, layout.width, self.pitch, i, text, link))

    def _text_beside(self, category: int, segment: Segment, baseline: float) -> None:
        size, x = self.style.text, self._x(segment.end) + self.style.pad
        end = self.layout.width
        if segment.end < 0:
            end = self._x(segment.end) - self.style.pad / 2
            x = max(self.names_end, end - self._run_width(category, segment))
        for text, bold in value_runs(self.chart, category, segment.series):
            text = fit_text(text, end - x, size, self.measure, bold)
            self.layout.labels.append(Label(x, baseline, text, size, bold=bold, muted=not bold, clear=True))
            x += self.measure(text, size, bold)
            if text.endswith("…"):
                break


class UprightPlot:
    """Vertical bars and lines: categories along the bottom, values up the left side."""

    def __init__(
        self, layout: ChartLayout, chart: Chart, measure: Measure, style: ChartStyle, top: float, axis: Axis
    ) -> None:
        self.layout, self.chart, self.measure, self.style = layout, chart, measure, style
        self.axis = axis
        self.top = top + style.text
        self.left = max(measure(text, style.axis, False) for text in self.axis.labels) + style.pad
        self.step = (layout.width - self.left) / len(chart.categories)

    def draw(self) -> None:
        for tick, text in zip(self.axis.ticks, self.axis.labels, strict=True):
            y = self._y(tick)
            self.layout.rules.append(Rule(self.left, y, self.layout.width, y, "axis" if tick == 0 else "grid"))
            label = Label(self.left - self.style.pad, y + self.style.axis * 0.36, text, self.style.axis, "right")
            self.layout.labels.append(replace(label, muted=True))
        self._names()
        if isinstance(self.chart, LineChart):
            self._lines(self.chart.series)
        else:
            self._bars()
        self._values()
        for i in range(len(self.chart.categories)):
            x, text, link = self.left + self.step * i, region_text(self.chart, i), link_of(self.chart, i)
            self.layout.regions.append(Region(x, self.top, self.step, self.style.plot_height, i, text, link))

    def _y(self, value: Decimal | int) -> float:
        return self.top + self.style.plot_height * (1 - self.axis.fraction(value))

    def _centre(self, i: int) -> float:
        return self.left + self.step * (i + 0.5)

    def _names(self) -> None:
        """The categories' names: two lines where they fit, else one, and only every n-th where they are many."""
        style, names = self.style, self.chart.categories
        widest = max(self.measure(name, style.axis, False) for name in names)
        every = 1
        while every < len(names) and self.step * every < min(widest, style.axis * 9) + style.pad:
            every += 1
        most = 1
        baseline = self.top + style.plot_height + style.axis * 1.5
        for i in range(0, len(names), every):
            centre = self._centre(i)
            room = min(self.step * every - style.pad / 2, 2 * centre, 2 * (self.layout.width - centre))
            rows = wrap_label(names[i], room, style.axis, self.measure)
            most = max(most, len(rows))
            for n, row in enumerate(rows):
                y = baseline + n * style.axis * 1.15
                self.layout.labels.append(Label(centre, y, row, style.axis, "center", muted=True))
        self.layout.height = baseline + (most - 1) * style.axis * 1.15 + style.axis * 0.5

    def _bars(self) -> None:
        lanes = lanes_of(self.chart)
        thick = min(self.step * 0.72 / lanes, self.style.bar * 1.6)
        for i in range(len(self.chart.categories)):
            start = self._centre(i) - thick * lanes / 2
            for segment in segments_of(self.chart, i):
                y1, y2 = sorted((self._y(segment.start), self._y(segment.end)))
                width = thick if lanes == 1 else thick * 0.92
                fill = fill_of(self.chart, segment.series)
                bar = Bar(start + segment.lane * thick, y1, width, y2 - y1, fill, i, segment.series)
                self.layout.bars.append(bar)

    def _lines(self, series: Sequence[Series]) -> None:
        for index, one in enumerate(series):
            part: list[tuple[float, float]] = []
            for i, value in enumerate([*one.values, None]):
                if value is not None:
                    part.append((self._centre(i), self._y(value)))
                elif part:
                    self.layout.lines.append(Line(tuple(part), index, DASHES[index % 4], MARKERS[index % 4]))
                    part = []

    def _values(self) -> None:
        """The numbers above the bars or points, where one series leaves room for them all."""
        chart, size = self.chart, self.style.axis
        if len(chart.series) > 1 and not isinstance(chart, StackedBar):
            return
        texts = [value_runs(chart, i, 0) for i in range(len(chart.categories))]
        if any(runs and self.measure(runs[0][0], size, True) > self.step - 2 for runs in texts):
            return
        for i, runs in enumerate(texts):
            if runs:
                highest = max((s.end for s in segments_of(chart, i)), default=Decimal(0))
                y = self._y(max(highest, Decimal(0))) - (size * 0.4 if not isinstance(chart, LineChart) else size * 0.8)
                self.layout.labels.append(Label(self._centre(i), y, runs[0][0], size, "center", bold=True))
