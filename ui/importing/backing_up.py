"""The backup before a large import: when one is made, and what is asked where it is needless or cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.importing.large import ROWS, UPDATED
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.framework.office import Office

T = TypeVar("T")

FRESH = timedelta(hours=1)


class NotBackedUp(UserError):
    """The backup before an import could not be made; nothing was imported."""

    def __init__(self, reason: str) -> None:
        super().__init__(N_("The backup before the import could not be made: {reason}"), reason=reason)


def is_large(rehearsal: Any) -> bool:
    """Whether what a rehearsal found is enough for a backup."""
    parts = rehearsal.parts if rehearsal is not None else ()
    updated = sum(int(getattr(one, "updated", 0)) for one in parts)
    return updated > UPDATED or updated + sum(int(getattr(one, "created", 0)) for one in parts) >= ROWS


def look(owner: QWidget, office: Office, session: Any) -> None:
    """Let a session know when the last backup was proven."""
    if office.last_proven is None or not session.large:
        return

    def found(proven: datetime | None) -> None:
        session.last_backup = proven

    office.read(owner, office.last_proven, found, lambda _error: None, supersede="import-backup")


def after_backup(office: Office, run: Callable[[Progress], T], wanted: bool) -> Callable[[Progress], T]:
    """The work with a backup before it, where one is wanted and this person's program can make one.

    It raises NotBackedUp where that fails; then nothing else was done.
    """
    before = office.back_up_before
    make = before("import", office.database, office.actor.name) if before is not None and wanted else None
    if make is None:
        return run

    def work(progress: Progress) -> T:
        try:
            make(progress)
        except UserError as error:
            raise NotBackedUp(str(error)) from error
        progress.update(0, 0, "")
        return run(progress)

    return work


def ask_needed(owner: QWidget, proven: datetime | None) -> bool:
    """Whether to make one; asked only where a proven one is fresh."""
    if proven is None or not timedelta() <= clock.now() - proven < FRESH:
        return True
    text = _("A proven backup was made {when}. Make another one before the import?")
    answer = dialogs.ask(
        owner, _("Back up before the import?"), text.format(when=formats.format_relative(proven, with_time=True)),
        [Choice("skip", _("Import at once")), Choice("make", _("Back up first"), "primary")],
    )  # fmt: skip
    return answer != "skip"


def ask_without(owner: QWidget, error: NotBackedUp) -> bool:
    """Whether to import although there is no backup."""
    text = _("{reason} The import can be undone without it, too.").format(reason=str(error))
    answer = dialogs.ask(
        owner, _("Import without a backup?"), text,
        [Choice("without", _("Import without a backup"), "danger"), Choice("stay", _("Do not import yet"), "primary")],
    )  # fmt: skip
    return answer == "without"
