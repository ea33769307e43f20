"""Where events go: columns of days, events that overlap, and bars across days. No Qt, no pixels of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEKEND_WEIGHT = 80 / 152
"""How wide a day of the weekend is beside a working day."""

CASCADE = 1.85
"""How many lanes wide an event is where three or more overlap."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one event across its column: ``left`` and ``width`` are parts of 1, ``lane`` the painting order."""

    lane: int
    lanes: int
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of an event across days: ``first`` and ``last`` are columns, ``row`` counts from the top."""

    index: int
    row: int
    first: int
    last: int
    begins: bool
    ends: bool


def lay_out(spans: Sequence[tuple[int, int]]) -> list[Slot]:
    """Place events of one day, given as (start, end) minutes.

    Two that overlap share the width. From three on they cascade: each is 1.85 lanes wide and lies above the one before.
    An event with nothing to its right reaches to the edge.
    """
    slots: list[Slot] = [Slot(0, 1, 0.0, 1.0)] * len(spans)
    order = sorted(range(len(spans)), key=lambda index: (spans[index][0], -spans[index][1]))
    cluster: list[int] = []
    reach = -1
    for index in order:
        start, end = spans[index]
        if cluster and start >= reach:
            _place(cluster, spans, slots)
            cluster = []
            reach = -1
        cluster.append(index)
        reach = max(reach, end)
    if cluster:
        _place(cluster, spans, slots)
    return slots


def _place(cluster: list[int], spans: Sequence[tuple[int, int]], slots: list[Slot]) -> None:
    ends: list[int] = []
    lanes: dict[int, int] = {}
    for index in cluster:
        start, end = spans[index]
        lane = next((lane for lane, busy in enumerate(ends) if busy <= start), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        lanes[index] = lane
    count = len(ends)
    for index in cluster:
        lane = lanes[index]
        start, end = spans[index]
        right = any(lanes[other] > lane and spans[other][0] < end and spans[other][1] > start for other in cluster)
        wide = (CASCADE if count > 2 else 1) / count if right else 1.0
        left = lane / count
        slots[index] = Slot(lane, count, left, min(wide, 1 - left))


def pack_bars(ranges: Sequence[tuple[date, date]], first: date, days: int) -> list[Bar]:
    """Place events across days in rows, over ``days`` columns from ``first``; the longest and earliest go on top.

    Args:
        ranges: first and last day of each event, both included. Events outside the columns are left out.
    """
    last = first + timedelta(days=days - 1)
    seen = [index for index, (begin, end) in enumerate(ranges) if begin <= last and end >= first]
    seen.sort(key=lambda index: (max(ranges[index][0], first), -(ranges[index][1] - ranges[index][0]).days, index))
    rows: list[list[tuple[int, int]]] = []
    bars = []
    for index in seen:
        begin, end = ranges[index]
        left, right = max((begin - first).days, 0), min((end - first).days, days - 1)
        row = next((n for n, busy in enumerate(rows) if all(b < left or a > right for a, b in busy)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append((left, right))
        bars.append(Bar(index, row, left, right, begin >= first, end <= last))
    return bars


def column_edges(weekdays: Sequence[int], width: int, weekend: Sequence[int] = (5, 6)) -> list[int]:
    """The left edges of the columns of days, and the right edge of the last.

    Days of the weekend are narrower, unless all are.
    """
    weights = [WEEKEND_WEIGHT if day in weekend else 1.0 for day in weekdays]
    if len(set(weights)) == 1:
        weights = [1.0] * len(weights)
    total = sum(weights)
    edges, reached = [0], 0.0
    for weight in weights:
        reached += weight
        edges.append(round(width * reached / total))
    return edges


def week_start(day: date, first_weekday: int) -> date:
    """The first day of the week that a day is in."""
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def month_grid(month: date, first_weekday: int) -> list[date]:
    """The first days of the weeks that a month's page shows."""
    start = week_start(month.replace(day=1), first_weekday)
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    weeks = []
    while start < following:
        weeks.append(start)
        start += timedelta(days=7)
    return weeks


@dataclass(frozen=True, slots=True)
class Columns:
    """The days of a view side by side, after the column of the hours; mirrored where one reads from right to left."""

    days: tuple[date, ...]
    gutter: int
    edges: tuple[int, ...]
    width: int
    mirrored: bool = False

    def span(self, first: int, last: int | None = None) -> tuple[int, int]:
        """Left edge and width of one column, or of the columns from ``first`` to ``last``."""
        left = self.gutter + self.edges[first]
        right = self.gutter + self.edges[(first if last is None else last) + 1]
        return (self.width - right if self.mirrored else left), right - left

    def index_at(self, x: int) -> int:
        """The column at a place, or the nearest one."""
        inner = (self.width - x if self.mirrored else x) - self.gutter
        for index in range(len(self.days)):
            if inner < self.edges[index + 1]:
                return index
        return len(self.days) - 1


def columns(days: Sequence[date], gutter: int, width: int, *, mirrored: bool = False) -> Columns:
    """Share ``width`` pixels among a column for the hours and the days."""
    edges = column_edges([day.weekday() for day in days], max(width - gutter, len(days)))
    return Columns(tuple(days), gutter, tuple(edges), width, mirrored)
