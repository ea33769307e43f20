"""Documents on paper: PDF by ReportLab, with headers, page numbers, an outline and embedded fonts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reportlab.lib import pagesizes
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Spacer as Space

from crm_desktop.core import i18n
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.reporting.chart_axis import axis_for
from crm_desktop.reporting.charts import categories_in, split_chart
from crm_desktop.reporting.document import (
    BarChart,
    Block,
    Chart,
    Document,
    Heading,
    KeyFigures,
    LineChart,
    PageBreak,
    Paper,
    Spacer,
    StackedBar,
    Table,
    Text,
)
from crm_desktop.reporting.files import whole_file
from crm_desktop.reporting.pdf_blocks import (
    BODY,
    PART,
    QUIET,
    SECTION,
    STRONG,
    TITLE,
    DrawnChart,
    FiguresRow,
    OutlineParagraph,
    paragraph,
)
from crm_desktop.reporting.pdf_columns import SIZES, TextTable, bands, column_needs, fitting_size, text_table
from crm_desktop.reporting.pdf_page import FOOT, PageDecoration
from crm_desktop.reporting.pdf_style import MARGIN, REGULAR, printable, register_fonts
from crm_desktop.reporting.pdf_table import PrintedTable, PrintPlan

_PAPERS = {"A4": pagesizes.A4, "Letter": pagesizes.LETTER}


def write_pdf(document: Document, path: Path | str, *, paper: Paper = "A4", progress: Progress | None = None) -> None:
    """Write a document as a PDF.

    Args:
        document: what to print.
        path: the file; replaced if it exists, and left alone if the work is cancelled.
        paper: "A4" or "Letter"; the page is turned when a table needs it (see ``Document.landscape``).
        progress: counts the table rows twice, once laid out and once drawn.

    Raises:
        UserError: the file cannot be written there.
        Cancelled: the user asked to stop.
    """
    register_fonts()
    total = 2 * sum(len(table.all_rows) for table in document.tables)
    if progress:
        progress.update(done=0, total=total)
    with whole_file(path) as part:
        _Printer(document, paper, progress).write(part)


class _Printer:
    """Prints one document."""

    def __init__(self, document: Document, paper: Paper, progress: Progress | None) -> None:
        self.document, self.progress = document, progress
        self.texts = {id(table): text_table(table, progress) for table in document.tables}
        width, height = _PAPERS[paper]
        self.page = (height, width) if self._landscape(width - 2 * MARGIN) else (width, height)
        self.width = self.page[0] - 2 * MARGIN
        self.decoration = PageDecoration(document, self.page)
        self.first_height = self.page[1] - 2 * MARGIN - FOOT - self.decoration.first_head
        self.later_height = self.page[1] - 2 * MARGIN - FOOT - self.decoration.later_head

    def write(self, path: Path) -> None:
        """Lay out every block and write the file."""
        document = self.document
        template = BaseDocTemplate(
            str(path),
            pagesize=self.page,
            title=document.title,
            author=document.author or document.organisation.name,
            subject=document.subtitle,
            creator="CRM Desktop",
            lang=i18n.language().replace("_", "-"),
            displayDocTitle=True,
        )
        template.addPageTemplates(
            [
                PageTemplate("first", [self._frame(self.first_height)], autoNextPageTemplate="later"),
                PageTemplate("later", [self._frame(self.later_height)]),
            ]
        )
        template.build(self._story(), canvasmaker=self._canvas_maker())

    def _frame(self, height: float) -> Frame:
        return Frame(
            MARGIN, MARGIN + FOOT, self.width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
        )

    def _canvas_maker(self) -> Callable[..., Canvas]:
        def make(*args: Any, **keywords: Any) -> Canvas:
            canvas = NumberedCanvas(*args, **keywords | {"initialFontName": REGULAR})  # its own is not embedded
            canvas.decoration = self.decoration
            return canvas

        return make

    def _landscape(self, portrait_width: float) -> bool:
        if self.document.landscape is not None:
            return self.document.landscape
        readable = SIZES[:3]
        return any(fitting_size(table, portrait_width, readable) is None for table in self.texts.values())

    def _story(self) -> list[Flowable]:
        """The flowables of all blocks; headings stay with what follows them."""
        story: list[Flowable] = [OutlineParagraph(self.document.title, TITLE, 0)]
        if self.document.subtitle:
            story.append(paragraph(self.document.subtitle, QUIET))
        story.append(Space(1, 4))
        waiting: list[Flowable] = []
        for block in self.document.blocks:
            if isinstance(block, Heading):
                waiting.append(OutlineParagraph(block.text, SECTION if block.level == 1 else PART, block.level))
                continue
            made = self._flowables(block)
            if waiting and made:
                story.append(CondPageBreak(sum(map(self._height, waiting)) + self._lead(made)))
            story += waiting + made
            waiting = []
        return story + waiting

    def _flowables(self, block: Block) -> list[Flowable]:
        if isinstance(block, Text):
            return [paragraph(block.text, STRONG if block.bold else QUIET if block.muted else BODY)]
        if isinstance(block, Spacer):
            return [Space(1, min(block.height, self.first_height * 0.9))]
        if isinstance(block, PageBreak):
            return [NewPage()]
        if isinstance(block, KeyFigures):
            return [FiguresRow(block, self.width)] if block.figures else []
        if isinstance(block, (BarChart, StackedBar, LineChart)):
            return self._chart(block)
        if isinstance(block, Table):
            return self._table(block)
        return []

    def _chart(self, chart: Chart) -> list[Flowable]:
        room = self.later_height * 0.8
        parts = split_chart(chart, categories_in(chart, room))
        result: list[Flowable] = []
        axis = axis_for(chart)
        for part in parts:
            drawn = DrawnChart(part, self.width, room, axis)
            heading = OutlineParagraph(part.title, SECTION, 1) if part.title else None
            needed = self._height(drawn) + (self._height(heading) if heading else 0)
            result += [CondPageBreak(needed), *([heading] if heading else []), drawn]
        return result

    def _table(self, table: Table) -> list[Flowable]:
        source = self.texts[id(table)]
        size = fitting_size(source, self.width)
        if size is None and sum(need.minimum for need in column_needs(source, SIZES[-1])) <= self.width:
            size = SIZES[-1]
        if size is not None:
            return [self._printed(source, size)]
        result: list[Flowable] = []
        parts = bands(source, self.width)
        for n, band in enumerate(parts, start=1):
            printed = self._printed(text_table(band, self.progress), SIZES[-1])
            label = paragraph(_("Columns, part {n} of {total}").format(n=n, total=len(parts)), QUIET)
            result += [CondPageBreak(self._height(label) + printed.lead), label, printed]
        return result

    def _printed(self, source: TextTable, size: float) -> PrintedTable:
        plan = PrintPlan(source, self.width, size, self.progress)
        if self.progress:
            self.progress.advance(len(plan.lines))
        return PrintedTable(plan, min(self.first_height, self.later_height))

    def _height(self, flowable: Flowable) -> float:
        _width, height = flowable.wrap(self.width, self.later_height)
        return float(height) + flowable.getSpaceBefore() + flowable.getSpaceAfter()

    def _lead(self, made: list[Flowable]) -> float:
        """How much of what follows a heading must stand on the same page."""
        result = 0.0
        for flowable in made:
            if isinstance(flowable, CondPageBreak):
                continue
            if isinstance(flowable, PrintedTable):
                return min(result + flowable.lead, self.later_height * 0.8)
            if isinstance(flowable, (DrawnChart, FiguresRow)):
                return min(result + self._height(flowable), self.later_height * 0.9)
            result += min(self._height(flowable), 40)
        return result


class NumberedCanvas(Canvas):  # type: ignore[misc]
    """Keeps the pages until their number is known, then draws header and footer on each: "Page 2 of 7"."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.decoration: PageDecoration | None = None
        self.kept_pages: list[dict[str, Any]] = []
        self.outline_marks: list[tuple[str, int, float]] = []

    def note_outline(self, text: str, level: int, y: float) -> None:
        """Remember an entry of the outline; bookmarks need the final page, which comes with :meth:`save`."""
        self.outline_marks = [*self.outline_marks, (text, level, y)]

    def showPage(self) -> None:
        """End a page, without writing it yet."""
        self.kept_pages.append(dict(self.__dict__))
        self.outline_marks = []
        self._startPage()

    def save(self) -> None:
        """Write all pages and the file."""
        depth = -1
        for number, state in enumerate(self.kept_pages, start=1):
            self.__dict__.update(state)
            for n, (text, level, y) in enumerate(self.outline_marks):
                key = f"mark-{number}-{n}"
                self.bookmarkHorizontal(key, 0, y + 12)
                depth = min(level, depth + 1)
                self.addOutlineEntry(printable(text), key, level=depth, closed=False)
            if self.decoration:
                self.decoration.draw(self, number, len(self.kept_pages))
            super().showPage()
        super().save()
