"""Axes are round, charts stay inside their box, and series are told apart without colour."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import i18n
from crm_desktop.reporting.chart_axis import axis_for, nice_ticks, tick_text
from crm_desktop.reporting.chart_shapes import Bar, fill_of, wrap_label
from crm_desktop.reporting.charts import layout_chart, split_chart
from crm_desktop.reporting.document import BarChart, Chart, LineChart, ListLink, Series, StackedBar


def measure(text: str, size: float, bold: bool) -> float:
    """A plain font: every letter as wide as half its size."""
    return len(text) * size * (0.55 if bold else 0.5)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 352_700, [0, 100_000, 200_000, 300_000, 400_000]),
        (0, 42, [0, 10, 20, 30, 40, 50]),
        (0, 1, [0, 1]),
        (-3500, 1200, [-4000, -3000, -2000, -1000, 0, 1000, 2000]),
        (5, 7, [0, 2, 4, 6, 8]),
    ],
)
def test_ticks_are_round(low: int, high: int, expected: list[int]) -> None:
    assert list(nice_ticks(low, high, whole=True)) == expected


def test_ticks_of_fractions() -> None:
    assert nice_ticks(0, Decimal("0.9")) == tuple(Decimal(n) / 5 for n in range(6))


@given(st.decimals(-(10**12), 10**12, places=2), st.decimals(-(10**12), 10**12, places=2), st.booleans())
def test_ticks_cover_the_values_and_zero(one: Decimal, other: Decimal, whole: bool) -> None:
    ticks = nice_ticks(min(one, other), max(one, other), whole=whole)
    assert ticks[0] <= min(one, other, 0) and ticks[-1] >= max(one, other, 0)
    assert 0 in ticks and 2 <= len(ticks) <= 12
    assert len({b - a for a, b in pairwise(ticks)}) == 1


@pytest.mark.parametrize(("language", "label"), [("pt_BR", "100\u00a0mil"), ("en", "100K"), ("es", "100\u00a0mil")])
def test_labels_are_short(language: str, label: str) -> None:
    i18n.set_language(language)
    assert tick_text(100_000, "money") == label


SERIES = (Series("Primeira", (12, -3, None, 40)), Series("Segunda com nome comprido", (7, 9, 1, 0)))
NAMES = ("Qualificação", "Um nome de categoria que não cabe em uma linha só", "C", "D")
CHARTS: list[Chart] = [
    BarChart(NAMES, SERIES),
    BarChart(NAMES, SERIES, mode="overlay"),
    BarChart(NAMES, SERIES, vertical=True),
    StackedBar(NAMES, SERIES),
    StackedBar(NAMES, SERIES, vertical=True),
    LineChart(NAMES, SERIES),
    LineChart(tuple(f"mês {n}" for n in range(60)), (Series("x", tuple(range(60))),)),
]


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("width", [180.0, 523.0, 1400.0])
def test_everything_lies_inside(chart: Chart, width: float) -> None:
    layout = layout_chart(chart, width, measure)
    for bar in layout.bars:
        assert bar.x >= -0.1 and bar.x + bar.width <= width + 0.1
        assert bar.y >= 0 and bar.y + bar.height <= layout.height
        assert bar.width >= 0 and bar.height >= 0
    for label in layout.labels:
        wide = measure(label.text, label.size, label.bold)
        left = label.x - {"left": 0.0, "center": wide / 2, "right": wide}[label.align]
        assert label.y <= layout.height
        if width > 400:
            assert left >= -1 and left + wide <= width + 1, label
    for line in layout.lines:
        assert all(0 <= x <= width and 0 <= y <= layout.height for x, y in line.points)


def test_bars_are_as_long_as_their_values() -> None:
    chart = BarChart(("a", "b"), (Series("x", (10, 40)),))
    short, long = (bar for bar in layout_chart(chart, 500, measure).bars if bar.category >= 0)
    assert long.width == pytest.approx(4 * short.width)


def test_overlaid_bars_share_their_place_and_stacked_ones_follow_each_other() -> None:
    series = (Series("alles", (100,)), Series("teil", (25,)))
    whole, part = _bars(BarChart(("a",), series, mode="overlay"))
    assert part.x == whole.x and part.y == whole.y and part.width == pytest.approx(whole.width / 4)
    first, second = _bars(StackedBar(("a",), series))
    assert second.x == pytest.approx(first.x + first.width)


def _bars(chart: Chart) -> list[Bar]:
    return [bar for bar in layout_chart(chart, 500, measure).bars if bar.category >= 0]


def test_a_missing_value_breaks_a_line() -> None:
    chart = LineChart(("a", "b", "c", "d"), (Series("x", (1, None, 3, 4)),))
    assert [len(line.points) for line in layout_chart(chart, 500, measure).lines] == [1, 2]


def test_fills_differ_and_can_be_chosen() -> None:
    chart = StackedBar(("a",), tuple(Series(str(n), (1,)) for n in range(6)))
    assert len({fill_of(chart, n) for n in range(6)}) == 6
    assert fill_of(BarChart(("a",), (Series("x", (1,), fill="cross"),)), 0) == "cross"


def test_regions_say_and_open_what_is_behind() -> None:
    link = ListLink("deal")
    chart = BarChart(("Proposta", "Outra"), (Series("Valor", (1500, 2)),), kind="money", links=(link,))
    first, second = layout_chart(chart, 500, measure).regions
    assert first.text == "Proposta\nValor: 1.500" and first.link is link
    assert second.link is None


def test_parts_of_a_long_chart_keep_its_axis() -> None:
    chart = BarChart(tuple(map(str, range(50))), (Series("x", tuple(range(50, 0, -1))),), title="T")
    parts = split_chart(chart, 24)
    assert [len(part.categories) for part in parts] == [24, 24, 2]
    assert [part.title for part in parts] == ["T", "", ""]
    widths = [_bars_with_axis(part, chart)[0].width for part in parts]
    assert widths[0] > widths[1] > widths[2]


def _bars_with_axis(part: Chart, whole: Chart) -> list[Bar]:
    return layout_chart(part, 500, measure, axis=axis_for(whole)).bars


def test_long_labels_are_wrapped_then_cut() -> None:
    rows = wrap_label("uma etiqueta muito comprida para duas linhas", 60, 8, measure)
    assert len(rows) == 2 and rows[-1].endswith("…")
    assert all(measure(row, 8, False) <= 60 for row in rows)
