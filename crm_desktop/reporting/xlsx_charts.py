"""Native charts of a workbook, over numbers that stand in its cells."""

from __future__ import annotations

from typing import Any

from crm_desktop.reporting.chart_shapes import fill_of
from crm_desktop.reporting.document import BarChart, Chart, Fill, LineChart, StackedBar

_INK, _SOFT, _GRID = "#23306F", "#9AA6D6", "#E1E4EA"
_PATTERNS: dict[Fill, str] = {
    "hatch": "wide_upward_diagonal",
    "back": "wide_downward_diagonal",
    "cross": "outlined_diamond",
}
_LINE_DASHES = ("solid", "dash", "round_dot", "dash_dot")
_MARKERS = ("circle", "square", "triangle", "diamond")
_ROW_PIXELS = 20


def insert_chart(book: Any, sheet: Any, top: int, chart: Chart) -> int:
    """Insert the chart of a block whose numbers start at row ``top``; returns how many rows it covers."""
    sideways = not isinstance(chart, LineChart) and not chart.vertical
    native = book.add_chart(_chart_type(chart, sideways))
    first, last = top + 1, top + len(chart.categories)
    for i in range(len(chart.series)):
        column = i + 1
        options = {
            "name": [sheet.name, top, column],
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, column, last, column],
            **_series_look(chart, i),
        }
        if isinstance(chart, BarChart) and chart.mode == "overlay":
            options["overlap"] = 100
        if not isinstance(chart, LineChart):
            options["gap"] = 60
        native.add_series(options)
    grid = {"visible": True, "line": {"color": _GRID}}
    values = {
        "major_gridlines": grid,
        "num_format": "0%" if chart.kind == "percent" else "#,##0",
        "line": {"none": True},
    }
    names: dict[str, Any] = {"major_gridlines": {"visible": False}}
    if sideways:
        # bars start at the bottom otherwise; the value axis then has to be called back from the top
        native.set_x_axis(values | {"label_position": "high"})
        native.set_y_axis(names | {"reverse": True})
    else:
        native.set_x_axis(names)
        native.set_y_axis(values)
    if chart.title:
        native.set_title({"name": chart.title, "overlay": False, "name_font": {"size": 12}})
    else:
        native.set_title({"none": True})
    native.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    lanes = len(chart.series) if isinstance(chart, BarChart) and chart.mode == "grouped" else 1
    height = 300 if not sideways else min(max(120 + 26 * len(chart.categories) * (1 + (lanes - 1) // 2), 240), 1200)
    native.set_size({"width": 680, "height": height})
    sheet.insert_chart(top, len(chart.series) + 2, native, {"description": chart.title})
    return height // _ROW_PIXELS + 1


def _chart_type(chart: Chart, sideways: bool) -> dict[str, str]:
    if isinstance(chart, LineChart):
        return {"type": "line"}
    kind = {"type": "bar" if sideways else "column"}
    return kind | {"subtype": "stacked"} if isinstance(chart, StackedBar) else kind


def _series_look(chart: Chart, i: int) -> dict[str, Any]:
    if isinstance(chart, LineChart):
        marker = {"type": _MARKERS[i % 4], "size": 5, "fill": {"color": _INK}, "border": {"color": _INK}}
        return {"line": {"color": _INK, "width": 1.75, "dash_type": _LINE_DASHES[i % 4]}, "marker": marker}
    fill, border = fill_of(chart, i), {"color": _INK, "width": 0.75}
    if fill in _PATTERNS:
        pattern = {"pattern": _PATTERNS[fill], "fg_color": _SOFT, "bg_color": "#FFFFFF"}
        return {"pattern": pattern, "border": border}
    return {"fill": {"color": {"solid": _INK, "light": "#D5DAEE"}.get(fill, "#FFFFFF")}, "border": border}
