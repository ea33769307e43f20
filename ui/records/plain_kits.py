"""Lists and cards of record types that no feature of the window owns."""

from __future__ import annotations

from crm_desktop.core.filters import where
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
