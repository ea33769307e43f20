"""Saving the rejected rows as a spreadsheet to correct and import again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.rehearsal_report import write_rehearsal
from crm_desktop.importing.rejects import lacks_cells, write_kept, write_rejects
from crm_desktop.importing.result import ImportResult, ImportResults
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.records.print_window import show_print
from ui.widgets.toast import show_toast


def save_rejects(owner: QWidget, result: ImportResult, stem: str) -> Path | None:
    """Ask where to save the rejected rows, and save them in the background."""
    return _save(owner, stem, lambda target, progress: write_rejects(result, target, progress))


def save_kept_rejects(
    owner: QWidget, plan: ImportPlan | None, kept: list[dict[str, Any]], stem: str, find: Callable[[], Path | None]
) -> Path | None:
    """Save the rejected rows of a past import.

    Args:
        kept: what the list of imports has of them.
        find: gives the imported file; asked only where the rows are kept without their cells.
    """
    if plan is None:
        return None
    source = find() if lacks_cells(kept) else None
    if lacks_cells(kept) and source is None:
        return None
    return _save(owner, stem, lambda target, _progress: write_kept(plan, kept, target, source))


def _save(owner: QWidget, stem: str, write: Callable[[Path, Progress], int]) -> Path | None:
    suggestion = _("{name} – rejected rows").format(name=stem) + ".xlsx"
    path = dialogs.choose_save(owner, _("Save the rejected rows"), suggestion, _("Excel workbook") + " (*.xlsx)")
    if path is None:
        return None
    target = path if path.suffix else path.with_suffix(".xlsx")

    def saved(count: int) -> None:
        text = ngettext("{n} row saved in {name}.", "{n} rows saved in {name}.", count)
        text = text.format(n=format_integer(count), name=target.name)
        show_toast(owner, text, pgettext("action", "Open"), lambda: open_file(target))

    title = _("Saving {name}").format(name=target.name)
    tasks.run_job(title, lambda progress: write(target, progress), saved, owner=owner)
    return target


def open_file(path: Path) -> None:
    """Open a file with the program that the computer has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def save_rehearsal(owner: QWidget, office: Office, results: ImportResults, kind: str) -> Path | None:
    """Save all that a rehearsal found as a workbook ("xlsx"), or show it as it would be printed ("pdf")."""
    name = Path(results.parts[0].path).stem
    stem = _("{name} – rehearsal").format(name=name)
    if kind == "pdf":
        target = Path(tempfile.mkdtemp(prefix="crm-print-")) / f"{stem}.pdf"
    else:
        asked = dialogs.choose_save(owner, _("Save the rehearsal"), f"{stem}.xlsx", _("Excel workbook") + " (*.xlsx)")
        if asked is None:
            return None
        target = asked if asked.suffix else asked.with_suffix(".xlsx")

    def work(progress: Progress) -> Path:
        return write_rehearsal(office.database, results, target, kind, progress=progress)

    def done(path: Path) -> None:
        if kind == "pdf":
            show_print(owner, stem, path)
        else:
            text = _("{name} is saved.").format(name=path.name)
            show_toast(owner, text, pgettext("action", "Open"), lambda: open_file(path))

    tasks.run_job(_("Writing {name}").format(name=target.name), work, done, owner=owner)
    return target
