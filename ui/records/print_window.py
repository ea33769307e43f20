"""The preview of what is to be printed: the very pages, with the buttons that print or keep them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSizeF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QPageSize, QShortcut
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, ngettext
from ui.framework import dialogs, settings
from ui.framework.tasks import run_read
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import PageHeader
from ui.widgets.page_view import PageView
from ui.widgets.pdf_pages import DPI, page_sizes, print_pdf, render_page
from ui.widgets.toast import show_toast


class PrintWindow(QWidget):
    """Shows a PDF file page by page. Ctrl+P prints, Ctrl+S saves it elsewhere, Escape closes."""

    def __init__(self, owner: QWidget, title: str, path: Path) -> None:
        super().__init__(owner.window(), Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.path = path
        self._data = path.read_bytes()
        self._sizes: list[QSizeF] = []
        self.header = PageHeader(title)
        self.print_button = Button(_("Print…"), icon="ph.printer", kind="primary", key="Ctrl+P")
        self.save_button = Button(_("Save as PDF…"), icon="ph.file-pdf")
        self.open_button = Button(_("Open in another program"), icon="ph.arrow-square-out", kind="ghost")
        for button in (self.open_button, self.save_button, self.print_button):
            self.header.add(button)
        self.pages = PageView(_("Pages"))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.pages, 1)
        self.print_button.clicked.connect(self.print)
        self.save_button.clicked.connect(self.save)
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.path))))
        self.pages.page_changed.connect(lambda _page: self._tell_page())
        QShortcut(QKeySequence("Ctrl+P"), self, self.print)
        QShortcut(QKeySequence("Ctrl+S"), self, self.save)
        QShortcut(QKeySequence("Escape"), self, self.close)
        QShortcut(QKeySequence("Ctrl+W"), self, self.close)
        if not settings.restore_geometry(self, "print"):
            self.resize(px(920), px(820))
        data = self._data
        run_read(self, lambda: page_sizes(data), self._show)

    def _show(self, sizes: list[QSizeF]) -> None:
        data = self._data
        self._sizes = sizes
        self.pages.set_document(sizes, lambda page, scale: render_page(data, page, scale * DPI / 72))
        self._tell_page()

    def _tell_page(self) -> None:
        count = self.pages.page_count()
        page = self.pages.current_page() + 1
        self.header.set_count(_("Page {page} of {count}").format(page=page, count=count) if count else "")

    def print(self) -> None:
        """Ask for the printer and print."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        size = self._sizes[0] * 72 / DPI if self._sizes else QSizeF(595, 842)
        printer.setPageSize(QPageSize(size, QPageSize.Unit.Point))
        printer.setFullPage(True)
        if dialogs.run_dialog(QPrintDialog(printer, self)):
            count = print_pdf(self._data, printer)
            text = ngettext("{n} page sent to the printer", "{n} pages sent to the printer", count)
            show_toast(self, text.format(n=count))

    def save(self) -> None:
        """Keep the pages as a file."""
        path = dialogs.choose_save(self, _("Save as PDF"), self.path.name, _("PDF document") + " (*.pdf)")
        if path is not None:
            path.write_bytes(self._data)
            show_toast(self, _("Saved as {file}").format(file=path.name))

    def closeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        settings.remember_geometry(self, "print")
        super().closeEvent(event)


def show_print(owner: QWidget, title: str, path: Path) -> None:
    """Open the preview of a PDF file."""
    PrintWindow(owner, title, path).show()
