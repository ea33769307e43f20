"""Undoing an import: what later edits stand in the way is asked before, not found out after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import history, undo_plan
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.office import Office
from ui.widgets.toast import show_toast


def undo_import(
    owner: QWidget, office: Office, change_set_id: int, title: str, on_done: Callable[[Any], None],
    on_left: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Take an import back, created and changed records alike; asks where records were changed since.

    ``on_left`` is called where the person leaves it as it is, or where it cannot be undone.
    """
    database = office.database

    def plan() -> Any:
        with database.read() as connection:
            return undo_plan.plan_undo(database, connection, change_set_id)

    def planned(found: Any) -> None:
        choice = _ask(owner, title, found) if found.blocked_count else "safe"
        if choice is None:
            on_left()
        else:
            _carry_out(owner, office, change_set_id, title, choice, on_done, failed)

    def failed(error: Exception) -> None:
        on_left()
        dialogs.show_error(owner, error)

    tasks.run_read(owner, plan, planned, failed)


def _carry_out(
    owner: QWidget, office: Office, change_set_id: int, title: str, choice: str, on_done: Callable[[Any], None],
    on_error: Callable[[Exception], None],
) -> None:  # fmt: skip
    def run(progress: Progress) -> Any:
        return history.undo(office.database, change_set_id, office.actor, choice=choice, progress=progress)

    def done(carried: Any) -> None:
        left = carried.blocked_count if choice == "safe" else 0
        text = _("The import of {name} is undone.").format(name=title)
        if left:
            text += " " + ngettext("{n} record stays as it is.", "{n} records stay as they are.", left).format(n=left)
        show_toast(owner, text)
        on_done(carried)

    tasks.run_job(_("Undoing the import of {name}").format(name=title), run, done, on_error, owner=owner)


def _ask(owner: QWidget, title: str, plan: Any) -> str | None:
    """ "safe", "all", or None to leave it."""
    text = ngettext(
        "{n} record of {name} was changed since, or something hangs on it now.",
        "{n} records of {name} were changed since, or something hangs on them now.",
        plan.blocked_count,
    ).format(n=plan.blocked_count, name=title)
    choices = [Choice("cancel", _("Cancel"))]
    if any(one.forcible for one in plan.blocked) or any(plan.bulk_blocked.values()):
        choices.append(Choice("all", _("Undo all, later edits too"), "danger"))
    if plan.possible_count:
        choices.append(Choice("safe", _("Undo the rest"), "primary"))
    answer = dialogs.ask(owner, _("Some of it was changed since"), text, choices)
    return answer if answer in ("safe", "all") else None
