"""What a person may not do, said in one sentence that names the reason and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.core.access import Access
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_

POWERS = {
    "import": N_("Your role may not import files. Ask an administrator."),
    "views": N_("Your role may not change views that others share. Ask an administrator."),
    "history": N_("Your role may not see and undo what others changed. Ask an administrator."),
    "erase": N_("Only the owner or an administrator may erase a person. Ask one of them."),
    "backup": N_("Your role may not make or restore backups. Ask an administrator."),
    "settings": N_("Your role may not change the settings of the office. Ask an administrator."),
    "users": N_("Your role may not manage people and rights. Ask an administrator."),
}
"""By power, what somebody reads who does not have it."""
NOT_AT_ALL = {
    "read": N_("Your role may not see {records}. Ask an administrator."),
    "create": N_("Your role may not add {records}. Ask an administrator."),
    "edit": N_("Your role may not change {records}. Ask an administrator."),
    "delete": N_("Your role may not delete {records}. Ask an administrator."),
    "export": N_("Your role may not export {records}. Ask an administrator."),
    "bulk": N_("Your role may not change many {records} at once. Change them one by one, or ask an administrator."),
    "sensitive": N_("Your role may not see or change the sensitive fields of {records}. Ask an administrator."),
}
"""By action, what somebody reads who may not do it with any record of the type."""
_EDIT_OWN = N_("“{title}” belongs to {owner}; you may change only your own {records}. Ask {owner} or an administrator.")
_EDIT_TEAM = N_(
    "“{title}” belongs to {owner}; you may change only {records} of your team. Ask {owner} or an administrator."
)
ONE = {
    ("edit", "own"): _EDIT_OWN,
    ("edit", "team"): _EDIT_TEAM,
    ("delete", "own"): N_(
        "“{title}” belongs to {owner}; you may delete only your own {records}. Ask {owner} or an administrator."
    ),
    ("delete", "team"): N_(
        "“{title}” belongs to {owner}; you may delete only {records} of your team. Ask {owner} or an administrator."
    ),
    ("bulk", "own"): N_("“{title}” belongs to {owner}; you may change many {records} at once only if all are yours."),
    ("bulk", "team"): N_(
        "“{title}” belongs to {owner}; you may change many {records} at once only if all are of your team."
    ),
    ("create", "own"): N_("You may add or hand over {records} only to yourself, not to {owner}. Ask an administrator."),
    ("create", "team"): N_("You may add or hand over {records} only within your team, not to {owner}. Ask an administrator."),
}  # fmt: skip
"""By action and how far it reaches: one record that belongs to somebody else."""
UNOWNED = {
    "edit": N_("“{title}” belongs to nobody and was made by somebody else; you may change only your own {records}."),
    "delete": N_("“{title}” belongs to nobody and was made by somebody else; you may delete only your own {records}."),
    "bulk": N_("“{title}” belongs to nobody and was made by somebody else; you may change only your own {records}."),
}
MANY = {
    ("edit", "own"): N_(
        "{count} of these {records} belong to others ({owners}); you may change only your own. Nothing was changed."
    ),
    ("edit", "team"): N_(
        "{count} of these {records} belong to others ({owners}); you may change only those of your team. "
        "Nothing was changed."
    ),
    ("delete", "own"): N_(
        "{count} of these {records} belong to others ({owners}); you may delete only your own. Nothing was deleted."
    ),
    ("delete", "team"): N_(
        "{count} of these {records} belong to others ({owners}); you may delete only those of your team. "
        "Nothing was deleted."
    ),
    ("bulk", "own"): N_(
        "{count} of these {records} belong to others ({owners}); you may change many at once only if all are yours. "
        "Nothing was changed."
    ),
    ("bulk", "team"): N_(
        "{count} of these {records} belong to others ({owners}); you may change many at once only if all are of your "
        "team. Nothing was changed."
    ),
}
"""By action and how far it reaches: several records that belong to others."""
UNSEEN = N_("You may not see this record, so you can neither change it nor add anything to it. Ask an administrator.")
OTHERS_NOTE = N_("This was written by {owner}; only who wrote it may change or delete it.")
OTHERS_VIEW = N_("This view belongs to {owner}. Save it under another name to change it.")
OTHERS_ROW = N_("This belongs to {owner}; only they may change it.")
CLOSED = N_("Only owners and administrators may change this.")
NOBODY = N_("nobody")
_NAMED = 3


class NotAllowed(UserError):
    """Whoever is signed in may not do this. ``action`` and ``entity`` say what, ``ids`` the records that stand in the way."""

    def __init__(
        self, message: str, *, entity: str = "", action: str = "", ids: Sequence[int] = (), **params: Any
    ) -> None:
        super().__init__(message, **params)
        self.entity, self.action, self.ids = entity, action, tuple(ids)


@dataclass(frozen=True)
class Other:
    """A record that stands in the way: its id, its title, the name of its owner ("" where it has none), and whether
    the person may see it at all."""

    id: int
    title: str
    owner: str
    seen: bool = True


def refused(action: str, entity: str, records: str, scope: str, others: Sequence[Other]) -> NotAllowed:
    """The error for records that an action does not reach.

    Args:
        records: what the record type is called, e.g. "contacts".
        scope: how far the action reaches: "all" where the records cannot be seen at all.
        others: the records in the way.
    """
    ids = [one.id for one in others]
    if scope == "none" or not others:
        return NotAllowed(NOT_AT_ALL[action], entity=entity, action=action, ids=ids, records=records)
    if scope == "all" or action == "read" or not all(one.seen for one in others):
        return NotAllowed(UNSEEN, entity=entity, action=action, ids=ids)
    if len(others) == 1:
        one = others[0]
        text = ONE[action, scope] if one.owner else UNOWNED.get(action, ONE[action, scope])
        return NotAllowed(
            text, entity=entity, action=action, ids=ids, title=one.title, owner=one.owner, records=records
        )
    names = list(dict.fromkeys(one.owner or "—" for one in others))
    owners = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return NotAllowed(
        MANY[action, scope], entity=entity, action=action, ids=ids, count=len(others), owners=owners, records=records
    )


def require(access: Access, power: str) -> None:
    """Refuse who does not have a power.

    Raises:
        NotAllowed: they have not.
    """
    if not access.can(power):
        raise without_power(power)


def without_power(power: str) -> NotAllowed:
    """The error for a power that somebody does not have."""
    return NotAllowed(POWERS[power], action=power)
