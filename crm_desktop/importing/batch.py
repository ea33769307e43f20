"""A few thousand rows of a file on their way into the database: cells, then values by field, then decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.core.fields import Field
from crm_desktop.importing.table import Evidence

Problem = tuple[int, str, Any, Evidence, bool]
"""(position in the batch, header, raw cell, why, whether a value that is needed is lost with it)."""


@dataclass
class PointColumn:
    """The values of one phone, e-mail or web column; ``field`` tells the place among a record's contact points.

    ``labels`` has a label for each row where another column tells it. ``extra`` columns only add, they never replace.
    ``slot`` is the place among the record's points of this kind, from 1; 0 goes by the field.
    """

    field: Field
    kind: str
    label: str | None
    values: list[Any]
    labels: list[str | None] | None = None
    extra: bool = False
    slot: int = 0


@dataclass
class Batch:
    """Rows ``start`` to ``start + size`` of a file, column by column.

    Attributes:
        numbers: the row numbers in the file.
        cells: the raw cells, row by row.
        values: values by field name, one for each row; links as ids.
        points: contact points in the order of the columns.
        more_points: contact points beyond the first of a cell: position to (kind, label, value).
        addresses: "" or "other" to address column to values.
        address_labels: "" or "other" to the label that the headers speak of.
        tags: names of tags for each row.
        links: record type and ids that an activity belongs to.
        children: rows of child tables, by the child's name.
        series: what names the series of an occurrence.
        photos: a picture for each row.
        external: the id of each row in the program that it comes from; None where no column gives it.
        remarks: lines for the record's remarks, by position.
        problems: cells that do not fit.
        rejected: why rows cannot be imported, by position: (header, raw cell, why).
        bad_targets: fields whose cell does not fit, by position.
        left_out: positions of duplicates.
        restored: ids of records that had been deleted and came back, by position.
    """

    numbers: list[int]
    cells: list[list[Any]]
    values: dict[str, list[Any]] = field(default_factory=dict)
    points: list[PointColumn] = field(default_factory=list)
    more_points: dict[int, list[tuple[str, str | None, str]]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    address_labels: dict[str, str] = field(default_factory=dict)
    tags: list[list[str]] | None = None
    links: list[tuple[str, list[int | None]]] = field(default_factory=list)
    children: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    series: list[str | None] | None = None
    photos: list[bytes | None] | None = None
    external: list[str | None] | None = None
    remarks: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)
    rejected: dict[int, tuple[str, Any, Evidence]] = field(default_factory=dict)
    bad_targets: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    left_out: set[int] = field(default_factory=set)
    restored: dict[int, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.numbers)

    def plain_points(self, positions: Sequence[int]) -> list[list[tuple[str, str | None, str]]]:
        """(kind, label, value) of the contact points of some rows, without repetitions."""
        found: list[list[tuple[str, str | None, str]]] = [[] for _ in self.numbers]
        for column in self.points:
            kind, label, labels = column.kind, column.label, column.labels
            for position, value in enumerate(column.values):
                if value is not None:
                    mine = found[position]
                    one = (kind, label if labels is None else labels[position], value)
                    if not mine:
                        mine.append(one)
                        continue
                    for other in mine:
                        if other[2] == value and other[0] == kind:
                            break
                    else:
                        mine.append(one)
        for position, more in self.more_points.items():
            mine = found[position]
            mine += [one for one in more if all(one[2] != other[2] or one[0] != other[0] for other in mine)]
        return [found[position] for position in positions] if len(positions) < self.size else found

    def points_of(self, position: int) -> list[tuple[PointColumn | None, str, str | None, str]]:
        """The contact points of a row without repetitions: (column, kind, label, value)."""
        found: list[tuple[PointColumn | None, str, str | None, str]] = []
        seen: set[tuple[str, str]] = set()
        for column in self.points:
            value = column.values[position]
            if value is not None and (column.kind, value) not in seen:
                seen.add((column.kind, value))
                label = column.label if column.labels is None else column.labels[position]
                found.append((column, column.kind, label, value))
        if position in self.more_points:
            for kind, label, value in self.more_points[position]:
                if (kind, value) not in seen:
                    seen.add((kind, value))
                    found.append((None, kind, label, value))
        return found
