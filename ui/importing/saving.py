"""Saving the rejected rows as a spreadsheet to correct and import again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, pgettext
from crm_desktop.importing.result import ImportResult, write_rejects
from ui.framework import dialogs, tasks
from ui.widgets.toast import show_toast


def save_rejects(owner: QWidget, result: ImportResult, stem: str) -> Path | None:
    """Ask where to save the rejected rows, and save them in the background."""
    suggestion = _("{name} – rejected rows").format(name=stem) + ".xlsx"
    path = dialogs.choose_save(owner, _("Save the rejected rows"), suggestion, _("Excel workbook") + " (*.xlsx)")
    if path is None:
        return None
    target = path if path.suffix else path.with_suffix(".xlsx")

    def saved(count: int) -> None:
        text = ngettext("{n} row saved in {name}.", "{n} rows saved in {name}.", count)
        text = text.format(n=format_integer(count), name=target.name)
        show_toast(owner, text, pgettext("action", "Open"), lambda: _open(target))

    tasks.run_read(owner, lambda: write_rejects(result, target), saved)
    return target


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
