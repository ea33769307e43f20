"""Rules: which fields are compared and how, for people typing (broad), for imports (strict) and for the search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_

if TYPE_CHECKING:
    from crm_desktop.dedupe.compare import Comparator

TYPING, IMPORT, SCAN = "typing", "import", "scan"

HOWS = (
    Choice("person", N_("Name of a person")), Choice("company", N_("Name of a company")), Choice("address", N_("Address")),
    Choice("phone", N_("Phone")), Choice("email", N_("E-mail")), Choice("code", N_("Number of its own")),
    Choice("date", N_("Date, one slip allowed")), Choice("exact", N_("Exactly the same")),
    Choice("similar", N_("Similar text")), Choice("sound", N_("Sounds alike")), Choice("start", N_("First five letters")),
    Choice("web", N_("Web domain")),
)  # fmt: skip
"""How a field can be compared."""

WEIGHTS = (Choice("0.5", N_("Little")), Choice("1", N_("Normal")), Choice("1.5", N_("Much")))


@dataclass(frozen=True)
class Comparison:
    """One field of a rule, how it is compared, and how much that counts beside the usual (1)."""

    field: str
    how: str
    weight: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"field": self.field, "how": self.how, "weight": self.weight}


@dataclass(frozen=True)
class Rule:
    """How records of a type are compared at a moment.

    Attributes:
        look_from: the score from which a pair is worth a look.
        same_from: the score from which two records are taken for the same.
    """

    entity: str
    moment: str
    comparisons: tuple[Comparison, ...]
    look_from: int = 70
    same_from: int = 90
    active: bool = True
    name: str = ""
    id: int | None = field(default=None, compare=False)

    def comparators(self) -> list[Comparator]:
        """New comparators that have learnt nothing yet."""
        company = any(one.how == "company" for one in self.comparisons)
        return [_make(one, company) for one in self.comparisons]


def _make(one: Comparison, company: bool) -> Comparator:
    from crm_desktop.dedupe import compare, compare_values  # lazy: the measures of likeness, which no start needs

    match one.how:
        case "person":
            return compare.PersonComparator(one.field, one.weight)
        case "company":
            return compare.CompanyComparator(one.field, one.weight)
        case "date":
            return compare_values.DateComparator(one.field, one.weight)
        case "code":
            return compare_values.CodeComparator(one.field, one.weight)
        case "phone" | "email":
            return compare_values.SharedComparator(one.field, one.weight, email=one.how == "email")
        case "address":
            return compare_values.PlaceComparator(one.field, one.weight, company=company)
        case how if how in {known.key for known in HOWS}:
            return compare_values.TextComparator(one.field, how, one.weight)
        case _:
            raise UserError(N_("A rule compares “{field}” in a way this program does not know."), field=one.field)


def _comparisons(*pairs: tuple[str, str]) -> tuple[Comparison, ...]:
    return tuple(Comparison(name, how) for name, how in pairs)


_CONTACT = _comparisons(
    ("name", "person"), ("birthday", "date"), ("tax_id", "code"), ("email", "email"), ("phone", "phone"),
    ("address", "address"), ("company_id", "similar"), ("number", "code"),
)  # fmt: skip
_COMPANY = _comparisons(
    ("name", "company"), ("tax_id", "code"), ("email", "email"), ("phone", "phone"), ("address", "address"),
    ("website", "web"), ("people", "exact"), ("number", "code"),
)  # fmt: skip

DEFAULTS: dict[tuple[str, str], Rule] = {
    ("contact", SCAN): Rule("contact", SCAN, _CONTACT),
    ("contact", TYPING): Rule("contact", TYPING, _CONTACT, look_from=60),
    ("contact", IMPORT): Rule("contact", IMPORT, _CONTACT, look_from=90, same_from=97),
    ("company", SCAN): Rule("company", SCAN, _COMPANY),
    ("company", TYPING): Rule("company", TYPING, _COMPANY, look_from=60),
    ("company", IMPORT): Rule("company", IMPORT, _COMPANY, look_from=90, same_from=97),
}
"""The built-in rules: broad while typing, so that people are warned early; strict for imports, which nobody watches."""


def default_rule(entity: str, moment: str) -> Rule:
    """The built-in rule of a record type at a moment.

    Raises:
        KeyError: there is none for this record type.
    """
    return DEFAULTS[entity, moment]
