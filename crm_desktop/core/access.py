"""What somebody may do, as plain data: rights per record type and action, and powers over the whole office.

A right has a scope: everything, what my team owns, what I own, or nothing. Whoever enforces it (the services, the
views of a file, the policies of a server) reads it from here, so that there is one meaning of "own".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_

ACTIONS = ("read", "create", "edit", "delete", "export", "bulk", "sensitive")
"""What can be done with records of a type. "bulk": many at once; "sensitive": see and write the sensitive fields."""
UNSCOPED = frozenset({"sensitive"})
"""Actions that are for all records or for none: a column is seen or not, whoever owns the row."""
POWERS = ("import", "views", "history", "erase", "backup", "settings", "users")
"""What concerns the office: import files, change shared views, read and undo everybody's changes, erase people for good,
make and restore backups, change fields, pipelines and settings, and manage users, teams and rights."""
ACTION_NAMES = {
    "read": N_("See"), "create": N_("Add"), "edit": N_("Change"), "delete": N_("Delete"), "export": N_("Export"),
    "bulk": N_("Many at once"), "sensitive": N_("Sensitive"),
}  # fmt: skip
POWER_NAMES = {
    "import": N_("Import files"), "views": N_("Change shared views"), "history": N_("See all changes"),
    "erase": N_("Erase people for good"), "backup": N_("Backups"), "settings": N_("Settings of the office"),
    "users": N_("People and rights"),
}  # fmt: skip
SCOPES = ("none", "own", "team", "all")
"""From the narrowest to the widest. "own": owned by me, or by nobody and made by me. "team": owned by somebody of my
team, by me, or by nobody."""
ROLES = (
    Choice("owner", N_("Office owner"), 1),
    Choice("admin", N_("Administrator"), 7),
    Choice("manager", N_("Manager"), 2),
    Choice("sales", N_("Sales"), 3),
    Choice("service", N_("Service"), 5),
    Choice("marketing", N_("Marketing"), 4),
    Choice("readonly", N_("Read only"), 8),
)
"""The roles that every office starts with."""
LEADING = ("owner", "admin")
"""The roles that may do everything; one active user must always have one of them."""


def widest(*scopes: str) -> str:
    """The most permissive of some scopes."""
    return max(scopes, key=SCOPES.index)


@dataclass(frozen=True)
class Access:
    """What one person may do.

    Attributes:
        user_id: who; None where nobody signed in.
        role: the key of their role.
        everything: owners, administrators, and programs that nobody signed in to.
        team: ids of the users of the person's team, the person among them.
        team_id: the team itself.
        scopes: (record type, action) to scope, and ("", power) to "all"; what is not named is "none".
    """

    user_id: int | None = None
    role: str = ""
    everything: bool = False
    team: frozenset[int] = frozenset()
    team_id: int | None = None
    scopes: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    def scope(self, entity: str, action: str) -> str:
        """How far a right reaches: "all", "team", "own" or "none"."""
        return "all" if self.everything else self.scopes.get((entity, action), "none")

    def may(self, entity: str, action: str) -> bool:
        """Whether an action is allowed for some records of a type at least."""
        return self.scope(entity, action) != "none"

    def can(self, power: str) -> bool:
        """Whether the person has one of :data:`POWERS`."""
        return self.scope("", power) == "all"

    def covers(self, entity: str, action: str, owner_id: int | None, created_by: int | None = None) -> bool:
        """Whether an action is allowed for a record with this owner, made by this user."""
        scope = self.scope(entity, action)
        if scope in ("all", "none"):
            return scope == "all"
        if scope == "team":
            return owner_id is None or owner_id == self.user_id or owner_id in self.team
        return self.user_id is not None and (
            owner_id == self.user_id or (owner_id is None and created_by == self.user_id)
        )


LOOKING = ("read", "sensitive", "export")
"""What is still allowed in an office that is only looked at."""


def only_looking(access: Access, entities: Iterable[str]) -> Access:
    """See and write out what one may see, and change nothing."""
    scopes = {(name, action): access.scope(name, action) for name in entities for action in LOOKING}
    scopes |= {("", "history"): access.scope("", "history")}
    return Access(access.user_id, access.role, False, access.team, access.team_id, MappingProxyType(scopes))


EVERYTHING = Access(everything=True)
"""May do everything: whoever works with a file that asks for no sign-in, and the program itself."""
