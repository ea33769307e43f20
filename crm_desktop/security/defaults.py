"""The roles that every office starts with, and what each may do; an office changes them by rows of ``role_right``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crm_desktop.core.access import ACTIONS, LEADING, POWERS, UNSCOPED
from crm_desktop.core.access import ROLES as ROLES

# read, create, edit, delete, export, bulk, sensitive; "" (any other record type) last
_Row = tuple[str, str, str, str, str, str, str]
_LOOK: _Row = ("all", "none", "none", "none", "none", "none", "none")
_NOTHING: _Row = ("none",) * 7
_FULL: _Row = ("all",) * 7
_TABLE: Mapping[str, Mapping[str, _Row]] = {
    "manager": {"": _FULL},
    "sales": {
        "contact": ("all", "all", "team", "own", "own", "own", "none"),
        "company": ("all", "all", "team", "own", "own", "own", "none"),
        "deal": ("team", "all", "own", "own", "own", "own", "none"),
        "activity": ("team", "all", "own", "own", "own", "own", "none"),
        "case": ("all", "all", "own", "none", "none", "none", "none"),
        "product": _LOOK,
        "": _NOTHING,
    },
    "service": {
        "contact": ("all", "all", "all", "none", "none", "none", "none"),
        "company": ("all", "all", "all", "none", "none", "none", "none"),
        "deal": ("team", "none", "none", "none", "none", "none", "none"),
        "activity": ("team", "all", "own", "own", "own", "own", "none"),
        "case": ("all", "all", "all", "own", "all", "team", "none"),
        "product": _LOOK,
        "": _NOTHING,
    },
    "marketing": {
        "contact": ("all", "all", "all", "none", "all", "all", "none"),
        "company": ("all", "all", "all", "none", "all", "all", "none"),
        "deal": _LOOK,
        "activity": ("team", "all", "own", "own", "own", "own", "none"),
        "case": _NOTHING,
        "product": _LOOK,
        "": _NOTHING,
    },
    "readonly": {"": _LOOK},
}
_POWERS: Mapping[str, frozenset[str]] = {
    "manager": frozenset({"import", "views", "history"}),
    "marketing": frozenset({"import"}),
}


def rights_of(role: str, entities: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(record type, action, scope) of a role as the program comes with it; powers have no record type.

    Args:
        role: a key; one that the program does not know starts with no right at all.
        entities: the record types that have rights (see ``access.scoped_types``).
    """
    table = _TABLE.get(role, {"": _NOTHING})
    for entity in entities:
        row = _FULL if role in LEADING else table.get(entity, table[""])
        for action, scope in zip(ACTIONS, row, strict=True):
            yield entity, action, "all" if action in UNSCOPED and scope != "none" else scope
    for power in POWERS:
        yield "", power, "all" if role in LEADING or power in _POWERS.get(role, ()) else "none"
