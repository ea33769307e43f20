"""A document: what goes on paper, screen or into a spreadsheet, as blocks of raw values. No formatting here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from crm_desktop.core.filters import Filter

Value: TypeAlias = Decimal | int | str | date | datetime | bool | None
"""A raw value. Instants are aware; percents are 0–100; what is shown is decided by the writer and the language."""

ValueKind = Literal["text", "integer", "number", "money", "percent", "date", "datetime", "bool"]
Align = Literal["left", "center", "right"]
TotalKind = Literal["none", "sum", "count"]
Fill = Literal["auto", "solid", "hatch", "light", "cross", "outline", "back"]
ChartMode = Literal["grouped", "overlay"]
Paper = Literal["A4", "Letter"]


@dataclass(frozen=True)
class RecordLink:
    """Opens one record."""

    entity: str
    record_id: int


@dataclass(frozen=True)
class ListLink:
    """Opens the list of the records behind a number."""

    entity: str
    filter: Filter | None = None


Link: TypeAlias = RecordLink | ListLink


@dataclass(frozen=True)
class Organisation:
    """Whose paper it is: name, one address line, and the bytes of a PNG or JPEG logo."""

    name: str
    address: str = ""
    logo: bytes | None = None


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a section, 2 a part of it. It also goes into the outline of a PDF."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph. Line breaks are kept."""

    text: str
    muted: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Spacer:
    """Empty space, in points."""

    height: float = 12


@dataclass(frozen=True)
class PageBreak:
    """What follows starts on a new page."""


@dataclass(frozen=True)
class Figure:
    """One number that matters, with its label; ``link`` opens what is behind it.

    An empty ``currency``, here and in columns and charts, is the office's own.
    """

    label: str
    value: Value
    kind: ValueKind = "integer"
    emphasis: bool = False
    currency: str = ""
    cents: bool = True
    link: Link | None = None


@dataclass(frozen=True)
class KeyFigures:
    """A row of figures."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``weight`` shares out spare width (0: the column keeps the width of its content). Money is in ``currency``,
    or in the currency named by the row's value in the column ``currency_key`` (which need not be shown:
    see ``hidden``). ``total`` says what subtotals and totals show.
    """

    key: str
    label: str
    kind: ValueKind = "text"
    align: Align | None = None
    weight: float = 1.0
    total: TotalKind = "none"
    currency: str = ""
    currency_key: str = ""
    decimals: int | None = None
    hidden: bool = False

    @property
    def alignment(self) -> Align:
        """The alignment given, or that of the kind: numbers right, everything else left."""
        if self.align:
            return self.align
        return "right" if self.kind in ("integer", "number", "money", "percent") else "left"


@dataclass(frozen=True)
class Row:
    """One row: a value for each column, what it opens, and a short mark shown beside its first cell."""

    values: tuple[Value, ...]
    link: Link | None = None
    mark: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under a common line. ``note`` is quiet text in the line ("4 deals").

    Subtotals are calculated from the columns' ``total``; ``subtotals`` (column key to value) adds or replaces some.
    """

    label: str
    rows: tuple[Row, ...]
    note: str = ""
    subtotals: Mapping[str, Value] = field(default_factory=dict)
    link: Link | None = None


@dataclass(frozen=True)
class Table:
    """A table of rows, or of groups of rows when ``groups`` is given (then ``rows`` is not used).

    ``group_label`` and ``mark_label`` name the group and the mark where they become columns of their own
    (spreadsheets). ``totals`` (column key to value) adds to or replaces the calculated totals; without any total
    and without a ``total_label`` there is no total line. ``name`` is the sheet's name, ``empty`` what is said
    when there are no rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    groups: tuple[Group, ...] = ()
    name: str = ""
    group_label: str = ""
    mark_label: str = ""
    total_label: str = ""
    total_note: str = ""
    totals: Mapping[str, Value] = field(default_factory=dict)
    empty: str = ""

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """Every row, those of groups in the order of the groups."""
        if not self.groups:
            return self.rows
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True)
class Series:
    """One series of a chart: a value for each category. ``short`` is its name beside a value ("wtd.").

    The fills are told apart in grey: solid, hatch, light, cross, outline, back (hatched the other way).
    "auto" takes them in this order.
    """

    label: str
    values: tuple[Decimal | int | None, ...]
    fill: Fill = "auto"
    short: str = ""


@dataclass(frozen=True)
class BarChart:
    """Bars: grouped side by side, or overlaid (each series a part of the first). Horizontal unless ``vertical``.

    ``links`` holds, for each category, what it opens.
    """

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    title: str = ""
    kind: ValueKind = "integer"
    currency: str = ""
    mode: ChartMode = "grouped"
    vertical: bool = False
    links: tuple[Link | None, ...] = ()


@dataclass(frozen=True)
class StackedBar:
    """Bars whose series add up to a whole. Horizontal unless ``vertical``."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    title: str = ""
    kind: ValueKind = "integer"
    currency: str = ""
    vertical: bool = False
    links: tuple[Link | None, ...] = ()


@dataclass(frozen=True)
class LineChart:
    """Lines over ordered categories (months); a missing value breaks the line."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    title: str = ""
    kind: ValueKind = "integer"
    currency: str = ""
    links: tuple[Link | None, ...] = ()


Chart: TypeAlias = BarChart | StackedBar | LineChart
Block: TypeAlias = Heading | Text | Spacer | PageBreak | KeyFigures | Table | BarChart | StackedBar | LineChart


@dataclass(frozen=True)
class Document:
    """A finished report or print-out.

    ``subtitle`` says which records (the filter in words), ``as_of`` when the data was read, ``author`` who made it,
    ``code`` how to find it again, ``footer`` what stands in the middle of the foot ("Internal use").
    ``landscape`` True or False decides; None turns the page only when a table needs it.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    as_of: datetime | None = None
    author: str = ""
    organisation: Organisation = Organisation("")
    landscape: bool | None = None
    code: str = ""
    footer: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))
