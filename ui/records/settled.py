"""When two people changed the same setting of the office: before, mine and theirs side by side, and a choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import _
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.conflict import ConflictDialog, Disputed, Scrim, Side

Words = Callable[[str, Any], tuple[str, str]]
"""(name, value) to what the setting is called and how the value reads."""


def settle_setting(
    owner: QWidget, office: Office, error: SettingChanged, what: str, title: str, words: Words,
    solved: Callable[[dict[str, Any]], object], back: Callable[[], object] | None = None,
) -> None:  # fmt: skip
    """Ask which values to keep and hand them to ``solved``, by name.

    Args:
        what: the kind of thing that both changed ("stage").
        title: which one.
        back: called where the person goes back without a choice.
    """
    disputed = []
    for name, values in error.fields.items():
        label = words(name, values[1])[0]
        sides = [Side(value, words(name, value)[1]) for value in values]
        disputed.append(Disputed(Field(name, label, Kind.TEXT, custom=True), *sides))
    scrim = Scrim(owner.window())
    dialog = ConflictDialog(
        owner, what, title, office.actor.name or _("Me"), error.who, disputed, [], error.at, notes=False
    )
    accepted = dialogs.run_dialog(dialog)
    scrim.deleteLater()
    if accepted:
        solved(dialog.chosen())
    elif back is not None:
        back()
    dialog.deleteLater()
