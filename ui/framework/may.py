"""What whoever is signed in may do, asked in one place by every page, and the sentence where they may not.

The services and the server refuse by themselves; this only keeps the window from offering what would be refused.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _, translate
from ui.framework.office import Office

_REFUSED = {
    "read": N_("Your role may not see {records}."),
    "create": N_("Your role may not add {records}."),
    "edit": N_("Your role may not change {records}."),
    "delete": N_("Your role may not delete {records}."),
    "export": N_("Your role may not export {records}."),
    "bulk": N_("Your role may not change many {records} at once."),
    "sensitive": N_("Your role may not see the sensitive fields of {records}."),
}
_OTHERS = {
    "own": N_("It belongs to somebody else. Your role may change only your own {records}."),
    "team": N_("It belongs to another team. Your role may change only those {records} that your team has."),
}
_OTHERS_DELETE = {
    "own": N_("It belongs to somebody else. Your role may delete only your own {records}."),
    "team": N_("It belongs to another team. Your role may delete only those {records} that your team has."),
}
_ONLY_LOOKED_AT = N_("This is only looked at: nothing in it can be changed. Go back to your own office for that.")
_POWERS = {
    "import": N_("Your role may not import files."),
    "views": N_("Your role may not change views that others share."),
    "history": N_("Your role may not see and undo what others changed."),
    "erase": N_("Your role may not erase people for good."),
    "backup": N_("Your role may not make or restore backups."),
    "settings": N_("Your role may not change the settings of the office."),
    "users": N_("Your role may not manage people and rights."),
}


def may(office: Office, entity: str, action: str, record: Any = None) -> bool:
    """Whether the person may do something with records of a type, or with one of them.

    Args:
        action: one of ``crm_desktop.core.access.ACTIONS``.
        record: with ``values`` by field name; without it, whether it is allowed for some records at least.
    """
    access = office.access
    if record is None or access.everything:
        return bool(access.may(entity, action))
    owner, maker = owner_of(office, entity, record)
    return bool(access.covers(entity, action, owner, maker))


def may_with(office: Office, entity: str, action: str, owner_id: int | None, made_by: int | None = None) -> bool:
    """As :func:`may`, for a record of which the owner is known, as the cards of boards and calendars know it."""
    return bool(office.access.covers(entity, action, owner_id, made_by))


def can(office: Office, power: str) -> bool:
    """Whether the person has one of ``crm_desktop.core.access.POWERS``."""
    return bool(office.access.can(power))


def owner_of(office: Office, entity: str, record: Any) -> tuple[int | None, int | None]:
    """The owner of a record, and who made it; where a record type has no owners, its maker counts as one."""
    spec = office.database.schema.entity(entity)
    maker = _id(record.values.get("created_by"))
    return (_id(record.values.get("owner_id")) if spec.has("owner_id") else maker), maker


def why_not(office: Office, entity: str, action: str, record: Any = None) -> str:
    """Why something is not allowed, as a sentence; "" where it is.

    With an ``entity`` of "" the ``action`` is a power.
    """
    if not entity:
        if office.browsed is not None and not can(office, action):
            return translate(_ONLY_LOOKED_AT)
        return "" if can(office, action) else translate(_POWERS[action])
    return "" if may(office, entity, action, record) else _sentence(office, entity, action, record is not None)


def why_not_with(
    office: Office, entity: str, action: str, owner_id: int | None, made_by: int | None = None
) -> str:  # fmt: skip
    """As :func:`why_not`, for a record of which the owner is known."""
    return "" if may_with(office, entity, action, owner_id, made_by) else _sentence(office, entity, action, True)


def _sentence(office: Office, entity: str, action: str, one: bool) -> str:
    """Why an action is refused; for ``one`` record where others would be allowed."""
    if office.browsed is not None:
        return translate(_ONLY_LOOKED_AT)
    records = translate(office.database.schema.entity(entity).plural).lower()
    scope = office.access.scope(entity, action)
    by_scope = _OTHERS_DELETE if action == "delete" else _OTHERS
    text = by_scope[scope] if one and scope in by_scope else _REFUSED[action]
    return translate(text).format(records=records)


def restrict(widget: QWidget, why: str) -> None:
    """Disable a control and say why as its tooltip; with an empty ``why``, give it back as it was."""
    kept = widget.property("free_tip")
    if why:
        if kept is None:
            widget.setProperty("free_tip", widget.toolTip())
        widget.setToolTip(_("{reason} Whoever manages people and rights can change that.").format(reason=why))
        widget.setEnabled(False)
    elif kept is not None:
        widget.setToolTip(str(kept))
        widget.setProperty("free_tip", None)
        widget.setEnabled(True)


def _id(value: Any) -> int | None:
    found = getattr(value, "id", value)
    return found if isinstance(found, int) else None
