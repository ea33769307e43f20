"""Undoing an import, with the question that every undo asks where later edits stand in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _, ngettext
from ui.framework.office import Office
from ui.records.undoing import undo_change_set
from ui.widgets.toast import show_toast


def undo_import(
    owner: QWidget, office: Office, change_set_id: int, title: str, on_done: Callable[[Any], None],
    on_left: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Take an import back, created and changed records alike; asks where records were changed since.

    ``on_left`` is called where the person leaves it as it is, or where it cannot be undone.
    """

    def done(carried: Any, left: int) -> None:
        text = _("The import of {name} is undone.").format(name=title)
        if left:
            text += " " + ngettext("{n} record stays as it is.", "{n} records stay as they are.", left).format(n=left)
        show_toast(owner, text)
        on_done(carried)

    undo_change_set(
        owner, office, change_set_id, title, done, on_left=on_left,
        job=_("Undoing the import of {name}").format(name=title),
    )  # fmt: skip
