"""What is counted on the Data quality page: each measure is a filter, so that its number opens exactly those records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.filters import EVERYTHING, Filter, all_of, any_of, where
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base

YEAR = 365


@dataclass(frozen=True)
class Measure:
    """One number of the page.

    Attributes:
        key: its name in the samples; ``entity`` the record type it counts.
        label, help: source texts.
        filter: the records it counts.
        page: the page that lists them.
        checked: counted from what the last check found, not from the records alone.
    """

    key: str
    entity: str
    label: str
    help: str
    icon: str
    filter: Filter
    page: str
    checked: bool = False


ENTITIES = ("contact", "company", "deal")
PAGES = {"contact": "contacts", "company": "companies", "deal": "pipeline"}
BASES: dict[str, Filter] = {"contact": EVERYTHING, "company": EVERYTHING, "deal": where("status", "eq", "open")}
"""Of which records the shares are: of deals, the open ones."""

HEALTH = N_("The share of contacts and companies that can be reached, have an owner and hold no value that cannot be right.")  # fmt: skip

_NO_PHONE = all_of(where("mobile", "empty"), where("phone", "empty"), where("phone2", "empty"))
_NO_EMAIL = where("email", "empty")
_UNREACHABLE = all_of(_NO_EMAIL, *_NO_PHONE.parts)  # type: ignore[union-attr]
_NO_ADDRESS = all_of(where("street", "empty"), where("city", "empty"), where("postcode", "empty"))
_INVALID = (
    where("phone_invalid", "eq", True), where("email_invalid", "eq", True), where("tax_invalid", "eq", True),
    where("postcode_invalid", "eq", True),
)  # fmt: skip
FLAWED = any_of(_UNREACHABLE, where("owner_id", "empty"), *_INVALID)
"""What a contact or company must not be to count as healthy."""


def measures(connection: sa.Connection) -> list[Measure]:
    """Every measure, in the order of the page; those of owners depend on who works here now."""
    inactive = inactive_owners(connection)
    return [
        *_of_customers("contact", inactive),
        _measure("no_company", "contact", N_("No company"), N_("They work for nobody that you know."), "ph.buildings",
                 where("company_id", "empty")),
        *_of_customers("company", inactive),
        _measure("no_people", "company", N_("No people"), N_("Nobody to talk to is known."), "ph.users",
                 where("people_count", "eq", 0)),
        *_of_deals(inactive),
    ]  # fmt: skip


def _of_customers(entity: str, inactive: Sequence[int]) -> list[Measure]:
    def make(key: str, label: str, help: str, icon: str, filter: Filter, checked: bool = False) -> Measure:
        return _measure(key, entity, label, help, icon, filter, checked)

    return [
        make("unreachable", N_("Neither e-mail nor phone"), N_("There is no way to reach them."), "ph.prohibit", _UNREACHABLE),
        make("no_email", N_("No e-mail"), N_("They get no letter by e-mail."), "ph.envelope-simple", _NO_EMAIL),
        make("no_phone", N_("No phone"), N_("No mobile, work or home phone."), "ph.phone", _NO_PHONE),
        make("bad_phone", N_("Invalid phone"), N_("What stands there is no complete phone number."), "ph.phone-x", _INVALID[0]),
        make("bad_email", N_("Invalid e-mail"), N_("No mail can reach such an address."), "ph.envelope-simple-open", _INVALID[1]),
        make("bad_tax", N_("Invalid tax number"), N_("The check digits of the tax number are wrong."), "ph.identification-card",
             _INVALID[2], True),
        make("bad_postcode", N_("Invalid postcode"), N_("It has another length than postcodes of its country."), "ph.map-pin",
             _INVALID[3]),
        make("no_address", N_("No address"), N_("No street, no city and no postcode."), "ph.map-pin-line", _NO_ADDRESS),
        make("name_only", N_("Name only"), N_("A name, but no e-mail, no phone and no address."), "ph.user-minus",
             all_of(*_UNREACHABLE.parts, *_NO_ADDRESS.parts)),  # type: ignore[union-attr]
        make("no_owner", N_("No owner"), N_("Nobody here looks after them."), "ph.user-circle", where("owner_id", "empty")),
        make("gone_owner", N_("Owner no longer here"), N_("Their owner is no active user any more."), "ph.user-circle-minus",
             where("owner_id", "in", list(inactive))),
        make("silent", N_("No activity for a year"), N_("Nobody spoke or wrote to them for 365 days, or ever."), "ph.moon", _SILENT),
        make("no_consent", N_("Never asked for consent"), N_("There is no yes and no no of theirs."), "ph.hand-palm",
             where("consents_count", "eq", 0)),
    ]  # fmt: skip


_SILENT = any_of(
    where("last_activity_at", "older_days", YEAR),
    all_of(where("last_activity_at", "empty"), where("created_at", "older_days", YEAR)),
)


def _of_deals(inactive: Sequence[int]) -> list[Measure]:
    def make(key: str, label: str, help: str, icon: str, filter: Filter) -> Measure:
        return _measure(key, "deal", label, help, icon, all_of(BASES["deal"], filter))

    return [
        make("no_next_step", N_("No next step"), N_("Open deals with which nothing is planned."), "ph.flag-banner",
             where("next_activity_on", "empty")),
        make("past_close", N_("Expected date has passed"), N_("Open deals that should have been decided."), "ph.calendar-x",
             where("expected_close", "lt", clock.today().isoformat())),
        make("no_amount", N_("No amount"), N_("Open deals without an amount."), "ph.currency-circle-dollar",
             where("amount", "empty")),
        make("no_customer", N_("No customer"), N_("Open deals with neither a contact nor a company."), "ph.users",
             all_of(where("contact_id", "empty"), where("company_id", "empty"))),
        make("no_owner", N_("No owner"), N_("Open deals that nobody looks after."), "ph.user-circle", where("owner_id", "empty")),
        make("gone_owner", N_("Owner no longer here"), N_("Their owner is no active user any more."), "ph.user-circle-minus",
             where("owner_id", "in", list(inactive))),
    ]  # fmt: skip


def _measure(
    key: str, entity: str, label: str, help: str, icon: str, filter: Filter, checked: bool = False
) -> Measure:  # fmt: skip
    return Measure(key, entity, label, help, icon, filter, PAGES[entity], checked)


def inactive_owners(connection: sa.Connection) -> list[int]:
    """The users who no longer work here."""
    user = Base.metadata.tables["user_account"]
    return list(connection.execute(sa.select(user.c.id).where(user.c.active.is_(False)).order_by(user.c.id)).scalars())
