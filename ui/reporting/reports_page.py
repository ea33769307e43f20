"""The page of reports: a gallery, then parameters, numbers and paper side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QPageSize, QResizeEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.filters import EVERYTHING, to_json
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.records import office_service
from crm_desktop.reporting import registry
from crm_desktop.reporting.document import Document, ListLink, Organisation, RecordLink
from crm_desktop.reporting.output import write_document
from ui.framework import dialogs, tasks
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.scratch import scratch_folder
from ui.framework.settings import remember_splitter
from ui.reporting.document_view import DocumentView
from ui.reporting.parameters import ParameterForm
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.card_button import ActionCard
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import scrolled
from ui.widgets.headers import PageHeader
from ui.widgets.labels import ElidedLabel, Hairline, Label
from ui.widgets.page_view import PageView
from ui.widgets.pdf_pages import DPI, page_sizes, print_pdf, render_page
from ui.widgets.states import StateStack
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


class ReportsPage(Page):
    """Choose a report, set it, read it, print it."""

    def __init__(self, office: Office, navigator: Navigator, reports: Sequence[registry.ReportSpec]) -> None:
        super().__init__(navigator)
        self.office = office
        past = office.database.as_of is not None
        self.reports = tuple(one for one in reports if not (past and one.present_only))
        self.spec: registry.ReportSpec | None = None
        self.document: Document | None = None
        self._form: ParameterForm | None = None
        self._pdf: Path | None = None
        self._folder = scratch_folder("report")
        self.stack = QStackedWidget()
        self._gallery = QWidget()
        self.stack.addWidget(self._gallery)
        self.stack.addWidget(self._report_view())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.retranslate()

    def _report_view(self) -> QWidget:
        self.back_button = Button(icon="ph.arrow-left", kind="ghost", small=True)
        self.back_button.clicked.connect(self._show_gallery)
        self.title = Label("", "title", wrap=True)
        self.about = Label("", "body", "text-muted", wrap=True)
        self.side = QWidget()
        self._side_box = QVBoxLayout(self.side)
        margins(self.side, 24, 16, 16, 16, 8)
        self._side_box.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._side_box.addWidget(self.title)
        self._side_box.addWidget(self.about)
        self._side_box.addSpacing(px(8))
        self._form_place = QVBoxLayout()
        self._side_box.addLayout(self._form_place, 1)
        self.view = DocumentView()
        self.view.link_opened.connect(self._open_link)
        self.states = StateStack(self.view)
        self.states.retry.connect(self.run)
        self.told = ElidedLabel("", "body", "text-muted")
        middle = QWidget()
        box = QVBoxLayout(middle)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.told, 1)
        for name in ("reports.pdf", "reports.xlsx", "reports.csv", "reports.print"):
            row.addWidget(Button.for_command(find_command(self, name)))
        margins(head, 24, 0, 16, 0, 8)
        head.setFixedHeight(px(56))
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.states, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        area = scrolled(self.side, sideways=True, focus=True, clear=False)
        area.setMinimumWidth(px(256))
        self.split.addWidget(area)
        self.split.addWidget(middle)
        self._paper_side = self._paper()
        self.split.addWidget(self._paper_side)
        self.split.setSizes([px(256), px(620), px(340)])
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        remember_splitter(self.split, "reports")
        return self.split

    def _paper(self) -> QWidget:
        self.pages = PageView(_("Print preview"))
        self.pages.page_changed.connect(lambda _page: self._tell_page())
        self.page_label = Label("", "body")
        self.paper = ChoiceEditor([("A4", "A4"), ("Letter", "Letter")], name=_("Paper"), empty=None)
        self.paper.setMaximumWidth(px(96))
        self.paper.set_value("Letter" if formats.default_country() == "US" else "A4")
        self.paper.committed.connect(self._make_preview)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.page_label, 1)
        row.addWidget(self.paper)
        margins(head, 16, 0, 16, 0, 8)
        head.setFixedHeight(px(56))
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.pages, 1)
        return side

    def retranslate(self) -> None:
        """Write the words; the gallery is made anew."""
        self.back_button.setText(_("Reports"))
        old = self._gallery
        self._gallery = self._make_gallery()
        shown = self.stack.currentWidget() is old
        self.stack.insertWidget(0, self._gallery)
        self.stack.removeWidget(old)
        old.deleteLater()
        if shown:
            self.stack.setCurrentWidget(self._gallery)
        elif self.spec is not None:
            self.open_report(self.spec.name)

    def _make_gallery(self) -> QWidget:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PageHeader(_("Reports")))
        categories: dict[str, list[registry.ReportSpec]] = {}
        for spec in self.reports:
            categories.setdefault(spec.category, []).append(spec)
        for category, specs in categories.items():
            holder = QWidget()
            grid = QGridLayout(holder)
            margins(holder, 24, 0, 24, 16, 12)
            grid.addWidget(Label(translate(category), "section"), 0, 0, 1, 3)
            for number, spec in enumerate(specs):
                card = ActionCard(spec.icon, translate(spec.title), translate(spec.description))
                card.clicked.connect(lambda _checked=False, name=spec.name: self.open_report(name))
                grid.addWidget(card, 1 + number // 3, number % 3)
            for i in range(3):
                grid.setColumnStretch(i, 1)
            column.addWidget(holder)
        column.addStretch(1)
        area.setWidget(content)
        return area

    def activated(self, **params: Any) -> None:
        """Show a report: ``report`` names it, ``values`` sets it."""
        if params.get("report"):
            self.open_report(params["report"], params.get("values"))
        elif self.spec is None:
            self._show_gallery()

    def _show_gallery(self) -> None:
        self.spec = None
        self.stack.setCurrentWidget(self._gallery)
        self.refresh_commands()

    def _context(self, connection: Any) -> registry.ReportContext:
        kept = office_service.read_settings(connection)
        organisation = Organisation(str(kept.get("name") or self.office.name), str(kept.get("address") or ""))
        user = SimpleNamespace(id=self.office.user_id or 0, name=self.office.actor.name)
        return registry.ReportContext(connection, user, organisation, clock.today(), self.office.database)

    def open_report(self, name: str, values: dict[str, Any] | None = None) -> None:
        """Open a report with its defaults, or with given values, and run it."""
        self.spec = registry.find_report(self.reports, name)
        self.title.setText(translate(self.spec.title))
        self.about.setText(translate(self.spec.description))
        self.stack.setCurrentIndex(1)
        spec = self.spec

        def work(connection: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            context = self._context(connection)
            options = {p.name: registry.options_of(p, context) for p in spec.parameters}
            return options, registry.default_values(spec, context) | dict(values or {})

        self.states.show_loading()
        self.office.read(self, work, lambda made: self._show_form(*made), self.states.show_error, supersede="form")

    def _show_form(self, options: dict[str, Any], values: dict[str, Any]) -> None:
        if self.spec is None:
            return
        if self._form is not None:
            self._form_place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._form = ParameterForm(self.office, self.spec, options, values)
        self._form.changed.connect(self.run)
        self._form_place.addWidget(self._form)
        self.run()

    @command("reports.run", text=N_("Run again"), shortcut="F5", icon="ph.arrows-clockwise", enabled_when="has_report")
    def run(self) -> None:
        """Build the report with the values of the form."""
        spec, form = self.spec, self._form
        if spec is None or form is None:
            return
        try:
            values = form.values()
        except Exception as error:
            self.states.show_error(error)
            return
        self.states.show_loading()

        def work(connection: Any) -> Document:
            return registry.run_report(spec, self._context(connection), values)

        self.office.read(self, work, self._show_document, self._failed, supersede="report")

    def _failed(self, error: Exception) -> None:
        self.document = None
        self.told.setText("")
        self.states.show_error(error)
        self.refresh_commands()

    def _show_document(self, document: Document) -> None:
        self.document = document
        self.view.show_document(document)
        self.states.show_content()
        self.told.setText(document.subtitle)
        self.refresh_commands()
        self._make_preview()

    def _make_preview(self) -> None:
        document, paper = self.document, self.paper.value()
        if document is None:
            return
        target = self._folder / "preview.pdf"

        def work() -> tuple[list[QSizeF], bytes]:
            write_document(document, target, "pdf", paper=paper)
            data = target.read_bytes()
            return page_sizes(data), data

        tasks.run_read(self, work, lambda made: self._show_pages(*made), supersede="preview")

    def _show_pages(self, sizes: list[QSizeF], data: bytes) -> None:
        self.pages.set_document(sizes, lambda page, scale: render_page(data, page, scale * DPI / 72))
        self._pdf_data = data
        self._tell_page()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the numbers come before the paper; printing and PDF stay in the bar."""
        self._paper_side.setVisible(event.size().width() >= px(1000))
        super().resizeEvent(event)

    def _tell_page(self) -> None:
        count = self.pages.page_count()
        text = _("Page {page} of {count}").format(page=self.pages.current_page() + 1, count=count) if count else ""
        self.page_label.setText(text)

    def has_report(self) -> bool:
        """Whether a report is open."""
        return self.spec is not None

    def has_document(self) -> bool:
        """Whether there is something to print."""
        return self.spec is not None and self.document is not None

    @command("reports.pdf", text=N_("PDF"), icon="ph.file-pdf", enabled_when="has_document")
    def save_pdf(self) -> None:
        """Write the report as PDF."""
        self._save("pdf", _("PDF files") + " (*.pdf)")

    @command("reports.xlsx", text=N_("XLSX"), icon="ph.table", enabled_when="has_document")
    def save_xlsx(self) -> None:
        """Write the report as a spreadsheet."""
        self._save("xlsx", _("Spreadsheets") + " (*.xlsx)")

    @command("reports.csv", text=N_("CSV"), icon="ph.file-text", enabled_when="has_document")
    def save_csv(self) -> None:
        """Write the report's tables as CSV."""
        self._save("csv", _("Text tables") + " (*.csv)")

    def _save(self, kind: Any, filters: str) -> None:
        document, paper = self.document, self.paper.value()
        if document is None:
            return
        suggestion = Path.home() / f"{document.title} {clock.today().isoformat()}.{kind}"
        target = dialogs.choose_save(self, _("Save the report"), suggestion, filters)
        if target is None:
            return
        tasks.run_job(
            _("Writing {name}").format(name=target.name),
            lambda progress: write_document(document, target, kind, paper=paper, progress=progress),
            lambda path: show_toast(self, _("Saved as {name}").format(name=Path(path).name)), owner=self,
        )  # fmt: skip

    @command("reports.print", text=N_("Print"), shortcut="Ctrl+P", icon="ph.printer", enabled_when="has_document")
    def print_report(self) -> None:
        """Print what the preview shows."""
        data = getattr(self, "_pdf_data", None)
        if data is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        size = QPageSize.PageSizeId.Letter if self.paper.value() == "Letter" else QPageSize.PageSizeId.A4
        printer.setPageSize(QPageSize(size))
        printer.setFullPage(True)
        if dialogs.run_dialog(QPrintDialog(printer, self)):
            count = print_pdf(data, printer)
            show_toast(
                self, ngettext("{n} page sent to the printer", "{n} pages sent to the printer", count).format(n=count)
            )

    def _open_link(self, link: object) -> None:
        if isinstance(link, RecordLink):
            self.navigator.open_record(link.entity, link.record_id, new_window=True)
        elif isinstance(link, ListLink):
            page = {
                "contact": "contacts",
                "company": "companies",
                "deal": "pipeline",
                "case": "cases",
                "activity": "activities",
            }
            shown = to_json(link.filter if link.filter is not None else EVERYTHING)
            self.navigator.open_page(page.get(link.entity, "contacts"), filter=shown)
