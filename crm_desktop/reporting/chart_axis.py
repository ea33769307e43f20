"""Axes of charts: round ticks and short labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from crm_desktop.core import formats
from crm_desktop.reporting.document import Chart, Series, StackedBar, ValueKind

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Axis:
    """A value axis: ticks from the lowest to the highest, always with zero in between."""

    ticks: tuple[Decimal, ...]
    labels: tuple[str, ...]

    @property
    def low(self) -> Decimal:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> Decimal:
        """The highest tick."""
        return self.ticks[-1]

    def fraction(self, value: Decimal | int) -> float:
        """Where a value lies between the lowest tick (0.0) and the highest (1.0)."""
        return float((Decimal(value) - self.low) / (self.high - self.low))


def nice_ticks(low: Decimal | int, high: Decimal | int, target: int = 5, whole: bool = False) -> tuple[Decimal, ...]:
    """Round ticks that cover ``low`` to ``high`` and include zero, about ``target`` steps of them.

    Steps are 1, 2, 2.5 or 5 times a power of ten; ``whole`` allows whole numbers only (counts).
    """
    low, high = min(Decimal(low), Decimal(0)), max(Decimal(high), Decimal(0))
    if low == high:
        high = Decimal(1)
    rough = (high - low) / target
    power = Decimal(1).scaleb(rough.adjusted())
    steps = [step * power for step in _STEPS if not whole or step * power == int(step * power)]
    step = next((step for step in steps if step >= rough), Decimal(1))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return tuple(step * n for n in range(int(first), int(last) + 1))


def axis_for(chart: Chart, target: int = 5) -> Axis:
    """The value axis of a chart."""
    values = [Decimal(value) for series in chart.series for value in series.values if value is not None]
    if isinstance(chart, StackedBar):
        values = stack_totals(chart.series, len(chart.categories), negative=False)
        values += stack_totals(chart.series, len(chart.categories), negative=True)
    ticks = nice_ticks(
        min(values, default=Decimal(0)), max(values, default=Decimal(0)), target, chart.kind == "integer"
    )
    return Axis(ticks, tuple(tick_text(tick, chart.kind) for tick in ticks))


def stack_totals(series: Sequence[Series], count: int, *, negative: bool) -> list[Decimal]:
    """For each category the sum of the values above (or below) zero."""
    totals = [Decimal(0)] * count
    for one in series:
        for i, value in enumerate(one.values):
            if value is not None and (value < 0) == negative:
                totals[i] += value
    return totals


def tick_text(value: Decimal | int, kind: ValueKind) -> str:
    """A short label of an axis: "100 mil", "1.2M", "50%"."""
    return formats.format_percent(value) if kind == "percent" else formats.format_compact(value, 2)


def chart_value_text(value: Decimal | int, kind: ValueKind) -> str:
    """A value written beside its bar: all its digits, no cents, no symbol (the title names the unit)."""
    if kind == "percent":
        return formats.format_percent(value, None if value == int(value) else 1)
    if kind == "number":
        return formats.format_number(value, None if value == int(value) else 2)
    return formats.format_number(value, 0)
