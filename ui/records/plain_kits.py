"""Lists and cards of record types that no feature of the window owns."""

from __future__ import annotations

from crm_desktop.core.filters import all_of, where
from crm_desktop.core.i18n import N_
from ui.records.kit import CardKit, ListKit, Related

PRODUCT_CARD = CardKit(
    facts=("code", "category", "unit", "price", "cost", "active"),
    subtitle=("category",),
    related=(Related("deal", N_("Deals"), "product_id", columns=("amount", "status", "company_id", "expected_close")),),
)


def products_list() -> ListKit:
    """Products and services."""
    return ListKit(
        "products",
        "product",
        views=(("active", N_("Active"), where("active", "eq", True)),),
        empty=(
            "ph.package",
            N_("No products yet"),
            N_("What your office sells, with its prices. Deals and reports use it."),
        ),
        card=PRODUCT_CARD,
    )


def activities_list() -> ListKit:
    """Activities of any kind as a list: what reports lead to; the calendar shows them by time."""
    done = all_of(where("status", "eq", "done"), where("done_at", "period", "this_month"))
    return ListKit(
        "activities",
        "activity",
        views=(
            ("mine", N_("Mine"), where("owner_id", "eq", "@me")),
            ("open", N_("Planned"), where("status", "eq", "planned")),
            ("done", N_("Done this month"), done),
        ),
        empty=(
            "ph.calendar-check",
            N_("No activities yet"),
            N_("Tasks, calls, meetings and visits, planned and done."),
        ),
        card=CardKit(facts=("kind", "status", "due", "starts", "owner_id", "outcome"), subtitle=("kind",)),
    )
