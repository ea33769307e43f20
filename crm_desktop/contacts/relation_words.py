"""What relationships are called from either side, and between whom they can be."""

from __future__ import annotations

from crm_desktop.contacts.choices import RELATIONSHIPS
from crm_desktop.core.i18n import N_

_FORWARD = {choice.key: choice.label for choice in RELATIONSHIPS}
_BACKWARD = {
    "referred_by": N_("Has referred"),
    "parent": N_("Son or daughter"),
    "reports_to": N_("Manager of"),
    "assistant": N_("Assistant of"),
    "accountant": N_("Accountant of"),
    "lawyer": N_("Lawyer of"),
    "adviser": N_("Adviser of"),
    "supplier": N_("Supplier of"),
}
"""The words beside the first record on the second one's card; the other kinds read the same from both sides."""
FAMILY = frozenset({"spouse", "parent", "sibling", "relative", "friend"})
_PEOPLE_ONLY = FAMILY | {"reports_to", "colleague"}
_ONE_WAY = frozenset({"parent", "reports_to"})


def symmetric(kind: str) -> bool:
    """Whether a kind of relationship is the same from both sides: spouses, friends."""
    return kind not in _BACKWARD


def one_way(kind: str) -> bool:
    """Whether the same kind cannot hold the other way round as well: nobody is the mother of her mother."""
    return kind in _ONE_WAY


def relation_word(kind: str, backward: bool = False) -> str:
    """The word (source text) that stands beside the other record.

    Args:
        backward: seen from the second record: "Accountant of" beside the client, not "Accountant".
    """
    return _BACKWARD.get(kind, _FORWARD.get(kind, kind)) if backward else _FORWARD.get(kind, kind)


def kinds_between(first: str, second: str) -> list[str]:
    """The kinds of relationship that two record types can have: a company has no spouse."""
    people = first == second == "contact"
    return [key for key in _FORWARD if people or key not in _PEOPLE_ONLY]


def directed_kinds(first: str, second: str) -> list[tuple[str, bool]]:
    """(kind, backward) of everything that the second record can be to the first, as a list to choose from shows it."""
    result = []
    for kind in kinds_between(first, second):
        result.append((kind, False))
        if not symmetric(kind):
            result.append((kind, True))
    return result
