"""Sheets of labels as they are sold, and a sheet of one's own measures. All lengths are millimetres.

The measures are those that the makers print on the packets: Avery and Avery Zweckform for A4, Avery and Pimaco for Letter.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_

PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
OWN = "own"


@dataclass(frozen=True)
class LabelSheet:
    """A sheet: its labels in columns and rows, the size of one, the margins to the first, and from one to the next."""

    key: str
    name: str
    paper: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    pitch_x: float
    pitch_y: float

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[int, float, float]:
        """(page, left, top) of a label, counted from 0 on the first page, row by row."""
        page, rest = divmod(number, self.count)
        row, column = divmod(rest, self.columns)
        return page, self.left + column * self.pitch_x, self.top + row * self.pitch_y


def _sheet(
    key: str, name: str, paper: str, grid: tuple[int, int], size: tuple[float, float], first: tuple[float, float],
    pitch: tuple[float, float],
) -> LabelSheet:  # fmt: skip
    return LabelSheet(key, name, paper, *grid, *size, *first, *pitch)


SHEETS = (
    _sheet("L7159", "Avery L7159", "A4", (3, 8), (63.5, 33.9), (6.46, 12.9), (66.04, 33.9)),
    _sheet("L7160", "Avery L7160", "A4", (3, 7), (63.5, 38.1), (6.46, 15.15), (66.04, 38.1)),
    _sheet("L7163", "Avery L7163", "A4", (2, 7), (99.1, 38.1), (4.65, 15.15), (101.6, 38.1)),
    _sheet("L7165", "Avery L7165", "A4", (2, 4), (99.1, 67.7), (4.65, 13.1), (101.6, 67.7)),
    _sheet("L7651", "Avery L7651", "A4", (5, 13), (38.1, 21.2), (4.67, 10.7), (40.64, 21.2)),
    _sheet("3474", "Avery Zweckform 3474", "A4", (3, 8), (70.0, 37.0), (0.0, 0.5), (70.0, 37.0)),
    _sheet("A4351", "Pimaco A4351", "A4", (5, 13), (38.2, 21.2), (4.5, 10.7), (40.7, 21.2)),
    _sheet("A4360", "Pimaco A4360", "A4", (3, 7), (63.5, 38.1), (6.46, 15.15), (66.04, 38.1)),
    _sheet("A4363", "Pimaco A4363", "A4", (2, 7), (99.0, 38.1), (4.7, 15.15), (101.6, 38.1)),
    _sheet("5160", "Avery 5160", "Letter", (3, 10), (66.675, 25.4), (4.7625, 12.7), (69.85, 25.4)),
    _sheet("5161", "Avery 5161", "Letter", (2, 10), (101.6, 25.4), (3.96875, 12.7), (106.3625, 25.4)),
    _sheet("5162", "Avery 5162", "Letter", (2, 7), (101.6, 33.8667), (3.96875, 21.1667), (106.3625, 33.8667)),
    _sheet("5163", "Avery 5163", "Letter", (2, 5), (101.6, 50.8), (3.96875, 12.7), (106.3625, 50.8)),
    _sheet("6180", "Pimaco 6180", "Letter", (3, 10), (66.7, 25.4), (4.75, 12.7), (69.85, 25.4)),
    _sheet("6181", "Pimaco 6181", "Letter", (2, 10), (101.6, 25.4), (3.97, 12.7), (106.36, 25.4)),
    _sheet("6182", "Pimaco 6182", "Letter", (2, 7), (101.6, 33.9), (3.97, 21.05), (106.36, 33.9)),
    _sheet("6183", "Pimaco 6183", "Letter", (2, 5), (101.6, 50.8), (3.97, 12.7), (106.36, 50.8)),
)
"""The sheets that the program knows. A further one is one line here."""
_BY_KEY = {sheet.key: sheet for sheet in SHEETS}
_SLACK = 0.5


def sheet_of(key: str) -> LabelSheet | None:
    """The sheet with a key."""
    return _BY_KEY.get(key)


def own_sheet(
    paper: str, columns: int, rows: int, width: float, height: float, left: float, top: float, pitch_x: float,
    pitch_y: float,
) -> LabelSheet:  # fmt: skip
    """A sheet of one's own measures.

    Raises:
        FieldError: the labels lie over each other, or over the edge of the paper; the field is the measure to change.
    """
    sheet = LabelSheet(OWN, "", paper, columns, rows, width, height, left, top, pitch_x, pitch_y)
    page_width, page_height = PAPERS[paper]
    if columns < 1 or rows < 1 or width <= 0 or height <= 0:
        raise FieldError(
            "width", N_("A label needs a width and a height, and a sheet at least one row and one column.")
        )
    if columns > 1 and pitch_x < width:
        raise FieldError("pitch_x", N_("The labels lie over each other: the step to the right is less than the width."))
    if rows > 1 and pitch_y < height:
        raise FieldError("pitch_y", N_("The labels lie over each other: the step down is less than the height."))
    right, bottom = left + (columns - 1) * pitch_x + width, top + (rows - 1) * pitch_y + height
    if left < 0 or right > page_width + _SLACK:
        raise FieldError(
            "left", N_("The labels go over the side of the paper by {mm} mm."), mm=_over(right - page_width)
        )
    if top < 0 or bottom > page_height + _SLACK:
        raise FieldError(
            "top", N_("The labels go over the end of the paper by {mm} mm."), mm=_over(bottom - page_height)
        )
    return sheet


def _over(length: float) -> str:
    return f"{max(length, 0.0):.1f}"
