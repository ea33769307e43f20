"""What stands around the content of every printed page: letterhead, running head, foot with page x of y."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _
from crm_desktop.reporting.chart_shapes import fit_text
from crm_desktop.reporting.document import Document
from crm_desktop.reporting.pdf_style import (
    BODY_SIZE,
    BOLD,
    HEAVY,
    MARGIN,
    MUTED,
    NAME_SIZE,
    REGULAR,
    TEXT,
    THIN,
    measure,
    one_line,
    printable,
    text_width,
    wrap_text,
)

FOOT = 24.0
_LOGO_HEIGHT, _LOGO_WIDTH = 30.0, 110.0
_LINE = BODY_SIZE * 1.45


class PageDecoration:
    """Head and foot of a document's pages. ``first_head`` and ``later_head`` are their heights in points."""

    def __init__(self, document: Document, page: tuple[float, float]) -> None:
        self.left, self.right = MARGIN, page[0] - MARGIN
        self.top, self.bottom = page[1] - MARGIN, MARGIN
        organisation = document.organisation
        self.name, self.title = one_line(organisation.name), one_line(document.title)
        self.logo = _read_logo(organisation.logo)
        self.stamp = self._stamp(document)
        self.printed = self._printed_by(document)
        self.note = one_line(document.footer)
        logo_room = self.logo[1] + 9 if self.logo else 0
        self.text_left = self.left + logo_room
        stamp_width = max((text_width(text, font, BODY_SIZE) for text, font in self.stamp), default=0)
        room = self.right - self.text_left - stamp_width - 18
        self.name_lines = wrap_text(self.name, room, BOLD, NAME_SIZE)[:2] if self.name else []
        address = one_line(organisation.address)
        self.address_lines = wrap_text(address, room, REGULAR, BODY_SIZE)[:3] if address else []
        block = max(
            len(self.name_lines) * NAME_SIZE * 1.3 + len(self.address_lines) * _LINE,
            len(self.stamp) * _LINE,
            self.logo[2] if self.logo else 0,
        )
        self.block = block
        self.first_head = block + 9 + 11 if block else 0.0
        self.later_head = _LINE + 5 + 10

    def _stamp(self, document: Document) -> list[tuple[str, str]]:
        stamp = []
        if document.as_of:
            text = _("Data as of {time}").format(time=formats.format_datetime(document.as_of))
            stamp.append((text, BOLD))
        if document.code:
            stamp.append((_("Report {code}").format(code=document.code), REGULAR))
        room = (self.right - self.left) * 0.4
        return [(fit_text(one_line(text), room, BODY_SIZE, measure, font == BOLD), font) for text, font in stamp]

    def _printed_by(self, document: Document) -> str:
        time = formats.format_datetime(clock.now())
        if document.author:
            return one_line(_("Printed by {name} on {time}").format(name=document.author, time=time))
        return one_line(_("Printed on {time}").format(time=time))

    def draw(self, canvas: Any, number: int, count: int) -> None:
        """Draw head and foot of page ``number`` of ``count``."""
        if number == 1:
            if self.block:
                self._letterhead(canvas)
        else:
            self._running_head(canvas)
        self._foot(canvas, number, count)

    def _letterhead(self, canvas: Any) -> None:
        top, middle = self.top, self.top - self.block / 2
        if self.logo:
            image, width, height = self.logo
            canvas.drawImage(image, self.left, middle - height / 2, width, height, mask="auto")
        names = len(self.name_lines) * NAME_SIZE * 1.3
        y = middle + (names + len(self.address_lines) * _LINE) / 2
        for text in self.name_lines:
            y -= NAME_SIZE * 1.3
            self._text(canvas, self.text_left, y + NAME_SIZE * 0.3, text, BOLD, NAME_SIZE, TEXT)
        for text in self.address_lines:
            y -= _LINE
            self._text(canvas, self.text_left, y + BODY_SIZE * 0.35, text, REGULAR, BODY_SIZE, MUTED)
        y = middle + len(self.stamp) * _LINE / 2
        for text, font in self.stamp:
            y -= _LINE
            x = self.right - text_width(text, font, BODY_SIZE)
            self._text(canvas, x, y + BODY_SIZE * 0.35, text, font, BODY_SIZE, TEXT if font == BOLD else MUTED)
        self._rule(canvas, top - self.block - 9, HEAVY)

    def _running_head(self, canvas: Any) -> None:
        base = self.top - BODY_SIZE * 1.1
        stamp = self.stamp[0][0] if self.stamp else ""
        stamp_width = text_width(stamp, REGULAR, BODY_SIZE)
        x, room = self.left, self.right - self.left - stamp_width - 18
        title = fit_text(self.title, room, BODY_SIZE, measure, bold=True)
        self._text(canvas, x, base, title, BOLD, BODY_SIZE, TEXT)
        used = text_width(title, BOLD, BODY_SIZE)
        if self.name and room - used > 40:
            name = fit_text(" · " + self.name, room - used, BODY_SIZE, measure)
            self._text(canvas, x + used, base, name, REGULAR, BODY_SIZE, MUTED)
        self._text(canvas, self.right - stamp_width, base, stamp, REGULAR, BODY_SIZE, MUTED)
        self._rule(canvas, self.top - _LINE - 5, THIN)

    def _foot(self, canvas: Any, number: int, count: int) -> None:
        self._rule(canvas, self.bottom + 17, THIN)
        base = self.bottom + 4
        page = printable(_("Page {n} of {total}").format(n=number, total=count))
        page_width = text_width(page, BOLD, BODY_SIZE)
        self._text(canvas, self.right - page_width, base, page, BOLD, BODY_SIZE, TEXT)
        width = self.right - self.left
        printed = fit_text(self.printed, width - page_width - 12, BODY_SIZE, measure)
        self._text(canvas, self.left, base, printed, REGULAR, BODY_SIZE, MUTED)
        if self.note:
            start = self.left + text_width(printed, REGULAR, BODY_SIZE) + 12
            room = self.right - page_width - 12 - start
            note = fit_text(self.note, room, BODY_SIZE, measure) if room > 20 else ""
            wide = text_width(note, REGULAR, BODY_SIZE)
            x = min(max(start, self.left + (width - wide) / 2), start + room - wide)
            self._text(canvas, x, base, note, REGULAR, BODY_SIZE, MUTED)

    def _rule(self, canvas: Any, y: float, thickness: float) -> None:
        canvas.setStrokeColor(TEXT)
        canvas.setLineWidth(thickness)
        canvas.line(self.left, y, self.right, y)

    @staticmethod
    def _text(canvas: Any, x: float, y: float, text: str, font: str, size: float, colour: Any) -> None:
        canvas.setFillColor(colour)
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)


def _read_logo(data: bytes | None) -> tuple[ImageReader, float, float] | None:
    """The logo and its size on paper; none where the bytes are not a picture, for a report must still print."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None
    scale = min(_LOGO_HEIGHT / height, _LOGO_WIDTH / width)
    return ImageReader(io.BytesIO(data)), width * scale, height * scale
