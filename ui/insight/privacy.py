"""What a person may ask for: everything that is held about them, and to be erased. Entries of the card's menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _, ngettext, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records.queries import Record
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.settings import remember_value, remembered_value
from ui.insight.quality_keeper import wipe_key
from ui.records.drafts import forget_drafts_of
from ui.records.kit import CardCommand
from ui.widgets.toast import show_toast

_KINDS = {
    "pdf": N_("PDF document"), "json": N_("JSON file"), "zip": N_("Archive with all files"),
}  # fmt: skip


def give_out(owner: QWidget, office: Office, navigator: Navigator, record: Record) -> None:
    """Write everything that is held about a person as PDF, JSON, or an archive with the files."""
    choices = [
        Choice("cancel", _("Cancel")), Choice("zip", _("Archive with files")), Choice("json", "JSON"),
        Choice("pdf", "PDF", "primary"),
    ]  # fmt: skip
    text = _(
        "All fields, contact points, consents, relations, notes, activities, deals, cases with messages, files and the whole "
        "history, as the law lets people ask for. PDF is for reading, JSON for other programs; the archive holds both and "
        "the files themselves."
    )
    kind = dialogs.ask(owner, _("Everything we hold about {name}").format(name=record.title), text, choices)
    if kind not in _KINDS:
        return
    path = dialogs.choose_save(owner, _("Save as"), f"{record.title}.{kind}", f"{_(_KINDS[kind])} (*.{kind})")
    if path is None:
        return
    target = path if path.suffix.lower() == f".{kind}" else path.with_name(f"{path.name}.{kind}")

    def run(progress: Progress) -> Path:
        from crm_desktop.insight.dossier import write_dossier  # lazy: the writers of documents

        return write_dossier(
            office.database, record.entity, record.id, target, author=office.actor.name, office=office.name,
            progress=progress,
        )  # fmt: skip

    def done(made: Path) -> None:
        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(made)))

        show_toast(owner, _("Saved as {file}").format(file=made.name), pgettext("action", "Open"), show)

    tasks.run_job(_("Everything about {name}").format(name=record.title), run, done, owner=owner)


def erase(owner: QWidget, office: Office, navigator: Navigator, record: Record) -> None:
    """Show what would go and what would stay; erase once the name was typed."""
    from ui.insight.erase_dialog import EraseDialog  # lazy: only when asked for

    dialog = EraseDialog(office, record, owner)
    accepted = dialogs.run_dialog(dialog)
    values = dialog.values() if accepted else None
    dialog.deleteLater()
    if values is None:
        return

    def run(progress: Progress) -> Any:
        from crm_desktop.insight.erasure import erase_person  # lazy: only when asked for

        return erase_person(
            office.database, record.entity, record.id, actor=office.actor, progress=progress, **values
        )  # fmt: skip

    def done(erased: Any) -> None:
        forget_here(office, record)
        count = sum(number for name, number in erased.counts.items() if name not in ("change", "change_set", "blob"))
        text = ngettext("Erased: {n} row", "Erased: {n} rows", count).format(n=count)
        if not erased.wiped:
            remember_value(wipe_key(office), True)
            text += ". " + _("The file is in use elsewhere: its last bytes are cleared as soon as it is free.")
        show_toast(owner, text, _("Erasures"), lambda: navigator.open_page("reports", report="erasures"))

    tasks.run_job(_("Erasing a person"), run, done, owner=owner)


def forget_here(office: Office, record: Record) -> None:
    """What this computer kept of a record: unsaved texts, and its name among those opened last."""
    forget_drafts_of(record.id)
    key = f"recent.{office.database.name}"
    kept = remembered_value(key, [])
    left = [one for one in kept if int(one[1]) != record.id]
    if left != kept:
        remember_value(key, left)


GIVE_OUT = CardCommand("person_data", N_("Everything we hold…"), "ph.identification-card", give_out, needs="export")
ERASE = CardCommand("erase", N_("Erase this person…"), "ph.eraser", erase, danger=True, power="erase")
