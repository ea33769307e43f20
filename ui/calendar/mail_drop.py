"""E-mails dropped on a card or a list become entries of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.calendar import mail_entry
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import blobs
from ui.framework import dialogs, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drop_kinds import DropTarget
from ui.records.files_attach import Done, attach_paths
from ui.widgets.toast import show_toast

ENDINGS = (".eml", ".msg")


def take_letters(
    owner: QWidget, office: Office, navigator: Navigator, paths: Sequence[Path], target: DropTarget, done: Done = None
) -> None:  # fmt: skip
    """Enter e-mails as activities, in one change set; what cannot be read as one may be attached as a file."""
    record = (target.entity, target.record_id) if target.record_id is not None else None

    def job(progress: Progress) -> tuple[list[mail_entry.Entered], list[tuple[Path, UserError]]]:
        entered, failed = [], []
        read = []
        for number, path in enumerate(paths):
            progress.update(number, len(paths), path.name)
            try:
                read.append((mail_entry.read_letter(path), blobs.measure(path)))
            except UserError as error:
                failed.append((path, error))
        with office.unit_of_work(N_("Add e-mail {subject}"), params={"subject": _subject(read)}) as uow:
            for letter, original in read:
                try:
                    entered.append(mail_entry.enter_letter(uow, letter, original, record=record))
                except UserError as error:
                    failed.append((original.path, error))
        return entered, failed

    def tell(result: tuple[list[mail_entry.Entered], list[tuple[Path, UserError]]]) -> None:
        entered, failed = result
        if entered:
            links = [link for one in entered for link in one.links]
            first = next((link for link in links if link != record), None)
            words, action = _told(entered), ""
            if record is None and first is not None:
                action = pgettext("action", "Open")
            show_toast(owner, words, action, lambda: navigator.open_record(*first) if first else None)
        _tell_failed(owner, office, target, failed, done)

    title = ngettext("Reading {n} e-mail", "Reading {n} e-mails", len(paths)).format(n=len(paths))
    tasks.run_job(title, job, tell, owner=owner)


def _subject(read: Sequence[tuple[Any, Any]]) -> str:
    return read[0][0].subject[:80] + (" …" if len(read) > 1 else "") if read else ""


def _told(entered: Sequence[mail_entry.Entered]) -> str:
    new = sum(1 for one in entered if one.new)
    known = len(entered) - new
    people = len({record for one in entered for entity, record in one.links if entity == "contact"})
    parts = []
    if new:
        parts.append(ngettext("{n} e-mail added", "{n} e-mails added", new).format(n=new))
    if known:
        parts.append(ngettext("{n} was here already", "{n} were here already", known).format(n=known))
    if people:
        parts.append(ngettext("{n} contact recognised", "{n} contacts recognised", people).format(n=people))
    return " · ".join(parts)


def _tell_failed(
    owner: QWidget, office: Office, target: DropTarget, failed: Sequence[tuple[Path, UserError]], done: Done
) -> None:  # fmt: skip
    if not failed:
        return
    text = "\n".join(str(error) for _path, error in failed[:5])
    if target.record_id is None:
        dialogs.show_message(owner, _("That did not work"), text)
    elif dialogs.confirm(owner, _("Attach as a file?"), text, yes=_("Attach")):
        attach_paths(owner, office, target.entity, target.record_id, [path for path, _error in failed], done)


def text_of_letter(ending: str, content: bytes) -> str:
    """An e-mail to read in the preview: its head, the names of its attachments, its text."""
    letter = mail_entry.letter_of(ending, content)
    head = [letter.subject, mail_entry.sent_words(letter)] if letter.subject else [mail_entry.sent_words(letter)]
    names = ", ".join(one.name for one in letter.enclosures)
    if names:
        head.append(_("Attachments: {names}").format(names=names))
    return "\n".join([line for line in head if line] + [mail_entry.description_of(letter)])
