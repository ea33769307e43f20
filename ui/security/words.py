"""Roles, rights and reasons in words."""

from __future__ import annotations

from crm_desktop.core.access import LEADING, SCOPES
from crm_desktop.core.i18n import N_, _, pgettext, translate
from crm_desktop.security.defaults import ROLES
from crm_desktop.security.roles import RoleRow

ACTION_HELP = {
    "read": N_("Find these records, open them, and see them in lists and reports."),
    "create": N_("Add new ones."),
    "edit": N_("Change their fields, files and tags."),
    "delete": N_("Delete them, and merge two into one."),
    "export": N_("Take them out of the program into a file."),
    "bulk": N_("Change or delete many of them in one step."),
    "sensitive": N_("See and write the sensitive fields, as tax numbers."),
}
SCOPE_HELP = {
    "all": N_("All of them"),
    "team": N_("Those of the own team, and those that nobody owns"),
    "own": N_("Only the own ones"),
    "none": N_("None"),
}
SCOPE_ICONS = {"all": "ph.users-four", "team": "ph.users-three", "own": "ph.user", "none": "ph.minus"}
POWER_HELP = {
    "import": N_("Bring records in from spreadsheets and other programs."),
    "views": N_("Change and delete views of lists that others share."),
    "history": N_("Read what everybody changed, and undo it."),
    "erase": N_("Remove a person who asks for it, from the history too. This cannot be undone."),
    "backup": N_("Make backups of the whole office, and put one back."),
    "settings": N_("Change fields, forms, pipelines, and what the office says of itself."),
    "users": N_("Add people, disable them, and change what everybody may do."),
}
ROLE_HELP = {
    "owner": N_("May do everything. Every office has at least one."),
    "admin": N_("May do everything, to look after the program for the owner."),
    "manager": N_("Sees and changes all records; imports and undoes, but does not manage people."),
    "sales": N_("Sees all customers, works on own deals, sees those of the team."),
    "service": N_("Works on all cases and customers, sees the team's deals."),
    "marketing": N_("Works on and exports all contacts and companies, sees all deals."),
    "readonly": N_("Looks at everything but sensitive fields. May write notes, and changes nothing else."),
}


def scope_name(scope: str) -> str:
    """A scope in one short word."""
    return {
        "all": pgettext("rights", "All"), "team": pgettext("rights", "Team"), "own": pgettext("rights", "Own"),
        "none": pgettext("rights", "None"),
    }[scope]  # fmt: skip


def scope_keys() -> dict[str, str]:
    """Letter to scope: the first letters of the words in the language in use, and those of English."""
    english = {"A": "all", "T": "team", "O": "own", "N": "none"}
    spoken = {scope_name(scope)[:1].upper(): scope for scope in SCOPES}
    return {**english, **spoken} if len(spoken) == len(SCOPES) else english


def role_name(key: str, own: dict[str, str] | None = None) -> str:
    """The name of a role; ``own`` are the names of the office's roles by key."""
    known = next((translate(one.label) for one in ROLES if one.key == key), "")
    return known or (own or {}).get(key, key)


def role_title(role: RoleRow) -> str:
    """The name of a role in the language in use; the office's own are shown as they were written."""
    return role.name if role.own else translate(role.name)


def role_help(role: RoleRow) -> str:
    """What a role is for."""
    if role.own:
        return role.description or _("A role of your office.")
    return translate(ROLE_HELP.get(role.key, ""))


def role_badge(key: str) -> str:
    """The kind of badge of a role: who leads stands out."""
    return "accent" if key in LEADING else "warning" if key == "manager" else "neutral"


def reason_text(reason: str, *, owner: str, role: str) -> str:
    """Why somebody sees a record, or does not, as a short sentence."""
    texts = {
        "leads": _("{role}: sees everything"),
        "owner": _("It is theirs"),
        "maker": _("Nobody owns it, and they added it"),
        "team": _("Same team as {owner}"),
        "unowned": _("Nobody owns it"),
        "all": _("{role}: sees all of them"),
        "other": _("It belongs to somebody else"),
        "none": _("{role}: sees none of them"),
    }
    return texts.get(reason, "").format(role=role, owner=owner)
