"""Pages of a PDF: their sizes, their pictures, and onto the printer."""

from __future__ import annotations

import threading

import pypdfium2
from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter

DPI = 96
_ONE_AT_A_TIME = threading.Lock()
"""PDFium works for one thread at a time only, and previews are rendered by several."""
_SAME = 0.97
"""Paper that is smaller by less than this is the same paper to the printer's driver."""


def page_sizes(data: bytes) -> list[QSizeF]:
    """The sizes of the pages of a PDF, in pixels at 100 %."""
    with _ONE_AT_A_TIME:
        pdf = pypdfium2.PdfDocument(data)
        try:
            return [QSizeF(*(side * DPI / 72 for side in pdf[number].get_size())) for number in range(len(pdf))]
        finally:
            pdf.close()


def render_page(data: bytes, page: int, scale: float) -> QImage:
    """A page of a PDF as a picture; ``scale`` 1 is 72 dots an inch."""
    with _ONE_AT_A_TIME:
        pdf = pypdfium2.PdfDocument(data)
        try:
            bitmap = pdf[page].render(scale=scale)
            picture = bitmap.to_pil().convert("RGBA")
        finally:
            pdf.close()
    raw = picture.tobytes("raw", "RGBA")
    return QImage(raw, picture.width, picture.height, picture.width * 4, QImage.Format.Format_RGBA8888).copy()


def target(size: QSizeF, paper: QRect, resolution: int) -> QRectF:
    """Where a page of ``size`` (pixels at 100 %) goes on a paper, in the printer's dots."""
    width, height = size.width() * resolution / DPI, size.height() * resolution / DPI
    shrink = min(paper.width() / width, paper.height() / height, 1.0)
    if shrink > _SAME:
        shrink = 1.0
    return QRectF(paper.left(), paper.top(), width * shrink, height * shrink)


def print_pdf(data: bytes, printer: QPrinter) -> int:
    """Print a PDF page by page at 300 dots an inch. Returns the number of pages.

    A page is printed in its own size, to the millimetre; only where the paper is clearly smaller it is shrunk to it.
    """
    sizes = page_sizes(data)
    count = len(sizes)
    painter = QPainter(printer)
    for page in range(count):
        if page:
            printer.newPage()
        image = render_page(data, page, 300 / 72)
        painter.drawImage(target(sizes[page], painter.viewport(), printer.resolution()), image)
    painter.end()
    return count
