"""Labels as a PDF, each exactly where the sheet has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.files import whole_file
from crm_desktop.reporting.label_sheets import PAPERS, LabelSheet
from crm_desktop.reporting.pdf_style import BOLD, REGULAR, RULE, TEXT, one_line, register_fonts, text_width, wrap_text

SIZES = (11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
"""The sizes of letters that are tried, in points; the largest that fits is used."""
_LEADING = 1.22
_ELLIPSIS = "…"


def write_labels(
    labels: Sequence[Sequence[str]], sheet: LabelSheet, path: Path | str, *, start: int = 1, outline: bool = False,
    bold_first: bool = False, largest: float = SIZES[0], title: str = "", progress: Progress | None = None,
) -> int:  # fmt: skip
    """Write labels as a PDF. Returns the number of pages.

    Args:
        labels: the lines of each.
        start: the first label to use of the first sheet, counted from 1 row by row.
        outline: draw the edge of every label, for a trial on plain paper; with no labels, of one empty sheet.
        bold_first: write the first line in bold.
        largest: letters are at most so many points high; they shrink where a label is full.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    register_fonts()
    width, height = (side * mm for side in PAPERS[sheet.paper])
    with whole_file(path) as part:
        canvas = Canvas(str(part), pagesize=(width, height), pageCompression=1)
        canvas.setTitle(title)
        canvas.setViewerPreference("PrintScaling", "None")  # other programs, too, are not to shrink it
        page = 0
        if outline:
            _outline(canvas, sheet, height)
        for number, lines in enumerate(labels, start - 1):
            if progress and (number - start + 1) % 50 == 0:
                progress.update(number - start + 1, len(labels))
            at, left, top = sheet.place(number)
            if at != page:
                canvas.showPage()
                page = at
                if outline:
                    _outline(canvas, sheet, height)
            _label(canvas, sheet, lines, left * mm, height - top * mm, bold_first, largest)
        canvas.showPage()
        canvas.save()
    return page + 1


def _outline(canvas: Canvas, sheet: LabelSheet, height: float) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    for number in range(sheet.count):
        _page, left, top = sheet.place(number)
        canvas.rect(left * mm, height - (top + sheet.height) * mm, sheet.width * mm, sheet.height * mm)


def _label(
    canvas: Canvas, sheet: LabelSheet, lines: Sequence[str], left: float, top: float, bold_first: bool, largest: float
) -> None:
    """The lines of one label, in the middle of its height."""
    padding = padding_of(sheet) * mm
    room, high = sheet.width * mm - 2 * padding, sheet.height * mm - padding
    clean = [one_line(line) for line in lines]
    size, wrapped = fitted([line for line in clean if line], room, high, bold_first, largest)
    leading = size * _LEADING
    baseline = top - (sheet.height * mm - len(wrapped) * leading) / 2 - size
    canvas.setFillColor(TEXT)
    for text, font in wrapped:
        canvas.setFont(font, size)
        canvas.drawString(left + padding, baseline, text)
        baseline -= leading


def padding_of(sheet: LabelSheet) -> float:
    """The free space at the sides of a label, in millimetres."""
    return 3.0 if sheet.height >= 25 else 2.0


def fitted(
    lines: Sequence[str], width: float, height: float, bold_first: bool = False, largest: float = SIZES[0]
) -> tuple[float, list[tuple[str, str]]]:
    """The size in points at which lines fit, and the wrapped lines with their fonts.

    What does not fit at the smallest size either ends with "…".
    """
    sizes = [size for size in SIZES if size <= largest] or [SIZES[-1]]
    for size in sizes:
        wrapped = _wrapped(lines, width, size, bold_first)
        if len(wrapped) * size * _LEADING <= height:
            return size, wrapped
    size = sizes[-1]
    most = max(1, int(height / (size * _LEADING)))
    wrapped = _wrapped(lines, width, size, bold_first)[:most]
    text, font = wrapped[-1]
    while text and text_width(text + _ELLIPSIS, font, size) > width:
        text = text[:-1]
    return size, [*wrapped[:-1], (text.rstrip() + _ELLIPSIS, font)]


def _wrapped(lines: Sequence[str], width: float, size: float, bold_first: bool) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        font = BOLD if bold_first and number == 0 else REGULAR
        result += [(part, font) for part in wrap_text(line, width, font, size)]
    return result
