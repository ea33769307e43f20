"""How a chart is laid out, alike for the PDF writer and the window."""

from __future__ import annotations

from dataclasses import replace

from crm_desktop.core.i18n import _
from crm_desktop.reporting.chart_axis import Axis, axis_for
from crm_desktop.reporting.chart_plots import SidewaysPlot, UprightPlot
from crm_desktop.reporting.chart_shapes import (
    DASHES,
    MARKERS,
    Bar,
    ChartLayout,
    ChartStyle,
    Label,
    Line,
    Measure,
    fill_of,
    fit_text,
    lanes_of,
)
from crm_desktop.reporting.document import Chart, LineChart


def layout_chart(
    chart: Chart, width: float, measure: Measure, style: ChartStyle | None = None, axis: Axis | None = None
) -> ChartLayout:
    """Lay out a chart in ``width``; its height follows from what it holds.

    Args:
        chart: the block.
        width: in the units of ``measure`` and ``style``.
        measure: the width of a text.
        style: the sizes; those of print where none are given.
        axis: the value axis, to give the parts of a split chart the same one.
    """
    style = style or ChartStyle()
    layout = ChartLayout(width)
    if not chart.categories or not any(v is not None for series in chart.series for v in series.values):
        layout.labels.append(Label(0, style.text * 1.3, _("No data for this choice."), style.text, muted=True))
        layout.height = style.text * 2
        return layout
    top = _legend(layout, chart, measure, style) if len(chart.series) > 1 else style.pad / 2
    if isinstance(chart, LineChart) or chart.vertical:
        UprightPlot(layout, chart, measure, style, top, axis or axis_for(chart)).draw()
    else:
        SidewaysPlot(layout, chart, measure, style, top, axis or axis_for(chart)).draw()
    return layout


def categories_in(chart: Chart, height: float, style: ChartStyle | None = None) -> int:
    """How many categories of a chart fit into a height; all of them where they stand side by side."""
    if isinstance(chart, LineChart) or chart.vertical:
        return max(1, len(chart.categories))
    style, lanes = style or ChartStyle(), lanes_of(chart)
    pitch = style.gap + (style.bar if lanes == 1 else style.thin_bar * lanes)
    return max(1, int((height - style.text * 5) / pitch))


def split_chart(chart: Chart, size: int) -> list[Chart]:
    """A chart of many categories as several of at most ``size``."""
    if len(chart.categories) <= size:
        return [chart]
    parts: list[Chart] = []
    for start in range(0, len(chart.categories), size):
        cut = slice(start, start + size)
        series = tuple(replace(one, values=one.values[cut]) for one in chart.series)
        title = chart.title if not start else ""
        parts.append(
            replace(chart, categories=chart.categories[cut], series=series, links=chart.links[cut], title=title)
        )
    return parts


def _legend(layout: ChartLayout, chart: Chart, measure: Measure, style: ChartStyle) -> float:
    """Draw the legend, in several lines if need be; returns where the plot may begin."""
    x, y, swatch = 0.0, style.pad / 2, style.text * 1.5
    for i, series in enumerate(chart.series):
        text = fit_text(series.label, layout.width - swatch - style.pad, style.text, measure)
        width = swatch + style.pad + measure(text, style.text, False)
        if x and x + width > layout.width:
            x, y = 0.0, y + style.text * 1.7
        if isinstance(chart, LineChart):
            middle = y + style.text * 0.5
            points = ((x, middle), (x + swatch, middle))
            layout.lines.append(Line(points, i, DASHES[i % 4], MARKERS[i % 4]))
        else:
            layout.bars.append(Bar(x, y, swatch, style.text * 0.95, fill_of(chart, i), -1, i))
        layout.labels.append(Label(x + swatch + style.pad, y + style.text * 0.85, text, style.text, muted=True))
        x += width + style.text * 2
    return y + style.text * 2.4
