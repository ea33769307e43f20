"""Exports on their way: a job that can be cancelled, and at its end a toast that opens the file or its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, pgettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.exporting.allowed import left_out_text
from ui.framework import dialogs, settings, tasks
from ui.framework.may import why_not
from ui.framework.office import Office
from ui.widgets.toast import show_toast

if TYPE_CHECKING:
    from crm_desktop.exporting.export import Exported  # every format of files

_FOLDER = "export.folder"


def may_export_everything(office: Office) -> bool:
    """Whether who is signed in may take the records of every type out of the office."""
    types = office.database.schema.entities.values()
    return all(office.access.scope(one.name, "export") == "all" for one in types if one.listed)


def refused(owner: QWidget, office: Office, entity: str = "") -> bool:
    """Whether an export of a record type, or of everything, is refused; then the sentence is shown."""
    if not entity and not may_export_everything(office):
        show_toast(owner, _("Your role may not export everything that the office has."), kind="danger")
        return True
    why = why_not(office, entity, "export") if entity else ""
    if why:
        show_toast(owner, why, kind="danger")
    return bool(why)


def export_folder() -> Path:
    """Where the last export went; the folder of documents at first."""
    kept = str(settings.remembered_value(_FOLDER, "") or "")
    folder = Path(kept) if kept else Path.home() / "Documents"
    return folder if folder.is_dir() else Path.home()


def remember_folder(path: Path) -> None:
    """The next export begins where this one went."""
    settings.remember_value(_FOLDER, str(path.parent))


def ask_replace(owner: QWidget, path: Path) -> bool:
    """Whether a file may be written there: it is new, or may be replaced."""
    return not path.exists() or dialogs.confirm(
        owner, _("Replace {file}?").format(file=path.name), _("There is a file of this name in the folder already."),
        yes=_("Replace"),
    )  # fmt: skip


def run_export(owner: QWidget, title: str, work: Callable[[Progress], Exported], what: str) -> None:
    """Write a file as a job; the toast at its end names the records."""
    tasks.run_job(title, work, lambda made: tell(owner, made, what), owner=owner)


def tell(owner: QWidget, made: Exported, what: str) -> None:
    """Say what was exported, with the ways to the file."""
    text = ngettext("{what} exported to {file}", "{what} exported to {file}", made.records)
    words = [text.format(what=what, file=made.path.name)]
    if made.too_long:
        long_text = ngettext(
            "{n} text was too long for a workbook and is left out; CSV and JSON hold it.",
            "{n} texts were too long for a workbook and are left out; CSV and JSON hold them.", made.too_long,
        )  # fmt: skip
        words.append(long_text.format(n=format_integer(made.too_long)))
    if made.left_out:
        words.append(left_out_text(made.left_out))
    show_toast(
        owner, " · ".join(words), pgettext("action", "Open"), lambda: open_path(made.path),
        more=(_("Show in folder"), lambda: open_path(made.path.parent)),
        kind="warning" if made.too_long or made.left_out else "success", seconds=12,
    )  # fmt: skip


def open_path(path: Path) -> None:
    """Open a file or folder with the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def save_sample(owner: QWidget, office: Office, entity: str) -> None:
    """Ask where to and write a sample file of a record type."""
    spec = office.database.schema.entity(entity)
    name = _("Sample {plural}").format(plural=translate(spec.plural).lower())
    path = dialogs.choose_save(
        owner, _("Sample file"), export_folder() / f"{name}.xlsx", _("Excel workbook") + " (*.xlsx);;CSV (*.csv)"
    )
    if path is None:
        return
    path = path if path.suffix.lower() in (".xlsx", ".csv") else path.with_name(f"{path.name}.xlsx")
    remember_folder(path)

    def work(_progress: Progress) -> Path:
        from crm_desktop.exporting.sample import write_sample  # lazy: the workbook writer

        return write_sample(office.database, entity, path)

    def done(made: Path) -> None:
        show_toast(
            owner, _("Sample file saved as {file}").format(file=made.name), pgettext("action", "Open"),
            lambda: open_path(made), more=(_("Show in folder"), lambda: open_path(made.parent)), seconds=12,
        )  # fmt: skip

    tasks.run_job(_("Writing the sample file"), work, done, owner=owner)
