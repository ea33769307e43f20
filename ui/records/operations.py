"""What happened to a row of the history: the word and the icon."""

from __future__ import annotations

from crm_desktop.core.i18n import _
from crm_desktop.records.changes import RowChange

_ICONS = {
    "I": ("ph.plus-circle", "success"),
    "U": ("ph.pencil-simple", "text-muted"),
    "D": ("ph.minus-circle", "danger"),
}


def operation_icon(one: RowChange) -> tuple[str, str]:
    """The icon and its colour."""
    return ("ph.arrow-u-up-left", "success") if one.came_back else _ICONS[one.op]


def operation_words(one: RowChange) -> str:
    """The word: a row that came back was restored, not added."""
    if one.hidden:
        return _("hidden fields")
    if one.came_back:
        return _("restored")
    return {"I": _("added"), "U": _("changed"), "D": _("removed")}[one.op]
