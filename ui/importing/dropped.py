"""Contact cards and appointments dropped on a card or a list: rehearsed, told, then imported in one change set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _, ngettext, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drop_kinds import DropTarget
from ui.records.files_attach import attach_paths
from ui.widgets.toast import show_toast

_NAMED = 5


def take_cards(
    owner: QWidget, office: Office, navigator: Navigator, paths: Sequence[Path], target: DropTarget, done: Any = None
) -> None:  # fmt: skip
    """Make and update contacts from .vcf files, after saying what that does."""
    _take_each(owner, office, navigator, list(paths), target, done, "contact")


def take_appointments(
    owner: QWidget, office: Office, navigator: Navigator, paths: Sequence[Path], target: DropTarget, done: Any = None
) -> None:  # fmt: skip
    """Put the appointments of .ics files into the calendar, linked to the record that they were dropped on."""
    _take_each(owner, office, navigator, list(paths), target, done, "activity")


def _take_each(
    owner: QWidget, office: Office, navigator: Navigator, paths: list[Path], target: DropTarget, done: Any, entity: str
) -> None:  # fmt: skip
    """One file after the other, each asked about by itself."""
    if not paths:
        return
    path, rest = paths[0], paths[1:]
    belongs = (target.entity, target.record_id) if target.record_id is not None and entity == "activity" else None

    def rehearse(progress: Progress) -> ImportResult:
        plan = guess_plan(office.database, path, entity, progress=progress).plan
        if entity == "contact" and target.entity == "company" and target.record_id is not None:
            # new people work there where their card says nothing else
            plan = replace(plan, defaults={**plan.defaults, "company_id": target.record_id})
        return run_import(
            office.database, path, plan, office.actor, progress=progress, dry_run=True, belongs_to=belongs
        )

    def ask(found: ImportResult) -> None:
        choices = [Choice("no", _("Cancel"))]
        if target.record_id is not None:
            choices.append(Choice("attach", _("Attach as a file")))
        choices.append(Choice("details", _("Look closer…")))
        useful = found.created or found.updated or belongs
        if useful:
            choices.append(Choice("yes", _("Take over"), "primary"))
        answer = dialogs.ask(owner, _title(path, found, entity), _told(found), choices)
        if answer == "yes":
            _write(owner, office, navigator, path, found, belongs, entity)
        elif answer == "details":
            navigator.open_page("import", path=str(path))
            return
        elif answer == "attach" and target.record_id is not None:
            attach_paths(owner, office, target.entity, target.record_id, [path], done)
        _take_each(owner, office, navigator, rest, target, done, entity)

    tasks.run_job(_("Reading {name}").format(name=path.name), rehearse, ask, owner=owner)


def _title(path: Path, found: ImportResult, entity: str) -> str:
    if entity == "contact":
        words = ngettext("{n} contact in {name}", "{n} contacts in {name}", found.rows_read)
    else:
        words = ngettext("{n} appointment in {name}", "{n} appointments in {name}", found.rows_read)
    return words.format(n=found.rows_read, name=path.name)


def _told(found: ImportResult) -> str:
    """What taking the file over does, with the first names."""
    counts = [
        (found.created, ngettext("{n} is new", "{n} are new", found.created)),
        (found.updated, ngettext("{n} is updated", "{n} are updated", found.updated)),
        (found.unchanged, ngettext("{n} is here already", "{n} are here already", found.unchanged)),
        (found.duplicates, ngettext("{n} is there twice", "{n} are there twice", found.duplicates)),
        (found.rejected_count, ngettext("{n} cannot be read", "{n} cannot be read", found.rejected_count)),
    ]
    lines = [", ".join(words.format(n=count) for count, words in counts if count) + "."]
    for one in found.samples[:_NAMED]:
        if one.action == "create":
            lines.append(_("New: {title}").format(title=one.title))
        else:
            what = ", ".join(str(change.new) for change in one.changes[:4])
            lines.append(_("{title}: {what}").format(title=one.title, what=what))
    if len(found.samples) > _NAMED:
        lines.append("…")
    return "\n".join(lines)


def _write(
    owner: QWidget, office: Office, navigator: Navigator, path: Path, found: ImportResult,
    belongs: tuple[str, int] | None, entity: str,
) -> None:  # fmt: skip
    def work(progress: Progress) -> ImportResult:
        return run_import(office.database, path, found.plan, office.actor, progress=progress, belongs_to=belongs)

    def done(result: ImportResult) -> None:
        total = result.created + result.updated + result.unchanged
        words = ngettext("{n} taken over", "{n} taken over", total).format(n=total)
        first: Callable[[], object] | None = None
        ids = [one.record_id for one in result.samples]
        if entity == "contact" and ids:
            first = lambda: navigator.open_record("contact", ids[0])  # noqa: E731
        show_toast(owner, words, pgettext("action", "Open") if first else "", first)  # type: ignore[arg-type]

    tasks.run_job(_("Importing {name}").format(name=path.name), work, done, owner=owner)
