"""How long deleted records are kept: the words, and the question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.records.retention import Policy, read_policy, save_policy
from ui.framework import dialogs
from ui.framework.office import Office
from ui.widgets.toast import show_toast

LEAST_DAYS = 7


def days_words(policy: Policy) -> str:
    """For how long, in a sentence or two."""
    days = policy.deleted_days
    if days is None:
        return _("Deleted records are kept for ever.")
    if not policy.weekly:
        return ngettext(
            "Nothing here goes by itself. What was deleted more than {n} day ago goes when somebody makes the history smaller.",
            "Nothing here goes by itself. What was deleted more than {n} days ago goes when somebody makes the history smaller.",
            days,
        ).format(n=days)  # fmt: skip
    return ngettext(
        "Deleted records are kept for {n} day, then they may be let go for good.",
        "Deleted records are kept for {n} days, then they may be let go for good.", days,
    ).format(n=days)  # fmt: skip


def choose_days(owner: QWidget, office: Office, policy: Policy, on_done: Callable[[], object]) -> None:
    """Ask for the number of days, and keep it as a setting of the office."""
    label = _("Days that deleted records are kept, {least} at least; 0 keeps them for ever").format(least=LEAST_DAYS)
    text = dialogs.ask_text(owner, _("How long deleted records are kept"), label, str(policy.deleted_days or 0))
    if text is None:
        return
    try:
        wanted = int(text.strip())
    except ValueError:
        wanted = -1
    if wanted and wanted < LEAST_DAYS:
        dialogs.show_message(
            owner, _("That is no number of days"),
            _("Give a number from {least} on, or 0.").format(least=LEAST_DAYS),
        )  # fmt: skip
        return

    def work(uow: Any) -> Policy:
        policy = replace(read_policy(uow.connection), deleted_days=wanted or None)
        save_policy(uow, policy)
        return policy

    def done(kept: Policy) -> None:
        show_toast(owner, days_words(kept))
        on_done()

    office.write(owner, N_("How long deleted records are kept"), work, done)
