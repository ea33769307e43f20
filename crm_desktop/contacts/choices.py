"""The fixed values of contacts and companies."""

from __future__ import annotations

from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_

LIFECYCLE = (
    Choice("lead", N_("Lead"), 4),
    Choice("qualified", N_("Qualified"), 1),
    Choice("customer", N_("Customer"), 3),
    Choice("former", N_("Former customer"), 8),
)
"""In this order only: an import never moves a contact back."""

SOURCES = (
    Choice("referral", N_("Referral"), 3),
    Choice("website", N_("Website"), 1),
    Choice("phone", N_("Phone"), 2),
    Choice("walk_in", N_("Walk-in"), 5),
    Choice("event", N_("Event or fair"), 7),
    Choice("campaign", N_("Campaign"), 6),
    Choice("social", N_("Social network"), 4),
    Choice("partner", N_("Partner"), 2),
    Choice("import", N_("Import"), 8),
    Choice("other", N_("Other"), 8),
)

COMPANY_KINDS = (
    Choice("prospect", N_("Prospect"), 4),
    Choice("customer", N_("Customer"), 3),
    Choice("supplier", N_("Supplier"), 5),
    Choice("partner", N_("Partner"), 2),
    Choice("competitor", N_("Competitor"), 6),
    Choice("other", N_("Other"), 8),
)

INDUSTRIES = (
    Choice("food", N_("Food and restaurants"), 4),
    Choice("retail", N_("Retail"), 1),
    Choice("manufacturing", N_("Manufacturing"), 8),
    Choice("construction", N_("Construction"), 5),
    Choice("health", N_("Health"), 3),
    Choice("education", N_("Education"), 7),
    Choice("hospitality", N_("Hotels and tourism"), 2),
    Choice("transport", N_("Transport"), 1),
    Choice("technology", N_("Technology"), 2),
    Choice("services", N_("Services"), 7),
    Choice("finance", N_("Finance"), 3),
    Choice("agriculture", N_("Agriculture"), 3),
    Choice("public", N_("Public sector"), 8),
    Choice("other", N_("Other"), 8),
)

POINT_KINDS = (
    Choice("phone", N_("Phone")),
    Choice("email", N_("E-mail")),
    Choice("web", N_("Website")),
    Choice("messenger", N_("Messenger")),
    Choice("social", N_("Social profile")),
)
POINT_LABELS = (
    Choice("mobile", N_("Mobile")),
    Choice("work", N_("Work")),
    Choice("home", N_("Home")),
    Choice("fax", N_("Fax")),
    Choice("other", N_("Other")),
)
ADDRESS_LABELS = (
    Choice("work", N_("Work")),
    Choice("home", N_("Home")),
    Choice("billing", N_("Billing")),
    Choice("delivery", N_("Delivery")),
    Choice("other", N_("Other")),
)
CONSENT_PURPOSES = (
    Choice("marketing", N_("Marketing")),
    Choice("newsletter", N_("Newsletter")),
    Choice("contract", N_("Contract")),
    Choice("survey", N_("Survey")),
)
CHANNELS = (
    Choice("email", N_("E-mail")),
    Choice("phone", N_("Phone")),
    Choice("letter", N_("Letter")),
    Choice("messenger", N_("Messenger")),
    Choice("any", N_("Any channel")),
)
CONSENT_STATES = (
    Choice("given", N_("Given"), 3),
    Choice("refused", N_("Refused"), 6),
    Choice("withdrawn", N_("Withdrawn"), 5),
)
IDENTIFIER_KINDS = (
    Choice("cpf", "CPF"),
    Choice("cnpj", "CNPJ"),
    Choice("rg", "RG"),
    Choice("nif", "NIF"),
    Choice("dni", "DNI"),
    Choice("nie", "NIE"),
    Choice("cif", "CIF"),
    Choice("vat", N_("VAT number")),
    Choice("rfc", "RFC"),
    Choice("curp", "CURP"),
    Choice("cuit", "CUIT"),
    Choice("rut", "RUT"),
    Choice("ruc", "RUC"),
    Choice("nit", "NIT"),
    Choice("ein", "EIN"),
    Choice("passport", N_("Passport")),
    Choice("licence", N_("Driving licence")),
    Choice("other", N_("Other")),
)
RELATIONSHIPS = (
    Choice("referred_by", N_("Referred by")),
    Choice("spouse", N_("Spouse or partner")),
    Choice("parent", N_("Father or mother")),
    Choice("sibling", N_("Brother or sister")),
    Choice("relative", N_("Relative")),
    Choice("friend", N_("Friend")),
    Choice("colleague", N_("Colleague")),
    Choice("reports_to", N_("Reports to")),
    Choice("assistant", N_("Assistant")),
    Choice("accountant", N_("Accountant")),
    Choice("lawyer", N_("Lawyer")),
    Choice("adviser", N_("Adviser")),
    Choice("partner", N_("Business partner")),
    Choice("supplier", N_("Supplier")),
    Choice("competitor", N_("Competitor")),
    Choice("other", N_("Other")),
)
"""What the second record is to the first: "Referred by Ana", "Accountant: Rui"."""
